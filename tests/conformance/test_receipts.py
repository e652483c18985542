"""COSE receipts: the samples beside the drafts of RFC 9942, by their structure and their Merkle part.

Their signatures are ES256 under a key that is not published with them, so those are not judged (listed here
as skipped). They are not deterministic CBOR (label 395 stands before 15), which RFC 9942 does not ask and our
own receipts keep.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from adamas.ledger import merkle, receipt
from adamas.ledger.errors import ProofError


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "vectors" / "cose" / "receipts-rfc9942-draft"


def test_the_samples_have_the_structure_of_the_standard(folder: Path) -> None:
    inclusion = receipt.parse((folder / "inclusion-receipt.cbor").read_bytes(), deterministic=False)
    (proof,) = inclusion.inclusion
    assert (proof.size, proof.index, len(proof.path)) == (5, 3, 3)
    assert inclusion.headers[receipt.VDS] == 1
    assert inclusion.kid == b"test-key-1"
    assert inclusion.issuer == "https://transparency-service.example.com"
    assert inclusion.payload is None
    assert not inclusion.consistency
    consistency = receipt.parse((folder / "consistency-receipt.cbor").read_bytes(), deterministic=False)
    (grown,) = consistency.consistency
    assert (grown.old_size, grown.new_size, len(grown.path)) == (3, 5, 4)


def test_both_samples_speak_of_the_same_tree(folder: Path) -> None:
    """The consistency path holds leaf 3 itself, so that the inclusion receipt can be computed from it."""
    inclusion = receipt.parse(
        (folder / "inclusion-receipt.cbor").read_bytes(), deterministic=False
    ).inclusion[0]
    grown = receipt.parse(
        (folder / "consistency-receipt.cbor").read_bytes(), deterministic=False
    ).consistency[0]
    third, fourth, first_two, _fifth = grown.path
    root = merkle.root_from_inclusion(inclusion.index, inclusion.size, fourth, inclusion.path)
    older = merkle.node_hash(first_two, third)
    assert merkle.root_from_consistency(3, 5, older, grown.path) == root
    with pytest.raises(ProofError):
        merkle.root_from_consistency(3, 5, fourth, grown.path)


def test_our_own_reader_asks_for_deterministic_bytes(folder: Path) -> None:
    with pytest.raises(ProofError) as refused:
        receipt.parse((folder / "inclusion-receipt.cbor").read_bytes())
    assert (refused.value.code, refused.value.where) == ("receipt.structure", "cbor.order")

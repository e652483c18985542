"""Cosignatures by other people's witness keys: Ed25519 byte for byte; of ML-DSA-44 no fixed vector has been
published.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from adamas.ledger import checkpoint, cosignature, merkle, note
from adamas.ledger.cosignature import Cosignature, Ed25519Cosigner, WitnessKey
from adamas.ledger.errors import NoteError, ProofError
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.note import NoteSignature, NoteSigner, VerifierKey


def _load(shared: Path, name: str) -> Any:
    return json.loads((shared / "vectors" / "witness" / name).read_text())


def _key(skey: str) -> tuple[str, SoftwareSigner]:
    name, _, encoded = skey.removeprefix("PRIVATE+KEY+").split("+", 2)
    return name, SoftwareSigner.from_seed(base64.b64decode(encoded)[1:])


def test_cosignature_v1_lines_are_the_same_bytes(shared: Path) -> None:
    case = _load(shared, "cosignature-v1-derived.json")
    parsed, whole = checkpoint.open_checkpoint(case["checkpoint"].encode(), case["log_vkey"])
    assert parsed.size == 9
    cosigned = note.parse(case["cosigned_checkpoint"].encode())
    for witness in case["cosignatures"].values():
        name, signer = _key(witness["skey"])
        assert NoteSigner(name, signer).vkey == witness["vkey_plain"]
        cosigner = Ed25519Cosigner(name, signer)
        assert cosigner.vkey == witness["vkey_cosignature"]
        made = cosigner.cosign(whole.text, witness["unix_time"])
        assert made.line == witness["line"]
        whole = whole.with_signatures([made.note_signature])
        for vkey in (witness["vkey_cosignature"], witness["vkey_plain"]):
            found = WitnessKey.parse(vkey).find(cosigned)
            assert found is not None
            assert found.time == witness["unix_time"]
    assert whole.to_bytes() == case["cosigned_checkpoint"].encode()


def test_a_plain_key_converts_to_its_cosignature_key(shared: Path) -> None:
    for case in _load(shared, "vkey-conversion.json")["cases"]:
        name, signer = _key(case["skey"])
        plain = NoteSigner(name, signer).vkey
        assert WitnessKey.parse(plain).vkey == case["vkey_cosignature"]


def test_times_are_read_from_lines(shared: Path) -> None:
    for case in _load(shared, "cosignature-timestamp.json")["cases"]:
        line = f"— witness.example {case['signature']}"
        if "error" in case:
            with pytest.raises(NoteError) as refused:
                Cosignature.of(NoteSignature.parse(line))
            assert refused.value.code in {"cosignature.length", "note.base64"}
        else:
            assert Cosignature.of(NoteSignature.parse(line)).time == case["unix_time"]


def test_two_checkpoints_linked_by_a_proof_are_cosigned(shared: Path) -> None:
    case = _load(shared, "monkeys-consistency.json")
    older, _ = checkpoint.open_checkpoint(case["checkpoint_size5"].encode(), case["log_vkey"])
    newer, whole = checkpoint.open_checkpoint(case["checkpoint_size8"].encode(), case["log_vkey"])
    proof = [bytes.fromhex(item) for item in case["consistency_proof_5_to_8_hex"]]
    merkle.verify_consistency(older.size, newer.size, older.root, newer.root, proof)
    with pytest.raises(ProofError):
        merkle.verify_consistency(older.size, newer.size, newer.root, older.root, proof)
    with pytest.raises(NoteError):
        checkpoint.open_checkpoint(
            case["checkpoint_size8"].encode(), case["other_log_vkey"], origin="monkeys"
        )
    name, signer = _key(case["witness_skey"])
    assert NoteSigner(name, signer).vkey == case["witness_vkey_plain"]
    made = Ed25519Cosigner(name, signer).cosign(whole.text, 1_700_000_000)
    cosigned = whole.with_signatures([made.note_signature])
    assert WitnessKey.parse(case["witness_vkey_plain"]).find(cosigned) == made


def test_the_published_ml_dsa_key_is_usable(shared: Path) -> None:
    """The only ML-DSA-44 data published: a verifier key. It states an id that is not its own; the id is
    computed.
    """
    cases = json.loads((shared / "vectors" / "notes" / "verifier-keys.json").read_text())["cases"]
    keys = [VerifierKey.parse(case["vkey"]) for case in cases if "MLDSA" in case["name"]]
    assert [key.id for key in keys] == [note.key_id(key.name, 6, key.public_key) for key in keys]
    for key in keys:
        text = checkpoint.Checkpoint("log.example", 1, bytes(32)).body()
        assert not cosignature.verify(key, text, bytes(8 + 2420))

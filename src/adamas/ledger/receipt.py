"""COSE receipts: the log's signature over a root, with a Merkle proof beside it (RFC 9942, RFC 9162 SHA-256).

    18([ protected: bstr{ 1: -8, 4: kid, 15: {1: origin}, 395: 1 },
         unprotected: { 396: { -1: [ bstr[ size, index, [hash…] ] ] } },   or -2: [ bstr[ m, n, [hash…] ] ]
         payload: null,                                                     the root, which one computes
         signature ])

The signature speaks of the root alone, so one signature a checkpoint serves every entry: ``sign_root`` makes
it once, the other functions add proofs, and no key is needed for that.

    receipt.structure receipt.algorithm receipt.vds receipt.proof receipt.payload receipt.signature
    receipt.kid
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cbor2

from adamas.ledger import cbor, ed25519, merkle
from adamas.ledger.errors import ProofError, StatementError
from adamas.ledger.keys import Signer, kid_of

ALG, KID, CWT_CLAIMS, CRIT = 1, 4, 15, 2
VDS, VDP = 395, 396
RFC9162_SHA256 = 1
INCLUSION, CONSISTENCY = -1, -2
EDDSA, ED25519_ALG = -8, -19
_SIGN1 = 18
_TAG = bytes([0xC0 | _SIGN1])
_ISS = 1
_MAX_PROOFS = 64
_CLAUSE = "RFC 9942"


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Leaf ``index`` of a tree of ``size`` leaves, with its audit path."""

    size: int
    index: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The tree of ``old_size`` leaves begins the tree of ``new_size``."""

    old_size: int
    new_size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt, read. ``payload`` is the root if it is attached, which ours never is."""

    protected: bytes
    headers: Mapping[Any, Any]
    inclusion: tuple[InclusionProof, ...]
    consistency: tuple[ConsistencyProof, ...]
    payload: bytes | None
    signature: bytes

    @property
    def kid(self) -> bytes | None:
        """The short name of the log's key, if the receipt gives it."""
        kid = self.headers.get(KID)
        return kid if isinstance(kid, bytes) else None

    @property
    def issuer(self) -> str | None:
        """The log's origin, if the receipt gives it."""
        claims = self.headers.get(CWT_CLAIMS)
        issuer = claims.get(_ISS) if isinstance(claims, Mapping) else None
        return issuer if isinstance(issuer, str) else None

    def signs(self, root: bytes, public_key: bytes) -> bool:
        """Whether the log's Ed25519 key signed ``root`` here. Never raises."""
        if self.headers.get(ALG) not in (EDDSA, ED25519_ALG):
            return False
        if self.payload is not None and self.payload != root:
            return False
        return ed25519.verify(public_key, _to_be_signed(self.protected, root), self.signature)


def sign_root(signer: Signer, origin: str, size: int, root: bytes) -> bytes:
    """The log's signature over the root of ``size`` leaves, as a receipt without proofs
    (``checkpoint.cose``).

    The size is not signed: it is the proof's to say, and the checkpoint's. Raises ProofError
    ``receipt.payload``.
    """
    if len(root) != merkle.HASH_SIZE or not 0 <= size <= merkle.MAX_SIZE:
        raise ProofError("receipt.payload", "That is no root of a tree.", clause=_CLAUSE)
    protected = cbor.encode({ALG: EDDSA, KID: signer.kid, CWT_CLAIMS: {_ISS: origin}, VDS: RFC9162_SHA256})
    return _encode(protected, {}, signer.sign(_to_be_signed(protected, root)))


def inclusion_receipt(root_signature: bytes, size: int, index: int, path: Sequence[bytes]) -> bytes:
    """``root_signature`` (of ``sign_root``) with the proof that leaf ``index`` is in the tree.

    Raises ProofError.
    """
    return _with_proof(root_signature, INCLUSION, [size, index, list(path)])


def consistency_receipt(root_signature: bytes, old_size: int, new_size: int, path: Sequence[bytes]) -> bytes:
    """``root_signature`` of the newer tree with the proof that the older begins it. Raises ProofError."""
    return _with_proof(root_signature, CONSISTENCY, [old_size, new_size, list(path)])


def parse(data: bytes, *, deterministic: bool = True) -> Receipt:
    """Reads a receipt.

    Raises ProofError ``receipt.structure``, ``.algorithm``, ``.vds`` or ``.proof``; verifies nothing.

    Ours are deterministic CBOR throughout; the standard does not ask that of others'
    (``deterministic=False``).
    """
    # The tag is one byte, read here so that what it holds is read as ordinary lists and maps.
    parts = _decode(data[1:], deterministic) if data[:1] == _TAG else None
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise _structure("It is no tagged COSE_Sign1 of four parts.")
    protected, unprotected, payload, signature = parts
    if (
        not isinstance(protected, bytes)
        or not isinstance(unprotected, Mapping)
        or not isinstance(signature, bytes)
    ):
        raise _structure("A part of the COSE_Sign1 is of the wrong type.")
    if payload is not None and not (isinstance(payload, bytes) and len(payload) == merkle.HASH_SIZE):
        raise ProofError(
            "receipt.payload", "The payload is neither absent nor a root of 32 bytes.", clause=_CLAUSE
        )
    headers = _decode(protected, deterministic)
    if not isinstance(headers, Mapping):
        raise _structure("The protected header is no map.")
    if type(headers.get(ALG)) is not int:
        raise ProofError("receipt.algorithm", "The protected header names no algorithm.", clause=_CLAUSE)
    if headers.get(VDS) != RFC9162_SHA256 or type(headers[VDS]) is not int:
        raise ProofError(
            "receipt.vds",
            "The receipt is not of an RFC 9162 SHA-256 tree (label 395 is not 1).",
            clause=_CLAUSE,
        )
    if CRIT in headers:
        raise _structure("The receipt has critical headers, and this program knows none.")
    if set(headers) & set(unprotected):
        raise _structure("A header stands both protected and unprotected.")
    proofs = unprotected.get(VDP, {})
    if not isinstance(proofs, Mapping):
        raise ProofError("receipt.proof", "Label 396 is no map of proofs.", clause=_CLAUSE)
    return Receipt(
        protected,
        headers,
        tuple(InclusionProof(*item) for item in _proofs(proofs, INCLUSION, deterministic)),
        tuple(ConsistencyProof(*item) for item in _proofs(proofs, CONSISTENCY, deterministic)),
        payload,
        signature,
    )


def verify_receipt(receipt: bytes, leaf_hash: bytes, public_key: bytes) -> bytes:
    """The root that the log signed and that the leaf is in.

    Raises ProofError ``receipt.kid``, ``receipt.proof`` or ``receipt.signature``, and ``proof.*`` for a
    broken path.
    """
    parsed = _for_key(receipt, public_key)
    if not parsed.inclusion:
        raise ProofError("receipt.proof", "The receipt has no inclusion proof.", clause=_CLAUSE)
    for proof in parsed.inclusion:
        root = merkle.root_from_inclusion(proof.index, proof.size, leaf_hash, proof.path)
        if parsed.signs(root, public_key):
            return root
    raise ProofError(
        "receipt.signature",
        "The log's key did not sign the root that the entry and its path lead to.",
        clause=_CLAUSE,
        advice="Either the entry, the path or the signature was altered.",
    )


def verify_consistency_receipt(
    receipt: bytes, old_root: bytes, public_key: bytes
) -> tuple[ConsistencyProof, bytes]:
    """The proof and the newer root that the log signed, if the tree with ``old_root`` begins it.

    Raises ProofError.
    """
    parsed = _for_key(receipt, public_key)
    if not parsed.consistency:
        raise ProofError("receipt.proof", "The receipt has no consistency proof.", clause=_CLAUSE)
    for proof in parsed.consistency:
        root = merkle.root_from_consistency(proof.old_size, proof.new_size, old_root, proof.path)
        if parsed.signs(root, public_key):
            return proof, root
    raise ProofError("receipt.signature", "The log's key did not sign the newer root.", clause=_CLAUSE)


def _for_key(receipt: bytes, public_key: bytes) -> Receipt:
    parsed = parse(receipt)
    if parsed.kid is not None and parsed.kid != kid_of(public_key):
        raise ProofError(
            "receipt.kid",
            f"The receipt is signed with key {parsed.kid.hex()}, not with this log's.",
            clause=_CLAUSE,
        )
    return parsed


def _to_be_signed(protected: bytes, root: bytes) -> bytes:
    return cbor.encode(["Signature1", protected, b"", root])


def _encode(protected: bytes, unprotected: dict[int, Any], signature: bytes) -> bytes:
    return cbor.encode(cbor2.CBORTag(_SIGN1, [protected, unprotected, None, signature]))


def _with_proof(root_signature: bytes, kind: int, proof: list[Any]) -> bytes:
    parsed = parse(root_signature)
    unprotected = {VDP: {kind: [cbor.encode(proof)]}}
    made = _encode(parsed.protected, unprotected, parsed.signature)
    parse(made)
    return made


def _proofs(
    proofs: Mapping[Any, Any], kind: int, deterministic: bool
) -> list[tuple[int, int, tuple[bytes, ...]]]:
    listed = proofs.get(kind, ())
    if not isinstance(listed, list | tuple) or len(listed) > _MAX_PROOFS or (kind in proofs and not listed):
        raise ProofError(
            "receipt.proof", "The proofs are no list, an empty one, or too many.", clause=_CLAUSE
        )
    found = []
    for item in listed:
        if not isinstance(item, bytes):
            raise ProofError("receipt.proof", "A proof is no byte string.", clause=_CLAUSE)
        proof = _decode(item, deterministic)
        if not isinstance(proof, list | tuple) or len(proof) != 3 or not isinstance(proof[2], list | tuple):
            raise ProofError("receipt.proof", "A proof is not two numbers and a path.", clause=_CLAUSE)
        first, second, path = proof
        if type(first) is not int or type(second) is not int or min(first, second) < 0:
            raise ProofError("receipt.proof", "A proof is not two numbers and a path.", clause=_CLAUSE)
        if len(path) > 2 * merkle.HASH_SIZE or any(
            not isinstance(h, bytes) or len(h) != merkle.HASH_SIZE for h in path
        ):
            raise ProofError(
                "receipt.proof", "A path has something other than hashes of 32 bytes.", clause=_CLAUSE
            )
        found.append((first, second, tuple(path)))
    return found


def _decode(data: bytes, deterministic: bool) -> Any:
    if deterministic:
        try:
            return cbor.decode(data, labels=True)
        except StatementError as error:
            raise ProofError("receipt.structure", error.sentence, where=error.code, clause=_CLAUSE) from None
    try:
        if len(data) > cbor.MAX_SIZE:
            raise _structure("It is larger than any receipt.")
        return cbor2.loads(data)
    except (cbor2.CBORError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise _structure("It is no CBOR.") from error


def _structure(sentence: str) -> ProofError:
    return ProofError("receipt.structure", sentence, clause=_CLAUSE)

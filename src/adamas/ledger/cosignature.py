"""Cosignatures: what witnesses say of a checkpoint (C2SP tlog-cosignature), Ed25519 (type 4) and ML-DSA-44
(type 6).

The bytes in the note's signature line, after the key id, are a big-endian u64 of POSIX seconds and the
signature proper. Ed25519 signs the lines ``cosignature/v1`` and ``time <seconds>`` followed by the
checkpoint's text. ML-DSA-44 signs

    "subtree/v1\\n\\0" ‖ len8(cosigner name) ‖ u64 time ‖ len8(origin) ‖ u64 start ‖ u64 end ‖ root (32 bytes)

and may so speak of a subtree too; a checkpoint is the subtree [0, size). The time is zero where the witness
does not claim that this was the largest tree that it had seen; for a subtree that does not begin at 0 it must
be.

    cosignature.length cosignature.time cosignature.name cosignature.type cosignature.subtree cosignature.bad
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa

from adamas.ledger import ed25519, merkle
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import parse_body
from adamas.ledger.errors import NoteError, ProofError
from adamas.ledger.keys import Signer
from adamas.ledger.note import COSIGNATURE_V1, ML_DSA_44, Note, NoteSignature, VerifierKey

MAX_TIME = 2**63 - 1
_CLAUSE = "C2SP tlog-cosignature"
_TIME_SIZE = 8
_SIGNATURE_SIZES = {COSIGNATURE_V1: 64, ML_DSA_44: 2420}
_ML_DSA_LABEL = b"subtree/v1\n\x00"


def ed25519_message(time: int, text: str) -> bytes:
    """What an Ed25519 witness signs: two lines of its own, then the checkpoint's text, extension lines
    included.
    """
    _check_time(time)
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def ml_dsa_message(name: str, time: int, origin: str, start: int, end: int, root: bytes) -> bytes:
    """What an ML-DSA-44 cosigner ``name`` signs of the subtree [start, end) of log ``origin``.

    Raises NoteError ``cosignature.name``, ``.time`` or ``.subtree`` for what the structure cannot hold.
    """
    _check_time(time)
    try:
        merkle.check_subtree(start, end)
    except ProofError as error:
        raise NoteError("cosignature.subtree", error.sentence, clause=_CLAUSE) from None
    if len(root) != merkle.HASH_SIZE:
        raise NoteError(
            "cosignature.subtree", f"A root has 32 bytes, this one has {len(root)}.", clause=_CLAUSE
        )
    if start and time:
        raise NoteError(
            "cosignature.time", "A subtree that does not begin at 0 cannot carry a time.", clause=_CLAUSE
        )
    return b"".join(
        (
            _ML_DSA_LABEL,
            _short(name),
            time.to_bytes(8, "big"),
            _short(origin),
            start.to_bytes(8, "big"),
            end.to_bytes(8, "big"),
            root,
        )
    )


def _short(text: str) -> bytes:
    """A TLS opaque<1..255>: one byte of length, then the text."""
    data = text.encode()
    if not 1 <= len(data) <= 255:
        raise NoteError(
            "cosignature.name", f"A name of {len(data)} bytes does not fit (1 to 255).", clause=_CLAUSE
        )
    return bytes([len(data)]) + data


def _check_time(time: int) -> None:
    if not 0 <= time <= MAX_TIME:
        raise NoteError("cosignature.time", f"{time} is no POSIX time.", clause=_CLAUSE)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One cosignature, taken apart: POSIX seconds (0: no claim of time) and the bare signature."""

    name: str
    key_id: bytes
    time: int
    signature: bytes

    @property
    def timestamp(self) -> int:
        """The time, by the name that the specification gives it."""
        return self.time

    @classmethod
    def of(cls, line: NoteSignature) -> Cosignature:
        """Takes a signature line apart by its length.

        Raises NoteError ``cosignature.length`` or ``.time``.
        """
        size = len(line.signature) - _TIME_SIZE
        if size not in _SIGNATURE_SIZES.values():
            raise NoteError(
                "cosignature.length",
                f"{len(line.signature)} bytes are no timestamped signature (72 or 2,428).",
                where=f"key {line.name}",
                clause=_CLAUSE,
            )
        time = int.from_bytes(line.signature[:_TIME_SIZE], "big")
        _check_time(time)
        return cls(line.name, line.key_id, time, line.signature[_TIME_SIZE:])

    @property
    def note_signature(self) -> NoteSignature:
        """The same as a note's signature line."""
        return NoteSignature(self.name, self.key_id, self.time.to_bytes(_TIME_SIZE, "big") + self.signature)

    @property
    def line(self) -> str:
        """The line in a note, newline included."""
        return self.note_signature.line


@lru_cache(maxsize=256)
def _ml_dsa_key(public_key: bytes) -> mldsa.MLDSA44PublicKey | None:
    try:
        return mldsa.MLDSA44PublicKey.from_public_bytes(public_key)
    except ValueError:
        return None


def verify(key: VerifierKey, text: str, signature: bytes) -> bool:
    """Whether ``signature`` (time and all) is ``key``'s cosignature of the checkpoint ``text``.

    Never raises.
    """
    try:
        cosignature = Cosignature.of(NoteSignature(key.name, key.id, signature))
        checkpoint = parse_body(text)
        if len(cosignature.signature) != _SIGNATURE_SIZES.get(key.type):
            return False
        if key.type == COSIGNATURE_V1:
            return ed25519.verify(
                key.public_key, ed25519_message(cosignature.time, text), cosignature.signature
            )
        message = ml_dsa_message(
            key.name, cosignature.time, checkpoint.origin, 0, checkpoint.size, checkpoint.root
        )
    except NoteError:
        return False
    return _ml_dsa_holds(key.public_key, message, cosignature.signature)


def verify_subtree(
    key: VerifierKey, cosignature: Cosignature, origin: str, start: int, end: int, root: bytes
) -> bool:
    """Whether an ML-DSA-44 cosigner signed the subtree [start, end) of log ``origin``. Never raises."""
    if key.type != ML_DSA_44 or (cosignature.name, cosignature.key_id) != (key.name, key.id):
        return False
    try:
        message = ml_dsa_message(key.name, cosignature.time, origin, start, end, root)
    except NoteError:
        return False
    return _ml_dsa_holds(key.public_key, message, cosignature.signature)


def _ml_dsa_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    loaded = _ml_dsa_key(public_key)
    if loaded is None or len(signature) != _SIGNATURE_SIZES[ML_DSA_44]:
        return False
    try:
        loaded.verify(signature, message)
    except InvalidSignature:
        return False
    return True


class WitnessKey:
    """A witness's public key: a vkey of type 4 or 6, or the plain Ed25519 key (type 1) that older lists still
    print.

    A plain key is read as the cosignature/v1 key over the same 32 bytes, with the id of that type: only
    cosignatures are ever accepted from it.
    """

    __slots__ = ("key",)

    def __init__(self, key: VerifierKey) -> None:
        if key.type == notes.ED25519:
            key = VerifierKey.make(key.name, COSIGNATURE_V1, key.public_key)
        if key.type not in _SIGNATURE_SIZES:
            raise NoteError(
                "cosignature.type",
                f"A key of type {key.type} does not make cosignatures.",
                where=f"key {key.name}",
                clause=_CLAUSE,
            )
        self.key = key

    @classmethod
    def parse(cls, vkey: str) -> WitnessKey:
        """Reads a vkey. Raises NoteError."""
        return cls(VerifierKey.parse(vkey))

    @property
    def name(self) -> str:
        """The cosigner's name in signature lines."""
        return self.key.name

    @property
    def vkey(self) -> str:
        """The key as one word."""
        return self.key.vkey

    def find(self, note: Note) -> Cosignature | None:
        """This witness's cosignature in ``note``, verified; None if there is none.

        Raises NoteError ``cosignature.bad`` if a line under its name and id does not hold.
        """
        for line in note.signatures:
            if (line.name, line.key_id) == (self.key.name, self.key.id):
                if not self.key.verify(note.text, line.signature):
                    raise NoteError(
                        "cosignature.bad",
                        f"The cosignature of {line.name} does not hold.",
                        where=f"key {line.name}+{line.key_id.hex()}",
                        clause=_CLAUSE,
                    )
                return Cosignature.of(line)
        return None


class CosignatureSigner(Protocol):
    """A witness's private key of either kind."""

    @property
    def verifier(self) -> VerifierKey:
        """The key that verifies what it signs."""
        ...

    def cosign(self, text: str, time: int) -> Cosignature:
        """The cosignature of the checkpoint ``text`` at POSIX second ``time``."""
        ...


class Ed25519Cosigner:
    """A witness that signs cosignature/v1 with Ed25519.

    Each name needs a key of its own: the message does not name it.
    """

    __slots__ = ("_signer", "verifier")

    def __init__(self, name: str, signer: Signer) -> None:
        self._signer = signer
        self.verifier = VerifierKey.make(name, COSIGNATURE_V1, signer.public_key)

    @property
    def vkey(self) -> str:
        """The verifier key as one word."""
        return self.verifier.vkey

    def cosign(self, text: str, time: int) -> Cosignature:
        """The cosignature of the checkpoint ``text`` at POSIX second ``time``.

        Raises NoteError if it is no checkpoint.
        """
        parse_body(text)
        signature = self._signer.sign(ed25519_message(time, text))
        return Cosignature(self.verifier.name, self.verifier.id, time, signature)


class MlDsaCosigner:
    """A witness that signs with ML-DSA-44 (FIPS 204), from its 32-byte seed."""

    __slots__ = ("_private", "verifier")

    def __init__(self, name: str, seed: bytes) -> None:
        if len(seed) != 32:
            raise NoteError("cosignature.type", f"An ML-DSA seed has 32 bytes, this one has {len(seed)}.")
        self._private = mldsa.MLDSA44PrivateKey.from_seed_bytes(seed)
        self.verifier = VerifierKey.make(name, ML_DSA_44, self._private.public_key().public_bytes_raw())

    @property
    def vkey(self) -> str:
        """The verifier key as one word (some 1,800 characters)."""
        return self.verifier.vkey

    def cosign(self, text: str, time: int) -> Cosignature:
        """The cosignature of the checkpoint ``text``; extension lines are not covered. Raises NoteError."""
        checkpoint = parse_body(text)
        return self.cosign_subtree(checkpoint.origin, 0, checkpoint.size, checkpoint.root, time)

    def cosign_subtree(self, origin: str, start: int, end: int, root: bytes, time: int = 0) -> Cosignature:
        """The cosignature of a subtree of log ``origin``; ``time`` must be 0 unless ``start`` is.

        Raises NoteError.
        """
        message = ml_dsa_message(self.verifier.name, time, origin, start, end, root)
        return Cosignature(self.verifier.name, self.verifier.id, time, self._private.sign(message))

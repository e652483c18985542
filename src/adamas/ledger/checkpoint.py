"""Checkpoints: the signed tree heads of a log (C2SP tlog-checkpoint).

    example.com/behind-the-sofa                        origin
    20852163                                           number of leaves, decimal
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=       root, base64 of 32 bytes
    (extension lines, none in our logs)

signed as a note. The log's key name equals the origin unless the caller says otherwise.

    checkpoint.lines checkpoint.origin checkpoint.size checkpoint.root checkpoint.extension
    checkpoint.unsigned
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adamas.ledger import note as notes
from adamas.ledger.errors import NoteError
from adamas.ledger.keys import Signer
from adamas.ledger.merkle import HASH_SIZE, MAX_SIZE
from adamas.ledger.note import Note, NoteSigner, TextSigner, VerifierKey

_CLAUSE = "C2SP tlog-checkpoint"
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of its tree: ``size`` leaves with this ``root``.

    Extensions are opaque lines, usually none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def body(self) -> str:
        """The text that is signed. Raises NoteError if a part may not stand in a checkpoint."""
        if not 0 <= self.size <= MAX_SIZE:
            raise NoteError("checkpoint.size", f"{self.size} is no tree size.", clause=_CLAUSE)
        _check_root(self.root)
        lines = (self.origin, str(self.size), notes.encode_base64(self.root), *self.extensions)
        _check_origin(self.origin)
        for line in self.extensions:
            if not line or "\n" in line:
                raise NoteError(
                    "checkpoint.extension", "An extension line is empty or has a newline.", clause=_CLAUSE
                )
        return notes.check_text("\n".join(lines) + "\n")


def parse_body(text: str) -> Checkpoint:
    """Reads the text of a checkpoint strictly. Raises NoteError with a ``checkpoint.*`` code."""
    notes.check_text(text)
    lines = text[:-1].split("\n")
    if len(lines) < 3:
        raise NoteError(
            "checkpoint.lines",
            f"A checkpoint has at least three lines, this one {len(lines)}.",
            clause=_CLAUSE,
        )
    origin, size, encoded_root, *extensions = lines
    _check_origin(origin)
    try:
        root = notes.decode_base64(encoded_root)
    except NoteError as error:
        raise NoteError(
            "checkpoint.root", f"The root is not base64: {error.sentence}", clause=_CLAUSE
        ) from None
    _check_root(root)
    if not all(extensions):
        raise NoteError("checkpoint.extension", "An extension line is empty.", clause=_CLAUSE)
    return Checkpoint(origin, parse_decimal(size), root, tuple(extensions))


def parse_decimal(text: str) -> int:
    """A tree size or index: ASCII digits, no sign, no leading zero, at most 2^63 - 1.

    Raises ``checkpoint.size``.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise NoteError(
            "checkpoint.size",
            f"“{text[:30]}” is no tree size in decimal without leading zeros.",
            clause=_CLAUSE,
        )
    return int(text)


def _check_origin(origin: str) -> None:
    if not origin or "\n" in origin:
        raise NoteError("checkpoint.origin", "The origin line is empty or has a newline.", clause=_CLAUSE)


def _check_root(root: bytes) -> None:
    if len(root) != HASH_SIZE:
        raise NoteError("checkpoint.root", f"A root has 32 bytes, this one has {len(root)}.", clause=_CLAUSE)


def parse(data: bytes | Note) -> tuple[Checkpoint, Note]:
    """Reads a signed checkpoint and verifies nothing. Raises NoteError."""
    note = data if isinstance(data, Note) else notes.parse(data)
    return parse_body(note.text), note


def open_checkpoint(
    data: bytes | Note,
    log_key: VerifierKey | str,
    *,
    origin: str | None = None,
    others: Sequence[VerifierKey] = (),
) -> tuple[Checkpoint, Note]:
    """Verifies that the log signed this checkpoint, and returns it with its note.

    ``log_key`` is a key or vkey; ``origin`` the expected first line (the key's name, if not given);
    signatures of ``others`` are verified too, and refuse the note if they do not hold. Raises NoteError
    ``checkpoint.unsigned``, ``checkpoint.origin`` and those of reading.
    """
    key = notes.parse_key(log_key) if isinstance(log_key, str) else log_key
    note = data if isinstance(data, Note) else notes.parse(data)
    opened = notes.open(note, (key, *others))
    if not any((s.name, s.key_id) == (key.name, key.id) for s in opened.verified):
        raise NoteError(
            "checkpoint.unsigned", f"The log {key.name} did not sign this checkpoint.", clause=_CLAUSE
        )
    checkpoint = parse_body(note.text)
    expected = key.name if origin is None else origin
    if checkpoint.origin != expected:
        raise NoteError(
            "checkpoint.origin",
            f"The checkpoint is of “{checkpoint.origin}”, not of “{expected}”.",
            clause=_CLAUSE,
        )
    return checkpoint, note


def sign_checkpoint(checkpoint: Checkpoint, signer: TextSigner | Signer) -> bytes:
    """The checkpoint as a note signed by the log; a bare key signs under the origin as its name.

    Raises NoteError.
    """
    if not isinstance(signer, TextSigner):
        signer = NoteSigner(checkpoint.origin, signer)
    return notes.sign(checkpoint.body(), [signer])


def verify_ecdsa(key: VerifierKey, text: str, signature: bytes) -> bool:
    """Whether another's log signed ``text`` with ECDSA: a plain note (type 2) or an RFC 6962 tree head (type
    5).

    Adamas never signs so; it is for mirrors of, and proofs from, logs that do. Never raises.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    message = text.encode()
    if key.type == notes.RFC6962_TREE_HEAD:
        # c2sp.org/static-ct-api: time in ms (8 bytes), then a TLS digitally-signed struct of SHA-256 (4) with
        # ECDSA (3).
        if len(signature) < 12 or signature[8:10] != b"\x04\x03":
            return False
        if int.from_bytes(signature[10:12], "big") != len(signature) - 12:
            return False
        try:
            head = parse_body(text)
        except NoteError:
            return False
        message = b"\x00\x01" + signature[:8] + head.size.to_bytes(8, "big") + head.root
        signature = signature[12:]
    try:
        public_key = serialization.load_der_public_key(key.public_key)
        if not isinstance(public_key, ec.EllipticCurvePublicKey):
            return False
        if not isinstance(public_key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1):
            return False
        public_key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True

"""Signed notes and the keys that verify them (C2SP signed-note).

    <text, ending in a newline>
    <empty line>
    — <key name> base64(4-byte key id ‖ signature)
    …

A verifier key ("vkey") is one word: ``name+hex(key id)+base64(type byte ‖ public key)``. Types read here: 1
Ed25519, 2 ECDSA, 4 Ed25519 cosignature/v1, 5 RFC 6962 tree head, 6 ML-DSA-44 cosignature; others are kept,
and never verify anything. Adamas itself signs with 1, 4 and 6. Worked example: the key
``example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k`` in the C2SP text.

    note.size note.utf8 note.control note.structure note.text note.signature-line note.name note.base64
    note.too-many-signatures note.ambiguous-key note.bad-signature note.unverified note.vkey note.key-id
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol, runtime_checkable

from adamas.ledger import ed25519
from adamas.ledger.errors import NoteError
from adamas.ledger.keys import Signer

ED25519 = 0x01
ECDSA = 0x02
COSIGNATURE_V1 = 0x04
RFC6962_TREE_HEAD = 0x05
ML_DSA_44 = 0x06

MAX_SIGNATURES = 100
"""The text asks for at least 16; Go's own reader stops at 100."""
MAX_SIZE = 1_000_000
"""Bytes of a whole note: a hundred post-quantum signatures and a text of ordinary length."""

_CLAUSE = "C2SP signed-note"
_PREFIX = "— "
_HEX8 = re.compile(r"[0-9a-f]{8}")
_RESERVED = frozenset({0x00, 0x03})
_COSIGNERS = frozenset({COSIGNATURE_V1, ML_DSA_44})
_KEY_SIZES = {ED25519: 32, COSIGNATURE_V1: 32, ML_DSA_44: 1312}


def decode_base64(text: str) -> bytes:
    """Standard base64 with padding, in the one canonical form. Raises NoteError ``note.base64``."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        data = None
    if data is None or base64.b64encode(data).decode() != text:
        raise NoteError("note.base64", f"“{text[:60]}” is not standard base64.", clause="RFC 4648 section 4")
    return data


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode()


def check_name(name: str) -> str:
    """Returns a key name if it may be one: not empty, no Unicode space, no plus, no control character.

    ``note.name``.
    """
    if not name or "+" in name or any(c.isspace() or c < " " for c in name) or not _is_utf8(name):
        raise NoteError(
            "note.name",
            f"“{name}” is no key name: it is empty or has a space, a plus or a control character.",
            clause=_CLAUSE,
        )
    return name


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def key_id(name: str, key_type: int, public_key: bytes) -> bytes:
    """The 4-byte id that the specification recommends: SHA-256(name ‖ newline ‖ type ‖ key), cut."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([key_type]) + public_key).digest()[:4]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name and id that its signatures carry."""

    name: str
    id: bytes
    type: int
    public_key: bytes

    @classmethod
    def make(cls, name: str, key_type: int, public_key: bytes) -> VerifierKey:
        """The key with the id that its type prescribes. Raises NoteError ``note.name`` or ``note.vkey``."""
        check_name(name)
        _check_material(key_type, public_key)
        return cls(
            name,
            _expected_id(name, key_type, public_key) or key_id(name, key_type, public_key),
            key_type,
            public_key,
        )

    @classmethod
    def parse(cls, vkey: str) -> VerifierKey:
        """Reads a vkey. Raises NoteError ``note.vkey``, ``note.name``, ``note.base64`` or ``note.key-id``.

        Of a cosigner's key (types 4 and 6) the id is computed, as tlog-cosignature tells clients to do, and
        the stated one not relied on: a published ML-DSA key is known to state another. Elsewhere a wrong id
        refuses the key.
        """
        parts = vkey.split("+", 2)
        if len(parts) != 3:
            raise NoteError(
                "note.vkey", f"“{vkey[:80]}” is no verifier key: it needs name+id+key.", clause=_CLAUSE
            )
        name, hex_id, encoded = parts
        check_name(name)
        if not _HEX8.fullmatch(hex_id):
            raise NoteError(
                "note.key-id",
                f"The key id “{hex_id[:20]}” is not eight lowercase hex digits.",
                where=f"key {name}",
                clause=_CLAUSE,
            )
        material = decode_base64(encoded)
        if len(material) < 2:
            raise NoteError("note.vkey", f"The key of {name} has no bytes after its type.", clause=_CLAUSE)
        key_type, public_key = material[0], material[1:]
        _check_material(key_type, public_key)
        stated = bytes.fromhex(hex_id)
        expected = _expected_id(name, key_type, public_key)
        if key_type in _COSIGNERS and expected is not None:
            stated = expected
        if expected is not None and expected != stated:
            raise NoteError(
                "note.key-id",
                f"The key id {hex_id} is not that of the key, which is {expected.hex()}.",
                where=f"key {name}",
                clause=_CLAUSE,
                advice="The key was mistyped, or altered on its way.",
            )
        return cls(name, stated, key_type, public_key)

    @property
    def vkey(self) -> str:
        """The key as one word."""
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([self.type]) + self.public_key)}"

    @property
    def supported(self) -> bool:
        """Whether signatures of this type can be verified here."""
        return self.type in (ED25519, ECDSA, COSIGNATURE_V1, RFC6962_TREE_HEAD, ML_DSA_44)

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether ``signature`` (without the key id) is this key's over the note's text. Never raises."""
        if self.type == ED25519:
            return ed25519.verify(self.public_key, text.encode(), signature)
        if self.type in (COSIGNATURE_V1, ML_DSA_44):
            # Cosignatures are a format above notes: its module imports this one.
            from adamas.ledger import cosignature

            return cosignature.verify(self, text, signature)
        if self.type in (ECDSA, RFC6962_TREE_HEAD):
            # Logs of others only, so that the verifier does not load elliptic-curve code that it never needs.
            from adamas.ledger import checkpoint

            return checkpoint.verify_ecdsa(self, text, signature)
        return False

    def __str__(self) -> str:
        return self.vkey


def _check_material(key_type: int, public_key: bytes) -> None:
    if key_type in _RESERVED or not 0 <= key_type <= 0xFF:
        raise NoteError("note.vkey", f"Signature type {key_type} is not assigned.", clause=_CLAUSE)
    size = _KEY_SIZES.get(key_type)
    if size is not None and len(public_key) != size:
        raise NoteError(
            "note.vkey",
            f"A key of type {key_type} has {size} bytes, this one has {len(public_key)}.",
            clause=_CLAUSE,
        )


def _expected_id(name: str, key_type: int, public_key: bytes) -> bytes | None:
    """The id that the type prescribes; None for types that this program does not know."""
    if key_type in _KEY_SIZES:
        return key_id(name, key_type, public_key)
    if key_type == ECDSA:
        return hashlib.sha256(public_key).digest()[:4]
    if key_type == RFC6962_TREE_HEAD:
        return key_id(name, key_type, hashlib.sha256(public_key).digest())
    return None


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who says it is theirs, by name and id, and the bytes after the id."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, newline included."""
        return f"{_PREFIX}{self.name} {encode_base64(self.key_id + self.signature)}\n"

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        """Reads one line (without its newline).

        Raises NoteError ``note.signature-line``, ``note.name``, ``note.base64``.
        """
        if not line.startswith(_PREFIX):
            raise NoteError(
                "note.signature-line",
                "A signature line does not begin with an em dash and a space.",
                where=f"“{line[:60]}”",
                clause=_CLAUSE,
            )
        name, space, encoded = line[len(_PREFIX) :].partition(" ")
        if not space:
            raise NoteError(
                "note.signature-line",
                "A signature line has no signature after the key name.",
                where=f"“{line[:60]}”",
                clause=_CLAUSE,
            )
        check_name(name)
        data = decode_base64(encoded)
        if len(data) < 5:
            raise NoteError(
                "note.signature-line",
                "A signature is shorter than its key id and one byte.",
                where=f"key {name}",
                clause=_CLAUSE,
            )
        return cls(name, data[:4], data[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text, its newline included, and the signature lines below it. Reading a note verifies nothing."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """The note as it is stored and sent."""
        return f"{self.text}\n{''.join(s.line for s in self.signatures)}".encode()

    def with_signatures(self, more: Iterable[NoteSignature]) -> Note:
        """The same note with signature lines added at the end, those that it already has left out."""
        held = {(s.name, s.key_id) for s in self.signatures}
        added = []
        for signature in more:
            if (signature.name, signature.key_id) not in held:
                held.add((signature.name, signature.key_id))
                added.append(signature)
        return Note(self.text, (*self.signatures, *added))


class Opened(NamedTuple):
    """What ``open`` found: the text, signatures that verified, and those of keys that we do not know."""

    text: str
    verified: tuple[NoteSignature, ...]
    unverified: tuple[NoteSignature, ...]


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
"""Every character below the blank but newline."""


def check_text(text: str) -> str:
    """Returns a note's text if it may be one: ends in a newline, no other control character.

    Raises NoteError.
    """
    if not text.endswith("\n"):
        raise NoteError("note.text", "The text of a note does not end in a newline.", clause=_CLAUSE)
    if not _is_utf8(text):
        raise NoteError("note.utf8", "The text of a note cannot be written as UTF-8.", clause=_CLAUSE)
    _check_control(text)
    return text


def _check_control(text: str) -> None:
    if _CONTROL.search(text):
        raise NoteError(
            "note.control", "The note has a control character other than newline.", clause=_CLAUSE
        )


def parse(data: bytes) -> Note:
    """Reads a signed note strictly. Raises NoteError with a ``note.*`` code; verifies no signature."""
    if len(data) > MAX_SIZE:
        raise NoteError(
            "note.size", f"A note of {len(data):,} bytes is larger than the {MAX_SIZE:,} allowed."
        )
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise NoteError("note.utf8", "The note is not valid UTF-8.", clause=_CLAUSE) from None
    _check_control(whole)
    cut = whole.rfind("\n\n")
    if cut < 0:
        raise NoteError("note.structure", "No empty line parts the text from its signatures.", clause=_CLAUSE)
    text, block = whole[: cut + 1], whole[cut + 2 :]
    if not block.endswith("\n"):
        raise NoteError(
            "note.structure", "The note has no signature lines, or its last line is cut off.", clause=_CLAUSE
        )
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError("note.too-many-signatures", f"The note has more than {MAX_SIGNATURES} signatures.")
    return Note(text, tuple(NoteSignature.parse(line) for line in lines))


def open(data: bytes | Note, keys: Sequence[VerifierKey]) -> Opened:
    """Verifies a note with the keys that are trusted for it, and tells which of them signed.

    A signature of a known key that does not hold refuses the whole note, as does a note that no known key
    signed. A key's second signature is ignored. Raises NoteError ``note.bad-signature``, ``note.unverified``,
    ``note.ambiguous-key`` and those of ``parse``.
    """
    note = data if isinstance(data, Note) else parse(data)
    verified: list[NoteSignature] = []
    unverified: list[NoteSignature] = []
    seen: set[tuple[str, bytes]] = set()
    for signature in note.signatures:
        known = [key for key in keys if key.name == signature.name and key.id == signature.key_id]
        if not known:
            if signature not in unverified:
                unverified.append(signature)
            continue
        if len(known) > 1:
            raise NoteError(
                "note.ambiguous-key",
                "Two trusted keys have the same name and id.",
                where=f"key {signature.name}",
                clause=_CLAUSE,
                advice="List each key once.",
            )
        if (signature.name, signature.key_id) in seen:
            continue
        seen.add((signature.name, signature.key_id))
        if not known[0].verify(note.text, signature.signature):
            raise NoteError(
                "note.bad-signature",
                f"The signature of {signature.name} does not hold over this text.",
                where=f"key {signature.name}+{signature.key_id.hex()}",
                clause=_CLAUSE,
                advice="The text or the signature was altered; keep both as evidence.",
            )
        verified.append(signature)
    if not verified:
        raise NoteError(
            "note.unverified",
            "No trusted key signed this note.",
            clause=_CLAUSE,
            advice=f"It was signed by: {', '.join(s.name for s in note.signatures)}.",
        )
    return Opened(note.text, tuple(verified), tuple(unverified))


@runtime_checkable
class TextSigner(Protocol):
    """Something that adds one signature line to a text."""

    @property
    def verifier(self) -> VerifierKey:
        """The key that verifies what it signs."""
        ...

    def sign_text(self, text: str) -> NoteSignature:
        """The signature over ``text``."""
        ...


class NoteSigner:
    """Signs notes with an Ed25519 key under a name (signature type 1)."""

    __slots__ = ("_signer", "verifier")

    def __init__(self, name: str, signer: Signer) -> None:
        self._signer = signer
        self.verifier = VerifierKey.make(name, ED25519, signer.public_key)

    @property
    def name(self) -> str:
        """The key name."""
        return self.verifier.name

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""
        return self.verifier.id

    @property
    def vkey(self) -> str:
        """The verifier key as one word, for those who shall trust it."""
        return self.verifier.vkey

    def sign_text(self, text: str) -> NoteSignature:
        """The Ed25519 signature over ``text``."""
        return NoteSignature(self.name, self.key_id, self._signer.sign(text.encode()))


def sign(text: str, signers: Sequence[TextSigner]) -> bytes:
    """A note with a signature of each signer, in their order.

    Raises NoteError ``note.text`` and ``note.control``.
    """
    check_text(text)
    if not signers:
        raise NoteError("note.structure", "A note needs at least one signer.", clause=_CLAUSE)
    return Note(text, tuple(signer.sign_text(text) for signer in signers)).to_bytes()


@lru_cache(maxsize=512)
def parse_key(vkey: str) -> VerifierKey:
    """``VerifierKey.parse``, remembered."""
    return VerifierKey.parse(vkey)

"""A statement: one typed, signed fact, as COSE_Sign1 with deterministic CBOR (RFC 9052, RFC 8949, RFC 9597).

    18([ protected: bstr{1: alg, 3: "application/vnd.adamas+cbor", 4: kid, 15: {1: iss, 2: sub, 6: iat}},
         unprotected: {}, payload: bstr, signature: bstr(64) ])

The id of a statement is its RFC 9162 leaf hash, SHA-256(0x00 || bytes): identity and place in the tree are
one thing. Reading is strict: bytes that say the same in another way are refused with a code. Whether the
signature holds, and whether the key was valid at the statement's place in the log, are asked apart
(:func:`verify`, :mod:`adamas.ledger.keyhistory`). Protected headers that we do not know are refused:
nothing unread is vouched for.

    cose.not-sign1 cose.alg cose.content-type cose.kid cose.claims cose.critical cose.header
    cose.unprotected cose.payload cose.signature statement.version statement.type statement.refs
    statement.hidden statement.sealed
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cbor2

from adamas.ledger import cbor, ed25519
from adamas.ledger.errors import StatementError
from adamas.ledger.keys import KID_SIZE, Signer

CONTENT_TYPE = "application/vnd.adamas+cbor"
VERSION = 1
ALG_EDDSA, ALG_ED25519 = -8, -19
MAX_SIZE = cbor.MAX_SIZE
MAX_NAME = 120
MAX_TIME = 2**40 - 1
_ALG, _CRIT, _CONTENT, _KID, _CLAIMS = 1, 2, 3, 4, 15
_ISS, _SUB, _IAT = 1, 2, 6
_HEADER_LABELS = {_ALG, _CONTENT, _KID, _CLAIMS}
_CLAIM_LABELS = {_ISS, _SUB, _IAT}
# {1: -8, 3: CONTENT_TYPE, 4: bstr(8) … up to the key id, as every writer of edition 1 encodes it
_USUAL_HEAD = b"\xa4\x01\x27\x03" + cbor2.dumps(CONTENT_TYPE) + b"\x04\x48"
_USUAL_KID = len(_USUAL_HEAD) + KID_SIZE
_USUAL_CLAIMS = _USUAL_KID + 1
_SIG_STRUCTURE_HEAD = b"\x84\x6aSignature1"
_SIGN1_TAG = 18
_ENVELOPE_HEAD = b"\xd2\x84"  # tag 18, array of four
_ENVELOPE_DEPTH = 4  # the array, and what a hostile unprotected header may nest
_MAX_HEADER = 1_000
_HEADER_AT = 4  # after tag, array and the two bytes of the header's length
_BYTES_OF_8_BIT_SIZE = 0x58
_SIGNATURE_PART = 2 + ed25519.SIGNATURE_SIZE
_NO_MAP: dict[str, Any] = {}
_NO_LIST: list[bytes] = []
_SHORTEST = _HEADER_AT + _SIGNATURE_PART


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A well-formed statement. ``issued_at`` is the time claimed by the issuer, in seconds since 1970
    (UTC).
    """

    raw: bytes
    id: bytes
    alg: int
    kid: bytes
    issuer: str
    subject: str
    issued_at: int
    payload: dict[str, Any]
    protected_bytes: bytes
    payload_bytes: bytes
    signature: bytes

    @property
    def type(self) -> str:
        """The statement type, such as ``certificate.issued``."""
        name: str = self.payload["type"]
        return name

    @property
    def version(self) -> int:
        """Edition of the payload format; above ours it is shown as newer, not judged."""
        number: int = self.payload["v"]
        return number

    @property
    def refs(self) -> dict[str, bytes]:
        """Statements that this one refers to: name → id."""
        found: dict[str, bytes] = self.payload.get("refs", {})
        return found

    @property
    def hidden(self) -> list[bytes]:
        """Sorted digests of the hidden fields."""
        found: list[bytes] = self.payload.get("hidden", [])
        return found

    @property
    def sealed(self) -> dict[str, bytes]:
        """Pedersen commitments: field name → 32-byte point."""
        found: dict[str, bytes] = self.payload.get("sealed", {})
        return found

    @property
    def text_id(self) -> str:
        """The id as people write it."""
        return text_id(self.id)

    def to_be_signed(self) -> bytes:
        """The Sig_structure of RFC 9052 section 4.4."""
        return _to_be_signed(self.protected_bytes, self.payload_bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Statement) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Statement({self.type} {self.subject} by {self.issuer}, id {self.text_id[:12]}…)"


def text_id(identity: bytes) -> str:
    """Base32 without padding, lower case: 52 characters for a 32-byte id."""
    return base64.b32encode(identity).decode().rstrip("=").lower()


def parse_id(text: str) -> bytes:
    """The 32-byte id that ``text`` (either case) writes. Raises StatementError ``statement.id``."""
    try:
        raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32 or text_id(raw) != text.lower():
        raise StatementError("statement.id", f"{text!r} is not a statement id (52 letters and digits 2-7).")
    return raw


def leaf_id(raw: bytes) -> bytes:
    """SHA-256(0x00 || raw): the id of the statement with these bytes (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + raw).digest()


def sign(
    signer: Signer, *, issuer: str, subject: str, issued_at: int, payload: Mapping[str, Any]
) -> Statement:
    """A new statement about ``subject`` by ``issuer``. Raises StatementError for what may not be said."""
    kid = signer.kid
    _check_claims(issuer, subject, issued_at)
    if len(kid) != KID_SIZE:
        raise StatementError("cose.kid", f"The key id is not {KID_SIZE} bytes.")
    body = cbor.ordered(payload if "v" in payload else {**payload, "v": VERSION})
    if isinstance(body["v"], int) and body["v"] > VERSION:
        raise StatementError("statement.version", f"This program writes edition {VERSION}, not {body['v']}.")
    _check_payload(body)
    claims = cbor.encode_ordered({_ISS: issuer, _SUB: subject, _IAT: issued_at})
    protected, payload_bytes = b"".join((_USUAL_HEAD, kid, b"\x0f", claims)), cbor.encode_ordered(body)
    signature = signer.sign(_to_be_signed(protected, payload_bytes))
    raw = _join(protected, payload_bytes, signature)
    if len(raw) > MAX_SIZE:
        raise _too_long(raw)
    # What parsing these bytes would give; a test holds the two together.
    return Statement(
        raw,
        leaf_id(raw),
        ALG_EDDSA,
        kid,
        issuer,
        subject,
        issued_at,
        body,
        protected,
        payload_bytes,
        signature,
    )


def parse(raw: bytes) -> Statement:
    """The statement that ``raw`` is, or StatementError with the code of the first thing wrong."""
    if len(raw) > MAX_SIZE:
        raise _too_long(raw)
    protected, payload_bytes, signature = _split(raw)
    alg, kid, issuer, subject, issued_at = _read_header(protected)
    payload = cbor.decode(payload_bytes)
    _check_payload(payload)
    return Statement(
        raw, leaf_id(raw), alg, kid, issuer, subject, issued_at, payload, protected, payload_bytes, signature
    )


def _too_long(raw: bytes) -> StatementError:
    return StatementError("cbor.size", f"{len(raw):,} bytes are more than the {MAX_SIZE:,} of a statement.")


def _split(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload and signature of an envelope.

    An honest envelope has its parts where their sizes put them; one comparison with what these parts encode
    to settles all of it. Anything else is read by the decoder, to say what is wrong.
    """
    start = _HEADER_AT + raw[3] if len(raw) > _SHORTEST and raw[2] == _BYTES_OF_8_BIT_SIZE else 0
    protected, signature = raw[_HEADER_AT:start], raw[-ed25519.SIGNATURE_SIZE :]
    long = raw[start + 1 : start + 2] == b"\x59"
    payload_bytes = raw[start + (4 if long else 3) : -_SIGNATURE_PART]
    if raw == _join(protected, payload_bytes, signature):
        return protected, payload_bytes, signature
    return _split_slowly(raw)


def _join(protected: bytes, payload_bytes: bytes, signature: bytes) -> bytes:
    return b"".join(
        (
            _ENVELOPE_HEAD,
            cbor2.dumps(protected),
            b"\xa0",
            cbor2.dumps(payload_bytes),
            cbor2.dumps(signature),
        )
    )


def _split_slowly(raw: bytes) -> tuple[bytes, bytes, bytes]:
    if raw[:2] != _ENVELOPE_HEAD:
        raise _no_envelope(raw)
    protected, unprotected, payload_bytes, signature = cbor.decode(
        raw[1:], labels=True, max_depth=_ENVELOPE_DEPTH
    )
    if type(protected) is not bytes:
        raise StatementError("cose.not-sign1", "The protected header is not a byte string.")
    if type(unprotected) is not dict or unprotected:
        raise StatementError("cose.unprotected", "The unprotected header must be an empty map.")
    if type(payload_bytes) is not bytes:
        raise StatementError("cose.payload", "The payload is missing or not a byte string.")
    if type(signature) is not bytes or len(signature) != ed25519.SIGNATURE_SIZE:
        raise StatementError("cose.signature", "The signature is not 64 bytes.")
    return protected, payload_bytes, signature


def _no_envelope(raw: bytes) -> StatementError:
    """Why ``raw`` does not begin as tag 18 and an array of four: bad CBOR, or another value."""
    try:
        cbor.decode(raw, labels=True, tags=frozenset({_SIGN1_TAG}))
    except StatementError as error:
        if error.code != "cbor.tag":
            return error
    return StatementError("cose.not-sign1", "The bytes are not a COSE_Sign1 (tag 18, four parts).")


def verify(statement: Statement, public_key: bytes) -> bool:
    """Whether the signature is the key's over exactly these bytes. Says nothing of the key's validity."""
    return ed25519.verify(public_key, statement.to_be_signed(), statement.signature)


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return b"".join((_SIG_STRUCTURE_HEAD, cbor2.dumps(protected), b"\x40", cbor2.dumps(payload)))


def _read_header(protected: bytes) -> tuple[int, bytes, str, str, int]:
    claims: Any
    if protected.startswith(_USUAL_HEAD) and protected[_USUAL_KID:_USUAL_CLAIMS] == b"\x0f":
        # as we write it: what is left to read are the claims, a map by itself
        alg, kid = ALG_EDDSA, protected[len(_USUAL_HEAD) : _USUAL_KID]
        claims = cbor.decode(protected[_USUAL_CLAIMS:], labels=True, max_size=_MAX_HEADER)
    else:
        header = _decode_header(protected)
        alg, kid, claims = header[_ALG], header[_KID], header[_CLAIMS]
        if type(alg) is not int or alg not in (ALG_EDDSA, ALG_ED25519):
            raise StatementError(
                "cose.alg", f"The algorithm is {alg!r}; statements are signed with EdDSA (-8 or -19)."
            )
        if header[_CONTENT] != CONTENT_TYPE:
            raise StatementError("cose.content-type", f"The content type is not {CONTENT_TYPE}.")
        if type(kid) is not bytes or len(kid) != KID_SIZE:
            raise StatementError("cose.kid", f"The key id is not {KID_SIZE} bytes.")
    if type(claims) is not dict or claims.keys() != _CLAIM_LABELS:
        raise StatementError(
            "cose.claims", "The claims must be issuer (1), subject (2) and time (6), no other."
        )
    issuer, subject, issued_at = claims[_ISS], claims[_SUB], claims[_IAT]
    _check_claims(issuer, subject, issued_at)
    return alg, kid, issuer, subject, issued_at


def _check_claims(issuer: Any, subject: Any, issued_at: Any) -> None:
    for name, text in (("issuer", issuer), ("subject", subject)):
        if type(text) is not str or not 0 < len(text) <= MAX_NAME or not text.isprintable():
            raise StatementError(
                "cose.claims", f"The {name} must be 1 to {MAX_NAME} printable characters.", where=name
            )
    if type(issued_at) is not int or not 0 <= issued_at <= MAX_TIME:
        raise StatementError(
            "cose.claims", "The claimed time is not a number of seconds since 1970.", where="iat"
        )


def _decode_header(protected: bytes) -> dict[int, Any]:
    """The header's map, its four labels present and no other, its bytes the one encoding of what it says."""
    header = cbor.decode(protected, labels=True, max_size=_MAX_HEADER)
    if type(header) is not dict:
        raise StatementError("cose.header", "The protected header is not a map.")
    if _CRIT in header:
        raise StatementError("cose.critical", "A critical header is named that this program does not know.")
    if header.keys() != _HEADER_LABELS:
        raise StatementError(
            "cose.header",
            f"The protected header must hold 1, 3, 4 and 15, and holds {sorted(map(str, header))}.",
            clause="docs/formats/statement.md, header",
        )
    return header


def _check_payload(payload: Any) -> None:
    """What every payload has in common; the fields of its type are the catalogue's matter."""
    if type(payload) is not dict:
        raise StatementError("cose.payload", "The payload is not a map.")
    version = payload.get("v")
    if type(version) is not int or version < 1:
        raise StatementError("statement.version", "The payload does not say its edition (v).", where="v")
    name = payload.get("type")
    if type(name) is not str or not 0 < len(name) <= MAX_NAME:
        raise StatementError("statement.type", "The payload does not say its type.", where="type")
    refs = payload.get("refs", _NO_MAP)
    if type(refs) is not dict or not _all_digests(refs.values()):
        raise StatementError(
            "statement.refs", "A reference is not the 32-byte id of a statement.", where="refs"
        )
    sealed = payload.get("sealed", _NO_MAP)
    if type(sealed) is not dict or not _all_digests(sealed.values()):
        raise StatementError("statement.sealed", "A sealed quantity is not a 32-byte point.", where="sealed")
    hidden = payload.get("hidden", _NO_LIST)
    if (
        type(hidden) is not list
        or not _all_digests(hidden)
        or (len(hidden) > 1 and any(a >= b for a, b in pairwise(hidden)))
    ):
        raise StatementError(
            "statement.hidden",
            "The hidden digests are not 32-byte strings, sorted, each once.",
            where="hidden",
        )


def _all_digests(values: Iterable[Any]) -> bool:
    for value in values:  # noqa: SIM110 — twice as fast as all(…), and this runs for every statement
        if type(value) is not bytes or len(value) != 32:
            return False
    return True

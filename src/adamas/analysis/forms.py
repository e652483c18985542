"""Forms: statements that are laid out as one that was read strictly before are read at a glance.

Most statements of a log differ only in what stands in their fields. From one that the strict parser accepted, a
:class:`Form` is learned: the very bytes of it, except that inside texts any printable ASCII may stand, inside byte
strings anything, and in integers any number that takes as many bytes in its shortest form. Whatever matches is of the
same length and therefore deterministic CBOR of the same types under the same keys: the strict parser would accept it
too (a property test asks it). What does not match is simply read by the strict parser.

Reading strictly takes a third of the time of an Ed25519 verification; matching a form takes a twentieth.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import cbor2

from adamas.errors import AdamasError
from adamas.ledger import cbor
from adamas.ledger import statement as statements
from adamas.ledger.statement import Statement

_SIGNATURE = 64
_TAIL = _SIGNATURE + 2
_SIG_STRUCTURE_HEAD = b"\x84\x6aSignature1"
_MAX_LEARNED = 500
_MAX_OF_LENGTH = 24
_SIGHTINGS = 3
"""How many statements of one length the strict parser reads before one of them is learned from."""
_TEXT, _ANY = rb"[\x20-\x7e]{%d}", rb"[\x00-\xff]{%d}"
_INTEGERS = {
    1: rb"[\x00-\x17]",
    2: rb"\x18[\x18-\xff]",
    3: rb"\x19(?!\x00)[\x00-\xff]{2}",
    5: rb"\x1a(?!\x00\x00)[\x00-\xff]{4}",
    9: rb"\x1b(?!\x00\x00\x00\x00)[\x00-\xff]{8}",
}
_LITERAL = frozenset({"v", "type"})


class Form:
    """The layout of statements of one length and type. Offsets are the same in all of them."""

    __slots__ = ("_digests", "at", "issuer", "kid", "match", "payload", "protected", "subject", "type")

    def __init__(self, st: Statement) -> None:
        head = cbor2.dumps(st.protected_bytes)
        start = 2 + len(head) - len(st.protected_bytes)
        payload_head = cbor2.dumps(st.payload_bytes)
        payload_start = 2 + len(head) + 1 + len(payload_head) - len(st.payload_bytes)
        end = len(st.raw) - _TAIL
        self.type = st.type
        self.protected = slice(2, 2 + len(head))
        self.payload = slice(payload_start, end)
        places: dict[str, slice] = {}
        pattern = _Pattern(start)
        header = cbor.decode(st.protected_bytes, labels=True)
        pattern.add(header, (), places)
        envelope = re.escape(st.raw[:start]) + bytes(pattern.parts)
        pattern = _Pattern(payload_start)
        pattern.add(st.payload, (), places)
        between = st.raw[2 + len(head) : payload_start]
        envelope += (
            re.escape(between) + bytes(pattern.parts) + re.escape(st.raw[end : end + 2]) + _ANY % _SIGNATURE
        )
        self.kid = places["kid"]
        self.issuer, self.subject, self.at = places["issuer"], places["subject"], places["at"]
        self._digests = pattern.digests
        self.match = re.compile(envelope, re.DOTALL).fullmatch

    def holds(self, raw: bytes) -> bool:
        """Whether ``raw`` (of the form's length) is laid out so."""
        if self.match(raw) is None:
            return False
        digests = self._digests
        return not digests or all(raw[a : a + 32] < raw[b : b + 32] for a, b in pairwise(digests))

    def claimed_at(self, raw: bytes) -> int:
        """The time claimed by the issuer, in unix seconds."""
        number = raw[self.at]
        return int.from_bytes(number[1:], "big") if len(number) > 1 else number[0]

    def to_be_signed(self, raw: bytes) -> bytes:
        """The Sig_structure of RFC 9052 section 4.4, cut out of a statement that holds."""
        protected = self.protected
        return b"".join((_SIG_STRUCTURE_HEAD, raw[protected], b"\x40", raw[protected.stop + 1 : -_TAIL]))


class _Pattern:
    """A pattern in the making, beside the offset that it has come to."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.parts = bytearray()
        self.digests: list[int] = []

    def add(self, value: Any, path: tuple[Any, ...], places: dict[str, slice]) -> None:
        """One value of a statement at a path of keys."""
        kind = type(value)
        if kind is dict:
            self._literal(_head(5, len(value)))
            for key, item in value.items():
                self._literal(cbor2.dumps(key))
                self.add(item, (*path, key), places)
        elif kind is list:
            self._literal(_head(4, len(value)))
            for place, item in enumerate(value):
                self.add(item, (*path, place), places)
        elif kind is bytes:
            self._literal(_head(2, len(value)))
            self._note(path, len(value), places)
            self._free(_ANY, len(value))
        elif kind is str and value.isascii() and value.isprintable() and not self._fixed(path):
            self._literal(_head(3, len(value)))
            self._note(path, len(value), places)
            self._free(_TEXT, len(value))
        elif (
            kind is int and value >= 0 and path not in _FIXED_NUMBERS and not (path == _TIME and value >> 32)
        ):
            size = len(cbor2.dumps(value))
            self._note(path, size, places)
            self.parts += _INTEGERS[size]
            self.offset += size
        else:
            self._literal(cbor2.dumps(value))

    def _fixed(self, path: tuple[Any, ...]) -> bool:
        return path == (3,) or (len(path) == 1 and path[0] in _LITERAL)

    def _note(self, path: tuple[Any, ...], size: int, places: dict[str, slice]) -> None:
        name = _NAMED.get(path)
        if name is not None:
            places[name] = slice(self.offset, self.offset + size)
        if len(path) == 2 and path[0] == "hidden":
            self.digests.append(self.offset)

    def _literal(self, data: bytes) -> None:
        self.parts += re.escape(data)
        self.offset += len(data)

    def _free(self, pattern: bytes, size: int) -> None:
        if size:
            self.parts += pattern % size
        self.offset += size


_FIXED_NUMBERS = (("v",), (1,))
_TIME = (15, 6)
"""The time claimed is below 2^40: of one that needs eight bytes nothing is learned."""
_NAMED: dict[tuple[Any, ...], str] = {(4,): "kid", (15, 1): "issuer", (15, 2): "subject", _TIME: "at"}


def _head(major: int, size: int) -> bytes:
    """The head of a CBOR value: its major type over the shortest form of its size."""
    plain = cbor2.dumps(size)
    return bytes([plain[0] | major << 5]) + plain[1:]


class Forms:
    """What one process has learned. ``types`` are those from which it may learn; others are always read strictly."""

    def __init__(self, types: frozenset[str]) -> None:
        self._types = types
        self._by_length: dict[int, list[Form]] = {}
        self._seen: dict[int, int] = {}
        self._learned = 0

    def find(self, raw: bytes) -> Form | None:
        """The form of a statement, None if no learned one holds."""
        forms = self._by_length.get(len(raw))
        if forms is not None:
            for form in forms:
                if form.holds(raw):
                    return form
        return None

    def learn(self, st: Statement) -> None:
        """Takes note of a statement that was read strictly and had no form."""
        size = len(st.raw)
        seen = self._seen[size] = self._seen.get(size, 0) + 1
        forms = self._by_length.setdefault(size, [])
        if seen % _SIGHTINGS or self._learned >= _MAX_LEARNED or len(forms) >= _MAX_OF_LENGTH:
            return
        if st.type not in self._types or st.version > statements.VERSION:
            return
        try:
            form = Form(st)
        except (AdamasError, KeyError, re.error):
            return
        if form.holds(st.raw):
            forms.append(form)
            self._learned += 1

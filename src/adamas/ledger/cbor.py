"""Deterministic CBOR, read strictly (RFC 8949 section 4.2.1).

What a statement may hold: integers of 64 bits, byte strings, text, arrays, maps, true, false, null; tags only where the
caller names them. Maps of a payload have text keys; COSE headers (``labels=True``) may have small integers too.
Everything else is refused with a code of its own, and bytes are accepted only if encoding what they say gives the very
same bytes again. Worked example: ``{"v": 1, "type": "x"}`` is ``a2 61 76 01 64 74 79 70 65 61 78``.

    cbor.float cbor.duplicate-key cbor.indefinite cbor.not-shortest cbor.order cbor.trailing cbor.truncated cbor.tag
    cbor.simple cbor.bignum cbor.key-type cbor.depth cbor.size cbor.utf8 cbor.malformed cbor.type (on encoding)
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import cbor2

from adamas.ledger.errors import StatementError

MAX_SIZE = 60_000
MAX_DEPTH = 16
_INT_MAX = 2**64


def encode(value: Any) -> bytes:
    """The one encoding of ``value``: shortest heads, map keys in bytewise order of their encodings.

    Raises StatementError ``cbor.float``, ``cbor.bignum`` or ``cbor.type`` for what a statement may not hold.
    """
    return cbor2.dumps(_ordered(value, 0))


def _ordered(value: Any, depth: int) -> Any:
    """``value`` with every map's items in RFC 8949 4.2.1 order (cbor2's own canonical mode sorts length-first)."""
    kind = type(value)
    if kind is str or kind is bytes or kind is bool or value is None:
        return value
    if kind is int:
        if -_INT_MAX <= value < _INT_MAX:
            return value
        raise StatementError("cbor.bignum", "An integer is beyond 64 bits, which no statement may hold.")
    if depth > MAX_DEPTH:
        raise StatementError("cbor.depth", f"The value is nested more than {MAX_DEPTH} levels deep.")
    if kind is list or kind is tuple:
        return [_ordered(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        if len(value) > 1:
            try:
                keys = sorted(value, key=_key_bytes)
            except TypeError as error:
                raise StatementError("cbor.key-type", "A map key is neither text nor an integer.") from error
        else:
            keys = list(value)
            for key in keys:
                _key_bytes(key)
        return {key: _ordered(value[key], depth + 1) for key in keys}
    if kind is cbor2.CBORTag:
        return cbor2.CBORTag(value.tag, _ordered(value.value, depth + 1))
    if kind is float:
        raise StatementError(
            "cbor.float",
            "A floating-point number is in the value.",
            advice="Use integers of 0.01 ct or US cents.",
        )
    raise StatementError("cbor.type", f"A value of type {kind.__name__} has no place in a statement.")


def _key_bytes(key: Any) -> bytes:
    kind = type(key)
    if kind is str or kind is int:
        return cbor2.dumps(key)
    raise StatementError(
        "cbor.key-type", f"A map key is of type {kind.__name__}; only text (or labels) is allowed."
    )


def decode(
    data: bytes,
    *,
    max_size: int = MAX_SIZE,
    max_depth: int = MAX_DEPTH,
    labels: bool = False,
    tags: frozenset[int] = frozenset(),
) -> Any:
    """What ``data`` says, if it says it in the one allowed way. Raises StatementError with a ``cbor.*`` code."""
    if len(data) > max_size:
        raise StatementError("cbor.size", f"{len(data):,} bytes are more than the {max_size:,} allowed.")
    stream = io.BytesIO(data)
    try:
        value = cbor2.CBORDecoder(
            stream, max_depth=max_depth, allow_indefinite=False, allow_duplicate_keys=False
        ).decode()
    except (
        cbor2.CBORError,
        ValueError,
        TypeError,
        OverflowError,
        ArithmeticError,
        RecursionError,
        MemoryError,
    ) as error:
        raise _diagnosis(data, error) from None
    if stream.tell() != len(data):
        raise StatementError(
            "cbor.trailing", f"{len(data) - stream.tell()} bytes follow after the end of the value."
        )
    _walk(value, labels, tags, max_depth)
    if cbor2.dumps(value) != data:
        raise StatementError(
            "cbor.not-shortest",
            "A number, length or tag is not in its shortest form.",
            clause="RFC 8949 section 4.2.1",
        )
    return value


def _walk(value: Any, labels: bool, tags: frozenset[int], depth: int) -> None:
    """Refuses what a statement may not hold, and maps whose keys are not in bytewise order."""
    kind = type(value)
    if kind is str or kind is bytes or kind is bool or value is None:
        return
    if kind is int:
        if not -_INT_MAX <= value < _INT_MAX:
            raise StatementError("cbor.bignum", "An integer is beyond 64 bits, which no statement may hold.")
        return
    if depth < 0:
        raise StatementError("cbor.depth", "The value is nested too deep.")
    if kind is dict:
        previous: Any = None
        for key, item in value.items():
            if type(key) is str:
                head: Any = (1, len(key) if key.isascii() else len(key.encode()), key)
            elif labels and type(key) is int:
                head = (0, 0, key) if key >= 0 else (0, 1, -key)
            else:
                raise StatementError("cbor.key-type", f"A map key is of type {type(key).__name__}.")
            if previous is not None and head <= previous:
                raise StatementError(
                    "cbor.order",
                    "The keys of a map are not in bytewise order.",
                    where=f"key {key!r}",
                    clause="RFC 8949 section 4.2.1",
                )
            previous = head
            if type(item) is not bytes and type(item) is not str:
                _walk(item, labels, tags, depth - 1)
        return
    if kind is list or kind is tuple:
        for item in value:
            _walk(item, labels, tags, depth - 1)
        return
    if kind is cbor2.CBORTag and value.tag in tags:
        _walk(value.value, labels, tags, depth - 1)
        return
    raise _misplaced(value)


def _misplaced(value: Any) -> StatementError:
    if isinstance(value, float):
        return StatementError(
            "cbor.float",
            "A floating-point number is in the value.",
            advice="Use integers of 0.01 ct or US cents.",
        )
    if value is cbor2.undefined or isinstance(value, cbor2.CBORSimpleValue):
        return StatementError("cbor.simple", "A simple value other than true, false or null is in the value.")
    if isinstance(value, cbor2.CBORTag):
        return StatementError("cbor.tag", f"Tag {value.tag} has no place here.")
    return StatementError("cbor.tag", f"A tag that stands for {type(value).__name__} has no place here.")


def _diagnosis(data: bytes, error: BaseException) -> StatementError:
    """The code for bytes that cbor2 would not read at all."""
    text = str(error)
    if isinstance(error, cbor2.CBORDecodeEOF):
        return StatementError("cbor.truncated", "The bytes end in the middle of a value.")
    if "uplicate" in text:
        return StatementError("cbor.duplicate-key", "A map has the same key twice.")
    if "indefinite" in text:
        return StatementError(
            "cbor.indefinite", "A length is left open (indefinite); lengths must be stated."
        )
    if "depth" in text or isinstance(error, RecursionError):
        return StatementError("cbor.depth", "The value is nested too deep.")
    if isinstance(error.__cause__, UnicodeDecodeError) or "text string" in text:
        return StatementError("cbor.utf8", "A text is not valid UTF-8.")
    if "unhashable" in text:
        return StatementError("cbor.key-type", "A map key is neither text nor an integer.")
    if "simple" in text:
        return StatementError("cbor.simple", "A simple value is malformed.")
    if any(
        word in text
        for word in (
            "shared",
            "date",
            "fraction",
            "bigfloat",
            "rational",
            "regex",
            "MIME",
            "UUID",
            "IP",
            "tag",
            "string reference",
            "set",
        )
    ):
        return StatementError("cbor.tag", "A tag that has no place here is in the value.")
    return StatementError("cbor.malformed", "The bytes are no CBOR value.")

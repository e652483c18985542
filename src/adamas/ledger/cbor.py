"""Deterministic CBOR, read strictly (RFC 8949 section 4.2.1).

What a statement may hold: integers of 64 bits, byte strings, text, arrays, maps, true, false, null; tags
only where the caller names them. Maps of a payload have text keys; COSE headers (``labels=True``) may have
integers too. Everything else is refused with a code of its own, and bytes are accepted only if encoding
what they say gives the very same bytes again. Worked example: ``{"v": 1, "type": "x"}`` is ``a2 61 76 01 64
74 79 70 65 61 78``.

cbor2 reads the bytes; by itself it would accept trailing bytes, long forms, any map order, floats and tags
that build dates, big numbers and regular expressions. So: its strict options, no tag of its own (each is
refused before it builds anything), a walk over the types and the order of keys, and the encoding compared.
A declared length is never believed: memory stays in proportion to the bytes given, and nesting is bounded.

    cbor.float cbor.duplicate-key cbor.indefinite cbor.not-shortest cbor.order cbor.trailing cbor.truncated
    cbor.tag cbor.simple cbor.bignum cbor.key-type cbor.depth cbor.size cbor.utf8 cbor.malformed
    cbor.type (on encoding)
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

import cbor2

from adamas.ledger.errors import StatementError

MAX_SIZE = 60_000
MAX_DEPTH = 16
_INT_MAX = 2**64
_MAX_KNOWN, _MAX_KNOWN_KEYS = 2_000, 40
_CLAUSE = "RFC 8949 section 4.2.1"
_FLOAT_ADVICE = "Use integers of 0.01 ct or US cents."


def encode(value: Any) -> bytes:
    """The one encoding of ``value``: shortest heads, map keys in bytewise order of their encodings.

    Raises StatementError ``cbor.float``, ``cbor.bignum``, ``cbor.key-type``, ``cbor.depth``, ``cbor.utf8`` or
    ``cbor.type`` for what a statement may not hold.
    """
    return encode_ordered(ordered(value))


def ordered(value: Any) -> Any:
    """``value`` as decoding its encoding would give it: new maps with their keys in order, arrays as lists.

    Raises StatementError as `encode` does.
    """
    return _ordered(value, 0)


def encode_ordered(value: Any) -> bytes:
    """The encoding of what `ordered` gave."""
    try:
        return cbor2.dumps(value)
    except (UnicodeEncodeError, cbor2.CBOREncodeError) as error:
        raise StatementError("cbor.utf8", "A text holds half of a surrogate pair.") from error


_SCALARS = frozenset({str, bytes, bool, type(None)})
# Text keys as they came → the same in order: a log is made of a few types of statement. Bounded.
_orders: dict[tuple[str, ...], tuple[str, ...]] = {}


def _order(mapping: Mapping[Any, Any]) -> Iterable[Any]:
    keys = tuple(mapping)
    found = _orders.get(keys)
    if found is not None:
        return found
    in_order = tuple(sorted(keys, key=_place))
    if len(_orders) < _MAX_KNOWN and len(keys) <= _MAX_KNOWN_KEYS and all(type(key) is str for key in keys):
        _orders[keys] = in_order
    return in_order


def _ordered(value: Any, depth: int) -> Any:
    """``value`` with the items of every map in order (cbor2's own canonical mode sorts length-first)."""
    kind = type(value)
    if kind is str or kind is bytes or kind is bool or value is None:
        return value
    if kind is int:
        if -_INT_MAX <= value < _INT_MAX:
            return value
        raise StatementError("cbor.bignum", "An integer is beyond 64 bits, which no statement may hold.")
    if depth >= MAX_DEPTH:
        raise StatementError("cbor.depth", f"The value is nested more than {MAX_DEPTH} levels deep.")
    if kind is list or kind is tuple:
        return [item if type(item) in _SCALARS else _ordered(item, depth + 1) for item in value]
    if kind is dict or isinstance(value, Mapping):
        found = {}
        for key in _order(value):
            item = value[key]
            found[key] = item if type(item) in _SCALARS else _ordered(item, depth + 1)
        return found
    if kind is cbor2.CBORTag:
        return cbor2.CBORTag(value.tag, _ordered(value.value, depth + 1))
    if kind is float:
        raise StatementError("cbor.float", "A floating-point number is in the value.", advice=_FLOAT_ADVICE)
    raise StatementError("cbor.type", f"A value of type {kind.__name__} has no place in a statement.")


def _place(key: Any) -> tuple[int, int, Any]:
    """Sorts as the key's encoding does: by major type, then length or size, then content."""
    kind = type(key)
    if kind is str:
        return (3, len(key), key) if key.isascii() else _place_of_long(key)
    if kind is int and -_INT_MAX <= key < _INT_MAX:
        return (0, key, "") if key >= 0 else (1, -key, "")
    raise StatementError(
        "cbor.key-type", f"A map key is of type {kind.__name__}; text (or labels) is allowed."
    )


def _place_of_long(key: str) -> tuple[int, int, str]:
    # UTF-8 sorts as code points do, so only the length needs the bytes
    return 3, len(key.encode("utf-8", "surrogatepass")), key


def decode(
    data: bytes,
    *,
    max_size: int = MAX_SIZE,
    max_depth: int = MAX_DEPTH,
    labels: bool = False,
    tags: frozenset[int] = frozenset(),
) -> Any:
    """What ``data`` says, if it says it in the one allowed way. Raises StatementError with a ``cbor.*`` code.

    ``max_size`` in bytes; ``max_depth`` in nested arrays and maps; ``labels`` allows integer map keys;
    ``tags`` are the tag numbers allowed (given back as ``cbor2.CBORTag``).
    """
    if len(data) > max_size:
        raise StatementError("cbor.size", f"{len(data):,} bytes are more than the {max_size:,} allowed.")
    try:
        value = cbor2.loads(
            data,
            max_depth=max_depth,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            strict_hashable_types=not labels,
            semantic_decoders=_REFUSED_TAGS,
        )
    except StatementError:
        raise
    except (cbor2.CBORError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise _diagnosis(error) from None
    if tags:
        value = _thawed(value)
    _walk(value, labels, tags)
    if cbor2.dumps(value) != data:
        raise _mismatch(data)
    return value


_PLAIN = frozenset({str, bytes, int, bool, type(None)})
# Key sequences seen in order before: the same few types of statement make up a log. Bounded. Text keys only,
# since True and 1 are equal to Python and not to CBOR.
_known_orders: set[tuple[str, ...]] = set()


def _walk(value: Any, labels: bool, tags: frozenset[int]) -> None:
    """Refuses what a statement may not hold, and maps whose keys are not in bytewise order."""
    kind = type(value)
    if kind is dict:
        keys = tuple(value)
        if keys not in _known_orders:
            _check_order(keys, labels)
        for item in value.values():
            if type(item) not in _PLAIN:
                _walk(item, labels, tags)
    elif kind is list:
        if not _PLAIN.issuperset(map(type, value)):
            for item in value:
                _walk(item, labels, tags)
    elif kind is cbor2.CBORTag and value.tag in tags:
        _walk(value.value, labels, tags)
    elif kind not in _PLAIN:
        raise _misplaced(value)


def _check_order(keys: tuple[Any, ...], labels: bool) -> None:
    """Refuses keys of other types, and keys that are not in the order of their encodings."""
    previous: tuple[int, int, Any] | None = None
    text_only = True
    for key in keys:
        if type(key) is not str:
            text_only = False
            if not labels or type(key) is not int:
                raise StatementError("cbor.key-type", f"A map key is of type {type(key).__name__}.")
        place = _place(key)
        if previous is not None and place <= previous:
            raise StatementError(
                "cbor.order",
                "The keys of a map are not in bytewise order.",
                where=f"key {key!r}",
                clause=_CLAUSE,
            )
        previous = place
    if text_only and len(keys) <= _MAX_KNOWN_KEYS and len(_known_orders) < _MAX_KNOWN:
        _known_orders.add(keys)


def _thawed(value: Any) -> Any:
    """cbor2 gives tuples and frozen maps inside a tag; here they are lists and dicts as anywhere else."""
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, _thawed(value.value))
    if isinstance(value, (list, tuple)):
        return [_thawed(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    return value


def _misplaced(value: Any) -> StatementError:
    if isinstance(value, float):
        return StatementError("cbor.float", "A floating-point number is in the value.", advice=_FLOAT_ADVICE)
    if value is cbor2.undefined or isinstance(value, cbor2.CBORSimpleValue):
        return StatementError("cbor.simple", "A simple value other than true, false or null is in the value.")
    if isinstance(value, cbor2.CBORTag):
        return StatementError("cbor.tag", f"Tag {value.tag} has no place here.")
    return StatementError("cbor.tag", f"A tag that stands for {type(value).__name__} has no place here.")


def _mismatch(data: bytes) -> StatementError:
    """Why bytes that were read do not encode back to themselves: more bytes follow, or a head is too long."""
    stream = io.BytesIO(data)
    cbor2.CBORDecoder(stream).decode()
    rest = len(data) - stream.tell()
    if rest:
        return StatementError("cbor.trailing", f"{rest} bytes follow after the end of the value.")
    return StatementError(
        "cbor.not-shortest", "A number, length or tag is not in its shortest form.", clause=_CLAUSE
    )


def _refuse_bignum(*_: object) -> NoReturn:
    raise StatementError("cbor.bignum", "An integer is beyond 64 bits, which no statement may hold.")


def _refusal(number: int) -> Callable[..., NoReturn]:
    def refuse(*_: object) -> NoReturn:
        raise StatementError("cbor.tag", f"Tag {number} has no place here.")

    return refuse


# Every tag for which cbor2 6.3 would build something (dates, fractions, shared values, regular expressions
# …).
_BUILDING_TAGS = (
    *(0, 1, 4, 5, 25, 28, 29, 30, 35, 36, 37, 43, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799),
)
_REFUSED_TAGS: dict[int, Any] = {
    **{number: _refusal(number) for number in _BUILDING_TAGS},
    2: _refuse_bignum,
    3: _refuse_bignum,
}


def _diagnosis(error: BaseException) -> StatementError:
    """The code for bytes that cbor2 would not read at all."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, StatementError):
            return cause
        if isinstance(cause, UnicodeDecodeError):
            return StatementError("cbor.utf8", "A text is not valid UTF-8.")
        cause = cause.__cause__
    said = str(error)
    if isinstance(error, cbor2.CBORDecodeEOF):
        return StatementError("cbor.truncated", "The bytes end in the middle of a value.")
    for word, code, sentence in _SYMPTOMS:
        if word in said:
            return StatementError(code, sentence)
    if isinstance(error, RecursionError):
        return StatementError("cbor.depth", "The value is nested too deep.")
    return StatementError("cbor.malformed", "The bytes are no CBOR value.")


_SYMPTOMS = (
    ("uplicate map key", "cbor.duplicate-key", "A map has the same key twice."),
    ("indefinite", "cbor.indefinite", "A length is left open (indefinite); lengths must be stated."),
    ("nesting depth", "cbor.depth", "The value is nested too deep."),
    ("hashable", "cbor.key-type", "A map key is neither text nor an integer."),
    ("map key", "cbor.key-type", "A map key is neither text nor an integer."),
    ("simple", "cbor.simple", "A simple value is malformed."),
)

"""Strict CBOR: one encoding of each value, every other refused with a code of its own, nothing that crashes."""

from __future__ import annotations

import tracemalloc
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamas.ledger import cbor
from adamas.ledger.errors import StatementError

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=30)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=30), inner, max_size=4),
    max_leaves=20,
)


def code_of(data: bytes, **options: Any) -> str:
    try:
        cbor.decode(data, **options)
    except StatementError as error:
        assert error.code.startswith("cbor.")
        return error.code
    return "accepted"


@given(values)
def test_what_is_encoded_is_read_back(value: Any) -> None:
    raw = cbor.encode(value)
    assert cbor.decode(raw) == value
    assert cbor.encode(cbor.decode(raw)) == raw


@given(st.dictionaries(st.integers(-70_000, 70_000) | st.text(max_size=30), st.none(), min_size=2))
def test_keys_are_in_bytewise_order_of_their_encodings(table: dict[Any, None]) -> None:
    raw = cbor.encode(table)
    keys = [cbor2.dumps(key) for key in cbor.decode(raw, labels=True)]
    assert keys == sorted(keys)


def test_negative_labels_follow_positive_ones() -> None:
    assert cbor.encode({100: 0, -1: 0}).hex() == "a21864002000"
    assert cbor.encode({396: 0, -1: 0, 395: 0}).hex() == "a319018b0019018c002000"


@given(st.binary(max_size=200), st.booleans())
def test_random_bytes_are_read_only_if_they_are_the_one_encoding(data: bytes, labels: bool) -> None:
    try:
        value = cbor.decode(data, labels=labels)
    except StatementError as error:
        assert error.code.startswith("cbor.")
    else:
        assert cbor.encode(value) == data


@given(values, st.data())
def test_a_changed_byte_never_gives_the_same_value(value: Any, data: st.DataObject) -> None:
    raw = bytearray(cbor.encode(value))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    try:
        changed = cbor.decode(bytes(raw))
    except StatementError:
        return
    assert cbor.encode(changed) == bytes(raw)


REFUSED = {
    "0000": "cbor.trailing",
    "f6f6": "cbor.trailing",
    "1817": "cbor.not-shortest",
    "1900ff": "cbor.not-shortest",
    "1a0000ffff": "cbor.not-shortest",
    "1b00000000ffffffff": "cbor.not-shortest",
    "7801 61": "cbor.not-shortest",
    "580161": "cbor.not-shortest",
    "980100": "cbor.not-shortest",
    "b801616100": "cbor.not-shortest",
    "5f4100ff": "cbor.indefinite",
    "7f6161ff": "cbor.indefinite",
    "9f00ff": "cbor.indefinite",
    "bf616100ff": "cbor.indefinite",
    "a2616100616100": "cbor.duplicate-key",
    "a2616200616100": "cbor.order",
    "a262616100616200": "cbor.order",
    "f90000": "cbor.float",
    "fa47c35000": "cbor.float",
    "fb3ff199999999999a": "cbor.float",
    "81f97e00": "cbor.float",
    "f7": "cbor.simple",
    "f0": "cbor.simple",
    "f8ff": "cbor.simple",
    "f814": "cbor.simple",
    "c249010000000000000000": "cbor.bignum",
    "c349010000000000000000": "cbor.bignum",
    "c24101": "cbor.bignum",
    "d28440a04040": "cbor.tag",
    "c11a514b67b0": "cbor.tag",
    "d823615b": "cbor.tag",
    "d81c00": "cbor.tag",
    "d81d00": "cbor.tag",
    "c482010a": "cbor.tag",
    "c5821b7fffffffffffffff01": "cbor.tag",
    "d9010280": "cbor.tag",
    "d9d9f700": "cbor.tag",
    "d9ffff00": "cbor.tag",
    "a10000": "cbor.key-type",
    "a1410000": "cbor.key-type",
    "a1800000": "cbor.key-type",
    "a1f500": "cbor.key-type",
    "a1f600": "cbor.key-type",
    "62c328": "cbor.utf8",
    "63eda080": "cbor.utf8",
    "81" * 17 + "00": "cbor.depth",
    "81" * 3_000: "cbor.depth",
    "": "cbor.truncated",
    "18": "cbor.truncated",
    "6261": "cbor.truncated",
    "8200": "cbor.truncated",
    "1c": "cbor.malformed",
    "ff": "cbor.malformed",
    "df00": "cbor.indefinite",
}


@pytest.mark.parametrize("data", REFUSED)
def test_each_other_way_of_saying_it_has_its_code(data: str) -> None:
    found = code_of(bytes.fromhex(data))
    assert (
        found == REFUSED[data]
        or (data == "df00" and found == "cbor.malformed")
        or (data == "f814" and found == "cbor.not-shortest")
    )


def test_labels_and_tags_are_allowed_only_where_named() -> None:
    assert cbor.decode(bytes.fromhex("a10000"), labels=True) == {0: 0}
    assert code_of(bytes.fromhex("a2000020 00"), labels=True) == "accepted"
    assert code_of(bytes.fromhex("a2200000 00"), labels=True) == "cbor.order"
    assert code_of(bytes.fromhex("a1f50000"[:6]), labels=True) == "cbor.key-type"
    tagged = cbor.decode(bytes.fromhex("d28341a0a1010200"), labels=True, tags=frozenset({18}))
    assert tagged == cbor2.CBORTag(18, [b"\xa0", {1: 2}, 0])
    assert type(tagged.value) is list
    assert type(tagged.value[1]) is dict


def test_true_is_no_label_even_after_one_was_seen() -> None:
    assert code_of(bytes.fromhex("a10100"), labels=True) == "accepted"
    assert code_of(bytes.fromhex("a1f500"), labels=True) == "cbor.key-type"


def test_size_and_depth_are_bounded() -> None:
    assert code_of(bytes(cbor.MAX_SIZE + 1)) == "cbor.size"
    assert code_of(bytes.fromhex("81" * 16 + "00")) == "accepted"
    nest: Any = 0
    for _ in range(16):
        nest = [nest]
    assert cbor.decode(cbor.encode(nest)) == nest
    with pytest.raises(StatementError, match="nested") as refused:
        cbor.encode([nest])
    assert refused.value.code == "cbor.depth"


@pytest.mark.parametrize("head", ["9b", "bb", "5b", "7b"])
@pytest.mark.parametrize("length", ["7fffffffffffffff", "ffffffffffffffff", "00000000ffffffff"])
def test_a_huge_declared_length_costs_no_memory(head: str, length: str) -> None:
    tracemalloc.start()
    assert code_of(bytes.fromhex(head + length)) == "cbor.truncated"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "cbor.float"),
        ({"a": [2.5]}, "cbor.float"),
        (2**64, "cbor.bignum"),
        (-(2**64) - 1, "cbor.bignum"),
        ({b"a": 1}, "cbor.key-type"),
        ({True: 1}, "cbor.key-type"),
        ({2**64: 1}, "cbor.key-type"),
        (object(), "cbor.type"),
        ({1, 2}, "cbor.type"),
        ("\ud800", "cbor.utf8"),
        ({"\ud800": 1}, "cbor.utf8"),
    ],
)
def test_what_no_statement_may_hold_is_not_written(value: Any, code: str) -> None:
    with pytest.raises(StatementError) as refused:
        cbor.encode(value)
    assert refused.value.code == code


@pytest.mark.slow
@given(st.binary(max_size=60_000))
def test_long_random_bytes_do_no_harm(data: bytes) -> None:
    assert code_of(data, labels=True, tags=frozenset({18}))

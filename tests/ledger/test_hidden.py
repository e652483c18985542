"""Hidden fields: a disclosure shows one field, fits one statement, and cannot be guessed."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamas.ledger import cbor, hidden, statement
from adamas.ledger.errors import StatementError
from adamas.ledger.keys import SoftwareSigner

SIGNER = SoftwareSigner.from_seed(bytes(32))
SALT = bytes(range(16))


def holding(*disclosures: hidden.Disclosure) -> statement.Statement:
    payload = {"type": "x", "hidden": hidden.digests(disclosures)}
    return statement.sign(SIGNER, issuer="a", subject="b", issued_at=0, payload=payload)


def test_a_disclosure_shows_its_field_and_no_other() -> None:
    exporter, goods = hidden.hide("exporter", "Debswana"), hidden.hide("goods", {"carats": 12_34})
    st_ = holding(exporter, goods)
    assert hidden.reveal(st_, [goods.raw]) == {"goods": {"carats": 12_34}}
    assert hidden.reveal(st_, [exporter, goods]) == {"exporter": "Debswana", "goods": {"carats": 12_34}}
    assert b"Debswana" not in st_.raw


def test_the_digest_is_that_of_salt_name_and_value() -> None:
    one = hidden.hide("name", "value", salt=SALT)
    assert one.digest == hashlib.sha256(cbor.encode([SALT, "name", "value"])).digest()
    assert one.raw.hex() == "8350" + SALT.hex() + "64" + b"name".hex() + "65" + b"value".hex()


def test_the_same_value_hides_differently_each_time() -> None:
    assert hidden.hide("a", 1).digest != hidden.hide("a", 1).digest


def test_digests_are_sorted_so_that_their_order_tells_nothing() -> None:
    some = [hidden.hide("a", number) for number in range(5)]
    assert hidden.digests(some) == hidden.digests(reversed(some)) == sorted(d.digest for d in some)


def refusal(call: Any) -> str:
    with pytest.raises(StatementError) as refused:
        call()
    return refused.value.code


def test_what_does_not_belong_or_comes_twice_is_refused() -> None:
    one, other = hidden.hide("a", 1), hidden.hide("a", 2)
    assert refusal(lambda: hidden.reveal(holding(one), [other])) == "hidden.unknown-digest"
    assert refusal(lambda: hidden.reveal(holding(one, other), [one, other])) == "hidden.duplicate"
    assert refusal(lambda: hidden.digests([one, one])) == "hidden.duplicate"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([SALT, "a"], "hidden.malformed"),
        ([SALT, "a", 1, 2], "hidden.malformed"),
        ([SALT[:15], "a", 1], "hidden.malformed"),
        ([SALT, 1, 1], "hidden.malformed"),
        ({"a": 1}, "hidden.malformed"),
    ],
)
def test_other_forms_are_no_disclosures(value: Any, code: str) -> None:
    assert refusal(lambda: hidden.parse(cbor.encode(value))) == code


def test_a_disclosure_that_encodes_otherwise_is_refused() -> None:
    one = hidden.hide("a", 1, salt=SALT)
    assert refusal(lambda: hidden.parse(one.raw[:-1] + b"\x18\x01")) == "cbor.not-shortest"
    assert refusal(lambda: hidden.parse(one.raw + b"\x00")) == "cbor.trailing"


@given(
    st.text(max_size=20),
    st.recursive(st.integers(0, 9) | st.text(max_size=5), lambda v: st.lists(v, max_size=3)),
)
def test_what_is_hidden_is_what_is_shown(name: str, value: Any) -> None:
    one = hidden.hide(name, value)
    assert hidden.parse(one.raw) == one
    assert hidden.reveal(holding(one), [one.raw]) == {name: value}


@given(st.binary(max_size=60))
def test_random_bytes_do_no_harm(data: bytes) -> None:
    assert refusal(lambda: hidden.reveal(holding(), [data]))

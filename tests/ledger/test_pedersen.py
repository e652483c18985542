"""Sealed quantities: sums open without their parts, nothing opens to another quantity, edges are handled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings

from adamas.ledger import pedersen
from adamas.ledger.errors import StatementError
from adamas.ledger.pedersen import IDENTITY, MAX_QUANTITY, ORDER, Opening

ZERO = bytes(32)
quantities = st.integers(0, MAX_QUANTITY // 8)


def test_the_second_generator_is_the_published_hash_and_in_the_subgroup() -> None:
    assert pedersen.hash_to_curve(pedersen.LABEL, pedersen.DST) == pedersen.H
    pedersen.check_commitment(pedersen.H)


@settings(max_examples=15)
@given(st.lists(quantities, max_size=5))
def test_a_total_opens_while_its_parts_stay_sealed(parts: list[int]) -> None:
    openings = [pedersen.new_opening(m) for m in parts]
    total = pedersen.add_openings(openings)
    assert total.m == sum(parts)
    assert pedersen.verify(pedersen.add_commitments(map(pedersen.commit, openings)), total)


@settings(max_examples=15)
@given(quantities, st.integers(1, 1000))
def test_a_commitment_opens_to_nothing_else(m: int, more: int) -> None:
    opening = pedersen.new_opening(m)
    sealed = pedersen.commit(opening)
    assert pedersen.verify(sealed, opening)
    assert not pedersen.verify(sealed, Opening(m + more, opening.r))
    assert not pedersen.verify(sealed, pedersen.new_opening(m))
    pedersen.check_commitment(sealed)


def test_equal_quantities_look_different() -> None:
    assert len({pedersen.commit(pedersen.new_opening(5)) for _ in range(5)}) == 5


def test_zero_quantity_and_zero_blinding() -> None:
    blinding = pedersen.new_opening(0)
    assert pedersen.commit(blinding) == bindings.crypto_scalarmult_ed25519_base_noclamp(blinding.r)
    assert pedersen.commit(Opening(1, ZERO)) == pedersen.H
    assert pedersen.commit(Opening(0, ZERO)) == IDENTITY
    assert pedersen.add_commitments([]) == IDENTITY
    assert pedersen.add_openings([]) == Opening(0, ZERO)


def test_blindings_that_cancel_leave_the_bare_quantity() -> None:
    one = pedersen.new_opening(3)
    other = Opening(4, bindings.crypto_core_ed25519_scalar_negate(one.r))
    both = [pedersen.commit(one), pedersen.commit(other)]
    assert pedersen.add_openings([one, other]) == Opening(7, ZERO)
    assert pedersen.verify(pedersen.add_commitments(both), Opening(7, ZERO))


@pytest.mark.parametrize(
    ("m", "r", "code"),
    [
        (-1, ZERO, "pedersen.quantity"),
        (MAX_QUANTITY + 1, ZERO, "pedersen.quantity"),
        (True, ZERO, "pedersen.quantity"),
        (1.0, ZERO, "pedersen.quantity"),
        (1, bytes(31), "pedersen.scalar"),
        (1, "x" * 32, "pedersen.scalar"),
        (1, ORDER.to_bytes(32, "little"), "pedersen.scalar"),
    ],
)
def test_other_openings_are_refused(m: Any, r: Any, code: str) -> None:
    with pytest.raises(StatementError) as refused:
        Opening(m, r)
    assert refused.value.code == code


def test_a_sum_beyond_the_range_is_refused() -> None:
    with pytest.raises(StatementError) as refused:
        pedersen.add_openings([Opening(MAX_QUANTITY, ZERO), Opening(1, ZERO)])
    assert refused.value.code == "pedersen.quantity"


@pytest.mark.parametrize(
    "point",
    [
        bytes(31),
        ZERO,  # order 4
        IDENTITY,
        b"\xff" * 32,
        (2).to_bytes(32, "little"),  # not on the curve
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),  # order 8
        bytes.fromhex(
            "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d"
        ),  # with a part of order 8
    ],
)
def test_points_outside_the_subgroup_are_refused(point: bytes) -> None:
    with pytest.raises(StatementError) as refused:
        pedersen.check_commitment(point)
    assert refused.value.code == "pedersen.point"


@pytest.mark.parametrize("point", [bytes(31), (2).to_bytes(32, "little"), "x" * 32])
def test_what_is_no_point_is_not_added(point: Any) -> None:
    with pytest.raises(StatementError) as refused:
        pedersen.add_commitments([pedersen.H, point])
    assert refused.value.code == "pedersen.point"


def test_threads_give_the_same_answers() -> None:
    openings = [pedersen.new_opening(m) for m in range(40)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(pedersen.commit, openings)) == [pedersen.commit(o) for o in openings]

"""Worked examples: a lost paper, a correction, goods sent back, an attack that gains nothing."""

from __future__ import annotations

import datetime

from tests.scheme.world import AS_OF, REGISTER, change, dispatched, event, fact, issued, received, validated

from adamas.scheme.admission import supervise
from adamas.scheme.lifecycle import State


def story(*facts, as_of=AS_OF):
    """State and short codes of all that is found (notes left out)."""
    record, findings = supervise(facts, REGISTER, as_of)
    return record, [f.code.removeprefix("admission.") for f in findings if f.severity != "note"]


def test_a_lost_certificate_is_replaced_and_the_goods_arrive_on_the_new_one():
    old = issued()
    new = issued(change(number="BW0001235", issued="2023-03-10"), refs={"replaces": old.id})
    lost = event(old, "certificate.revoked", "2023-03-09", revoked="2023-03-09", why="lost")
    payload = {
        "v": 1, "type": "certificate.replaced", "replaced": "2023-03-10", "by": "BW0001235", "why": "lost",
        "refs": {"certificate": old.id, "replacement": new.id},
    }  # fmt: skip
    replaced = fact(payload, "2023-03-10")
    record, found = story(old, validated(old), lost, replaced)
    assert (record.state, record.replaced_by, found) == (State.REPLACED, "BW0001235", [])
    arrived, found = story(new, validated(new, "2023-03-10"), received(new, "2023-03-20"))
    assert (arrived.state, arrived.replaces, found) == (State.RECEIVED, old.id, [])
    _, found = story(old, validated(old), lost, replaced, received(old, "2023-03-20"))
    assert found == ["certificate-void"]


def test_a_certificate_that_expired_on_the_way_arrives_lawfully_once_both_authorities_corrected_it():
    one = issued()
    late = received(one, "2023-05-10")
    assert story(one, validated(one), late)[1] == ["expired"]
    correction = event(
        one, "certificate.corrected", "2023-05-05", corrected="2023-05-05", why="storm", expires="2023-05-20"
    )
    agreed = event(
        one,
        "correction.confirmed",
        "2023-05-06",
        by="kp:AE/authority",
        confirmed="2023-05-06",
        refs={"correction": correction.id},
    )
    assert story(one, validated(one), correction, late)[1] == ["expired"]
    record, found = story(late, agreed, correction, validated(one), one)
    assert (record.state, record.expires, found) == (State.RECEIVED, "2023-05-20", [])


def test_refused_goods_go_back_on_a_technical_certificate():
    one = issued()
    refused = event(
        one,
        "shipment.refused",
        "2023-03-12",
        by="kp:AE/authority",
        at="AE",
        refused="2023-03-12",
        why="seals",
    )
    back = event(
        one,
        "shipment.returned",
        "2023-03-20",
        by="kp:AE/authority",
        returned="2023-03-20",
        why="seals broken",
        technical="AE0000007",
    )
    record, found = story(one, validated(one), dispatched(one), refused, back)
    assert (record.state, record.refused, record.returned, found) == (
        State.RETURNED, "2023-03-12", "2023-03-20", [],
    )  # fmt: skip


def test_goods_for_a_fair_travel_on_a_technical_certificate_that_says_why():
    one = issued(technical="fair in Dubai, goods to return")
    record, found = story(one, validated(one), received(one))
    assert (record.technical, found) == ("fair in Dubai, goods to return", [])


def test_a_shipment_of_which_nothing_is_heard_is_overdue():
    one = issued()
    record, found = story(one, validated(one), dispatched(one), as_of=datetime.date(2023, 6, 1))
    assert (record.state, found) == (State.SHIPPED, ["overdue"])


def test_a_neighbour_with_a_valid_key_gains_nothing():
    one = issued()
    facts = [one, validated(one), received(one)]
    before, _ = story(*facts)
    attacks = [
        issued(change(to="IN"), by="kp:ZW/authority"),
        event(
            one, "certificate.revoked", "2023-03-06", by="kp:ZW/authority", revoked="2023-03-06", why="stolen"
        ),
        received(one, "2023-03-11", by="kp:IN/authority", at="IN"),
        validated(one, "2023-03-05", by="kp:AE/authority"),
    ]
    record, found = story(*facts, *attacks)
    assert (record.state, record.to, record.received) == (before.state, before.to, before.received)
    assert found.count("wrong-authority") == len(attacks)

"""A certificate's record is a function of the set of its facts, and never leaves the lifecycle table."""

from __future__ import annotations

import itertools
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scheme.world import (
    CARATS,
    OTHER_CARATS,
    OTHER_VALUE,
    at,
    change,
    dispatched,
    event,
    fact,
    issued,
    received,
    validated,
)

from adamas.scheme.certificates import CertificateRecord, canonical_order, extend, in_order, record_of, status
from adamas.scheme.lifecycle import CLOCK, TRANSITIONS, State

CERTIFICATE = issued()
VALIDATED = validated(CERTIFICATE)
DISPATCHED = dispatched(CERTIFICATE)
RECEIVED = received(CERTIFICATE)
SECOND = received(CERTIFICATE, "2023-03-15")
VOID = event(CERTIFICATE, "certificate.revoked", "2023-03-08", revoked="2023-03-08", why="void")
SEIZED = event(
    CERTIFICATE, "shipment.seized", "2023-03-13", by="kp:EU/customs", at="EU", seized="2023-03-13", why="x"
)
CORRECTED = event(
    CERTIFICATE,
    "certificate.corrected",
    "2023-03-07",
    corrected="2023-03-07",
    why="date",
    expires="2023-06-01",
    sealed={"carats": OTHER_CARATS, "value": OTHER_VALUE},
)
CONFIRMED = event(
    CERTIFICATE,
    "correction.confirmed",
    "2023-03-08",
    by="kp:AE/authority",
    confirmed="2023-03-08",
    refs={"correction": CORRECTED.id},
)
REUSED = issued(change(to="IN", issued="2023-03-20", expires="2023-05-01"))
STRANGER = event(
    CERTIFICATE, "certificate.revoked", "2023-03-07", by="kp:ZW/authority", revoked="2023-03-07", why="void"
)
REFUSED = event(
    CERTIFICATE,
    "shipment.refused",
    "2023-03-11",
    by="kp:AE/authority",
    at="AE",
    refused="2023-03-11",
    why="seals",
)
FORGED = event(
    CERTIFICATE, "forgery.reported", "2023-03-30", by="kp:IN/authority", at="IN", reported="2023-03-30"
)
LOST_KEY = received(CERTIFICATE, "2023-03-11", standing="invalid")
POOL = [
    CERTIFICATE, VALIDATED, DISPATCHED, RECEIVED, SECOND, VOID, SEIZED, CORRECTED, CONFIRMED, REUSED,
    STRANGER, REFUSED, FORGED, LOST_KEY,
]  # fmt: skip


def test_a_whole_life():
    record = record_of([CERTIFICATE, VALIDATED, DISPATCHED, RECEIVED])
    assert record.state is State.RECEIVED
    assert (record.to, record.validated, record.dispatched, record.received) == (
        "AE", "2023-03-05", "2023-03-06", "2023-03-12",
    )  # fmt: skip
    assert record.sealed_carats == record.found_carats == CARATS
    assert record.findings == record.waiting == ()
    assert [step.after for step in record.history] == ["issued", "validated", "shipped", "received"]


@given(st.data())
def test_no_order_of_arrival_changes_the_record(data):
    chosen = data.draw(st.lists(st.sampled_from(POOL), unique=True, min_size=1))
    expected = record_of(chosen)
    again = data.draw(st.permutations(chosen + chosen[:2]))
    assert record_of(again) == expected


@given(st.lists(st.sampled_from(POOL), unique=True, min_size=1))
def test_adding_facts_one_by_one_gives_the_same_record(facts):
    ordered, waiting = canonical_order(facts)
    record = CertificateRecord(ordered[0].subject if ordered else facts[0].subject)
    seen = []
    for one in [*ordered, *waiting]:
        seen.append(one)
        record = extend(record, one) if in_order(record, one) else record_of(seen)
        assert record == record_of(seen)


@given(st.lists(st.sampled_from(POOL), unique=True))
def test_the_lifecycle_never_leaves_the_table(facts):
    record = record_of(facts)
    state = State.ABSENT
    for step in record.history:
        assert step.before is state
        if step.legal:
            assert TRANSITIONS[step.before, step.event].to is step.after
        else:
            assert step.after is step.before
        state = step.after
    assert record.state is state


def test_a_fact_waits_for_what_it_refers_to_and_is_judged_when_that_comes():
    record = record_of([RECEIVED, VALIDATED])
    assert record.state is State.ABSENT
    assert record.waiting == tuple(sorted([RECEIVED.id, VALIDATED.id]))
    assert not in_order(record, CERTIFICATE)
    with pytest.raises(ValueError, match="canonical"):
        extend(record, CERTIFICATE)
    assert record_of([RECEIVED, VALIDATED, CERTIFICATE]).state is State.RECEIVED


def test_a_confirmed_correction_counts_and_an_unconfirmed_one_does_not():
    alone = record_of([CERTIFICATE, VALIDATED, CORRECTED])
    assert (alone.expires, alone.sealed_carats) == ("2023-05-03", CARATS)
    both = record_of([CERTIFICATE, VALIDATED, CORRECTED, CONFIRMED])
    assert (both.expires, both.sealed_carats, both.sealed_value) == ("2023-06-01", OTHER_CARATS, OTHER_VALUE)
    assert both.corrections == (CORRECTED.id,)
    assert both.pending == ()


def test_a_stranger_cannot_move_a_certificate():
    record = record_of([CERTIFICATE, VALIDATED, STRANGER])
    assert record.state is State.VALIDATED
    assert [finding.code for finding in record.findings] == ["admission.wrong-authority"]


def test_a_private_firm_cannot_move_a_certificate():
    firm = event(
        CERTIFICATE, "certificate.revoked", "2023-03-07", by="kp:BW/org/x", revoked="2023-03-07", why="void"
    )
    assert record_of([CERTIFICATE, firm]).state is State.ISSUED


def test_a_reused_number_leaves_the_first_certificate_as_it_was():
    record = record_of([REUSED, CERTIFICATE])
    assert record.to == "AE"
    assert [finding.code for finding in record.findings] == ["admission.number-reused"]


def test_a_second_confirmation_changes_nothing():
    record = record_of([CERTIFICATE, VALIDATED, RECEIVED, SECOND])
    assert record.received == "2023-03-12"
    assert [finding.code for finding in record.findings] == ["admission.second-confirmation"]


def test_what_an_invalid_key_signed_changes_nothing():
    assert record_of([CERTIFICATE, VALIDATED, LOST_KEY]).state is State.VALIDATED


def test_a_payload_of_another_shape_changes_nothing_and_breaks_nothing():
    for payload in (
        {"v": 1, "type": "certificate.issued"},
        {**CERTIFICATE.payload, "hs": 7},
        {**CERTIFICATE.payload, "expires": "2023-99-99"},
        {**CERTIFICATE.payload, "issued": 5},
    ):
        assert record_of([fact(payload, "2023-03-04")]).state is State.ABSENT
    odd = event(CERTIFICATE, "certificate.revoked", "2023-03-09", revoked="2023-03-09", why=["void"])
    assert record_of([CERTIFICATE, odd]).state is State.VOID


def test_copies_in_several_logs_are_one_fact_and_the_best_standing_counts():
    copy = received(CERTIFICATE)
    doubtful = type(copy)(
        copy.id, copy.type, copy.issuer, copy.subject, copy.at, copy.payload, "other", 7, None, "invalid"
    )
    facts = [CERTIFICATE, VALIDATED, doubtful, copy]
    assert {record_of(order).state for order in itertools.permutations(facts)} == {State.RECEIVED}


def test_only_the_calendar_expires_and_calls_late():
    assert not any(move.to in (State.EXPIRED, State.OVERDUE) for move in TRANSITIONS.values())
    record = record_of([CERTIFICATE, VALIDATED])
    assert status(record, "2023-05-03") is State.VALIDATED
    assert status(record, "2023-05-04") is State.EXPIRED
    assert status(record, "2023-05-17") is State.EXPIRED
    assert status(record, "2023-05-18") is State.OVERDUE
    assert status(record_of([CERTIFICATE]), "2024-01-01") is State.EXPIRED
    assert status(record_of([CERTIFICATE, VALIDATED, RECEIVED]), "2024-01-01") is State.RECEIVED
    assert {move.to for move in CLOCK.values()} == {State.EXPIRED, State.OVERDUE}


def test_goods_on_a_void_certificate_are_stopped_not_received():
    stopped = event(
        CERTIFICATE,
        "shipment.refused",
        "2023-03-12",
        by="kp:AE/authority",
        at="AE",
        refused="2023-03-12",
        why="void",
    )
    assert (
        record_of([CERTIFICATE, VALIDATED, VOID, RECEIVED]).findings[0].code == "admission.certificate-void"
    )
    assert record_of([CERTIFICATE, VALIDATED, VOID, stopped]).state is State.VOID


def test_records_cross_process_borders():
    record = record_of(POOL)
    assert pickle.loads(pickle.dumps(record)) == record


def test_the_time_claimed_decides_the_order_and_the_id_breaks_ties():
    early = event(
        CERTIFICATE,
        "shipment.seized",
        "2023-03-13",
        by="kp:EU/customs",
        at="EU",
        seized="2023-03-13",
        why="y",
    )
    assert early.at == SEIZED.at == at("2023-03-13")
    ordered, _ = canonical_order([SEIZED, early, CERTIFICATE, VALIDATED])
    assert [one.id for one in ordered[2:]] == sorted([SEIZED.id, early.id])

"""The synthetic year: labelled, the same for everyone, tied to real totals, and without a single fault."""

from __future__ import annotations

import hashlib

import pytest
from tests.scheme.world import AS_OF, CARATS, OTHER_CARATS, OTHER_VALUE, REGISTER, VALUE, at, fact

from adamas.scheme.admission import supervise
from adamas.scheme.arrival import compare
from adamas.scheme.returns import carats_of, production_returns
from adamas.scheme.statements import issued_payload, received_payload, validated_payload
from adamas.scheme.synthetic import LABEL, synthetic_year

YEAR = synthetic_year(2_000)


def test_first_hand_certificates_add_up_to_the_real_production_of_the_year():
    totals: dict[str, tuple[int, int]] = {}
    for one in YEAR.certificates:
        if one.first_hand:
            carats, value = totals.get(one.participant, (0, 0))
            totals[one.participant] = (carats + one.issue.carats, value + one.issue.value)
    assert (
        totals
        == YEAR.production
        == dict(sorted(carats_of([e.as_fact() for e in production_returns()], 2023).items()))
    )


def test_nothing_is_sent_on_that_was_not_received_before():
    by_number = {one.issue.number: one for one in YEAR.certificates}
    drawn: dict[str, int] = {}
    for one in YEAR.certificates:
        assert one.first_hand is not bool(one.drawn)
        for number, carats in one.drawn:
            source = by_number[number]
            assert source.issue.to == one.participant
            assert source.receive.received < one.issue.issued
            assert set(source.issue.origin) <= set(one.issue.origin)
            drawn[number] = drawn.get(number, 0) + carats
        if one.drawn:
            assert sum(carats for _, carats in one.drawn) == one.issue.carats
    assert all(carats <= by_number[number].issue.carats for number, carats in drawn.items())


def test_everything_made_up_says_so():
    assert YEAR.label == LABEL
    assert all(
        one.issue.exporter.startswith(LABEL) and one.issue.importer.startswith(LABEL)
        for one in YEAR.certificates
    )


def test_the_same_seed_gives_the_same_year_and_another_seed_another():
    assert synthetic_year(2_000).certificates == YEAR.certificates
    assert synthetic_year(500, seed=1).certificates != synthetic_year(500, seed=2).certificates


def test_the_year_is_the_same_on_every_machine():
    digest = hashlib.sha256(repr(synthetic_year(1_000).certificates).encode()).hexdigest()
    assert digest == "2c69fb55343c8b2379b84aae86b89f3bbe51bc6f20184668c54224a8cccc7072"


def test_there_are_mixed_origins_several_parcels_and_real_corridors():
    mixed = [one for one in YEAR.certificates if len(one.issue.origin) > 1]
    assert len(mixed) > 200
    assert any(one.issue.shares for one in mixed)
    assert any(len(one.issue.parcels) >= 4 for one in YEAR.certificates)
    assert len(YEAR.participants) > 25
    assert len({one.issue.number for one in YEAR.certificates}) == len(YEAR.certificates) == 2_000


def test_acts_come_in_order_of_time():
    events = list(YEAR.events(dispatches=True))
    assert len(events) == 4 * len(YEAR.certificates)
    assert [event.at for event in events] == sorted(event.at for event in events)
    seen: dict[str, list[str]] = {}
    for event in events:
        seen.setdefault(event.command.number, []).append(event.kind)
    assert all(kinds == ["issue", "validate", "dispatch", "receive"] for kinds in seen.values())


def test_no_rule_finds_anything_in_a_synthetic_year():
    found = []
    for one in YEAR.certificates[::2]:
        found += _supervised(one)
    assert {finding.code for finding in found} <= {"admission.exporter-restricted"}
    assert {finding.severity for finding in found} <= {"note"}


def _supervised(one):
    number, sender, to = one.issue.number, f"kp:{one.participant}/authority", f"kp:{one.issue.to}/authority"
    payload = issued_payload(one.issue, sealed={"carats": CARATS, "value": VALUE}, hidden=[b"a" * 32])
    issued = fact(payload, one.issue.issued, by=sender, on=number)
    validated = fact(
        validated_payload(one.validate, issued.id), one.validate.validated, by=sender, on=number,
        seconds=at(one.validate.validated, 11),
    )  # fmt: skip
    agrees = compare(
        carats=one.issue.carats, value=one.issue.value, parcels=len(one.issue.parcels),
        found_carats=one.receive.carats, found_value=one.receive.value, found_parcels=one.receive.parcels,
    )  # fmt: skip
    assert agrees != "discrepancy"
    other = {"carats": OTHER_CARATS, "value": OTHER_VALUE}
    sealed = {"carats": CARATS, "value": VALUE} if agrees == "exact" else other
    payload = received_payload(one.receive, issued.id, agrees=agrees, sealed=sealed)
    received = fact(payload, one.receive.received, by=to, on=number)
    return supervise([received, issued, validated], REGISTER, AS_OF)[1]


@pytest.mark.parametrize("year", [2006, 2014])
def test_who_was_not_in_good_standing_takes_no_part(year):
    made = synthetic_year(800, year=year)
    stopped = {2006: {"CG", "CI", "LR"}, 2014: {"CF", "VE", "CI"}}[year]
    assert not stopped & set(made.participants)
    producers = {one.participant for one in made.certificates if one.first_hand}
    assert producers == set(made.production)
    for one in made.certificates[::20]:
        assert REGISTER.standing(one.participant, one.issue.issued).good
        assert REGISTER.standing(one.issue.to, one.receive.received).good

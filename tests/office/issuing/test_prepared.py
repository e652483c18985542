"""A certificate is prepared, approved by its digest, and signed: these bytes or none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.office.conftest import World, command, entries

from adamas.ledger import cbor
from adamas.ledger import statement as statements
from adamas.office.certification import actions
from adamas.office.certification.prepared import Prepared, parse
from adamas.office.errors import BatchRefused, PreparedError

THREE = ("exporter@x", "approver@x", "signer@x")


def prepared(world: World, serial: int = 1, **changes: object) -> Prepared:
    return actions.prepare_issue(world.bw, command(serial, **changes), people=THREE)


def test_what_was_approved_is_signed_byte_for_byte(world: World):
    before = len(entries(world.bw))
    ready = prepared(world)
    assert len(entries(world.bw)) == before, "preparing logs nothing"
    kept = parse(ready.raw())
    result = actions.issue_prepared(world.bw, kept, ready.digest, people=THREE)
    logged = statements.parse(entries(world.bw)[result.indices[0]])
    assert logged.payload_bytes == ready.payload
    assert (logged.issuer, logged.subject) == (ready.issuer, ready.number)
    assert world.bw.records(["BW0000001"])["BW0000001"].state == "issued"
    again = actions.issue_prepared(world.bw, kept, ready.digest, people=THREE)
    assert again.ids == result.ids
    assert again.accepted[0].again, "the same approval twice gives one statement"
    assert len(entries(world.bw)) == before + 1


@pytest.mark.parametrize("what", ["value", "number", "issuer", "hidden", "other"])
def test_an_approval_is_of_one_payload_and_no_other(world: World, what: str):
    ready = prepared(world)
    approved = ready.digest
    if what == "value":
        changed = replace(ready, payload=cbor.encode({**ready.content, "to": "EU"}))
    elif what == "number":
        changed = replace(ready, number="BW0000002")
    elif what == "issuer":
        changed = replace(ready, issuer="kp:BW/authority/other")
    elif what == "other":
        changed = prepared(world)
        assert changed.digest != approved, "the same command prepared twice has other salts"
    else:
        changed = replace(ready, disclosures=prepared(world, 3).disclosures)
    with pytest.raises(PreparedError) as caught:
        actions.issue_prepared(world.bw, changed, approved, people=THREE)
    assert caught.value.code == ("prepared.hidden" if what == "hidden" else "prepared.not-approved")
    assert not world.bw.records(["BW0000001", "BW0000002"])


def test_a_number_used_meanwhile_is_not_issued_again(world: World):
    ready = prepared(world)
    actions.issue(world.bw, [command(1, exporter="Somebody Else")])
    with pytest.raises(BatchRefused) as caught:
        actions.issue_prepared(world.bw, ready, ready.digest, people=THREE)
    assert caught.value.code == "admission.number-reused"


def test_rules_are_asked_again_on_the_day_of_issue(world: World):
    ready = prepared(world)
    world.clock.now += 40 * 86_400
    with pytest.raises(BatchRefused) as caught:
        actions.issue_prepared(world.bw, ready, ready.digest, people=THREE)
    assert caught.value.code == "admission.issued-long-past"


@pytest.mark.parametrize(
    "people", [("a", "b", "a"), ("a", "a", "b"), ("b", "a", "a"), ("a", "a", "a"), ("", "a", "b")]
)
def test_three_people(world: World, people: tuple[str, str, str]):
    with pytest.raises(BatchRefused) as caught:
        actions.prepare_issue(world.bw, command(1), people=people)
    assert caught.value.code == "admission.three-people"
    assert caught.value.clause == "II(b); IV(a)"
    ready = prepared(world)
    with pytest.raises(BatchRefused) as caught:
        actions.issue_prepared(world.bw, ready, ready.digest, people=people)
    assert caught.value.code == "admission.three-people"


@pytest.mark.parametrize("raw", [b"", b"\x80", cbor.encode(["adamas.prepared", "a", "b", b"", [b"x"]])])
def test_damaged_ones_are_named(raw: bytes):
    with pytest.raises(PreparedError):
        parse(raw)


@pytest.mark.database
def test_the_largest_application_fits_into_its_statement(world: World):
    from adamas.office.issuing.applying import MAX_PARCELS
    from adamas.scheme.values import MAX_CARATS, MAX_CENTS, Carats, Parcel, UsdCents

    parcels = tuple(
        Parcel("710231", Carats(MAX_CARATS // 500), UsdCents(MAX_CENTS // 500)) for _ in range(MAX_PARCELS)
    )
    long = "钻" * 1_000
    ready = prepared(
        world, parcels=parcels, exporter=long, importer=long, seals=("s" * 1_000,), technical="t" * 80
    )
    assert actions.issue_prepared(world.bw, ready, ready.digest, people=THREE).ids

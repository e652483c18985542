"""The certification desk: what is let in, what is refused, what stays private, and what two offices say together."""

from __future__ import annotations

import dataclasses

import pytest
from tests.office.conftest import World, arrival, command, entries, feed, validation

from adamas.ledger import statement as statements
from adamas.office.certification import actions as desk
from adamas.office.certification import notice, private
from adamas.office.certification.models import Certificate
from adamas.office.errors import BatchRefused, NoticeError
from adamas.office.log.models import Fact, Finding
from adamas.scheme.certificates import State
from adamas.scheme.statements import (
    CorrectCommand,
    DispatchCommand,
    RefuseCommand,
    ReplaceCommand,
    RevokeCommand,
)

pytestmark = pytest.mark.database


def shipped(world: World, *serials: int) -> None:
    """Certificates issued, validated, followed and told to the importer."""
    desk.issue(world.bw, [command(n) for n in serials])
    desk.validate(world.bw, [validation(n) for n in serials])
    feed(world.ae, world.bw)
    assert not notice.take_in(world.ae, notice.export(world.bw, to="AE")).refused


def test_a_certificate_from_issue_to_confirmed_arrival(world: World) -> None:
    shipped(world, 1)
    done = desk.receive(world.ae, [arrival(1)])
    feed(world.bw, world.ae)
    record = world.bw.records(["BW0000001"])["BW0000001"]
    assert record.state is State.RECEIVED
    assert record.agrees == "exact"
    assert (record.found_carats, record.found_value) == (record.sealed_carats, record.sealed_value)
    row = Certificate.objects.using(world.bw.alias).get(number="BW0000001")
    assert (row.state, row.received, bytes(row.received_id)) == ("received", "2025-03-03", done.ids[0])
    assert not Finding.objects.using(world.bw.alias).exists()


def test_names_and_quantities_are_in_the_private_store_and_in_no_entry(world: World) -> None:
    desk.issue(world.bw, [command(1)])
    assert not any(b"Okavango" in raw for raw in entries(world.bw))
    held = private.of(world.bw.alias, ["BW0000001"])["BW0000001"]
    assert {d.name for _, d in held} == {"parties", "goods", "amounts"}
    assert len(entries(world.bw)[-1]) < 560


def test_asking_again_gives_the_same_statement(world: World) -> None:
    first = desk.issue(world.bw, [command(1)])
    again = desk.issue(world.bw, [command(1), command(2), command(2)])
    assert again.ids[0] == first.ids[0]
    assert [row.again for row in again.accepted] == [True, False, True]
    assert Certificate.objects.using(world.bw.alias).count() == 2


def test_another_certificate_of_the_same_number_is_refused(world: World) -> None:
    desk.issue(world.bw, [command(1)])
    with pytest.raises(BatchRefused) as refused:
        desk.issue(world.bw, [command(1, importer="Somebody Else")])
    assert refused.value.code == "admission.number-reused"


def test_one_bad_row_keeps_the_whole_batch_out_and_every_bad_row_is_named(world: World) -> None:
    size = len(entries(world.bw))
    rows = [command(1), command(2, approver="is-1"), command(3, to="XX"), command(4)]
    with pytest.raises(BatchRefused) as refused:
        desk.issue(world.bw, rows)
    assert [bad.row for bad in refused.value.refused] == [1, 2]
    assert all(f.clause and f.sentence for bad in refused.value.refused for f in bad.findings)
    assert len(entries(world.bw)) == size
    done = desk.issue(world.bw, rows, skip_bad=True)
    assert [row.row for row in done.accepted] == [0, 3]
    assert [row.row for row in done.refused] == [1, 2]
    assert len(entries(world.bw)) == size + 2


def test_a_participant_that_is_not_hosted_here_cannot_be_spoken_for(world: World) -> None:
    with pytest.raises(BatchRefused) as refused:
        desk.issue(world.bw, [command(1, number="ZA0000001", origin=("ZA",))])
    assert refused.value.code == "admission.no-key"


def test_no_shipment_travels_on_a_void_certificate(world: World) -> None:
    shipped(world, 1)
    desk.revoke(world.bw, [RevokeCommand("BW0000001", "2025-03-03", "void")])
    feed(world.ae, world.bw)
    for act in (
        lambda: desk.receive(world.ae, [arrival(1)]),
        lambda: desk.dispatch(world.bw, [DispatchCommand("BW0000001", "2025-03-03")]),
    ):
        with pytest.raises(BatchRefused) as refused:
            act()
        assert refused.value.code == "admission.certificate-void"


def test_a_second_confirmation_is_refused_by_name(world: World) -> None:
    shipped(world, 1)
    desk.receive(world.ae, [arrival(1)])
    with pytest.raises(BatchRefused) as refused:
        desk.receive(world.ae, [arrival(1, carats=1002)])
    assert refused.value.code == "admission.second-confirmation"


def test_an_arrival_without_notice_says_what_is_missing(world: World) -> None:
    desk.issue(world.bw, [command(1)])
    desk.validate(world.bw, [validation(1)])
    with pytest.raises(BatchRefused) as unknown:
        desk.receive(world.ae, [arrival(1)])
    assert unknown.value.code == "admission.unknown-certificate"
    feed(world.ae, world.bw)
    with pytest.raises(BatchRefused) as untold:
        desk.receive(world.ae, [arrival(1)])
    assert untold.value.code == "admission.no-notice"


def test_a_shipment_that_lost_carats_on_the_way_is_a_discrepancy_for_all_to_see(world: World) -> None:
    shipped(world, 1)
    done = desk.receive(world.ae, [arrival(1, carats=500)])
    record = world.ae.records(["BW0000001"])["BW0000001"]
    assert record.agrees == "discrepancy"
    assert record.found_carats != record.sealed_carats
    assert any(f.severity == "finding" for f in done.accepted[0].findings)


def test_a_refused_shipment(world: World) -> None:
    shipped(world, 1)
    desk.refuse(world.ae, [RefuseCommand("BW0000001", "AE", "2025-03-03", "seals")])
    assert world.ae.records(["BW0000001"])["BW0000001"].state is State.REFUSED


def test_a_correction_counts_when_both_authorities_have_it(world: World) -> None:
    shipped(world, 1)
    desk.correct(world.bw, [CorrectCommand("BW0000001", "2025-03-03", "typing error", hs=("710221",))])
    feed(world.ae, world.bw)
    assert world.ae.records(["BW0000001"])["BW0000001"].hs == ("710231",)
    desk.confirm_correction(world.ae, "BW0000001", "2025-03-03")
    assert world.ae.records(["BW0000001"])["BW0000001"].hs == ("710221",)
    with pytest.raises(BatchRefused) as refused:
        desk.confirm_correction(world.ae, "BW0000001", "2025-03-04")
    assert refused.value.code == "admission.no-correction"


def test_a_lost_certificate_is_replaced_by_another(world: World) -> None:
    desk.issue(world.bw, [command(1)])
    desk.revoke(world.bw, [RevokeCommand("BW0000001", "2025-03-03", "lost")])
    desk.issue(world.bw, [command(2, replaces="BW0000001")])
    desk.replace(world.bw, [ReplaceCommand("BW0000001", "2025-03-03", "BW0000002", "lost")])
    records = world.bw.records(["BW0000001", "BW0000002"])
    assert records["BW0000001"].state is State.REPLACED
    assert records["BW0000002"].replaces == records["BW0000001"].issued_id


def test_a_notice_that_lies_is_refused_and_the_honest_part_kept(world: World) -> None:
    desk.issue(world.bw, [command(1), command(2)])
    feed(world.ae, world.bw)
    from adamas.ledger import cbor, hidden

    body = cbor.decode(notice.export(world.bw, to="AE"), max_size=10**7)
    body["certificates"][1][2][0] = hidden.hide("parties", {"exporter": "x", "importer": "y"}).raw
    result = notice.take_in(world.ae, cbor.encode(body))
    assert result.accepted == ("BW0000001",)
    assert [(r.number, r.code) for r in result.refused] == [("BW0000002", "notice.unknown-digest")]
    with pytest.raises(NoticeError):
        notice.take_in(world.ae, b"\xa0")


def test_a_key_that_was_retired_signs_no_more(world: World) -> None:
    from adamas.office.registry import actions as registry

    desk.issue(world.bw, [command(1)])
    old = world.bw.signer("kp:BW/authority").kid
    registry.renew_key(world.bw, "kp:BW/authority")
    registry.retire_key(world.bw, old, issuer="kp:BW/authority")
    done = desk.issue(world.bw, [command(2)])
    assert statements.parse(entries(world.bw)[done.indices[0]]).kid != old
    assert Fact.objects.using(world.bw.alias).get(log=1, idx=done.indices[0]).standing == "valid"


def test_commands_are_named_by_all_they_hold() -> None:
    one = command(1)
    assert desk._digest("issue", one) == desk._digest("issue", command(1))
    for name, value in {"seals": ("S-2",), "expires": "2025-05-01", "technical": "fair"}.items():
        assert desk._digest("issue", one) != desk._digest("issue", dataclasses.replace(one, **{name: value}))

"""The audit finds every planted fault at its place, invents none, and never crashes on what a folder holds."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.analysis.world import DAY, NOON, World, make_world, signer, write_log

from adamas.analysis.audit import audit
from adamas.analysis.errors import AuditError
from adamas.analysis.report import Report
from adamas.analysis.trust import Trust
from adamas.ledger import statement as statements
from adamas.ledger.statement import Statement

AS_OF = datetime.date(2025, 6, 1)


def said(report: Report, *, notes: bool = False) -> set[tuple[str, int | None, str]]:
    """(origin's last word, index, code) of every fault."""
    return {
        (fault.origin.rsplit("/", 1)[-1], fault.index, fault.code)
        for fault in report.faults
        if notes or fault.severity != "note"
    }


def run(world: World, folder: Path, trust: Trust | None = None, **how: object) -> Report:
    world.publish(folder)
    return audit([folder], trust or world.trust, as_of=AS_OF, **how)  # type: ignore[arg-type]


@pytest.fixture
def world() -> World:
    """Ten good certificates from Botswana to the Emirates, all confirmed."""
    made = make_world()
    for n in range(10):
        made.whole(f"BW{n + 1:07d}", "AE", day=n)
    return made


def test_good_logs_have_no_fault(world: World, tmp_path: Path) -> None:
    report = run(world, tmp_path)
    assert report.faults == []
    assert report.missing == []
    assert report.exit_code == 0
    assert report.certificates == 10
    assert report.statements == sum(log.size for log in report.logs)
    assert report.types["certificate.issued"] == 10
    assert all(log.signed and log.witnessed_at == NOON + 90 * DAY for log in report.logs)


def forged(world: World) -> None:
    world.issue("BW0000011", "AE", day=20)
    log = world.offices["BW"]
    log.entries[-1] = log.entries[-1][:-1] + bytes([log.entries[-1][-1] ^ 1])


def reused(world: World) -> None:
    world.issue("BW0000001", "AE", day=30)


def wrong_holder(world: World) -> None:
    log = world.offices["BW"]
    log.say("kp:AE/authority", "BW0000050", {"type": "x"}, key=signer("kp:BW/authority"))


def unknown_key(world: World) -> None:
    world.offices["BW"].say("kp:BW/authority", "BW0000050", {"type": "x"}, key=signer("nobody"))


def no_statement(world: World) -> None:
    world.offices["BW"].entries.append(b"\x01\x02")


def two_officers(world: World) -> None:
    world.issue("BW0000060", "AE", day=20, officer="is-1", approver="is-1")


def outsider(world: World) -> None:
    world.issue("BW0000062", "MC", day=20)


def out_of_range(world: World) -> None:
    world.issue("BW000000063", "AE", day=20)


def backdated(world: World) -> None:
    world.issue("BW0000064", "AE", day=-20)


def in_the_future(world: World) -> None:
    world.issue("BW0000067", "AE", day=200)


def overdue(world: World) -> None:
    world.validate(world.issue("BW0000065", "AE", day=20, expires="2025-02-01"), day=21)


def second_confirmation(world: World) -> None:
    world.receive(first(world), day=20)


def changed_at_arrival(world: World) -> None:
    issued = world.issue("BW0000066", "AE", day=30)
    world.validate(issued, day=31)
    world.receive(issued, day=33, agrees="discrepancy", parcels=2)


def not_root(world: World) -> None:
    payload = {"type": "participant.left", "from": "2025-01-01", "why": "left"}
    world.offices["BW"].say("kp:BW/authority", "ZZ", payload)


def malformed(world: World) -> None:
    world.offices["BW"].say("kp:BW/authority", "BW0000070", {"type": "certificate.issued", "to": "AE"})


def after_retirement(world: World) -> None:
    key = signer("kp:BW/authority")
    world.act(key.kid.hex(), {"type": "key.retired"}, copies=(world.offices["BW"],))
    world.issue("BW0000071", "AE", day=20)


def first(world: World) -> Statement:
    """The first certificate, in Botswana's log after genesis and the enrolment with its endorsement."""
    return statements.parse(world.offices["BW"].entries[3])


PLANTED: list[tuple[Callable[[World], None], str, int, set[str]]] = [
    (forged, "BW", -1, {"statement.signature"}),
    (reused, "BW", -1, {"admission.number-reused"}),
    (wrong_holder, "BW", -1, {"key.not-holder"}),
    (unknown_key, "BW", -1, {"key.unknown"}),
    (no_statement, "BW", -1, {"cbor.trailing"}),
    (two_officers, "BW", -1, {"admission.two-officers"}),
    (outsider, "BW", -1, {"admission.destination-not-participant"}),
    (out_of_range, "BW", -1, {"admission.number-out-of-range"}),
    (backdated, "BW", -1, {"admission.backdated"}),
    (in_the_future, "BW", -1, {"admission.future"}),
    (second_confirmation, "AE", -1, {"admission.second-confirmation"}),
    (changed_at_arrival, "AE", -1, {"admission.discrepancy"}),
    (overdue, "BW", -2, {"admission.overdue"}),
    (not_root, "BW", -1, {"act.not-root"}),
    (malformed, "BW", -1, {"form.shape.missing"}),
    (after_retirement, "BW", -1, {"key.retired"}),
]


@pytest.mark.parametrize(
    ("plant", "log", "place", "codes"), PLANTED, ids=[plant.__name__ for plant, *_ in PLANTED]
)
def test_a_planted_fault_is_found_where_it_lies_and_nothing_else(
    world: World, tmp_path: Path, plant: Callable[[World], None], log: str, place: int, codes: set[str]
) -> None:
    plant(world)
    report = run(world, tmp_path)
    index = len(world.offices[log].entries) + place
    assert said(report) == {(log, index, code) for code in codes}


def test_all_faults_at_once_are_found_and_none_is_invented(world: World, tmp_path: Path) -> None:
    expected = set()
    for plant, log, place, codes in PLANTED[:-1]:
        plant(world)
        expected |= {(log, len(world.offices[log].entries) + place, code) for code in codes}
    found = said(run(world, tmp_path))
    # the entry from the future makes all that follow it in that log look backdated
    assert {fault for fault in found if fault[2] != "admission.backdated"} == {
        fault for fault in expected if fault[2] != "admission.backdated"
    }
    assert expected <= found


def test_a_number_reused_in_another_log_is_found(world: World, tmp_path: Path) -> None:
    """The hosting office's log holds a second certificate of that number, signed with the same holder's key."""
    other = world.offices["AE"]
    other.entries += world.offices["BW"].entries[1:3]  # the copies of the key's enrolment
    world.offices["BW"], kept = other, world.offices["BW"]
    world.issue("BW0000003", "AE", day=30)
    world.offices = {"BW": kept, "AE": other}
    assert said(run(world, tmp_path)) == {("AE", len(other.entries) - 1, "admission.number-reused")}


def test_a_compromised_key_casts_doubt_back_to_the_last_witnessed_checkpoint(
    world: World, tmp_path: Path
) -> None:
    log = world.offices["BW"]
    witnessed = len(log.entries)
    world.whole("BW0000080", "AE", day=20)
    doubtful = [witnessed, witnessed + 1]
    payload = {"type": "key.compromised", "since": NOON + 15 * DAY}
    world.act(signer("kp:BW/authority").kid.hex(), payload, copies=(log,), at=NOON + 30 * DAY)
    world.issue("BW0000081", "AE", day=31)
    for other in (world.registry, world.offices["AE"]):
        other.publish(tmp_path)
    log.publish(tmp_path, earlier={witnessed: NOON + 15 * DAY})
    report = audit([tmp_path], world.trust, as_of=AS_OF)
    assert {(i, code) for log, i, code in said(report) if log == "BW"} == {
        *((index, "admission.key-doubtful") for index in doubtful),
        (len(log.entries) - 1, "key.compromised"),
    }
    shutil.rmtree(tmp_path / "adamas.example-log-BW" / "checkpoints")
    again = audit([tmp_path], world.trust, as_of=AS_OF)
    assert again.codes["admission.key-doubtful"] == 2 * 11  # nothing shows that they existed before


def test_an_earlier_checkpoint_that_is_not_of_this_tree_vouches_for_nothing(
    world: World, tmp_path: Path
) -> None:
    log = world.offices["BW"]
    payload = {"type": "key.compromised", "since": NOON + 15 * DAY}
    world.act(signer("kp:BW/authority").kid.hex(), payload, copies=(log,), at=NOON + 30 * DAY)
    world.publish(tmp_path)
    place = tmp_path / "adamas.example-log-BW"
    other = tmp_path / "other"
    other.mkdir()
    write_log(other, log.origin, log.entries[:3] + log.entries[4:], earlier={20: NOON})
    shutil.copytree(other / "checkpoints", place / "checkpoints")
    shutil.rmtree(other)
    assert audit([tmp_path], world.trust, as_of=AS_OF).codes["admission.key-doubtful"] == 20


def test_a_pillar_that_did_not_witness_is_named(world: World, tmp_path: Path) -> None:
    report = run_with(world, tmp_path, witnesses=("government", "industry"))
    assert report.faults == []
    assert report.exit_code == 2
    assert all(log.missing == ("civil",) and log.witnessed_at is None for log in report.logs)
    assert any("civil" in sentence for sentence in report.missing)


def test_an_act_short_of_roots_is_a_note_and_changes_nothing(world: World, tmp_path: Path) -> None:
    payload = {"type": "participant.left", "from": "2024-01-01", "why": "left"}
    world.registry.say("kp:registry/civil", "BW", payload)
    report = run(world, tmp_path)
    assert said(report) == set()
    assert said(report, notes=True) == {("registry", len(world.registry.entries) - 1, "act.pending")}


def test_two_registries_are_told_apart(world: World, tmp_path: Path) -> None:
    other = make_world(name=".other")
    assert other.trust != world.trust
    other.registry.publish(tmp_path)
    report = run(world, tmp_path, other.trust)
    assert {(log, code) for log, _, code in said(report)} >= {
        ("BW", "audit.registry"),
        ("AE", "audit.registry"),
    }
    assert report.exit_code == 1


def test_a_key_act_that_the_registry_does_not_have_is_found(world: World, tmp_path: Path) -> None:
    """Two pillars enrol a key behind the third one's back, in an office's log alone."""
    log = world.offices["BW"]
    hidden = make_world().registry
    hidden.now = world.registry.now + 1000
    world.registry, kept = hidden, world.registry
    world.enrol("kp:BW/authority", log, key=signer("secret"))
    world.registry = kept
    size = len(log.entries)
    assert said(run(world, tmp_path)) == {("BW", size - 2, "audit.copy"), ("BW", size - 1, "audit.copy")}


def test_an_end_of_a_key_that_an_office_does_not_copy_is_found(world: World, tmp_path: Path) -> None:
    payload = {"type": "key.compromised", "since": NOON}
    world.act(signer("kp:BW/authority").kid.hex(), payload)
    assert said(run(world, tmp_path)) == {("BW", None, "audit.copy-missing")}


def run_with(world: World, folder: Path, **how: object) -> Report:
    world.publish(folder, **how)
    return audit([folder], world.trust, as_of=AS_OF)


def test_without_a_registry_no_rule_is_judged_and_the_report_says_so(world: World, tmp_path: Path) -> None:
    world.offices["BW"].publish(tmp_path)
    report = audit([tmp_path], world.trust, as_of=AS_OF)
    assert report.faults == []
    assert report.exit_code == 2
    assert any("registry" in sentence for sentence in report.missing)


def test_a_folder_without_a_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuditError) as caught:
        audit([tmp_path])
    assert caught.value.code == "audit.no-log"


def test_several_processes_find_the_same(world: World, tmp_path: Path) -> None:
    for plant, *_ in PLANTED[:8]:
        plant(world)
    one = run(world, tmp_path, workers=1)
    many = audit([tmp_path], world.trust, as_of=AS_OF, workers=2)
    assert one.faults == many.faults
    assert one.codes == many.codes
    assert one.types == many.types


def test_the_progress_reaches_the_end(world: World, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    run(world, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 0
    assert [done for done, _ in told] == sorted(done for done, _ in told)

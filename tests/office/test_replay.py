"""Replay: whatever officers did, in whatever order, the views are what the log says."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.office.conftest import (
    ENGINE,
    Databases,
    World,
    arrival,
    command,
    entries,
    feed,
    validation,
)

from adamas.ledger import pedersen
from adamas.ledger.statement import leaf_id
from adamas.office.certification import actions as desk
from adamas.office.certification import notice, private
from adamas.office.certification.models import Certificate
from adamas.office.errors import BatchRefused, ReplayDiffers
from adamas.office.log import replay
from adamas.office.log.models import Finding
from adamas.office.registry import actions as registry
from adamas.office.statistics import actions as statistics
from adamas.office.statistics.models import Return
from adamas.scheme.statements import (
    CorrectCommand,
    DispatchCommand,
    ForgeryCommand,
    RefuseCommand,
    ReturnCommand,
    RevokeCommand,
    SeizeCommand,
)

pytestmark = pytest.mark.database
DAY = "2025-03-03"
SERIALS = st.integers(1, 4)
FEW = 4 if ENGINE == "sqlite" else 2  # a database is copied for each office of each example


def test_a_view_that_was_tampered_with_is_named_and_mended(world: World) -> None:
    desk.issue(world.bw, [command(1), command(2)])
    before = replay.verify(world.bw)
    Certificate.objects.using(world.bw.alias).filter(number="BW0000001").update(state="received")
    with pytest.raises(ReplayDiffers) as differs:
        replay.verify(world.bw)
    assert differs.value.where == "certification_certificate"
    assert replay.rebuild(world.bw).digests == before.digests
    assert replay.verify(world.bw) == before


def test_dropped_views_come_back_and_the_private_store_is_left_alone(world: World) -> None:
    from adamas.office.certification import private

    desk.issue(world.bw, [command(1)])
    before = replay.digests(world.bw.alias)
    for view in replay.VIEWS:
        view._default_manager.using(world.bw.alias).all().delete()
    assert replay.rebuild(world.bw).digests == before
    assert private.of(world.bw.alias, ["BW0000001"])
    desk.validate(world.bw, [validation(1)])
    replay.verify(world.bw)


def test_transcribed_returns_are_shown_as_transcribed_and_judged(world: World) -> None:
    from adamas.scheme.returns import production_returns

    world.bw.make_key(statistics.TRANSCRIBER)
    registry.enrol_keys(
        world.registry, [(statistics.TRANSCRIBER, world.bw.signer(statistics.TRANSCRIBER).public_key)]
    )
    feed(world.bw, world.registry)
    registry.adopt_keys(world.bw, holders=[statistics.TRANSCRIBER])
    returns = [(r.subject, r.payload()) for r in production_returns()[:60]]
    done = statistics.file_returns(world.bw, returns)
    assert len(done.accepted) == 60
    row = Return.objects.using(world.bw.alias).order_by("idx").first()
    assert row is not None
    assert (row.issuer, row.source != "") == ("kp:transcriber", True)
    assert Finding.objects.using(world.bw.alias).filter(scope__startswith="return:").exists()
    replay.verify(world.bw)


def conserved(world: World) -> None:
    """Carats are neither made nor lost: what the commitments add up to is what was declared, certificate for
    certificate and in all, and both offices say the same of each.
    """
    records = world.bw.records([f"BW{n:07d}" for n in range(1, 5)])
    there = world.ae.records(records)
    told = private.of(world.ae.alias, records)
    held = private.of(world.bw.alias, records)
    issued = {number: record for number, record in records.items() if record.issued_id}
    openings = []
    for number, record in issued.items():
        assert there[number] == record
        (amounts,) = private.openings(d for st, d in held[number] if st == record.issued_id)
        assert amounts["carats"].m == command(int(number[2:])).carats
        assert pedersen.verify(record.sealed_carats, amounts["carats"])
        openings.append(amounts["carats"])
        if record.agrees == "exact":
            assert (record.found_carats, record.found_value) == (record.sealed_carats, record.sealed_value)
        elif record.agrees:
            (found,) = private.openings(d for st, d in told[number] if st == record.received_id)
            assert pedersen.verify(record.found_carats, found["carats"])
            assert found["carats"].m == 700
    if openings:
        total = pedersen.add_openings(openings)
        assert total.m == sum(command(int(number[2:])).carats for number in issued)
        assert pedersen.verify(pedersen.add_commitments([r.sealed_carats for r in issued.values()]), total)


class Acts(RuleBasedStateMachine):
    """Two offices and a registry do what they like; refusals are part of life."""

    template: Path
    databases: Databases

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="acts-", dir=self.template.parent)
        self.world = World(Path(self.folder.name) / "w", self.template, self.databases)
        self.kept: dict[bytes, int] = {}
        self.places: dict[tuple[str, int], bytes] = {}

    def keep(self, act, *args: object) -> None:  # type: ignore[no-untyped-def]
        try:
            done = act(*args)
        except BatchRefused:
            return
        self.world.clock.now += 7
        for row in done.accepted:
            if row.again:
                assert self.kept.get(row.id, row.index) == row.index
            self.kept[row.id] = row.index
            origin = args[0].config.origin if args else self.world.bw.config.origin  # type: ignore[attr-defined]
            assert self.places.setdefault((origin, row.index), row.id) == row.id

    @rule(serials=st.lists(SERIALS, min_size=1, max_size=3))
    def issue(self, serials: list[int]) -> None:
        self.keep(desk.issue, self.world.bw, [command(n) for n in serials])

    @rule(n=SERIALS)
    def validate(self, n: int) -> None:
        self.keep(desk.validate, self.world.bw, [validation(n)])

    @rule(n=SERIALS)
    def dispatch(self, n: int) -> None:
        self.keep(desk.dispatch, self.world.bw, [DispatchCommand(f"BW{n:07d}", DAY)])

    @rule(n=SERIALS, carats=st.sampled_from([None, 700]))
    def receive(self, n: int, carats: int | None) -> None:
        feed(self.world.ae, self.world.bw)
        notice.take_in(self.world.ae, notice.export(self.world.bw, to="AE"))
        self.keep(desk.receive, self.world.ae, [arrival(n, **({"carats": carats} if carats else {}))])

    @rule(n=SERIALS)
    def refuse(self, n: int) -> None:
        self.keep(desk.refuse, self.world.ae, [RefuseCommand(f"BW{n:07d}", "AE", DAY, "seals")])

    @rule(n=SERIALS)
    def send_back(self, n: int) -> None:
        self.keep(desk.return_, self.world.ae, [ReturnCommand(f"BW{n:07d}", DAY, "not wanted")])

    @rule(n=SERIALS)
    def seize(self, n: int) -> None:
        self.keep(desk.seize, self.world.ae, [SeizeCommand(f"BW{n:07d}", "AE", DAY, "no papers")])

    @rule(n=SERIALS, why=st.sampled_from(["lost", "stolen", "void"]))
    def revoke(self, n: int, why: str) -> None:
        self.keep(desk.revoke, self.world.bw, [RevokeCommand(f"BW{n:07d}", DAY, why)])

    @rule(n=SERIALS)
    def correct(self, n: int) -> None:
        self.keep(desk.correct, self.world.bw, [CorrectCommand(f"BW{n:07d}", DAY, "typing", parcels=2)])
        feed(self.world.ae, self.world.bw)
        self.keep(desk.confirm_correction, self.world.ae, f"BW{n:07d}", DAY)

    @rule(n=SERIALS)
    def forged(self, n: int) -> None:
        self.keep(desk.report_forgery, self.world.ae, [ForgeryCommand(f"BW{n:07d}", "AE", DAY)])

    @rule()
    def follow_back(self) -> None:
        feed(self.world.bw, self.world.ae)

    @rule(kind=st.sampled_from(["restricted", "suspended"]), code=st.sampled_from(["BW", "AE"]))
    def measure(self, kind: str, code: str) -> None:
        payload = {
            "v": 1,
            "type": "measure.imposed",
            "measure": f"{code}-{kind}",
            "kind": kind,
            "from": "2025-03-04",
            "clause": "AD-INTERIM-2",
        }
        registry.act(self.world.registry, [(code, payload)])
        feed(self.world.bw, self.world.registry)

    @rule()
    def renew(self) -> None:
        registry.renew_key(self.world.bw, "kp:BW/authority")

    @rule()
    def compromise(self) -> None:
        kid = self.world.bw.signer("kp:BW/authority").kid
        registry.renew_key(self.world.bw, "kp:BW/authority")
        since = self.world.clock.now - 20
        self.keep(lambda: registry.compromise_key(self.world.bw, kid, since, issuer="kp:BW/authority"))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            feed(self.world.ae, self.world.bw)
            feed(self.world.bw, self.world.ae)
            conserved(self.world)
            logs = {office.config.origin: entries(office) for office in self.world.offices}
            for (origin, index), identity in self.places.items():
                assert leaf_id(logs[origin][index]) == identity
            for office in self.world.offices:
                live = replay.verify(office)
                assert replay.rebuild(office).digests == live.digests
                assert len(set(entries(office))) == len(entries(office))
        finally:
            self.world.close()
            self.folder.cleanup()


def test_any_sequence_of_acts_replays_to_the_live_views(template: Path, databases: Databases) -> None:
    Acts.template, Acts.databases = template, databases
    run_state_machine_as_test(
        Acts, settings=settings(max_examples=FEW, stateful_step_count=12, deadline=None)
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_sequences_of_acts_replay_to_the_live_views(template: Path, databases: Databases) -> None:
    Acts.template, Acts.databases = template, databases
    run_state_machine_as_test(Acts, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))

"""The desk that issues while the line is down: joined with nothing lost or double."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.office.conftest import World, arrival, command, feed, validation

from adamas.office.certification import actions, private
from adamas.office.certification.models import Certificate
from adamas.office.errors import BatchRefused
from adamas.office.log.models import Finding
from adamas.office.opening import Office, open_office
from adamas.office.reservation import FILE, ReservationError, read
from adamas.office.serving import offline
from adamas.office.serving.offline import Joined, OfflineError, join

pytestmark = pytest.mark.database
DESK = "desk passphrase"


@pytest.fixture
def desk(world: World) -> Path:
    """The folder of a desk of Botswana with the numbers 500 to 509."""
    world.registry.publish()
    world.bw.follow(world.registry.home.publish_to, world.registry.log.vkey, role="registry")
    folder = world.folder / "desk"
    made = offline.reserve(world.bw, folder, DESK, participant="BW", digits=7, first=500, last=509, cost=2**4)
    assert made.span == "BW0000500 to BW0000509"
    return folder


def at_desk(world: World, folder: Path) -> Office:
    return open_office(folder, passphrase=DESK, clock=world.clock)


def issue(world: World, folder: Path, *serials: int) -> None:
    with at_desk(world, folder) as office:
        actions.issue(office, [command(serial) for serial in serials])


def state(office: Office) -> tuple[list[object], list[object], dict[str, int]]:
    """Everything that joining may change in what officers see."""
    views = list(Certificate.objects.using(office.alias).order_by("number").values())
    for view in views:
        del view["log"]  # each office numbers the logs that it knows by itself
    findings = list(Finding.objects.using(office.alias).order_by("scope", "n").values())
    numbers = [view["number"] for view in views]
    told = {number: len(found) for number, found in private.of(office.alias, numbers).items()}
    return views, findings, told


def test_what_the_desk_issued_is_the_authoritys_after_joining_and_joining_again_changes_nothing(
    world: World, desk: Path
) -> None:
    issue(world, desk, 500, 501)
    done = join(world.bw, desk, DESK)
    assert (done.numbers, done.clashes, done.refused) == (("BW0000500", "BW0000501"), (), ())
    record = world.bw.records(["BW0000500"])["BW0000500"]
    assert (record.state.value, record.issuer) == ("issued", "kp:BW/authority")
    assert not Finding.objects.using(world.bw.alias).filter(subject="BW0000500").exclude(severity="note")
    held = private.of(world.bw.alias, ["BW0000500"])["BW0000500"]
    parties = next(d.value for _, d in held if d.name == "parties")
    assert parties["exporter"] == "Okavango Stones (Pty) Ltd"  # what no log holds was handed over too
    before = state(world.bw)
    again = join(world.bw, desk)
    assert (again.new, again.numbers, state(world.bw)) == (0, done.numbers, before)
    # The authority goes on with the certificate as with its own.
    issue(world, desk, 502)
    later = join(world.bw, desk, DESK)
    assert (later.new, len(later.numbers)) == (1, 3)


def test_each_side_may_issue_only_its_own_numbers(world: World, desk: Path) -> None:
    with at_desk(world, desk) as office, pytest.raises(BatchRefused) as refused:
        actions.issue(office, [command(510)])
    assert refused.value.code == "admission.not-reserved"
    with pytest.raises(BatchRefused) as refused:
        actions.issue(world.bw, [command(505)])
    assert refused.value.code == "admission.reserved-elsewhere"
    actions.issue(world.bw, [command(510)])


def test_a_number_outside_the_range_refuses_the_joining_and_leaves_no_trace(world: World, desk: Path) -> None:
    issue(world, desk, 500)
    paper = (desk / FILE).read_bytes()
    (desk / FILE).unlink()  # a desk that has shaken off what binds it
    issue(world, desk, 600)
    (desk / FILE).write_bytes(paper)
    before = state(world.bw)
    with pytest.raises(OfflineError) as refused:
        join(world.bw, desk, DESK)
    assert refused.value.code == "offline.outside"
    assert "BW0000600" in refused.value.sentence
    assert state(world.bw) == before


@pytest.mark.slow
def test_a_number_used_on_both_sides_is_found(world: World, desk: Path) -> None:
    paper = world.bw.home.path / "reserved" / "offline-1.cose"
    raw = paper.read_bytes()
    paper.unlink()  # the authority has forgotten what it set aside
    actions.issue(world.bw, [command(500)])
    paper.write_bytes(raw)
    issue(world, desk, 500, 501)
    done = join(world.bw, desk, DESK)
    assert done.clashes == ("BW0000500",)
    found = Finding.objects.using(world.bw.alias).filter(subject="BW0000500").exclude(severity="note")
    assert found.exists()
    assert world.bw.records(["BW0000501"])["BW0000501"].state.value == "issued"


@pytest.mark.slow
def test_a_confirmation_that_comes_before_the_desk_is_joined_gives_the_same(
    world: World, desk: Path, observer: Callable[[str], Office]
) -> None:
    """Dubai sees the desk's log and confirms; the authority hears of that before and after it joins the desk."""
    issue(world, desk, 500)
    with at_desk(world, desk) as office:
        actions.validate(office, [validation(500)])
        office.publish()
        vkey = office.log.vkey
        told = offline.hand_over(office)
    world.ae.follow(str(desk / "public"), vkey)
    from adamas.office.certification import notice

    notice.take_in(world.ae, told)
    actions.receive(world.ae, [arrival(500)])
    feed(world.bw, world.ae)  # first the confirmation, then the certificate
    join(world.bw, desk, DESK)
    first = state(world.bw)
    assert first[0][0]["state"] == "received"  # type: ignore[index]
    other = observer("looker")  # hears of the same in the other order
    feed(other, world.registry, role="registry")
    other.follow(str(desk / "public"), vkey)
    feed(other, world.ae)
    assert state(other)[:2] == first[:2]


@pytest.mark.slow
def test_another_offices_desk_and_an_altered_paper_are_not_joined(world: World, desk: Path) -> None:
    with pytest.raises(OfflineError) as refused:
        join(world.ae, desk, DESK)
    assert refused.value.code == "offline.not-mine"
    paper = desk / FILE
    raw = bytearray(paper.read_bytes())
    raw[-1] ^= 1
    paper.write_bytes(raw)
    with pytest.raises(ReservationError) as altered:
        join(world.bw, desk, DESK)
    assert altered.value.code == "reservation.signature"
    with pytest.raises(ReservationError):
        read(world.folder / "nothing.cose")


def test_what_was_not_published_is_not_left_behind(world: World, desk: Path) -> None:
    issue(world, desk, 500)
    with pytest.raises(OfflineError) as refused:
        join(world.bw, desk)
    assert refused.value.code == "offline.unpublished"
    done: Joined = join(world.bw, desk, DESK)
    assert done.numbers == ("BW0000500",)


_KILLED = """
import os, signal, sys
from pathlib import Path
from adamas.office.database import ensure_django
ensure_django()
from adamas.office.log import follow
from adamas.office.opening import open_office
from adamas.office.serving import offline

home, desk, step = sys.argv[1:]
kill = lambda: os.kill(os.getpid(), signal.SIGKILL)
follow.BATCH = 2
taken, told = follow.take_entries, offline.notice.take_in
count = 0

def take_entries(office, number, raws, first):
    global count
    taken(office, number, raws, first)
    count += 1
    if step == f"entries-{count}":
        kill()

def take_in(office, data):
    if step == "before-told":
        kill()
    done = told(office, data)
    if step == "after-told":
        kill()
    return done

follow.take_entries, offline.notice.take_in = take_entries, take_in
with open_office(home) as office:
    offline.join(office, Path(desk))
print("joined")
"""


@pytest.mark.slow
def test_killed_in_the_middle_of_joining_the_next_joining_does_the_rest(
    world: World, desk: Path, observer: Callable[[str], Office]
) -> None:
    issue(world, desk, 500, 501, 502)
    with at_desk(world, desk) as office:
        office.publish()
    world.bw.close()
    spine = {**os.environ, "DJANGO_SETTINGS_MODULE": "adamas.office.settings"}  # loads faster than the pages
    for step in ("entries-2", "before-told", "after-told"):
        words = [sys.executable, "-c", _KILLED, str(world.bw.home.path), str(desk), step]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=spine)
        assert done.returncode == -9, (step, done.stderr)
    with open_office(world.bw.home.path, clock=world.clock) as again:
        assert join(again, desk).numbers == ("BW0000500", "BW0000501", "BW0000502")
        joined = state(again)
    assert [view["state"] for view in joined[0]] == ["issued"] * 3  # type: ignore[index]
    assert set(joined[2]) == {"BW0000500", "BW0000501", "BW0000502"}
    other = observer("looker")
    feed(other, world.registry, role="registry")
    with at_desk(world, desk) as office:
        other.follow(str(desk / "public"), office.log.vkey)
    assert state(other)[0] == joined[0]

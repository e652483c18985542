"""The parts of a served office: lines without secrets, tasks tried again, static files, demo page, fault page."""

from __future__ import annotations

import io
import json
import logging
import re
import threading
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import RequestFactory, override_settings
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from tests.office.site import Site

from adamas.office.serving import demo_views, faults, jobs, lines, loops, opened, statics
from adamas.office.serving.errors import ServeError
from adamas.office.serving.serve import only_one
from adamas.office.serving.web import open_socket

_done: list[int] = []


@task()
def flaky(number: int) -> None:
    _done.append(number)
    if _done.count(number) < 2:
        raise ValueError("not yet")


@pytest.mark.parametrize(
    "secret",
    [
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "sessionid=4f7c1a0e9b2d4c6f8a1b3c5d7e9f0a2b",
        "password=hunter2hunter2",
        "postgresql://adamas:s3cret@db/adamas",
        "Authorization: Bearer-abc",
    ],
)
def test_no_line_of_a_log_holds_a_secret_or_a_second_line(secret: str) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(lines.Discreet())
    logger = logging.getLogger("secretive")
    logger.addHandler(handler)
    logger.warning("seen %s at /people/invitation/%s", secret, "A" * 43)
    text = out.getvalue()
    for value in ("hunter2", "s3cret", "JBSWY3DP", "4f7c1a0e", "Bearer-abc", "AAAAAAAA"):
        assert value not in text
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ WARNING secretive: seen ", text)


def test_a_task_that_fails_is_tried_again_and_one_that_was_cut_off_is_done_again(site: Site) -> None:
    _done.clear()
    flaky.enqueue(7)
    queue = jobs.Queue(threading.Event())
    queue.turn()
    row = DBTaskResult.objects.get()
    assert (row.status, _done) == (TaskResultStatus.READY, [7])
    DBTaskResult.objects.update(run_after="2020-01-01T00:00:00Z")
    queue.turn()
    assert (DBTaskResult.objects.get().status, _done) == (TaskResultStatus.SUCCESSFUL, [7, 7])
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)  # as a kill leaves it
    jobs.Queue(threading.Event()).turn()
    assert _done == [7, 7, 7]


def test_what_comes_round_comes_although_another_fails(caplog: pytest.LogCaptureFixture) -> None:
    rounds = jobs.Rounds([(60, "math.no_such_thing"), (60, f"{__name__}.tick")])
    for name in rounds._due:
        rounds._due[name] = 0
    _ticks.clear()
    with caplog.at_level(logging.WARNING, "jobs"):
        rounds.turn()
        rounds.turn()
    assert _ticks == [1]
    assert len([r for r in caplog.records if r.name == "jobs"]) == 1


_ticks: list[int] = []


def tick() -> None:
    _ticks.append(1)


def test_a_loop_goes_on_after_failures_and_says_the_same_once(caplog: pytest.LogCaptureFixture) -> None:
    stop, turns = threading.Event(), []

    def turn() -> None:
        turns.append(1)
        if len(turns) < 4:
            raise ValueError("away")
        stop.set()

    with caplog.at_level(logging.INFO, "loop-test"):
        loops.Loop("loop-test", 0.001, turn, stop).run()
    said = [record.getMessage() for record in caplog.records if record.name == "loop-test"]
    assert said == ["ValueError: away", "It goes on after 3 failures."]


def test_static_files_are_made_once_and_compressed(tmp_path: Path) -> None:
    place = statics.prepare(tmp_path)
    script = place / "adamas" / "htmx.min.js"
    assert script.stat().st_size > 2 * Path(f"{script}.gz").stat().st_size
    (tmp_path / "static-older").mkdir()
    stamp = script.stat().st_mtime_ns
    assert statics.prepare(tmp_path) == place
    assert script.stat().st_mtime_ns == stamp
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_one_office_is_served_once_and_one_address_once(tmp_path: Path) -> None:
    held = only_one(tmp_path)
    with pytest.raises(ServeError, match="served already"):
        only_one(tmp_path)
    held.close()
    only_one(tmp_path).close()
    with open_socket("127.0.0.1", 0) as taken, pytest.raises(ServeError, match="Nothing can be served"):
        open_socket("127.0.0.1", taken.getsockname()[1])


def test_a_form_that_met_a_database_that_is_away_comes_back_to_be_sent_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.client("exporter")
    from adamas.office.issuing import drafts

    def away(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(drafts, "begin", away)
    monkeypatch.setattr("adamas.office.issuing.actions.begin", away)
    typed = {"reference": 'A"<b>1', "to": "AE", "exporter": "Okavango", "password": "hunter2", "act": "save"}
    answer = client.post("/issuing/new", typed)
    text = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "Another program is writing" in text
    assert "Send again" in text
    assert "A&quot;&lt;b&gt;1" in text
    assert "hunter2" not in text


def test_the_fault_page_asks_the_database_for_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    request = RequestFactory().get("/issuing/queue")
    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", lambda *_: pytest.fail("it asked"))
        answer = faults.down(request, faults.of(OperationalError("could not connect")))  # type: ignore[arg-type]
    assert answer.status_code == 503
    assert b"Load the page again" in answer.content


def test_the_demonstration_signs_in_by_one_click_here_and_nowhere_else(site: Site) -> None:
    member = site.membership("issuing", "bw-authority")
    person = {"user": member.user_id, "email": member.user.email, "password": "x", "totp": "JBSWY3DPEHPK3PXP"}
    (site.office.home.path / demo_views.FILE).write_text(json.dumps([person]))
    client = site.client(None)
    assert client.get("/demo").status_code == 404
    assert client.post(f"/demo/as/{member.pk}").status_code == 404
    with override_settings(DEMO=True):
        page = client.get("/demo")
        assert page.status_code == 200
        assert member.user.name in page.content.decode()
        for header in ({"x-forwarded-for": "203.0.113.9"}, {"via": "1.1 proxy"}):
            assert client.get("/demo", headers=header).status_code == 404
        assert client.get("/demo", REMOTE_ADDR="203.0.113.9").status_code == 404
        assert client.get(f"/demo/as/{member.pk}").status_code == 405
        assert client.post("/demo/as/9999").status_code == 404
        assert client.post(f"/demo/as/{member.pk}").status_code == 302
    assert client.get("/issuing/queue").status_code == 200


def test_the_environment_of_a_served_office_names_no_passphrase(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setenv("ADAMAS_PASSPHRASE", "correct horse")
    for name in ("ADAMAS_HOME", "ADAMAS_DATABASE_TIMEOUT", "ADAMAS_HOSTS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    opened.configure(site.office.home.path, hosts=("kp.example",))
    assert os.environ["ADAMAS_HOSTS"] == "kp.example"
    site.office.forget_passphrase()
    assert site.office._passphrase is None

"""Confirmations that nobody sends: on whose list they stand, who is reminded, and that nobody is reminded twice."""

from __future__ import annotations

from django.core import mail
from tests.office.arrival.test_arrival import NUMBER, ship
from tests.office.conftest import command

from adamas.office.arrival import chasing, signals
from adamas.office.certification import actions as certification
from adamas.office.certification import queries
from adamas.office.issuing.models import NoticeAddress
from adamas.scheme.statements import ReceiveCommand

DAY = 86_400


def run(monkeypatch) -> list[mail.EmailMessage]:
    """The job, and the letters that the worker sends for it."""
    monkeypatch.setattr(chasing, "later", lambda task, *args: task.call(*args))
    mail.outbox = []
    with_mail = "django.core.mail.backends.locmem.EmailBackend"
    from django.test import override_settings

    with override_settings(EMAIL_BACKEND=with_mail):
        chasing.chase()
    return mail.outbox


def test_reminders_grow_harder_and_go_out_once(site, monkeypatch) -> None:
    ship(site)
    told: list[tuple[list[str], int]] = []

    def listen(numbers, level, **_):
        told.append((numbers, level))

    signals.overdue.connect(listen)
    assert run(monkeypatch) == []
    due = "2025-05-16"  # 14 days after the last lawful arrival
    assert queries.due_by(due).get().number == NUMBER
    site.clock.now += (60 + 14 - 2) * DAY
    (letter,) = run(monkeypatch)
    assert "due within three days" in letter.subject
    assert all("ae-authority" in address for address in letter.to)
    assert NUMBER in letter.body
    assert run(monkeypatch) == []
    site.clock.now += 4 * DAY
    assert "are overdue" in run(monkeypatch)[0].subject
    site.clock.now += (
        30 * DAY
    )  # the worker was off: only the hardest goes out, and also to the exporting side
    letters = run(monkeypatch)
    assert len(letters) == 2
    assert any("ad-1.administrator@ae-authority.example" in letter.to for letter in letters)
    assert any("is-1.issuing@bw-authority.example" in letter.to for letter in letters)
    assert run(monkeypatch) == []
    assert [level for _, level in told] == [0, 1, 3]
    page = site.client("importing").get("/arrival/due").content.decode()
    assert "1 confirmation is overdue" in page
    assert NUMBER in page


def test_a_destination_elsewhere_is_reminded_by_the_address_entered(site, monkeypatch) -> None:
    ship(site, 7, to="ZA")
    NoticeAddress.objects.create(participant="BW", to="ZA", mail="kp@dmre.example")
    site.clock.now += 80 * DAY
    (letter,) = run(monkeypatch)
    assert letter.to == ["kp@dmre.example"]


def test_the_lists_of_a_day(site) -> None:
    ship(site, 1)
    ship(site, 2, expires="2025-03-20")
    certification.issue(site.office, [command(3)])
    ship(site, 4)
    found = ReceiveCommand("BW0000004", "AE", "2025-03-03", 1, 1004, 5_000_004, "intact", "im-1")
    certification.receive(site.office, [found])

    def numbers(found) -> list[str]:
        return [view.number[-1] for view in found]

    assert numbers(queries.expected(["AE"], "2025-03-10")) == ["2", "1"]
    assert numbers(queries.expected(["AE"], "2025-03-10", announced=True)) == ["2", "1", "3"]
    assert numbers(queries.expected(["AE"], "2025-03-21")) == ["1"]
    assert numbers(queries.expired("2025-03-21", to=["AE"])) == ["2"]
    assert numbers(queries.open_confirmations(participants=["BW"])) == ["2", "1"]
    assert numbers(queries.overdue("2025-04-03", to=["AE"])) == []
    assert numbers(queries.overdue("2025-04-04", to=["AE"])) == ["2"]
    assert numbers(queries.overdue("2025-04-04", to=["ZA"])) == []


def test_the_letters_wait_for_the_worker_in_the_same_transaction(site) -> None:
    from django_tasks_db.models import DBTaskResult

    ship(site)
    site.clock.now += 80 * DAY
    assert chasing.chase() == 1
    waiting = DBTaskResult.objects.get()
    assert waiting.task_path == "adamas.office.arrival.chasing.mail"
    assert waiting.task.call(*waiting.args_kwargs["args"]) is None  # nobody's mail server: the dummy backend
    assert chasing.chase() == 0

"""What is due when, what is overdue, and what came late."""

from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from adamas.scheme.duties import DUTIES, OF_CODE, Attested, due, findings
from adamas.scheme.values import day_of, ordinal

OPENED = "2024-01-01"
MEMBER = ("2003-08-31", "9999-12-31")
REPORT = OF_CODE["annual-report"]


def said(key: str, on: str, mark: int = 1) -> Attested:
    return Attested(key, on, "kp:BW/authority", ordinal(on), bytes([mark]) * 32)


def found(duty, attested, today, member=MEMBER, opened=OPENED):
    dues = due([OF_CODE[duty]], *member, opened, attested, today)
    return [(f.code, f.subject, f.field, f.sentence) for f in findings("BW", dues, today)]


def test_a_report_is_in_time_on_its_last_day_and_overdue_on_the_next():
    assert found("annual-report", {}, "2025-03-31") == []
    [(code, subject, field, sentence)] = found("annual-report", {}, "2025-04-01")
    assert (code, subject, field) == ("duty.annual-report", "BW/2024", "overdue")
    assert "by 2025-03-31, 1 days ago" in sentence


def test_a_report_that_came_late_stays_late_and_one_in_time_is_silent():
    [(_, _, field, sentence)] = found(
        "annual-report", {"annual-report": [said("2024", "2025-04-02")]}, "2026-01-01"
    )
    assert field == "late"
    assert "2 days late" in sentence
    assert found("annual-report", {"annual-report": [said("2024", "2025-03-31")]}, "2026-01-01") == []


def test_saying_it_again_later_does_not_make_it_late_nor_does_an_earlier_date_said_later_mend_it():
    again = {"annual-report": [said("2024", "2025-03-01"), said("2024", "2026-01-01", 2)]}
    assert found("annual-report", again, "2026-02-01") == []


def test_nobody_is_late_for_a_time_before_the_books_were_opened_or_before_it_took_part():
    assert found("annual-report", {}, "2024-12-31") == []
    assert found("annual-report", {}, "2025-12-31", member=("2024-06-01", "9999-12-31")) == []
    assert len(found("annual-report", {}, "2026-12-31", member=("2024-06-01", "9999-12-31"))) == 1


def test_who_has_left_owes_no_period_that_had_not_ended():
    assert found("annual-report", {}, "2026-12-31", member=("2003-08-31", "2024-12-30")) == []
    assert len(found("annual-report", {}, "2026-12-31", member=("2003-08-31", "2025-01-01"))) == 1


def test_quarters_and_half_years_fall_due_two_months_after_their_end():
    dues = due([OF_CODE["trade-return"], OF_CODE["production-return"]], *MEMBER, OPENED, {}, "2025-03-01")
    assert [(d.key, d.last_day) for d in dues] == [
        ("2024-Q1", "2024-05-31"),
        ("2024-Q2", "2024-08-31"),
        ("2024-Q3", "2024-11-30"),
        ("2024-Q4", "2025-02-28"),
        ("2024-H1", "2024-08-31"),
        ("2024-H2", "2025-02-28"),
    ]


def test_a_case_runs_from_what_happened_in_it():
    ended = {"mission-ended": [said("mission-1", "2025-05-01")]}
    assert found("mission-reported", ended, "2025-05-22") == []
    assert len(found("mission-reported", ended, "2025-05-23")) == 1
    assert found("mission-reported", {}, "2025-05-23") == []


def test_a_change_must_be_proposed_ninety_days_before_the_plenary():
    proposed = {"change-proposed": [said("change-1", "2025-08-01")]}
    early = proposed | {"change-tabled": [said("change-1", "2025-10-29")]}
    [(_, _, _, sentence)] = found("change-tabled", early, "2025-12-01")
    assert "before 2025-10-30" in sentence
    right = proposed | {"change-tabled": [said("change-1", "2025-10-30")]}
    assert found("change-tabled", right, "2025-12-01") == []
    assert found("change-tabled", proposed, "2025-12-01") == []


def test_a_decision_binds_only_while_it_holds_and_only_whom_it_names():
    duty = OF_CODE["car-monthly-report"]
    dues = due([duty], *MEMBER, "2003-08-31", {}, "2026-01-01")
    assert (dues[0].key, dues[-1].key, duty.only) == ("2019-12", "2024-10", ("CF",))


@given(st.dates(datetime.date(2004, 1, 1), datetime.date(2030, 1, 1)), st.integers(0, 4000))
def test_time_alone_never_takes_a_debt_away(day, later):
    """With nothing new said, what is overdue on a day is overdue on every later one, and only days add to it."""
    first, second = day.isoformat(), day_of(ordinal(day.isoformat()) + later)
    owed = [
        {(f.code, f.subject) for f in findings("BW", due(DUTIES, *MEMBER, OPENED, {}, t), t)}
        for t in (first, second)
    ]
    assert owed[0] <= owed[1]

"""The real production returns: totals as published, and who filed how late."""

import pytest
from tests.scheme.world import fact

from adamas.scheme.data import read_text
from adamas.scheme.errors import DataError
from adamas.scheme.returns import (
    amended,
    carats_by_year,
    carats_of,
    days_late,
    due,
    lateness,
    parse_stamp,
    period_end,
    production_returns,
)
from adamas.scheme.values import ordinal

FACTS = [entry.as_fact() for entry in production_returns()]


def test_every_row_of_the_source_is_a_return():
    assert len(production_returns()) == 1_529
    assert sum(entry.nil for entry in production_returns()) == 528
    assert len({entry.row for entry in production_returns()}) == 1_529
    assert {entry.kind for entry in production_returns()} == {"all", "ASM", "LSM"}


def test_world_totals_are_those_of_the_database():
    totals = carats_by_year(FACTS)
    assert totals[2023][0] == 11_207_177_269
    assert totals[2006][0] == 17_591_782_348
    assert list(totals) == list(range(2003, 2025))


def test_australia_agrees_with_the_published_hundredth_of_a_carat(shared):
    rows = (shared / "data" / "kp_statistics.csv").read_text().splitlines()
    published = next(
        row.split(",")[6] for row in rows if row.startswith("2006,AU,") and ",production," in row
    )
    assert carats_of(FACTS, 2006)["AU"][0] == round(float(published) * 100)


def test_the_largest_producer_comes_first_and_nil_producers_are_left_out():
    year = carats_of(FACTS, 2023)
    assert next(iter(year)) == "RU"
    assert "EU" not in year


def test_the_half_years_end_and_fall_due_two_months_later():
    assert (period_end("2023-H1"), due("2023-H1")) == ("2023-06-30", "2023-08-31")
    assert (period_end("2023-H2"), due("2023-H2")) == ("2023-12-31", "2024-02-29")
    assert due("2022-H2") == "2023-02-28"
    assert days_late("2023-H1", ordinal("2023-09-02")) == 2
    with pytest.raises(DataError):
        period_end("2023-Q1")


def test_stamps_are_read_strictly():
    assert parse_stamp("01Feb12:12:49:23") == 1_328_100_563
    assert parse_stamp("") is None
    for wrong in ("2012-02-01", "01Xxx12:00:00:00", "1Feb12:00:00:00"):
        with pytest.raises(DataError):
            parse_stamp(wrong)


def test_who_filed_how_late_by_the_real_stamps():
    table = {row.participant: row for row in lateness(FACTS)}
    assert table["ML"].worst > 7_000  # a return of 2003 entered in 2023 (known anomaly A20)
    assert table["LS"].late >= 5
    assert all(row.late <= row.stamped for row in table.values())
    assert sum(row.stamped for row in table.values()) == 1_052


def test_the_last_amendment_of_a_return_counts():
    filed = fact(production_returns()[-1].payload(), "2024-03-01", by="kp:transcriber", on="r")
    refs = {"return": filed.id}
    payload = {**filed.payload, "type": "return.amended", "carats": 7, "nil": False, "refs": refs}
    first = fact(payload, "2024-04-01", by="kp:transcriber", on="r")
    second = fact({**payload, "carats": 9}, "2024-05-01", by="kp:transcriber", on="r")
    for facts in ([filed, first, second], [second, first, filed]):
        (one,) = amended(facts)
        assert one.payload["carats"] == 9


def test_the_packaged_file_is_the_source_byte_for_byte(shared):
    source = (shared / "data" / "kp_production_halfyear.csv").read_bytes()
    assert read_text("production_halfyear.csv").encode() == source

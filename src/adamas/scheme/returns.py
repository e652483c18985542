"""Half-yearly production returns: the real ones of 2003–2024 as typed values, world totals, and who filed
how late.

Due two months after the half-year (Annex III(c), and AD-STAT-submit): 31 August and the last day of
February. Stamps are those of the source's database; they exist from 2011. A row changed later keeps the
stamp of its first entry.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from adamas.scheme import data
from adamas.scheme.errors import DataError
from adamas.scheme.facts import Fact
from adamas.scheme.values import day_at, month_end, ordinal, parse_carats, parse_usd

CLAUSE = "Annex III(c); AD-STAT-submit"
SOURCE = "Kimberley Process Rough Diamond Statistics, export of about March 2025"
TRANSCRIBER = "kp:transcriber"
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_STAMP = re.compile(r"(\d{2})([A-Z][a-z]{2})(\d{2}):(\d{2}):(\d{2}):(\d{2})\Z")
_PERIOD = re.compile(r"([0-9]{4})-(H[12])\Z")


@dataclass(frozen=True, slots=True)
class ProductionReturn:
    """One return. Carats in 0.01 ct, value in US cents; ``filed`` and ``modified`` are the source's stamps
    (UTC seconds).

    ``kind`` is ASM (artisanal and small-scale), LSM (large-scale) or all; ``row`` is the place in the
    source, from 1.
    """

    participant: str
    period: str
    kind: str
    carats: int
    value: int
    nil: bool
    filed: int | None
    modified: int | None
    row: int

    @property
    def subject(self) -> str:
        """The subject of its statement: ``BW/production/2023-H1``, with the kind added where it is split."""
        base = f"{self.participant}/production/{self.period}"
        return base if self.kind == "all" else f"{base}/{self.kind}"

    def payload(self) -> dict[str, Any]:
        """``return.filed``, with the source named, for the transcriber to sign."""
        payload: dict[str, Any] = {
            "v": 1,
            "type": "return.filed",
            "participant": self.participant,
            "period": self.period,
            "kind": self.kind,
            "carats": self.carats,
            "value": self.value,
            "nil": self.nil,
            "source": SOURCE,
            "row": self.row,
        }
        if self.filed is not None:
            payload["filed"] = self.filed
        if self.modified is not None:
            payload["modified"] = self.modified
        return payload

    def as_fact(self) -> Fact:
        """The return as a fact outside any log, for reading it with the same functions."""
        ident = self.row.to_bytes(32, "big")
        return Fact(
            ident, "return.filed", TRANSCRIBER, self.subject, self.filed or 0, self.payload(), index=self.row
        )


def parse_stamp(text: str) -> int | None:
    """``08May23:08:34:03`` → seconds since 1970; None for an empty text. The source's time zone is not
    stated."""
    if not text:
        return None
    match = _STAMP.match(text)
    if match is None or match[2] not in _MONTHS:
        raise DataError("data.stamp", f"“{text}” is not a stamp like 08May23:08:34:03")
    day, month, year, hour, minute, second = match.groups()
    moment = datetime.datetime(
        2000 + int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=datetime.UTC
    )
    return int(moment.timestamp())


@cache
def production_returns() -> tuple[ProductionReturn, ...]:
    """The 1,529 packaged returns, in the order of the source."""
    return tuple(
        ProductionReturn(
            participant=row["participant"],
            period=f"{row['year']}-{row['half']}",
            kind=row["production_type"] if row["production_type"] in ("ASM", "LSM") else "all",
            carats=parse_carats(row["carats"]),
            value=parse_usd(row["value_usd"]),
            nil=row["trade_type"] == "No Production",
            filed=parse_stamp(row["kp_created"]),
            modified=parse_stamp(row["kp_last_modified"]),
            row=number,
        )
        for number, row in enumerate(data.production_rows(), 1)
    )


@lru_cache(maxsize=512)
def period_end(period: str) -> str:
    """Last day of ``2023-H1`` or ``2023-H2``."""
    match = _PERIOD.match(period)
    if match is None:
        raise DataError("data.period", f"“{period}” is not a half-year like 2023-H1")
    return span_end(period)


SMALL_CELL = 3
"""Cells of a trade return with fewer certificates are merged with others: the sum would give one away."""
_SPAN = re.compile(r"([0-9]{4})-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2]))\Z")


@lru_cache(maxsize=512)
def span_start(period: str) -> str:
    """First day of ``2023-H1``, ``2023-Q4`` or ``2023-05``."""
    year, first, _ = _months(period)
    return f"{year}-{first:02d}-01"


@lru_cache(maxsize=512)
def span_end(period: str) -> str:
    """Last day of ``2023-H1``, ``2023-Q4`` or ``2023-05``."""
    year, _, last = _months(period)
    return month_end(year, last)


def _months(period: str) -> tuple[int, int, int]:
    match = _SPAN.match(period)
    if match is None:
        raise DataError("data.period", f"“{period}” is no period like 2023-H1, 2023-Q4 or 2023-05")
    year, half, quarter, month = match.groups()
    if half:
        return int(year), 6 * int(half) - 5, 6 * int(half)
    if quarter:
        return int(year), 3 * int(quarter) - 2, 3 * int(quarter)
    return int(year), int(month), int(month)


@lru_cache(maxsize=512)
def due(period: str) -> str:
    """Last day on which a return is in time: two months after the half-year."""
    year, month, _ = map(int, period_end(period).split("-"))
    return month_end(year, month + 2)


def days_late(period: str, filed: int) -> int:
    """Days after the due date (negative: before it); ``filed`` is a number of a day since 1970."""
    return filed - ordinal(due(period))


def _returns(facts: Iterable[Fact]) -> Iterable[Fact]:
    return (
        fact
        for fact in facts
        if fact.type in ("return.filed", "return.amended") and fact.standing != "invalid"
    )


def amended(facts: Iterable[Fact]) -> list[Fact]:
    """Returns that count: each filed one, or the last amendment of it by claimed time."""
    found = {fact.id: fact for fact in _returns(facts)}
    latest: dict[bytes, Fact] = {}
    for fact in found.values():
        root = fact
        while (target := root.payload.get("refs", {}).get("return")) in found:
            root = found[target]
        held = latest.get(root.id)
        if held is None or (fact.at, fact.id) > (held.at, held.id):
            latest[root.id] = fact
    return sorted(latest.values(), key=lambda fact: (fact.subject, fact.at, fact.id))


def carats_by_year(facts: Iterable[Fact]) -> dict[int, tuple[int, int]]:
    """World production by year: (0.01 ct, US cents). A sum of what was filed, not of what was mined."""
    totals: dict[int, tuple[int, int]] = {}
    for fact in amended(facts):
        year = int(fact.payload["period"][:4])
        carats, value = totals.get(year, (0, 0))
        totals[year] = (carats + fact.payload["carats"], value + fact.payload["value"])
    return dict(sorted(totals.items()))


def carats_of(facts: Iterable[Fact], year: int) -> dict[str, tuple[int, int]]:
    """Production of one year by Participant: (0.01 ct, US cents), largest first; nil producers left out."""
    totals: dict[str, tuple[int, int]] = {}
    for fact in amended(facts):
        if int(fact.payload["period"][:4]) == year and fact.payload["carats"]:
            carats, value = totals.get(fact.payload["participant"], (0, 0))
            totals[fact.payload["participant"]] = (
                carats + fact.payload["carats"],
                value + fact.payload["value"],
            )
    return dict(sorted(totals.items(), key=lambda item: (-item[1][0], item[0])))


@dataclass(frozen=True, slots=True)
class Lateness:
    """How a Participant filed: number of stamped returns, how many were late, worst and median days after
    due."""

    participant: str
    stamped: int
    late: int
    worst: int
    median: int


def lateness(facts: Iterable[Fact]) -> list[Lateness]:
    """Who filed how late, by the source's stamps, worst median first. Returns without stamp are not counted.

    A stamp is of the entry into the statistics database: a paper return sent in time and typed in later
    looks late.
    """
    days: dict[str, list[int]] = {}
    for fact in _returns(facts):
        filed = fact.payload.get("filed")
        if filed is not None and fact.type == "return.filed":
            days.setdefault(fact.payload["participant"], []).append(
                days_late(fact.payload["period"], ordinal(day_at(filed)))
            )
    rows = []
    for participant, found in days.items():
        found.sort()
        rows.append(
            Lateness(
                participant, len(found), sum(day > 0 for day in found), found[-1], found[len(found) // 2]
            )
        )
    return sorted(rows, key=lambda row: (-row.median, -row.late, row.participant))

"""A duty: something a named party must do and say that it did, by a day. The statement is ``attestation.made``.

Code cannot see whether a law deters or a plenary was held; it can see whether the party that must say so has said it,
when, and how long that has been overdue. Every clause that is no rule over certificates or returns is a duty of one of
these rhythms:

    Yearly(3, 31)                 for each calendar year, by 31 March of the next
    Monthly(10)                   for each month, ten days after it ends
    Spans(3)                      for each quarter, two months after it ends (6: half-years)
    Once(30)                      thirty days after the party's first day (0: on it)
    Within(21, after="ended")     in a case: so many days after another duty of the same case was done

Periods begin no earlier than the duty's own first day, the party's first day in the scheme, and the day on which the
rulebook was adopted in these logs: nobody is late for a time before the books were opened.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from adamas.scheme.values import day_of, month_end, ordinal

Party = Literal["participant", "chair", "industry", "observer"]
"""Who must say it: each Participant; the Chair (or a root of the registry) for the scheme; the industry's observers."""


@dataclass(frozen=True, slots=True)
class Yearly:
    """For each calendar year, due on a day of the next one; with ``same`` on that day of the year itself."""

    month: int
    day: int
    same: bool = False

    def periods(self, first: str, until: str) -> Iterator[tuple[str, str, str]]:
        """(period, its last day, day due) of the years that begin on or after ``first`` and before ``until``."""
        year = int(first[:4]) + (first[5:] > "01-01")
        while f"{year}-01-01" < until:
            due = datetime.date(year + (not self.same), self.month, self.day).isoformat()
            yield str(year), f"{year}-12-31", due
            year += 1


@dataclass(frozen=True, slots=True)
class Monthly:
    """For each month, due some days after its end."""

    days: int

    def periods(self, first: str, until: str) -> Iterator[tuple[str, str, str]]:
        """(period, its last day, day due) of the months that begin on or after ``first`` and before ``until``."""
        year, month = int(first[:4]), int(first[5:7]) + (first[8:] > "01")
        while True:
            year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
            if f"{year}-{month:02d}-01" >= until:
                return
            last = month_end(year, month)
            yield f"{year}-{month:02d}", last, day_of(ordinal(last) + self.days)
            month += 1


@dataclass(frozen=True, slots=True)
class Spans:
    """For each stretch of so many months (3: quarters, 6: half-years), due at the end of the second month after it.

    Periods are written as returns write them: ``2024-Q1``, ``2024-H2`` (AD-STAT-submit; Annex III(a), (c)).
    """

    months: int

    def periods(self, first: str, until: str) -> Iterator[tuple[str, str, str]]:
        """(period, its last day, day due) of those that begin on or after ``first`` and before ``until``."""
        year, letter = int(first[:4]), "Q" if self.months == 3 else "H"
        while f"{year}-01-01" < until:
            for part in range(12 // self.months):
                begins = f"{year}-{part * self.months + 1:02d}-01"
                if first <= begins < until:
                    yield (
                        f"{year}-{letter}{part + 1}",
                        month_end(year, (part + 1) * self.months),
                        month_end(year, (part + 1) * self.months + 2),
                    )
            year += 1


@dataclass(frozen=True, slots=True)
class Once:
    """Once, so many days after the party's first day."""

    days: int


@dataclass(frozen=True, slots=True)
class Within:
    """In a case, so many days after the duty ``after`` of the same case; ``before`` if it must come that much
    earlier."""

    days: int
    after: str
    before: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """No time of its own: what a case is made of, for others to follow."""


Rhythm = Yearly | Monthly | Spans | Once | Within | Event


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty. ``says`` completes the sentence “…states that ”; ``only`` names the Participants it binds, if not
    all; ``producers`` binds those that mine. ``by`` is the statement that does it."""

    code: str
    clause: str
    party: Party
    says: str
    rhythm: Rhythm
    since: str = "2003-01-01"
    until: str = "9999-12-31"
    only: tuple[str, ...] = ()
    by: str = "attestation.made"
    producers: bool = False

    @property
    def rule(self) -> str:
        """The code of its findings."""
        return f"duty.{self.code}"


class Attested(NamedTuple):
    """One attestation as the rules see it: for which period or case, the day on which the thing was done, who said it
    when (number of a day), the statement."""

    key: str
    on: str
    issuer: str
    said: int
    id: bytes

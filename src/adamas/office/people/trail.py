"""Reading the audit trail: narrowed by person, act, subject and days, paged by key both ways, and as CSV.

A trail of a million lines answers as fast as one of ten: each way of narrowing has its index, which gives the lines in
the order in which they are shown, and nothing is counted.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from adamas.office.formulas import harmless
from adamas.office.people import acts
from adamas.office.people.models import Act, Membership
from adamas.office.people.roles import ROLES
from adamas.scheme.values import parse_day

PAGE = 50
MOST = 100_000
"""Lines of one download."""
_MANY = 2_000
_DAY = 86_400
_KEY = re.compile(r"(-?[0-9]{1,18})~([0-9]{1,18})")
COLUMNS = ("time", "person", "officer", "role", "organisation", "act", "in_words", "subject", "details")
"""Columns of the CSV; ``time`` is UTC (RFC 3339), ``act`` the stable word, ``in_words`` it in the reader's language."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show: of whom (a person's key), which act, about what, from and to which days (seconds, UTC)."""

    person: int | None = None
    act: str = ""
    subject: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, newest first, and the keys from which older and newer ones go on (empty: there are none)."""

    lines: list[Act] = field(default_factory=list)
    older: str = ""
    newer: str = ""


def day(text: str, *, after: bool = False) -> int:
    """The second with which a day (``2025-03-04``) begins, or ends. Raises ValueRefused."""
    date = datetime.date.fromisoformat(parse_day(text))
    midnight = datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC)
    return int(midnight.timestamp()) + (_DAY if after else 0)


def page(who: Membership, wanted: Wanted, *, after: str = "", before: str = "") -> Page:
    """One page: the newest lines, those older than the key ``after``, or those newer than the key ``before``."""
    older, newer = _key(after), _key(before)
    if newer is not None:
        found = [
            one for one in _up(who, wanted, newer)[: PAGE + 1] if wanted.end is None or one.at < wanted.end
        ]
        shown, more_up, more_down = found[:PAGE][::-1], len(found) > PAGE, True
    else:
        found = _part(who, wanted, older, PAGE + 1)
        shown, more_up, more_down = found[:PAGE], older is not None, len(found) > PAGE
    if not shown:
        return Page()
    return Page(shown, _written(shown[-1]) if more_down else "", _written(shown[0]) if more_up else "")


def too_many(who: Membership, wanted: Wanted) -> bool:
    """Whether a download would have more lines than :data:`MOST`."""
    times = _down(who, wanted).values_list("at", flat=True)[MOST : MOST + 1]
    return any(wanted.start is None or at >= wanted.start for at in times)


def as_csv(who: Membership, wanted: Wanted) -> Iterator[bytes]:
    """The lines as CSV (RFC 4180, UTF-8), read in parts, so that no other work waits for a slow reader."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    key: tuple[int, int] | None = None
    while True:
        part = _part(who, wanted, key, _MANY)
        for one in part:
            writer.writerow([harmless(cell) for cell in _cells(one)])
        yield out.getvalue().encode("utf-8", "replace")
        if len(part) < _MANY:
            return
        key = (part[-1].at, part[-1].pk)
        out.seek(0)
        out.truncate()


def details(act: Act) -> list[tuple[str, str]]:
    """What else is known of an act, as names and short texts; what is empty is left out."""
    found = act.details if isinstance(act.details, dict) else {}
    return [
        (str(acts.DETAILS.get(name, name)), text)
        for name, value in found.items()
        if (text := acts.detail(name, value))
    ]


def _cells(act: Act) -> list[Any]:
    moment = datetime.datetime.fromtimestamp(min(max(act.at, 0), 2**37), datetime.UTC)
    return [
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        act.user.name if act.user else "",
        act.officer,
        str(ROLES.get(act.role, act.role)),
        act.source.name if act.source else "",
        act.act,
        acts.words(act.act),
        act.subject,
        json.dumps(act.details, ensure_ascii=False, sort_keys=True) if act.details else "",
    ]


# A query bounds the time on one side only, from which it reads on in the order of an index; the other bound cuts off
# the end of what was read. With both in the query SQLite may take the index of times instead, and read a whole year.


def _part(who: Membership, wanted: Wanted, key: tuple[int, int] | None, most: int) -> list[Act]:
    """So many lines, newest first, older than a key."""
    found = _down(who, wanted, key)[:most]
    return [one for one in found if wanted.start is None or one.at >= wanted.start]


def _down(who: Membership, wanted: Wanted, key: tuple[int, int] | None = None) -> QuerySet[Act]:
    """Lines, newest first, older than a key; those before ``wanted.start`` are among them."""
    found = _fitting(who, wanted)
    if key is not None and (wanted.end is None or key[0] < wanted.end):
        found = found.filter(at__lte=key[0]).exclude(at=key[0], id__gte=key[1])
    elif wanted.end is not None:
        found = found.filter(at__lt=wanted.end)
    return found.order_by("-at", "-id")


def _up(who: Membership, wanted: Wanted, key: tuple[int, int]) -> QuerySet[Act]:
    """Lines, oldest first, newer than a key; those after ``wanted.end`` are among them."""
    found = _fitting(who, wanted)
    if wanted.start is None or key[0] >= wanted.start:
        found = found.filter(at__gte=key[0]).exclude(at=key[0], id__lte=key[1])
    else:
        found = found.filter(at__gte=wanted.start)
    return found.order_by("at", "id")


def _fitting(who: Membership, wanted: Wanted) -> QuerySet[Act]:
    """The lines that a membership may read and that fit, of any time."""
    found = Act.objects.visible_to(who).select_related("user", "source")
    if wanted.person is not None:
        found = found.filter(user=wanted.person)
    if wanted.act:
        found = found.filter(act=wanted.act)
    return found.filter(subject=wanted.subject) if wanted.subject else found


def _key(text: str) -> tuple[int, int] | None:
    match = _KEY.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def _written(act: Act) -> str:
    return f"{act.at}~{act.pk}"

"""Reading facts back: from an entry's bytes and its row in the Fact view to what the rules take.

Entries were parsed strictly when they came in, so reading them back takes the short way to the payload.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import cbor2
from django.db import connections

from adamas.ledger.statement import Statement
from adamas.office.log import rows
from adamas.office.log.catalogue import CERTIFICATE_TYPES
from adamas.scheme.facts import Fact, KeyStanding

_SELECT = (
    "SELECT f.subject, f.id, f.type, f.issuer, f.at, f.log, f.idx, f.standing, f.after, e.raw"
    ' FROM "log_fact" f JOIN "adamas_entries" e ON e.log = f.log AND e.idx = f.idx'
)
_TYPES = tuple(sorted(CERTIFICATE_TYPES))
# Written as an expression, so that SQLite, which keeps no statistics, goes by the subject: by its own guess it would
# read every fact of these types, which is nearly all there are.
_WHERE = f"f.effective IS NOT NULL AND (f.type || '') IN ({', '.join(['%s'] * len(_TYPES))})"


def payload_of(raw: bytes) -> dict[str, Any]:
    """The payload of a statement that was parsed before."""
    payload: dict[str, Any] = cbor2.loads(cbor2.loads(raw).value[2])
    return payload


@dataclass(frozen=True, slots=True, eq=False)
class Placed(Fact):
    """A fact that knows the latest time claimed by earlier entries of its log (None: it is the first)."""

    after: int | None = None


def fact_of(st: Statement, origin: str, idx: int, standing: str, after: int | None = None) -> Placed:
    """A statement as the scheme sees it."""
    return Placed(
        st.id,
        st.type,
        st.issuer,
        st.subject,
        st.issued_at,
        st.payload,
        origin,
        idx,
        None,
        cast(KeyStanding, standing),
        after,
    )


def certificate_facts(alias: str, numbers: Iterable[str], origins: dict[int, str]) -> dict[str, list[Placed]]:
    """All effective facts about certificate numbers, in one query for each few hundred of them."""
    found: dict[str, list[Placed]] = defaultdict(list)
    with connections[alias].cursor() as cursor:
        for part in rows.chunks(numbers):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(f"{_SELECT} WHERE f.subject IN ({marks}) AND {_WHERE}", [*part, *_TYPES])
            for row in cursor.fetchall():
                found[row[0]].append(_fact(row, origins))
    return found


def facts_at(
    alias: str, places: Iterable[tuple[int, int]], origins: dict[int, str]
) -> dict[tuple[int, int], Placed]:
    """The effective facts at (log, index) places."""
    by_log: dict[int, list[int]] = defaultdict(list)
    for log, idx in places:
        by_log[log].append(idx)
    found = {}
    with connections[alias].cursor() as cursor:
        for log, indices in by_log.items():
            for part in rows.chunks(indices):
                marks = ", ".join(["%s"] * len(part))
                cursor.execute(f"{_SELECT} WHERE f.log = %s AND f.idx IN ({marks})", [log, *part])
                for row in cursor.fetchall():
                    found[row[5], row[6]] = _fact(row, origins)
    return found


def every_certificate(alias: str, origins: dict[int, str]) -> Iterator[list[tuple[str, list[Placed]]]]:
    """Every certificate number with its facts, some hundred numbers at a time, in flat memory."""
    with connections[alias].cursor() as cursor:
        last = ""
        while True:
            cursor.execute(
                f'SELECT DISTINCT f.subject FROM "log_fact" f WHERE f.subject > %s AND {_WHERE} '  # noqa: S608
                "ORDER BY f.subject LIMIT 2000",
                [last, *_TYPES],
            )
            numbers = [subject for (subject,) in cursor.fetchall()]
            if not numbers:
                return
            last = numbers[-1]
            facts = certificate_facts(alias, numbers, origins)
            yield [(number, facts[number]) for number in numbers]


def known_ids(alias: str, ids: Sequence[bytes]) -> set[bytes]:
    """Those of ``ids`` that stand in some log here."""
    found: set[bytes] = set()
    with connections[alias].cursor() as cursor:
        for part in rows.chunks(ids):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(f'SELECT id FROM "log_fact" WHERE id IN ({marks})', part)  # noqa: S608
            found.update(bytes(row[0]) for row in cursor.fetchall())
    return found


def _fact(row: tuple[Any, ...], origins: dict[int, str]) -> Placed:
    subject, identity, kind, issuer, at, log, idx, standing, after, raw = row
    return Placed(
        bytes(identity),
        kind,
        issuer,
        subject,
        at,
        payload_of(bytes(raw)),
        origins[log],
        idx,
        None,
        standing,
        after,
    )

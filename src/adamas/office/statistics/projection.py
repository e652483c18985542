"""Statistics views: returns as filed (an amended one stands beside the one it amends), and what the rules say
of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from adamas.office.log import findings, reading, rows
from adamas.office.log.catalogue import RETURN_TYPES
from adamas.office.log.fold import Entry
from adamas.office.log.knowledge import Knowledge
from adamas.office.log.models import Finding
from adamas.office.statistics.models import Return

_Place = tuple[int, int]


def project(alias: str, log: int, entries: Sequence[Entry]) -> list[_Place]:
    """Takes returns that took effect into the view, in the caller's transaction; gives their (log, index)."""
    found = []
    for entry in entries:
        st = entry.st
        if st is None or entry.effective is None or st.type not in RETURN_TYPES:
            continue
        payload = st.payload
        found.append(
            (
                log,
                entry.idx,
                st.subject,
                payload["participant"],
                payload["kind"],
                payload["period"],
                payload["carats"],
                payload["value"],
                int(payload["nil"]),
                payload.get("filed"),
                payload.get("modified"),
                st.issuer,
                payload.get("source", ""),
                payload.get("refs", {}).get("return"),
            )
        )
    rows.insert(alias, Return, found)
    return [(log, row[1]) for row in found]


def of_participants(alias: str, codes: Collection[str] | None = None) -> list[_Place]:
    """(log, index) of all returns, or of those of some Participants."""
    query = Return.objects.using(alias)
    if codes is not None:
        query = query.filter(country__in=codes)
    return list(query.values_list("log", "idx"))


def judge_returns(alias: str, knowledge: Knowledge, places: Sequence[_Place]) -> None:
    """What the rules say of these returns, under the register as it is now."""
    scopes = {place: f"return:{knowledge.origins[place[0]]}:{place[1]}" for place in places}
    rows.delete(alias, Finding, "scope", scopes.values())
    found: list[tuple[object, ...]] = []
    for part in rows.chunks(places):
        for place, fact in reading.facts_at(alias, part, knowledge.origins).items():
            found += findings.rows_of(scopes[place], findings.judged(fact, None, knowledge.register))
    rows.insert(alias, Finding, found)

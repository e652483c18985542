"""Duties: what named parties must do and say that they did, how often, and what is overdue.

:func:`findings` is the rule of them all: what was attested and a day in, findings out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adamas.scheme.duties.chair import CHAIR
from adamas.scheme.duties.decisions import DECISIONS, INDUSTRY
from adamas.scheme.duties.duty import Attested, Duty, Monthly, Once, Spans, Within, Yearly
from adamas.scheme.duties.participants import PARTICIPANTS
from adamas.scheme.findings import Finding
from adamas.scheme.values import day_of, ordinal

__all__ = ["DUTIES", "Attested", "Due", "Duty", "due", "findings"]

DUTIES: tuple[Duty, ...] = (*PARTICIPANTS, *CHAIR, *INDUSTRY, *DECISIONS)
"""Every duty, by party and document."""

OF_CODE: Mapping[str, Duty] = {duty.code: duty for duty in DUTIES}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing due from one party: the duty, for which period or case, the last day in time, and what was attested
    (None: nothing yet)."""

    duty: Duty
    key: str
    last_day: str
    done: Attested | None


def due(
    duties: Iterable[Duty],
    member_from: str,
    member_until: str,
    opened: str,
    attested: Mapping[str, Iterable[Attested]],
    until: str,
) -> list[Due]:
    """All that is due from one party by the duties, from period to period and case to case.

    ``member_from`` and ``member_until`` bound its time in the scheme, ``opened`` is the day on which these books were
    opened; what falls due later than ``until`` (all ISO days) is left out. ``attested`` holds what the party said, by
    code of duty. The first attestation of a period or case counts; later ones change nothing.
    """
    found: list[Due] = []
    said = {code: _first(attestations) for code, attestations in attested.items()}
    for duty in duties:
        first = max(duty.since, member_from, opened)
        end = min(duty.until, member_until)
        rhythm = duty.rhythm
        mine = said.get(duty.code, {})
        if isinstance(rhythm, Yearly | Monthly | Spans):
            for period, closes, last_day in rhythm.periods(first, min(end, until)):
                if closes <= end and last_day <= until:
                    found.append(Due(duty, period, last_day, mine.get(period)))
        elif isinstance(rhythm, Once):
            last_day = day_of(ordinal(first) + rhythm.days)
            if first < end and last_day <= until:
                found.append(Due(duty, "once", last_day, mine.get("once")))
        elif isinstance(rhythm, Within):
            for case, trigger in said.get(rhythm.after, {}).items():
                last_day = day_of(ordinal(trigger.on) + rhythm.days)
                if first <= trigger.on < duty.until and (last_day <= until or rhythm.before):
                    found.append(Due(duty, case, last_day, mine.get(case)))
    return found


def findings(subject: str, dues: Iterable[Due], today: str) -> list[Finding]:
    """What is overdue and what came late, of what was due from ``subject`` (a Participant's code, or ``scheme``)."""
    found = []
    for item in dues:
        duty, done = item.duty, item.done
        rhythm = duty.rhythm
        if isinstance(rhythm, Within) and rhythm.before:
            if done is not None and done.on < item.last_day:
                found.append(_finding(subject, item, f"came on {done.on}, before {item.last_day}", "on"))
            continue
        if done is None and today > item.last_day:
            days = ordinal(today) - ordinal(item.last_day)
            found.append(_finding(subject, item, f"was due by {item.last_day}, {days} days ago", "overdue"))
        elif done is not None and done.on > item.last_day:
            days = ordinal(done.on) - ordinal(item.last_day)
            found.append(_finding(subject, item, f"came on {done.on}, {days} days late", "late"))
    return found


def _finding(subject: str, item: Due, what: str, field: str) -> Finding:
    key = "" if item.key == "once" else f" for {item.key}"
    sentence = f"{subject} must state{key} that {item.duty.says}: it {what}."
    evidence = (item.done.id,) if item.done else ()
    return Finding(
        item.duty.rule, item.duty.clause, "finding", sentence, field, f"{subject}/{item.key}", evidence
    )


def _first(attestations: Iterable[Attested]) -> dict[str, Attested]:
    kept: dict[str, Attested] = {}
    for one in attestations:
        held = kept.get(one.key)
        if held is None or (one.said, one.id) < (held.said, held.id):
            kept[one.key] = one
    return kept

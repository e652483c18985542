"""The rulebook for reading: every clause with what the code does about it, and every duty (docs/rulebook)."""

from __future__ import annotations

from itertools import groupby

from adamas.scheme.duties import DUTIES, Duty
from adamas.scheme.duties.duty import Event, Monthly, Once, Spans, Within, Yearly
from adamas.scheme.placement import Placed, placement

_PARTY = {
    "participant": "each Participant",
    "chair": "the Chair",
    "industry": "the industry's observers",
    "observer": "an observer",
}


def clauses_markdown() -> str:
    """Every clause by section: what it asks in our words, and the rules, moves, duties or places that stand behind."""
    lines = [_counts(), ""]
    for section, places in groupby(placement(), key=lambda one: one.clause.section):
        lines += [f"## {section}", "", "| clause | asks | kind | what the code does |", "|---|---|---|---|"]
        lines += [_row(one) for one in places]
        lines.append("")
    return "\n".join(lines)


def duties_markdown() -> str:
    """Every duty: who states what, when, by which clause, and how it is stated."""
    lines = [
        "| duty | whose | states that | when | in force | clause | statement |",
        "|---|---|---|---|---|---|---|",
    ]
    for duty in DUTIES:
        whose = ", ".join(duty.only) or _PARTY[duty.party] + (" that mines" if duty.producers else "")
        lines.append(
            f"| `{duty.code}` | {whose} | {duty.says} | {when(duty)} | {_force(duty)} | {duty.clause} | `{duty.by}` |"
        )
    return "\n".join(lines) + "\n"


def when(duty: Duty) -> str:
    """The rhythm of a duty in words."""
    rhythm = duty.rhythm
    if isinstance(rhythm, Yearly):
        return f"yearly, by {rhythm.day:02d}.{rhythm.month:02d}." + (
            "" if rhythm.same else " of the next year"
        )
    if isinstance(rhythm, Monthly):
        return f"monthly, within {rhythm.days} days"
    if isinstance(rhythm, Spans):
        return ("each quarter" if rhythm.months == 3 else "each half-year") + ", within two months"
    if isinstance(rhythm, Once):
        return f"once, within {rhythm.days} days" if rhythm.days else "once, from the first day"
    if isinstance(rhythm, Within):
        return f"{'at least' if rhythm.before else 'within'} {rhythm.days} days after `{rhythm.after}`"
    assert isinstance(rhythm, Event)
    return "when it happens"


def _counts() -> str:
    places = placement()
    behind = sum(one.behind for one in places)
    asked = [one for one in places if one.clause.kind in ("rule", "attestation")]
    return (
        f"{len(places)} clauses; {len(asked)} ask for a rule or an attestation, and {sum(o.behind for o in asked)} of "
        f"them have one. Of the others, definitions and recommendations, {behind - len(asked)} have one too."
    )


def _row(one: Placed) -> str:
    does = [f"`{code}`" for code in (*one.rules, *one.duties)]
    does += [f"a certificate's life: {', '.join(one.moves)}"] if one.moves else []
    does += [one.built] if one.built else []
    clause = one.clause
    dates = f" ({clause.start or '…'} to {clause.until or 'now'})" if clause.start or clause.until else ""
    name = f"{clause.cite}{dates}<br>`{clause.id}`"
    return f"| {name} | {clause.paraphrase} | {clause.kind} | {'; '.join(does) or '–'} |"


def _force(duty: Duty) -> str:
    if duty.since == "2003-01-01" and duty.until == "9999-12-31":
        return "always"
    return f"{duty.since} to {'now' if duty.until == '9999-12-31' else duty.until}"

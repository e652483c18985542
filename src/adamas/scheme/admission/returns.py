"""Rules on half-yearly production returns (Annex III(c), (e); AD-STAT-submit)."""

from __future__ import annotations

from adamas.scheme.admission.general import RETURN_TYPES
from adamas.scheme.admission.rule import BROKEN, OK, Case, Values, rule
from adamas.scheme.returns import days_late, period_end
from adamas.scheme.values import day_at, ordinal


@rule(
    "return-too-early",
    "Annex III(c)",
    "a return covers a half-year that is over",
    *RETURN_TYPES,
    field="period",
    severity="finding",
    sentence="The return for {period} was filed on {filed}, before the half-year was over.",
)
def too_early(case: Case) -> Values | None:
    """Seen in the real figures: two halves entered the wrong way round."""
    filed = case.payload.get("filed")
    if filed is None:
        return OK
    day = day_at(filed)
    return (
        OK if day > period_end(case.payload["period"]) else {"period": case.payload["period"], "filed": day}
    )


@rule(
    "return-late",
    "Annex III(c); AD-STAT-submit",
    "a return is filed within two months of the half-year",
    *RETURN_TYPES,
    field="filed",
    severity="finding",
    sentence="The return of {participant} for {period} was filed on {filed}, {days} days late.",
)
def late(case: Case) -> Values | None:
    """By the source's own stamp; a return without stamp cannot be late or in time."""
    filed = case.payload.get("filed")
    if filed is None or case.fact.type == "return.amended":
        return OK
    days = days_late(case.payload["period"], ordinal(day_at(filed)))
    if days <= 0:
        return OK
    payload = case.payload
    return {
        "participant": payload["participant"],
        "period": payload["period"],
        "filed": day_at(filed),
        "days": days,
    }


@rule(
    "return-nil",
    "Annex III(c)",
    "nil means nil",
    *RETURN_TYPES,
    field="nil",
    sentence="The return {number} says both that nothing was produced and how much.",
)
def nil(case: Case) -> Values | None:
    """An express nil is a statement; an absent return is not."""
    payload = case.payload
    return BROKEN if payload["nil"] and (payload["carats"] or payload["value"]) else OK


@rule(
    "return-no-value",
    "Annex III(c)",
    "carats have a value",
    *RETURN_TYPES,
    field="value",
    severity="finding",
    sentence="The return {number} states carats without value, or value without carats.",
)
def no_value(case: Case) -> Values | None:
    """Carats and value are both to be reported."""
    payload = case.payload
    return BROKEN if bool(payload["carats"]) is not bool(payload["value"]) else OK


@rule(
    "return-not-participant",
    "IV(e); V(b)",
    "returns are of Participants",
    *RETURN_TYPES,
    field="participant",
    severity="note",
    sentence="{participant} was not on the list at the end of {period}: {why}",
)
def not_participant(case: Case) -> Values | None:
    """Figures of a country before it joined, or after it left, are told apart and not refused."""
    payload = case.payload
    standing = case.register.standing(payload["participant"], period_end(payload["period"]))
    if standing.kind in ("absent", "left", "covered", "early"):
        return {"participant": payload["participant"], "period": payload["period"], "why": standing.why}
    return OK

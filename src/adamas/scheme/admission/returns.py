"""Rules on returns of production and trade (Annex III(a)–(c), (e); AD-STAT-submit)."""

from __future__ import annotations

from adamas.scheme.admission.general import RETURN_TYPES, TRADE_TYPES
from adamas.scheme.admission.rule import BROKEN, OK, Case, Values, rule
from adamas.scheme.returns import SMALL_CELL, days_late, period_end, span_end, span_start
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


@rule(
    "trade-early",
    "Annex III(a)",
    "a trade return covers a quarter that is over",
    *TRADE_TYPES,
    field="period",
    severity="finding",
    sentence="The trade return for {period} was filed on {filed}, before the quarter was over.",
)
def trade_early(case: Case) -> Values | None:
    """By the source's stamp where it was transcribed, else by the time claimed."""
    period = case.payload["period"]
    filed = day_at(case.payload.get("filed", case.fact.at))
    return OK if filed > span_end(period) else {"period": period, "filed": filed}


@rule(
    "trade-nil",
    "Annex III(a)",
    "nil means nil",
    *TRADE_TYPES,
    field="nil",
    sentence="The trade return {number} says both that nothing was traded and what, or neither.",
)
def trade_nil(case: Case) -> Values | None:
    """An empty table without the word nil says nothing."""
    return BROKEN if case.payload["nil"] is bool(case.payload["lines"]) else OK


@rule(
    "trade-cell-twice",
    "Annex III(b)",
    "each cell of a trade return stands once",
    *TRADE_TYPES,
    field="lines",
    sentence="The trade return {number} has the cell {cell} twice.",
)
def trade_cell_twice(case: Case) -> Values | None:
    """Flow × partner × HS."""
    seen: set[tuple[str, str, str]] = set()
    for line in case.payload["lines"]:
        cell = (line["flow"], line["partner"], line["hs"])
        if cell in seen:
            return {"cell": " ".join(cell)}
        seen.add(cell)
    return OK


@rule(
    "trade-partner",
    "III(c)",
    "partners are other Participants in the quarter",
    *TRADE_TYPES,
    field="lines",
    severity="finding",
    sentence="The trade return {number} names {partner} as a partner: {why}",
)
def trade_partner(case: Case) -> Values | None:
    """A figure is not refused for what it shows: trade with a country that was no Participant is a finding."""
    first, last = span_start(case.payload["period"]), span_end(case.payload["period"])
    for partner in sorted({line["partner"] for line in case.payload["lines"]} - {"*"}):
        if partner == case.payload["participant"]:
            return {"partner": partner, "why": "that is the Participant itself."}
        standing = case.register.standing(partner, last)
        if not standing.good and not case.register.standing(partner, first).good:
            return {"partner": partner, "why": standing.why}
    return OK


@rule(
    "trade-small-cell",
    "Annex III, chapeau",
    "no cell gives away a single certificate",
    *TRADE_TYPES,
    field="lines",
    sentence="The trade return {number} opens the cell {cell} of {count} certificates: merge it with others.",
)
def trade_small_cell(case: Case) -> Values | None:
    """Cells with fewer than three certificates are merged before publication (docs/formats)."""
    for line in case.payload["lines"]:
        opened = "carats_opening" in line or "value_opening" in line
        if opened and 0 < line["certificates"] < SMALL_CELL:
            return {
                "cell": f"{line['flow']} {line['partner']} {line['hs']}",
                "count": line["certificates"],
            }
    return OK

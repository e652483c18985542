"""Statement types of statistics: returns of production and trade, questionnaires and answers."""

from __future__ import annotations

from adamas.scheme.catalogue.common import GROUP
from adamas.shapes import (
    Field,
    StatementType,
    boolean,
    country,
    date,
    digest32,
    list_of,
    octets,
    record_of,
    text,
    timestamp,
    uint,
)

_TRANSCRIBED = (
    Field("filed", timestamp(), "when it was filed, by the source's own stamp", required=False),
    Field("modified", timestamp(), "when it was last changed at the source", required=False),
    Field(
        "source", text(max=400), "where it was copied from, if it is not the Participant's own word", False
    ),
    Field("row", uint(max=10**6), "row of the source", required=False),
)
_OWN = "the Participant's authority, or kp:transcriber for figures copied from a published source"

_PRODUCTION = tuple(
    StatementType(
        name,
        "statistics",
        doc,
        issuer=_OWN,
        subject="XX/production/2023-H1 (or …/2023-H1/ASM)",
        fields=(
            Field("participant", country(), "whose production"),
            Field("period", text(max=7, pattern="[0-9]{4}-H[12]"), "half-year"),
            Field("kind", text(choices=("all", "ASM", "LSM")), "small-scale, large-scale, or not split"),
            Field("carats", uint(max=10**13), "production in 0.01 ct"),
            Field("value", uint(max=10**15), "value in US cents"),
            Field("nil", boolean(), "an express statement that nothing was produced"),
            *_TRANSCRIBED,
        ),
        refs=refs,
    )
    for name, doc, refs in (
        ("return.filed", "A half-yearly production return (Annex III(c)).", ()),
        (
            "return.amended",
            "New figures for a return.",
            (Field("return", digest32(), "the return it amends"),),
        ),
    )
)

LINE = record_of(
    Field("flow", text(choices=("import", "export")), "the way the goods went"),
    Field(
        "partner",
        text(max=2, pattern="[A-Z]{2}|\\*"),
        "the other Participant; * where small cells were merged",
    ),
    Field(
        "hs",
        text(max=20, pattern="7102(10|21|31)(\\+7102(21|31)){0,2}|\\*"),
        "HS code, or codes joined by + where certificates hold several; * where small cells were merged",
    ),
    Field("certificates", uint(max=10**7), "certificates validated for export, or confirmed at import"),
    Field("carats", uint(max=10**13), "0.01 ct"),
    Field("value", uint(max=10**15), "US cents"),
    Field(
        "carats_opening", octets(min=32, max=32), "sum of the blinding factors of the sealed carats", False
    ),
    Field("value_opening", octets(min=32, max=32), "sum of the blinding factors of the sealed values", False),
)
"""One cell of a trade return: flow × partner × HS."""

_TRADE = tuple(
    StatementType(
        name,
        "statistics",
        doc,
        issuer=_OWN,
        subject="XX/trade/2024-Q1",
        fields=(
            Field("participant", country(), "whose trade"),
            Field("period", text(max=7, pattern="[0-9]{4}-Q[1-4]"), "quarter"),
            Field("lines", list_of(LINE, max=600), "its cells, each once"),
            Field("nil", boolean(), "an express statement that nothing was traded"),
            *_TRANSCRIBED,
        ),
        refs=refs,
    )
    for name, doc, refs in (
        (
            "trade.filed",
            "A quarterly trade return (Annex III(a), (b)): a cell opens to the sum of its certificates' sealed "
            "quantities.",
            (),
        ),
        (
            "trade.amended",
            "New figures for a trade return.",
            (Field("trade", digest32(), "the return it amends"),),
        ),
    )
)

_SUBJECT = "XX/questionnaire/<slug>"
_QUESTIONNAIRES = (
    StatementType(
        "questionnaire.sent",
        "statistics",
        "The working group asks a Participant about its figures (AD-DAQ).",
        issuer=GROUP,
        subject=_SUBJECT,
        fields=(
            Field("participant", country(), "who is asked"),
            Field("sent", date(), "day"),
            Field("due", date(), "last day for the answer"),
            Field(
                "questions", list_of(text(max=1000), min=1, max=50), "what is asked, each with its figures"
            ),
            Field("findings", list_of(digest32(), max=50), "findings that it rests on", required=False),
        ),
    ),
    StatementType(
        "questionnaire.answered",
        "statistics",
        "The Participant answers. Its words stand beside the figure from then on.",
        issuer="an authority of the Participant that was asked",
        subject=_SUBJECT,
        fields=(
            Field("answered", date(), "day"),
            Field("answers", list_of(text(max=2000), min=1, max=50), "one for each question, in their order"),
            Field("amended", list_of(digest32(), max=50), "returns amended with it", required=False),
        ),
        refs=(Field("questionnaire", digest32(), "what is answered"),),
    ),
    StatementType(
        "questionnaire.closed",
        "statistics",
        "The working group accepts the answer, or disputes it: then a case follows.",
        issuer=GROUP,
        subject=_SUBJECT,
        fields=(
            Field("closed", date(), "day"),
            Field("outcome", text(choices=("accepted", "disputed")), "what the working group holds"),
            Field("why", text(max=1000), "its reason"),
        ),
        refs=(
            Field("questionnaire", digest32(), "what is closed"),
            Field("answer", digest32(), "the answer; none where none came", required=False),
        ),
    ),
)

STATISTICS = (*_PRODUCTION, *_TRADE, *_QUESTIONNAIRES)

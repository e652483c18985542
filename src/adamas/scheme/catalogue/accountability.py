"""Statement types of accountability: measures, attestations of duties, findings."""

from __future__ import annotations

from adamas.scheme.catalogue.common import PRECISION, ROOTS, SLUG, SOURCE
from adamas.shapes import Field, StatementType, date, digest32, list_of, text

ACCOUNTABILITY = (
    StatementType(
        "measure.imposed",
        "accountability",
        "A measure binds a Participant from a day on (AD-INTERIM-2, AD-SELFSUSPEND, or a Security Council "
        "decision).",
        issuer=ROOTS,
        subject="the Participant's code",
        fields=(
            Field("measure", SLUG, "name of the measure, by which it is lifted"),
            Field(
                "kind",
                text(choices=("suspended", "self_suspended", "restricted", "un_embargo")),
                "restricted: trade goes on under conditions; the others stop it",
            ),
            Field("from", date(), "first day"),
            Field("until", date(), "first free day, where it was set from the start", required=False),
            Field("clause", text(max=120), "decision or clause"),
            PRECISION,
            *SOURCE,
        ),
    ),
    StatementType(
        "measure.lifted",
        "accountability",
        "A measure ends.",
        issuer=ROOTS,
        subject="the Participant's code",
        fields=(
            Field("measure", SLUG, "name of the measure"),
            Field("from", date(), "first free day"),
            PRECISION,
            *SOURCE,
        ),
    ),
    StatementType(
        "attestation.made",
        "accountability",
        "A named party states that it did what a clause asks of it, for a period or in a case "
        "(docs/rulebook/duties.md).",
        issuer="the party named by the duty: an authority of the Participant, a root of the registry for the "
        "Chair, or an observer",
        subject="XX/duty/<code>/<period or case>; scheme/duty/… for the Chair, industry and observers",
        fields=(
            Field("duty", text(max=60, pattern="[a-z0-9][a-z0-9-]*"), "code of the duty"),
            Field(
                "key",
                text(max=60, pattern="[A-Za-z0-9][A-Za-z0-9-]*"),
                "period (2025, 2025-03), case, or once",
            ),
            Field("on", date(), "day on which it was done"),
            Field("says", text(max=2000), "what is stated, in the party's own words", required=False),
            Field("document", digest32(), "SHA-256 of the paper that shows it", required=False),
        ),
    ),
    StatementType(
        "finding.raised",
        "accountability",
        "A rule of the rulebook was broken, with the statements that show it. Anyone can compute it again under the "
        "rulebook of its day.",
        issuer="whoever supervises: an office, an observer, a root of the registry",
        subject="what it is about: a certificate's number, a Participant's code, a return",
        fields=(
            Field("rule", text(max=80, pattern="[a-z0-9][a-z0-9.-]*"), "code of the rule"),
            Field("clause", text(max=200), "clause that it rests on"),
            Field("rulebook", digest32(), "digest of the rulebook under which it was found"),
            Field("severity", text(choices=("refuse", "finding", "note")), "how grave"),
            Field("as_of", date(), "day for which it was found"),
            Field("about", text(max=60), "field that is meant", required=False),
            Field("sentence", text(max=2000), "what was found, in words"),
            Field("evidence", list_of(digest32(), max=200), "statements that show it", required=False),
        ),
    ),
)

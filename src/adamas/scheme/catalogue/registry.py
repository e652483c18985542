"""Statement types of the registry: who takes part, who may sign, which numbers, which rulebook."""

from __future__ import annotations

from adamas.scheme.catalogue.common import AUTHORITY, PRECISION, ROOTS, SOURCE, WHO
from adamas.shapes import Field, StatementType, boolean, country, date, digest32, list_of, text, uint

REGISTRY = (
    StatementType(
        "participant.admitted",
        "registry",
        "A state or regional organisation takes part from a day on, or again (Core Document VI.8).",
        issuer=ROOTS,
        subject="the Participant's code (alpha-2, or EU)",
        fields=(
            Field("name", text(max=120), "name in use in the scheme"),
            Field("from", date(), "first day of participation"),
            Field(
                "act",
                text(choices=("founding", "admitted", "readmitted", "entity")),
                "how it came to take part",
            ),
            Field(
                "producer", boolean(), "whether it is known to mine rough diamonds (coarse)", required=False
            ),
            PRECISION,
            *SOURCE,
        ),
    ),
    StatementType(
        "participant.left",
        "registry",
        "A Participant is off the list from a day on (AD-CESSATION, AD-INTERIM-3).",
        issuer=ROOTS,
        subject="the Participant's code",
        fields=(
            Field("from", date(), "first day on which it is no Participant"),
            Field("why", text(choices=("removed", "withdrew", "merged")), "merged: now covered by another"),
            PRECISION,
            *SOURCE,
        ),
    ),
    StatementType(
        "territory.covered",
        "registry",
        "A country's trade falls under another Participant (Section I, regional economic integration "
        "organisation).",
        issuer=ROOTS,
        subject="the country's code",
        fields=(
            Field("by", country(), "the Participant that covers it"),
            Field("from", date(), "first day"),
            Field("until", date(), "first day no longer covered", required=False),
            *SOURCE,
        ),
    ),
    StatementType(
        "observer.invited",
        "registry",
        "An observer sits at the meetings (Core Document VI.10), in one of the pillars.",
        issuer=ROOTS,
        subject="the observer's short name, small letters",
        fields=(
            Field("name", text(max=120), "full name"),
            Field(
                "pillar", text(choices=("government", "industry", "civil", "independent")), "where it sits"
            ),
            Field("from", date(), "first day"),
            PRECISION,
            *SOURCE,
        ),
    ),
    StatementType(
        "authority.designated",
        "registry",
        "A Participant names an importing and exporting authority (IV(b)) and its first range of "
        "certificate numbers.",
        issuer=ROOTS,
        subject="the authority as it signs: kp:XX/authority…",
        fields=(
            Field("participant", country(), "whose authority it is"),
            Field("name", text(max=120), "official name"),
            Field("roles", list_of(text(choices=("exporting", "importing")), min=1, max=2), "what it does"),
            Field("from", date(), "first day"),
            Field("until", date(), "first day no longer", required=False),
            *SOURCE,
        ),
    ),
    StatementType(
        "range.assigned",
        "registry",
        "Certificate numbers that an authority may use (Annex I A, numbering).",
        issuer=ROOTS,
        subject="the authority as it signs",
        fields=(
            Field("code", text(max=2, pattern="[A-Z]{2}"), "the two letters of the number"),
            Field("digits", uint(max=10), "how many digits the serial has"),
            Field("first", uint(max=10**10 - 1), "first serial"),
            Field("last", uint(max=10**10 - 1), "last serial"),
            Field("from", date(), "first day of issue"),
            Field("until", date(), "first day no longer", required=False),
        ),
    ),
    StatementType(
        "organisation.licensed",
        "registry",
        "A firm or person may handle rough diamonds (Annex II, 9–16). The name stays hidden.",
        issuer=AUTHORITY,
        subject="the organisation: kp:XX/org/<slug>",
        fields=(
            Field(
                "roles",
                list_of(
                    text(choices=("miner", "buyer", "exporter", "importer", "cutter", "agent", "courier")),
                    min=1,
                    max=7,
                ),
                "what it may do",
            ),
            Field("from", date(), "first day"),
            Field("until", date(), "first day no longer", required=False),
        ),
        hidden=(Field("name", text(max=200), "name and address", required=False),),
    ),
    StatementType(
        "licence.ended",
        "registry",
        "A licence ends before its time.",
        issuer=AUTHORITY,
        subject="the organisation: kp:XX/org/<slug>",
        fields=(
            Field("from", date(), "first day without licence"),
            Field("why", text(choices=("surrendered", "withdrawn", "convicted", "ceased")), "reason"),
        ),
    ),
    StatementType(
        "site.registered",
        "registry",
        "A place where diamonds are mined (Annex II, 9–12).",
        issuer=AUTHORITY,
        subject="the site: XX/<slug>",
        fields=(
            Field("name", text(max=120), "name of the place"),
            Field("kind", text(choices=("kimberlite", "alluvial", "marine", "artisanal")), "kind of mining"),
            Field("from", date(), "first day"),
            Field("licensee", WHO, "organisation that mines there", required=False),
        ),
    ),
    StatementType(
        "rulebook.adopted",
        "registry",
        "The admission rules in force, by the digest of their descriptions, so that a finding can be "
        "recomputed.",
        issuer=ROOTS,
        subject="rulebook",
        fields=(
            Field("digest", digest32(), "SHA-256 of the rulebook's canonical bytes"),
            Field("edition", text(max=40), "name of the edition"),
            Field("from", date(), "first day in force"),
        ),
    ),
)

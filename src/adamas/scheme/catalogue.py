"""The statement types of the scheme: one table from which checks, CDDL, JSON Schema and documentation come.

Field order and names are the published format. A payload also carries ``v``, ``type`` and, by type,
``refs``, ``hidden`` and ``sealed``, which :mod:`adamas.shapes` handles. Nothing that the header says
(issuer, subject) is said again, unless it is about somebody else.
"""

from __future__ import annotations

from adamas.shapes import (
    Catalogue,
    Field,
    StatementType,
    boolean,
    country,
    date,
    digest32,
    list_of,
    text,
    timestamp,
    uint,
)

_HS = text(max=6, pattern="7102(10|21|31)")
_NUMBER = text(max=12, pattern="[A-Z]{2}[0-9]{5,10}")
_ROLE = text(max=40, pattern="[a-z0-9][a-z0-9._-]*")
_SLUG = text(max=80, pattern="[A-Za-z0-9][A-Za-z0-9._/-]*")
_NOTE = text(max=400)
_WHO = text(max=120)
_SOURCE = (
    Field("source", text(max=400), "where the fact was read", required=False),
    Field(
        "confidence",
        text(choices=("text", "recalled")),
        "text: its source was read; recalled: it was not",
        False,
    ),
    Field("note", _NOTE, "a remark", required=False),
)
_PRECISION = Field(
    "precision",
    text(choices=("day", "month", "year", "by")),
    "how much of the date counts; day if left out",
    False,
)

_AUTHORITY = "an authority of a Participant (kp:XX/authority…, kp:XX/customs…)"
_EXPORTING = "the exporting authority: kp:XX/authority…, XX being the number's code"
_IMPORTING = "the importing authority: kp:YY/authority… or kp:YY/customs…, YY being the destination"
_ROOTS = "a root of the registry (kp:registry/<pillar>), endorsed by others"
_CERTIFICATE = "the certificate's number"
_OF = Field("certificate", digest32(), "the certificate.issued statement that is meant")

REGISTRY = (
    StatementType(
        "participant.admitted",
        "registry",
        "A state or regional organisation takes part from a day on, or again (Core Document VI.8).",
        issuer=_ROOTS,
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
            _PRECISION,
            *_SOURCE,
        ),
    ),
    StatementType(
        "participant.left",
        "registry",
        "A Participant is off the list from a day on (AD-CESSATION, AD-INTERIM-3).",
        issuer=_ROOTS,
        subject="the Participant's code",
        fields=(
            Field("from", date(), "first day on which it is no Participant"),
            Field("why", text(choices=("removed", "withdrew", "merged")), "merged: now covered by another"),
            _PRECISION,
            *_SOURCE,
        ),
    ),
    StatementType(
        "territory.covered",
        "registry",
        "A country's trade falls under another Participant (Section I, regional economic integration "
        "organisation).",
        issuer=_ROOTS,
        subject="the country's code",
        fields=(
            Field("by", country(), "the Participant that covers it"),
            Field("from", date(), "first day"),
            Field("until", date(), "first day no longer covered", required=False),
            *_SOURCE,
        ),
    ),
    StatementType(
        "observer.invited",
        "registry",
        "An observer sits at the meetings (Core Document VI.10), in one of the pillars.",
        issuer=_ROOTS,
        subject="the observer's short name, small letters",
        fields=(
            Field("name", text(max=120), "full name"),
            Field(
                "pillar", text(choices=("government", "industry", "civil", "independent")), "where it sits"
            ),
            Field("from", date(), "first day"),
            _PRECISION,
            *_SOURCE,
        ),
    ),
    StatementType(
        "authority.designated",
        "registry",
        "A Participant names an importing and exporting authority (IV(b)) and its first range of "
        "certificate numbers.",
        issuer=_ROOTS,
        subject="the authority as it signs: kp:XX/authority…",
        fields=(
            Field("participant", country(), "whose authority it is"),
            Field("name", text(max=120), "official name"),
            Field("roles", list_of(text(choices=("exporting", "importing")), min=1, max=2), "what it does"),
            Field("from", date(), "first day"),
            Field("until", date(), "first day no longer", required=False),
            *_SOURCE,
        ),
    ),
    StatementType(
        "range.assigned",
        "registry",
        "Certificate numbers that an authority may use (Annex I A, numbering).",
        issuer=_ROOTS,
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
        issuer=_AUTHORITY,
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
        issuer=_AUTHORITY,
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
        issuer=_AUTHORITY,
        subject="the site: XX/<slug>",
        fields=(
            Field("name", text(max=120), "name of the place"),
            Field("kind", text(choices=("kimberlite", "alluvial", "marine", "artisanal")), "kind of mining"),
            Field("from", date(), "first day"),
            Field("licensee", _WHO, "organisation that mines there", required=False),
        ),
    ),
    StatementType(
        "rulebook.adopted",
        "registry",
        "The admission rules in force, by the digest of their descriptions, so that a finding can be "
        "recomputed.",
        issuer=_ROOTS,
        subject="rulebook",
        fields=(
            Field("digest", digest32(), "SHA-256 of the rulebook's canonical bytes"),
            Field("edition", text(max=40), "name of the edition"),
            Field("from", date(), "first day in force"),
        ),
    ),
)

CERTIFICATION = (
    StatementType(
        "certificate.issued",
        "certification",
        "A Kimberley Process Certificate (II(a), Annex I A). Its title and statement are fixed by the Core "
        "Document.",
        issuer=_EXPORTING,
        subject=_CERTIFICATE,
        fields=(
            Field("to", country(), "Participant of destination"),
            Field("hs", list_of(_HS, min=1, max=3), "HS codes, ascending, each once"),
            Field(
                "origin",
                list_of(country(), min=1, max=40),
                "countries of mining; more than one means mixed origin",
            ),
            Field(
                "shares",
                list_of(uint(max=100), min=2, max=40),
                "per cent of carats by origin, sum 100",
                False,
            ),
            Field("issued", date(), "date of issuance"),
            Field("expires", date(), "date of expiry: last day of validity"),
            Field("parcels", uint(max=9999), "number of parcels"),
            Field("officers", list_of(_ROLE, min=1, max=4), "role ids: who issued, who approved"),
            Field(
                "technical", text(max=80), "a technical certificate, and why (AD-TECHCERT)", required=False
            ),
        ),
        hidden=(
            Field("parties", text(max=1000), "exporter and importer"),
            Field("goods", text(max=8000), "parcels (HS, carats, value), seals, tamper-resistant container"),
            Field("amounts", text(max=200), "openings of the sealed quantities"),
        ),
        sealed=("carats", "value"),
        refs=(Field("replaces", digest32(), "the certificate whose place this one takes", required=False),),
    ),
    StatementType(
        "certificate.validated",
        "certification",
        "The exporting authority checked and sealed the shipment (III(a); Annex I A, validation).",
        issuer=_EXPORTING,
        subject=_CERTIFICATE,
        fields=(
            Field("validated", date(), "day of validation"),
            Field("officer", _ROLE, "role id of who validated"),
        ),
        refs=(_OF,),
    ),
    StatementType(
        "shipment.dispatched",
        "certification",
        "The sealed shipment left the exporting Participant (Annex II, 19). Optional.",
        issuer=_EXPORTING,
        subject=_CERTIFICATE,
        fields=(
            Field("dispatched", date(), "day of departure"),
            Field("via", list_of(country(), min=1, max=8), "countries of transit (III(d))", required=False),
        ),
        refs=(_OF,),
    ),
    StatementType(
        "shipment.received",
        "certification",
        "Import confirmation: what the importing authority found (III(b), bullet 2).",
        issuer=_IMPORTING,
        subject=_CERTIFICATE,
        fields=(
            Field("at", country(), "importing Participant"),
            Field("received", date(), "day on which the shipment was checked"),
            Field("parcels", uint(max=9999), "parcels found"),
            Field("seals", text(choices=("intact", "broken", "missing")), "state of the seals"),
            Field(
                "agrees",
                text(choices=("exact", "within", "discrepancy")),
                "found quantities beside declared ones",
            ),
            Field("officer", _ROLE, "role id of who checked", required=False),
        ),
        hidden=(Field("found", text(max=8000), "found parcels and openings", required=False),),
        sealed=("carats", "value"),
        refs=(_OF,),
    ),
    StatementType(
        "shipment.refused",
        "certification",
        "The importing authority does not admit the shipment (III(b), bullet 1; LAW-EU-5-1).",
        issuer=_IMPORTING,
        subject=_CERTIFICATE,
        fields=(
            Field("at", country(), "importing Participant"),
            Field("refused", date(), "day of refusal"),
            Field(
                "why",
                text(
                    choices=(
                        "expired",
                        "void",
                        "mismatch",
                        "seals",
                        "no-certificate",
                        "standing",
                        "forged",
                        "other",
                    )
                ),
                "reason",
            ),
            Field("note", _NOTE, "in words", required=False),
        ),
        refs=(_OF,),
    ),
    StatementType(
        "shipment.returned",
        "certification",
        "The shipment goes back to the exporting Participant (AD-TECHCERT).",
        issuer=_IMPORTING + ", or the exporting authority that took it back",
        subject=_CERTIFICATE,
        fields=(
            Field("returned", date(), "day of return"),
            Field("why", _NOTE, "reason"),
            Field("technical", _NUMBER, "number of the technical certificate it travels on", required=False),
        ),
        refs=(_OF,),
    ),
    StatementType(
        "shipment.seized",
        "certification",
        "An authority takes the shipment (IV(d)).",
        issuer=_AUTHORITY,
        subject=_CERTIFICATE,
        fields=(
            Field("at", country(), "where"),
            Field("seized", date(), "day of seizure"),
            Field("why", _NOTE, "reason"),
        ),
        refs=(_OF,),
    ),
    StatementType(
        "certificate.replaced",
        "certification",
        "Another certificate takes this one's place (AD-KPC-AMEND; V(f)).",
        issuer=_EXPORTING,
        subject=_CERTIFICATE,
        fields=(
            Field("replaced", date(), "day"),
            Field("by", _NUMBER, "number of the new certificate"),
            Field("why", text(choices=("lost", "stolen", "damaged", "error", "expired")), "reason"),
        ),
        refs=(_OF, Field("replacement", digest32(), "the new certificate's statement", required=False)),
    ),
    StatementType(
        "certificate.corrected",
        "certification",
        "The exporting authority states the right data. It counts once the importing authority has put it on "
        "record too, by correction.confirmed (AD-KPC-AMEND).",
        issuer=_EXPORTING,
        subject=_CERTIFICATE,
        fields=(
            Field("corrected", date(), "day"),
            Field("why", _NOTE, "what was wrong"),
            Field("hs", list_of(_HS, min=1, max=3), "right HS codes", required=False),
            Field("origin", list_of(country(), min=1, max=40), "right origins", required=False),
            Field("shares", list_of(uint(max=100), min=2, max=40), "right shares", required=False),
            Field("parcels", uint(max=9999), "right number of parcels", required=False),
            Field("expires", date(), "right date of expiry", required=False),
        ),
        hidden=(Field("goods", text(max=8000), "right parcels and openings", required=False),),
        refs=(_OF,),
    ),
    StatementType(
        "correction.confirmed",
        "certification",
        "The importing authority has the correction on record too (AD-KPC-AMEND).",
        issuer=_IMPORTING,
        subject=_CERTIFICATE,
        fields=(Field("confirmed", date(), "day"),),
        refs=(_OF, Field("correction", digest32(), "the certificate.corrected statement")),
    ),
    StatementType(
        "certificate.revoked",
        "certification",
        "The certificate no longer counts: lost, stolen or void.",
        issuer=_EXPORTING,
        subject=_CERTIFICATE,
        fields=(
            Field("revoked", date(), "day"),
            Field("why", text(choices=("lost", "stolen", "void")), "reason"),
            Field("note", _NOTE, "in words", required=False),
        ),
        refs=(_OF,),
    ),
    StatementType(
        "forgery.reported",
        "certification",
        "A forged paper that carries this number was seen (Annex I A, security; V(f)).",
        issuer=_AUTHORITY,
        subject="the number on the forged paper",
        fields=(
            Field("at", country(), "where"),
            Field("reported", date(), "day"),
            Field("note", _NOTE, "how it was known", required=False),
        ),
        refs=(
            Field(
                "certificate", digest32(), "the true certificate's statement, if there is one", required=False
            ),
        ),
    ),
)

STATISTICS = tuple(
    StatementType(
        name,
        "statistics",
        doc,
        issuer="the Participant's authority, or kp:transcriber for figures copied from a published source",
        subject="XX/production/2023-H1 (or …/2023-H1/ASM)",
        fields=(
            Field("participant", country(), "whose production"),
            Field("period", text(max=7, pattern="[0-9]{4}-H[12]"), "half-year"),
            Field("kind", text(choices=("all", "ASM", "LSM")), "small-scale, large-scale, or not split"),
            Field("carats", uint(max=10**13), "production in 0.01 ct"),
            Field("value", uint(max=10**15), "value in US cents"),
            Field("nil", boolean(), "an express statement that nothing was produced"),
            Field("filed", timestamp(), "when it was filed, by the source's own stamp", required=False),
            Field("modified", timestamp(), "when it was last changed at the source", required=False),
            Field(
                "source",
                text(max=400),
                "where it was copied from, if it is not the Participant's own word",
                False,
            ),
            Field("row", uint(max=10**6), "row of the source", required=False),
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

ACCOUNTABILITY = (
    StatementType(
        "measure.imposed",
        "accountability",
        "A measure binds a Participant from a day on (AD-INTERIM-2, AD-SELFSUSPEND, or a Security Council "
        "decision).",
        issuer=_ROOTS,
        subject="the Participant's code",
        fields=(
            Field("measure", _SLUG, "name of the measure, by which it is lifted"),
            Field(
                "kind",
                text(choices=("suspended", "self_suspended", "restricted", "un_embargo")),
                "restricted: trade goes on under conditions; the others stop it",
            ),
            Field("from", date(), "first day"),
            Field("until", date(), "first free day, where it was set from the start", required=False),
            Field("clause", text(max=120), "decision or clause"),
            _PRECISION,
            *_SOURCE,
        ),
    ),
    StatementType(
        "measure.lifted",
        "accountability",
        "A measure ends.",
        issuer=_ROOTS,
        subject="the Participant's code",
        fields=(
            Field("measure", _SLUG, "name of the measure"),
            Field("from", date(), "first free day"),
            _PRECISION,
            *_SOURCE,
        ),
    ),
)

SCHEME_TYPES = Catalogue((*REGISTRY, *CERTIFICATION, *STATISTICS, *ACCOUNTABILITY))
"""Every statement type that the scheme knows now."""

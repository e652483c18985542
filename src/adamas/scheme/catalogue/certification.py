"""Statement types of certification: a certificate from its issue to its confirmation, and what may befall it."""

from __future__ import annotations

from adamas.scheme.catalogue.common import (
    AUTHORITY,
    CERTIFICATE,
    EXPORTING,
    HS,
    IMPORTING,
    NOTE,
    NUMBER,
    OF,
    ROLE,
)
from adamas.shapes import Field, StatementType, country, date, digest32, list_of, text, uint

CERTIFICATION = (
    StatementType(
        "certificate.issued",
        "certification",
        "A Kimberley Process Certificate (II(a), Annex I A). Its title and statement are fixed by the Core "
        "Document.",
        issuer=EXPORTING,
        subject=CERTIFICATE,
        fields=(
            Field("to", country(), "Participant of destination"),
            Field("hs", list_of(HS, min=1, max=3), "HS codes, ascending, each once"),
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
            Field("officers", list_of(ROLE, min=1, max=4), "role ids: who issued, who approved"),
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
        issuer=EXPORTING,
        subject=CERTIFICATE,
        fields=(
            Field("validated", date(), "day of validation"),
            Field("officer", ROLE, "role id of who validated"),
        ),
        refs=(OF,),
    ),
    StatementType(
        "shipment.dispatched",
        "certification",
        "The sealed shipment left the exporting Participant (Annex II, 19). Optional.",
        issuer=EXPORTING,
        subject=CERTIFICATE,
        fields=(
            Field("dispatched", date(), "day of departure"),
            Field("via", list_of(country(), min=1, max=8), "countries of transit (III(d))", required=False),
        ),
        refs=(OF,),
    ),
    StatementType(
        "shipment.received",
        "certification",
        "Import confirmation: what the importing authority found (III(b), bullet 2).",
        issuer=IMPORTING,
        subject=CERTIFICATE,
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
            Field("officer", ROLE, "role id of who checked", required=False),
        ),
        hidden=(Field("found", text(max=8000), "found parcels and openings", required=False),),
        sealed=("carats", "value"),
        refs=(OF,),
    ),
    StatementType(
        "shipment.refused",
        "certification",
        "The importing authority does not admit the shipment (III(b), bullet 1; LAW-EU-5-1).",
        issuer=IMPORTING,
        subject=CERTIFICATE,
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
            Field("note", NOTE, "in words", required=False),
        ),
        refs=(OF,),
    ),
    StatementType(
        "shipment.returned",
        "certification",
        "The shipment goes back to the exporting Participant (AD-TECHCERT).",
        issuer=IMPORTING + ", or the exporting authority that took it back",
        subject=CERTIFICATE,
        fields=(
            Field("returned", date(), "day of return"),
            Field("why", NOTE, "reason"),
            Field("technical", NUMBER, "number of the technical certificate it travels on", required=False),
        ),
        refs=(OF,),
    ),
    StatementType(
        "shipment.seized",
        "certification",
        "An authority takes the shipment (IV(d)).",
        issuer=AUTHORITY,
        subject=CERTIFICATE,
        fields=(
            Field("at", country(), "where"),
            Field("seized", date(), "day of seizure"),
            Field("why", NOTE, "reason"),
        ),
        refs=(OF,),
    ),
    StatementType(
        "certificate.replaced",
        "certification",
        "Another certificate takes this one's place (AD-KPC-AMEND; V(f)).",
        issuer=EXPORTING,
        subject=CERTIFICATE,
        fields=(
            Field("replaced", date(), "day"),
            Field("by", NUMBER, "number of the new certificate"),
            Field("why", text(choices=("lost", "stolen", "damaged", "error", "expired")), "reason"),
        ),
        refs=(OF, Field("replacement", digest32(), "the new certificate's statement", required=False)),
    ),
    StatementType(
        "certificate.corrected",
        "certification",
        "The exporting authority states the right data. It counts once the importing authority has put it on "
        "record too, by correction.confirmed (AD-KPC-AMEND).",
        issuer=EXPORTING,
        subject=CERTIFICATE,
        fields=(
            Field("corrected", date(), "day"),
            Field("why", NOTE, "what was wrong"),
            Field("hs", list_of(HS, min=1, max=3), "right HS codes", required=False),
            Field("origin", list_of(country(), min=1, max=40), "right origins", required=False),
            Field("shares", list_of(uint(max=100), min=2, max=40), "right shares", required=False),
            Field("parcels", uint(max=9999), "right number of parcels", required=False),
            Field("expires", date(), "right date of expiry", required=False),
        ),
        hidden=(Field("goods", text(max=8000), "right parcels and openings", required=False),),
        refs=(OF,),
    ),
    StatementType(
        "correction.confirmed",
        "certification",
        "The importing authority has the correction on record too (AD-KPC-AMEND).",
        issuer=IMPORTING,
        subject=CERTIFICATE,
        fields=(Field("confirmed", date(), "day"),),
        refs=(OF, Field("correction", digest32(), "the certificate.corrected statement")),
    ),
    StatementType(
        "certificate.revoked",
        "certification",
        "The certificate no longer counts: lost, stolen or void.",
        issuer=EXPORTING,
        subject=CERTIFICATE,
        fields=(
            Field("revoked", date(), "day"),
            Field("why", text(choices=("lost", "stolen", "void")), "reason"),
            Field("note", NOTE, "in words", required=False),
        ),
        refs=(OF,),
    ),
    StatementType(
        "forgery.reported",
        "certification",
        "A forged paper that carries this number was seen (Annex I A, security; V(f)).",
        issuer=AUTHORITY,
        subject="the number on the forged paper",
        fields=(
            Field("at", country(), "where"),
            Field("reported", date(), "day"),
            Field("note", NOTE, "how it was known", required=False),
        ),
        refs=(
            Field(
                "certificate", digest32(), "the true certificate's statement, if there is one", required=False
            ),
        ),
    ),
)

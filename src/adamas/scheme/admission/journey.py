"""Rules on what happens after issue: validation, departure, arrival, refusal, correction, replacement."""

from __future__ import annotations

from adamas.scheme import arrival
from adamas.scheme.admission.issue import NO_PARTICIPANT
from adamas.scheme.admission.rule import BROKEN, OK, Case, Values, rule
from adamas.scheme.values import ordinal, split_number

VALIDATED, DISPATCHED, RECEIVED = "certificate.validated", "shipment.dispatched", "shipment.received"
_DAYS = {
    VALIDATED: "validated",
    DISPATCHED: "dispatched",
    RECEIVED: "received",
    "shipment.refused": "refused",
    "shipment.returned": "returned",
    "shipment.seized": "seized",
    "certificate.revoked": "revoked",
    "certificate.replaced": "replaced",
    "certificate.corrected": "corrected",
    "correction.confirmed": "confirmed",
}
LATER = tuple(_DAYS)


def _known(case: Case) -> bool:
    return case.record is not None and case.record.issued_id is not None


@rule(
    "waiting",
    "III(b), bullet 2",
    "the certificate is known here",
    *LATER,
    field="refs",
    severity="note",
    sentence="The certificate {number} is not known here yet; this waits for it.",
)
def waiting(case: Case) -> Values | None:
    """Offices follow one another over poor lines: not yet seen is not wrong."""
    return OK if _known(case) else BROKEN


@rule(
    "event-in-future",
    "Annex I A, date of issuance",
    "the day stated has come",
    *LATER,
    field="date",
    sentence="The day stated, {stated}, is after the day of signing.",
)
def event_in_future(case: Case) -> Values | None:
    """A day of grace for time zones."""
    stated = case.payload[_DAYS[case.fact.type]]
    return OK if ordinal(stated) <= case.day + 1 else {"stated": stated}


@rule(
    "before-issue",
    "II(a)",
    "nothing happens to a certificate before its issue",
    *LATER,
    field="date",
    sentence="{stated} is before {number} was issued on {issued}.",
)
def before_issue(case: Case) -> Values | None:
    """Of the days stated, not of the times claimed."""
    record = case.record
    stated = case.payload[_DAYS[case.fact.type]]
    if record is None or not record.issued or stated >= record.issued:
        return OK
    return {"stated": stated, "issued": record.issued}


@rule(
    "before-validation",
    "III(a)",
    "goods leave and arrive after validation",
    DISPATCHED,
    RECEIVED,
    field="date",
    sentence="{stated} is before {number} was validated on {validated}.",
)
def before_validation(case: Case) -> Values | None:
    """Of the days stated."""
    record = case.record
    stated = case.payload[_DAYS[case.fact.type]]
    if record is None or not record.validated or stated >= record.validated:
        return OK
    return {"stated": stated, "validated": record.validated}


@rule(
    "expired",
    "Annex I A, date of expiry; AD-KPC-EXPIRED",
    "no shipment travels on an expired certificate",
    VALIDATED,
    DISPATCHED,
    RECEIVED,
    field="date",
    sentence="{number} expired on {expires}, before {stated}: hold the goods and clear it with the other "
    "authority.",
)
def expired(case: Case) -> Values | None:
    """A correction on record with both authorities can set another date."""
    record = case.record
    stated = case.payload[_DAYS[case.fact.type]]
    if record is None or not record.expires or stated <= record.expires:
        return OK
    return {"stated": stated, "expires": record.expires}


@rule(
    "not-destination",
    "III(b), bullet 2; Annex I B, import confirmation",
    "the Participant of destination confirms",
    RECEIVED,
    "shipment.refused",
    field="at",
    sentence="{number} is for {to}, but arrival is stated at {at}.",
)
def not_destination(case: Case) -> Values | None:
    """Place stated, and place of the signer."""
    record = case.record
    at = case.payload["at"]
    if record is None or not record.to:
        return OK if at == case.holder.participant else {"to": case.holder.participant, "at": at}
    return OK if at == record.to else {"to": record.to, "at": at}


@rule(
    "receiver-standing",
    "III(c)",
    "the importing side is in good standing on the day of arrival",
    RECEIVED,
    field="at",
    sentence="The importing side may not trade on that day: {why}",
)
def receiver_standing(case: Case) -> Values | None:
    """Both ends, on the day."""
    standing = case.register.standing(case.payload["at"], case.payload["received"])
    return OK if standing.good else {"why": standing.why, "clause": standing.clause}


@rule(
    "sender-stopped-in-transit",
    "AD-INTERIM-3",
    "the exporting side is still in good standing on arrival",
    RECEIVED,
    field="date",
    severity="finding",
    sentence="The exporting side lost its standing while the goods were under way: {why}",
)
def sender_standing(case: Case) -> Values | None:
    """When a Participant is taken off the list its certificates are refused; goods under way ask for an
    answer."""
    record = case.record
    if record is None or not record.participant:
        return OK
    standing = case.register.standing(record.participant, case.payload["received"])
    if standing.good or not case.register.standing(record.participant, record.issued).good:
        return OK
    return {"why": standing.why, "clause": standing.clause}


@rule(
    "not-exact",
    "III(b), bullet 2; Annex II, 23",
    "found exactly means the certificate's own commitments",
    RECEIVED,
    field="sealed",
    sentence="The receipt of {number} says that all was found exactly, but it seals other quantities.",
)
def not_exact(case: Case) -> Values | None:
    """Carats or value changed at arrival: anyone sees it without opening anything."""
    record = case.record
    if case.payload["agrees"] != "exact" or record is None or record.issued_id is None:
        return OK
    sealed = case.payload["sealed"]
    if sealed["carats"] == record.sealed_carats and sealed["value"] == record.sealed_value:
        return OK
    return BROKEN


@rule(
    "exact-parcels",
    "III(b), bullet 2",
    "found parcels are as many as declared, or a discrepancy is opened",
    RECEIVED,
    field="parcels",
    sentence="{found} parcels were found of {declared}, and no discrepancy is stated.",
)
def exact_parcels(case: Case) -> Values | None:
    """The number of parcels is public at both ends."""
    record = case.record
    if record is None or record.issued_id is None or case.payload["parcels"] == record.parcels:
        return OK
    if case.payload["agrees"] == "discrepancy":
        return OK
    return {"found": case.payload["parcels"], "declared": record.parcels}


@rule(
    "same-commitments",
    "III(b), bullet 2",
    "a difference is sealed as a difference",
    RECEIVED,
    field="sealed",
    severity="finding",
    sentence="The receipt of {number} says that quantities differ, but repeats the certificate's own "
    "commitments.",
)
def same_commitments(case: Case) -> Values | None:
    """A discrepancy in parcels or seals alone may keep the quantities."""
    record = case.record
    if record is None or record.issued_id is None or case.payload["agrees"] != "within":
        return OK
    sealed = case.payload["sealed"]
    same = sealed["carats"] == record.sealed_carats and sealed["value"] == record.sealed_value
    return BROKEN if same else OK


@rule(
    "tolerance",
    "Annex II, 23; V(f)",
    "what was found is called by its right name",
    RECEIVED,
    field="agrees",
    sentence="What was found is {right} beside what was declared, but the receipt says {stated}.",
)
def tolerance(case: Case) -> Values | None:
    """Only where declared and found quantities are known (the importing office opens every certificate)."""
    declared, record = case.declared, case.record
    if declared is None or record is None or record.issued_id is None:
        return OK
    if (
        declared.carats is None
        or declared.value is None
        or declared.found_carats is None
        or declared.found_value is None
    ):
        return OK
    right = arrival.compare(
        carats=declared.carats,
        value=declared.value,
        parcels=record.parcels,
        found_carats=declared.found_carats,
        found_value=declared.found_value,
        found_parcels=case.payload["parcels"],
    )
    return OK if right == case.payload["agrees"] else {"right": right, "stated": case.payload["agrees"]}


@rule(
    "discrepancy",
    "V(f); Annex II, 23",
    "what arrives is what was declared",
    RECEIVED,
    field="agrees",
    severity="finding",
    sentence="The importing authority found other quantities than {number} declares: a discrepancy is open.",
)
def discrepancy(case: Case) -> Values | None:
    """Both authorities clear it up; it does not stop the confirmation."""
    return BROKEN if case.payload["agrees"] == "discrepancy" else OK


@rule(
    "seals",
    "IV(c); III(d)",
    "seals are intact on arrival",
    RECEIVED,
    field="seals",
    severity="finding",
    sentence="The seals of {number} were {seals} on arrival.",
)
def seals(case: Case) -> Values | None:
    """Transit must leave a shipment unopened."""
    found = case.payload["seals"]
    return OK if found == "intact" else {"seals": found}


@rule(
    "transit",
    "III(d)",
    "transit is neither start nor end",
    DISPATCHED,
    field="via",
    sentence="{country} is an end of the journey, not a country of transit.",
)
def transit(case: Case) -> Values | None:
    """Section I, transit: a journey that starts and ends outside."""
    record = case.record
    if record is None:
        return OK
    for country in case.payload.get("via", ()):
        if country in (record.to, record.participant):
            return {"country": country}
    return OK


@rule(
    "replacement-number",
    "Annex I A, numbering; AD-KPC-AMEND",
    "a certificate is replaced by another of the same authority",
    "certificate.replaced",
    field="by",
    sentence="“{by}” cannot replace {number}: it must be another number of the same Participant.",
)
def replacement_number(case: Case) -> Values | None:
    """The new certificate refers back by ``replaces``."""
    by = case.payload["by"]
    number = split_number(by)
    if number is not None and by != case.fact.subject and by[:2] == case.fact.subject[:2]:
        return OK
    return {"by": by}


@rule(
    "empty-correction",
    "AD-KPC-AMEND",
    "a correction corrects something",
    "certificate.corrected",
    field="corrected",
    sentence="The correction of {number} states no right data.",
)
def empty_correction(case: Case) -> Values | None:
    """At least one field, or new sealed quantities."""
    wanted = ("hs", "origin", "shares", "parcels", "expires", "sealed")
    return OK if any(name in case.payload for name in wanted) else BROKEN


@rule(
    "unknown-correction",
    "AD-KPC-AMEND",
    "a confirmation confirms a correction that is open",
    "correction.confirmed",
    field="refs",
    sentence="No open correction of {number} is meant.",
)
def unknown_correction(case: Case) -> Values | None:
    """Where the certificate is known here."""
    record = case.record
    if record is None or record.issued_id is None or record.waiting:
        return OK
    wanted = case.payload.get("refs", {}).get("correction")
    return OK if any(entry[0] == wanted for entry in record.pending) else BROKEN


@rule(
    "seizer-standing",
    "IV(d); III(c)",
    "a Participant seizes",
    "shipment.seized",
    "forgery.reported",
    field="at",
    severity="finding",
    sentence="{at} takes no part in the scheme: {why}",
)
def seizer_standing(case: Case) -> Values | None:
    """Suspended Participants still enforce."""
    day = case.payload.get("seized") or case.payload["reported"]
    standing = case.register.standing(case.payload["at"], day)
    return {"at": case.payload["at"], "why": standing.why} if standing.kind in NO_PARTICIPANT else OK

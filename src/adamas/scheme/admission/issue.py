"""Rules on issuing a certificate (II(a), III(a), III(c), Annex I A)."""

from __future__ import annotations

from adamas.scheme.admission.rule import BROKEN, OK, Case, Values, rule
from adamas.scheme.participants import Standing
from adamas.scheme.values import HS_CODES, day_of, ordinal, split_number

ISSUED = "certificate.issued"
MAX_DAYS = 180
"""Validity beyond half a year is remarked on; the Core Document leaves it to each Participant (Annex I A)."""
EU_MAX_DAYS = 62
"""Two months (LAW-EU-12-5)."""
LONG_PAST_DAYS = 30
"""A certificate is not entered a month after its date of issuance."""
NO_PARTICIPANT = frozenset({"absent", "left", "covered", "early"})


def broken_standing(standing: Standing, outside: bool) -> Values | None:
    """Sentence values if the standing is bad: ``outside`` asks for no Participant at all, else for a stopped
    one."""
    if standing.good or (standing.kind in NO_PARTICIPANT) is not outside:
        return OK
    return {"why": standing.why, "clause": standing.clause}


@rule(
    "number-form",
    "Annex I A, numbering",
    "the number has its form",
    ISSUED,
    field="sub",
    sentence="“{number}” is not a certificate number: two letters and 5 to 10 digits.",
)
def number_form(case: Case) -> Values | None:
    """Alpha-2 code and serial."""
    return OK if split_number(case.fact.subject) else BROKEN


@rule(
    "number-out-of-range",
    "Annex I A, numbering",
    "the number is in the authority's range",
    ISSUED,
    field="sub",
    sentence="{number} is in no range of numbers that {issuer} may use on {day}.",
)
def number_range(case: Case) -> Values | None:
    """Ranges are assigned in the registry; a forged paper often shows an old or unknown range."""
    number = split_number(case.fact.subject)
    day = case.payload["issued"]
    if number is None or case.register.authority(case.fact.issuer) is None:
        return OK  # said by other rules
    for span in case.register.number_ranges(case.fact.issuer):
        if span.holds(number, day):
            return OK
    return {"day": day}


@rule(
    "exporter-not-participant",
    "III(c)",
    "the issuing side is a Participant on the day of issue",
    ISSUED,
    field="sub",
    sentence="The issuing side takes no part in the scheme: {why}",
)
def exporter_participant(case: Case) -> Values | None:
    """A certificate from a non-Participant is none."""
    return broken_standing(case.sender_standing, True)


@rule(
    "exporter-suspended",
    "III(c); AD-INTERIM-2",
    "the issuing Participant is in good standing on the day of issue",
    ISSUED,
    field="sub",
    sentence="The issuing Participant may not trade: {why}",
)
def exporter_standing(case: Case) -> Values | None:
    """Suspension, self-suspension and embargo gate certificates on the day they take effect."""
    return broken_standing(case.sender_standing, False)


@rule(
    "destination-not-participant",
    "III(c)",
    "the destination is a Participant on the day of issue",
    ISSUED,
    field="to",
    sentence="The destination takes no part in the scheme: {why}",
)
def destination_participant(case: Case) -> Values | None:
    """No export to a non-Participant."""
    return broken_standing(case.to_standing, True)


@rule(
    "destination-suspended",
    "III(c); AD-INTERIM-2",
    "the destination is in good standing on the day of issue",
    ISSUED,
    field="to",
    sentence="The destination may not trade: {why}",
)
def destination_standing(case: Case) -> Values | None:
    """Trade is stopped at both ends."""
    return broken_standing(case.to_standing, False)


@rule(
    "exporter-restricted",
    "AD-INTERIM-2",
    "a restriction on the issuing Participant is named",
    ISSUED,
    field="sub",
    severity="note",
    sentence="{code} trades under the conditions of {conditions}; this statement does not show that they "
    "are met.",
)
def exporter_conditions(case: Case) -> Values | None:
    """Compliant zones, supervised mines: code cannot see them from a certificate."""
    conditions = case.sender_standing.conditions
    return {"code": case.sender, "conditions": conditions} if conditions else OK


@rule(
    "to-itself",
    "Section I, export",
    "the destination is another Participant",
    ISSUED,
    field="to",
    sentence="{number} names its own Participant as destination: that is no export.",
)
def to_itself(case: Case) -> Values | None:
    """A certificate goes with an export."""
    return BROKEN if case.payload["to"] == case.sender else OK


@rule(
    "expiry-before-issue",
    "Annex I A, date of expiry",
    "expiry comes after issue",
    ISSUED,
    field="expires",
    sentence="{number} expires on {expires}, not after its issue on {issued}.",
)
def expiry_after_issue(case: Case) -> Values | None:
    """Days are ISO texts: they compare as texts."""
    issued, expires = case.payload["issued"], case.payload["expires"]
    return OK if expires > issued else {"issued": issued, "expires": expires}


@rule(
    "validity-long",
    "Annex I A, date of expiry",
    "validity is of a usual length",
    ISSUED,
    field="expires",
    severity="finding",
    sentence="{number} is valid for {days} days, more than {limit}.",
)
def validity(case: Case) -> Values | None:
    """Each Participant sets its own validity; the EU's is two months."""
    days = ordinal(case.payload["expires"]) - ordinal(case.payload["issued"])
    limit = EU_MAX_DAYS if case.holder.participant == "EU" else MAX_DAYS
    if days <= limit:
        return OK
    clause = "LAW-EU-12-5" if case.holder.participant == "EU" else "Annex I A, date of expiry"
    return {"days": days, "limit": limit, "clause": clause}


@rule(
    "issued-in-future",
    "Annex I A, date of issuance",
    "the date of issuance has come",
    ISSUED,
    field="issued",
    sentence="{number} is dated {issued}, after the day on which it was signed ({day}).",
)
def issued_in_future(case: Case) -> Values | None:
    """A day of grace for time zones."""
    issued = case.payload["issued"]
    return OK if ordinal(issued) <= case.day + 1 else {"issued": issued, "day": day_of(case.day)}


@rule(
    "issued-long-past",
    "Annex I A, date of issuance",
    "the date of issuance is not long past",
    ISSUED,
    field="issued",
    sentence="{number} is dated {issued}, {days} days before it was signed.",
)
def issued_long_past(case: Case) -> Values | None:
    """Papers of an outage are entered within a month."""
    days = case.day - ordinal(case.payload["issued"])
    return OK if days <= LONG_PAST_DAYS else {"issued": case.payload["issued"], "days": days}


@rule(
    "hs",
    "Annex I A, HS code; Section I, rough diamonds",
    "HS codes are present and of rough diamonds",
    ISSUED,
    field="hs",
    sentence="{codes} must be HS codes of rough diamonds, ascending and each once.",
)
def hs_codes(case: Case) -> Values | None:
    """7102.10, 7102.21, 7102.31."""
    codes = case.payload["hs"]
    if codes and all(code in HS_CODES for code in codes) and (len(codes) == 1 or codes == sorted(set(codes))):
        return OK
    return {"codes": ", ".join(codes) or "No code"}


@rule(
    "parcel-count",
    "Annex I A, parcels",
    "there is a parcel",
    ISSUED,
    field="parcels",
    sentence="{number} covers no parcel.",
)
def parcel_count(case: Case) -> Values | None:
    """A shipment is one or more parcels (Section I)."""
    return OK if case.payload["parcels"] >= 1 else BROKEN


@rule(
    "quantities",
    "Annex I A, weight; Annex I A, value",
    "every parcel has a weight and a value above zero",
    ISSUED,
    field="parcels",
    sentence="Parcel {place} has {what} zero.",
)
def quantities(case: Case) -> Values | None:
    """Known at the door, and to whoever holds the opened fields; sealed for all others."""
    if case.declared is None or case.declared.parcels is None:
        return OK
    for place, parcel in enumerate(case.declared.parcels, 1):
        if parcel.carats <= 0 or parcel.value <= 0:
            return {"place": place, "what": "carats" if parcel.carats <= 0 else "value"}
    return OK


@rule(
    "parcel-sum",
    "Annex I A, weight; Annex I A, parcels",
    "parcels add up to the certificate",
    ISSUED,
    field="parcels",
    sentence="The parcels do not add up to the certificate in {what}.",
)
def parcel_sum(case: Case) -> Values | None:
    """Number, HS codes, carats and value of the parcels against what is stated and sealed."""
    declared = case.declared
    if declared is None or declared.parcels is None:
        return OK
    parcels = declared.parcels
    if len(parcels) != case.payload["parcels"]:
        return {"what": "number"}
    if {parcel.hs for parcel in parcels} != set(case.payload["hs"]):
        return {"what": "HS code"}
    if declared.carats is not None and sum(parcel.carats for parcel in parcels) != declared.carats:
        return {"what": "carats"}
    if declared.value is not None and sum(parcel.value for parcel in parcels) != declared.value:
        return {"what": "value"}
    return OK


@rule(
    "two-officers",
    "IV(a)",
    "two different officers issued and approved",
    ISSUED,
    field="officers",
    sentence="{number} names {names}: one officer issues, another approves.",
)
def two_officers(case: Case) -> Values | None:
    """Our reading of internal controls: no certificate leaves on one person's word."""
    officers = case.payload["officers"]
    if len(officers) >= 2 and len(set(officers)) == len(officers):
        return OK
    return {"names": ", ".join(officers) or "nobody"}


@rule(
    "three-people",
    "II(b); IV(a)",
    "who applies, who approves and who signs are three people",
    ISSUED,
    field="officers",
    sentence="{number} has one person in two places ({places}): who applies, who approves and who signs are "
    "three people.",
)
def three_people(case: Case) -> Values | None:
    """Our reading of internal controls, where the office knows the people (an office with accounts does)."""
    people = case.declared.people if case.declared is not None else None
    if people is None or (len(set(people)) == len(people) and all(people)):
        return OK
    names = ("applicant", "approver", "signer")
    places = [name for name, who in zip(names, people, strict=True) if not who or people.count(who) > 1]
    return {"places": " and ".join(places)}


@rule(
    "origin",
    "Annex I A, country of origin",
    "origins are named once each",
    ISSUED,
    field="origin",
    sentence="Origins must be named, each once: {origins}.",
)
def origins(case: Case) -> Values | None:
    """Unmixed origin is one country; a mixed parcel names all it knows (LAW-US-mixed shows asterisks on
    paper)."""
    found = case.payload["origin"]
    if len(found) == 1 or (found and len(set(found)) == len(found)):
        return OK
    return {"origins": ", ".join(found) or "none"}


@rule(
    "shares",
    "Annex I A, country of origin; Section I, parcel of mixed origin",
    "shares of origin add up to one hundred",
    ISSUED,
    field="shares",
    sentence="The shares {shares} must be one for each origin, above zero, and add up to 100 %.",
)
def shares(case: Case) -> Values | None:
    """Optional, for mixed origin only."""
    found = case.payload.get("shares")
    if found is None:
        return OK
    if len(found) == len(case.payload["origin"]) > 1 and sum(found) == 100 and min(found) > 0:
        return OK
    return {"shares": ", ".join(str(share) for share in found)}


@rule(
    "origin-embargoed",
    "CD-PRE-05; III(c)",
    "no origin is under embargo or suspension",
    ISSUED,
    field="origin",
    sentence="Diamonds mined there may not be traded: {why}",
)
def origin_embargoed(case: Case) -> Values | None:
    """Stones of an embargoed country stay embargoed whoever ships them. Older stock is for a case, not for a
    rule."""
    for origin in case.payload["origin"]:
        standing = case.register.standing(origin, case.payload["issued"])
        if standing.kind == "un_embargo":
            return {"why": standing.why, "clause": standing.clause}
    return OK


@rule(
    "origin-stopped",
    "III(c); AD-INTERIM-3",
    "origins are Participants in good standing",
    ISSUED,
    field="origin",
    severity="finding",
    sentence="The origin {origin} was not in good standing on the day of issue: {why}",
)
def origin_stopped(case: Case) -> Values | None:
    """Stock from before a removal may be lawful, so this asks for an answer and does not refuse."""
    for origin in case.payload["origin"]:
        if origin == case.sender:
            continue
        standing = case.register.standing(origin, case.payload["issued"])
        if not standing.good and standing.kind not in ("un_embargo", "covered"):
            return {"origin": origin, "why": standing.why, "clause": standing.clause}
    return OK


@rule(
    "origin-no-producer",
    "Annex I A, country of origin; Section I, country of origin",
    "origins are places where diamonds are mined",
    ISSUED,
    field="origin",
    severity="finding",
    sentence="{origin} is not known to mine diamonds; origin is where stones were mined, not where they "
    "were traded.",
)
def origin_no_producer(case: Case) -> Values | None:
    """The register's list of producers is coarse: a finding to be answered."""
    producers = case.register.producers
    if not producers:
        return OK
    for origin in case.payload["origin"]:
        if origin not in producers:
            return {"origin": origin}
    return OK


@rule(
    "technical-reason",
    "AD-TECHCERT-form",
    "a technical certificate says why",
    ISSUED,
    field="technical",
    sentence="{number} is a technical certificate and must say why in a few words.",
)
def technical_reason(case: Case) -> Values | None:
    """Return of goods, fairs, research, released seizures."""
    reason = case.payload.get("technical")
    return OK if reason is None or len(reason.strip()) >= 4 else BROKEN


@rule(
    "parties",
    "Annex I A, parties",
    "exporter and importer are identified",
    ISSUED,
    field="exporter",
    sentence="{number} does not identify its {who}.",
)
def parties(case: Case) -> Values | None:
    """Names stay hidden, but at the door they must be there."""
    declared = case.declared
    if declared is None:
        return OK
    for who, name in (("exporter", declared.exporter), ("importer", declared.importer)):
        if name is not None and not name.strip():
            return {"who": who}
    return OK


@rule(
    "no-seal",
    "IV(c)",
    "the container is sealed",
    ISSUED,
    field="seals",
    sentence="{number} names no seal: rough diamonds travel in tamper-resistant containers.",
)
def sealed_container(case: Case) -> Values | None:
    """At least one seal number."""
    declared = case.declared
    return BROKEN if declared is not None and declared.seals is not None and not any(declared.seals) else OK

"""Rules on attestations, questionnaires and findings: who may say them, and that they are about something real."""

from __future__ import annotations

from adamas.scheme.admission.rule import BROKEN, OK, Case, Values, rule
from adamas.scheme.certificates import SIGNING_ROLES
from adamas.scheme.duties import OF_CODE
from adamas.scheme.values import day_at


@rule(
    "duty-unknown",
    "V(a)",
    "an attestation is about a duty of the rulebook",
    "attestation.made",
    field="duty",
    sentence="“{duty}” is no duty of the rulebook that is attested by a statement of its own.",
)
def duty_unknown(case: Case) -> Values | None:
    """Returns and answers have types of their own."""
    duty = OF_CODE.get(case.payload["duty"])
    return OK if duty is not None and duty.by == "attestation.made" else {"duty": case.payload["duty"]}


@rule(
    "duty-subject",
    "V(a)",
    "the subject of an attestation says whose duty it is and for when",
    "attestation.made",
    field="sub",
    sentence="The subject {number} is not that of this attestation: it ends with /duty/{duty}/{key}.",
)
def duty_subject(case: Case) -> Values | None:
    """``BW/duty/annual-report/2025``."""
    duty, key = case.payload["duty"], case.payload["key"]
    whose, found, rest = case.fact.subject.partition("/duty/")
    return OK if found and whose and rest == f"{duty}/{key}" else {"duty": duty, "key": key}


@rule(
    "duty-not-theirs",
    "V(a); IV(b)",
    "each party attests its own duties",
    "attestation.made",
    field="iss",
    sentence="{issuer} may not attest the duty {duty} of {whose}.",
)
def duty_not_theirs(case: Case) -> Values | None:
    """A Participant's authority for the Participant; a root of the registry for the Chair; observers for themselves."""
    duty = OF_CODE.get(case.payload["duty"])
    if duty is None:
        return OK
    whose = case.fact.subject.partition("/")[0]
    holder = case.holder
    if duty.party == "participant":
        own = whose == holder.participant and holder.role in SIGNING_ROLES
        allowed = own and (not duty.only or whose in duty.only)
    elif duty.party == "chair":
        allowed = whose == "scheme" and holder.participant == "registry"
    else:
        allowed = whose == "scheme" and holder.participant == "observer"
    return OK if allowed else {"duty": duty.code, "whose": whose}


@rule(
    "duty-not-yet",
    "V(a)",
    "what is attested has happened",
    "attestation.made",
    field="on",
    sentence="The attestation speaks of {on}, which is after the day on which it was made.",
)
def duty_not_yet(case: Case) -> Values | None:
    """A promise is no attestation."""
    on = case.payload["on"]
    return OK if on <= day_at(case.fact.at + 86_400) else {"on": on}


@rule(
    "questionnaire-issuer",
    "AD-DAQ-1",
    "questionnaires are the working group's",
    "questionnaire.sent",
    "questionnaire.closed",
    field="iss",
    sentence="{issuer} may not send or close a questionnaire to its own Participant.",
)
def questionnaire_issuer(case: Case) -> Values | None:
    """Nobody asks and judges itself."""
    asked = case.fact.subject.partition("/")[0]
    return OK if case.holder.participant and case.holder.participant != asked else BROKEN


@rule(
    "answer-issuer",
    "AD-DAQ-2",
    "the Participant that was asked answers",
    "questionnaire.answered",
    field="iss",
    sentence="{issuer} may not answer {number}: only an authority of the Participant that was asked may.",
)
def answer_issuer(case: Case) -> Values | None:
    """The Participant's own word."""
    asked = case.fact.subject.partition("/")[0]
    return OK if case.holder.participant == asked and case.holder.role in SIGNING_ROLES else BROKEN

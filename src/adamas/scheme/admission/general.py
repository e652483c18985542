"""Rules on any statement: who may sign it, whether the key counts, and whether its time can be true."""

from __future__ import annotations

from adamas.scheme.admission.rule import BROKEN, OK, Case, Values, rule
from adamas.scheme.certificates import SIGNING_ROLES
from adamas.scheme.lifecycle import EVENT_OF_TYPE, EVENTS
from adamas.scheme.values import day_at

CERTIFICATION_TYPES = tuple(EVENT_OF_TYPE)
REGISTRY_TYPES = (
    "participant.admitted",
    "participant.left",
    "territory.covered",
    "observer.invited",
    "authority.designated",
    "range.assigned",
    "rulebook.adopted",
    "measure.imposed",
    "measure.lifted",
)
LICENSING_TYPES = ("organisation.licensed", "licence.ended", "site.registered")
RETURN_TYPES = ("return.filed", "return.amended")
TRADE_TYPES = ("trade.filed", "trade.amended")
ACCOUNTABILITY_TYPES = (
    "questionnaire.sent",
    "questionnaire.answered",
    "questionnaire.closed",
    "attestation.made",
    "finding.raised",
)
ALL_TYPES = (
    *CERTIFICATION_TYPES,
    *REGISTRY_TYPES,
    *LICENSING_TYPES,
    *RETURN_TYPES,
    *TRADE_TYPES,
    *ACCOUNTABILITY_TYPES,
)

OUTAGE_DAYS = 7
"""An office may work through an outage: a statement may be claimed this many days before it is seen by
others."""


@rule(
    "key-invalid",
    "Annex I A, security",
    "the key was valid at the statement's place in the log",
    *ALL_TYPES,
    field="kid",
    sentence="The key of {issuer} was not valid when this was logged: it was not enrolled, ended, or "
    "compromised.",
)
def key_invalid(case: Case) -> Values | None:
    """The ledger judges the key; the scheme takes its verdict."""
    return BROKEN if case.fact.standing == "invalid" else OK


@rule(
    "key-doubtful",
    "Annex I A, security",
    "no doubt hangs over the key",
    *ALL_TYPES,
    field="kid",
    severity="finding",
    sentence="The key of {issuer} is declared compromised, and this may have been signed after it was.",
)
def key_doubtful(case: Case) -> Values | None:
    """Signed before a compromise was logged, witnessed after it began."""
    return BROKEN if case.fact.standing == "doubtful" else OK


@rule(
    "future",
    "Annex I A, date of issuance",
    "the time claimed has come",
    *ALL_TYPES,
    field="iat",
    sentence="The statement claims {day}, which is after {today}.",
)
def future(case: Case) -> Values | None:
    """One day of grace for clocks and time zones."""
    if case.day <= case.as_of + 1:
        return OK
    return {"day": day_at(case.fact.at), "today": day_at(case.as_of * 86_400)}


@rule(
    "backdated",
    "Annex I A, date of issuance",
    "the time claimed fits the place in the log",
    *ALL_TYPES,
    field="iat",
    severity="finding",
    sentence="The statement claims {day}, but it came into the log after entries of {seen}: it is backdated.",
)
def backdated(case: Case) -> Values | None:
    """Beside earlier entries of the same log, and beside the first checkpoint that witnesses signed over
    it."""
    seen = case.log_time
    witnessed = case.fact.witnessed_at
    if witnessed is not None and (seen is None or witnessed > seen):
        seen = witnessed
    if seen is None or seen - case.fact.at <= OUTAGE_DAYS * 86_400:
        return OK
    return {"day": day_at(case.fact.at), "seen": day_at(seen)}


@rule(
    "no-authority",
    "IV(b)",
    "the signer is a designated authority on that day",
    *CERTIFICATION_TYPES,
    field="iss",
    sentence="{issuer} is not a designated {role} authority on {day}.",
)
def no_authority(case: Case) -> Values | None:
    """Exporting acts need the exporting role, importing acts the importing one; seizing and reporting
    either."""
    who = EVENTS[EVENT_OF_TYPE[case.fact.type]][0]
    authority = case.register.authority(case.fact.issuer)
    day = day_at(case.fact.at)
    role = {"exporter": "exporting", "importer": "importing"}.get(who)
    if (
        authority is not None
        and authority.start <= day < authority.until
        and (role is None or role in authority.roles)
        and authority.participant == case.holder.participant
    ):
        return OK
    return {"role": role or "importing or exporting", "day": day}


@rule(
    "issuer-not-allowed",
    "IV(b); VI.8",
    "statements of the registry are signed by its roots",
    *REGISTRY_TYPES,
    field="iss",
    sentence="{issuer} may not make statements of the registry.",
)
def registry_issuer(case: Case) -> Values | None:
    """How many roots must endorse an act is the ledger's to count."""
    return OK if case.holder.participant == "registry" else BROKEN


@rule(
    "issuer-not-allowed",
    "Annex II, 9–16",
    "licences are given by the Participant's own authority",
    *LICENSING_TYPES,
    field="iss",
    sentence="{issuer} may not license {number}: only an authority of the same Participant may.",
)
def licensing_issuer(case: Case) -> Values | None:
    """Subject ``kp:XX/org/…`` or ``XX/site``: the issuer must be of XX."""
    subject = case.fact.subject.removeprefix("kp:")
    own = subject.partition("/")[0] == case.holder.participant
    return OK if own and case.holder.role in SIGNING_ROLES else BROKEN


@rule(
    "issuer-not-allowed",
    "Annex III(c)",
    "a return is the Participant's own, or marked as transcribed",
    *RETURN_TYPES,
    *TRADE_TYPES,
    field="iss",
    sentence="{issuer} may not file returns of {participant}.",
)
def return_issuer(case: Case) -> Values | None:
    """``kp:transcriber`` copies published figures; it never speaks as the Participant."""
    participant = case.payload.get("participant")
    if case.fact.issuer == "kp:transcriber":
        return OK
    if case.holder.participant == participant and case.holder.role in SIGNING_ROLES:
        return OK
    return {"participant": participant}

"""A rule: a frozen description with its clause and dates in force, and a pure function beside it.

The function looks at one :class:`Case` and returns ``None`` if all is well, or the values for the rule's
sentence. The same function refuses at the door and finds in supervision: it cannot know which of the two
asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adamas.scheme.certificates import CertificateRecord, issuing_participant
from adamas.scheme.facts import Fact
from adamas.scheme.findings import Finding, Severity
from adamas.scheme.participants import Register
from adamas.scheme.statements import Declared
from adamas.scheme.values import Holder, holder_of

START = "2003-01-01"
"""The scheme's first day; rules without another date are in force from it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The description of a rule. ``sentence`` is a template; ``types`` are the statement types it looks at.

    ``since`` is the first day in force and ``until`` the first day no longer; both are part of the rule, so
    that a statement is judged by the rules of its own day.
    """

    code: str
    clause: str
    title: str
    severity: Severity
    field: str
    sentence: str
    types: tuple[str, ...]
    since: str = START
    until: str | None = None


class Case:
    """What a rule may look at: one fact, the record before it, the register, the day, and what is known
    privately.

    ``day`` is the number of the day claimed by the issuer, ``as_of`` that of the judgement (days since 1970).
    For a certificate being issued, the issuing Participant and the standing of both ends on its day are
    looked up once. ``log_time`` is the latest time claimed by earlier entries of the same log, if the caller
    keeps it.
    """

    __slots__ = (
        "as_of",
        "day",
        "declared",
        "fact",
        "holder",
        "log_time",
        "payload",
        "record",
        "register",
        "sender",
        "sender_standing",
        "to_standing",
    )

    def __init__(
        self,
        fact: Fact,
        record: CertificateRecord | None,
        register: Register,
        as_of: int,
        declared: Declared | None,
        log_time: int | None,
    ) -> None:
        self.fact = fact
        self.payload: Mapping[str, Any] = fact.payload
        self.record = record
        self.register = register
        self.as_of = as_of
        self.day = fact.at // 86_400
        self.holder: Holder = holder_of(fact.issuer)
        self.declared = declared
        self.log_time = log_time
        if fact.type == "certificate.issued":
            self.sender = issuing_participant(fact.subject)
            self.sender_standing = register.standing(self.sender, fact.payload["issued"])
            self.to_standing = register.standing(fact.payload["to"], fact.payload["issued"])


Values = Mapping[str, Any]
Check = Callable[[Case], Values | None]

OK: None = None
BROKEN: Values = {}
"""For sentences that need no values of their own."""

ALL_RULES: list[tuple[Rule, Check]] = []
"""Every rule in order of definition; filled as the modules of this package are read, and frozen by
``__init__``."""


def rule(
    code: str,
    clause: str,
    title: str,
    *types: str,
    sentence: str,
    field: str = "",
    severity: Severity = "refuse",
    since: str = START,
    until: str | None = None,
) -> Callable[[Check], Check]:
    """Put a check into the rulebook under its description. The code gets the prefix ``admission.``."""
    description = Rule(f"admission.{code}", clause, title, severity, field, sentence, types, since, until)

    def register(check: Check) -> Check:
        ALL_RULES.append((description, check))
        return check

    return register


def finding(description: Rule, case: Case, values: Values) -> Finding:
    """The rule's sentence about this case."""
    fact = case.fact
    sentence = description.sentence.format(number=fact.subject, issuer=fact.issuer, **values)
    clause = values.get("clause", description.clause)
    evidence = (*values.get("evidence", ()), fact.id)
    return Finding(
        description.code, clause, description.severity, sentence, description.field, fact.subject, evidence
    )

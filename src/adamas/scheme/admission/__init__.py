"""Admission and supervision: every rule of the rulebook on one statement, or on all statements of a
certificate.

``judge`` is asked at the door (refusals stop the statement) and by an audit (refusals are breaches): same
rules, same sentences. ``supervise`` folds all facts of one certificate in canonical order and judges each
beside the record before it, so that its result does not depend on the order of arrival either.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from adamas.scheme.admission import accountability, general, issue, journey, returns
from adamas.scheme.admission.rule import ALL_RULES, START, Case, Check, Rule, finding
from adamas.scheme.catalogue import SCHEME_TYPES
from adamas.scheme.certificates import (
    CertificateRecord,
    advance,
    canonical_order,
    objection,
    put_waiting,
    status,
)
from adamas.scheme.facts import Fact
from adamas.scheme.findings import Finding, refusals
from adamas.scheme.lifecycle import CONFIRMATION_DAYS, State
from adamas.scheme.participants import Register
from adamas.scheme.statements import Declared
from adamas.scheme.values import EPOCH_ORDINAL, day_at, day_of, ordinal
from adamas.shapes import check

__all__ = ["RULES", "Case", "Finding", "Rule", "judge", "overdue", "refusals", "supervise"]

RULES: tuple[tuple[Rule, Check], ...] = tuple(ALL_RULES)
"""The rulebook of admission: description and function of each rule."""

_MODULES = (general, issue, journey, returns, accountability)


def _by_type() -> dict[str, tuple[tuple[Rule, Check, bool], ...]]:
    table: dict[str, list[tuple[Rule, Check, bool]]] = {}
    for description, function in RULES:
        dated = description.since > START or description.until is not None
        for name in description.types:
            table.setdefault(name, []).append((description, function, dated))
    return {name: tuple(rules) for name, rules in table.items()}


_RULES_OF = _by_type()


def judge(
    fact: Fact,
    record_before: CertificateRecord | None,
    register: Register,
    as_of: datetime.date,
    declared: Declared | None = None,
    *,
    log_time: int | None = None,
    checked: bool = False,
) -> list[Finding]:
    """All findings on one statement, worst first in no case: in the order of the rulebook.

    ``record_before`` is the certificate's record without this fact (None if nothing is known). ``declared``
    holds what is known privately. ``log_time`` is the latest time claimed by earlier entries of the same log.
    ``checked`` says that the payload's shape was already found good; otherwise it is checked first, and a
    payload of the wrong shape is refused without asking further. A type that is not the scheme's has no
    rules and gives no findings.
    """
    if not checked:
        shape = SCHEME_TYPES.get(fact.type)
        if shape is None:
            return []
        problems = check(shape, fact.payload)
        if problems:
            return [
                Finding(p.code, "docs/formats", "refuse", p.sentence, p.field, fact.subject, (fact.id,))
                for p in problems
            ]
    rules = _RULES_OF.get(fact.type)
    if rules is None:
        return []
    case = Case(fact, record_before, register, as_of.toordinal() - EPOCH_ORDINAL, declared, log_time)
    findings: list[Finding] = []
    if record_before is not None:
        found = objection(record_before, fact)
        if found is not None:
            findings.append(found)
    for description, function, dated in rules:
        if dated and not _in_force(description, case.fact.at):
            continue
        values = function(case)
        if values is not None:
            findings.append(finding(description, case, values))
    return findings


def _in_force(description: Rule, at: int) -> bool:
    day = day_at(at)
    return description.since <= day and (description.until is None or day < description.until)


def overdue(record: CertificateRecord, as_of: datetime.date) -> Finding | None:
    """A finding if the import confirmation has not come by its day (III(b), bullet 2; LAW-EU-5-1)."""
    today = as_of.isoformat()
    if status(record, today) is not State.OVERDUE:
        return None
    days = ordinal(today) - ordinal(record.expires) - CONFIRMATION_DAYS
    last_day = day_of(ordinal(record.expires) + CONFIRMATION_DAYS)
    sentence = (
        f"No import confirmation of {record.number} has come from {record.to}: due by {last_day}, "
        f"{days} days ago."
    )
    evidence = (record.issued_id,) if record.issued_id else ()
    return Finding(
        "admission.overdue",
        "III(b), bullet 2; LAW-EU-5-1",
        "finding",
        sentence,
        "received",
        record.number,
        evidence,
    )


def supervise(
    facts: Iterable[Fact],
    register: Register,
    as_of: datetime.date,
    *,
    checked: bool = False,
) -> tuple[CertificateRecord, list[Finding]]:
    """The record of one certificate and every finding on it, whatever the order in which its facts came."""
    ordered, waiting = canonical_order(facts)
    number = (ordered or waiting)[0].subject if ordered or waiting else ""
    record = CertificateRecord(number)
    findings: list[Finding] = []
    for fact in ordered:
        findings += judge(fact, record, register, as_of, checked=checked)
        record = advance(record, fact)
    for fact in waiting:
        findings += judge(fact, None, register, as_of, checked=checked)
    record = put_waiting(record, waiting)
    late = overdue(record, as_of)
    if late is not None:
        findings.append(late)
    return record, findings

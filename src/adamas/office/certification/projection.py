"""Certification views: a certificate's row, its findings and what waits, from the set of all facts about its
number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from django.db.models import Q

from adamas.office.certification.models import Certificate
from adamas.office.log import findings, rows
from adamas.office.log.catalogue import CERTIFICATE_TYPES
from adamas.office.log.knowledge import Knowledge
from adamas.office.log.models import Fact as FactRow
from adamas.office.log.models import Finding as FindingRow
from adamas.office.log.models import Waiting
from adamas.office.log.reading import Placed
from adamas.scheme.certificates import (
    INTERNAL_REFS,
    CertificateRecord,
    canonical_order,
    extend,
    in_order,
    record_of,
)
from adamas.scheme.facts import Fact, distinct
from adamas.scheme.findings import Finding
from adamas.scheme.participants import Register
from adamas.scheme.values import holder_of


def supervise(facts: Sequence[Placed], register: Register) -> tuple[CertificateRecord, list[Finding]]:
    """The record of a number, and what the rules say of each fact at its place in canonical order.

    What only the calendar says (expired, overdue, a time that has not come) is not here: a view has no clock.
    It is asked on the day, by :mod:`adamas.office.certification.queries`.
    """
    ordered: Sequence[Placed] = facts
    waiting: Sequence[Fact] = ()
    if len(facts) > 1 or (facts and "refs" in facts[0].payload):
        in_turn, waiting = canonical_order(facts)
        ordered = cast(Sequence[Placed], in_turn)  # the same objects, in order
    record: CertificateRecord | None = None
    found: dict[Finding, None] = {}
    for place, fact in enumerate(ordered):
        found.update(dict.fromkeys(findings.judged(fact, record, register)))
        if record is None:
            record = record_of([fact])
        elif in_order(record, fact):
            record = extend(record, fact)
        else:
            record = record_of(ordered[: place + 1])
    if waiting or record is None:
        record = record_of(facts)
    found.update(dict.fromkeys(record.findings))
    return record, list(found)


def project(
    alias: str, knowledge: Knowledge, numbers: Sequence[tuple[str, Sequence[Placed]]], *, fresh: bool = False
) -> None:
    """Writes rows, findings and waiting statements of these numbers; ``fresh`` says that there are none yet."""
    logs = knowledge.numbers
    certificates, against, waiting, gone = [], [], [], []
    for number, facts in numbers:
        if not facts:
            gone.append(number)
            continue
        record, found = supervise(facts, knowledge.register)
        certificates.append(_row(record, number, facts, len(found), logs))
        against += findings.rows_of(f"number:{number}", found)
        if record.waiting:
            waiting += _waiting(record, facts, logs)
    if not fresh:
        names = [number for number, _ in numbers]
        rows.delete(alias, FindingRow, "scope", [f"number:{name}" for name in names])
        rows.delete(alias, Waiting, "subject", names)
        rows.delete(alias, Certificate, "number", gone)
    rows.upsert(alias, Certificate, certificates)
    rows.insert(alias, FindingRow, against)
    rows.insert(alias, Waiting, waiting)


def known(alias: str, numbers: Iterable[str]) -> set[str]:
    """Those of the numbers about which there is a view already."""
    found: set[str] = set()
    views = Certificate.objects.using(alias)
    for part in rows.chunks(numbers):
        found.update(views.filter(number__in=part).values_list("number", flat=True))
    return found


def numbers_under(alias: str, changed: Sequence[Fact]) -> list[str]:
    """The certificate numbers that a change of the register may concern.

    Those on which an authority of the Participants named has spoken, those that go to them, and those of
    their origin.
    """
    codes = codes_of(changed)
    if not FactRow.objects.using(alias).filter(type__in=CERTIFICATE_TYPES).exists():
        return []  # the whole register comes before the first certificate
    numbers: dict[str, None] = {}
    for code in sorted(codes):
        concerned = Q(to=code) | Q(participant=code) | Q(origin__contains=code)
        views = Certificate.objects.using(alias).filter(concerned).values_list("number", flat=True)
        spoken = FactRow.objects.using(alias).filter(
            issuer__startswith=f"kp:{code}/", type__in=CERTIFICATE_TYPES
        )
        numbers.update(dict.fromkeys((*views, *spoken.values_list("subject", flat=True))))
    return list(numbers)


def codes_of(changed: Sequence[Fact]) -> set[str]:
    """The Participants that registry facts are about."""
    return {code for fact in changed for code in _codes(fact)}


def _codes(fact: Fact) -> set[str]:
    payload = fact.payload
    named = {
        payload.get("participant"),
        payload.get("code"),
        payload.get("by"),
        holder_of(fact.subject).participant,
    }
    return {code for code in (*named, fact.subject) if isinstance(code, str) and len(code) == 2}


def _row(
    record: CertificateRecord, number: str, facts: Sequence[Placed], found: int, logs: dict[str, int]
) -> tuple[object, ...]:
    issue = distinct(facts)[record.issued_id] if record.issued_id else None
    return (
        number,
        str(record.state),
        record.participant,
        record.to,
        record.issuer,
        record.issued_id,
        logs[issue.origin] if issue else None,
        issue.index if issue else None,
        record.issued,
        record.expires,
        " ".join(record.hs),
        " ".join(record.origin),
        " ".join(map(str, record.shares)),
        record.parcels,
        record.technical or "",
        record.validated or "",
        record.dispatched or "",
        record.received or "",
        record.received_id,
        record.agrees or "",
        record.seals or "",
        record.refused or "",
        record.returned or "",
        record.seized or "",
        record.revoked or "",
        record.replaced_by or "",
        record.forgeries,
        len(record.corrections),
        len(record.waiting),
        found,
        record.confirmation_due,
    )


def _waiting(
    record: CertificateRecord, facts: Sequence[Placed], logs: dict[str, int]
) -> list[tuple[object, ...]]:
    held = {fact.id for fact in facts}
    late = set(record.waiting)
    return [
        (logs[fact.origin], fact.index, target, record.number)
        for fact in facts
        if fact.id in late
        for name, target in sorted(fact.refs.items())
        if name in INTERNAL_REFS and target not in held
    ]

"""The unit of work: a batch of statements that one act makes. One statement is a batch of one.

    load the facts of all numbers → judge every row by the scheme's rules → sign what is accepted
    → one transaction: entries, facts, views, what was asked, private disclosures

Crash story: everything is written in one database transaction, which is synchronous to disk. Killed before
its commit, there is no trace; after it, every statement is durable, indexed, and in the views. The answer is
given after the commit. A command that is asked again (same content, same number) is answered with the
statement it made the first time.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from django.db import connections, transaction

from adamas import shapes
from adamas.ledger import statement as statements
from adamas.ledger.entries import EntryLog
from adamas.ledger.hidden import Disclosure
from adamas.ledger.statement import Statement
from adamas.office.certification.models import Disclosure as DisclosureRow
from adamas.office.collection import rarer_collections
from adamas.office.database import failures
from adamas.office.errors import BatchRefused
from adamas.office.home import wait_seconds
from adamas.office.log import reading, rows
from adamas.office.log.catalogue import CATALOGUE, CERTIFICATE_TYPES
from adamas.office.log.fold import INVALID, VALID, Entry, LogState
from adamas.office.log.knowledge import OWN
from adamas.office.log.models import Command
from adamas.scheme.admission import judge
from adamas.scheme.certificates import CertificateRecord, record_of
from adamas.scheme.facts import Fact, KeyStanding
from adamas.scheme.findings import Finding, refusals
from adamas.scheme.statements import Declared

if TYPE_CHECKING:
    from adamas.office.opening import Office

_NO_ID = bytes(32)
_CLAUSE_FORM = "docs/formats, statement types"
_CLAUSE_KEY = "docs/formats, keys"
_Usable = tuple[str, Finding | None]
"""The standing of what an issuer's key signs now, and what speaks against using it."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a row says once the record is known: who signs, the payload, what stays private, what the rules
    may know.

    ``findings`` are reasons that the act itself has against it; the payload may then be empty.
    """

    issuer: str
    payload: Mapping[str, Any]
    disclosures: tuple[Disclosure, ...] = ()
    declared: Declared | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """One row of an act. ``digest`` names the command, so that asking again is seen; ``make`` is given the
    record.
    """

    row: int
    subject: str
    digest: bytes
    make: Callable[[CertificateRecord | None], Made]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that was logged. ``again`` tells that the same command had made it before."""

    row: int
    subject: str
    id: bytes
    index: int
    again: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def text_id(self) -> str:
        """The statement's id as people write it."""
        return statements.text_id(self.id)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not logged, and every reason."""

    row: int
    subject: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Outcome of an act: rows accepted and refused, each in the order they were given."""

    accepted: tuple[Accepted, ...] = ()
    refused: tuple[Refusal, ...] = ()

    @property
    def ids(self) -> list[bytes]:
        """Ids of the accepted statements."""
        return [row.id for row in self.accepted]

    @property
    def indices(self) -> list[int]:
        """Their places in the office's own log."""
        return [row.index for row in self.accepted]


@dataclass(slots=True)
class _Work:
    """What one batch holds while it is made."""

    facts: dict[str, list[reading.Placed]]
    latest: int | None  # latest time claimed in the own log so far
    records: dict[str, CertificateRecord | None] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    commands: list[tuple[Any, ...]] = field(default_factory=list)
    private: list[tuple[Any, ...]] = field(default_factory=list)


def run(
    office: Office, action: str, drafts: Sequence[Draft], *, skip_bad: bool = False, check: bool = False
) -> BatchResult:
    """Logs the drafts that the rules admit; with ``check`` it only tells what would be refused.

    Raises BatchRefused (nothing logged) unless ``skip_bad`` or ``check``; DatabaseError.
    """
    with failures(), office.changing(), rarer_collections(), transaction.atomic(using=office.alias):
        result = _run(office, action, drafts, skip_bad, check)
    return result


def _run(office: Office, action: str, drafts: Sequence[Draft], skip_bad: bool, check: bool) -> BatchResult:
    alias, knowledge = office.alias, office.knowledge
    log = EntryLog(OWN)
    with connections[alias].cursor() as cursor:
        lock(cursor, connections[alias].vendor)
        knowledge.refresh()
        state = knowledge.logs[OWN]
        before = _answered(alias, [draft.digest for draft in drafts])
        numbers = dict.fromkeys(d.subject for d in drafts if d.digest not in before)
        work = _Work(reading.certificate_facts(alias, numbers, knowledge.origins), state.latest)
        now = office.now()
        today = datetime.datetime.fromtimestamp(now, datetime.UTC).date()
        usable: dict[str, _Usable] = {}
        seen: dict[bytes, Accepted] = {}
        for draft in drafts:
            known = before.get(draft.digest) or seen.get(draft.digest)
            if known is not None:
                work.accepted.append(Accepted(draft.row, known.subject, known.id, known.index, True))
                continue
            accepted = _admit(office, state, work, draft, now, today, usable)
            if accepted is not None:
                seen[draft.digest] = accepted
        if check:
            return BatchResult(tuple(work.accepted), tuple(work.refused))
        if work.refused and not skip_bad:
            raise BatchRefused(work.refused, len(drafts))
        if work.entries:
            log.append(cursor, [entry.raw for entry in work.entries])
            office.projector.project(state, work.entries, signed_here=True, facts=work.facts)
            rows.insert(alias, Command, [(row[0], action, *row[1:]) for row in work.commands])
            rows.insert(alias, DisclosureRow, work.private)
    return BatchResult(tuple(work.accepted), tuple(work.refused))


def _admit(
    office: Office,
    state: LogState,
    work: _Work,
    draft: Draft,
    now: int,
    today: datetime.date,
    usable: dict[str, _Usable],
) -> Accepted | None:
    """Judges one draft and, if it is good, signs it and puts it in the working set."""
    number = draft.subject
    record = _record(work, number)
    made = draft.make(record)
    payload, issuer = made.payload, made.issuer
    findings = list(made.findings)
    standing = VALID
    if payload:
        findings += _form(payload, number)
        outside = office.bounds.finding(payload["type"], number)
        if outside is not None:
            findings.append(outside)
        if issuer not in usable:
            usable[issuer] = _key(office, state, issuer, now)
        standing, trouble = usable[issuer]
        if trouble is not None:
            findings.append(trouble)
        if not refusals(findings):
            good = cast(KeyStanding, standing)
            fact = Fact(_NO_ID, payload["type"], issuer, number, now, payload, state.origin, standing=good)
            findings += judge(
                fact,
                record,
                office.knowledge.register,
                today,
                made.declared,
                log_time=work.latest,
                checked=True,
            )
    if refusals(findings):
        work.refused.append(Refusal(draft.row, number, tuple(findings)))
        return None
    index = state.size + len(work.entries)
    st = statements.sign(
        office.signer(issuer), issuer=issuer, subject=number, issued_at=_after(record, now), payload=payload
    )
    return _take(work, draft, made.disclosures, st, state.origin, index, tuple(findings), standing)


def _take(
    work: _Work,
    draft: Draft,
    disclosures: tuple[Disclosure, ...],
    st: Statement,
    origin: str,
    index: int,
    findings: tuple[Finding, ...],
    standing: str,
) -> Accepted:
    number = draft.subject
    work.entries.append(Entry(index, st.raw, st.id, st))
    if st.type in CERTIFICATE_TYPES:
        fact = reading.fact_of(st, origin, index, standing, work.latest)
        work.facts.setdefault(number, []).append(fact)
        work.records.pop(number, None)
    work.latest = st.issued_at if work.latest is None else max(work.latest, st.issued_at)
    work.commands.append((draft.digest, number, OWN, index, st.id))
    work.private += [(d.digest, st.id, number, d.name, d.raw, "own") for d in disclosures]
    accepted = Accepted(draft.row, number, st.id, index, False, findings)
    work.accepted.append(accepted)
    return accepted


def _record(work: _Work, number: str) -> CertificateRecord | None:
    if number not in work.records:
        facts = work.facts.get(number)
        work.records[number] = record_of(facts) if facts else None
    return work.records[number]


def _after(record: CertificateRecord | None, now: int) -> int:
    """The time a statement claims: now, but never before what it follows, so that one second holds several
    acts in order.
    """
    return now if record is None else max(now, record.latest[0] + 1)


def _form(payload: Mapping[str, Any], subject: str) -> list[Finding]:
    """What the declared shape of the type says against a payload."""
    st_type = CATALOGUE.get(payload["type"])
    if st_type is None:
        return [
            Finding(
                "form.type", _CLAUSE_FORM, "refuse", f"There is no type {payload['type']}.", "type", subject
            )
        ]
    return [
        Finding(f"form.{problem.code}", _CLAUSE_FORM, "refuse", problem.sentence, problem.field, subject)
        for problem in shapes.check(st_type, payload)
    ]


def _key(office: Office, state: LogState, issuer: str, now: int) -> _Usable:
    """The standing that a statement of this issuer will have at the next place of the log, and why it may not sign.

    Doubtful is possible from the start: the key was enrolled by one that is declared compromised.
    """
    signer = office.find_signer(issuer)
    if signer is None:
        sentence = f"This office holds no key of {issuer}."
        return INVALID, Finding("admission.no-key", _CLAUSE_KEY, "refuse", sentence, "iss", issuer)
    probe = statements.sign(
        signer, issuer=issuer, subject="probe", issued_at=now, payload={"type": "return.filed"}
    )
    verdict = state.history.judge(probe, state.size, None)
    if verdict.status == INVALID:
        return INVALID, Finding(verdict.code, _CLAUSE_KEY, "refuse", verdict.sentence, "iss", issuer)
    return verdict.status, None


def _answered(alias: str, digests: Sequence[bytes]) -> dict[bytes, Accepted]:
    found: dict[bytes, Accepted] = {}
    for part in rows.chunks(digests):
        known = Command.objects.using(alias).filter(digest__in=part)
        for digest, subject, idx, statement in known.values_list("digest", "subject", "idx", "statement"):
            found[bytes(digest)] = Accepted(-1, subject, bytes(statement), idx)
    return found


def lock(cursor: Any, vendor: str) -> None:
    """One writer at a time.

    SQLite's IMMEDIATE transaction has the lock; PostgreSQL takes one for this transaction, and waits as long for it.
    """
    if vendor == "postgresql":
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{int(1000 * wait_seconds())}ms"])
        cursor.execute("SELECT pg_advisory_xact_lock(4193)")

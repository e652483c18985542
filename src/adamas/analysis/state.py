"""What logs add up to: key histories, the register, and every certificate judged at its place. No database.

The fold of one log depends on that log alone; the register is that of the registry's log; a certificate's record
is a function of the set of facts about it, from whatever log. The office's projections say the same of the
same entries (a test compares them).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from adamas import shapes
from adamas.analysis.catalogue import CATALOGUE, REGISTER_TYPES
from adamas.errors import AdamasError
from adamas.ledger import statement as statements
from adamas.ledger.keyhistory import KeyHistory
from adamas.ledger.statement import Statement
from adamas.scheme.admission import judge, overdue
from adamas.scheme.certificates import CertificateRecord, advance, canonical_order, put_waiting
from adamas.scheme.facts import Fact
from adamas.scheme.findings import Finding
from adamas.scheme.participants import Register

VALID, DOUBTFUL, INVALID = "valid", "doubtful", "invalid"
PENDING = "pending"
EFFECTIVE = frozenset({VALID, DOUBTFUL})
ROOT_TYPES = (REGISTER_TYPES | {"witness.enrolled"}) - {
    "organisation.licensed",
    "licence.ended",
    "site.registered",
}
"""Acts that only a root of the registry may sign."""


class Standing(NamedTuple):
    """What a log's own history says of an entry: valid, doubtful, invalid, or pending (an act short of roots)."""

    status: str
    code: str = ""
    sentence: str = ""


STANDS = Standing(VALID)
FORGED = Standing(INVALID, "statement.signature", "The signature is not the key's over these bytes.")


@dataclass(slots=True)
class LogState:
    """The folded history of one log. ``acts`` tells of each entry that the history had to see."""

    history: KeyHistory = field(default_factory=KeyHistory)
    acts: dict[int, Standing] = field(default_factory=dict)
    statements: dict[int, Statement] = field(default_factory=dict)
    effects: list[tuple[int, Statement]] = field(default_factory=list)
    pending: dict[bytes, int] = field(default_factory=dict)


Witnessed = Callable[[int], int | None]


def fold(entries: Iterable[tuple[int, bytes]], witnessed_at: Witnessed) -> LogState:
    """The key history of a log from those of its entries that may change it, in order.

    ``witnessed_at`` tells of an index when its entry was first witnessed (unix seconds, None: not known). Entries
    that are no statements are left out: whoever reads all entries names them.
    """
    state = LogState()
    for index, raw in entries:
        try:
            st = statements.parse(raw)
        except AdamasError:
            continue
        state.statements[index] = st
        state.acts[index] = _take(state, index, st, witnessed_at)
    for index, standing in state.acts.items():  # a compromise declared later casts doubt backwards
        if standing.status == VALID and index:
            verdict = state.history.judge(state.statements[index], index, witnessed_at(index))
            if verdict.status == DOUBTFUL:
                state.acts[index] = Standing(*verdict)
    return state


def _take(state: LogState, index: int, st: Statement, witnessed_at: Witnessed) -> Standing:
    history = state.history
    key = history.public_key(st.kid) or _own_key(st, index)
    if key is None:
        return Standing(
            INVALID, "key.unknown", f"No key {st.kid.hex()} was enrolled in this log before this entry."
        )
    if not statements.verify(st, key):
        return FORGED
    signer = history.keys.get(st.kid)
    standing = STANDS
    if index or st.type != "log.genesis":
        verdict = history.judge(st, index, witnessed_at(index))
        if verdict.status == INVALID:
            return Standing(*verdict)
        standing = Standing(*verdict)
    if st.type in ROOT_TYPES and (signer is None or signer.purpose != "root"):
        return Standing(INVALID, "act.not-root", f"Only a root of the registry may sign {st.type}.")
    problems = len(history.problems)
    taken = history.apply(index, st, witnessed_at(index))
    for problem in history.problems[problems:]:
        return Standing(INVALID, problem.code, problem.sentence)
    state.effects += [(index, act) for act in taken]
    for act in taken:
        earlier = state.pending.pop(act.id, None)
        if earlier is not None:
            state.acts[earlier] = STANDS
    if not taken and st.type != "act.endorsed":
        state.pending[st.id] = index
        return Standing(
            PENDING, "act.pending", f"The act {st.type} of {st.subject} lacks endorsements of roots."
        )
    return standing


def _own_key(st: Statement, index: int) -> bytes | None:
    """The key of a genesis stands in itself."""
    if index or st.type != "log.genesis":
        return None
    probe = KeyHistory()
    probe.apply(0, st)
    return probe.public_key(st.kid)


def register_of(state: LogState, origin: str) -> tuple[Register, list[Fact]]:
    """The register that a registry's log adds up to, and the facts it was folded from."""
    register = Register()
    facts = []
    for index, act in state.effects:
        if act.type not in REGISTER_TYPES:
            continue
        st_type = CATALOGUE.get(act.type)
        if st_type is None or shapes.check(st_type, act.payload):
            continue
        fact = PlacedFact(
            act.id, act.type, act.issuer, act.subject, act.issued_at, act.payload, origin, index
        )
        register.apply(fact)
        facts.append(fact)
    return register, list(facts)


@dataclass(frozen=True, slots=True, eq=False)
class PlacedFact(Fact):
    """A fact that knows the latest time claimed by earlier entries of its log (None: it is the first)."""

    after: int | None = None


def supervise(
    facts: Sequence[PlacedFact], register: Register, as_of: datetime.date
) -> tuple[CertificateRecord, list[Finding]]:
    """One certificate's record and every finding on it, as ``scheme.admission.supervise``, the logs' order of time
    taken into account. The payloads are of the shape of their types.
    """
    if len(facts) == 1 and "refs" not in facts[0].payload:
        ordered: list[Fact] = list(facts)
        waiting: list[Fact] = []
    else:
        ordered, waiting = canonical_order(facts)
    number = (ordered or waiting)[0].subject
    record = CertificateRecord(number)
    findings: list[Finding] = []
    for fact in ordered:
        findings += judge(fact, record, register, as_of, log_time=_after(fact), checked=True)
        record = advance(record, fact)
    for fact in waiting:
        findings += judge(fact, None, register, as_of, log_time=_after(fact), checked=True)
    record = put_waiting(record, waiting)
    late = overdue(record, as_of)
    if late is not None:
        findings.append(late)
    if findings:
        findings = list(dict.fromkeys((*findings, *record.findings)))
    return record, findings


def _after(fact: Fact) -> int | None:
    return fact.after if isinstance(fact, PlacedFact) else None

"""The third pass of an audit: the rules, on all statements about a certificate, whatever log they stand in."""

from __future__ import annotations

import gc
import marshal
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import cbor2

from adamas.analysis import audit_work as work
from adamas.analysis.audit_work import RETURN_TYPES, Context
from adamas.analysis.catalogue import CERTIFICATE_TYPES
from adamas.analysis.report import Fault
from adamas.analysis.state import PlacedFact, supervise
from adamas.scheme.admission import judge
from adamas.scheme.findings import Finding

Starts = dict[int, tuple[list[int], list[int | None]]]
"""For each log: the first index of each task, and the latest time claimed by all entries before it."""


class Judged(NamedTuple):
    """What the rules say of one shard: statements and certificates judged, and the faults."""

    statements: int
    certificates: int
    faults: list[Fault]


def _read_shard(context: Context, shard: int) -> Iterator[tuple[Any, ...]]:
    assert context.scratch is not None
    for file in sorted(context.scratch.glob(f"{shard}-*")):
        with file.open("rb") as opened:
            while head := opened.read(work.LENGTH):
                yield from marshal.loads(opened.read(int.from_bytes(head, "big")))  # noqa: S302 - written above


def judge_shard(shard: int) -> Judged:
    """Judges every certificate and return of one shard."""
    context = work.current()
    assert context.register is not None
    by_subject: dict[str, list[PlacedFact]] = {}
    count = 0
    gc.disable()
    try:
        for subject, identity, kind, issuer, at, payload, log, index, status, latest in _read_shard(
            context, shard
        ):
            count += 1
            fact = PlacedFact(
                identity,
                kind,
                issuer,
                subject,
                at,
                cbor2.loads(payload),
                context.logs[log].origin,
                index,
                None,
                status,
                later(latest, latest_before(context.starts, log, index)),
            )
            by_subject.setdefault(subject, []).append(fact)
        faults: list[Fault] = []
        certificates = 0
        for subject in sorted(by_subject):
            facts = by_subject.pop(subject)
            numbered = [fact for fact in facts if fact.type in CERTIFICATE_TYPES]
            if numbered:
                certificates += 1
                _, findings = supervise(numbered, context.register, context.as_of)
                faults += faults_of(findings, numbered)
            if len(numbered) < len(facts):
                for fact in {fact.id: fact for fact in facts if fact.type in RETURN_TYPES}.values():
                    findings = judge(
                        fact, None, context.register, context.as_of, log_time=fact.after, checked=True
                    )
                    faults += faults_of(findings, [fact])
    finally:
        gc.enable()
        gc.collect(0)
    return Judged(count, certificates, faults)


def faults_of(findings: Iterable[Finding], facts: Iterable[PlacedFact]) -> list[Fault]:
    """Findings of rules with the place of the statement that each is about."""
    if not findings:
        return []
    places: dict[bytes, PlacedFact] = {}
    for fact in sorted(facts, key=lambda fact: (fact.origin, fact.index), reverse=True):
        places[fact.id] = fact
    found = []
    for finding in findings:
        fact_of = places.get(finding.evidence[-1]) if finding.evidence else None
        fact_of = fact_of or next(iter(places.values()))
        found.append(
            Fault(
                fact_of.origin,
                fact_of.index,
                finding.code,
                finding.clause,
                finding.severity,
                finding.sentence,
                finding.subject,
            )
        )
    return found


def latest_before(starts: Starts, log: int, index: int) -> int | None:
    """The latest time claimed by the entries of all tasks before the one that read this entry."""
    firsts, latest = starts[log]
    return latest[bisect_right(firsts, index) - 1]


def later(one: int | None, other: int | None) -> int | None:
    """The later of two times, None standing for none."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)

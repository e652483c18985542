"""The office's bulk path beside raw durable appends of the same statements, and replay of all views.

One office hosts every Participant of a synthetic year of 20,000 certificates and takes the first of its fortnights:
it issues, validates and receives through the desk's actions, with every rule, signatures, commitments, disclosures
and views, each act one durable transaction. ``admitted`` is what comes out of the doors per second; replay drops all
views and writes them again from the logs, signatures and rules included.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from adamas.ledger.sqlite_entries import SqliteEntries
from adamas.scheme.synthetic import SyntheticYear, synthetic_year
from adamas.scheme.values import ordinal
from benchmarks.figure import Figure

NAMES = ("admitted", "replay")
CERTIFICATES = 20_000
FORTNIGHTS = 7
WARM = 2
"""Fortnights that are not counted: few rows, and the helper process starts."""
PASSPHRASE = "benchmark"
EPOCH = ordinal("1970-01-01")


class Clock:
    """A clock that stands where it is set."""

    now = 0

    def __call__(self) -> float:
        return self.now


def run(only: str | None) -> list[Figure]:
    """Both figures come of one office, so both are measured whatever was asked for."""
    with tempfile.TemporaryDirectory(prefix="adamas-bench-") as place:
        year = synthetic_year(CERTIFICATES)
        clock = Clock()
        office = office_for(Path(place), year, clock)
        try:
            batches, seconds = take_year(office, year, clock)
            count = sum(len(batch) for batch in batches)
            raw = _raw(Path(place) / "raw.db", batches)
            figures = [
                _figure("admitted", count / seconds, 2_000, "raw durable appends, same batches", count / raw)
            ]
            figures.append(_replay(office, count / seconds))
        finally:
            office.close()
    return [figure for figure in figures if only in (None, figure.name)]


def _figure(name: str, rate: float, goal: int, beside: str, other: float) -> Figure:
    return Figure(name, rate, "statements/s", beside, rate / other, f">= {goal:,}", rate >= goal)


def office_for(place: Path, year: SyntheticYear, clock: Clock) -> Any:
    """A registry with the real history, and an office for all Participants that knows it."""
    from adamas.office import founding
    from adamas.office.home import Config
    from adamas.office.opening import open_office

    clock.now = _noon(f"{year.year}-01-01")
    config = Config("bench.example/registry", "kp:registry/government", kind="registry")
    registry = founding.found_registry(place / "registry", config, PASSPHRASE, clock=clock, cost=2**10)
    from django.db import connections, transaction

    from adamas.ledger.entries import EntryLog
    from adamas.office.log.follow import take_entries
    from adamas.office.log.knowledge import enter
    from adamas.office.log.models import Log
    from adamas.office.registry import actions

    actions.admit_history(registry)
    first = sorted(year.participants)[0]
    config = Config(
        "bench.example/office", f"kp:{first}/authority", participants=tuple(sorted(year.participants))
    )

    def entries() -> list[bytes]:
        with connections[registry.alias].cursor() as cursor:
            return EntryLog(1).read(cursor, 0, 100_000)

    founding.found_office(place / "office", config, PASSPHRASE, entries()[0], clock=clock, cost=2**10).close()
    office = open_office(place / "office", passphrase=PASSPHRASE, clock=clock)
    holders = [office.authority(code) for code in config.participants]
    actions.enrol_keys(registry, [(holder, office.signer(holder).public_key) for holder in holders])
    with office.changing(), transaction.atomic(using=office.alias):
        enter(
            office.alias,
            Log(number=2, origin=registry.config.origin, role="registry", vkey=registry.log.vkey),
        )
        office.knowledge.refresh()
        take_entries(office, 2, entries(), 0)
    actions.adopt_keys(office)
    registry.close()
    return office


def take_year(office: Any, year: SyntheticYear, clock: Clock) -> tuple[list[list[bytes]], float]:
    """The year's acts by fortnight; the statements of each act, and the seconds that all acts took."""
    from django.db import connections

    from adamas.ledger.entries import EntryLog
    from adamas.office.certification import actions

    fortnights: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for made in year.certificates:
        for day, word, command in (
            (made.issue.issued, "issue", made.issue),
            (made.validate.validated, "validate", made.validate),
            (made.receive.received, "receive", made.receive),
        ):
            fortnights[ordinal(day) // 14][word].append(command)
    seconds, batches = 0.0, []
    for place, number in enumerate(sorted(fortnights)[:FORTNIGHTS]):
        clock.now = (14 * (number + 1) - EPOCH) * 86_400
        for word in ("issue", "validate", "receive"):
            commands = fortnights[number][word]
            if not commands:
                continue
            start = time.perf_counter()
            done = getattr(actions, word)(office, commands)
            took = time.perf_counter() - start
            if place < WARM:
                continue
            seconds += took
            with connections[office.alias].cursor() as cursor:
                batches.append(EntryLog(1).read(cursor, done.indices[0], done.indices[-1] + 1))
    return batches, seconds


def _raw(file: Path, batches: list[list[bytes]]) -> float:
    """Seconds to append the same batches to a bare store, as durably."""
    with SqliteEntries(file) as store:
        start = time.perf_counter()
        for batch in batches:
            store.append(batch)
        return time.perf_counter() - start


def _replay(office: Any, admitted: float) -> Figure:
    """Every view dropped and written again from the logs, as `adamas replay` does; then compared once more."""
    from adamas.office.log import replay

    best = 0.0
    for _ in range(2):
        start = time.perf_counter()
        done = replay.rebuild(office)
        best = max(best, done.statements / (time.perf_counter() - start))
    replay.verify(office)
    return _figure("replay", best, 5_000, "admitted, the same statements", admitted)


def _noon(day: str) -> int:
    return (ordinal(day) - EPOCH) * 86_400 + 43_200

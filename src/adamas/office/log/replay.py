"""Replay: every view computed again from the entries, compared with the live ones, or put in their place.

``verify`` reads the entries as they stood at one instant (a snapshot, so officers go on working) into a
scratch database and compares digests; the scratch one is SQLite unless another is named, so an office on PostgreSQL
is checked by another engine. ``rebuild`` drops the views and writes them again in one transaction; readers see the old
ones until it is done.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connections, models, transaction

from adamas.ledger.entries import EntryLog
from adamas.office import database
from adamas.office.certification import models as certification
from adamas.office.collection import rarer_collections
from adamas.office.errors import ReplayDiffers
from adamas.office.home import database_settings
from adamas.office.log import models as log
from adamas.office.log import rows
from adamas.office.log.fold import Entry, Fold, read
from adamas.office.log.knowledge import Knowledge, enter
from adamas.office.log.models import Log, Sighting
from adamas.office.log.projection import Projector
from adamas.office.registry import models as registry
from adamas.office.statistics import models as statistics

if TYPE_CHECKING:
    from adamas.office.opening import Office

VIEWS: tuple[type[models.Model], ...] = (*log.VIEWS, *registry.VIEWS, *certification.VIEWS, *statistics.VIEWS)
BATCH = 2000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many statements were replayed, and the digest of each view (hex)."""

    statements: int
    digests: dict[str, str]


def digests(alias: str) -> dict[str, str]:
    """View → SHA-256 over its rows in canonical form: the same on every engine and whatever came first."""
    origins = dict(Log.objects.using(alias).values_list("number", "origin"))
    return {view._meta.db_table: rows.digest(alias, view, origins).hex() for view in VIEWS}


def verify(office: Office, progress: Progress | None = None, *, scratch_url: str | None = None) -> Replayed:
    """Replays into a scratch database and compares. ``scratch_url`` names an empty one, of either engine.

    Raises ReplayDiffers ``replay.differs`` naming the views.
    """
    place = tempfile.TemporaryDirectory(prefix="adamas-replay-")
    with database.failures(), rarer_collections(), place as scratch:
        settings = (
            database.sqlite_settings(Path(scratch) / "views.db", durable=False)
            if scratch_url is None
            else database_settings(scratch_url, Path(scratch))
        )
        alias = database.register(settings)
        try:
            with _snapshot(office.alias):
                live = digests(office.alias)
                count = _replay_into(office.alias, alias, progress)
            again = digests(alias)
        finally:
            database.forget(alias)
    different = sorted(name for name, digest in live.items() if again[name] != digest)
    if different:
        raise ReplayDiffers(
            "replay.differs",
            f"The views {', '.join(different)} are not what the log says.",
            where=", ".join(different),
            advice="Run `adamas replay` to write them again from the log.",
        )
    return Replayed(count, live)


def rebuild(office: Office, progress: Progress | None = None) -> Replayed:
    """Drops every view and writes it again from the log, in one transaction."""
    from adamas.office.batch import lock

    alias = office.alias
    with database.failures(), office.changing(), rarer_collections(), transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            lock(cursor, connections[alias].vendor)
        for view in VIEWS:
            with connections[alias].cursor() as cursor:
                cursor.execute(f'DELETE FROM "{view._meta.db_table}"')  # noqa: S608 (a name of ours)
        office.knowledge.clear()
        projector = Projector(Knowledge(alias))
        count = 0
        sizes = _sizes(alias)
        total = sum(size for _, size in sizes)
        for number, size in sizes:
            for done in _project(projector, number, _batches(alias, number, size)):
                count += done
                if progress is not None:
                    progress(count, total)
        projector.project_all()
        office.knowledge.clear()
    return Replayed(count, digests(alias))


def _replay_into(source: str, target: str, progress: Progress | None) -> int:
    """Copies the logs of ``source`` into ``target`` and projects them there.

    Returns the number of statements.
    """
    count, sizes = 0, _sizes(source)
    total = sum(size for _, size in sizes)
    with transaction.atomic(using=target):
        for log_row in Log.objects.using(source).order_by("number"):
            enter(target, log_row)
        Sighting.objects.using(target).bulk_create(Sighting.objects.using(source).all())
        projector = Projector(Knowledge(target))
        for number, size in sizes:
            for done in _project(projector, number, _copied(_batches(source, number, size), number, target)):
                count += done
                if progress is not None:
                    progress(count, total)
        projector.project_all()
    return count


def _project(projector: Projector, number: int, batches: Iterable[list[Entry]]) -> Iterator[int]:
    """Projects a log from its first entry; gives the size of each batch when it is done.

    The signatures of one batch are verified (by the helper of office.curve) while the one before it is written.
    """
    state = projector.knowledge.start(number)
    before: Fold | None = None
    for entries in batches:
        if before is not None:
            before.finish()
        begun = Fold(state, entries)
        if before is not None:
            yield len(projector.project_fold(before, certificates=False).entries)
        before = begun
    if before is not None:
        yield len(projector.project_fold(before, certificates=False).entries)


def _copied(batches: Iterable[list[Entry]], number: int, target: str) -> Iterator[list[Entry]]:
    for entries in batches:
        with connections[target].cursor() as cursor:
            EntryLog(number).append(cursor, [entry.raw for entry in entries])
        yield entries


def _sizes(alias: str) -> list[tuple[int, int]]:
    """(log number, entries stored), the registry's log first."""
    found = []
    for entry in Log.objects.using(alias).order_by("number"):
        with connections[alias].cursor() as cursor:
            found.append((entry.role != "registry", entry.number, EntryLog(entry.number).size(cursor)))
    return [(number, size) for _, number, size in sorted(found)]


def _batches(alias: str, number: int, size: int) -> Iterator[list[Entry]]:
    for start in range(0, size, BATCH):
        with connections[alias].cursor() as cursor:
            raws = EntryLog(number).read(cursor, start, min(start + BATCH, size))
        yield read(raws, start)


@contextmanager
def _snapshot(alias: str) -> Iterator[None]:
    """Every read inside sees the same instant, and no writer waits for it."""
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    connection.ensure_connection()
    raw = connection.connection
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        raw.rollback()

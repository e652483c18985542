"""Following another office's log: a verified copy on disk, its entries beside our own, and its statements projected.

The copy is made and verified by :func:`adamas.ledger.mirror.mirror` (signed checkpoint, tree, consistency with what
was held before; a fork is kept as evidence). Entries then go into the database under a log number of their own and
through the same projection as ours. What is wrong with a statement is shown with it; it is kept and never trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connections, transaction

from adamas.errors import AdamasError
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import open_checkpoint
from adamas.ledger.entries import EntryLog
from adamas.ledger.fetch import Fetcher
from adamas.ledger.policy import Policy
from adamas.ledger.statement import text_id
from adamas.ledger.tiles import TileReader
from adamas.office.batch import lock
from adamas.office.database import failures
from adamas.office.errors import FollowError
from adamas.office.log.fold import LogState, read
from adamas.office.log.knowledge import enter
from adamas.office.log.models import Log, Sighting

if TYPE_CHECKING:
    from adamas.office.opening import Office

BATCH = 8_000
"""Entries in one transaction: a certificate's first statements mostly come together, and its view is made once."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Followed:
    """A log that was caught up with: how many entries it has, how many were new, and when witnesses last spoke."""

    origin: str
    size: int
    new: int
    witnessed_at: int | None


@dataclass(frozen=True, slots=True)
class Age:
    """How old our knowledge of a log is. ``seconds`` is None while no checkpoint had its quorum of witnesses."""

    origin: str
    role: str
    size: int
    witnessed_at: int | None
    seconds: int | None


def follow(
    office: Office,
    url: str,
    vkey: str,
    *,
    role: str = "office",
    policy: str = "",
    progress: Progress | None = None,
) -> Followed:
    """Begins to follow a log, or catches up with it. ``role`` is ``registry`` or ``office``.

    Raises FollowError, MirrorError (``mirror.*``; SplitView if it shows two histories) and DatabaseError.
    """
    origin = notes.parse_key(vkey).name
    log = _enter(office, origin, url, vkey, role, policy)
    return _catch_up(office, log, progress)


def catch_up(
    office: Office, progress: Progress | None = None, failed: dict[str, AdamasError] | None = None
) -> list[Followed]:
    """Catches up with every followed log, the registry first.

    With ``failed`` a log that cannot be had (its office is off the net, it shows two histories) does not keep us from
    the others: its error is put there under its origin.
    """
    with failures():
        logs = sorted(
            Log.objects.using(office.alias).exclude(url=""),
            key=lambda log: (log.role != "registry", log.origin),
        )
    done: list[Followed] = []
    for log in logs:
        try:
            done.append(_catch_up(office, log, progress))
        except AdamasError as error:
            if failed is None:
                raise
            failed[log.origin] = error
    return done


def ages(office: Office) -> list[Age]:
    """How old the knowledge of each log is, the own one included."""
    now = office.now()
    with failures():
        office.knowledge.refresh()
        return [
            Age(
                log.origin,
                log.role,
                office.knowledge.logs[log.number].size,
                log.witnessed_at,
                None if log.witnessed_at is None else max(0, now - log.witnessed_at),
            )
            for log in Log.objects.using(office.alias).order_by("number")
        ]


def copy_of(office: Office, origin: str) -> Path:
    """The folder of the verified copy of a log."""
    return office.home.followed / re.sub(r"[^A-Za-z0-9._-]+", "-", origin)


def record_sighting(alias: str, log: Log, note: bytes, now: int) -> int | None:
    """Keeps the newest checkpoint of a log and, if its witnesses' quorum is reached, when that was.

    The quorum is that of the log's policy; the time is when its last missing group was satisfied: the earliest
    moment at which the policy held. In the caller's transaction.
    """
    checkpoint, _ = open_checkpoint(note, log.vkey)
    log.checkpoint, log.checked_at = note, now
    if log.policy:
        result = Policy.parse(log.policy).evaluate_checkpoint(note)
        if result.satisfied and result.times:
            seconds = max(result.times.values())
            log.witnessed_at = seconds
            Sighting.objects.using(alias).get_or_create(
                log=log.number, size=checkpoint.size, defaults={"witnessed_at": seconds}
            )
    log.save(using=alias)
    when: int | None = log.witnessed_at
    return when


def _enter(office: Office, origin: str, url: str, vkey: str, role: str, policy: str) -> Log:
    logs = Log.objects.using(office.alias)
    with failures(), office.changing(), transaction.atomic(using=office.alias):
        with connections[office.alias].cursor() as cursor:
            lock(cursor, connections[office.alias].vendor)
        known = logs.filter(origin=origin).first()
        if known is None:
            if role == "registry" and logs.filter(role="registry").exists():
                raise FollowError("follow.second-registry", "An office follows one registry, and has one.")
            last = logs.order_by("-number").first()
            known = Log(number=(last.number if last else 0) + 1, origin=origin, role=role, vkey=vkey)
            enter(office.alias, known)
        elif known.vkey != vkey or not known.url:
            raise FollowError(
                "follow.other-key", f"The log {origin} is known here, with another key.", where=origin
            )
        known.url, known.policy = url, policy or known.policy
        known.save(using=office.alias)
    return known


def _catch_up(office: Office, log: Log, progress: Progress | None) -> Followed:
    from adamas.ledger.mirror import mirror

    place = copy_of(office, log.origin)
    policy = Policy.parse(log.policy) if log.policy else None
    mirror(log.url, place, log.vkey, policy)
    with Fetcher(place) as fetch:
        note = fetch.get("checkpoint")
        if note is None:
            raise FollowError(
                "follow.empty", f"The log {log.origin} has published nothing yet.", where=log.url
            )
        checkpoint, _ = open_checkpoint(note, log.vkey)
        reader = TileReader(fetch.get, checkpoint.size, trusted_root=checkpoint.root)
        alias = office.alias
        with failures(), office.changing(), transaction.atomic(using=alias):
            record_sighting(alias, log, note, office.now())
            with connections[alias].cursor() as cursor:
                start = EntryLog(log.number).size(cursor)
        new = 0
        entries = iter(reader.entries(start, checkpoint.size)) if start < checkpoint.size else iter(())
        while part := list(islice(entries, BATCH)):
            with failures(), office.changing(), transaction.atomic(using=alias):
                take_entries(office, log.number, part, start + new)
            new += len(part)
            if progress is not None:
                progress(start + new, checkpoint.size)
    return Followed(log.origin, checkpoint.size, new, log.witnessed_at)


def take_entries(office: Office, number: int, raws: list[bytes], first: int) -> None:
    """Stores and projects the next entries of a followed log, in the caller's transaction."""
    alias = office.alias
    with connections[alias].cursor() as cursor:
        lock(cursor, connections[alias].vendor)
        office.knowledge.refresh()
        state = office.knowledge.logs[number]
        if state.size != first:
            raise FollowError("follow.turn", f"Another program is catching up with {state.origin}.")
        entries = read(raws, first)
        if first == 0:
            _check_genesis(office, state, entries[0].id)
        EntryLog(number).append(cursor, raws)
        state.sightings = office.knowledge.sightings(number)
        office.projector.project(state, entries)


def _check_genesis(office: Office, state: LogState, first: bytes) -> None:
    """A registry must be the one that our own genesis names."""
    own = office.knowledge.logs.get(1)
    genesis = own.history.genesis if own else None
    wanted = getattr(genesis, "registry", None)
    if state.role == "registry" and wanted is not None and wanted != first:
        raise FollowError(
            "follow.other-registry",
            f"The log {state.origin} begins with another genesis than the registry ours was founded on.",
            where=text_id(first),
        )

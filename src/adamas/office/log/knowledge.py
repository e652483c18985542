"""What an office holds in memory between acts: the key history of each log, and the register.

Both are folds of logged statements, so they can be thrown away at any time and read again. ``refresh`` brings
them to what the database holds, since another process may have written; it reads only what changes them.
"""

from __future__ import annotations

import threading

from django.db import connections

from adamas.ledger import statement as statements
from adamas.ledger.entries import EntryLog
from adamas.office.log.catalogue import HISTORY_TYPES, REGISTER_TYPES
from adamas.office.log.fold import EFFECTIVE, LogState
from adamas.office.log.models import Log, Sighting
from adamas.office.log.reading import fact_of
from adamas.scheme.facts import Fact
from adamas.scheme.participants import Register

OWN = 1
_TYPES = tuple(sorted(HISTORY_TYPES))


def enter(alias: str, log: Log) -> None:
    """Puts a log on record with no entry yet: its row and its head, in the caller's transaction."""
    log.save(using=alias, force_insert=True)
    with connections[alias].cursor() as cursor:
        EntryLog.open(cursor, log.origin, log=log.number)


class Knowledge:
    """Key histories and register of one office database, up to date as of the last :meth:`refresh`."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.logs: dict[int, LogState] = {}
        self.register = Register()
        self._stale = False
        # Threads that only read a page refresh too, without the turn of an act.
        self._lock = threading.RLock()

    def forget(self) -> None:
        """Has everything read anew at the next refresh, after a transaction that was rolled back."""
        self._stale = True

    def clear(self) -> None:
        """Throws everything away at once, for a replay; no other thread may be reading."""
        self.logs, self.register, self._stale = {}, Register(), False

    @property
    def origins(self) -> dict[int, str]:
        """Log number → origin."""
        with self._lock:
            return {number: state.origin for number, state in self.logs.items()}

    @property
    def numbers(self) -> dict[str, int]:
        """Origin → log number."""
        with self._lock:
            return {state.origin: number for number, state in self.logs.items()}

    def refresh(self) -> None:
        """Reads what was appended since, in the caller's transaction."""
        with self._lock:
            if self._stale:
                self.clear()
            try:
                for log in Log.objects.using(self.alias).all():
                    state = self.logs.get(log.number) or self._state(log)
                    size = self._size(log.number)
                    if size > state.size:
                        state.sightings = self.sightings(log.number)
                        self._read(state, size)
            except BaseException:
                self._stale = True  # it may have been read in part
                raise

    def start(self, number: int) -> LogState:
        """A log as it was before its first entry, for replay."""
        return self._state(Log.objects.using(self.alias).get(number=number))

    def _state(self, log: Log) -> LogState:
        state = LogState(log.number, log.origin, log.role, sightings=self.sightings(log.number))
        self.logs[log.number] = state
        return state

    def sightings(self, number: int) -> list[tuple[int, int]]:
        """The cosigned checkpoints known of a log: (size, seconds)."""
        found = Sighting.objects.using(self.alias).filter(log=number).order_by("size")
        return list(found.values_list("size", "witnessed_at"))

    def registry(self) -> LogState | None:
        """The registry's log, written or followed here."""
        return next((s for s in self.logs.values() if s.role == "registry"), None)

    def apply(self, state: LogState, effects: list[tuple[int, statements.Statement]]) -> list[Fact]:
        """Takes effective registry acts into the register; returns those that changed it."""
        if state.role != "registry":
            return []
        facts: list[Fact] = [
            fact_of(act, state.origin, index, "valid") for index, act in effects if act.type in REGISTER_TYPES
        ]
        for fact in facts:
            self.register.apply(fact)
        return facts

    def _size(self, number: int) -> int:
        with connections[self.alias].cursor() as cursor:
            cursor.execute("SELECT size FROM adamas_heads WHERE log = %s", [number])
            row = cursor.fetchone()
        return int(row[0]) if row else 0

    def _read(self, state: LogState, size: int) -> None:
        marks = ", ".join(["%s"] * len(_TYPES))
        with connections[self.alias].cursor() as cursor:
            cursor.execute(
                'SELECT f.idx, f.standing, e.raw FROM "log_fact" f'  # noqa: S608
                ' JOIN "adamas_entries" e ON e.log = f.log AND e.idx = f.idx'
                f" WHERE f.log = %s AND f.idx >= %s AND f.type IN ({marks}) ORDER BY f.idx",
                [state.number, state.size, *_TYPES],
            )
            found = cursor.fetchall()
            # The last row knows the latest time claimed before it, so the log need not be read for it.
            cursor.execute(
                'SELECT after, at, standing FROM "log_fact" WHERE log = %s ORDER BY idx DESC LIMIT 1',
                [state.number],
            )
            before, at, standing = cursor.fetchone() or (None, None, None)
            claimed = [time for time in (before, at if standing in EFFECTIVE else None) if time is not None]
            state.latest = max(claimed, default=None)
        for idx, standing, raw in found:
            if standing in EFFECTIVE or standing == "pending":
                taken = state.history.apply(idx, statements.parse(bytes(raw)))
                self.apply(state, [(idx, act) for act in taken])
        state.size = size

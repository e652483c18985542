"""A log's entries in one SQLite file, without an office around it, and group commit for many callers at once.

Durable means on disk: WAL with ``synchronous=FULL`` syncs at each commit, before the caller is answered and
before any reader sees the rows. A sync costs the same for one row as for a thousand, so `GroupCommit`
gathers what comes while the last sync runs and commits it together: each caller still waits for its own
entry to be on disk.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from adamas.ledger.entries import DuplicateEntry, EntryLog, SqliteCursor, ddl, explain
from adamas.ledger.errors import StorageError

_T = TypeVar("_T")
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-32000",
)


class SqliteEntries:
    """A durable store of one log's entries in the file ``path``; safe for threads and for several processes.

    ``timeout`` is how many seconds to wait for another writer before ``entries.locked``. Raises StorageError.
    """

    def __init__(self, path: Path | str, origin: str = "local", *, timeout: float = 5.0) -> None:
        self.path = Path(path)
        self._timeout = timeout
        self._lock = threading.Lock()
        self._readers = threading.local()
        self._open: list[sqlite3.Connection] = []
        new = not self.path.exists()
        with self._explained():
            self._writer = self._connect()
            with self._transaction() as cursor:
                for statement in ddl("sqlite"):
                    cursor.execute(statement)
                self._log = EntryLog.open(cursor, origin)
        if new:
            # SQLite syncs the file; the name of a new file is durable once its folder is synced too.
            handle = os.open(self.path.resolve().parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def __enter__(self) -> SqliteEntries:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes every connection; the file needs no closing to be whole."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def append(self, raws: Sequence[bytes]) -> int:
        """Appends in one transaction; the entries are on disk when this returns the index of the first.

        Raises DuplicateEntry, or StorageError (``entries.locked``, ``entries.full``, …) with nothing
        appended.
        """
        return self._write(lambda cursor: self._log.append(cursor, raws))

    def append_or_find(self, raws: Sequence[bytes]) -> list[int]:
        """Appends those that are not logged yet; the index of each (see `EntryLog.append_or_find`)."""
        return self._write(lambda cursor: self._log.append_or_find(cursor, raws))

    def append_each(self, raws: Sequence[bytes]) -> list[tuple[int, bool]]:
        """As `append_or_find`, and says of each whether it is new."""

        def work(cursor: SqliteCursor) -> list[tuple[int, bool]]:
            size = self._log.size(cursor)
            seen: set[int] = set()
            answers = []
            for index in self._log.append_or_find(cursor, raws):
                answers.append((index, index >= size and index not in seen))
                seen.add(index)
            return answers

        return self._write(work)

    def read(self, start: int, end: int) -> list[bytes]:
        """The durable entries [start, end)."""
        with self._explained():
            return self._log.read(self._reader(), start, end)

    def size(self) -> int:
        """How many entries are durable."""
        with self._explained():
            return self._log.size(self._reader())

    def index_of(self, entry_id: bytes) -> int | None:
        """The index of the entry with this id, or None."""
        with self._explained():
            return self._log.index_of(self._reader(), entry_id)

    def _write(self, work: Callable[[SqliteCursor], _T]) -> _T:
        with self._lock, self._explained(), self._transaction() as cursor:
            return work(cursor)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._timeout, isolation_level=None, check_same_thread=False
        )
        self._open.append(connection)
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            self._write_ahead(connection)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Gives a new file its write-ahead log, which it keeps.

        Two that change the mode at once are not made to wait by SQLite: one fails at once, whatever its
        timeout. So they queue for the folder. (Not for the file: closing any handle of it would drop
        SQLite's own locks.)
        """
        folder = os.open(self.path.resolve().parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            connection.execute("PRAGMA journal_mode=WAL")
        finally:
            os.close(folder)

    def _reader(self) -> SqliteCursor:
        """A connection of this thread's own, so that readers never wait for the writer."""
        connection: sqlite3.Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self._readers.connection = self._connect()
        return SqliteCursor(connection)

    @contextmanager
    def _transaction(self) -> Iterator[SqliteCursor]:
        # IMMEDIATE waits its turn here; a deferred one would fail later, at its first write.
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield SqliteCursor(self._writer)
            self._writer.execute("COMMIT")
        except BaseException:
            # A full disk has rolled back already.
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explain(error, str(self.path)) from error


class _Batch:
    """What came while the batch before was being committed, and what became of it."""

    __slots__ = ("answers", "done", "error", "raws")

    def __init__(self) -> None:
        self.raws: list[bytes] = []
        self.answers: list[tuple[int, bool]] = []
        self.error: StorageError | None = None
        self.done = threading.Event()


class GroupCommit:
    """Appends from many threads with few syncs.

    There is no thread of its own. Whoever opens a batch leads it: he waits for the right to write, closes the
    batch and commits all that has gathered by then; the others of the batch only wait to hear of it. (Were they to
    queue for the right to write as well, they would stand in the way of the next batch with nothing to do.)
    One caller's duplicate harms no other.
    """

    def __init__(self, entries: SqliteEntries) -> None:
        self._entries = entries
        self._gather = threading.Lock()
        self._write = threading.Lock()
        self._batch = _Batch()

    def append(self, raw: bytes) -> int:
        """Appends one entry; on disk when this returns its index. Raises as `SqliteEntries.append` does."""
        index, new = self._submit([raw])[0]
        if not new:
            raise DuplicateEntry(_id(raw), index, 0)
        return index

    def append_or_find(self, raws: Sequence[bytes]) -> list[int]:
        """Appends some entries of one caller, those logged already are found; the index of each."""
        return [index for index, _ in self._submit(raws)] if raws else []

    def _submit(self, raws: Sequence[bytes]) -> list[tuple[int, bool]]:
        with self._gather:
            batch = self._batch
            start = len(batch.raws)
            batch.raws += raws
        if start == 0:
            self._lead(batch)
        else:
            batch.done.wait()
        if batch.error is not None:
            raise _again(batch.error)
        return batch.answers[start : start + len(raws)]

    def _lead(self, batch: _Batch) -> None:
        try:
            with self._write:
                self._close(batch)
                batch.answers = self._entries.append_each(batch.raws)
        except StorageError as error:
            batch.error = error
        except BaseException as error:
            self._close(batch)
            batch.error = StorageError(
                "entries.failed", f"The writer was stopped: {error!r}. Nothing was appended."
            )
            raise
        finally:
            batch.done.set()

    def _close(self, batch: _Batch) -> None:
        with self._gather:
            if self._batch is batch:
                self._batch = _Batch()


def _id(raw: bytes) -> bytes:
    from adamas.ledger.merkle import leaf_hash

    return leaf_hash(raw)


def _again(error: StorageError) -> StorageError:
    """A copy for each caller: one exception object raised in several threads mixes up their tracebacks."""
    return StorageError(
        error.code, error.sentence, where=error.where, clause=error.clause, advice=error.advice
    )

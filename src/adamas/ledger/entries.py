"""Entries: the durable, ordered table of a log, on SQLite or PostgreSQL, in the caller's own transaction.

*Append* is the first of three steps (append, integrate, publish). It gives each statement its index at once
and for good: when the caller's transaction commits, the entry is on disk; when it rolls back, nothing
happened and the indices are free again. Two tables:

    adamas_heads    log, origin, size              one row a log; ``size`` is the next index adamas_entries
    log, idx, id, raw              idx 0 … size-1 without a gap; id = RFC 9162 leaf hash of raw

Appenders queue at the log's row in ``adamas_heads`` (a row lock on PostgreSQL; SQLite has one writer, whose
transaction should be IMMEDIATE), so an index is never given twice and there are no gaps, whatever rolls
back. Triggers refuse UPDATE and DELETE of entries, replacing them, and a shrinking head: not a defence
against an administrator, who can drop a trigger, but against every mistake; what an administrator does,
mirrors and witnesses find.

Crash story: before the commit reaches the disk there is no trace; after it the entry is there with its
index. Whoever reads (the publisher) sees committed rows only, and both engines show a commit to others
after it is on disk (SQLite with ``synchronous=FULL``; PostgreSQL unless ``synchronous_commit`` is off,
which an office must not do).

Nothing here reads a clock: a clock set back changes no index, no order and no bytes.

    entries.duplicate entries.size entries.unknown-log entries.origin entries.missing
    entries.locked entries.full entries.read-only entries.damaged entries.failed
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol

from adamas.ledger.errors import StorageError
from adamas.ledger.merkle import leaf_hash

MAX_ENTRY = 60_000
"""Bytes of one entry: what a statement may have, and less than the 65,535 that an entry bundle can hold."""

_CHUNK = 500
"""Ids looked up in one query; SQLite once allowed 999 parameters."""

_HEADS = """CREATE TABLE IF NOT EXISTS adamas_heads (
    log BIGINT NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    size BIGINT NOT NULL DEFAULT 0 CHECK (size >= 0)
)"""

_REFUSAL = "entries.append-only: what is logged is never changed or removed"
_SHRINK = "entries.append-only: the head of a log only grows"

_SQLITE = [
    _HEADS,
    f"""CREATE TABLE IF NOT EXISTS adamas_entries (
    log BIGINT NOT NULL REFERENCES adamas_heads (log),
    idx BIGINT NOT NULL CHECK (idx >= 0),
    id BLOB NOT NULL CHECK (length(id) = 32),
    raw BLOB NOT NULL CHECK (length(raw) BETWEEN 1 AND {MAX_ENTRY}),
    PRIMARY KEY (log, idx),
    UNIQUE (log, id)
) WITHOUT ROWID""",
    f"""CREATE TRIGGER IF NOT EXISTS adamas_entries_no_update BEFORE UPDATE ON adamas_entries
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS adamas_entries_no_delete BEFORE DELETE ON adamas_entries
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    # INSERT OR REPLACE deletes without firing delete triggers, so it is stopped where it begins.
    f"""CREATE TRIGGER IF NOT EXISTS adamas_entries_no_replace BEFORE INSERT ON adamas_entries
WHEN EXISTS (SELECT 1 FROM adamas_entries WHERE log = NEW.log AND idx = NEW.idx)
  OR EXISTS (SELECT 1 FROM adamas_entries WHERE log = NEW.log AND id = NEW.id)
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",  # noqa: S608 (constants)
    f"""CREATE TRIGGER IF NOT EXISTS adamas_heads_grow BEFORE UPDATE ON adamas_heads
WHEN NEW.size < OLD.size OR NEW.log <> OLD.log OR NEW.origin <> OLD.origin
BEGIN SELECT RAISE(ABORT, '{_SHRINK}'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS adamas_heads_no_delete BEFORE DELETE ON adamas_heads
BEGIN SELECT RAISE(ABORT, '{_SHRINK}'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS adamas_heads_no_replace BEFORE INSERT ON adamas_heads
WHEN EXISTS (SELECT 1 FROM adamas_heads WHERE log = NEW.log OR origin = NEW.origin)
BEGIN SELECT RAISE(ABORT, '{_SHRINK}'); END""",  # noqa: S608 (constants)
]

_POSTGRESQL = [
    _HEADS,
    f"""CREATE TABLE IF NOT EXISTS adamas_entries (
    log BIGINT NOT NULL REFERENCES adamas_heads (log),
    idx BIGINT NOT NULL CHECK (idx >= 0),
    id BYTEA NOT NULL CHECK (id = sha256('\\x00'::bytea || raw)),
    raw BYTEA NOT NULL CHECK (octet_length(raw) BETWEEN 1 AND {MAX_ENTRY}),
    PRIMARY KEY (log, idx),
    UNIQUE (log, id)
)""",
    f"""CREATE OR REPLACE FUNCTION adamas_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$""",
    f"""CREATE OR REPLACE FUNCTION adamas_head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size < OLD.size OR NEW.log <> OLD.log OR NEW.origin <> OLD.origin THEN
        RAISE EXCEPTION '{_SHRINK}' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE OR REPLACE TRIGGER adamas_entries_no_change BEFORE UPDATE OR DELETE ON adamas_entries
FOR EACH ROW EXECUTE FUNCTION adamas_append_only()""",
    """CREATE OR REPLACE TRIGGER adamas_entries_no_truncate BEFORE TRUNCATE ON adamas_entries
FOR EACH STATEMENT EXECUTE FUNCTION adamas_append_only()""",
    """CREATE OR REPLACE TRIGGER adamas_heads_grow BEFORE UPDATE ON adamas_heads
FOR EACH ROW EXECUTE FUNCTION adamas_head_grows()""",
    """CREATE OR REPLACE TRIGGER adamas_heads_no_delete BEFORE DELETE ON adamas_heads
FOR EACH ROW EXECUTE FUNCTION adamas_append_only()""",
    """CREATE OR REPLACE TRIGGER adamas_heads_no_truncate BEFORE TRUNCATE ON adamas_heads
FOR EACH STATEMENT EXECUTE FUNCTION adamas_append_only()""",
]


def ddl(vendor: str) -> list[str]:
    """The statements that make the tables and triggers; may be run again. ``vendor``: sqlite or postgresql."""
    try:
        return list({"sqlite": _SQLITE, "postgresql": _POSTGRESQL}[vendor])
    except KeyError:
        raise StorageError(
            "entries.vendor", f"Entries are kept in sqlite or postgresql, not in {vendor}."
        ) from None


class Cursor(Protocol):
    """What is used of a database cursor, with ``%s`` for parameters: Django's, psycopg's, or
    `SqliteCursor`.
    """

    def execute(self, query: str, params: Any = None, /) -> Any:
        """Runs one statement."""
        ...

    def executemany(self, query: str, params: Any, /) -> Any:
        """Runs one statement for many rows."""
        ...

    def fetchone(self) -> Any:
        """The next row or None."""
        ...

    def fetchall(self) -> Any:
        """The rows that are left."""
        ...


class SqliteCursor:
    """A plain sqlite3 cursor that takes ``%s`` for parameters, as Django's and psycopg's do."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._cursor = connection.cursor()

    def execute(self, query: str, params: Sequence[Any] | None = None, /) -> None:
        """Runs one statement."""
        self._cursor.execute(query.replace("%s", "?"), params or ())

    def executemany(self, query: str, params: Any, /) -> None:
        """Runs one statement for many rows."""
        self._cursor.executemany(query.replace("%s", "?"), params)

    def fetchone(self) -> Any:
        """The next row or None."""
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        return self._cursor.fetchall()


class DuplicateEntry(StorageError):  # noqa: N818 (what happened, like TileMissing)
    """The statement is logged already, at ``index``; ``position`` is its place in the batch that was
    refused.
    """

    def __init__(self, entry_id: bytes, index: int, position: int) -> None:
        super().__init__(
            "entries.duplicate",
            f"This statement is logged already, as entry {index}.",
            where=entry_id.hex(),
            advice="Nothing is to be done: a statement is logged once.",
        )
        self.entry_id = entry_id
        self.index = index
        self.position = position


class EntryLog:
    """One log in the tables, by its number. Every call works on the caller's cursor, in the caller's
    transaction.
    """

    __slots__ = ("log",)

    def __init__(self, log: int) -> None:
        self.log = log

    def __repr__(self) -> str:
        return f"EntryLog({self.log})"

    @classmethod
    def open(cls, cursor: Cursor, origin: str, log: int | None = None) -> EntryLog:
        """The log with this origin line; made empty if it is not there, with the number ``log`` or the next
        free.

        Raises StorageError ``entries.origin`` if the origin or the number belongs to another.
        """
        cursor.execute("SELECT log, origin FROM adamas_heads WHERE origin = %s OR log = %s", [origin, log])
        rows = cursor.fetchall()
        for found, name in rows:
            if name != origin or log not in (None, found):
                raise StorageError("entries.origin", f"Log {found} is {name}, not {origin}.")
            return cls(int(found))
        if log is None:
            cursor.execute("SELECT COALESCE(MAX(log), 0) + 1 FROM adamas_heads")
            log = int(cursor.fetchone()[0])
        cursor.execute("INSERT INTO adamas_heads (log, origin, size) VALUES (%s, %s, 0)", [log, origin])
        return cls(log)

    def append(self, cursor: Cursor, raws: Sequence[bytes]) -> int:
        """Appends the entries in order and returns the index of the first; they are durable when the caller
        commits.

        Raises DuplicateEntry if one of them is logged already (or twice in ``raws``), with nothing appended.
        """
        size, ids, known = self._prepare(cursor, raws)
        for position, entry_id in enumerate(ids):
            if (index := known.setdefault(entry_id, size + position)) != size + position:
                raise DuplicateEntry(entry_id, index, position)
        self._insert(cursor, size, ids, raws)
        return size

    def append_or_find(self, cursor: Cursor, raws: Sequence[bytes]) -> list[int]:
        """Appends those that are not logged yet and returns the index of each: the way to retry after a
        doubt.
        """
        size, ids, known = self._prepare(cursor, raws)
        new: list[int] = []
        for position, entry_id in enumerate(ids):
            if entry_id not in known:
                known[entry_id] = size + len(new)
                new.append(position)
        self._insert(cursor, size, [ids[i] for i in new], [raws[i] for i in new])
        return [known[entry_id] for entry_id in ids]

    def read(self, cursor: Cursor, start: int, end: int) -> list[bytes]:
        """The entries [start, end), fewer where the log ends sooner. Raises ``entries.missing`` for a gap."""
        cursor.execute(
            "SELECT idx, raw FROM adamas_entries WHERE log = %s AND idx >= %s AND idx < %s ORDER BY idx",
            [self.log, start, end],
        )
        rows = cursor.fetchall()
        raws = [bytes(row[1]) for row in rows]
        if rows and (rows[0][0] != start or rows[-1][0] != start + len(rows) - 1):
            raise StorageError(
                "entries.missing",
                f"Entries between {start} and {rows[-1][0]} are missing from the database.",
                advice="The database was damaged: restore it from a backup, or from the published log.",
            )
        return raws

    def size(self, cursor: Cursor) -> int:
        """How many entries the log has. Raises StorageError ``entries.unknown-log``."""
        cursor.execute("SELECT size FROM adamas_heads WHERE log = %s", [self.log])
        return self._size(cursor.fetchone())

    def index_of(self, cursor: Cursor, entry_id: bytes) -> int | None:
        """The index of the entry with this id (leaf hash), or None."""
        cursor.execute("SELECT idx FROM adamas_entries WHERE log = %s AND id = %s", [self.log, entry_id])
        row = cursor.fetchone()
        return None if row is None else int(row[0])

    def _prepare(self, cursor: Cursor, raws: Sequence[bytes]) -> tuple[int, list[bytes], dict[bytes, int]]:
        """Takes the log's place in the queue; the size, the ids, and the index of those that are logged
        already.
        """
        for position, raw in enumerate(raws):
            if not 0 < len(raw) <= MAX_ENTRY:
                raise StorageError(
                    "entries.size",
                    f"An entry has 1 to {MAX_ENTRY:,} bytes, not {len(raw):,}.",
                    where=f"entry {position} of the batch",
                )
        # Writing the row locks it until the caller's commit; its size is added last, so that an error on
        # the way leaves no gap even if the caller swallows it and commits.
        cursor.execute("UPDATE adamas_heads SET size = size WHERE log = %s RETURNING size", [self.log])
        size = self._size(cursor.fetchone())
        ids = [leaf_hash(raw) for raw in raws]
        known: dict[bytes, int] = {}
        for start in range(0, len(ids), _CHUNK):
            some = ids[start : start + _CHUNK]
            marks = ", ".join(["(%s)"] * len(some))
            # Not `id IN (…)`: for that SQLite reads the whole log. A cross join keeps the order of the tables: one
            # look into the index of ids for each.
            cursor.execute(
                f"SELECT e.id, e.idx FROM (VALUES {marks}) AS wanted "  # noqa: S608 (marks only)
                "CROSS JOIN adamas_entries AS e WHERE e.id = wanted.column1 AND e.log = %s",
                [*some, self.log],
            )
            known.update((bytes(row[0]), int(row[1])) for row in cursor.fetchall())
        return size, ids, known

    def _insert(self, cursor: Cursor, size: int, ids: Sequence[bytes], raws: Sequence[bytes]) -> None:
        if not raws:
            return
        cursor.executemany(
            "INSERT INTO adamas_entries (log, idx, id, raw) VALUES (%s, %s, %s, %s)",
            [
                (self.log, size + i, entry_id, raw)
                for i, (entry_id, raw) in enumerate(zip(ids, raws, strict=True))
            ],
        )
        cursor.execute("UPDATE adamas_heads SET size = size + %s WHERE log = %s", [len(raws), self.log])

    def _size(self, row: Any) -> int:
        if row is None:
            raise StorageError("entries.unknown-log", f"There is no log {self.log} in this database.")
        return int(row[0])


_SQLITE_CAUSES = {
    sqlite3.SQLITE_BUSY: (
        "entries.locked",
        "The database is locked by another process.",
        "Try again; if it lasts, look for a stopped program that holds it open.",
    ),
    sqlite3.SQLITE_LOCKED: ("entries.locked", "The database is locked by another connection.", "Try again."),
    sqlite3.SQLITE_FULL: ("entries.full", "The disk is full.", "Free some space, then try again."),
    sqlite3.SQLITE_READONLY: (
        "entries.read-only",
        "The database cannot be written.",
        "Let this user write to the file and its folder.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "entries.read-only",
        "The database cannot be opened.",
        "Look at the path and at the folder's permissions.",
    ),
    sqlite3.SQLITE_IOERR: ("entries.failed", "The disk failed.", "Look at the disk before trying again."),
    sqlite3.SQLITE_CORRUPT: (
        "entries.damaged",
        "The database is damaged.",
        "Restore it from a backup, or rebuild it from the published log.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "entries.damaged",
        "The file is no database, or its beginning is damaged.",
        "Restore it from a backup, or rebuild it from the published log.",
    ),
}
_POSTGRESQL_CAUSES = {
    "55P03": _SQLITE_CAUSES[sqlite3.SQLITE_BUSY],
    "40P01": _SQLITE_CAUSES[sqlite3.SQLITE_BUSY],
    "53100": _SQLITE_CAUSES[sqlite3.SQLITE_FULL],
    "25006": _SQLITE_CAUSES[sqlite3.SQLITE_READONLY],
    "XX001": _SQLITE_CAUSES[sqlite3.SQLITE_CORRUPT],
}


def explain(error: BaseException, where: str | None = None) -> StorageError:
    """The engine's error (sqlite3, psycopg, or Django's around either) as ours, with a code and what to do."""
    cause: BaseException | None = error
    found = ("entries.failed", f"The database refused: {error}", "Nothing was appended.")
    while cause is not None:
        # The low byte is the primary code; the rest says where in SQLite it arose.
        number = getattr(cause, "sqlite_errorcode", None)
        state = getattr(cause, "sqlstate", None)
        if number is not None and number & 0xFF in _SQLITE_CAUSES:
            found = _SQLITE_CAUSES[number & 0xFF]
            break
        if state in _POSTGRESQL_CAUSES:
            found = _POSTGRESQL_CAUSES[state]
            break
        cause = cause.__cause__
    code, sentence, advice = found
    return StorageError(code, sentence, where=where, advice=f"{advice} Nothing was half done.")

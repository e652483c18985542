"""What a witness remembers: the last checkpoint of each log that it cosigned, in SQLite.

The crash story. One transaction (BEGIN IMMEDIATE, so that the next request waits, from this process or
another) reads the head, decides, makes the cosignatures and writes the new head with them; COMMIT with
synchronous=FULL returns when the disk has it; only then do the signatures leave. Killed before COMMIT: the
head is the old one and no signature has left. Killed after it: the head is the new one, the client asks again
and gets 409 or, for the same checkpoint, a new cosignature. The table's own triggers refuse a smaller size,
another root for the same size, and deletion, so that no mistake in the code above can go backwards. What this
cannot see: the whole file put back from an old copy. Do not restore a witness from a backup; give it a new
key.

    witness.state witness.state-missing
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adamas.ledger.errors import WitnessFault

APPLICATION_ID = 0x4144_5754
"""“ADWT”, in the header of the file."""
VERSION = 1
_SCHEMA = """
CREATE TABLE heads (
    origin TEXT PRIMARY KEY NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL,
    time INTEGER NOT NULL CHECK (time > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX heads_by_time ON heads (time);
CREATE TRIGGER heads_only_grow BEFORE UPDATE ON heads
WHEN NEW.origin <> OLD.origin OR NEW.size < OLD.size OR NEW.time < OLD.time
    OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN SELECT RAISE(ABORT, 'a witness does not go back'); END;
CREATE TRIGGER heads_stay BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'a witness does not forget'); END;
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The last cosigned checkpoint of a log.

    ``note`` carries the log's signatures and this witness's, ``time`` is the POSIX second of the latter.
    """

    origin: str
    size: int
    root: bytes
    note: bytes
    time: int


class WitnessState:
    """The heads of all logs. Safe for threads, and for several processes on one file.

    Raises WitnessFault ``witness.state-missing`` if there is no file and ``create`` is not set: a witness
    that starts empty by mistake would sign what it must not. ``witness.state`` for a disk or database that
    fails; ``timeout`` is how many seconds to wait for another process.
    """

    def __init__(self, path: Path | str, *, create: bool = False, timeout: float = 5.0) -> None:
        self.path = Path(path)
        if not create and not self.path.is_file():
            raise WitnessFault(
                "witness.state-missing",
                "The witness's memory is not where it should be; it will not start without.",
                where=str(self.path),
                advice="Find the file. If it is lost, make a new witness with new keys: with the old ones it could "
                "contradict what it signed before.",
            )
        self._lock = threading.Lock()
        with self._explained():
            self._db = sqlite3.connect(
                self.path, timeout=timeout, isolation_level=None, check_same_thread=False
            )
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        with self._transaction():
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            (kind,) = self._db.execute("PRAGMA application_id").fetchone()
            if (kind, version) == (APPLICATION_ID, VERSION):
                return
            tables = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if tables or kind or version:
                raise self._failed("it is not a witness's memory of this version")
            for statement in _statements(_SCHEMA):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    def head(self, origin: str) -> Head | None:
        """The last cosigned checkpoint of a log; None if there is none."""
        with self._lock, self._explained():
            return self._head(origin)

    def heads(self) -> list[Head]:
        """All logs' last cosigned checkpoints, by origin."""
        with self._lock, self._explained():
            rows = self._db.execute("SELECT origin, size, root, note, time FROM heads ORDER BY origin")
            return [Head(*row) for row in rows]

    def advance(self, origin: str, step: Callable[[Head | None, int], Head]) -> Head:
        """Lets ``step`` decide on the next head of ``origin``, alone; durable on return.

        ``step`` gets the present head and the time of this witness's latest cosignature of any log (0: none),
        and returns the new head or raises, and then nothing is changed. Raises what it raises, and
        WitnessFault.
        """
        with self._lock, self._explained(), self._transaction():
            (latest,) = self._db.execute("SELECT coalesce(max(time), 0) FROM heads").fetchone()
            new = step(self._head(origin), latest)
            self._db.execute(
                "INSERT INTO heads (origin, size, root, note, time) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, "
                "note = excluded.note, time = excluded.time",
                (origin, new.size, new.root, new.note, new.time),
            )
        return new

    def _head(self, origin: str) -> Head | None:
        row: tuple[Any, ...] | None = self._db.execute(
            "SELECT origin, size, root, note, time FROM heads WHERE origin = ?", (origin,)
        ).fetchone()
        return None if row is None else Head(*row)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._failed(str(error)) from error

    def _failed(self, why: str) -> WitnessFault:
        return WitnessFault(
            "witness.state",
            f"The witness's memory cannot be read or written: {why}.",
            where=str(self.path),
            advice="Nothing was signed. Look at the disk and at who else uses the file.",
        )


def _statements(script: str) -> Iterator[str]:
    """Single statements of a script, so that all of them run in one transaction (executescript would commit)."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""

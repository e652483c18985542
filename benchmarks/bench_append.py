"""Durable appends to one SQLite file, and publishing what is in it.

``append``: eight callers at once, each handing over a hundred statements at a time, as a file of certificates is
entered; group commit. Beside it bare ``sqlite3`` writes the same rows with ``executemany`` into a table with the same
two keys, in one thread and in as many transactions as the group commit needed, with the same durability.
``append-callers``: 256 callers with one statement each, as counters at many desks. ``append-single``: one caller, one
statement, one sync; beside it what the disk can do: syncs of a file that grows by a page each.
``publish``: 100,000 entries from the database to a folder; beside it the same files, known beforehand, only written.
"""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from adamas.ledger.entries import SqliteCursor
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.merkle import leaf_hash
from adamas.ledger.publisher import Publisher
from adamas.ledger.sqlite_entries import GroupCommit, SqliteEntries
from adamas.ledger.storage import FolderStorage
from benchmarks.figure import Figure

NAMES = ("append", "append-callers", "append-single", "publish")
STATEMENT = 500
"""Bytes of an entry: those of a typical statement."""
COUNT, SINGLE, SYNCS, PUBLISHED = 40_000, 500, 500, 100_000
CALLERS, HANDED = 8, 100
_HERE = Path(__file__).parent
"""Measured on the disk that the repository is on: the system's folder for temporary files may be in memory."""


def run(only: str | None) -> list[Figure]:
    """Statements a second."""
    figures = []
    with tempfile.TemporaryDirectory(prefix=".append-", dir=_HERE) as place:
        for name, measure in zip(NAMES, (_append, _callers, _single, _publish), strict=True):
            if only in {None, name}:
                folder = Path(place, name)
                folder.mkdir()
                figures.append(measure(folder))
    return figures


def _append(folder: Path) -> Figure:
    rows = _rows(COUNT)
    rate, commits = _grouped(folder, rows, CALLERS, HANDED)
    bare = _bare(folder / "bare.db", rows, commits)
    told = f"bare sqlite3 executemany, {bare:,.0f}/s ({commits} syncs each)"
    return Figure("append", rate, "statements/s", told, rate / bare, "≥ 10,000", rate >= 10_000)


def _callers(folder: Path) -> Figure:
    rows = _rows(COUNT // 4)
    rate, commits = _grouped(folder, rows, 256, 1)
    bare = _bare(folder / "bare.db", rows, commits)
    return Figure(
        "append-callers",
        rate,
        "statements/s",
        f"bare sqlite3 executemany, {bare:,.0f}/s ({commits} syncs each)",
        rate / bare,
    )


def _single(folder: Path) -> Figure:
    rows = _rows(SINGLE)
    with SqliteEntries(folder / "log.db") as entries:
        rate = len(rows) / _seconds(lambda: [entries.append([row]) for row in rows])
    syncs = _syncs(folder / "syncs")
    return Figure(
        "append-single", rate, "statements/s", f"the disk's fdatasync, {syncs:,.0f}/s", rate / syncs
    )


def _publish(folder: Path) -> Figure:
    rows = _rows(PUBLISHED)
    with SqliteEntries(folder / "log.db") as entries:
        for start in range(0, len(rows), 5_000):
            entries.append(rows[start : start + 5_000])
        key = SoftwareSigner.from_seed(bytes(32))
        out = FolderStorage(folder / "public")
        publisher = Publisher("bench.example/log", key, out, entries.read, entries.size)
        rate = len(rows) / _seconds(publisher.publish)
    files = [(path, data) for path in out.list() if (data := out.get(path)) is not None]
    alone = len(rows) / _seconds(lambda: FolderStorage(folder / "again").create_all(files))
    told = f"writing the same {len(files):,} files alone, {alone:,.0f}/s"
    return Figure("publish", rate, "entries/s", told, rate / alone)


class _Counting(SqliteEntries):
    """Counts its transactions, to give the comparison as many."""

    commits = 0

    def append_each(self, raws: Sequence[bytes]) -> list[tuple[int, bool]]:
        self.commits += 1
        return super().append_each(raws)


def _grouped(folder: Path, rows: Sequence[bytes], callers: int, handed: int) -> tuple[float, int]:
    """(rows a second, transactions) of callers at once who each wait for every piece that they hand over."""
    with _Counting(folder / "log.db") as entries:
        group = GroupCommit(entries)
        pieces = [rows[start : start + handed] for start in range(0, len(rows), handed)]
        answers: list[list[int]] = [[] for _ in range(callers)]

        def call(number: int) -> None:
            for piece in pieces[number::callers]:
                answers[number] += group.append_or_find(piece)

        threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
        seconds = _seconds(lambda: ([t.start() for t in threads], [t.join() for t in threads]))
        if sorted(index for some in answers for index in some) != list(range(len(rows))):
            raise AssertionError("not every statement has a place of its own")
        return len(rows) / seconds, entries.commits


def _bare(path: Path, rows: Sequence[bytes], commits: int) -> float:
    """Rows a second of the plain library: same keys, ids and durability, no triggers and no questions asked."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA cache_size=-32000")
    connection.execute(
        "CREATE TABLE rows (log INTEGER, idx INTEGER, id BLOB, raw BLOB, PRIMARY KEY (log, idx), UNIQUE (log, id))"
        " WITHOUT ROWID"
    )
    size = -(-len(rows) // commits)

    def write() -> None:
        cursor = SqliteCursor(connection)
        for start in range(0, len(rows), size):
            some = [
                (1, start + offset, leaf_hash(row), row)
                for offset, row in enumerate(rows[start : start + size])
            ]
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany("INSERT INTO rows VALUES (%s, %s, %s, %s)", some)
            cursor.execute("COMMIT")

    try:
        return len(rows) / _seconds(write)
    finally:
        connection.close()


def _syncs(path: Path) -> float:
    """How often a second the disk makes a page durable."""
    with path.open("wb", buffering=0) as file:

        def write() -> None:
            for _ in range(SYNCS):
                file.write(b"\0" * 4_096)
                os.fdatasync(file.fileno())

        return SYNCS / _seconds(write)


def _rows(count: int) -> list[bytes]:
    source = random.Random(2003)
    return [source.randbytes(STATEMENT) for _ in range(count)]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start

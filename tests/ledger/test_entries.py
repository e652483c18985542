"""Entries on SQLite and on PostgreSQL: indices at once and for good, no gaps, nothing changed, nothing half done."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import postgres

from adamas.ledger.entries import MAX_ENTRY, Cursor, DuplicateEntry, EntryLog, SqliteCursor, ddl, explain
from adamas.ledger.errors import StorageError
from adamas.ledger.merkle import leaf_hash
from adamas.ledger.sqlite_entries import GroupCommit, SqliteEntries

ORIGIN = "log.example/BW"


class Database(Protocol):
    """One database; each transaction on a connection of its own, as from another process."""

    def transaction(self) -> AbstractContextManager[Cursor]:
        """Commits at the end, rolls back on an error."""
        ...


class Sqlite:
    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteCursor(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


class Postgresql:
    def __init__(self) -> None:
        self.url = postgres.database()

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        import psycopg

        with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
            yield cursor


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.database),
        pytest.param("postgresql", marks=pytest.mark.database),
    ]
)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    made: Database = Sqlite(tmp_path / "office.db") if request.param == "sqlite" else Postgresql()
    with made.transaction() as cursor:
        for statement in ddl(request.param):
            cursor.execute(statement)
        EntryLog.open(cursor, ORIGIN)
    return made


@pytest.fixture
def log() -> EntryLog:
    return EntryLog(1)


def code(error: pytest.ExceptionInfo[StorageError]) -> str:
    return error.value.code


class TestBothEngines:
    def test_indices_are_given_at_once_in_order(self, database: Database, log: EntryLog) -> None:
        with database.transaction() as cursor:
            assert log.append(cursor, [b"a", b"b"]) == 0
            assert log.append(cursor, [b"c"]) == 2
            assert log.append(cursor, []) == 3
        with database.transaction() as cursor:
            assert log.size(cursor) == 3
            assert log.read(cursor, 1, 10) == [b"b", b"c"]
            assert log.index_of(cursor, leaf_hash(b"b")) == 1
            assert log.index_of(cursor, leaf_hash(b"z")) is None

    def test_a_rollback_leaves_no_trace_and_no_gap(self, database: Database, log: EntryLog) -> None:
        def fail_later() -> None:
            with database.transaction() as cursor:
                log.append(cursor, [b"a", b"b"])
                raise InterruptedError

        with pytest.raises(InterruptedError):
            fail_later()
        with database.transaction() as cursor:
            assert log.append(cursor, [b"c"]) == 0

    def test_a_statement_is_logged_once(self, database: Database, log: EntryLog) -> None:
        with database.transaction() as cursor:
            log.append(cursor, [b"a", b"b"])
        for raws, index, position in (([b"c", b"b"], 1, 1), ([b"c", b"d", b"c"], 2, 2)):
            with pytest.raises(DuplicateEntry) as error, database.transaction() as cursor:
                log.append(cursor, raws)
            assert (error.value.index, error.value.position) == (index, position)
        with database.transaction() as cursor:
            assert log.append_or_find(cursor, [b"b", b"c", b"a", b"c"]) == [1, 2, 0, 2]
            assert log.size(cursor) == 3

    @pytest.mark.parametrize("raw", [b"", b"x" * (MAX_ENTRY + 1)])
    def test_sizes(self, database: Database, log: EntryLog, raw: bytes) -> None:
        with pytest.raises(StorageError) as error, database.transaction() as cursor:
            log.append(cursor, [b"a", raw])
        assert code(error) == "entries.size"
        with database.transaction() as cursor:
            assert log.size(cursor) == 0

    @pytest.mark.parametrize(
        "forbidden",
        [
            "UPDATE adamas_entries SET raw = raw",
            "DELETE FROM adamas_entries",
            "UPDATE adamas_heads SET size = size - 1",
            "UPDATE adamas_heads SET origin = 'other'",
            "DELETE FROM adamas_heads",
        ],
    )
    def test_nothing_is_changed_or_removed(self, database: Database, log: EntryLog, forbidden: str) -> None:
        with database.transaction() as cursor:
            log.append(cursor, [b"a"])
        with pytest.raises(Exception, match="append-only"), database.transaction() as cursor:
            cursor.execute(forbidden)
        with database.transaction() as cursor:
            assert log.read(cursor, 0, 9) == [b"a"]

    def test_logs_beside_one_another(self, database: Database, log: EntryLog) -> None:
        with database.transaction() as cursor:
            other = EntryLog.open(cursor, "log.example/AE")
            log.append(cursor, [b"a"])
            assert other.append(cursor, [b"a"]) == 0
            assert EntryLog.open(cursor, ORIGIN).log == 1
            assert EntryLog.open(cursor, "log.example/ZA", 7).log == 7
        for origin, number in ((ORIGIN, 2), ("log.example/new", 1)):
            with pytest.raises(StorageError) as error, database.transaction() as cursor:
                EntryLog.open(cursor, origin, number)
            assert code(error) == "entries.origin"
        with pytest.raises(StorageError) as error, database.transaction() as cursor:
            EntryLog(99).append(cursor, [b"a"])
        assert code(error) == "entries.unknown-log"

    def test_many_writers_make_no_gap(self, database: Database, log: EntryLog) -> None:
        given_out: list[int] = []

        def write(who: int) -> None:
            for n in range(6):
                with database.transaction() as cursor:
                    index = log.append(cursor, [b"%d %d" % (who, n), b"%d %d second" % (who, n)])
                given_out.append(index)

        threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(given_out) == list(range(0, 48, 2))
        with database.transaction() as cursor:
            assert log.size(cursor) == len(log.read(cursor, 0, 99)) == 48

    def test_the_tables_may_be_made_again(self, database: Database, log: EntryLog) -> None:
        with database.transaction() as cursor:
            log.append(cursor, [b"a"])
            for statement in ddl("sqlite" if isinstance(database, Sqlite) else "postgresql"):
                cursor.execute(statement)
            assert log.size(cursor) == 1


def test_postgresql_keeps_its_own_eye_on_ids_and_on_truncation() -> None:
    database = Postgresql()
    with database.transaction() as cursor:
        for statement in ddl("postgresql"):
            cursor.execute(statement)
        EntryLog.open(cursor, ORIGIN).append(cursor, [b"a"])
    with pytest.raises(Exception, match="check constraint"), database.transaction() as cursor:
        cursor.execute("INSERT INTO adamas_entries VALUES (1, 1, %s, %s)", [bytes(32), b"b"])
    with pytest.raises(Exception, match="append-only"), database.transaction() as cursor:
        cursor.execute("TRUNCATE adamas_entries")


def test_postgresql_shows_nobody_what_is_not_committed() -> None:
    database, log = Postgresql(), EntryLog(1)
    with database.transaction() as cursor:
        for statement in ddl("postgresql"):
            cursor.execute(statement)
        EntryLog.open(cursor, ORIGIN)
    with database.transaction() as writer:
        log.append(writer, [b"a"])
        with database.transaction() as reader:
            assert (log.size(reader), log.read(reader, 0, 9)) == (0, [])


def test_sqlite_refuses_to_replace(tmp_path: Path) -> None:
    with SqliteEntries(tmp_path / "log.db") as store:
        store.append([b"a"])
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
        for values in ((1, 0, leaf_hash(b"b"), b"b"), (1, 5, leaf_hash(b"a"), b"a")):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute("INSERT OR REPLACE INTO adamas_entries VALUES (?, ?, ?, ?)", values)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("INSERT OR REPLACE INTO adamas_heads VALUES (1, 'other', 0)")


@given(st.lists(st.lists(st.binary(min_size=1, max_size=3), max_size=4), max_size=6))
def test_append_or_find_is_a_function_of_the_first_occurrence(batches: list[list[bytes]]) -> None:
    expected: list[bytes] = []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        cursor = SqliteCursor(connection)
        for statement in ddl("sqlite"):
            cursor.execute(statement)
        log = EntryLog.open(cursor, ORIGIN)
        for raws in batches:
            expected += [raw for raw in dict.fromkeys(raws) if raw not in expected]
            assert log.append_or_find(cursor, raws) == [expected.index(raw) for raw in raws]
        assert log.read(cursor, 0, 100) == expected


# ── the store in one file ───────────────────────────────────────────────────────────────────────────────────


def test_what_was_acknowledged_is_there_when_opened_again(tmp_path: Path) -> None:
    with SqliteEntries(tmp_path / "log.db") as store:
        assert store.append([b"a", b"b"]) == 0
    with SqliteEntries(tmp_path / "log.db") as store:
        assert store.append_or_find([b"b", b"c"]) == [1, 2]
        assert (store.size(), store.read(0, 9), store.index_of(leaf_hash(b"c"))) == (3, [b"a", b"b", b"c"], 2)


def test_several_may_open_a_new_log_at_the_same_moment(tmp_path: Path) -> None:
    def begin(path: Path, together: threading.Barrier) -> int:
        together.wait()
        with SqliteEntries(path, ORIGIN) as entries:
            return entries.append_or_find([b"the same"])[0]

    with ThreadPoolExecutor(4) as pool:
        for number in range(30):
            together = threading.Barrier(4)
            path = tmp_path / f"{number}.db"
            assert {f.result() for f in [pool.submit(begin, path, together) for _ in range(4)]} == {0}


def test_every_connection_syncs_at_commit(tmp_path: Path) -> None:
    with SqliteEntries(tmp_path / "log.db") as store:
        store.size()
        for connection in store._open:
            assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
            assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_readers_do_not_wait_for_a_writer_and_see_only_what_is_committed(tmp_path: Path) -> None:
    with SqliteEntries(tmp_path / "log.db") as store:
        store.append([b"a"])
        with store._transaction() as cursor:
            store._log.append(cursor, [b"b"])
            assert (store.size(), store.read(0, 9)) == (1, [b"a"])
        assert store.size() == 2


def test_group_commit_gives_each_caller_its_own_index(tmp_path: Path) -> None:
    answers: dict[bytes, int] = {}
    twice: list[int] = []
    with SqliteEntries(tmp_path / "log.db") as store:
        group = GroupCommit(store)

        def call(who: int) -> None:
            for n in range(20):
                raw = b"%d %d" % (who, n)
                answers[raw] = group.append(raw)
            try:
                group.append(b"the same")
            except DuplicateEntry as error:
                twice.append(error.index)

        threads = [threading.Thread(target=call, args=(who,)) for who in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        entries = store.read(0, 1000)
    assert len(entries) == 161
    assert all(entries[index] == raw for raw, index in answers.items())
    assert twice == [entries.index(b"the same")] * 7


def test_one_callers_bad_entry_is_told_to_the_callers_of_its_batch_and_nothing_is_logged(
    tmp_path: Path,
) -> None:
    with SqliteEntries(tmp_path / "log.db") as store:
        group = GroupCommit(store)
        with pytest.raises(StorageError) as error:
            group.append(b"")
        assert code(error) == "entries.size"
        assert group.append_or_find([b"a", b"b", b"a"]) == [0, 1, 0]


def test_a_gap_in_the_database_is_noticed(tmp_path: Path) -> None:
    with SqliteEntries(tmp_path / "log.db") as store:
        store.append([b"a", b"b", b"c"])
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
        connection.execute("DROP TRIGGER adamas_entries_no_delete")
        connection.execute("DELETE FROM adamas_entries WHERE idx = 1")
        connection.commit()
    with SqliteEntries(tmp_path / "log.db") as store, pytest.raises(StorageError) as error:
        store.read(0, 3)
    assert code(error) == "entries.missing"


def test_errors_of_the_engines_have_names_of_ours() -> None:
    locked = sqlite3.OperationalError("x")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
    wrapped = RuntimeError("Django's")
    wrapped.__cause__ = locked
    assert explain(wrapped).code == "entries.locked"
    full = RuntimeError()
    full.sqlstate = "53100"  # type: ignore[attr-defined]
    assert explain(full).code == "entries.full"
    assert explain(RuntimeError("?")).code == "entries.failed"
    with pytest.raises(StorageError) as error:
        ddl("oracle")
    assert code(error) == "entries.vendor"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(os.urandom(8192))
    with pytest.raises(StorageError) as error:
        SqliteEntries(tmp_path / "log.db")
    assert code(error) == "entries.damaged"

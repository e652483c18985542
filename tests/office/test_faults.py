"""When the machine fails under an act: a sentence with a code, nothing half done, and the same act works afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from tests.office.conftest import ENGINE, World, command, entries

from adamas.office.certification import actions as desk
from adamas.office.certification import private
from adamas.office.certification.models import Certificate
from adamas.office.errors import DatabaseError
from adamas.office.log import replay
from adamas.office.log.models import Finding
from adamas.office.opening import Office

pytestmark = pytest.mark.database
sqlite_only = pytest.mark.skipif(ENGINE != "sqlite", reason="how SQLite fails")
postgresql_only = pytest.mark.skipif(ENGINE == "sqlite", reason="how PostgreSQL fails")


def refused_by(office: Office, code: str) -> None:
    """An act that fails with this code leaves no trace: no entry, no view, no private content."""
    before = entries(office)
    with pytest.raises(DatabaseError) as failed:
        desk.issue(office, [command(n) for n in range(1, 40)])
    assert failed.value.code == code
    assert failed.value.exit_code == 75
    assert entries(office) == before
    assert not Certificate.objects.using(office.alias).exists()
    assert private.of(office.alias, ["BW0000001"]) == {}


def works(office: Office) -> None:
    """The same act, asked again when the fault is gone."""
    done = desk.issue(office, [command(n) for n in range(1, 40)])
    assert not any(row.again for row in done.accepted)
    replay.verify(office)


@contextmanager
def pragma(office: Office, on: str, off: str) -> Iterator[None]:
    with connections[office.alias].cursor() as cursor:
        cursor.execute(f"PRAGMA {on}")
        yield
        cursor.execute(f"PRAGMA {off}")


@sqlite_only
def test_a_database_that_another_program_holds(world: World) -> None:
    desk.issue(world.bw, [])  # a connection of this process is open
    with connections[world.bw.alias].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=100")
    other = sqlite3.connect(world.bw.home.path / "office.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused_by(world.bw, "database.locked")
    other.execute("ROLLBACK")
    other.close()
    works(world.bw)


@sqlite_only
def test_a_full_disk_in_the_middle_of_an_act(world: World) -> None:
    with connections[world.bw.alias].cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
    with pragma(world.bw, f"max_page_count={pages + 2}", "max_page_count=1073741823"):
        refused_by(world.bw, "database.full")
    works(world.bw)


@sqlite_only
def test_a_disk_that_can_only_be_read(world: World) -> None:
    with pragma(world.bw, "query_only=ON", "query_only=OFF"):
        refused_by(world.bw, "database.read-only")
    works(world.bw)


@sqlite_only
def test_a_damaged_database_is_named_so(world: World) -> None:
    world.bw.close()
    file = world.bw.home.path / "office.db"
    file.write_bytes(b"\x00" * 4096 + file.read_bytes()[4096:])
    for name in ("office.db-wal", "office.db-shm"):
        (world.bw.home.path / name).unlink(missing_ok=True)
    from adamas.office.opening import open_office

    with pytest.raises(DatabaseError) as failed:
        open_office(world.bw.home.path)
    assert failed.value.code == "database.damaged"


@postgresql_only
def test_a_lock_that_another_program_holds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    monkeypatch.setenv("ADAMAS_DATABASE_TIMEOUT", "0.2")
    with psycopg.connect(world.bw.config.database) as other:
        other.execute("SELECT pg_advisory_xact_lock(4193)")
        refused_by(world.bw, "database.locked")
    works(world.bw)


@postgresql_only
def test_a_server_that_can_only_be_read(world: World) -> None:
    with connections[world.bw.alias].cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        refused_by(world.bw, "database.read-only")
        cursor.execute("SET default_transaction_read_only = off")
    works(world.bw)


def test_a_clock_that_was_set_back_is_told_and_changes_no_place(world: World) -> None:
    desk.issue(world.bw, [command(1)])
    before = len(entries(world.bw))
    world.clock.now -= 10 * 86_400
    done = desk.issue(world.bw, [command(2, issued="2025-02-20", expires="2025-04-20")])
    assert [f.code for f in done.accepted[0].findings] == ["admission.backdated"]
    world.clock.now += 10 * 86_400
    assert [*done.indices, *desk.issue(world.bw, [command(3)]).indices] == [before, before + 1]
    found = Finding.objects.using(world.bw.alias).filter(code="admission.backdated")
    assert [row.subject for row in found] == ["BW0000002"]
    replay.verify(world.bw)

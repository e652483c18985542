"""The short way to the tables of a new database gives what the long way gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from adamas.office import database, new_database
from adamas.office.home import sqlite_settings


def _described(alias: str) -> dict[str, object]:
    """Tables with their columns, indexes with theirs, triggers with their text."""
    found: dict[str, object] = {}
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        for kind, name, table, sql in cursor.fetchall():
            if kind == "table":
                cursor.execute(f'SELECT name, type, "notnull", pk FROM pragma_table_info("{name}")')
                columns = sorted(cursor.fetchall())
                cursor.execute(f'SELECT "from", "table", "to" FROM pragma_foreign_key_list("{name}")')
                found[f"table {name}"] = (columns, sorted(cursor.fetchall()), sql.count("CHECK"))
            elif kind == "index":
                cursor.execute(f'SELECT name FROM pragma_index_info("{name}") ORDER BY seqno')
                key = f"index on {table}"
                found.setdefault(key, [])
                found[key] = sorted([*found[key], [row[0] for row in cursor.fetchall()]])  # type: ignore[misc]
            else:
                found[f"{kind} {name}"] = sql
    return found


def _use(alias: str, file: Path) -> None:
    database.forget(alias)
    made = connections.configure_settings({database.DEFAULT: {}, alias: sqlite_settings(file)})
    connections.settings[alias] = made[alias]


def _done(alias: str) -> set[tuple[str, str]]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


@pytest.mark.slow
@pytest.mark.parametrize("alias", [database.DEFAULT, "statements-only"])
def test_the_short_way_and_the_long_way_make_the_same_tables(alias: str, tmp_path: Path) -> None:
    before = connections.settings.get(alias)
    labels = database.labels(alias)
    try:
        _use(alias, tmp_path / "short.db")
        assert new_database.create(alias, labels)
        short, done = _described(alias), _done(alias)
        _use(alias, tmp_path / "long.db")
        for label in [""] if alias == database.DEFAULT else labels:
            call_command("migrate", *filter(None, [label]), database=alias, verbosity=0, interactive=False)
        long = _described(alias)
        assert _done(alias) == done
        assert ("table people_user" in short) == (alias == database.DEFAULT)
    finally:
        database.forget(alias)
        if before is not None:
            connections.settings[alias] = before
    every = short.keys() | long.keys()
    assert {key: (short.get(key), long.get(key)) for key in every if short.get(key) != long.get(key)} == {}

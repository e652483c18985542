"""What the database itself refuses about the audit trail and the evidence of approvals: a line is added, and stays.

Not against who administers the database and can drop a trigger, but against every program and every mistake. A later
migration that makes one of these tables anew (on SQLite, any change of a column) has to run :func:`protect` again,
since the triggers go with the old table; tests/office/web/test_new_database.py fails if it is forgotten.
"""

from __future__ import annotations

from typing import Any

TABLES = {"people_act": ("id",), "people_evidence": ("id", "nonce")}
"""The tables, with the columns of which a value counts once."""
REFUSAL = "people.append-only: the audit trail and its evidence are added to, never changed or removed"


def ddl(vendor: str) -> list[str]:
    """The statements that make the triggers; may be run again. ``vendor``: sqlite or postgresql."""
    made = _sqlite if vendor == "sqlite" else _postgresql
    head = [] if vendor == "sqlite" else [_FUNCTION]
    return head + [sql for table, unique in TABLES.items() for sql in made(table, unique)]


def protect(_apps: Any, schema_editor: Any) -> None:
    """For migrations.RunPython."""
    for sql in ddl(schema_editor.connection.vendor):
        schema_editor.execute(sql, params=None)


_FUNCTION = f"""CREATE OR REPLACE FUNCTION people_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"""


def _sqlite(table: str, unique: tuple[str, ...]) -> list[str]:
    def trigger(name: str, when: str) -> str:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        return f"CREATE TRIGGER IF NOT EXISTS {table}_no_{name} BEFORE {when} {refuse}"

    # INSERT OR REPLACE deletes without firing delete triggers, so it is stopped where it begins.
    same = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {one} = NEW.{one})" for one in unique)  # noqa: S608
    return [
        trigger("update", f"UPDATE ON {table}"),
        trigger("delete", f"DELETE ON {table}"),
        trigger("replace", f"INSERT ON {table} WHEN {same}"),
    ]


def _postgresql(table: str, _unique: tuple[str, ...]) -> list[str]:
    made = f"CREATE OR REPLACE TRIGGER {table}_no"
    run = "EXECUTE FUNCTION people_append_only()"
    return [
        f"{made}_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {run}",
        f"{made}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run}",
    ]

"""The entries themselves: append-only tables as adamas.ledger.entries declares them, for both engines."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from adamas.ledger.entries import ddl


def create(apps: Any, schema_editor: Any) -> None:
    """Tables and triggers, statement by statement."""
    for sql in ddl(schema_editor.connection.vendor):
        schema_editor.execute(sql, params=None)


class Migration(migrations.Migration):
    """Not reversible: entries are never dropped."""

    dependencies = [("log", "0001_initial")]

    operations = [migrations.RunPython(create)]

"""The tables of apps that a database does not have yet, at one stroke, instead of through all their history.

Going through every migration of every library takes some ten seconds of an old computer, and the end of it is known.
Tables are made from the models as they are; of our own migrations what is no table (triggers) is run; then all are
recorded as done. A test compares the result with that of the long way.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

_OURS = "adamas."
_NOT_TABLES = ("RunSQL", "RunPython")


def create(alias: str, labels: Collection[str]) -> bool:
    """Makes the tables of those apps of ``labels`` of which no migration was applied; False (and nothing done) if
    others of them lack some too.

    In one transaction. Raises what the database raises.
    """
    from django.apps import apps
    from django.core.management.sql import emit_post_migrate_signal
    from django.db import connections
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    connection = connections[alias]
    loader = MigrationLoader(connection)
    begun = {app for app, _ in loader.applied_migrations}
    written = {app for app, _ in loader.disk_migrations} & set(labels)
    fresh = {
        config.label: config
        for config in apps.get_app_configs()
        if config.label not in begun and config.label in written
    }
    missing = {
        key for key in loader.disk_migrations if key[0] in written and key not in loader.applied_migrations
    }
    if any(app not in fresh for app, _ in missing):
        return False
    state: Any = _Now(apps)
    with connection.schema_editor(atomic=True) as editor:
        for config in fresh.values():
            for model in config.get_models():
                if model._meta.can_migrate(connection) and not model._meta.swapped:
                    editor.create_model(model)
        for sql in editor.deferred_sql:  # foreign keys and indexes, once all tables are there
            editor.execute(sql, None)
        editor.deferred_sql = []
        for app, name in _in_order(loader):
            if app in fresh and fresh[app].name.startswith(_OURS):
                for operation in loader.disk_migrations[app, name].operations:
                    if type(operation).__name__ in _NOT_TABLES:
                        operation.database_forwards(app, editor, state, state)
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for app, name in missing:
            recorder.record_applied(app, name)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=alias)
    return True


class _Now:
    """A project state for operations of a new database: the models as they are."""

    def __init__(self, apps: Any) -> None:
        self.apps = apps

    def clear_delayed_apps_cache(self) -> None:
        """Nothing is delayed."""


def _in_order(loader: Any) -> list[tuple[str, str]]:
    """Migrations, each after those that it depends on."""
    found: dict[tuple[str, str], None] = {}
    for leaf in sorted(loader.graph.leaf_nodes()):
        for key in loader.graph.forwards_plan(leaf):
            found.setdefault(key)
    return [key for key in found if key in loader.disk_migrations]

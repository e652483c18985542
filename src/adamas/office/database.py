"""Opening an office's database under an alias of its own, bringing its tables up to date, and naming its
failures.

One process may hold several offices (the demo, a test, a hosting office that looks after two), so each home
has an alias.
"""

from __future__ import annotations

import hashlib
import os
import pkgutil
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adamas.office.errors import DatabaseError
from adamas.office.home import Home, sqlite_settings

__all__ = [
    "DEFAULT",
    "connect",
    "ensure_django",
    "failures",
    "forget",
    "labels",
    "named",
    "register",
    "sqlite_settings",
    "use_as_default",
]

SETTINGS = "adamas.office.settings"
DEFAULT = "default"
"""The alias of the office whose pages this process serves: it has the tables of accounts and desks too."""


def ensure_django() -> None:
    """Sets Django up, once; does nothing if it is already.

    As ``django.setup()`` does, without its parts for pages (addresses, error mails), which would cost every word of
    the command line a tenth of a second and which no room here uses.
    """
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
        from django.conf import settings

        # Ctrl-C in the middle of it would be taken for a broken app: it counts once Django is whole.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            apps.populate(settings.INSTALLED_APPS)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)


def connect(home: Home, *, migrate: bool = True) -> str:
    """Registers the database of ``home`` and returns its alias; makes or updates its tables."""
    return register(home.database, migrate=migrate)


def register(settings: dict[str, Any], *, migrate: bool = True) -> str:
    """Gives a database (Django's settings for it) an alias, and its tables.

    Calling again returns the same alias.
    """
    ensure_django()
    from django.db import connections

    where = repr((settings["ENGINE"], settings["NAME"], settings.get("HOST"), settings.get("PORT")))
    alias = "office-" + hashlib.sha256(where.encode()).hexdigest()[:16]
    if alias not in connections.settings:
        filled = connections.configure_settings({"default": {}, alias: dict(settings)})
        connections.settings[alias] = filled[alias]
    if migrate:
        with failures():
            _migrate(alias)
    return alias


def forget(alias: str) -> None:
    """Closes this thread's connection to a database and takes its alias away."""
    from django.db import connections

    if alias in connections.settings:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def use_as_default(home: Home, *, migrate: bool = True) -> None:
    """Makes the database of ``home`` Django's default one in this process, with every table that pages need."""
    ensure_django()
    from django.core.management import call_command
    from django.db import connections

    forget(DEFAULT)
    connections.settings[DEFAULT] = connections.configure_settings({DEFAULT: dict(home.database)})[DEFAULT]
    if migrate:
        with failures():
            _migrate(DEFAULT)
            call_command("createcachetable", database=DEFAULT, verbosity=0)


def _migrate(alias: str) -> None:
    made = labels(alias)
    if not (_up_to_date(alias, made) or _made_new(alias, made)):
        from django.core.management import call_command

        if alias == DEFAULT:
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        else:
            for label in made:
                call_command("migrate", label, database=alias, verbosity=0, interactive=False)


def _made_new(alias: str, made: Sequence[str]) -> bool:
    """Tries the short way to the tables of a new database; whatever stops it, the long way tells."""
    from django.db import DatabaseError as DjangoError

    from adamas.office import new_database

    try:
        return new_database.create(alias, made)
    except DjangoError:
        return False


def labels(alias: str) -> list[str]:
    """The apps whose tables belong into a database: where there are pages, only the default one has theirs."""
    from django.apps import apps
    from django.conf import settings

    spine = getattr(settings, "SPINE_APPS", None)
    every = [config.label for config in apps.get_app_configs()]
    return every if spine is None or alias == DEFAULT else [label for label in every if label in spine]


def _up_to_date(alias: str, made: Sequence[str]) -> bool:
    """Whether every migration was applied, by one query: Django's own answer builds all models of the past."""
    from django.apps import apps
    from django.db import DatabaseError as DjangoError
    from django.db import connections

    wanted = {
        (config.label, module.name)
        for config in map(apps.get_app_config, made)
        for module in pkgutil.iter_modules([str(Path(config.path) / "migrations")])
    }
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            return wanted <= set(cursor.fetchall())
    except DjangoError:
        return False  # no such table: a new database; any other trouble shows again when the tables are made


@contextmanager
def failures() -> Iterator[None]:
    """Tells what the database could not do in our own words.

    The transaction inside was rolled back by then.
    """
    from django.db import DatabaseError as DjangoError

    try:
        yield
    except (DjangoError, sqlite3.Error) as error:
        raise named(error) from error


def named(error: Exception) -> DatabaseError:
    """What went wrong with the database, in a sentence with a code (database.*)."""
    text = str(error).strip()
    lower = text.lower()
    for code, marks, sentence, advice in _KNOWN:
        if any(mark in lower for mark in marks):
            return DatabaseError(code, sentence, advice=advice)
    return DatabaseError("database.failed", f"The database refused: {text}.", advice="Nothing was half done.")


_KNOWN = (
    (
        "database.locked",
        ("database is locked", "database table is locked", "lock timeout", "could not obtain lock"),
        "Another program is writing to the office's database and did not finish in time; nothing was logged.",
        "Try again; the same command twice gives one statement.",
    ),
    (
        "database.full",
        ("disk is full", "no space left", "could not extend file", "disk i/o error"),
        "There is no room left on the disk of the office's database; nothing was logged.",
        "Make room, then try again.",
    ),
    (
        "database.read-only",
        ("readonly database", "read-only"),
        "The office's database cannot be written to; nothing was logged.",
        "Check the rights of the folder and of the file.",
    ),
    (
        "database.unreachable",
        (
            "unable to open database",
            "connection refused",
            "could not connect",
            "connection failed",
            "no such file",
        ),
        "The office's database cannot be reached.",
        "Check [database] url in office.toml, and that the server runs.",
    ),
    (
        "database.damaged",
        ("malformed", "file is not a database", "invalid page"),
        "The office's database file is damaged.",
        "Keep it for study, restore the last copy, and follow the published log for what came after.",
    ),
)

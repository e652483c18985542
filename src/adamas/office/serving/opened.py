"""The office as the serving processes share it: opened once, with its keys, and no connection kept.

The passphrase opens the key store here and is then forgotten; it leaves the environment before any process starts, so
that no child and no report of a crash can show it.
"""

from __future__ import annotations

import gc
import logging
import os
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

from adamas.office.home import ENVIRONMENT
from adamas.office.opening import PASSPHRASE, Office, Passphrase

WEB_SETTINGS = "adamas.office.web.settings"
PAGE_CACHE_KIB = 4_000
WAIT_SECONDS = 10
"""How long one who writes waits for another, where an officer waits for the page."""
CONNECTION_SECONDS = 600
_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def configure(
    folder: Path, *, behind_proxy: bool = False, hosts: tuple[str, ...] = (), demo: bool = False
) -> None:
    """Sets the environment that Django's settings are read from. To be called before Django is set up."""
    os.environ["DJANGO_SETTINGS_MODULE"] = WEB_SETTINGS
    os.environ[ENVIRONMENT] = str(folder)
    os.environ.setdefault("ADAMAS_DATABASE_TIMEOUT", str(WAIT_SECONDS))
    if behind_proxy:
        os.environ["ADAMAS_BEHIND_PROXY"] = "1"
    if hosts:
        before = [host for host in os.environ.get("ADAMAS_HOSTS", "").split(",") if host]
        os.environ["ADAMAS_HOSTS"] = ",".join(dict.fromkeys((*before, *hosts)))
    if demo:
        os.environ["ADAMAS_DEMO"] = "1"


def open_once(folder: Path, passphrase: Passphrase) -> tuple[Office, Any]:
    """The office, its keys open, and the WSGI application, everything loaded and no connection open.

    Raises HomeError, KeyRefused, DatabaseError.
    """
    from adamas.office.web import site

    _few_arenas()
    office = site.open_site(folder, passphrase=passphrase)
    if office.home.keys.exists():
        _ = office.keystore  # asks for the passphrase now, not at the first act of some process
    office.forget_passphrase()
    os.environ.pop(PASSPHRASE, None)
    site.use(office)
    _thrifty(office.alias)
    return office, _application(office)


def _few_arenas() -> None:
    """Lets the threads of a process share two places to allocate from: glibc gives each its own, which is never
    given back."""
    import ctypes

    try:
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)
    except (AttributeError, OSError):
        return  # another C library


def close_connections() -> None:
    """Closes this thread's connections. A connection must not cross a fork: both sides would speak on it."""
    from django.db import connections

    connections.close_all()


def _thrifty(alias: str) -> None:
    """Connections of pages are kept between requests, and hold little: there are a dozen of them."""
    from django.db import connections

    connections[alias].close()
    settings = connections.settings[alias]
    options = settings.get("OPTIONS", {})
    command = options.get("init_command", "")
    if "cache_size=-64000" in command:
        options["init_command"] = command.replace("cache_size=-64000", f"cache_size=-{PAGE_CACHE_KIB}")
    settings["CONN_MAX_AGE"] = CONNECTION_SECONDS
    settings["CONN_HEALTH_CHECKS"] = True
    del connections[alias]


def _application(office: Office) -> Any:
    """Django with every module and template loaded that a page needs, so that processes share them."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    from adamas.office.serving import lines, statics

    settings.STATIC_ROOT = str(statics.prepare(office.home.path / "web"))
    settings.WHITENOISE_USE_FINDERS = False
    application = get_wsgi_application()
    lines.set_up()
    _ = get_resolver().url_patterns
    environ: dict[str, Any] = {"PATH_INFO": "/account/login/", "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    try:
        b"".join(application(environ, lambda *_: lambda _: None))
    except Exception:
        logging.getLogger("serve").warning("The first page could not be made ready.", exc_info=True)
    office.knowledge.refresh()
    close_connections()
    gc.collect()
    gc.freeze()
    return application

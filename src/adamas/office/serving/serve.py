"""`adamas serve`: the whole office on the embedded default by one command."""

from __future__ import annotations

import dataclasses
import fcntl
import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adamas.office import home
from adamas.office.serving import opened
from adamas.office.serving.errors import ServeError

if TYPE_CHECKING:
    from adamas.office.opening import Passphrase
    from adamas.office.serving.master import Part

LOCK = "serve.lock"


@dataclass(frozen=True)
class Wish:
    """How an office is to be served. ``extra`` are further parts (the demo's witnesses)."""

    folder: Path
    passphrase: Passphrase
    host: str = "127.0.0.1"
    port: int = 8000
    behind_proxy: bool = False
    demo: bool = False
    background: bool = True
    extra: list[Part] = field(default_factory=list)
    told: Callable[[str], None] | None = None


def serve(wish: Wish) -> int:
    """Serves until SIGTERM or Ctrl-C. Raises HomeError, KeyRefused, DatabaseError, ServeError before it begins."""
    begun = time.monotonic()
    place = home.load(wish.folder)
    lock = only_one(place.path)
    from adamas.office.serving import web
    from adamas.office.serving.master import Master, Part

    listener = web.open_socket(wish.host, wish.port)
    opened.configure(place.path, behind_proxy=wish.behind_proxy, demo=wish.demo, hosts=_hosts(wish.host))
    from adamas.office.serving import jobs, lines, publishing

    lines.set_up()
    office, application = opened.open_once(place.path, wish.passphrase)
    host, port = listener.getsockname()[:2]
    url = f"http://{'localhost' if host in ('127.0.0.1', '::1') else host}:{port}/"
    if wish.demo:  # codes on paper lead to the port that is served, whichever it is today
        config = dataclasses.replace(office.config, address=url.rstrip("/"))
        office.home = dataclasses.replace(office.home, config=config)
    ready_read, ready_write = os.pipe()

    def ready() -> None:
        os.write(ready_write, b".")

    def serve_pages() -> None:
        web.run(application, listener, ready, behind_proxy=wish.behind_proxy)

    parts = [*wish.extra, Part("web", serve_pages)]
    if wish.background:
        parts += [Part("jobs", jobs.run), Part("log", lambda: publishing.run(office), last=1)]
    _announce(ready_read, url, begun, wish.told)
    code = Master(parts).run()
    lock.close()
    return code


def _announce(ready: int, url: str, begun: float, told: Callable[[str], None] | None) -> None:
    """A line on standard output once pages are answered: for a person, and for whoever started us."""
    import threading

    def wait() -> None:
        os.read(ready, 1)
        seconds = time.monotonic() - begun
        logging.getLogger("serve").info("The office is open after %.1f s.", seconds)
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        if told is not None:
            told(url)

    threading.Thread(target=wait, daemon=True, name="ready").start()


def _hosts(host: str) -> tuple[str, ...]:
    return () if host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::") else (host.strip("[]"),)  # noqa: S104


def only_one(folder: Path) -> Any:
    """Keeps a second master away from the same folder: tasks would be done twice."""
    lock = (folder / LOCK).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ServeError(
            "serve.running",
            "This office is being served already.",
            where=str(folder),
            advice="Stop the other one first; `adamas serve --check` tells what is there.",
        ) from None
    return lock

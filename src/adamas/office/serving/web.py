"""The web server: gunicorn, two processes of four threads, on a socket that the master opened.

SQLite has one writer and many readers, and Python runs one thread at a time in a process: two processes use both cores
of a small computer, and four threads each let a slow line be waited for.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORKERS = 2
THREADS = 4
REQUEST_SECONDS = 120
DRAIN_SECONDS = 20


def run(application: Any, listener: socket.socket, ready: Callable[[], None], *, behind_proxy: bool) -> None:
    """Serves until SIGTERM. Does not return before the last request is answered (or DRAIN_SECONDS are over)."""
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter
    from gunicorn.glogging import Logger

    class Lines(Logger):
        """Leaves the form of lines to serving.lines."""

        def setup(self, cfg: Any) -> None:
            """Takes the handlers of the root logger."""
            self.error_log.propagate = True
            self.access_log.propagate = False

    class Server(BaseApplication):
        """Gunicorn with our settings."""

        def load_config(self) -> None:
            """No settings file is read, and no option of ours is left to the environment."""
            settings = {
                "bind": f"fd://{listener.fileno()}",
                "workers": WORKERS,
                "threads": THREADS,
                "worker_class": "gthread",
                "preload_app": True,
                "timeout": REQUEST_SECONDS,
                "graceful_timeout": DRAIN_SECONDS,
                "keepalive": 5,
                "logger_class": Lines,
                "worker_tmp_dir": _memory(),
                "control_socket_disable": True,
                "forwarded_allow_ips": "127.0.0.1,::1" if behind_proxy else "",
                "limit_request_line": 8_190,
                "proc_name": "adamas-web",
                "post_worker_init": lambda _: ready(),
            }
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            """The application, loaded before the fork."""
            return application

    for name in ("GUNICORN_CMD_ARGS", "GUNICORN_PID", "LISTEN_PID", "LISTEN_FDS"):
        os.environ.pop(name, None)  # what it listens to is given here and nowhere else
    Arbiter(Server()).run()


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises ServeError ``serve.address``."""
    from adamas.office.serving.errors import ServeError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or "it is no address of this machine"
        raise ServeError(
            "serve.address",
            f"Nothing can be served at {host}:{port}: {reason}.",
            where=f"{host}:{port}",
            advice="Stop what uses it, or choose another with --port.",
        ) from error
    listener.listen(512)
    listener.set_inheritable(True)
    return listener


def _memory() -> str:
    """Where gunicorn's heartbeat files lie: in memory, since a busy disk must not look like a dead process."""
    shared = Path("/dev/shm")  # noqa: S108 — empty files without a name
    return str(shared) if shared.is_dir() and os.access(shared, os.W_OK) else tempfile.gettempdir()

"""Log lines of all processes in one format, with nothing in them that opens anything.

2026-11-25T14:03:07Z WARNING log: witness civil.example/witness: It did not answer within 5 seconds.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import TextIO

_TOKEN = re.compile(r"[A-Za-z0-9_=-]{24,}")
"""Invitations, sessions and keys are long runs of such characters; so are digests, which a log can do without."""
_NAMED = re.compile(r"(?i)\b(pass(?:word|phrase)|secret|token|code|authorization)(\s*[=:]\s*)(\S+)")
_URL_SECRET = re.compile(r"(\w+://[^\s:/@]+):[^\s@]+@")


class Discreet(logging.Formatter):
    """Time in UTC, level, the part that speaks, and the message without secrets or line breaks of others."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """The time in UTC, to the second."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a traceback below it if there is one."""
        return hide(super().format(record))


def hide(text: str) -> str:
    """A text without what looks like a secret."""
    text = _URL_SECRET.sub(r"\1:…@", text)
    return _TOKEN.sub("…", _NAMED.sub(r"\1\2…", text))


def set_up(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Sends every logger's lines to one place; called again, it starts anew."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Discreet())
    logging.raiseExceptions = False  # a full disk under the log must not stop the office
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    for name in ("django", "django.server", "django.request", "gunicorn.error", "gunicorn.access", "urllib3"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
        logger.setLevel(logging.WARNING if name.startswith(("django", "urllib3")) else level)

"""When each session was last used, written now and then.

allauth's own middleware writes at every page; on an SQLite database each write waits for the disk and for whoever else
writes, and fifty people then wait for one another. Minutes are exact enough for a list of sessions; a change of address
or browser is written at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from allauth.usersessions.models import UserSession
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

EVERY_SECONDS = 300
_MOST = 10_000


class Activity:
    """In the place of ``allauth.usersessions.middleware.UserSessionsMiddleware``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response
        self._seen: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Notes the session, if that is due, and passes on."""
        key = request.session.session_key
        if key and request.user.is_authenticated and self._due(key, request):
            with suppress(DatabaseError):  # no page is refused for want of a note of when it was read
                UserSession.objects.create_from_request(request)
        return self._next(request)

    def _due(self, key: str, request: HttpRequest) -> bool:
        meta = request.META
        client = f"{meta.get('REMOTE_ADDR')} {meta.get('HTTP_X_FORWARDED_FOR')} {meta.get('HTTP_USER_AGENT')}"
        now = time.monotonic()
        with self._lock:
            before = self._seen.get(key)
            if before is not None and before[1] == client and now - before[0] < EVERY_SECONDS:
                return False
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen[key] = (now, client)
        return True

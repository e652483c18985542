"""A form that was sent after the session had ended: kept for the moment after signing in again.

It is kept in the (anonymous) session of the same browser for a quarter of an hour, and shown again for the person to
send: nothing is done before that. Files are not kept.
"""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

KEY = "people_suspended"
MAX_CHARACTERS = 200_000
SECONDS = 900
_NEVER = ("csrfmiddlewaretoken", "password", "code", "credential")


def keep(request: HttpRequest) -> str | None:
    """Keeps the form of a request, if it is one that can be kept; gives the address to go on at after signing in."""
    if request.method != "POST" or request.content_type not in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ):
        return None
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _NEVER
        for value in values
        if isinstance(value, str)
    ]
    if not fields or sum(len(name) + len(value) for name, value in fields) > MAX_CHARACTERS:
        return None
    request.session[KEY] = {"path": request.get_full_path(), "fields": fields, "at": time.time()}
    return reverse("people:again")


def take(request: HttpRequest) -> dict[str, Any] | None:
    """The kept form, once: ``path`` and ``fields``; None if there is none or it is too old."""
    kept = request.session.pop(KEY, None)
    if not isinstance(kept, dict) or time.time() - kept["at"] > SECONDS:
        return None
    return kept

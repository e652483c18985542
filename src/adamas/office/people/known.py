"""Browsers in which a person signed in before: strangers who guess at the person's password do not shut them out.

Wrong passwords of one account are counted together, wherever they come from, and after a few the account takes none for
some minutes. With that alone anybody who knows an officer's address could keep the officer out. So a browser in which
the person has signed in keeps a signed mark and is counted by itself; guessing in it is bounded in the same way.

The mark opens nothing: it is no password, and whoever copies it has won a few guesses.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

COOKIE = "known"
SECONDS = 180 * 86_400
MOST = 8
"""People of one browser that are kept: a computer of the desk has several."""
_SALT = "adamas.people.known"


def mark(request: HttpRequest, email: str) -> str:
    """The mark that this browser has for an address; empty if the person never signed in here."""
    return _held(request).get(_who(email), "")


def remember(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    """Lets the browser keep a mark for the person who just signed in."""
    held, who = _held(request), _who(email)
    own = held.pop(who, "") or secrets.token_urlsafe(12)
    kept = {who: own, **dict(list(held.items())[: MOST - 1])}
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT),
        max_age=SECONDS,
        path="/account/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _held(request: HttpRequest) -> dict[str, str]:
    try:
        found: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=SECONDS)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _who(email: str) -> str:
    """The address as a keyed digest: the cookie names nobody."""
    return salted_hmac(_SALT, email.strip().lower()).hexdigest()[:24]

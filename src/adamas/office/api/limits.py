"""How often a client may ask: so many requests a minute, counted in the database's cache for all processes together."""

from __future__ import annotations

import time

from django.core.cache import cache

from adamas.office.api.errors import TooMany

WINDOW = 60
PER_MINUTE = 600
TOKENS_PER_MINUTE = 30
"""Tokens that one address may ask for: checking a secret is made slow on purpose."""


def allow(who: str, most: int = PER_MINUTE) -> None:
    """Counts one request. Raises TooMany with the seconds until the next window."""
    now = int(time.time())
    key = f"api-{who}-{now // WINDOW}"
    if cache.add(key, 1, 2 * WINDOW):
        return
    try:
        count = int(cache.incr(key))
    except ValueError:  # it ran out between the two
        return
    if count > most:
        raise TooMany(WINDOW - now % WINDOW)

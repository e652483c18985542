"""Looking up numbers one after another is slowed down: so many an hour from one address, fewer that do not exist.

Counted in the database's cache, so that all processes count together. An address is never kept: the key is a keyed
digest that nobody can turn back, and it is gone after the hour. Officers who are signed in are not counted.
"""

from __future__ import annotations

import ipaddress
import os

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from adamas.office.errors import OfficeError

HOUR = 3_600
LOOKUPS = 600
"""Numbers that one address may ask for in an hour."""
MISSES = 40
"""Numbers among them that nobody issued: an honest visitor mistypes, a guesser misses all the time."""


class TooMany(OfficeError):  # noqa: N818 (what happened)
    """An address asks too often (limit.*); ``wait`` is in seconds."""

    exit_code = 75
    wait = HOUR


def allow(request: HttpRequest) -> None:
    """Counts one look-up. Raises TooMany."""
    if getattr(request, "membership", None) is not None:
        return
    if (cache.get(_key(request, "miss")) or 0) >= MISSES or _count(request, "look") > LOOKUPS:
        raise TooMany(
            "limit.lookups",
            "Too many numbers were asked for from your address.",
            advice="Wait an hour, or download everything at /data.",
        )


def missed(request: HttpRequest) -> None:
    """Counts a number that is not known here."""
    if getattr(request, "membership", None) is None:
        _count(request, "miss")


def refuse_after(request: HttpRequest, what: str, most: int) -> None:
    """Refuses an address that failed so often within the hour at ``what``. Raises TooMany."""
    if (cache.get(_key(request, what)) or 0) >= most:
        raise TooMany("limit.tries", "Too many attempts were made from your address.", advice="Wait an hour.")


def failed(request: HttpRequest, what: str) -> None:
    """Counts an attempt at ``what`` that failed, for :func:`refuse_after`."""
    _count(request, what)


def _count(request: HttpRequest, what: str) -> int:
    key = _key(request, what)
    if cache.add(key, 1, HOUR):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out between the two
        cache.set(key, 1, HOUR)
        return 1


def _key(request: HttpRequest, what: str) -> str:
    return f"public-{what}-{salted_hmac('adamas.public.limits', _address(request)).hexdigest()[:32]}"


def _address(request: HttpRequest) -> str:
    """Where the request comes from; of IPv6 the network, since one visitor has all of it."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    if os.environ.get("ADAMAS_BEHIND_PROXY"):
        text = request.headers.get("X-Forwarded-For", text).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)

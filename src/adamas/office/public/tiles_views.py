"""The published log itself, as C2SP tlog-tiles lays it out, for mirrors, followers, witnesses and auditors.

What never changes may be kept for ever; the checkpoint is asked for each time. It is the folder (or bucket) that the
office publishes to, read only: nothing is computed here, so that what a mirror gets is what was published.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from adamas.errors import AdamasError
from adamas.ledger.storage import Storage, open_storage
from adamas.ledger.tiles import parse_path
from adamas.office.people.access import public
from adamas.office.public.caching import IMMUTABLE
from adamas.office.web import site

_MOVING = {
    "checkpoint": "text/plain; charset=utf-8",
    "checkpoint.cose": "application/cose",
    "vkey": "text/plain; charset=utf-8",
}


@lru_cache(maxsize=4)
def _storage(place: str) -> Storage:
    return open_storage(place)


def _file(path: str) -> bytes | None:
    if path == "vkey":  # a mirror must know whose signature to expect
        return f"{site.office().log.vkey}\n".encode()
    return _storage(site.office().home.publish_to).get(path)


def _etag(request: HttpRequest, path: str) -> str | None:
    """The checkpoint's own text says whether it is a new one."""
    if path not in _MOVING:
        return None
    data = _file(path)
    return None if data is None else f'"{hashlib.sha256(data).hexdigest()[:32]}"'


@public
@require_safe
@condition(etag_func=cast(Any, _etag))
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """One file of the published log; 404 for whatever is not of its layout."""
    if path not in _MOVING:
        try:
            parse_path(path)
        except AdamasError:
            raise Http404 from None
    data = _file(path)
    if data is None:
        raise Http404
    answer = HttpResponse(data, content_type=_MOVING.get(path, "application/octet-stream"))
    answer.headers["Cache-Control"] = "no-cache" if path in _MOVING else IMMUTABLE
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer

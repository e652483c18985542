"""What caches on the way may do with a public page: keep it a moment for strangers, never one that knows a name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])
IMMUTABLE = "public, max-age=31536000, immutable"


def conditional(request: HttpRequest, answer: HttpResponseBase, weak: str | None = None) -> HttpResponseBase:
    """The answer with its ETag, or 304 without a body if the one who asks has it.

    The tag is strong, a digest of the bytes, unless ``weak`` is given: a text that is the same for as long as the
    answer means the same, though a byte of it (when it was asked) may differ.
    """
    if answer.status_code != 200:
        return answer
    patch_vary_headers(answer, ["Accept-Encoding"])  # web.packing, and a 304 says it too
    if not answer.has_header("ETag"):
        if weak is not None:
            answer.headers["ETag"] = f'W/"{_digest(weak.encode())}"'
        elif isinstance(answer, HttpResponse):
            answer.headers["ETag"] = f'"{_digest(answer.content)}"'
        else:
            return answer
    if request.method not in ("GET", "HEAD"):
        return answer
    held = get_conditional_response(request, answer.headers["ETag"], None, cast(HttpResponse, answer))
    return cast(HttpResponseBase, held)


def coarse(now: int) -> int:
    """The time as it goes into a weak tag: what is older than ten minutes is given anew, with its new time."""
    return now // 600


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def shared(seconds: int, *, page: bool = True) -> Callable[[_View], _View]:
    """May be kept for some seconds by anyone; pages differ by language and by who is signed in."""

    def decorate(view: _View) -> _View:
        @wraps(view)
        def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            answer = view(request, *args, **kwargs)
            if answer.status_code >= 400 or answer.has_header("Cache-Control"):
                return answer
            if page:
                patch_vary_headers(answer, ["Accept-Language", "Cookie"])
            if page and settings.SESSION_COOKIE_NAME in request.COOKIES:
                patch_cache_control(answer, private=True, no_cache=True)
                return answer
            patch_cache_control(answer, public=True, max_age=seconds)
            return conditional(request, answer)

        return cast(_View, kept)

    return decorate

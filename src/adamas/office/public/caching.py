"""What caches on the way may do with a public page: keep it a moment for strangers, never one that knows a name."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers

_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])
IMMUTABLE = "public, max-age=31536000, immutable"


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
            else:
                patch_cache_control(answer, public=True, max_age=seconds)
            return answer

        return cast(_View, kept)

    return decorate

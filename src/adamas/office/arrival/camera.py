"""Pages that read codes: the camera of one's own page, and WebAssembly for browsers that cannot read a code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse

_View = TypeVar("_View", bound=Callable[..., HttpResponse])
_POLICY = {
    "script-src": ["'wasm-unsafe-eval'"],
    "worker-src": ["'self'"],
    "media-src": ["'self'", "blob:"],
}


def with_camera(view: _View) -> _View:
    """Lets a page use the camera; nothing else is loosened, and nothing leaves the page's own origin."""

    @wraps(view)
    def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=(), payment=()"
        return answer

    return cast(_View, csp_update(_POLICY)(allowed))

"""What happens around every page: errors of ours become one sentence, and answers say what a browser may do."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from adamas.errors import AdamasError
from adamas.office.web.views import told

_Answer = Callable[[HttpRequest], HttpResponse]
_STATUS = {1: 422, 2: 409, 64: 400, 65: 422, 69: 501, 70: 500, 74: 503, 75: 503}
"""Exit code of an error (docs/errors.md) → HTTP status."""


class Headers:
    """Permissions that no page of ours needs, taken away; `/v` gives itself the camera."""

    def __init__(self, get_response: _Answer) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Adds the headers."""
        answer = self._next(request)
        answer.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"
        )
        return answer


class Bounded:
    """What is too large is refused by its announced length, before a byte of it is read or written to disk."""

    MAX_BYTES = 32 * 1024 * 1024
    """Of one request: a few photographs of 10 MB each. A body without an announced length is not read at all."""

    def __init__(self, get_response: _Answer) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """413 for what is too large."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        # the API's own door refuses in its own form, as early
        if request.path.startswith("/api/v1/") or (length.isdigit() and int(length) <= self.MAX_BYTES):
            return self._next(request)
        return told(
            request,
            413,
            _("Too large"),
            _("What you sent is larger than %(n)d MB, so it was not read, and nothing was done.")
            % {"n": self.MAX_BYTES // 1024 // 1024},
            _(
                "Go back in your browser, where what you typed still stands; send fewer or smaller files at once."
            ),
        )


class Explained:
    """An error of ours, or of the database, becomes a page of one sentence."""

    def __init__(self, get_response: _Answer) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Passes on; errors come to `process_exception`."""
        return self._next(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Gives the page for an error that has a sentence; others are left to Django."""
        from adamas.office.serving import faults

        away = faults.of(exception)
        if away is not None:
            return faults.down(request, away)
        if not isinstance(exception, AdamasError):
            return None
        wait = getattr(exception, "wait", None)  # of one that asks too often
        status = 429 if wait else _STATUS.get(exception.exit_code, 422)
        answer = told(request, status, _("Not done"), exception.sentence, exception.advice or "")
        if wait:
            answer["Retry-After"] = str(wait)
        return answer

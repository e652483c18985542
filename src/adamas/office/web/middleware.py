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
        status = _STATUS.get(exception.exit_code, 422)
        return told(request, status, _("Not done"), exception.sentence, exception.advice or "")

"""Which membership a person acts in: read anew at each request, so that a dismissed officer is out at once."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from adamas.office.people.models import Membership

CHOSEN = "membership"
"""The session key of the membership that was chosen at the top of the page."""


class Acting:
    """Sets ``request.membership`` and ``request.organisation`` (None for visitors)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Looks the membership up, and signs out who is no longer active."""
        membership = None
        if request.user.is_authenticated:
            if not request.user.is_active:
                logout(request)
            else:
                membership = _membership(request)
        request.membership = membership  # type: ignore[attr-defined]
        request.organisation = membership.organisation if membership else None  # type: ignore[attr-defined]
        return self._next(request)


def _membership(request: HttpRequest) -> Membership | None:
    found = list(
        Membership.objects.filter(user=request.user.pk, active=True, organisation__active=True)
        .select_related("organisation", "user")
        .order_by("pk")
    )
    chosen = request.session.get(CHOSEN)
    return next((m for m in found if m.pk == chosen), found[0] if found else None)

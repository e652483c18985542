"""Which of a person's roles acts in a request, and in which language the pages speak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from adamas.office.people.models import Membership, User

CHOSEN = "membership"
"""Where the session says which membership acts."""

OFF = frozenset({"account_email", "account_confirm_email", "account_email_verification_sent"})
"""Pages of the library that are off: an address is the one that was invited, and nobody changes it himself."""


class Acting:
    """Sets ``request.membership``, ``request.memberships`` and ``request.organisation`` from the database at every
    request, so that a person who was dismissed a moment ago has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Looks the memberships up and passes on."""
        held: list[Membership] = []
        if isinstance(user := request.user, User):
            held = list(
                Membership.objects.working().filter(user=user).select_related("organisation").order_by("pk")
            )
            for membership in held:
                membership.user = user
            if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(user.language)
                request.LANGUAGE_CODE = translation.get_language()
        chosen = request.session.get(CHOSEN) if held else None
        acting = next((m for m in held if m.pk == chosen), held[0] if held else None)
        request.memberships = held  # type: ignore[attr-defined]
        request.membership = acting  # type: ignore[attr-defined]
        request.organisation = acting.organisation if acting else None  # type: ignore[attr-defined]
        return self._next(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Answers "not found" for pages of the account library that are off."""
        if request.resolver_match is not None and request.resolver_match.url_name in OFF:
            raise Http404

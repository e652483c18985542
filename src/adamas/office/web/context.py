"""What every template may use: the office's name, whether it is a demonstration, the menu of the acting role."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from adamas.office.public import state
from adamas.office.web import menu, site


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """The context of all pages."""
    membership = getattr(request, "membership", None)
    try:
        office = site.office()
        name, own = office.config.origin, office.bounds.own
    except Exception:
        name, own = "", None
    return {
        "office_origin": name,
        "demo": settings.DEMO,
        "offline": own.span if own is not None else "",
        "membership": membership,
        "menu": menu.of(membership.role if membership else None),
        "languages": settings.LANGUAGES,
        **state.everywhere(request),
    }

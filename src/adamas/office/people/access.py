"""Who may see which page, and whose things. Every view says it by one of three decorators; a test walks them all."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from adamas.office.people.models import Membership, Role

_View = TypeVar("_View", bound=Callable[..., HttpResponse])
_M = TypeVar("_M", bound=models.Model)
ACCESS = "adamas_access"
"""The attribute of a view that tells who may see it: a frozenset of roles, ``public`` or ``own``."""
PUBLIC, OWN = "public", "own"


def needs(*roles: str) -> Callable[[_View], _View]:
    """Lets in those who are signed in with a second factor and act in one of these roles."""
    allowed = frozenset(str(Role(role)) for role in roles)

    def decorate(view: _View) -> _View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect(f"/account/login/?{_next(request)}")
            if not second_factor(request):
                return redirect("mfa_index")
            membership = acting(request)
            if membership is None or membership.role not in allowed:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        setattr(guarded, ACCESS, allowed)
        return cast(_View, guarded)

    return decorate


def public(view: _View) -> _View:
    """Everybody may see it."""
    setattr(view, ACCESS, PUBLIC)
    return view


def own_account(view: _View) -> _View:
    """Whoever is signed in may see it; it shows his own account only."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect(f"/account/login/?{_next(request)}")
        return view(request, *args, **kwargs)

    setattr(guarded, ACCESS, OWN)
    return cast(_View, guarded)


def stepped_up(view: _View) -> _View:
    """Asks for the second factor again if it was shown more than five minutes ago. Put it below ``needs``."""
    from allauth.account.decorators import reauthentication_required

    return cast(_View, reauthentication_required(view))


def acting(request: HttpRequest) -> Membership | None:
    """The membership in which the person acts now."""
    return getattr(request, "membership", None)


def second_factor(request: HttpRequest) -> bool:
    """Whether the account has a second factor."""
    from allauth.mfa.utils import is_mfa_enabled

    return bool(is_mfa_enabled(request.user))


def get_visible(model: type[_M], membership: Membership, **lookup: Any) -> _M:
    """One object that this membership may see; Http404 for another organisation's as for none."""
    manager = cast(Any, model)._default_manager
    found = manager.visible_to(membership).filter(**lookup).first()
    if found is None:
        raise Http404
    return cast(_M, found)


def certificates_of(membership: Membership) -> models.Q:
    """Which certificates an authority's or customs' membership may see: issued by its Participant, or to it."""
    code = membership.organisation.participant
    return models.Q(participant=code) | models.Q(to=code)


def _next(request: HttpRequest) -> str:
    from urllib.parse import urlencode

    return urlencode({"next": request.get_full_path()})

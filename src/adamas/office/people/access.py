"""Who may see a page. Every address of the site says so by one of these, or a test fails.

    @needs("issuing", "approving")      # signed in, second factor, acting in one of the roles
    @stepped_up                         # below it: proven again to be that person within five minutes
    def approve(request, pk): …

    @public                             # anyone
    @own_account                        # anyone who is signed in

What belongs to an organisation is looked up by :func:`get_visible`; another organisation's is "not found".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from allauth.account import app_settings as account_settings
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from adamas.office.people import suspended
from adamas.office.people.roles import ROLES

if TYPE_CHECKING:
    from adamas.office.people.models import Membership

_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])
_Model = TypeVar("_Model", bound=models.Model)
Kind = Literal["roles", "own", "public", "token"]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a view: those in ``roles``, anyone signed in (own), anyone (public), or who holds a token (API)."""

    kind: Kind
    roles: frozenset[str] = frozenset()


ROLES_OF_VIEW: dict[str, Access] = {}
"""Every view that says who may see it: module and name → access."""
_OF_MODULE: dict[str, Access] = {}


def needs(*roles: str) -> Callable[[_View], _View]:
    """For people signed in with a second factor who act in one of the roles; sets ``request.membership``.

    Others: to the sign-in page, to the page that sets up the second factor, or 403.
    """
    if not roles or unknown(roles):
        raise ValueError(f"not a role: {unknown(roles)}")
    wanted = frozenset(roles)

    def decorate(view: _View) -> _View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            away = _sign_in(request) or _second_factor(request)
            if away is not None:
                return away
            membership = membership_of(request)
            if membership is None or membership.role not in wanted:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return _declare(cast(_View, guarded), Access("roles", wanted))

    return decorate


def own_account(view: _View) -> _View:
    """For anyone who is signed in, also without a role or a second factor: one's own account."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _sign_in(request) or view(request, *args, **kwargs)

    return _declare(cast(_View, guarded), Access("own"))


def public(view: _View) -> _View:
    """For anyone."""
    return _declare(view, Access("public"))


def stepped_up(view: _View) -> _View:
    """For those who proved within five minutes who they are; others prove it again and come back, form and all."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not recently_proven(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return cast(_View, guarded)


def recently_proven(request: HttpRequest) -> bool:
    """Whether the person proved by second factor, or again by password, within five minutes who they are."""
    records = get_authentication_records(request, request.user)
    proofs = [r["at"] for r in records if r.get("reauthenticated") or r.get("method") == "mfa"]
    return bool(proofs) and 0 <= time.time() - max(proofs) < account_settings.REAUTHENTICATION_TIMEOUT


def declare_module(module: str, access: Access) -> None:
    """Says who may see the views of a module that is not ours (a library's). Packages count with all below."""
    _OF_MODULE[module] = access


def access_of(view: Callable[..., Any]) -> Access | None:
    """Who may see a view, or None if nothing says so."""
    found = getattr(view, "adamas_access", None)
    if isinstance(found, Access):
        return found
    inner = getattr(view, "view_class", None) or view
    module = getattr(inner, "__module__", "")
    while module:
        if module in _OF_MODULE:
            return _OF_MODULE[module]
        module = module.rpartition(".")[0]
    return None


def get_visible(model: type[_Model], membership: Membership | None, **lookup: Any) -> _Model:
    """The one object of a model that the membership may see and that fits; Http404 otherwise."""
    if membership is None:
        raise Http404
    manager: Any = model._default_manager
    try:
        return cast(_Model, manager.visible_to(membership).get(**lookup))
    except (ObjectDoesNotExist, ValueError, TypeError, OverflowError, ValidationError):
        raise Http404 from None


def membership_of(request: HttpRequest) -> Membership | None:
    """The membership that acts in this request, or None."""
    return cast("Membership | None", getattr(request, "membership", None))


def unknown(roles: tuple[str, ...]) -> list[str]:
    """Those that are no roles."""
    return [role for role in roles if role not in ROLES]


def _declare(view: _View, access: Access) -> _View:
    view.adamas_access = access  # type: ignore[attr-defined]
    name = getattr(view, "__qualname__", type(view).__qualname__)
    ROLES_OF_VIEW[f"{view.__module__}.{name}"] = access
    return view


def _sign_in(request: HttpRequest) -> HttpResponse | None:
    if request.user.is_authenticated:
        return None
    target = suspended.keep(request) or request.get_full_path()
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": _login(reverse("people:home"))})
    return HttpResponseRedirect(_login(target))


def _login(target: str) -> str:
    return f"{reverse('account_login')}?{urlencode({'next': target})}"


def _second_factor(request: HttpRequest) -> HttpResponse | None:
    from allauth.mfa.utils import is_mfa_enabled

    if is_mfa_enabled(request.user):
        return None
    return HttpResponseRedirect(reverse("people:second_factor"))


for _module in ("allauth.account.views", "allauth.mfa", "allauth.usersessions"):
    declare_module(_module, Access("own"))

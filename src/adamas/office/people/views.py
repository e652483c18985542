"""The first page after signing in, the choice of the acting role, and forms that outlived their session."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from adamas.office.people import audit, suspended
from adamas.office.people.access import membership_of, own_account
from adamas.office.people.middleware import CHOSEN
from adamas.office.people.models import Membership
from adamas.office.web import menu


@own_account
def home(request: HttpRequest) -> HttpResponse:
    """What the acting role works with, and the account; without a second factor, the way to one."""
    if not is_mfa_enabled(request.user):
        return HttpResponseRedirect(reverse("people:second_factor"))
    membership = membership_of(request)
    return render(request, "people/home.html", {"entries": menu.of(membership.role if membership else None)})


@require_POST
@own_account
def acting(request: HttpRequest) -> HttpResponse:
    """Chooses which of the own roles acts from now on."""
    held: list[Membership] = request.memberships  # type: ignore[attr-defined]
    for membership in held:
        if str(membership.pk) == request.POST.get("membership"):
            if membership != membership_of(request):
                audit.record(membership, "role.taken")
            request.session[CHOSEN] = membership.pk
    return HttpResponseRedirect("/people/")


@own_account
def again(request: HttpRequest) -> HttpResponse:
    """Shows a form that was sent after the session had ended, to be sent again."""
    kept = suspended.take(request)
    if kept is None:
        return HttpResponseRedirect("/people/")
    return render(request, "people/again.html", kept)


@own_account
def second_factor(request: HttpRequest) -> HttpResponse:
    """Says that a second factor is needed before any desk opens, and how to set one up."""
    return render(request, "people/second_factor.html")

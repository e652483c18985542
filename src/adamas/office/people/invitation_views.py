"""The page that the link of an invitation opens. Looking at it, as programs that read mail do, uses nothing up."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from adamas.office.people import invitations, roles
from adamas.office.people.access import public
from adamas.office.people.errors import LinkRefused, PeopleError
from adamas.office.people.forms import AcceptForm, NameForm
from adamas.office.people.middleware import CHOSEN
from adamas.office.people.models import Invitation, Membership, User
from adamas.office.public import limits

WRONG_LINKS = 30
"""Links that open nothing which one address may try in an hour."""


@public
@never_cache
@sensitive_post_parameters("password1", "password2")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites to what; a new person sets name and password, one with an account signs in and accepts."""
    limits.refuse_after(request, "link", WRONG_LINKS)
    try:
        asked = invitations.find(token)
        if asked.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(asked.language)
        if request.method == "POST":
            return _post(request, token, asked)
    except LinkRefused as error:
        limits.failed(request, "link")
        return render(request, "people/link_refused.html", {"error": error}, status=404)
    return _page(request, asked, AcceptForm(_like(asked), initial={"name": asked.name}))


def _post(request: HttpRequest, token: str, asked: Invitation) -> HttpResponse:
    try:
        if request.user.is_authenticated:
            invitations.accept(token, request.user)
            given = Membership.objects.filter(
                user=request.user.pk, organisation=asked.organisation_id, role__in=asked.roles
            ).first()
            if given is not None:
                request.session[CHOSEN] = given.pk
            messages.success(request, _("You are in. This is the desk of your new role."))
            return HttpResponseRedirect(reverse("people:home"))
        alone = "passkey" in request.POST
        form = NameForm(request.POST) if alone else AcceptForm(_like(asked), request.POST)
        if not form.is_valid():
            return _page(request, asked, AcceptForm(_like(asked), request.POST), status=422)
        data = form.cleaned_data
        user = invitations.accept_new(token, data["name"], data.get("password1"))
    except PeopleError as error:
        if isinstance(error, LinkRefused):
            raise
        return _page(request, asked, AcceptForm(_like(asked), initial={"name": asked.name}), error, 409)
    how = "password" if user.has_usable_password() else "invitation"
    record_authentication(request, user, method=how, reauthenticated=True)
    return perform_login(request, user, redirect_url=reverse("people:second_factor"))  # type: ignore[no-any-return]


def _page(
    request: HttpRequest,
    asked: Invitation,
    form: AcceptForm,
    error: PeopleError | None = None,
    status: int = 200,
) -> HttpResponse:
    account = invitations.account_of(asked)
    context = {
        "asked": asked,
        "roles": [roles.ROLES[role] for role in asked.roles],
        "account": account,
        "own": account is not None and account == request.user,
        "form": form,
        "findings": [error] if error else [],
        "days": invitations.DAYS,
    }
    return render(request, "people/invitation.html", context, status=status)


def _like(asked: Invitation) -> User:
    """The person as far as a password must not resemble her."""
    return User(email=asked.email, name=asked.name)

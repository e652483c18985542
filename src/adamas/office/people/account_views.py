"""One's own account on one page: name, language, password, second factors, recovery codes, sessions."""

from __future__ import annotations

from typing import cast

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from adamas.office.people import audit
from adamas.office.people.access import own_account
from adamas.office.people.forms import AccountForm
from adamas.office.people.models import User


@own_account
def account(request: HttpRequest) -> HttpResponse:
    """Shows the account; changes name and language."""
    user = cast(User, request.user)
    form = AccountForm(request.POST or None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        return _change(request, user, form.cleaned_data["name"].strip(), form.cleaned_data["language"])
    factors = Authenticator.objects.filter(user=user)
    codes = factors.filter(type=Authenticator.Type.RECOVERY_CODES).first()
    context = {
        "form": form,
        "app": factors.filter(type=Authenticator.Type.TOTP).exists(),
        "passkeys": factors.filter(type=Authenticator.Type.WEBAUTHN).count(),
        "codes": len(codes.wrap().get_unused_codes()) if codes else None,
        "sessions": UserSession.objects.filter(user=user).count(),
    }
    return render(request, "people/account.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, user: User, name: str, language: str) -> HttpResponse:
    with transaction.atomic():
        if name != user.name:
            audit.record_of_person(user, "account.renamed", "", before=user.name, after=name)
        user.name, user.language = name, language
        user.save(update_fields=["name", "language"])
    with translation.override(language or translation.get_language()):
        messages.success(request, _("It is changed."))
    answer = HttpResponseRedirect(reverse("people:account"))
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")  # the account says it from now on
    return answer

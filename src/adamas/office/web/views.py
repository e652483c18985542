"""Pages that belong to no desk: errors in one sentence, and the choice of language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from adamas.office.people.access import public


def told(request: HttpRequest, status: int, title: str, sentence: str, advice: str = "") -> HttpResponse:
    """A page that says one thing that went wrong and what to do."""
    context = {"title": title, "sentence": sentence, "advice": advice, "status": status}
    return render(request, "told.html", context, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page, or it is another organisation's."""
    return told(
        request,
        404,
        _("Not found"),
        _("There is no such page, or it is not yours to see."),
        _("Check the address, or start from the beginning."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but not in that role."""
    return told(
        request,
        403,
        _("Not allowed"),
        _("Your role does not allow this."),
        _("Choose another role at the top of the page, or ask your administrator."),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a request that no form of ours makes."""
    return told(
        request,
        400,
        _("Bad request"),
        _("The request cannot be read."),
        _("Go back and send the form again."),
    )


def failed(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours; the log has it. 503 where the database is away, also outside of a view."""
    from adamas.office.serving import faults

    away = faults.database_error()
    if away is not None:
        return faults.down(request, away)
    return told(
        request,
        500,
        _("A fault of ours"),
        _("Something failed on our side. Nothing was half done."),
        _(
            "Try again; the same act twice gives one statement. If it lasts, tell your administrator the time."
        ),
    )


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose token does not hold: an old page, cookies off, or another site's form."""
    return told(
        request,
        403,
        _("The form is too old"),
        _(
            "The form was opened too long ago or in another session, so it was not accepted. Nothing was done."
        ),
        _("Go back, copy what you typed if need be, load the page again and send it."),
    )


# No token, which would set a cookie on every public page: all that a forged form could do is change the language.
@public
@csrf_exempt
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Sets the language of the pages and goes back to where the choice was made."""
    code, back = request.POST.get("language", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    answer = HttpResponseRedirect(back)
    if check_for_language(code) and code in dict(settings.LANGUAGES):
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=31_536_000,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return answer

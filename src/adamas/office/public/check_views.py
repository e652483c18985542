"""The server's side of `/v`: the check without script, the list of keys, and the state of one number."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from adamas.errors import AdamasError
from adamas.office.arrival import scanning
from adamas.office.people.access import public
from adamas.office.public import checking, limits
from adamas.office.public.caching import coarse, conditional, shared
from adamas.office.web import site, uploads
from adamas.scheme.values import split_number


# No token: it changes nothing and knows nobody, and a token would need a cookie.
@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Checks a file or a number for a browser without script, and says so in words."""
    text = str((request.POST if request.method == "POST" else request.GET).get("number", "")).strip()
    file = request.FILES.get("file")
    if not text and file is None:
        if request.method != "POST":
            return render(request, "public/check.html", {"text": "", "answer": None})
        return _form(request, text, _("Type a number, or choose a file."), 422)
    try:
        limits.allow(request)
        scanned = scanning.read_text(text) if text else scanning.read_file(uploads.read(file))  # type: ignore[arg-type]
        answer = checking.check(site.office(), scanned)
    except limits.TooMany as error:
        refused = _form(request, text, f"{error.sentence} {error.advice}", 429)
        refused.headers["Retry-After"] = str(error.wait)
        return refused
    except AdamasError as error:
        if error.exit_code in (74, 75):  # the database's trouble is not the visitor's mistake
            raise
        return _form(request, text, " ".join(filter(None, (error.sentence, error.advice))), 422)
    if answer.facts is None:
        limits.missed(request)
    return render(request, "public/check.html", {"text": answer.number, "answer": answer})


def _form(request: HttpRequest, text: str, wrong: str, status: int) -> HttpResponse:
    context = {"text": text[:200], "wrong": wrong, "answer": None}
    return render(request, "public/check.html", context, status=status)


@public
@require_safe
@shared(60, page=False)
def keys(request: HttpRequest) -> HttpResponseBase:
    """Every key that a code on paper may be signed with, and the known forgeries."""
    found = checking.keys(site.office())
    said = json.dumps([{**found, "synced": coarse(found["synced"])}], sort_keys=True)
    return conditional(request, JsonResponse(found), said)


@public
@cache_control(private=True, no_cache=True)
@require_safe
def status(request: HttpRequest, number: str) -> HttpResponseBase:
    """What is public of a number; 404 if nothing is known of it, 429 if too many are asked for.

    Each look-up comes here and is counted: a cache on the way would hide guessing.
    """
    try:
        limits.allow(request)
    except limits.TooMany as error:
        body = {"v": 1, "error": error.code, "sentence": error.sentence}
        return JsonResponse(body, status=429, headers={"Retry-After": str(error.wait)})
    found = checking.status(site.office(), number) if split_number(number) else None
    if found is None:
        limits.missed(request)
        return JsonResponse({"v": 1, "number": number[:40], "known": False}, status=404)
    said = json.dumps([{**found, "asked": coarse(found["asked"])}], sort_keys=True)
    return conditional(request, JsonResponse(found), said)

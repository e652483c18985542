"""What a verifier of a credential fetches: who signs, whether it still counts, and the words that it uses.

Anyone may fetch them, from a page of any site. A status list is asked for whole, so nobody learns which certificate is
looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import conditional_page, require_safe

from adamas.errors import AdamasError
from adamas.office.credential import export, status_list, vocabulary
from adamas.office.people.access import public
from adamas.office.public.caching import IMMUTABLE
from adamas.office.web import site

_DID = "application/did+json"
_KEPT_SECONDS = 300


def _open(seconds: int) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """For programs of any site; kept by caches for some seconds, then asked for again by its ETag."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                answer = view(request, *args, **kwargs)
            except AdamasError as error:
                if error.exit_code in (74, 75):  # the database's trouble, which has a page of its own
                    raise
                answer = _refused(error)
            answer.headers.setdefault("Cache-Control", f"public, max-age={seconds}")
            answer.headers["Access-Control-Allow-Origin"] = "*"
            answer.headers["Content-Security-Policy"] = "default-src 'none'"
            return answer

        return cast(Callable[..., HttpResponse], conditional_page(opened))

    return decorate


def _refused(error: AdamasError) -> HttpResponse:
    body = {"v": 1, "error": error.code, "sentence": error.sentence, "advice": error.advice}
    code = 404 if error.code in ("credential.list", "credential.address") else 503
    return JsonResponse(body, status=code, headers={"Cache-Control": "no-store"})


@public
@require_safe
@_open(status_list.TTL_SECONDS)
def status(request: HttpRequest, name: str) -> HttpResponse:
    """A status list as a credential: vc+cose, or what Accept asks for."""
    wanted = status_list.parse_name(name)
    if wanted is None:
        raise Http404
    kind = request.get_preferred_type(list(export.LIST_KINDS))
    if kind is None:
        kinds = ", ".join(export.LIST_KINDS)
        return HttpResponse(f"There is {kinds}.\n", status=406, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(export.status(site.office(), wanted, kind), content_type=kind)
    answer.headers["Vary"] = "Accept"
    return answer


@public
@require_safe
@_open(_KEPT_SECONDS)
def authority(request: HttpRequest, code: str) -> HttpResponse:
    """The controller document of an authority: the keys with which it signs."""
    found = export.authority_document(site.office(), code)
    if found is None:
        raise Http404
    return HttpResponse(json.dumps(found, indent=1), content_type=_DID)


@public
@require_safe
@_open(_KEPT_SECONDS)
def office(request: HttpRequest) -> HttpResponse:
    """The office's own document: its log, and the authorities that it signs for."""
    return HttpResponse(json.dumps(export.office_document(site.office()), indent=1), content_type=_DID)


@public
@require_safe
@_open(_KEPT_SECONDS)
def context(request: HttpRequest) -> HttpResponse:
    """Our JSON-LD context. It never changes: another one has another address."""
    headers = {"Cache-Control": IMMUTABLE}
    return HttpResponse(vocabulary.CONTEXT_BYTES, content_type="application/ld+json", headers=headers)

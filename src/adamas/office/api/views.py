"""The doors beside the operations: tokens, the describing document, and what is not there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from oauth2_provider.views import TokenView

from adamas.office.api import limits, problems, service
from adamas.office.people.access import public
from adamas.office.public import limits as visitors

_issue: Any = TokenView.as_view()


@public
@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """OAuth 2 client credentials (RFC 6749, 4.4): a token for an hour. Slowed down for each address."""
    try:
        limits.allow(f"token-{_address(request)}", limits.TOKENS_PER_MINUTE)
        answer: HttpResponse = _issue(request)
    except Exception as error:
        return problems.of(error)
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


@public
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    answer = HttpResponse(service.document(), content_type="application/json")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@public
@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:
    """404 as a problem, for addresses of the API that do not exist."""
    return problems.problem(
        404, "api.not-found", "There is no such operation.", advice="See /api/v1/openapi.json."
    )


def _address(request: HttpRequest) -> str:
    """Where a request comes from, as a keyed digest: addresses are not kept."""
    return salted_hmac("adamas.api.tokens", visitors._address(request)).hexdigest()[:32]

"""The doors beside the operations: tokens, the describing document, and what is not there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from oauth2_provider.views import RevokeTokenView, TokenView

from adamas.office.api import conf, limits, problems, service
from adamas.office.api.errors import TooMany
from adamas.office.people.access import public
from adamas.office.public import limits as visitors
from adamas.office.public.caching import shared

_issue: Any = TokenView.as_view()
_revoke: Any = RevokeTokenView.as_view()
FAILED_AN_HOUR = 60
"""Wrong secrets that one address may send in an hour. Not counted by client: who knows its name could lock it out."""


@public
@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """OAuth 2 client credentials (RFC 6749, 4.4): a token for a quarter of an hour."""
    return _door(request, _issue)


@public
@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """Ends a token of the client that asks (RFC 7009); 200 also for one that is not known."""
    return _door(request, _revoke)


def _door(request: HttpRequest, act: Any) -> HttpResponse:
    """Slowed down for each address, twice over for one that sends wrong secrets."""
    try:
        limits.allow(f"token-{_address(request)}", limits.TOKENS_PER_MINUTE)
        try:
            visitors.refuse_after(request, "token", FAILED_AN_HOUR)
        except visitors.TooMany as error:
            raise TooMany(error.wait) from None
        answer: HttpResponse = act(request)
    except Exception as error:
        return problems.of(error)
    if answer.status_code == 401:
        visitors.failed(request, "token")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@public
@require_safe
@shared(3_600, page=False)
def metadata(request: HttpRequest) -> HttpResponse:
    """Where the doors are and what they take (RFC 8414)."""

    def address(name: str) -> str:
        return request.build_absolute_uri(reverse(f"apiweb:{name}"))

    methods = ["client_secret_basic", "client_secret_post"]
    return JsonResponse(
        {
            "issuer": request.build_absolute_uri("/").rstrip("/"),
            "token_endpoint": address("token"),
            "revocation_endpoint": address("revoke"),
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": list(conf.SCOPES),
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "service_documentation": address("reference"),
        }
    )


@public
@require_safe
@shared(300, page=False)
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    return HttpResponse(service.document(), content_type="application/json")


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

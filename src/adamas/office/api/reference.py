"""The API's description as pages: the OpenAPI document, and nothing beside it, set for reading."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from adamas.office.api import service
from adamas.office.people.access import public


@public
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All operations by desk."""
    return HttpResponse(service.document(), content_type="application/json")


@public
@require_safe
def desk(request: HttpRequest, desk: str) -> HttpResponse:
    """Operations of one desk."""
    return HttpResponse(service.document(), content_type="application/json")

"""Addresses below /api/: tokens, operations of version 1, and the pages of administrators."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from adamas.office.api import door, pages, reference, views
from adamas.office.api.service import api

app_name = "apiweb"


def _operations() -> list[URLPattern]:
    """The operations, each behind the door."""
    found = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            found.append(path(f"v1/{pattern.pattern}", door.guard(pattern.callback), name=pattern.name))
    return found


urlpatterns: list[URLPattern | URLResolver] = [
    path("", reference.index, name="reference"),
    path("reference/<slug:desk>", reference.desk, name="desk"),
    path("oauth/token", views.token, name="token"),
    path("oauth/revoke", views.revoke, name="revoke"),
    path("v1/openapi.json", views.openapi, name="openapi"),
    *_operations(),
    re_path(r"^v1/.*$", views.nothing, name="nothing"),
    path("clients", pages.clients, name="clients"),
    path("clients/<int:pk>", pages.client, name="client"),
    path("webhooks", pages.webhooks, name="webhooks"),
    path("webhooks/<int:pk>", pages.webhook, name="webhook"),
    path("webhooks/<int:pk>/change", pages.change, name="change"),
    path("webhooks/message/<int:pk>/again", pages.again, name="again"),
]

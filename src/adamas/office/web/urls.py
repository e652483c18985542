"""All addresses. Each desk has its own file; `public` comes last, since its pages live at the root."""

from __future__ import annotations

from django.urls import include, path

from adamas.office.api import views as api
from adamas.office.web import views

urlpatterns = [
    path("people/", include("adamas.office.people.urls")),
    path("account/", include("allauth.urls")),
    path("issuing/", include("adamas.office.issuing.urls")),
    path("arrival/", include("adamas.office.arrival.urls")),
    path("after/", include("adamas.office.aftercare.urls")),
    path("api/", include("adamas.office.api.urls")),
    path(".well-known/oauth-authorization-server", api.metadata, name="oauth-metadata"),
    path("", include("adamas.office.serving.demo_urls")),  # "not found" where there is no demonstration
    path("language", views.language, name="language"),
    path("", include("adamas.office.public.urls")),
]
handler404 = "adamas.office.web.views.not_found"
handler403 = "adamas.office.web.views.forbidden"
handler500 = "adamas.office.web.views.failed"
handler400 = "adamas.office.web.views.bad_request"

"""The least that Django does: one page without database, session or template. What our pages are compared with."""

from __future__ import annotations

from django.conf import settings

if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[], SECRET_KEY="bare")

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

_PAGE = b"<!doctype html><title>bare</title>" + b"<p>row</p>" * 400


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_PAGE)


urlpatterns = [path("", page)]
application = get_wsgi_application()

"""Addresses of the pages of `people`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adamas.office.people import views

app_name = "people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("acting", views.acting, name="acting"),
    path("again", views.again, name="again"),
    path("second-factor", views.second_factor, name="second_factor"),
]

"""Addresses of the pages of `aftercare`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from adamas.office.aftercare import views

app_name = "aftercare"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="index"),
    path("forgeries", views.forgeries, name="forgeries"),
    path("certificate/<slug:number>", views.certificate, name="certificate"),
    path("new/<slug:kind>", views.new, name="begin"),
    path("new/<slug:kind>/<slug:number>", views.new, name="new"),
    path("act/<int:pk>", views.paper, name="paper"),
    path("act/<int:pk>/sign", views.sign, name="sign"),
    path("act/<int:pk>/drop", views.drop, name="drop"),
    path("picture/<int:pk>", views.picture, name="picture"),
]

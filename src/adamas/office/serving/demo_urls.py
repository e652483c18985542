"""Addresses of the demonstration, included only where there is one."""

from __future__ import annotations

from django.urls import path

from adamas.office.serving import demo_views

app_name = "demo"
urlpatterns = [
    path("demo", demo_views.index, name="index"),
    path("demo/as/<int:pk>", demo_views.sign_in, name="sign-in"),
]

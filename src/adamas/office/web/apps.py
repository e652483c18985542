"""The Django app of what all pages share."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Layout, filters and static files."""

    name = "adamas.office.web"
    label = "web"
    verbose_name = "Web"

"""The Django app `api`."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.api"
    label = "api"

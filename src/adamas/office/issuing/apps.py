"""The Django app `issuing`."""

from __future__ import annotations

from django.apps import AppConfig


class IssuingConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.issuing"
    label = "issuing"

"""The Django app `aftercare`."""

from __future__ import annotations

from django.apps import AppConfig


class AftercareConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.aftercare"
    label = "aftercare"

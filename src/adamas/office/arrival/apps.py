"""The Django app `arrival`."""

from __future__ import annotations

from django.apps import AppConfig


class ArrivalConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.arrival"
    label = "arrival"

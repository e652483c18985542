"""The Django app `public`."""

from __future__ import annotations

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.public"
    label = "public"

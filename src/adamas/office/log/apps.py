"""Tells Django that the log desk exists."""

from __future__ import annotations

from django.apps import AppConfig


class LogConfig(AppConfig):
    """The log desk."""

    name = "adamas.office.log"
    label = "log"
    default_auto_field = "django.db.models.BigAutoField"

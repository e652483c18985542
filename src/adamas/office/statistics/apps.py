"""Tells Django that the statistics desk exists."""

from __future__ import annotations

from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    """The statistics desk."""

    name = "adamas.office.statistics"
    label = "statistics"
    default_auto_field = "django.db.models.BigAutoField"

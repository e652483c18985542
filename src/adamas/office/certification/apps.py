"""Tells Django that the certification desk exists."""

from __future__ import annotations

from django.apps import AppConfig


class CertificationConfig(AppConfig):
    """The certification desk."""

    name = "adamas.office.certification"
    label = "certification"
    default_auto_field = "django.db.models.BigAutoField"

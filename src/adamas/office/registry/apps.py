"""Tells Django that the registry desk exists."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The registry desk."""

    name = "adamas.office.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"

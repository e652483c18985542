"""Which tables belong to which database: pages and accounts to ``default``; statements and views to every office."""

from __future__ import annotations

from typing import Any

from django.conf import settings


class Router:
    """Keeps the tables of pages out of offices that are only opened by the command line."""

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool | None:
        """Whether tables of an app may be made in a database."""
        return None if db == "default" or app_label in settings.SPINE_APPS else False

"""The Django app `issuing`."""

from __future__ import annotations

from django.apps import AppConfig


class IssuingConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.issuing"
    label = "issuing"

    def ready(self) -> None:
        """Has the prices of certificates that were issued elsewhere (command line, API) summed up now and then."""
        from adamas.office.web.jobs import EVERY

        EVERY.append((300, "adamas.office.issuing.prices.learn"))

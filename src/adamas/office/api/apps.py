"""The Django app `api`."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.api"
    label = "api"

    def ready(self) -> None:
        """Listens to the desks, and registers what comes round."""
        from adamas.office.api import events
        from adamas.office.web import jobs

        events.connect()
        for turn in ((10, "adamas.office.api.sending.deliver"), (3600, "adamas.office.api.sending.forget")):
            if turn not in jobs.EVERY:
                jobs.EVERY.append(turn)

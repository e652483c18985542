"""The Django app `arrival`."""

from __future__ import annotations

from django.apps import AppConfig


class ArrivalConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.arrival"
    label = "arrival"

    def ready(self) -> None:
        """Registers what comes round."""
        from adamas.office.web import jobs

        turn = (900, "adamas.office.arrival.chasing.chase")
        if turn not in jobs.EVERY:
            jobs.EVERY.append(turn)

"""The Django app `public`."""

from __future__ import annotations

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.public"
    label = "public"

    def ready(self) -> None:
        """Has the worker make the files of public data."""
        from adamas.office.web import jobs

        turn = (900, "adamas.office.public.parquet.make")
        if turn not in jobs.EVERY:
            jobs.EVERY.append(turn)

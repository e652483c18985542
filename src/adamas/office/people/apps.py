"""The Django app `people`."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """What Django is told of it."""

    name = "adamas.office.people"
    label = "people"

    def ready(self) -> None:
        """Listens to what people do to their own accounts."""
        from adamas.office.people import signs

        signs.listen()

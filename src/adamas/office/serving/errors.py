"""What keeps an office from being served (serve.*)."""

from __future__ import annotations

from adamas.office.errors import OfficeError


class ServeError(OfficeError):
    """The office cannot be served as it is."""

    exit_code = 74

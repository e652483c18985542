"""What the desk after issue refuses (aftercare.*)."""

from __future__ import annotations

from adamas.office.errors import OfficeError


class AftercareError(OfficeError):
    """Anything that this desk refuses; nothing was signed."""


class Settled(AftercareError):  # noqa: N818 — what happened
    """It was dealt with already: the second is told, and nothing is logged twice."""

    exit_code = 2

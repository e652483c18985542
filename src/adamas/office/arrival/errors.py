"""What the arrival desk refuses (arrival.*)."""

from __future__ import annotations

from adamas.office.errors import OfficeError


class ArrivalError(OfficeError):
    """Anything that the arrival desk refuses; nothing was signed."""


class Settled(ArrivalError):  # noqa: N818 — what happened
    """Somebody else dealt with it meanwhile: the second is told, and nothing is logged twice."""

    exit_code = 2


class Unread(ArrivalError):  # noqa: N818 — what happened
    """What was scanned or uploaded is not a certificate's code, file or number (scan.*)."""

    exit_code = 65

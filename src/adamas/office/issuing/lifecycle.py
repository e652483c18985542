"""The life of an application as one table: state × act → state, with who may do it. What is not in it is refused."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DRAFT, SUBMITTED, ASKED, REVIEW = "draft", "submitted", "asked", "review"
PREPARED, APPROVED, ISSUED, WITHDRAWN, REFUSED = "prepared", "approved", "issued", "withdrawn", "refused"

STATES: dict[str, str | Promise] = {
    DRAFT: _("Draft"),
    SUBMITTED: _("Submitted"),
    ASKED: _("Question to the exporter"),
    REVIEW: _("In review"),
    PREPARED: _("Waits for approval"),
    APPROVED: _("Approved"),
    ISSUED: _("Issued"),
    WITHDRAWN: _("Withdrawn"),
    REFUSED: _("Refused"),
}
ENDED = frozenset({ISSUED, WITHDRAWN, REFUSED})
WITH_EXPORTER = frozenset({DRAFT, ASKED})
"""States in which the exporter may change what stands in the application."""


class Move(NamedTuple):
    """One allowed move: the state after it, the role whose it is, and the clause or reason."""

    to: str
    role: str
    clause: str


MOVES: dict[tuple[str, str], Move] = {
    (DRAFT, "submit"): Move(SUBMITTED, "exporter", "Annex II, 17 and 18"),
    (ASKED, "submit"): Move(SUBMITTED, "exporter", "Annex II, 17 and 18"),
    (SUBMITTED, "take"): Move(REVIEW, "issuing", "IV(b)"),
    (REVIEW, "ask"): Move(ASKED, "issuing", "II(b)"),
    (REVIEW, "refuse"): Move(REFUSED, "issuing", "II(a)"),
    (REVIEW, "prepare"): Move(PREPARED, "issuing", "II(a); Annex I A"),
    (PREPARED, "approve"): Move(APPROVED, "approving", "II(b); IV(a)"),
    (PREPARED, "confirm"): Move(PREPARED, "issuing", "II(b); IV(a)"),
    (APPROVED, "confirm"): Move(APPROVED, "issuing", "II(b); IV(a)"),
    (PREPARED, "reject"): Move(REVIEW, "approving", "IV(a)"),
    (PREPARED, "take_back"): Move(REVIEW, "issuing", "IV(a)"),
    (APPROVED, "take_back"): Move(REVIEW, "issuing", "IV(a)"),
    (APPROVED, "issue"): Move(ISSUED, "issuing", "II(a)"),
    **{
        (state, "withdraw"): Move(WITHDRAWN, "exporter", "Annex II, 17")
        for state in (DRAFT, SUBMITTED, ASKED, REVIEW, PREPARED, APPROVED)
    },
}

TOLD = frozenset({"take", "ask", "refuse", "issue"})
"""Acts of the authority that stand in the exporter's own audit trail too: what is done with its papers, not what the
officers deliberate among themselves."""

_HOUR = 3600
SERVICE: dict[str, int] = {
    SUBMITTED: 24 * _HOUR,
    REVIEW: 48 * _HOUR,
    PREPARED: 24 * _HOUR,
    APPROVED: 24 * _HOUR,
    ASKED: 14 * 24 * _HOUR,
}
"""This office's own standard of service: seconds in a state after which an application is overdue.

No document of the scheme sets a number; the queue says that it is the office's own.
"""


def overdue(state: str, since: int, now: int) -> bool:
    """Whether an application has been in a state for longer than the standard of service."""
    limit = SERVICE.get(state)
    return limit is not None and now - since > limit


def late_before(now: int) -> dict[str, int]:
    """By state: an application that is in it since before this second is overdue."""
    return {state: now - limit for state, limit in SERVICE.items()}


def allowed(state: str, role: str) -> frozenset[str]:
    """The acts that a role may do in a state."""
    return frozenset(act for (here, act), move in MOVES.items() if here == state and move.role == role)

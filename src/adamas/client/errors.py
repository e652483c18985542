"""What a client of the API meets.

ClientError
├── Refused       the office said no, with every reason (its own codes, docs/errors.md)
└── Unreachable   no answer, or one that is no answer of an office (client.*)
"""

from __future__ import annotations

from adamas.client.types import Reason
from adamas.errors import AdamasError


class ClientError(AdamasError):
    """Anything that goes wrong with a request."""


class Refused(ClientError):  # noqa: N818 — what happened
    """A problem document (RFC 9457): ``status`` is that of HTTP, ``reasons`` holds every reason."""

    def __init__(
        self, status: int, code: str, sentence: str, clause: str, advice: str, reasons: tuple[Reason, ...]
    ) -> None:
        super().__init__(code, sentence, clause=clause or None, advice=advice or None)
        self.status = status
        self.reasons = reasons


class Unreachable(ClientError):  # noqa: N818 — what happened
    """No answer came; a request with an Idempotency-Key may be sent again."""

    exit_code = 75

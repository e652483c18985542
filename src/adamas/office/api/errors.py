"""What the door for programs refuses.

ApiError
├── Unauthorized   no token, or one that does not count (401)
├── Forbidden      a token without the scope, or a client without the role (403)
├── TooMany        more requests than a client may make in a minute (429)
├── TooLong        a body longer than is taken (413)
├── Invalid        fields that do not say what they should (422)
├── Changed        what is to be changed is not what the program read (412)
└── Conflict       an Idempotency-Key that came with another request before (422)
"""

from __future__ import annotations

from collections.abc import Sequence

from adamas.office.errors import OfficeError
from adamas.scheme.findings import Finding


class ApiError(OfficeError):
    """Anything that the door refuses; ``status`` is that of the answer."""

    status = 422


class Unauthorized(ApiError):  # noqa: N818 — what happened
    """No token that counts."""

    status = 401


class Forbidden(ApiError):  # noqa: N818 — what happened
    """The client may not do this."""

    status = 403


class TooMany(ApiError):  # noqa: N818 — what happened
    """Too many requests; ``wait`` is in seconds."""

    status = 429

    def __init__(self, wait: int) -> None:
        super().__init__(
            "api.too-many", "Your client asks too often.", advice=f"Try again in {wait} seconds."
        )
        self.wait = wait


class TooLong(ApiError):  # noqa: N818 — what happened
    """The body is longer than is taken here."""

    status = 413


class Invalid(ApiError):  # noqa: N818 — what happened
    """Fields that do not say what they should; ``findings`` holds every reason."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        super().__init__("api.invalid", first.sentence, where=first.field or None)
        self.findings = tuple(findings)


class Changed(ApiError):  # noqa: N818 — what happened
    """Another tag than that of ``If-Match`` stands there; nothing was done."""

    status = 412

    def __init__(self, sentence: str) -> None:
        super().__init__(
            "api.changed",
            sentence,
            where="If-Match",
            advice="Read it again, and send your change with its new ETag.",
        )


class Conflict(ApiError):  # noqa: N818 — what happened
    """A key that names another request."""

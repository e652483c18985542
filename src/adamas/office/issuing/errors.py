"""What the issuing desk refuses.

IssuingError
├── ApplicationRefused   an application that cannot be submitted or prepared yet, with every reason (issuing.refused)
└── Moved                it was changed by somebody else meanwhile, or its state does not allow the act (issuing.moved)
"""

from __future__ import annotations

from collections.abc import Sequence

from adamas.office.errors import OfficeError
from adamas.scheme.findings import Finding


class IssuingError(OfficeError):
    """Anything that the issuing desk refuses."""


class Moved(IssuingError):  # noqa: N818 — what happened
    """Two people worked on one thing: the second is told, and nothing is lost."""

    exit_code = 2


class ApplicationRefused(IssuingError):  # noqa: N818 — what happened
    """An application with errors; ``findings`` holds every one, by field."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__("issuing.refused", first.sentence + more, where=first.field, clause=first.clause)
        self.findings = tuple(findings)

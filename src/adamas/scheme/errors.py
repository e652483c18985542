"""Every refusal of the scheme, as a tree.

SchemeError
├── ValueRefused     a text that is no carat weight, amount, date, number or country (value.*)
├── RowRefused       a row of a spreadsheet or file, with every error by field (row.*)
├── Refused          an admission rule says no, with all findings (admission.*)
└── DataError        a packaged data file that cannot be read (data.*)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamas.errors import AdamasError

if TYPE_CHECKING:
    from adamas.scheme.findings import Finding


class SchemeError(AdamasError):
    """Anything that the rules of the Kimberley Process refuse."""


class ValueRefused(SchemeError):  # noqa: N818 - it is what happened, in the words of the scheme
    """A text that does not mean what its place asks for."""


class RowRefused(SchemeError):  # noqa: N818 - as above
    """A row with errors. ``errors`` holds one entry for each field that is wrong, all at once."""

    def __init__(self, errors: tuple[tuple[str, str, str], ...], where: str | None = None) -> None:
        sentences = "; ".join(f"{field}: {sentence}" for field, _, sentence in errors)
        super().__init__("row.refused", f"The row cannot be used: {sentences}", where=where)
        self.errors = errors


class Refused(SchemeError):  # noqa: N818 - as above
    """Admission refused a statement. ``findings`` holds each reason with its clause."""

    def __init__(self, findings: tuple[Finding, ...], where: str | None = None) -> None:
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(first.code, first.sentence + more, where=where or first.subject, clause=first.clause)
        self.findings = findings


class DataError(SchemeError):
    """A data file inside the package is missing or not in its documented form."""

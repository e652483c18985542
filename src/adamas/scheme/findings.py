"""What a rule says when something is not as the scheme wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["refuse", "finding", "note"]
"""``refuse`` stops a statement at the door and is a breach afterwards; ``finding`` is let in and shown as a
breach to be answered; ``note`` is said to the reader and counts against nobody."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach or remark: stable code, clause, a sentence for people, the field, the subject, and
    statement ids."""

    code: str
    clause: str
    severity: Severity
    sentence: str
    field: str
    subject: str
    evidence: tuple[bytes, ...] = ()


def refusals(findings: list[Finding]) -> tuple[Finding, ...]:
    """Those that stop a statement at the door."""
    return tuple(finding for finding in findings if finding.severity == "refuse")

"""What the analysis refuses.

AnalysisError
├── TrustError      a trust file that cannot be read (trust.*)
├── ProveError      a proof that cannot be made from what is published here (prove.*)
└── AuditError      folders that cannot be audited at all (audit.*); faults found in them are a report, no error
"""

from __future__ import annotations

from adamas.errors import AdamasError


class AnalysisError(AdamasError):
    """Anything that the analysis refuses."""


class TrustError(AnalysisError):
    """A trust file that is missing or malformed."""

    exit_code = 64


class ProveError(AnalysisError):
    """A certificate, log or key that is not in the folders given."""

    exit_code = 2


class AuditError(AnalysisError):
    """A folder that holds no published log."""

    exit_code = 64

"""What rules say, as rows of the Finding view."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import lru_cache

from adamas.ledger.statement import text_id
from adamas.office.log.reading import Placed
from adamas.scheme.admission import judge
from adamas.scheme.certificates import CertificateRecord
from adamas.scheme.findings import Finding
from adamas.scheme.participants import Register
from adamas.scheme.values import EPOCH_ORDINAL


def judged(fact: Placed, record: CertificateRecord | None, register: Register) -> list[Finding]:
    """What the rules say of a fact that was logged, on the day that it claims.

    A view has no clock, so a time that has not come is not found here but at the door, and by an audit.
    """
    return judge(fact, record, register, _date(fact.at // 86_400), log_time=fact.after, checked=True)


def rows_of(scope: str, findings: Iterable[Finding]) -> list[tuple[object, ...]]:
    """Finding rows under one scope, in the order given."""
    return [
        (
            scope,
            n,
            finding.code,
            finding.clause,
            finding.severity,
            finding.sentence,
            finding.field,
            finding.subject,
            " ".join(text_id(identity) for identity in finding.evidence),
        )
        for n, finding in enumerate(findings)
    ]


@lru_cache(maxsize=4096)
def _date(day: int) -> datetime.date:
    return datetime.date.fromordinal(day + EPOCH_ORDINAL)

"""What an officer of the statistics desk can do: file returns, or transcribe those that were published
elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adamas.ledger import cbor
from adamas.office.batch import BatchResult, Draft, Made, run

if TYPE_CHECKING:
    from adamas.office.opening import Office

TRANSCRIBER = "kp:transcriber"


def file_returns(
    office: Office,
    returns: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    issuer: str = TRANSCRIBER,
    skip_bad: bool = False,
) -> BatchResult:
    """Logs production returns: pairs of subject and ``return.filed`` or ``return.amended`` payload
    (scheme.returns).

    ``issuer`` is the Participant's authority, or the transcriber for figures that are copied from a published
    source: a transcribed return is never the Participant's own word.
    """
    drafts = []
    for row, (subject, payload) in enumerate(returns):
        digest = hashlib.sha256(cbor.encode(["file", issuer, subject, dict(payload)])).digest()
        drafts.append(Draft(row, subject, digest, _made(issuer, payload)))
    return run(office, "file", drafts, skip_bad=skip_bad)


def _made(issuer: str, payload: Mapping[str, Any]) -> Any:
    return lambda _: Made(issuer, payload)

"""What `adamas verify` says of papers: a PDF with its bundle attached, or a picture of a QR code.

Imported only for such files, so that verifying a bundle stays quick and needs nothing but the base install.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from adamas.analysis.trust import Trust
from adamas.analysis.verification import INVALID, NOT_PROVEN, UNKNOWN, VALID, Remark, Signed, Verification
from adamas.errors import AdamasError
from adamas.ledger import statement as statements

LIMIT = 25_000_000
_PAPER = "That what is printed says what the bundle says: compare it with what is disclosed here."
_UNSEALED = "Who made the PDF around the bundle: it is not sealed."
_ALONE = (
    "The QR code holds the signed statement alone: not the signer's key, nor its place in a log, nor what was said of "
    "the certificate since. Scan it on the office's verify page, or ask for the PDF or the bundle (*.adamas)."
)


@dataclass(frozen=True, slots=True)
class Paper:
    """The answer, and what the file itself says that an answer about a bundle has no place for."""

    answer: Verification
    facts: dict[str, Any]
    sentences: tuple[tuple[str, str], ...]


def kind_of(head: bytes) -> str | None:
    """``pdf`` or ``image`` by the first bytes; None for anything else."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    return "image" if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) else None


def verify(kind: str, data: bytes, trust: Trust | None, now: int | None) -> Paper:
    """Everything that can be said of the paper offline. Never raises for what it holds."""
    return _pdf(data, trust, now) if kind == "pdf" else _image(data)


def _pdf(data: bytes, trust: Trust | None, now: int | None) -> Paper:
    from adamas.analysis.verify import verify_bundle
    from adamas.office.document import attached
    from adamas.office.document.seal import inspect

    try:
        answer = verify_bundle(attached.bundle_in(data), trust=trust, now=now)
    except AdamasError as error:
        return _unreadable(error)
    try:
        seals = inspect(data)
    except AdamasError as error:  # the bundle stands for itself; whether the page was changed, nobody can say
        seals = []
        unread = Remark("verify.seal", str(error))
        status = UNKNOWN if answer.status == VALID else answer.status
        answer = replace(answer, status=status, missing=(*answer.missing, unread))
    not_proven = (*answer.not_proven, _PAPER, *(() if seals else (_UNSEALED,)))
    changed = tuple(Remark("verify.seal", one.sentence()) for one in seals if not one.intact)
    answer = replace(answer, not_proven=not_proven, problems=(*answer.problems, *changed))
    if changed:
        answer = replace(answer, status=INVALID)
    told = [
        {"subject": s.subject, "fingerprint": s.fingerprint, "sealed_at": s.sealed_at, "intact": s.intact}
        for s in seals
    ]
    return Paper(answer, {"seals": told}, tuple(("sealed", s.sentence()) for s in seals if s.intact))


def _image(data: bytes) -> Paper:
    from adamas.office.document import qr

    try:
        st = statements.parse(qr.scan(data))
    except AdamasError as error:
        return _unreadable(error)
    key = "Its key is not here: the signature was not checked."
    signed = Signed(st.text_id, st.type, st.issuer, st.subject, st.issued_at, st.kid.hex(), key)
    answer = Verification(
        UNKNOWN,
        signed,
        undisclosed=len(st.hidden),
        missing=(Remark("verify.proof", _ALONE),),
        not_proven=NOT_PROVEN,
    )
    wanted = ("to", "issued", "expires", "origin", "hs", "parcels")
    says = {name: st.payload[name] for name in wanted if name in st.payload}
    return Paper(answer, {"says": says}, (("says", ", ".join(f"{n} {_plain(v)}" for n, v in says.items())),))


def _plain(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _unreadable(error: AdamasError) -> Paper:
    remark = Remark(error.code, str(error))
    if error.exit_code == 2:
        return Paper(Verification(UNKNOWN, missing=(remark,)), {}, ())
    return Paper(Verification(INVALID, problems=(remark,)), {}, ())

"""What officers do after issue; the only writers of this desk's tables, and of what it signs. Doors call these.

An act is written down first and shown again; then it is signed, once, in the transaction that closes the paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.http import Http404

from adamas.ledger.statement import parse_id, text_id
from adamas.office.aftercare import kinds, signals
from adamas.office.aftercare.errors import AftercareError, Settled
from adamas.office.aftercare.models import Paper, Picture
from adamas.office.arrival.actions import active
from adamas.office.batch import BatchResult
from adamas.office.certification import actions as certification
from adamas.office.issuing import files
from adamas.office.issuing.moves import working
from adamas.office.people import audit
from adamas.office.people.models import Membership
from adamas.office.web import site
from adamas.office.web.uploads import Upload
from adamas.scheme.certificates import CertificateRecord
from adamas.scheme.lifecycle import TRANSITIONS, State
from adamas.scheme.statements import (
    CorrectCommand,
    ForgeryCommand,
    ReplaceCommand,
    ReturnCommand,
    RevokeCommand,
)

if TYPE_CHECKING:
    from adamas.office.opening import Office

MAX_PICTURES = 10


def record_of(number: str) -> CertificateRecord | None:
    """What is known of a number."""
    return site.office().records([number]).get(number)


def possible(membership: Membership, record: CertificateRecord | None) -> list[str]:
    """The kinds of act that this membership may do with a certificate as it stands now."""
    return [name for name in kinds.KINDS if _objection(membership, name, record) is None]


def check(membership: Membership, kind: str, number: str) -> None:
    """Asks before anything is read whether an act can be written down. Raises as :func:`write` does."""
    _check(membership, kind, record_of(number))


def write(
    membership: Membership, kind: str, number: str, cells: Mapping[str, Any], pictures: Sequence[Upload] = ()
) -> Paper:
    """Writes an act down, to be looked at and signed. Raises Http404, AftercareError ``aftercare.not-possible``."""
    cleaned = [files.cleaned(upload) for upload in pictures]
    if len(cleaned) > MAX_PICTURES:
        raise AftercareError(
            "aftercare.pictures", f"At most {MAX_PICTURES} pictures go with a report.", where="pictures"
        )
    with working():
        record = record_of(number)
        _check(membership, kind, record)
        paper = Paper.objects.create(
            kind=kind,
            number=number,
            participant=membership.organisation.participant,
            cells=dict(cells),
            by=membership.user,
            at=site.office().now(),
        )
        for upload in cleaned:
            Picture.objects.create(
                paper=paper,
                name=upload.name,
                kind=upload.kind,
                digest=files.keep(upload.data),
                size=len(upload.data),
            )
        digests = list(paper.pictures.values_list("digest", flat=True))
        audit.record(membership, f"aftercare.{kind}.written", number, paper=paper.pk, pictures=digests)
    return paper


def drop(membership: Membership, paper: Paper) -> None:
    """Lays an act aside; nothing is signed. One that was signed stays."""
    with working():
        fresh = Paper.objects.get(pk=paper.pk)
        if fresh.statement is not None:
            raise _settled(fresh)
        if fresh.dropped is None:
            fresh.dropped = site.office().now()
            fresh.save()
            audit.record(membership, f"aftercare.{fresh.kind}.dropped", fresh.number, paper=fresh.pk)


def sign(membership: Membership, paper: Paper) -> Paper:
    """Signs an act that was written down; the same one again gives the statement that was made.

    Raises Settled if it was laid aside, AftercareError ``aftercare.role`` or ``aftercare.not-possible``, BatchRefused
    with every reason of the rules.
    """
    office = site.office()
    with working():
        active(membership)
        fresh = Paper.objects.get(pk=paper.pk)
        if fresh.statement is not None:
            return fresh
        if fresh.dropped is not None:
            raise _settled(fresh)
        _check(membership, fresh.kind, record_of(fresh.number))
        done = _signed(office, membership, fresh)
        fresh.statement, fresh.signed_by, fresh.signed_at = done.ids[0], membership.user, office.now()
        fresh.save()
        audit.record(
            membership,
            f"aftercare.{fresh.kind}.signed",
            fresh.number,
            paper=fresh.pk,
            statement=text_id(done.ids[0]),
            again=done.accepted[0].again,
        )
        signals.signed.send(sender=Paper, numbers=[fresh.number], kind=fresh.kind)
    return fresh


def _check(membership: Membership, kind: str, record: CertificateRecord | None) -> None:
    """Raises Http404 for a certificate of others, AftercareError for an act that cannot be done."""
    if kind not in kinds.KINDS:
        raise Http404
    code = membership.organisation.participant
    known = record is not None and record.issued_id is not None
    if kind != kinds.FORGERY and (record is None or not known or code not in (record.participant, record.to)):
        raise Http404
    objection = _objection(membership, kind, record)
    if objection is not None:
        raise AftercareError("aftercare.not-possible", objection, clause=kinds.KINDS[kind].clause)


def _objection(membership: Membership, kind: str, record: CertificateRecord | None) -> str | None:
    """Why an act cannot be done, in a sentence; None if it can."""
    rule, code = kinds.KINDS[kind], membership.organisation.participant
    if membership.role not in rule.roles:
        return "Your role does not do this."
    if kind == kinds.FORGERY:
        return None
    if record is None or record.issued_id is None:
        return "No such certificate is known here."
    ends = {
        kinds.EXPORTER: (record.participant,),
        kinds.IMPORTER: (record.to,),
        kinds.EITHER: (record.participant, record.to),
    }[rule.side]
    if code not in ends:
        return "The authority at the other end of the journey does this."
    exporting = membership.role in kinds.EXPORTING_ROLES
    if rule.side == kinds.EITHER and code != (record.participant if exporting else record.to):
        return "The authority at the other end of the journey does this."
    if kind == kinds.CONFIRM and not record.pending:
        return "No correction of it waits to be confirmed."
    if (record.state, rule.event) not in TRANSITIONS:
        return f"The certificate is {record.state}: this cannot be done with it."
    return None


def _signed(office: Office, membership: Membership, paper: Paper) -> BatchResult:
    number, cells = paper.number, paper.cells
    day = site.today().isoformat()
    if paper.kind == kinds.CORRECT:
        change = CorrectCommand(
            number,
            day,
            cells["why"],
            hs=tuple(cells["hs"]) if cells.get("hs") else None,
            origin=tuple(cells["origin"]) if cells.get("origin") else None,
            shares=tuple(cells["shares"]) if cells.get("shares") else None,
            parcels=cells.get("parcels"),
            expires=cells.get("expires"),
        )
        return certification.correct(office, [change])
    if paper.kind == kinds.CONFIRM:
        return certification.confirm_correction(office, number, day, correction=parse_id(cells["correction"]))
    if paper.kind in kinds.EVENT_WHY:
        revoked = RevokeCommand(number, day, kinds.EVENT_WHY[paper.kind], cells.get("note", ""))
        return certification.revoke(office, [revoked])
    if paper.kind == kinds.REPLACE:
        _check_replacement(paper)
        return certification.replace(office, [ReplaceCommand(number, day, cells["by"], cells["why"])])
    if paper.kind == kinds.RETURN:
        back = ReturnCommand(number, day, cells["why"], cells.get("technical") or None)
        signer = office.authority(membership.organisation.participant)
        return certification.return_(office, [back], authority=signer)
    report = ForgeryCommand(number, membership.organisation.participant, day, cells.get("note", ""))
    return certification.report_forgery(office, [report])


def _check_replacement(paper: Paper) -> None:
    """The new certificate is issued first, and says whose place it takes (AD-KPC-AMEND)."""
    by = paper.cells["by"]
    records = site.office().records([paper.number, by])
    old, new = records.get(paper.number), records.get(by)
    if new is None or new.issued_id is None:
        raise AftercareError(
            "aftercare.no-replacement",
            f"No certificate {by} is issued here: the new one comes first.",
            where="by",
            clause="AD-KPC-AMEND",
        )
    if (
        old is None
        or new.replaces != old.issued_id
        or new.state
        not in (
            State.ISSUED,
            State.VALIDATED,
            State.SHIPPED,
        )
    ):
        raise AftercareError(
            "aftercare.other-replacement",
            f"The certificate {by} was not issued in the place of {paper.number}, or no longer counts.",
            where="by",
            clause="AD-KPC-AMEND",
            advice="Issue one whose application names the old number under “Replaces”.",
        )


def _settled(paper: Paper) -> Settled:
    what = "signed" if paper.statement is not None else "laid aside"
    return Settled("aftercare.settled", f"This act on {paper.number} was {what} already.")

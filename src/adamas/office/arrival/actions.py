"""What officers do at the arrival desk; the only writers of its tables, and of what it signs. Doors call these.

Each act takes the membership that acts and leaves a trace. A decision is signed once: the inspection is closed in the
same transaction, so that a double click, or two officers at the same second, give one statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404

from adamas.ledger.statement import text_id
from adamas.office.arrival import signals, threads
from adamas.office.arrival.answer import declared
from adamas.office.arrival.errors import ArrivalError, Settled
from adamas.office.arrival.models import Inspection, Photo
from adamas.office.batch import BatchResult
from adamas.office.certification import actions as certification
from adamas.office.issuing import files
from adamas.office.issuing.moves import working
from adamas.office.people import audit
from adamas.office.people.models import Membership
from adamas.office.web import site
from adamas.office.web.uploads import Upload
from adamas.scheme.arrival import Agreement, compare
from adamas.scheme.certificates import CertificateRecord
from adamas.scheme.statements import ReceiveCommand, RefuseCommand, ReturnCommand, SeizeCommand
from adamas.scheme.values import Carats, UsdCents

if TYPE_CHECKING:
    from adamas.office.opening import Office

MAX_PHOTOS = 20
RECEIVED, REFUSED, RETURNED, SEIZED = "received", "refused", "returned", "seized"
CLAUSES: Mapping[str, str] = {
    RECEIVED: "III(b), bullet 2",
    REFUSED: "III(b), bullet 1",
    RETURNED: "III(b), bullet 1; V(f)",
    SEIZED: "IV(d); III(b), bullet 1",
}
DECIDING: Mapping[str, frozenset[str]] = {
    RECEIVED: frozenset({"importing"}),
    REFUSED: frozenset({"importing"}),
    RETURNED: frozenset({"importing"}),
    SEIZED: frozenset({"importing", "customs"}),
}
"""Verdict → roles that may sign it. Customs record what they find, and may seize."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in the shipment: carats in 0.01 ct, value in US cents, seals intact, broken or missing."""

    parcels: int
    carats: int
    value: int
    seals: str
    note: str = ""


def inspect(membership: Membership, number: str, found: Found, *, version: int | None = None) -> Inspection:
    """Records what was found, or mends the open record of it.

    Raises Http404 for a certificate that is not this Participant's, Settled ``arrival.moved`` if another officer
    changed the record since ``version`` was shown (None: a form that showed no record).
    """
    code = membership.organisation.participant
    with working():
        record_for(membership, number)
        now = site.office().now()
        held = Inspection.objects.filter(participant=code, number=number, verdict="").first()
        if held is not None and version != held.version:
            raise Settled(
                "arrival.moved",
                f"Another officer recorded what was found on {number} meanwhile.",
                advice="Look at that record; what you typed is still in the form below.",
            )
        if held is None:
            held = Inspection(number=number, participant=code, by=membership.user, at=now, version=0)
        held.parcels, held.carats, held.value = found.parcels, found.carats, found.value
        held.seals, held.note = found.seals, found.note.strip()[:2_000]
        held.changed = now
        held.version += 1
        held.save()
        audit.record(
            membership,
            "arrival.inspected",
            number,
            parcels=found.parcels,
            carats=found.carats,
            value=found.value,
            seals=found.seals,
        )
    return held


def photograph(membership: Membership, inspection: Inspection, uploads: Sequence[Upload]) -> None:
    """Adds photographs, each made anew from its pixels. Raises UploadError, ArrivalError ``arrival.photos``."""
    cleaned = [files.cleaned(upload) for upload in uploads]
    with working():
        fresh = _open(inspection)
        if fresh.photos.count() + len(cleaned) > MAX_PHOTOS:
            raise ArrivalError(
                "arrival.photos", f"At most {MAX_PHOTOS} photographs go with one inspection.", where="photos"
            )
        now = site.office().now()
        for upload in cleaned:
            digest = files.keep(upload.data)
            Photo.objects.create(
                inspection=fresh,
                name=upload.name,
                kind=upload.kind,
                digest=digest,
                size=len(upload.data),
                at=now,
                by=membership.user,
            )
            audit.record(membership, "arrival.photographed", fresh.number, digest=digest, name=upload.name)


def remove_photograph(membership: Membership, photo: Photo) -> None:
    """Takes a photograph away again, while nothing is decided."""
    with working():
        fresh = _open(photo.inspection)
        audit.record(membership, "arrival.photograph-removed", fresh.number, digest=photo.digest)
        photo.delete()


def agreement(inspection: Inspection, record: CertificateRecord) -> Agreement | None:
    """What was found beside what was declared; None where the declared quantities are not known here."""
    shown = declared(site.office(), record)
    if shown is None:
        return None
    return compare(
        carats=shown.carats,
        value=shown.value,
        parcels=record.parcels,
        found_carats=inspection.carats,
        found_value=inspection.value,
        found_parcels=inspection.parcels,
    )


def decide(
    membership: Membership,
    inspection: Inspection,
    verdict: str,
    *,
    version: int | None = None,
    why: str = "",
    note: str = "",
) -> Inspection:
    """Signs the importing side's decision on an inspected shipment, and closes the inspection with it.

    The same decision again gives the statement that was made. Raises ArrivalError ``arrival.role``, Settled
    ``arrival.decided`` if another decision was made meanwhile or ``arrival.moved`` if the record changed since it was
    shown; BatchRefused with every reason of the rules.
    """
    if membership.role not in DECIDING[verdict]:
        raise ArrivalError(
            "arrival.role",
            "Your role does not decide this; the importing authority does.",
            clause="III(b), bullet 2",
        )
    office = site.office()
    with working():
        active(membership)
        fresh = Inspection.objects.get(pk=inspection.pk)
        if fresh.verdict:
            if fresh.verdict == verdict:
                return fresh
            raise _decided(fresh)
        if version is not None and version != fresh.version:
            raise Settled(
                "arrival.moved",
                "Another officer changed the record after it was shown to you; nothing was signed.",
                advice="Look at it again.",
            )
        record = record_for(membership, fresh.number)
        day = site.today().isoformat()
        fresh.agrees = agreement(fresh, record) or ""
        done = _sign(office, membership, fresh, verdict, day, why, note)
        fresh.verdict, fresh.statement = verdict, done.ids[0]
        fresh.decided_by, fresh.decided_at = membership.user, office.now()
        fresh.changed = office.now()
        fresh.save()
        audit.record(
            membership,
            f"arrival.{verdict}",
            fresh.number,
            statement=text_id(done.ids[0]),
            agrees=fresh.agrees,
            again=done.accepted[0].again,
        )
        if fresh.agrees == "discrepancy" and verdict == RECEIVED:
            threads.open_discrepancy(membership, fresh, record)
        signals.decided.send(sender=Inspection, numbers=[fresh.number], verdict=verdict)
    return fresh


def record_for(membership: Membership, number: str) -> CertificateRecord:
    """The record of a certificate whose destination is the membership's Participant. Raises Http404."""
    record = site.office().records([number]).get(number)
    if record is None or record.issued_id is None or record.to != membership.organisation.participant:
        raise Http404
    return record


def active(membership: Membership) -> None:
    """Whether the officer is still one, asked in the transaction that signs. Raises ArrivalError."""
    held = Membership.objects.filter(
        pk=membership.pk, active=True, user__is_active=True, organisation__active=True
    )
    if not held.exists():
        raise ArrivalError("arrival.dismissed", "Your membership has ended; nothing was signed.")


def _sign(
    office: Office,
    membership: Membership,
    fresh: Inspection,
    verdict: str,
    day: str,
    why: str,
    note: str,
) -> BatchResult:
    number, here = fresh.number, fresh.participant
    if verdict == RECEIVED:
        found = ReceiveCommand(
            number,
            here,
            day,
            fresh.parcels,
            Carats(fresh.carats),
            UsdCents(fresh.value),
            fresh.seals,
            membership.officer,
        )
        return certification.receive(office, [found])
    if verdict == REFUSED:
        return certification.refuse(office, [RefuseCommand(number, here, day, why, note)])
    if verdict == RETURNED:
        return certification.return_(office, [ReturnCommand(number, day, note)])
    return certification.seize(office, [SeizeCommand(number, here, day, note)])


def _open(inspection: Inspection) -> Inspection:
    fresh = Inspection.objects.get(pk=inspection.pk)
    if fresh.verdict:
        raise _decided(fresh)
    return fresh


def _decided(fresh: Inspection) -> Settled:
    return Settled(
        "arrival.decided",
        f"The shipment on {fresh.number} was dealt with already: {fresh.verdict}.",
        advice="Look at the record of what was decided.",
    )

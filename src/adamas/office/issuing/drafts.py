"""What an exporter does: draft, attach, upload a sheet, submit, answer, withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from adamas.office.intake import IntakeError
from adamas.office.issuing import applying, checklist, files, lifecycle, sheets
from adamas.office.issuing.errors import ApplicationRefused, IssuingError, Moved
from adamas.office.issuing.models import Application, Attachment, Upload
from adamas.office.issuing.moves import changing, move, trace
from adamas.office.people import audit
from adamas.office.web import site, uploads
from adamas.scheme.findings import Finding
from adamas.scheme.statements import IssueCommand

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from adamas.office.people.models import Membership

MAX_ATTACHMENTS = 20
MAX_SHEET = 10 * 1024 * 1024
SHEET_KINDS = ("xlsx", "csv")
DECLARATION = "Annex II, 18"


def begin(membership: Membership, cells: applying.Cells) -> Application:
    """A new draft with these cells, right or wrong."""
    application = _new(membership, applying.clean(cells))
    with transaction.atomic():
        application.save()
        trace(application, "begin", membership)
        audit.record(membership, "application.begin", f"application {application.pk}")
    return application


def save(
    membership: Membership, application: Application, cells: applying.Cells, *, version: int | None = None
) -> applying.Reading:
    """Keeps what was typed. Raises Moved if it was changed since ``version``, or is not the exporter's to change."""
    with changing(application) as fresh:
        _editable(fresh)
        if version is not None and version != fresh.version:
            raise Moved(
                "issuing.changed",
                "The application was changed in another window or by a colleague after you opened it.",
                where="version",
                advice="What you typed is below; compare it with the other copy, then save again.",
            )
        reading = _fill(fresh, applying.clean(cells))
        fresh.version += 1
        audit.record(membership, "application.save", f"application {fresh.pk}")
    return reading


def submit(membership: Membership, application: Application, *, declared: bool) -> None:
    """Hands an application to the authority. Raises ApplicationRefused with every reason, Moved.

    ``declared`` is the exporter's word that these are no conflict diamonds.
    """
    problems = against(application)
    if not declared:
        sentence = "Declare that the stones are no conflict diamonds before you submit."
        problems.append(Finding("issuing.declaration", DECLARATION, "refuse", sentence, "declared", ""))
    if problems:
        raise ApplicationRefused(problems)
    with changing(application) as fresh:
        if fresh.version != application.version:
            raise Moved(
                "issuing.changed", "The application was changed meanwhile.", advice="Look at it again."
            )
        fresh.applicant = membership.user
        fresh.submitted = fresh.submitted or site.office().now()
        move(fresh, "submit", membership)


def against(application: Application) -> list[Finding]:
    """Everything that stands against submitting an application now."""
    reading = applying.read(application.cells, site.today().isoformat(), subject=application.title)
    problems = list(reading.errors)
    command = command_of(application, reading)
    if command is not None:
        problems += checklist.against(command)
    elif not any(problem.field == "to" for problem in problems):
        problems += _destination(application)
    return problems


def _destination(application: Application) -> list[Finding]:
    """What the rules say of the destination while other cells cannot be read yet: told at once, and not at the end."""
    stand_in = {
        "to": application.cells.get("to", ""),
        "origin": application.participant,
        "importer": "-",
        "parcels": [{"hs": "7102.31", "carats": "1", "value": "1"}],
    }
    command = command_of(application, applying.read(stand_in, site.today().isoformat()))
    return [found for found in checklist.against(command) if found.field == "to"] if command else []


def command_of(
    application: Application, reading: applying.Reading | None = None, **changes: Any
) -> IssueCommand | None:
    """The certificate that an application asks for; None while it cannot be read. ``changes`` are the officers'."""
    from dataclasses import replace

    reading = reading or applying.read(application.cells, site.today().isoformat())
    if reading.command is None:
        return None
    exporter = reading.command.exporter or application.organisation.name
    number = application.number or f"{application.participant}0000000"
    return replace(reading.command, **{"exporter": exporter, "number": number, **changes})


def withdraw(membership: Membership, application: Application, why: str = "") -> None:
    """Takes an application back; it ends."""
    with changing(application) as fresh:
        move(fresh, "withdraw", membership, why)
        fresh.approved = fresh.approved_at = None


def say(membership: Membership, application: Application, text: str) -> None:
    """Adds a message to the thread of an application, from either side."""
    if not text.strip():
        raise IssuingError("issuing.nothing", "Write something first.", where="text")
    with changing(application) as fresh:
        if fresh.state == lifecycle.DRAFT:
            raise Moved("issuing.moved", "A draft is seen by nobody else yet.", where="text")
        trace(fresh, "say", membership, text)
        audit.record(membership, "application.say", f"application {fresh.pk}", also=fresh.organisation)


def attach(membership: Membership, application: Application, file: UploadedFile) -> Attachment:
    """Attaches a paper: PDF, PNG or JPEG, judged by its content; pictures lose what their owner did not see."""
    upload = files.cleaned(uploads.read(file, kinds=tuple(files.TYPES)))
    digest = files.keep(upload.data)
    with changing(application) as fresh:
        _editable(fresh)
        if fresh.attachments.count() >= MAX_ATTACHMENTS:
            raise IssuingError(
                "issuing.attachments", f"At most {MAX_ATTACHMENTS} papers are taken.", where="file"
            )
        made = Attachment.objects.create(
            application=fresh,
            name=upload.name,
            kind=upload.kind,
            digest=digest,
            size=len(upload.data),
            at=site.office().now(),
            by=membership.user,
        )
        audit.record(membership, "attachment.add", f"application {fresh.pk}", digest=digest)
    return made


def detach(membership: Membership, attachment: Attachment) -> None:
    """Takes a paper off; its bytes stay in the folder."""
    with changing(attachment.application) as fresh:
        _editable(fresh)
        audit.record(membership, "attachment.remove", f"application {fresh.pk}", digest=attachment.digest)
        Attachment.objects.filter(pk=attachment.pk).delete()


def take_sheet(membership: Membership, file: UploadedFile, *, again: bool = False) -> Upload:
    """Reads a sheet: keeps the file, makes a draft of each consignment with a good row, and notes every error.

    Raises UploadError, IntakeError if it cannot be read as a whole; Moved if the same file was taken before.
    """
    upload = uploads.read(file, max_bytes=MAX_SHEET, kinds=SHEET_KINDS)
    digest = files.keep(upload.data)
    before = Upload.objects.filter(organisation=membership.organisation, digest=digest).first()
    if before is not None and not again:
        raise Moved(
            "issuing.sheet-again",
            f"This very file was uploaded already: {before.drafts} drafts were made of it.",
            where="file",
            advice="Tick “take it again” if you want the drafts a second time.",
        )
    read = sheets.read(upload.name, upload.data, site.today().isoformat())
    made = [_new(membership, applying.clean(group.cells), group.reading) for group in read.consignments]
    with transaction.atomic():
        Application.objects.bulk_create(made, batch_size=100)
        kept = Upload.objects.create(
            organisation=membership.organisation,
            by=membership.user,
            at=site.office().now(),
            name=upload.name,
            digest=digest,
            rows=read.sheet.total,
            drafts=len(made),
            problems=sheets.rows_of(read.problems),
        )
        audit.record(
            membership, "sheet.taken", upload.name, rows=kept.rows, drafts=kept.drafts, bad=read.bad_rows
        )
    return kept


def rejected(upload: Upload) -> bytes:
    """The bad rows of a sheet with their reasons, as CSV. Raises IntakeError."""
    if not any(problem[2] not in sheets.NOTES for problem in upload.problems):
        raise IntakeError("intake.none-rejected", "No row of this sheet was wrong.", where=upload.name)
    return sheets.rejected(upload.name, files.read(upload.digest), site.today().isoformat())


def _new(
    membership: Membership, cells: dict[str, Any], reading: applying.Reading | None = None
) -> Application:
    now = site.office().now()
    application = Application(
        organisation=membership.organisation,
        participant=membership.organisation.participant,
        author=membership.user,
        since=now,
        made=now,
        changed=now,
    )
    _fill(application, cells, reading)
    return application


def _fill(
    application: Application, cells: dict[str, Any], reading: applying.Reading | None = None
) -> applying.Reading:
    reading = reading or applying.read(cells, site.today().isoformat())
    application.cells = cells
    application.reference = str(cells["reference"])[:60]
    application.to = reading.to
    application.parcels = reading.parcels
    application.carats, application.value = min(reading.carats, 2**62), min(reading.value, 2**62)
    return reading


def _editable(application: Application) -> None:
    if application.state not in lifecycle.WITH_EXPORTER:
        raise Moved(
            "issuing.moved",
            f"The application is in the state “{application.state_name}”: it cannot be changed now.",
            where="state",
            advice="Ask the officer to send it back to you, or withdraw it.",
        )

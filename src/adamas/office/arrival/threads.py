"""Questions between the two authorities of a journey: opened, answered, closed; a private working paper.

Where both work in this installation, both see the same thread. Else each message is mailed, if an address was entered,
by the worker; and the whole thread can be had as a file at any time.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django_tasks import task

from adamas.office.arrival import signals
from adamas.office.arrival.answer import declared
from adamas.office.arrival.errors import ArrivalError, Settled
from adamas.office.arrival.models import (
    EXPORTING_SIDE,
    IMPORTING_SIDE,
    Inspection,
    Message,
    MessageFile,
    Question,
)
from adamas.office.issuing import files
from adamas.office.issuing.models import NoticeAddress
from adamas.office.issuing.moves import working
from adamas.office.people import audit
from adamas.office.people.models import Membership
from adamas.office.web import site
from adamas.office.web.jobs import later
from adamas.office.web.uploads import Upload
from adamas.scheme import history
from adamas.scheme.certificates import CertificateRecord
from adamas.scheme.values import format_hundredths

OPEN, ANSWERED, CLOSED = "open", "answered", "closed"
HOSTED, MAIL, FILE = "hosted", "mail", "file"
CLAUSE = "V(f); Annex II, 23"
FORMAT = "adamas-question"
MAX_TEXT = 4_000
MAX_FILES = 5
PERIOD_DAYS = 14
"""An answer is awaited within this time; then the desk calls the question late. The Core Document sets no number."""


def open_discrepancy(membership: Membership, inspection: Inspection, record: CertificateRecord) -> Question:
    """Opens the question that a discrepancy asks for, in the caller's transaction; once for a certificate."""
    held = Question.objects.filter(
        number=record.number, asker=inspection.participant, about="discrepancy"
    ).first()
    return held or _begin(membership, record, "discrepancy", _difference(inspection, record), inspection)


def ask(
    membership: Membership, record: CertificateRecord, about: str, text: str, uploads: Sequence[Upload] = ()
) -> Question:
    """Asks the exporting authority something about a certificate that comes here."""
    cleaned = [files.cleaned(upload) for upload in uploads]
    with working():
        question = _begin(membership, record, about, text, None, cleaned)
    return question


def say(
    membership: Membership,
    question: Question,
    text: str,
    uploads: Sequence[Upload] = (),
    *,
    theirs: bool = False,
) -> Message:
    """Adds a message; one of the asked side answers the question, one of the asking side opens it again.

    ``theirs`` enters what the other authority answered by mail or on paper, where it does not work here; the thread
    shows who entered it.

    Raises Settled ``question.closed``, ArrivalError ``question.empty``, ``question.files``.
    """
    cleaned = [files.cleaned(upload) for upload in uploads]
    if not text.strip() and not cleaned:
        raise ArrivalError("question.empty", "The message is empty.", where="text")
    with working():
        fresh = Question.objects.get(pk=question.pk)
        if fresh.state == CLOSED:
            raise Settled("question.closed", "The question was closed meanwhile.", advice="Open a new one.")
        message = _message(membership, fresh, text, cleaned)
        if theirs and fresh.way != HOSTED:
            message.side = fresh.asked if message.side == fresh.asker else fresh.asker
            message.save()
        state = ANSWERED if message.side == fresh.asked else OPEN
        if state != fresh.state:
            fresh.state, fresh.since = state, message.at
            fresh.save()
        audit.record(membership, f"question.{state}", fresh.number, question=fresh.pk, side=message.side)
        _tell(fresh, message if message.side == membership.organisation.participant else None, state)
    return message


def close(membership: Membership, question: Question, text: str = "") -> None:
    """Closes a question: the side that asked says that it is cleared up. Closing it twice changes nothing."""
    if membership.role not in IMPORTING_SIDE or membership.organisation.participant != question.asker:
        raise ArrivalError("question.role", "The side that asked closes the question.")
    with working():
        fresh = Question.objects.get(pk=question.pk)
        if fresh.state == CLOSED:
            return
        message = _message(membership, fresh, text, ()) if text.strip() else None
        fresh.state, fresh.since = CLOSED, site.office().now()
        fresh.closed_at = fresh.since
        fresh.save()
        audit.record(membership, "question.closed", fresh.number, question=fresh.pk)
        _tell(fresh, message, CLOSED)


def late(question: Question) -> bool:
    """Whether the answer is awaited for longer than :data:`PERIOD_DAYS`."""
    return question.state == OPEN and site.office().now() - question.since > PERIOD_DAYS * 86_400


def file(question: Question) -> bytes:
    """The whole thread as JSON, attachments in base64, for an authority that works elsewhere."""
    said = [
        {
            "at": message.at,
            "side": message.side,
            "officer": message.officer,
            "text": message.text,
            "files": [
                {
                    "name": item.name,
                    "kind": item.kind,
                    "sha256": item.digest,
                    "base64": base64.b64encode(files.read(item.digest)).decode(),
                }
                for item in message.files.all()
            ],
        }
        for message in question.messages.order_by("pk")
    ]
    body = {
        "format": FORMAT,
        "v": 1,
        "certificate": question.number,
        "from": question.asker,
        "to": question.asked,
        "about": question.about,
        "state": question.state,
        "opened": question.at,
        "messages": said,
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


@task()
def mail(message: int) -> None:
    """Job: mails one message of a question to the other authority, with its attachments."""
    said = Message.objects.select_related("question").get(pk=message)
    question = said.question
    other = question.asked if said.side == question.asker else question.asker
    address = _address(said.side, other)
    if not address:
        return
    names = history.names()
    letter = EmailMessage(
        f"Certificate {question.number}: question of {names.get(question.asker, question.asker)}",
        f"{said.text}\n\n{said.officer}, {names.get(said.side, said.side)}\nSource: {CLAUSE}.",
        to=[address],
    )
    for item in said.files.all():
        letter.attach(
            item.name, files.read(item.digest), files.TYPES.get(item.kind, "application/octet-stream")
        )
    letter.send()


def _begin(
    membership: Membership,
    record: CertificateRecord,
    about: str,
    text: str,
    inspection: Inspection | None,
    uploads: Sequence[Upload] = (),
) -> Question:
    now = site.office().now()
    asker = membership.organisation.participant
    question = Question.objects.create(
        number=record.number,
        asker=asker,
        asked=record.participant,
        about=about,
        inspection=inspection,
        way=_way(asker, record.participant),
        at=now,
        since=now,
    )
    message = _message(membership, question, text, uploads)
    audit.record(membership, "question.opened", record.number, question=question.pk, about=about)
    _tell(question, message, OPEN)
    return question


def _message(membership: Membership, question: Question, text: str, uploads: Sequence[Upload]) -> Message:
    if len(uploads) > MAX_FILES:
        raise ArrivalError("question.files", f"At most {MAX_FILES} files go with one message.", where="files")
    if membership.role not in IMPORTING_SIDE | EXPORTING_SIDE:
        raise ArrivalError("question.role", "Your role takes no part in this.")
    message = Message.objects.create(
        question=question,
        at=site.office().now(),
        side=membership.organisation.participant,
        by=membership.user,
        officer=membership.officer,
        text=text.strip()[:MAX_TEXT],
    )
    for upload in uploads:
        MessageFile.objects.create(
            message=message,
            name=upload.name,
            kind=upload.kind,
            digest=files.keep(upload.data),
            size=len(upload.data),
        )
    return message


def _tell(question: Question, message: Message | None, act: str) -> None:
    if message is not None and question.way == MAIL:
        later(mail, message.pk)
    signals.asked.send(sender=Question, question=question, act=act)


def _way(asker: str, asked: str) -> str:
    if asked in site.office().config.participants:
        return HOSTED
    return MAIL if _address(asker, asked) else FILE


def _address(participant: str, to: str) -> str:
    return (
        NoticeAddress.objects.filter(participant=participant, to=to).values_list("mail", flat=True).first()
        or ""
    )


def _difference(inspection: Inspection, record: CertificateRecord) -> str:
    """The first message: declared beside found, in figures. Both authorities read it, so it is in English."""
    shown = declared(site.office(), record)
    lines = [f"What arrived on {record.number} is not what was declared ({CLAUSE}).", ""]
    lines.append(f"Parcels: declared {record.parcels}, found {inspection.parcels}.")
    if shown is not None:
        lines.append(
            f"Carats: declared {format_hundredths(shown.carats)}, found {format_hundredths(inspection.carats)}."
        )
        lines.append(
            f"Value in US dollars: declared {format_hundredths(shown.value)}, "
            f"found {format_hundredths(inspection.value)}."
        )
    lines.append(f"Seals: {inspection.seals}.")
    if inspection.note:
        lines += ["", inspection.note]
    return "\n".join(lines)

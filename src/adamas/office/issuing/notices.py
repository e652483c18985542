"""Dispatch notices (Annex II, 19): the importing authority learns what a certificate declares, in private.

Where its authority works in this same installation, the notice is handed over at once. Else it is mailed, if an
address was entered, by the worker; or it waits to be downloaded as a file (certification.notice).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.db import transaction
from django_tasks import task

from adamas.office.certification import notice
from adamas.office.certification.models import Certificate
from adamas.office.issuing.models import Known, Notice, NoticeAddress
from adamas.office.people import audit
from adamas.office.web import site
from adamas.office.web.jobs import later
from adamas.scheme import history
from adamas.scheme.values import format_hundredths

if TYPE_CHECKING:
    from adamas.office.people.models import Membership

HOSTED, MAIL, FILE = "hosted", "mail", "file"
CLAUSE = "Annex II, 19"


def open_for(numbers: Iterable[str], membership: Membership) -> None:
    """Opens the notice of certificates that were just issued."""
    now = site.office().now()
    for view in Certificate.objects.filter(number__in=list(numbers)):
        Notice.objects.get_or_create(
            number=view.number,
            defaults={
                "participant": view.participant,
                "to": view.to,
                "at": now,
                "way": way(view.participant, view.to),
            },
        )


def way(participant: str, to: str) -> str:
    """How a notice goes from one authority to another."""
    if to in site.office().config.participants:
        return HOSTED
    return MAIL if NoticeAddress.objects.filter(participant=participant, to=to).exists() else FILE


def send(numbers: Sequence[str], membership: Membership) -> None:
    """Sends the notices of shipments that were validated: hands over, mails, or leaves for download."""
    views = Certificate.objects.filter(number__in=list(numbers))
    wanted = list(views.values_list("number", flat=True))
    open_for(wanted, membership)
    now = site.office().now()
    by_mail: dict[tuple[str, str], list[str]] = {}
    for item in Notice.objects.filter(number__in=wanted, sent__isnull=True):
        item.way = way(item.participant, item.to)
        if item.way == HOSTED:
            item.sent = now
            audit.record(membership, "notice.handed-over", item.number, to=item.to)
        elif item.way == MAIL:
            by_mail.setdefault((item.participant, item.to), []).append(item.number)
        item.save()
    for (participant, to), mailed in by_mail.items():
        later(mail, participant, to, mailed)


@task()
def mail(participant: str, to: str, numbers: list[str]) -> None:
    """Job: mails one notice file for several certificates, and says in words what it is about."""
    address = NoticeAddress.objects.get(participant=participant, to=to).mail
    office = site.office()
    known = Known.objects.in_bulk(numbers)
    names = history.names()
    lines = [
        f"Shipments from {names.get(participant, participant)} to {names.get(to, to)} were validated for export:",
        "",
    ]
    for view in Certificate.objects.filter(number__in=numbers).order_by("number"):
        summary = known.get(view.number)
        amount = (
            f"; {format_hundredths(summary.carats)} carats, {format_hundredths(summary.value)} USD; "
            f"importer: {summary.importer}"
            if summary
            else ""
        )
        lines.append(f"{view.number}: {view.parcels} parcels; origin {view.origin}{amount}")
    lines += ["", "The file attached holds the declared content; import it with `adamas notice import FILE`."]
    message = EmailMessage(
        f"Dispatch notice {participant} → {to}: {len(numbers)}", "\n".join(lines), to=[address]
    )
    message.attach("notice.cbor", notice.export(office, to=to, numbers=numbers), "application/cbor")
    message.send()
    Notice.objects.filter(number__in=numbers).update(sent=office.now())
    audit.record_of_office(participant, "notice.mailed", f"{participant} → {to}", numbers=list(numbers)[:50])


def file(membership: Membership, to: str, numbers: Sequence[str] = ()) -> bytes:
    """The notice file for an importing authority: of some certificates, or of all whose notice was not sent yet."""
    participant = membership.organisation.participant
    own = Notice.objects.visible_to(membership).filter(to=to)
    own = own.filter(number__in=list(numbers)) if numbers else own.filter(sent__isnull=True)
    wanted = list(own.values_list("number", flat=True))
    data = notice.export(site.office(), to=to, numbers=wanted)
    with transaction.atomic():
        own.filter(sent__isnull=True).update(sent=site.office().now(), way=FILE)
        audit.record(membership, "notice.downloaded", f"{participant} → {to}", count=len(wanted))
    return data


def set_address(membership: Membership, to: str, mail_to: str) -> None:
    """Keeps where notices to a Participant's authority are mailed; an empty address stops mailing."""
    participant = membership.organisation.participant
    with transaction.atomic():
        if mail_to:
            NoticeAddress.objects.update_or_create(participant=participant, to=to, defaults={"mail": mail_to})
        else:
            NoticeAddress.objects.filter(participant=participant, to=to).delete()
        audit.record(membership, "notice.address", f"{participant} → {to}", mail=mail_to)

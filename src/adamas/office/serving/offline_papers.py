"""What an offline desk has beside statements: accounts that it is lent, and working papers that it gives back.

Lent, when numbers are set aside: organisations, people and second factors of one Participant, so that officers sign in
at the desk as they are used to. Given back by joining: the booking of numbers and blank forms, applications with their
thread and attachments, and the desk's audit trail. What was given back is known by a mark and is not taken twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core import serializers
from django.db import IntegrityError, models, transaction

from adamas.office import database
from adamas.office.database import DEFAULT
from adamas.office.home import Home
from adamas.office.issuing import files, notices, numbers, prices, signals
from adamas.office.issuing.models import (
    Application,
    Attachment,
    FormReceipt,
    FormUse,
    Reservation,
    Step,
    Taken,
)
from adamas.office.opening import Office
from adamas.office.people import audit
from adamas.office.people.models import Act, Evidence, Membership, Organisation, User
from adamas.office.web import secret as web_secret
from adamas.office.web import site

JOINED = "joined"
"""The act of the step that marks an application that came from a desk; its text says from where."""


def set_aside(participant: str, count: int, purpose: str) -> Reservation:
    """Takes numbers out of this office's own sequence. Raises IssuingError."""
    with transaction.atomic():
        made = numbers.reserve(participant, count, purpose=purpose, by="adamas office --reserve")
        audit.record_of_office(
            participant, "numbers.reserved", participant, first=made.first, last=made.last, purpose=purpose
        )
    return made


def lend(office: Home, desk: Home, participant: str) -> int:
    """Copies accounts of a Participant into the desk's database; how many people. The office is ``default`` again."""
    organisations = Organisation.objects.filter(participant=participant)
    memberships = Membership.objects.working().filter(organisation__in=organisations)
    people = User.objects.filter(memberships__in=memberships).distinct()
    from allauth.mfa.models import Authenticator

    factors = Authenticator.objects.filter(user__in=people)
    sealed = [_sealed_for(desk, factor) for factor in factors.exclude(type="webauthn")]
    text = serializers.serialize("json", [*organisations, *people, *memberships, *sealed])
    count = people.count()
    try:
        database.use_as_default(desk)
        with transaction.atomic(using=DEFAULT):
            for item in serializers.deserialize("json", text, using=DEFAULT):
                item.save()
    finally:
        database.use_as_default(office, migrate=False)
    return count


def _sealed_for(desk: Home, factor: Any) -> Any:
    """A second factor whose secret is sealed with the desk's own secret. (Passkeys belong to the office's host.)"""
    from allauth.mfa.adapter import get_adapter
    from django.conf import settings

    adapter, own = get_adapter(), settings.SECRET_KEY
    for name in ("secret", "seed"):
        if name in factor.data:
            text = adapter.decrypt(factor.data[name])
            try:
                settings.SECRET_KEY = web_secret.of(desk.path)
                factor.data[name] = adapter.encrypt(text)
            finally:
                settings.SECRET_KEY = own
    return factor


def book(office: Office, desk: Office, issued: tuple[str, ...]) -> tuple[str, ...]:
    """Takes the desk's working papers over; gives the numbers that were not booked before. For `offline.join`."""
    with transaction.atomic():
        known: set[str] = set()
        for number in issued:
            if Taken.objects.filter(number=number).exists():
                known.add(number)
        new = tuple(number for number in issued if number not in known)
        Taken.objects.bulk_create([Taken(number, office.now()) for number in new], ignore_conflicts=True)
        _forms(desk)
        for paper in Application.objects.using(desk.alias).order_by("pk"):
            _application(desk, paper)
        _trail(desk)
        for proof in Evidence.objects.using(desk.alias).order_by("pk"):
            if not Evidence.objects.filter(nonce=bytes(proof.nonce)).exists():
                _copied(proof).save(force_insert=True)
        if new:
            prices.note(new)
            notices.open_for(new, _officer(desk))
            for code in desk.config.participants:
                audit.record_of_office(code, "desk.joined", desk.config.origin, numbers=list(new)[:500])
            signals.issued.send(sender=Application, numbers=list(new))
    return new


def _officer(desk: Office) -> Membership:
    found = Membership.objects.filter(
        role="issuing", organisation__participant__in=desk.config.participants
    ).first()
    return found or Membership(role="issuing")


def _forms(desk: Office) -> None:
    """Blank forms that the desk used or wrote off; one that is booked here already stays as it is booked here."""
    here = set(Organisation.objects.values_list("participant", flat=True))
    for use in FormUse.objects.using(desk.alias).filter(participant__in=here):
        if not FormUse.objects.filter(participant=use.participant, form=use.form).exists():
            _copied(use).save(force_insert=True)
    for receipt in FormReceipt.objects.using(desk.alias).filter(participant__in=here):
        there = FormReceipt.objects.filter(
            participant=receipt.participant, prefix=receipt.prefix, first=receipt.first, last=receipt.last
        )
        if not there.exists():
            _copied(receipt).save(force_insert=True)


def _application(desk: Office, paper: Application) -> None:
    mark = f"{desk.config.origin} #{paper.pk}"
    before = Step.objects.filter(act=JOINED, text=mark).select_related("application").first()
    fresh = _copied(paper)
    if before is not None:
        fresh.pk = before.application_id
    try:
        with transaction.atomic():
            fresh.save(force_insert=before is None)
    except IntegrityError:  # the number was used on both sides: the rules find that; the paper is kept
        fresh.number = ""
        fresh.save(force_insert=before is None)
    steps = Step.objects.using(desk.alias).filter(application=paper.pk).order_by("pk")
    _follow(fresh, steps, Step.objects.filter(application=fresh).exclude(act=JOINED).count())
    papers = Attachment.objects.using(desk.alias).filter(application=paper.pk).order_by("pk")
    for attachment in papers:
        data = (desk.home.path / files.FOLDER / attachment.digest[:2] / attachment.digest).read_bytes()
        files.keep(data)
    _follow(fresh, papers, Attachment.objects.filter(application=fresh).count())
    if before is None:
        author = paper.author_id
        Step.objects.create(
            application=fresh, at=site.office().now(), by_id=author, office=True, act=JOINED, text=mark
        )


def _follow(fresh: Application, theirs: Iterable[Any], have: int) -> None:
    """Adds those of the desk's rows about an application that came after what is here."""
    for row in list(theirs)[have:]:
        copy = _copied(row)
        copy.application_id = fresh.pk
        copy.save(force_insert=True)


def _trail(desk: Office) -> None:
    origin = desk.config.origin
    have = set(Act.objects.filter(details__desk=origin).values_list("details__line", flat=True))
    for act in Act.objects.using(desk.alias).order_by("pk"):
        if act.pk not in have:
            copy = _copied(act)
            copy.details = {**act.details, "desk": origin, "line": act.pk}
            copy.save(force_insert=True)


def _copied(row: models.Model) -> Any:
    """The same row for this office's database, not saved, with no key of its own yet."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    values.pop(row._meta.pk.attname)
    return type(row)(**values)

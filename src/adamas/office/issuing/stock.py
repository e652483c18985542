"""The account of blank forms: every numbered form that came in was used, spoiled, is missing, or is still there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Sum

from adamas.office.issuing.errors import IssuingError
from adamas.office.issuing.models import FormReceipt, FormUse
from adamas.office.issuing.moves import working
from adamas.office.people import audit
from adamas.office.web import site

if TYPE_CHECKING:
    from adamas.office.people.models import Membership

CLAUSE = "Annex I A, security"
MAX_FORMS = 1_000_000
USED, SPOILED, MISSING = "used", "spoiled", "missing"
_FORM = re.compile(r"([A-Z0-9./-]*?)([0-9]{1,12})\Z")


@dataclass(frozen=True, slots=True)
class Balance:
    """Counts of forms."""

    received: int
    used: int
    spoiled: int
    missing: int

    @property
    def left(self) -> int:
        """Forms that must be in the safe."""
        return self.received - self.used - self.spoiled - self.missing


def split(form: str) -> tuple[str, int, int]:
    """A form's number as prefix, serial and length of the serial. Raises IssuingError ``issuing.form-number``."""
    text = form.strip().upper().replace(" ", "")
    match = _FORM.match(text)
    if match is None or len(match[1]) > 12:
        raise IssuingError(
            "issuing.form-number",
            f"“{form}” is not the number of a form: letters, then digits, such as B0001234.",
            where="form",
            clause=CLAUSE,
        )
    return match[1], int(match[2]), len(match[2])


def receive(membership: Membership, first: str, last: str, *, day: str, note: str = "") -> FormReceipt:
    """Enters forms that came in, from the first number to the last. Raises IssuingError if any is there already."""
    prefix, start, digits = split(first)
    other, end, length = split(last or first)
    if (prefix, digits) != (other, length) or end < start:
        raise IssuingError(
            "issuing.form-range",
            f"{first} to {last} is no range: the same letters and as many digits, and the last not before the first.",
            where="last",
            clause=CLAUSE,
        )
    if end - start >= MAX_FORMS:
        raise IssuingError(
            "issuing.form-range", f"At most {MAX_FORMS:,} forms are entered at once.", where="last"
        )
    participant = membership.organisation.participant
    with working():
        there = FormReceipt.objects.filter(
            participant=participant, prefix=prefix, digits=digits, first__lte=end, last__gte=start
        ).first()
        if there is not None:
            raise IssuingError(
                "issuing.form-twice",
                f"Forms {there.first_form} to {there.last_form} were entered on {there.day} already.",
                where="first",
                clause=CLAUSE,
            )
        made = FormReceipt.objects.create(
            participant=participant,
            prefix=prefix,
            digits=digits,
            first=start,
            last=end,
            day=day,
            note=note[:200],
            at=site.office().now(),
            by=membership.user,
        )
        audit.record(membership, "forms.received", f"{made.first_form}–{made.last_form}", count=made.count)
    return made


def book(membership: Membership, form: str, certificate: str) -> FormUse:
    """Books a form for a certificate that is printed on it. Raises IssuingError if the form is gone or unknown."""
    return _end(membership, form, USED, certificate=certificate)


def write_off(membership: Membership, form: str, end: str, why: str) -> FormUse:
    """Writes a form off as spoiled or missing, with the reason."""
    if end not in (SPOILED, MISSING) or not why.strip():
        raise IssuingError(
            "issuing.form-why", "Say whether the form is spoiled or missing, and why.", where="why"
        )
    return _end(membership, form, end, why=why.strip()[:200])


def balance(participant: str) -> Balance:
    """The account of a Participant's authority."""
    received = FormReceipt.objects.filter(participant=participant).aggregate(
        n=Sum(F("last") - F("first") + 1)
    )["n"]
    ends = dict(
        FormUse.objects.filter(participant=participant)
        .values_list("end")
        .annotate(n=Count("id"))
        .values_list("end", "n")
    )
    return Balance(int(received or 0), ends.get(USED, 0), ends.get(SPOILED, 0), ends.get(MISSING, 0))


def next_form(participant: str) -> str:
    """The form after the last one that was used of the oldest receipt that has some, as a proposal; else empty."""
    for receipt in FormReceipt.objects.filter(participant=participant).order_by("at", "id"):
        used = FormUse.objects.filter(
            participant=participant, form__gte=receipt.first_form, form__lte=receipt.last_form
        )
        last = used.order_by("-form").values_list("form", flat=True).first()
        serial = receipt.first if last is None else split(last)[1] + 1
        if serial <= receipt.last:
            return f"{receipt.prefix}{serial:0{receipt.digits}d}"
    return ""


def _end(membership: Membership, form: str, end: str, *, certificate: str = "", why: str = "") -> FormUse:
    prefix, serial, digits = split(form)
    written = f"{prefix}{serial:0{digits}d}"
    participant = membership.organisation.participant
    with working():
        known = FormReceipt.objects.filter(
            participant=participant, prefix=prefix, digits=digits, first__lte=serial, last__gte=serial
        )
        if not known.exists():
            raise IssuingError(
                "issuing.form-unknown",
                f"Form {written} was never entered as received.",
                where="form",
                clause=CLAUSE,
                advice="Enter the forms that came in first.",
            )
        try:
            with transaction.atomic():
                use = FormUse.objects.create(
                    participant=participant,
                    form=written,
                    end=end,
                    certificate=certificate,
                    why=why,
                    at=site.office().now(),
                    by=membership.user,
                )
        except IntegrityError:
            before = FormUse.objects.get(participant=participant, form=written)
            about = f" for {before.certificate}" if before.certificate else ""
            raise IssuingError(
                "issuing.form-used",
                f"Form {written} is {before.end}{about} already: a form is used once.",
                where="form",
                clause=CLAUSE,
            ) from None
        audit.record(membership, f"form.{end}", written, certificate=certificate, why=why)
    return use

"""Certificate numbers: the next free one of the ranges that the registry assigned, once and never twice.

Numbers are given out under the database's own lock, in the caller's transaction: if that fails, the number is free
again. Ranges can be set aside for a desk that works while the line is down; they are then skipped here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.db import IntegrityError, connection, transaction

from adamas.office.batch import lock
from adamas.office.certification.models import Certificate
from adamas.office.issuing.errors import IssuingError
from adamas.office.issuing.models import Counter, Reservation, Taken
from adamas.office.web import site
from adamas.scheme.participants import NumberRange
from adamas.scheme.values import CertificateNumber, split_number

CLAUSE = "Annex I A, numbering"
MAX_RESERVED = 10_000
_LOOK = 400


def next_number(participant: str) -> str:
    """The next free number; it is taken from now on. Raises IssuingError ``issuing.no-number``."""
    _locked()
    span, serial = _next(participant)
    number = _written(span, serial)
    _count(participant, span.digits, serial)
    Taken(number, site.office().now()).save(force_insert=True)
    return number


def peek(participant: str) -> str:
    """The number that :func:`next_number` would give; nothing is taken. Empty if there is none."""
    try:
        span, serial = _next(participant)
    except IssuingError:
        return ""
    return _written(span, serial)


def take(number: str) -> str:
    """Takes a number that an officer typed (from a pre-numbered form). Raises IssuingError ``issuing.number-taken``.

    Whether it lies in a range of the authority is asked by the rules when the certificate is prepared.
    """
    _locked()
    parsed = split_number(number)
    if parsed is None:
        raise IssuingError(
            "issuing.number-form",
            f"“{number}” is not a certificate number: two letters and 5 to 10 digits.",
            where="number",
            clause=CLAUSE,
        )
    held = Reservation.objects.filter(
        participant=parsed.code, digits=len(parsed.digits), first__lte=parsed.serial, last__gte=parsed.serial
    ).first()
    if held is not None:
        raise IssuingError(
            "issuing.number-reserved",
            f"{number} is set aside: {held.purpose}.",
            where="number",
            clause=CLAUSE,
        )
    if Certificate.objects.filter(number=number).exists():
        raise _taken(number)
    try:
        with transaction.atomic():
            Taken(number, site.office().now()).save(force_insert=True)
    except IntegrityError:
        raise _taken(number) from None
    return number


def reserve(participant: str, count: int, *, purpose: str, by: str = "") -> Reservation:
    """Sets ``count`` numbers that follow one another aside. Raises IssuingError."""
    if not 1 <= count <= MAX_RESERVED:
        raise IssuingError(
            "issuing.reserve", f"From 1 to {MAX_RESERVED:,} numbers can be set aside at once.", where="count"
        )
    with site.office().changing(), transaction.atomic():
        _locked()
        for span in _spans(participant):
            first = _after(participant, span)
            while first is not None and first + count - 1 <= span.last:
                used = _used(span, first, first + count - 1)
                if not used:
                    break
                first = max(used) + 1
            if first is None or first + count - 1 > span.last:
                continue
            last = first + count - 1
            _count(participant, span.digits, last)
            return Reservation.objects.create(
                participant=participant,
                digits=span.digits,
                first=first,
                last=last,
                purpose=purpose[:120],
                at=site.office().now(),
                by=by,
            )
    raise IssuingError(
        "issuing.no-number",
        f"No range of {participant} has {count:,} free numbers in a row.",
        clause=CLAUSE,
        advice="Ask for fewer, or have the registry assign a further range.",
    )


def numbers_of(reservation: Reservation) -> Iterator[str]:
    """The numbers of a reservation, in order."""
    for serial in range(reservation.first, reservation.last + 1):
        yield f"{reservation.participant}{serial:0{reservation.digits}d}"


def ends_of(reservation: Reservation) -> tuple[str, str]:
    """The first and the last number of a reservation."""
    code, digits = reservation.participant, reservation.digits
    return f"{code}{reservation.first:0{digits}d}", f"{code}{reservation.last:0{digits}d}"


def _locked() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("numbers are given out within a transaction only")
    with connection.cursor() as cursor:
        lock(cursor, connection.vendor)


def _spans(participant: str) -> list[NumberRange]:
    office = site.office()
    office.knowledge.refresh()
    day = site.today().isoformat()
    ranges = office.knowledge.register.number_ranges(office.authority(participant))
    found = []
    for span in ranges:
        if span.code == participant and span.start <= day < span.until:
            first, last = office.bounds.clip(span.digits, span.first, span.last)
            if first <= last:
                found.append(replace(span, first=first, last=last))
    return found


def _next(participant: str) -> tuple[NumberRange, int]:
    for span in _spans(participant):
        serial = _after(participant, span)
        while serial is not None and serial <= span.last:
            until = min(serial + _LOOK, span.last)
            used = _used(span, serial, until)
            free = next((n for n in range(serial, until + 1) if n not in used), None)
            if free is not None:
                return span, free
            serial = until + 1
    raise IssuingError(
        "issuing.no-number",
        f"No number is left in the ranges of {participant}.",
        where="number",
        clause=CLAUSE,
        advice="Have the registry assign a further range.",
    )


def _after(participant: str, span: NumberRange) -> int | None:
    """The first serial of a span that may be free. Without a count, the one after the highest that was issued."""
    last = (
        Counter.objects.filter(participant=participant, digits=span.digits)
        .values_list("last", flat=True)
        .first()
    )
    if last is not None:
        return None if last >= span.last else max(span.first, last + 1)
    low, high = _written(span, span.first), _written(span, span.last)
    highest = (
        Certificate.objects.filter(number__gte=low, number__lte=high)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    number = split_number(highest) if highest else None
    if number is None or len(number.digits) != span.digits:
        return span.first
    return span.first if number.serial >= span.last else number.serial + 1


def _used(span: NumberRange, first: int, last: int) -> set[int]:
    """Serials between two (both included) that are issued, taken or set aside."""
    low, high = _written(span, first), _written(span, last)
    found: set[int] = set()
    for table in (Certificate, Taken):
        for text in table.objects.filter(number__gte=low, number__lte=high).values_list("number", flat=True):
            number: CertificateNumber | None = split_number(text)
            if number is not None and len(number.digits) == span.digits:
                found.add(number.serial)
    held = Reservation.objects.filter(
        participant=span.code, digits=span.digits, last__gte=first, first__lte=last
    )
    for start, end in held.values_list("first", "last"):
        found.update(range(max(start, first), min(end, last) + 1))
    return found


def _count(participant: str, digits: int, last: int) -> None:
    Counter.objects.update_or_create(participant=participant, digits=digits, defaults={"last": last})


def _written(span: NumberRange, serial: int) -> str:
    return f"{span.code}{serial:0{span.digits}d}"


def _taken(number: str) -> IssuingError:
    return IssuingError(
        "issuing.number-taken",
        f"The number {number} was given out already.",
        where="number",
        clause=CLAUSE,
        advice="Take the next one.",
    )

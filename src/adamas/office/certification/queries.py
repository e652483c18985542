"""What only the calendar says of certificates, asked on a day: expired, overdue, due, still expected. Pure reads.

The views have no clock (a replay must give the same rows), so whoever shows a certificate asks here. Days are ISO
texts; every query goes by an index: (to, state, …), (participant, state, …) or (due).

    expected(["AE"], "2025-03-05")    what is on its way to the Emirates and may still lawfully arrive
    overdue("2025-06-01", to=["AE"])  arrivals that nobody confirmed in time (III(b), bullet 2)
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from adamas.office.certification.models import Certificate
from adamas.scheme.certificates import CertificateRecord, status
from adamas.scheme.lifecycle import State
from adamas.scheme.values import day_of, ordinal

DEFAULT = "default"
UNDER_WAY = (State.VALIDATED.value, State.SHIPPED.value)
"""States in which goods may arrive (lifecycle table, “receive”)."""
OPEN = (State.ISSUED.value, *UNDER_WAY)
"""States that the calendar can end."""
CLAUSE_DUE = "III(b), bullet 2; LAW-EU-5-1"


def status_of(view: Certificate, today: str) -> State:
    """The state of a certificate's row on a day, as :func:`adamas.scheme.certificates.status` gives it of a record."""
    return status(CertificateRecord(view.number, State(view.state), expires=view.expires), today)


def expected(
    to: Sequence[str], today: str, *, announced: bool = False, alias: str = DEFAULT
) -> QuerySet[Certificate]:
    """Certificates to these Participants that are validated or dispatched and have not expired, first to expire first.

    With ``announced`` also those that were issued and not validated yet: no goods may travel on them so far.
    """
    states = OPEN if announced else UNDER_WAY
    found = Certificate.objects.using(alias).filter(to__in=list(to), state__in=states, expires__gte=today)
    return found.order_by("expires", "number")


def expired(
    today: str, *, to: Sequence[str] = (), participants: Sequence[str] = (), alias: str = DEFAULT
) -> QuerySet[Certificate]:
    """Certificates that ran out before anybody confirmed or ended them (Annex I A, date of expiry)."""
    found = Certificate.objects.using(alias).filter(
        _ends(to, participants), state__in=OPEN, expires__lt=today
    )
    return found.order_by("expires", "number")


def open_confirmations(
    *, to: Sequence[str] = (), participants: Sequence[str] = (), alias: str = DEFAULT
) -> QuerySet[Certificate]:
    """Every certificate whose import confirmation is still to come, first due first."""
    found = Certificate.objects.using(alias).filter(_ends(to, participants), due__isnull=False)
    return found.order_by("due", "number")


def due_by(
    day: str, *, to: Sequence[str] = (), participants: Sequence[str] = (), alias: str = DEFAULT
) -> QuerySet[Certificate]:
    """Open confirmations that are due on that day or before."""
    return open_confirmations(to=to, participants=participants, alias=alias).filter(due__lte=ordinal(day))


def overdue(
    today: str, *, to: Sequence[str] = (), participants: Sequence[str] = (), alias: str = DEFAULT
) -> QuerySet[Certificate]:
    """Open confirmations whose last day has passed (III(b), bullet 2)."""
    return open_confirmations(to=to, participants=participants, alias=alias).filter(due__lt=ordinal(today))


def due_day(view: Certificate) -> str:
    """The last day for the confirmation as a date; empty where none is awaited."""
    return "" if view.due is None else day_of(view.due)


def days_late(view: Certificate, today: str) -> int:
    """Days since the confirmation was due; negative while there is time, 0 where none is awaited."""
    return 0 if view.due is None else ordinal(today) - view.due


def day_after(today: str, days: int) -> str:
    """A day some days later (earlier, if negative)."""
    return (datetime.date.fromisoformat(today) + datetime.timedelta(days=days)).isoformat()


def _ends(to: Sequence[str], participants: Sequence[str]) -> Q:
    wanted = Q()
    if to:
        wanted &= Q(to__in=list(to))
    if participants:
        wanted &= Q(participant__in=list(participants))
    return wanted

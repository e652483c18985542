"""Reminders of import confirmations (III(b), bullet 2): soon due, overdue, and overdue for long; each once.

The worker calls :func:`chase` every quarter of an hour; calling it twice sends nothing twice, since a reminder that
went out stands in the table. It writes to the officers of a destination hosted here, or to the address that the
exporting authority entered for a destination elsewhere, and tells webhooks by a signal.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from django.core.mail import EmailMessage
from django.db import transaction
from django_tasks import task

from adamas.office.arrival import signals
from adamas.office.arrival.models import Chase
from adamas.office.certification import queries
from adamas.office.certification.models import Certificate
from adamas.office.issuing.models import NoticeAddress
from adamas.office.people.models import Membership
from adamas.office.web import site
from adamas.office.web.jobs import later
from adamas.scheme import history

HOSTED, MAIL, NONE = "hosted", "mail", "none"
AT_ONCE = 2_000


class Level(NamedTuple):
    """One step of reminding: ``days`` after the last day for the confirmation, and who is written to."""

    days: int
    roles: tuple[str, ...]
    exporter: bool
    subject: str


LEVELS: tuple[Level, ...] = (
    Level(-3, ("importing",), False, "Import confirmations are due within three days"),
    Level(1, ("importing",), False, "Import confirmations are overdue"),
    Level(8, ("importing", "administrator"), True, "Import confirmations are overdue for a week"),
    Level(22, ("importing", "administrator"), True, "Import confirmations are overdue for three weeks"),
)
"""Each level is harder than the one before: later ones go to administrators and to the exporting authority too."""


def chase() -> int:
    """Sends the reminders that are due today; gives how many certificates were reminded of."""
    office, today = site.office(), site.today().isoformat()
    hosted = list(office.config.participants)
    reminded = 0
    for number, level in reversed(list(enumerate(LEVELS))):
        until = queries.day_after(today, -level.days)
        late = Certificate.objects.none()
        late |= queries.due_by(until, to=hosted).order_by()
        late |= queries.due_by(until, participants=hosted).order_by()
        # a level passed over (the office was off) is not sent afterwards: the harder one was
        done = Chase.objects.filter(level__gte=number).values("number")
        wanted = list(late.exclude(number__in=done).order_by("due", "number").distinct()[:AT_ONCE])
        if wanted:
            _remind(wanted, number)
            reminded += len(wanted)
    return reminded


def _remind(certificates: list[Certificate], level: int) -> None:
    """Puts one level's letters on the way, and on record, in one transaction."""
    office = site.office()
    letters: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    with transaction.atomic():
        rows = []
        for view in certificates:
            ways = _addresses(view, LEVELS[level])
            for way, side in ways:
                letters[way, side, view.to if side == "to" else view.participant].append(view.number)
            rows.append(
                Chase(number=view.number, level=level, at=office.now(), way=ways[0][0] if ways else NONE)
            )
        Chase.objects.bulk_create(rows, ignore_conflicts=True)
        for (way, side, code), numbers in letters.items():
            later(mail, level, way, side, code, numbers)
        numbers = [view.number for view in certificates]
        signals.overdue.send(sender=Chase, numbers=numbers, level=level)


def _addresses(view: Certificate, level: Level) -> list[tuple[str, str]]:
    """How the destination, and at harder levels the exporting side, are reached: (way, side)."""
    hosted = site.office().config.participants
    found = []
    if view.to in hosted:
        found.append((HOSTED, "to"))
    elif NoticeAddress.objects.filter(participant=view.participant, to=view.to).exists():
        found.append((MAIL, "to"))
    if level.exporter and view.participant in hosted:
        found.append((HOSTED, "from"))
    return found


@task()
def mail(level: int, way: str, side: str, code: str, numbers: list[str]) -> None:
    """Job: one letter about several certificates, to the officers of a Participant or to its address."""
    rule, names = LEVELS[level], history.names()
    views = list(Certificate.objects.filter(number__in=numbers).order_by("due", "number"))
    if way == HOSTED:
        roles = rule.roles if side == "to" else ("issuing", "administrator")
        people = Membership.objects.filter(
            organisation__participant=code,
            organisation__kind="authority",
            organisation__active=True,
            role__in=roles,
            active=True,
            user__is_active=True,
        ).exclude(user__email__endswith="@clients.invalid")  # programs read no mail; webhooks tell them
        to = sorted(set(people.values_list("user__email", flat=True)))
    else:
        senders = {view.participant for view in views}
        to = sorted(
            set(NoticeAddress.objects.filter(participant__in=senders, to=code).values_list("mail", flat=True))
        )
    if not to:
        return
    lines = [f"{rule.subject} ({queries.CLAUSE_DUE}):", ""]
    for view in views:
        lines.append(
            f"{view.number} from {names.get(view.participant, view.participant)} to {names.get(view.to, view.to)}: "
            f"expires {view.expires}, confirmation due {queries.due_day(view) or 'no longer'}"
        )
    lines += ["", "Confirm what arrived, or tell the exporting authority what became of the shipment."]
    EmailMessage(f"{rule.subject}: {len(views)}", "\n".join(lines), to=to).send()

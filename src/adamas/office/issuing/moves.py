"""How an application is changed: under the database's lock, by the table of its life, with a trace of who did what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, transaction

from adamas.office.batch import lock
from adamas.office.database import failures
from adamas.office.issuing import signals
from adamas.office.issuing.errors import IssuingError, Moved
from adamas.office.issuing.lifecycle import MOVES, STATES, TOLD, Move
from adamas.office.issuing.models import Application, Step
from adamas.office.people import audit
from adamas.office.web import site

if TYPE_CHECKING:
    from adamas.office.people.models import Membership


@contextmanager
def working() -> Iterator[None]:
    """Around an act that may sign: one at a time in this process and in the database, all of it or nothing.

    The order is the same everywhere (first this process's turn, then the database's lock), so that two acts never
    wait for one another.
    """
    with failures(), site.office().changing(), transaction.atomic():
        with connection.cursor() as cursor:
            lock(cursor, connection.vendor)
        yield


@contextmanager
def changing(application: Application) -> Iterator[Application]:
    """Around a change of one application: as it stands in the database now, saved at the end."""
    with working():
        fresh = Application.objects.select_related("organisation", "applicant", "officer", "approver").get(
            pk=application.pk
        )
        yield fresh
        fresh.changed = site.office().now()
        fresh.save()
    application.refresh_from_db()


def possible(application: Application, act: str, membership: Membership) -> Move:
    """The move of the table that an act is. Raises Moved, IssuingError ``issuing.role`` if it may not be done."""
    rule = MOVES.get((application.state, act))
    if rule is None:
        state = str(STATES.get(application.state, application.state))
        raise Moved(
            "issuing.moved",
            f"The application is in the state “{state}”; this cannot be done with it now.",
            where="state",
            advice="Load the page again: somebody may have worked on it meanwhile.",
        )
    if membership.role != rule.role:
        raise IssuingError("issuing.role", f"This is for the role {rule.role}.", clause=rule.clause)
    return rule


def move(application: Application, act: str, membership: Membership, text: str = "") -> None:
    """Moves an application by an act of the table, and leaves a trace. Raises as :func:`possible`."""
    rule = possible(application, act, membership)
    before, application.state = application.state, rule.to
    application.since = site.office().now()
    trace(application, act, membership, text)
    audit.record(
        membership,
        f"application.{act}",
        f"application {application.pk}",
        before=before,
        after=rule.to,
        number=application.number,
        digest=bytes(application.digest).hex() if application.digest else "",
        also=application.organisation if act in TOLD else None,
    )
    signals.moved.send(sender=Application, application=application, act=act)


def trace(application: Application, act: str, membership: Membership, text: str = "") -> None:
    """Adds a line to the application's thread."""
    Step.objects.create(
        application=application,
        at=site.office().now(),
        by=membership.user,
        office=membership.role != "exporter",
        act=act,
        text=text.replace("\0", "").strip()[:4_000],
    )

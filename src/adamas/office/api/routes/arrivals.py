"""The arrival desk: what is expected, and the decision on a shipment with what was found in it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router

from adamas.office.api import schemas as s
from adamas.office.api import shown
from adamas.office.api.routes import operation
from adamas.office.api.routes.inspections import found_of, opened
from adamas.office.api.tokens import me
from adamas.office.arrival import actions
from adamas.office.arrival.models import Chase, Inspection
from adamas.office.certification import queries
from adamas.office.issuing.moves import working
from adamas.office.people.models import Membership
from adamas.office.web import site

router = Router()
_LARGEST = 2**62


@operation(router, "GET", "/arrivals", s.CertificateList, scope="read", roles=("importing", "customs"))
def list_arrivals(
    request: HttpRequest,
    announced: bool = Query(False),
    sender: str = Query("", max_length=2, description="Only those of this Participant."),
    begins: str = Query("", max_length=12, description="Only numbers that begin so."),
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """What is on its way here, first to expire first. ``announced`` adds those that are not validated yet."""
    code, today = me(request).organisation.participant, site.today().isoformat()
    found = queries.expected([code], today, announced=announced)
    for name, value in (("participant", sender), ("number__startswith", begins)):
        if value:
            found = found.filter(**{name: value.upper().replace("\0", "")})
    if cursor:
        day, number = shown.place(cursor, (str, str))
        found = found.filter(expires__gte=day).filter(Q(expires__gt=day) | Q(number__gt=number))
    rows = list(found[: limit + 1])
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": [shown.row(view, today) for view in rows[:limit]],
        "next": shown.cursor(last.expires, last.number) if last else None,
    }


@operation(router, "GET", "/confirmations", s.DueList, scope="read", roles=("importing", "customs"))
def list_confirmations(
    request: HttpRequest, cursor: str = Query("", max_length=400), limit: int = Query(50, ge=1, le=200)
) -> Any:
    """Import confirmations that are still to come (III(b), bullet 2). First due first, with the reminders that went
    out."""
    code, today = me(request).organisation.participant, site.today().isoformat()
    found = queries.open_confirmations(to=[code])
    if cursor:
        due, number = shown.place(cursor, (int, str))
        due = max(min(due, _LARGEST), -_LARGEST)
        found = found.filter(due__gte=due).filter(Q(due__gt=due) | Q(number__gt=number))
    rows = list(found[: limit + 1])
    sent = Chase.objects.filter(number__in=[view.number for view in rows]).order_by("level")
    chased = dict(sent.values_list("number", "level"))
    return shown.page(
        rows,
        limit,
        lambda view: shown.cursor(view.due, view.number),
        lambda view: {
            **shown.row(view, today),
            "days_late": queries.days_late(view, today),
            "reminders": chased.get(view.number, 0),
        },
    )


@operation(router, "POST", "/arrivals/{number}/receive", s.DecisionOut, scope="arrive", roles=("importing",))
def receive(request: HttpRequest, number: str, body: s.FoundIn) -> Any:
    """Confirms an import (III(b), bullet 2). What was found is compared with what was declared; a discrepancy opens a
    question to the exporting authority."""
    return _decide(me(request), number, body, actions.RECEIVED)


@operation(router, "POST", "/arrivals/{number}/refuse", s.DecisionOut, scope="arrive", roles=("importing",))
def refuse(request: HttpRequest, number: str, body: s.RefuseIn) -> Any:
    """Does not admit a shipment. The reason is published."""
    return _decide(me(request), number, body, actions.REFUSED, body.why, body.published)


@operation(router, "POST", "/arrivals/{number}/return", s.DecisionOut, scope="arrive", roles=("importing",))
def return_(request: HttpRequest, number: str, body: s.ReturnIn) -> Any:
    """Sends a shipment back. The words are published."""
    return _decide(me(request), number, body, actions.RETURNED, "", body.published)


@operation(router, "POST", "/arrivals/{number}/seize", s.DecisionOut, scope="arrive")
def seize(request: HttpRequest, number: str, body: s.ReturnIn) -> Any:
    """Takes a shipment (IV(d)). The words are published."""
    return _decide(me(request), number, body, actions.SEIZED, "", body.published)


def _decide(
    who: Membership, number: str, body: s.FoundIn, verdict: str, why: str = "", note: str = ""
) -> Any:
    """Records what was found and decides, both or neither. The same again gives the decision that was made."""
    found = found_of(body)
    code = who.organisation.participant
    with working():
        actions.record_for(who, number)
        before = Inspection.objects.filter(participant=code, number=number).exclude(verdict="").last()
        if before is not None and before.verdict == verdict and _same(before, found):
            held = before
        else:
            open_ = opened(who, number)
            held = open_ if open_ is not None and _same(open_, found) else actions.inspect(who, number, found)
            held = actions.decide(who, held, verdict, version=held.version, why=why, note=note)
    return {
        "number": number,
        "verdict": held.verdict,
        "agrees": held.agrees,
        "statement": shown.identity(held.statement),
    }


def _same(held: Inspection, found: actions.Found) -> bool:
    return (held.parcels, held.carats, held.value, held.seals) == (
        found.parcels,
        found.carats,
        found.value,
        found.seals,
    )

"""The issuing desk: review, preparing, and signing what two persons confirmed. Nothing here approves."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router

from adamas.office.api import schemas_desk as d
from adamas.office.api import shown_desk as shown
from adamas.office.api.routes import operation
from adamas.office.api.routes.applications import application_of
from adamas.office.api.shown import identity
from adamas.office.api.tokens import me
from adamas.office.issuing import actions
from adamas.office.issuing.models import Application

router = Router()
_LOOKING = ("issuing", "auditor")


@operation(router, "GET", "/review/{id}", d.ReviewOut, scope="read", roles=_LOOKING)
def get_review(request: HttpRequest, id: int) -> Any:
    """An application as the desk sees it. The checklist of the rulebook, prices, the exporter's earlier dealings,
    who may approve, and the acts that its state allows."""
    return shown.review(me(request), application_of(me(request), id))


@operation(router, "GET", "/review/{id}/prepared", d.PreparedOut, scope="read", roles=_LOOKING)
def get_prepared(request: HttpRequest, id: int) -> Any:
    """The exact statement that was prepared, with its digest, and who stands for it so far. 404 if there is none."""
    found = application_of(me(request), id)
    ready = actions.prepared_of(found)
    if ready is None:
        raise Http404
    return shown.prepared(found, ready)


@operation(router, "POST", "/review/{id}/take", d.ReviewOut, scope="review")
def take_application(request: HttpRequest, id: int) -> Any:
    """Takes an application into review."""
    return _done(request, id, actions.take)


@operation(router, "POST", "/review/{id}/ask", d.ReviewOut, scope="review")
def ask_exporter(request: HttpRequest, id: int, body: d.TextIn) -> Any:
    """Sends an application back to the exporter with a question."""
    return _done(request, id, lambda who, found: actions.ask(who, found, body.text))


@operation(router, "POST", "/review/{id}/messages", d.ReviewOut, scope="review")
def tell_exporter(request: HttpRequest, id: int, body: d.TextIn) -> Any:
    """Adds a message to the thread. The exporter reads it."""
    return _done(request, id, lambda who, found: actions.say(who, found, body.text))


@operation(router, "POST", "/review/{id}/refuse", d.ReviewOut, scope="review")
def refuse_application(request: HttpRequest, id: int, body: d.TextIn) -> Any:
    """Refuses an application for good. The exporter reads why."""
    return _done(request, id, lambda who, found: actions.refuse(who, found, body.text))


@operation(router, "POST", "/review/{id}/prepare", d.PreparedOut, scope="issue")
def prepare_certificate(request: HttpRequest, id: int, body: d.PrepareIn) -> Any:
    """Makes the certificate ready. Number, days, seals, and who is to approve; nothing is signed. The approving officer
    approves its digest on a page, by a second factor, and an issuing officer confirms it in the same way."""
    who, found = me(request), application_of(me(request), id)
    ready = actions.prepare(
        who,
        found,
        approver=actions.approver_of(who, found, body.approver),
        issued=body.issued,
        expires=body.expires,
        seals=body.seals,
        number=body.number,
    )
    return shown.prepared(found, ready)


@operation(router, "POST", "/review/{id}/take-back", d.ReviewOut, scope="issue")
def take_back(request: HttpRequest, id: int) -> Any:
    """Takes back what was prepared. An approval of it counts no more."""
    return _done(request, id, actions.take_back)


@operation(router, "POST", "/review/{id}/issue", d.IssuedOut, scope="issue")
def issue_certificate(request: HttpRequest, id: int, body: d.IssueIn) -> Any:
    """Signs and logs what two persons confirmed. 409 if another statement stands there than the one of ``digest``; the
    same again gives the same certificate."""
    found = application_of(me(request), id)
    actions.issue(me(request), found, digest=bytes.fromhex(body.digest))
    return {"number": found.number, "state": found.state, "statement": identity(found.statement)}


def _done(request: HttpRequest, id: int, act: Any) -> Any:
    who = me(request)
    found: Application = application_of(who, id)
    act(who, found)
    return shown.review(who, found)

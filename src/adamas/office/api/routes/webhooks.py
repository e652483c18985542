"""Webhooks of the caller's organisation: entered, given another secret, ended; what they were told, told again."""

from __future__ import annotations

from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Query, Router, Status

from adamas.office.api import schemas_webhooks as s
from adamas.office.api import shown
from adamas.office.api import webhooks as hooks
from adamas.office.api.models import Delivery, Webhook
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.people.models import Membership

router = Router()
_LARGEST = 2**62


@operation(router, "GET", "/webhooks", s.WebhookList, scope="webhooks")
def list_webhooks(
    request: HttpRequest,
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Webhooks of your organisation, newest first. Those that ended too."""
    found = shown.before(_own(me(request)).order_by("-pk"), cursor)
    return shown.page(list(found[: limit + 1]), limit, lambda one: shown.cursor(one.pk), _webhook)


@operation(router, "POST", "/webhooks", s.WebhookMade, scope="webhooks", status=201)
def make_webhook(request: HttpRequest, body: s.WebhookIn) -> Any:
    """Enters an address that is told what happens. The secret is in this answer and is not shown again."""
    made, secret = hooks.make(me(request), body.url, body.events)
    return Status(201, {**_webhook(made), "secret": secret})


@operation(router, "GET", "/webhooks/{id}", s.WebhookOut, scope="webhooks")
def get_webhook(request: HttpRequest, id: int) -> Any:
    """One webhook."""
    return _webhook(_of(me(request), id))


@operation(router, "POST", "/webhooks/{id}/rotate", s.WebhookMade, scope="webhooks")
def rotate_webhook(request: HttpRequest, id: int, body: s.RotateIn) -> Any:
    """Gives it another secret. For a day messages carry a signature by each, unless ``at_once`` ends the old one."""
    found = _of(me(request), id, ended=None)
    secret = hooks.renew(me(request), found, at_once=body.at_once)
    return {**_webhook(found), "secret": secret}


@operation(router, "DELETE", "/webhooks/{id}", s.WebhookOut, scope="webhooks")
def end_webhook(request: HttpRequest, id: int) -> Any:
    """Ends a webhook. What waits is not sent; what it was told stays readable for a month."""
    found = _of(me(request), id)
    if found.ended is None:
        hooks.end(me(request), found)
    return _webhook(found)


@operation(router, "GET", "/webhooks/{id}/deliveries", s.DeliveryList, scope="webhooks")
def list_deliveries(
    request: HttpRequest,
    id: int,
    state: Literal["waiting", "done", "failed"] | None = None,
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """What a webhook was told, newest first. Kept for thirty days."""
    found = shown.before(_of(me(request), id).deliveries.order_by("-pk"), cursor)
    if state is not None:
        found = found.filter(state=state)
    return shown.page(list(found[: limit + 1]), limit, lambda one: shown.cursor(one.pk), _delivery)


@operation(router, "POST", "/deliveries/{id}/again", s.DeliveryOut, scope="webhooks")
def send_again(request: HttpRequest, id: int) -> Any:
    """Has a message sent again, under the same id. Within a minute."""
    who = me(request)
    if not 0 < id < _LARGEST:
        raise Http404
    found = Delivery.objects.filter(pk=id, webhook__in=_own(who), webhook__ended=None).first()
    if found is None:
        raise Http404
    hooks.again(who, found)
    return _delivery(found)


def _own(who: Membership) -> Any:
    """Whoever the administrator gave the scope keeps the organisation's webhooks."""
    return Webhook.objects.filter(organisation=who.organisation_id)


def _of(who: Membership, key: int, **more: Any) -> Webhook:
    found: Webhook | None = _own(who).filter(pk=key, **more).first() if 0 < key < _LARGEST else None
    if found is None:
        raise Http404
    return found


def _webhook(one: Webhook) -> dict[str, Any]:
    return {
        "id": one.pk,
        "url": one.url,
        "events": one.events,
        "made": one.made,
        "ended": one.ended,
        "overlap_until": one.before_until,
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.pk,
        "event": one.event,
        "message": one.message,
        "body": one.body,
        "state": one.state,
        "at": one.at,
        "due": one.due,
        "tries": one.tries,
        "answer": one.answer,
        "trouble": one.trouble,
        "done": one.done,
    }

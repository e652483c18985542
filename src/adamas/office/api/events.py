"""What webhooks are told: written into the outbox in the transaction of what happened, sent afterwards (api.sending).

Messages hold no private content: a number, its state and the two Participants. A program asks the API for the rest.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from adamas.office.aftercare import signals as aftercare
from adamas.office.api.models import Delivery, Webhook
from adamas.office.api.visible import OFFICIAL
from adamas.office.arrival import signals as arrival
from adamas.office.arrival.models import Question
from adamas.office.certification.models import Certificate
from adamas.office.issuing import signals as issuing
from adamas.office.issuing.models import Application
from adamas.office.web import site

EVENTS: Mapping[str, Promise] = {
    "certificate.issued": _("A certificate was issued"),
    "certificate.amended": _("A certificate was corrected, replaced, revoked, or a forgery was reported"),
    "shipment.validated": _("A shipment was validated for export"),
    "shipment.dispatched": _("A shipment left"),
    "shipment.decided": _("The importing side decided on a shipment"),
    "confirmation.due": _("An import confirmation is due or overdue"),
    "application.moved": _("An application changed its state"),
    "question.changed": _("A question between two authorities was opened, answered or closed"),
}
"""Event → what it says."""


def connect() -> None:
    """Listens to the desks."""
    issuing.issued.connect(_issued, dispatch_uid="api.issued")
    issuing.validated.connect(_validated, dispatch_uid="api.validated")
    issuing.dispatched.connect(_dispatched, dispatch_uid="api.dispatched")
    issuing.moved.connect(_moved, dispatch_uid="api.moved")
    arrival.decided.connect(_decided, dispatch_uid="api.decided")
    arrival.overdue.connect(_overdue, dispatch_uid="api.overdue")
    arrival.asked.connect(_asked, dispatch_uid="api.asked")
    aftercare.signed.connect(_signed, dispatch_uid="api.signed")


def _issued(numbers: list[str], **_: Any) -> None:
    _certificates("certificate.issued", numbers)


def _validated(numbers: list[str], **_: Any) -> None:
    _certificates("shipment.validated", numbers)


def _dispatched(numbers: list[str], **_: Any) -> None:
    _certificates("shipment.dispatched", numbers)


def _decided(numbers: list[str], verdict: str, **_: Any) -> None:
    _certificates("shipment.decided", numbers, verdict=verdict)


def _overdue(numbers: list[str], level: int, **_: Any) -> None:
    _certificates("confirmation.due", numbers, level=level)


def _signed(numbers: list[str], kind: str, **_: Any) -> None:
    _certificates("certificate.amended", numbers, kind=kind)


def _moved(application: Application, act: str, **_: Any) -> None:
    hooks = _listening("application.moved")
    if not hooks:
        return
    body = {
        "application": application.pk,
        "reference": application.reference,
        "state": application.state,
        "act": act,
        "number": application.number,
    }
    to = [
        hook
        for hook in hooks
        if hook.organisation_id == application.organisation_id
        or (
            hook.organisation.kind == "authority"
            and hook.organisation.participant == application.participant
            and application.submitted is not None
        )
    ]
    _write("application.moved", [(hook, body) for hook in to])


def _asked(question: Question, act: str, **_: Any) -> None:
    body = {"question": question.pk, "number": question.number, "state": question.state, "act": act}
    ends = (question.asker, question.asked)
    _write(
        "question.changed",
        [
            (hook, body)
            for hook in _listening("question.changed")
            if hook.organisation.kind in OFFICIAL and hook.organisation.participant in ends
        ],
    )


def _certificates(event: str, numbers: Iterable[str], **more: Any) -> None:
    """Tells both ends of each journey, and the exporter whose certificate it is."""
    hooks, numbers = _listening(event), list(numbers)
    if not hooks or not numbers:
        return
    views = Certificate.objects.filter(number__in=numbers)
    owners = dict(Application.objects.filter(number__in=numbers).values_list("number", "organisation_id"))
    told = []
    for view in views:
        body = {
            "number": view.number,
            "state": view.state,
            "participant": view.participant,
            "to": view.to,
            **more,
        }
        for hook in hooks:
            official = hook.organisation.kind in OFFICIAL
            if hook.organisation_id == owners.get(view.number) or (
                official and hook.organisation.participant in (view.participant, view.to)
            ):
                told.append((hook, body))
    _write(event, told)


def _listening(event: str) -> list[Webhook]:
    active = Webhook.objects.filter(Q(ended=None), organisation__active=True).select_related("organisation")
    return [hook for hook in active if event in hook.events]


def _write(event: str, told: list[tuple[Webhook, dict[str, Any]]]) -> None:
    now = site.office().now()
    stamp = datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")
    Delivery.objects.bulk_create(
        Delivery(
            webhook=hook,
            event=event,
            message=f"msg_{secrets.token_hex(16)}",
            body=json.dumps({"type": event, "timestamp": stamp, "data": body}, separators=(",", ":")),
            at=now,
            due=now,
        )
        for hook, body in told
    )

"""What an administrator does with webhooks: enter an address, change its secret, end it, have a message sent again."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from adamas.office.api import outside, secrets
from adamas.office.api.errors import ApiError
from adamas.office.api.events import EVENTS
from adamas.office.api.models import Delivery, Webhook
from adamas.office.people import audit
from adamas.office.people.models import Membership
from adamas.office.web import site

MAX_WEBHOOKS = 20
OVERLAP = 86_400
"""Seconds in which the secret before the newest one still signs, so that a receiver changes it without a gap."""


def make(membership: Membership, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """A new webhook and its secret, shown once. Raises ApiError ``webhook.*`` for an address that is not called."""
    url = url.strip()
    if len(url) > 500:
        raise ApiError("webhook.address", "The address is too long.", where="url")
    if not events or any(event not in EVENTS for event in events):
        raise ApiError("webhook.events", "Choose at least one event.", where="events")
    if Webhook.objects.filter(organisation=membership.organisation, ended=None).count() >= MAX_WEBHOOKS:
        raise ApiError("webhook.many", f"At most {MAX_WEBHOOKS} webhooks are kept.", advice="End one first.")
    outside.target(url)
    shown, kept = secrets.new()
    with transaction.atomic():
        made = Webhook.objects.create(
            organisation=membership.organisation,
            url=url,
            secret=kept,
            events=list(dict.fromkeys(events)),
            by=membership.user,
            made=site.office().now(),
        )
        audit.record(membership, "webhook.made", url, events=made.events)
    return made, shown


def renew(membership: Membership, webhook: Webhook, *, at_once: bool = False) -> str:
    """A new secret from the next message on; the one before signs beside it for a day, unless it ends ``at_once``."""
    now = site.office().now()
    with transaction.atomic():
        webhook.before, webhook.before_until = (None, None) if at_once else (webhook.secret, now + OVERLAP)
        shown, webhook.secret = secrets.new()
        webhook.save(update_fields=["secret", "before", "before_until"])
        audit.record(membership, "webhook.renewed", webhook.url, at_once=at_once)
    return shown


def secrets_of(webhook: Webhook, now: int) -> list[str]:
    """The secrets that sign a message now, the newest first."""
    kept = [webhook.secret]
    if webhook.before is not None and now < (webhook.before_until or 0):
        kept.append(webhook.before)
    return [secrets.opened(one) for one in kept]


def end(membership: Membership, webhook: Webhook) -> None:
    """Ends a webhook; what waits is not sent."""
    with transaction.atomic():
        webhook.ended = webhook.ended or site.office().now()
        webhook.before = webhook.before_until = None
        webhook.save(update_fields=["ended", "before", "before_until"])
        audit.record(membership, "webhook.ended", webhook.url)


def again(membership: Membership, delivery: Delivery) -> None:
    """Has a message sent again, soon, under the same id."""
    with transaction.atomic():
        delivery.state, delivery.due, delivery.tries = "waiting", site.office().now(), 0
        delivery.save(update_fields=["state", "due", "tries"])
        audit.record(membership, "webhook.again", delivery.webhook.url, message=delivery.message)

"""Sends what waits in the outbox, signed by Standard Webhooks, and tries again what was not taken."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from django.utils import timezone
from standardwebhooks import Webhook as Signer

from adamas.errors import AdamasError
from adamas.office.api import outside, webhooks
from adamas.office.api.models import Delivery
from adamas.office.web import site

log = logging.getLogger("webhooks")
WAITS = (30, 300, 1_800, 7_200, 21_600, 43_200, 86_400)
"""Seconds to the next try, by how often it was tried; after the last it is given up (about two days)."""
AT_ONCE = 50
TURN_SECONDS = 20.0
"""After so long the other work that comes round has its turn."""
KEPT_SECONDS = 30 * 86_400


def deliver() -> int:
    """Sends what is due, oldest first; gives how many were taken. Called every few seconds by the worker."""
    due = Delivery.objects.filter(state="waiting", due__lte=site.office().now(), webhook__ended=None)
    taken, begun = 0, time.monotonic()
    for one in due.select_related("webhook").order_by("due", "pk")[:AT_ONCE]:
        taken += _try(one)
        if time.monotonic() - begun > TURN_SECONDS:
            break
    return taken


def _try(one: Delivery) -> bool:
    """One try. What is not taken with a status 2xx waits for the next; 410 says that nobody will ever take it."""
    now = site.office().now()
    one.tries += 1
    one.answer, one.trouble = 0, ""
    try:
        stamp = datetime.fromtimestamp(now, UTC)
        signature = " ".join(
            Signer(secret).sign(one.message, stamp, one.body)
            for secret in webhooks.secrets_of(one.webhook, now)
        )
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "adamas-webhooks/1",
            "webhook-id": one.message,
            "webhook-timestamp": str(now),
            "webhook-signature": signature,
        }
        one.answer = outside.send(outside.target(one.webhook.url), one.body.encode(), headers)
    except AdamasError as error:
        one.trouble = error.sentence[:300]
    if 200 <= one.answer < 300:
        one.state, one.done = "done", now
    elif one.tries > len(WAITS) or one.answer == 410:
        one.state = "failed"
        log.warning("Webhook %d was not told %s after %d tries.", one.webhook_id, one.message, one.tries)
    else:
        one.due = now + WAITS[one.tries - 1]
    one.save(update_fields=["tries", "answer", "trouble", "state", "done", "due"])
    return one.state == "done"


def forget() -> None:
    """Takes away messages of long ago, answers kept for repeated requests, and tokens that have run out."""
    from oauth2_provider.models import get_access_token_model

    from adamas.office.api import door

    get_access_token_model().objects.filter(expires__lt=timezone.now()).delete()

    Delivery.objects.exclude(state="waiting").filter(at__lt=site.office().now() - KEPT_SECONDS).delete()
    door.forget()

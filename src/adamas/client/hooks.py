"""Calls about webhooks, and the check of what a webhook was told (Standard Webhooks)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adamas.client.line import Line, part
from adamas.client.reading import take

TOLERANCE = 300
"""Seconds by which a message's time may differ from ours: what is older may be an old one sent again by somebody."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told what happens. ``secret`` is empty unless it was made just now."""

    id: int
    url: str
    events: tuple[str, ...]
    made: int
    ended: int | None = None
    overlap_until: int | None = None
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message; ``state`` is waiting, done or failed, ``answer`` the last HTTP status or 0, times in unix seconds."""

    id: int
    event: str
    message: str
    body: str
    state: str
    at: int
    due: int
    tries: int
    answer: int
    trouble: str
    done: int | None = None


class Hooks(Line):
    """Webhooks of the client's organisation."""

    def webhooks(self) -> Iterator[Webhook]:
        """All of them, newest first."""
        return self._pages(Webhook, "webhooks")

    def webhook(self, id: int) -> Webhook:
        """One of them."""
        return self._get(Webhook, f"webhooks/{id}")

    def make_webhook(self, url: str, *events: str) -> Webhook:
        """Enters an address; the answer holds its secret, once."""
        return self._post(Webhook, "webhooks", {"url": url, "events": list(events)})

    def rotate_webhook(self, id: int, *, at_once: bool = False) -> Webhook:
        """Another secret; both sign for a day, unless the old one ends ``at_once``."""
        return self._post(Webhook, f"webhooks/{id}/rotate", {"at_once": at_once})

    def end_webhook(self, id: int) -> Webhook:
        """Ends it."""
        return take(Webhook, self._json("DELETE", f"webhooks/{id}"))

    def deliveries(self, id: int, state: str = "") -> Iterator[Delivery]:
        """What it was told, newest first."""
        return self._pages(Delivery, f"webhooks/{id}/deliveries", state=state)

    def send_again(self, delivery: int) -> Delivery:
        """Has a message sent again."""
        return self._post(Delivery, f"deliveries/{part(str(delivery))}/again")


def genuine(secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> bool:
    """Whether a message that a receiver got is the office's: signed by ``secret``, and not older than five minutes.

    Remember ``webhook-id``s too: the same message may come twice.
    """
    given = {name.lower(): value for name, value in headers.items()}
    stamp = given.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return False
    if abs(int(stamp) - (time.time() if now is None else now)) > TOLERANCE:
        return False
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    signed = f"{given.get('webhook-id', '')}.{stamp}.".encode() + body
    mine = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    told = given.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(f"v1,{mine}".encode(), one.encode()) for one in told)

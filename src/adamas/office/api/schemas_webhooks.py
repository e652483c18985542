"""What the API takes and gives about webhooks."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from adamas.office.api.schemas import Given

Event = Literal[
    "certificate.issued",
    "certificate.amended",
    "shipment.validated",
    "shipment.dispatched",
    "shipment.decided",
    "confirmation.due",
    "application.moved",
    "question.changed",
]


class WebhookIn(Given):
    """An address that is to be told."""

    url: Annotated[
        str, Field(max_length=500, description="https on port 443 or 8443, of a name in the public network.")
    ]
    events: Annotated[list[Event], Field(min_length=1, max_length=20, description="What it is told.")]


class RotateIn(Given):
    """How a secret is changed."""

    at_once: bool = Field(
        False, description="True if the old secret is known to others: it signs nothing any more."
    )


class WebhookOut(Schema):
    """A webhook. Its secret is not shown again."""

    id: int
    url: str
    events: list[str] = Field(description="What it is told.")
    made: int
    ended: int | None = Field(description="When it ended, in seconds since 1970 UTC; null while it is told.")
    overlap_until: int | None = Field(
        description="Until then messages carry a signature by the secret before too, in seconds since 1970 UTC."
    )


class WebhookMade(WebhookOut):
    """A webhook and its new secret, shown this once."""

    secret: str = Field(description="whsec_ and 32 random bytes in base64: the key of HMAC-SHA-256.")


class WebhookList(Schema):
    """A page of webhooks."""

    items: list[WebhookOut]
    next: str | None = None


class DeliveryOut(Schema):
    """A message to a webhook, and what became of it."""

    id: int
    event: str = Field(description="What happened, such as shipment.decided.")
    message: str = Field(description="The webhook-id that the receiver sees, the same at every try.")
    body: str = Field(description="The JSON text as it is sent.")
    state: str = Field(description="waiting, done (answered with 2xx) or failed (given up).")
    at: int
    due: int = Field(description="When the next try is due, in seconds since 1970 UTC.")
    tries: int = Field(description="How often it was tried.")
    answer: int = Field(description="HTTP status of the last try; 0 where there was no answer.")
    trouble: str = Field(description="Why the last try brought no answer.")
    done: int | None = Field(description="When it was taken, in seconds since 1970 UTC.")


class DeliveryList(Schema):
    """A page of messages."""

    items: list[DeliveryOut]
    next: str | None = None

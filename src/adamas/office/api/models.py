"""Tables of the door for programs: clients, answers kept for repeated requests, webhooks and what they are told.

Times are seconds since 1970 (UTC) by the office's clock.
"""

# mypy: disable-error-code="var-annotated"
# (a field's type is known to Django's plugin for mypy)

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from adamas.office.people.models import Membership

_USER = settings.AUTH_USER_MODEL


class Clients(models.Manager["ApiClient"]):
    """Clients of this installation."""

    def working(self) -> models.QuerySet[ApiClient]:
        """Those that count: not ended, their account not dismissed, their organisation at work."""
        return self.filter(ended=None, organisation__active=True, user__is_active=True)

    def visible_to(self, membership: Membership) -> models.QuerySet[ApiClient]:
        """Those of one's own organisation, for administrators."""
        if membership.role != "administrator":
            return self.none()
        return self.filter(organisation=membership.organisation_id)


class ApiClient(models.Model):
    """A program of an organisation. It acts as ``user``, whose memberships are its roles and officer ids."""

    application = models.OneToOneField("oauth2_provider.Application", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    user = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    scopes = models.JSONField(default=list)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    made = models.BigIntegerField()
    ended = models.BigIntegerField(null=True)

    objects = Clients()


class Answered(models.Model):
    """The answer to a request that carried an Idempotency-Key, written in the transaction of what it did."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.BinaryField()  # SHA-256 of method, path and body
    status = models.IntegerField()
    body = models.BinaryField()
    kind = models.CharField(max_length=100)
    at = models.BigIntegerField(db_index=True)

    class Meta:
        """What Django asks about the table."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "key"], name="answered_once")]


class Webhooks(models.Manager["Webhook"]):
    """Webhooks of this installation."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Webhook]:
        """Those of one's own organisation, for administrators."""
        if membership.role != "administrator":
            return self.none()
        return self.filter(organisation=membership.organisation_id)


class Webhook(models.Model):
    """An address that is told what happens. ``secret`` is encrypted under the site's key (api.secrets).

    ``before`` is the secret that it takes the place of; messages are signed with both until ``before_until``.
    """

    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    url = models.CharField(max_length=500)
    secret = models.BinaryField()
    before = models.BinaryField(null=True)
    before_until = models.BigIntegerField(null=True)
    events = models.JSONField(default=list)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    made = models.BigIntegerField()
    ended = models.BigIntegerField(null=True)

    objects = Webhooks()

    def overlaps(self) -> bool:
        """Whether the secret before still signs."""
        from adamas.office.web import site

        return self.before is not None and site.office().now() < (self.before_until or 0)


class Deliveries(models.Manager["Delivery"]):
    """What webhooks are told."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Delivery]:
        """Those of visible webhooks."""
        return self.filter(webhook__in=Webhook.objects.visible_to(membership))


class Delivery(models.Model):
    """One message to one webhook, written in the transaction of what happened, and sent afterwards.

    ``state``: waiting, done, failed (all tries used up). ``answer`` is the last HTTP status, or 0.
    """

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.CharField(max_length=60)
    message = models.CharField(max_length=60)  # id that the receiver sees; the same at every try
    body = models.TextField()
    at = models.BigIntegerField()
    due = models.BigIntegerField()
    tries = models.IntegerField(default=0)
    state = models.CharField(max_length=8, default="waiting")
    answer = models.IntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    done = models.BigIntegerField(null=True)

    objects = Deliveries()

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [
            models.Index(fields=["state", "due"], name="delivery_due"),
            models.Index(fields=["webhook", "-id"], name="delivery_of"),
        ]

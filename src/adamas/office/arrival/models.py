"""Tables of the arrival desk: working papers between officers, private and in no log.

Times are seconds since 1970 (UTC) by the office's clock; carats are 0.01 ct and values US cents.
"""

# mypy: disable-error-code="var-annotated"
# (a field's type is known to Django's plugin for mypy)

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from adamas.office.people.models import Membership

_USER = settings.AUTH_USER_MODEL
IMPORTING_SIDE = frozenset({"importing", "customs"})
EXPORTING_SIDE = frozenset({"issuing", "approving"})
SEALS = {"intact": _("Intact"), "broken": _("Broken"), "missing": _("Missing")}


class Inspections(models.Manager["Inspection"]):
    """Inspections of shipments."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Inspection]:
        """Those at the membership's own Participant, for its importing and customs officers."""
        if membership.role not in IMPORTING_SIDE:
            return self.none()
        return self.filter(participant=membership.organisation.participant)


class Inspection(models.Model):
    """What was found in one shipment, and what came of it. One is open for a certificate at a Participant, at most.

    ``verdict`` is empty while it is open; then received, refused, returned or seized, with the statement's id.
    """

    number = models.CharField(max_length=40)
    participant = models.CharField(max_length=2)
    parcels = models.IntegerField()
    carats = models.BigIntegerField()
    value = models.BigIntegerField()
    seals = models.CharField(max_length=10)
    note = models.TextField(blank=True)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.BigIntegerField()
    changed = models.BigIntegerField()
    version = models.IntegerField(default=1)
    verdict = models.CharField(max_length=10, blank=True)
    agrees = models.CharField(max_length=12, blank=True)
    statement = models.BinaryField(null=True)
    decided_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)
    decided_at = models.BigIntegerField(null=True)

    objects = Inspections()

    class Meta:
        """What Django asks about the table."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["participant", "number"], condition=Q(verdict=""), name="inspection_open_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["participant", "number"], name="inspection_of")]

    @property
    def seals_label(self) -> str:
        """The state of the seals in words."""
        return str(SEALS.get(self.seals, self.seals))


class Photos(models.Manager["Photo"]):
    """Photographs of shipments."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Photo]:
        """Those of visible inspections."""
        return self.filter(inspection__in=Inspection.objects.visible_to(membership))


class Photo(models.Model):
    """A photograph of an inspection. Its bytes lie under their digest (issuing.files), made anew without metadata."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="photos")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=5)
    digest = models.CharField(max_length=64)
    size = models.IntegerField()
    at = models.BigIntegerField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")

    objects = Photos()


class Questions(models.Manager["Question"]):
    """Questions between two authorities."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Question]:
        """Those that the membership's Participant asked or was asked, each from its own side of the desk."""
        code = membership.organisation.participant
        if membership.role in IMPORTING_SIDE:
            return self.filter(asker=code)
        if membership.role in EXPORTING_SIDE:
            return self.filter(asked=code)
        return self.none()


class Question(models.Model):
    """A question of the importing authority to the exporting one about a certificate: a private working paper."""

    number = models.CharField(max_length=40)
    asker = models.CharField(max_length=2)  # importing Participant
    asked = models.CharField(max_length=2)  # exporting Participant
    about = models.CharField(max_length=12)  # discrepancy, paper, other
    inspection = models.ForeignKey(Inspection, models.SET_NULL, null=True, related_name="questions")
    state = models.CharField(max_length=10, default="open")  # open, answered, closed
    way = models.CharField(max_length=8)  # hosted, mail, file
    at = models.BigIntegerField()
    since = models.BigIntegerField()  # in this state
    closed_at = models.BigIntegerField(null=True)

    objects = Questions()

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [
            models.Index(fields=["asker", "state", "since"], name="question_asker"),
            models.Index(fields=["asked", "state", "since"], name="question_asked"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["number", "asker", "about"],
                condition=Q(about="discrepancy"),
                name="question_discrepancy_once",
            )
        ]

    @property
    def state_name(self) -> str:
        """The state in words."""
        return str(
            {"open": _("Waits for an answer"), "answered": _("Answered"), "closed": _("Closed")}.get(
                self.state, self.state
            )
        )

    @property
    def about_name(self) -> str:
        """What it is about, in words."""
        return str(
            {"discrepancy": _("Discrepancy"), "paper": _("The paper"), "other": _("Other")}.get(
                self.about, self.about
            )
        )


class Message(models.Model):
    """One message of a question; ``side`` is the Participant that speaks, ``by`` whoever typed it here, if here."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="messages")
    at = models.BigIntegerField()
    side = models.CharField(max_length=2)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)
    officer = models.CharField(max_length=20)
    text = models.TextField(blank=True)


class MessageFiles(models.Manager["MessageFile"]):
    """Attachments of messages."""

    def visible_to(self, membership: Membership) -> models.QuerySet[MessageFile]:
        """Those of visible questions."""
        return self.filter(message__question__in=Question.objects.visible_to(membership))


class MessageFile(models.Model):
    """A paper or photograph that goes with a message."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="files")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=5)
    digest = models.CharField(max_length=64)
    size = models.IntegerField()

    objects = MessageFiles()


class Chase(models.Model):
    """A reminder that went out: each level once for each certificate, however often the job runs."""

    pk = models.CompositePrimaryKey("number", "level")
    number = models.CharField(max_length=40)
    level = models.IntegerField()
    at = models.BigIntegerField()
    way = models.CharField(max_length=8)  # hosted, mail, none: nobody to write to

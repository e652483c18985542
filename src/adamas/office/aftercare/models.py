"""Tables of the desk after issue: acts that are written down before they are signed, and pictures of forged papers.

Working papers, private and in no log. Times are seconds since 1970 (UTC) by the office's clock.
"""

# mypy: disable-error-code="var-annotated"
# (a field's type is known to Django's plugin for mypy)

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models

from adamas.office.aftercare import kinds

if TYPE_CHECKING:
    from adamas.office.people.models import Membership

_USER = settings.AUTH_USER_MODEL


class Papers(models.Manager["Paper"]):
    """Acts that were written down."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Paper]:
        """Those of the membership's Participant, to the roles of this desk."""
        if membership.role not in kinds.ROLES:
            return self.none()
        return self.filter(participant=membership.organisation.participant)


class Paper(models.Model):
    """One act, written down and looked at again before it is signed. ``cells`` holds its fields, plain values.

    ``statement`` is the id of what was signed; None while it was not. ``dropped`` tells that it never will be.
    """

    kind = models.CharField(max_length=10)
    number = models.CharField(max_length=40)
    participant = models.CharField(max_length=2)  # whose authority signs
    cells = models.JSONField(default=dict)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.BigIntegerField()
    statement = models.BinaryField(null=True)
    signed_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)
    signed_at = models.BigIntegerField(null=True)
    dropped = models.BigIntegerField(null=True)

    objects = Papers()

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [
            models.Index(fields=["participant", "at"], name="paper_of"),
            models.Index(fields=["number"], name="paper_number"),
        ]

    @property
    def rule(self) -> kinds.Kind:
        """The row of the table of acts."""
        return kinds.KINDS[self.kind]

    @property
    def title(self) -> Any:
        """What the act is called."""
        return self.rule.title

    @property
    def is_open(self) -> bool:
        """Whether it may still be signed."""
        return self.statement is None and self.dropped is None


class Pictures(models.Manager["Picture"]):
    """Pictures of forged papers."""

    def visible_to(self, membership: Membership) -> models.QuerySet[Picture]:
        """Those that the membership's Participant took: pictures stay with who has them; digests tell of them."""
        return self.filter(paper__in=Paper.objects.visible_to(membership))


class Picture(models.Model):
    """A picture that goes with a report. Its bytes lie under their digest (issuing.files), without metadata."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=5)
    digest = models.CharField(max_length=64)
    size = models.IntegerField()

    objects = Pictures()

"""Tables of the registry desk: views only, folded from the registry log and from each log's key statements."""

# mypy: disable-error-code="var-annotated"
# (a field's type is known to Django's plugin for mypy, which would need this project set up to check it)

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Key(models.Model):
    """View: a key's life in one log (validity is a matter of the log, not of the calendar)."""

    pk = models.CompositePrimaryKey("log", "kid")
    log = models.BigIntegerField()
    kid = models.CharField(max_length=16)
    holder = models.CharField(max_length=120)
    purpose = models.CharField(max_length=20)
    enrolled = models.BigIntegerField()  # index from which it counts
    retired = models.BigIntegerField(null=True)
    compromised = models.BigIntegerField(null=True)
    since = models.BigIntegerField(null=True)  # seconds; from when it is thought to be in other hands

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [models.Index(fields=["holder"], name="key_holder")]


class Act(models.Model):
    """View: an act of the registry that took effect: the Participant, authority, range, witness or rulebook
    it is about.
    """

    pk = models.CompositePrimaryKey("log", "idx")
    log = models.BigIntegerField()
    idx = models.BigIntegerField()
    effective = models.BigIntegerField()
    type = models.CharField(max_length=120)
    subject = models.CharField(max_length=120)
    day = models.CharField(max_length=10)
    content = models.TextField()  # the payload's own fields, as JSON (octets in hexadecimal)

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [models.Index(fields=["type", "subject"], name="act_type_subject")]


VIEWS = (Key, Act)

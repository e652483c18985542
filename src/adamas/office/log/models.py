"""Tables of the log desk. Two kinds, never mixed: what was received (kept), and views (may be dropped and
replayed).

Kept: :class:`Log`, :class:`Sighting`, :class:`Command`, and the entries themselves (table ``adamas_entries``,
made by :func:`adamas.ledger.entries.ddl`, written by :class:`adamas.ledger.entries.EntryLog` alone). Views:
:class:`Fact`, :class:`Waiting`, :class:`Finding`. Their keys are natural ones and they hold no time of
arrival, so that replay gives the same rows, byte for byte.
"""

# mypy: disable-error-code="var-annotated"
# (a field's type is known to Django's plugin for mypy, which would need this project set up to check it)

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Log(models.Model):
    """A log that this office writes (number 1) or follows.

    ``size`` entries of it are stored and projected.
    """

    number = models.BigIntegerField(primary_key=True)
    origin = models.CharField(max_length=120, unique=True)
    role = models.CharField(max_length=10)  # own, registry, office
    vkey = models.TextField()
    url = models.TextField(blank=True)
    policy = models.TextField(blank=True)
    genesis = models.BinaryField(null=True)  # id of its entry 0
    checkpoint = models.BinaryField(null=True)  # the signed note last published or verified
    witnessed_at = models.BigIntegerField(null=True)  # seconds; latest time at which its policy was satisfied
    checked_at = models.BigIntegerField(null=True)  # seconds; our clock when it was last asked


class Sighting(models.Model):
    """A checkpoint that witnesses cosigned: everything below ``size`` existed at ``witnessed_at`` (seconds)."""

    pk = models.CompositePrimaryKey("log", "size")
    log = models.BigIntegerField()
    size = models.BigIntegerField()
    witnessed_at = models.BigIntegerField()


class Command(models.Model):
    """What was asked of an action and what came of it, so that asking again gives the same and no second one."""

    digest = models.BinaryField(primary_key=True)  # SHA-256 of the command in deterministic CBOR
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    log = models.BigIntegerField()
    idx = models.BigIntegerField()
    statement = models.BinaryField()


class Fact(models.Model):
    """View: one row for each entry of each log, with what the key history says of it.

    ``standing``: valid, doubtful (its key was compromised about then), invalid, pending (a registry act short
    of its threshold), newer (an edition above ours), unknown (a type that we do not know), unreadable (no
    statement at all).
    """

    pk = models.CompositePrimaryKey("log", "idx")
    log = models.BigIntegerField()
    idx = models.BigIntegerField()
    id = models.BinaryField()
    type = models.CharField(max_length=120)
    issuer = models.CharField(max_length=120)
    subject = models.CharField(max_length=120)
    at = models.BigIntegerField()
    after = models.BigIntegerField(
        null=True
    )  # latest time claimed by effective entries before it in this log
    kid = models.CharField(max_length=16)
    standing = models.CharField(max_length=10)
    effective = models.BigIntegerField(
        null=True
    )  # index at which it takes effect; its own but for registry acts
    code = models.CharField(max_length=60)
    sentence = models.TextField()

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [
            models.Index(fields=["subject"], name="fact_subject"),
            models.Index(fields=["id"], name="fact_id"),
            models.Index(fields=["log", "kid"], name="fact_kid"),
            models.Index(fields=["type", "log", "effective"], name="fact_type"),
        ]


class Waiting(models.Model):
    """View: a statement refers to one that has not been seen yet; it is judged when the other comes."""

    pk = models.CompositePrimaryKey("log", "idx", "missing")
    log = models.BigIntegerField()
    idx = models.BigIntegerField()
    missing = models.BinaryField()
    subject = models.CharField(max_length=120)

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [models.Index(fields=["missing"], name="waiting_missing")]


class Finding(models.Model):
    """View: what a rule says against a statement. ``scope`` is ``number:…`` or ``entry:<origin>:<index>``."""

    pk = models.CompositePrimaryKey("scope", "n")
    scope = models.CharField(max_length=200)
    n = models.IntegerField()
    code = models.CharField(max_length=60)
    clause = models.TextField()
    severity = models.CharField(max_length=10)
    sentence = models.TextField()
    field = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    evidence = models.TextField()  # statement ids in text form, one space between

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [models.Index(fields=["subject"], name="finding_subject")]


VIEWS = (Fact, Waiting, Finding)

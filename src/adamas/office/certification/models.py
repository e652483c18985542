"""Tables of the certification desk: the certificates as a view, and the private store of what was not
published.

:class:`Certificate` is a view. :class:`Disclosure` is not: it holds what no log holds (firms, quantities,
seals, openings of the sealed quantities), of certificates that this office issued or that it was told of by a
notice.
"""

# mypy: disable-error-code="var-annotated"
# (a field's type is known to Django's plugin for mypy, which would need this project set up to check it)

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Certificate(models.Model):
    """View: one row for each certificate number about which a statement is known (scheme.certificates)."""

    number = models.CharField(max_length=40, primary_key=True)
    state = models.CharField(max_length=12)
    participant = models.CharField(max_length=2)
    to = models.CharField(max_length=2)
    issuer = models.CharField(max_length=120)
    issued_id = models.BinaryField(null=True)
    log = models.BigIntegerField(null=True)  # where the issue is logged
    idx = models.BigIntegerField(null=True)
    issued = models.CharField(max_length=10)
    expires = models.CharField(max_length=10)
    hs = models.TextField()
    origin = models.TextField()
    shares = models.TextField()
    parcels = models.BigIntegerField()
    technical = models.CharField(max_length=80)
    validated = models.CharField(max_length=10)
    dispatched = models.CharField(max_length=10)
    received = models.CharField(max_length=10)
    received_id = models.BinaryField(null=True)
    agrees = models.CharField(max_length=20)
    seals = models.CharField(max_length=20)
    refused = models.CharField(max_length=10)
    returned = models.CharField(max_length=10)
    seized = models.CharField(max_length=10)
    revoked = models.CharField(max_length=10)
    replaced_by = models.CharField(max_length=40)
    forgeries = models.BigIntegerField()
    corrections = models.BigIntegerField()
    waiting = models.BigIntegerField()
    findings = models.BigIntegerField()
    due = models.BigIntegerField(null=True)  # day (since 1970) on which the import confirmation is due

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [
            models.Index(fields=["participant", "state", "issued", "number"], name="certificate_from"),
            models.Index(fields=["to", "state", "issued", "number"], name="certificate_to"),
            models.Index(fields=["participant", "issued", "number"], name="certificate_from_by_day"),
            models.Index(fields=["to", "issued", "number"], name="certificate_to_by_day"),
            models.Index(fields=["due"], name="certificate_due"),
            # Few await a confirmation: small indexes, so that a desk with a hundred thousand finds its own at once.
            models.Index(
                fields=["to", "due", "number"],
                name="certificate_to_due",
                condition=models.Q(due__isnull=False),
            ),
            models.Index(
                fields=["participant", "due", "number"],
                name="certificate_from_due",
                condition=models.Q(due__isnull=False),
            ),
        ]


class Disclosure(models.Model):
    """Private: one disclosure of one certificate, with its digest as it stands in the statement."""

    digest = models.BinaryField(primary_key=True)
    statement = models.BinaryField(db_index=True)
    subject = models.CharField(max_length=40, db_index=True)
    name = models.CharField(max_length=60)
    raw = models.BinaryField()
    source = models.CharField(max_length=10)  # own, notice


VIEWS = (Certificate,)

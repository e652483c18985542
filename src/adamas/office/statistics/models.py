"""Tables of the statistics desk: views only."""

# mypy: disable-error-code="var-annotated"
# (a field's type is known to Django's plugin for mypy, which would need this project set up to check it)

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Return(models.Model):
    """View: a production return that was filed, amended or transcribed.

    Carats in hundredths, value in US cents.
    """

    pk = models.CompositePrimaryKey("log", "idx")
    log = models.BigIntegerField()
    idx = models.BigIntegerField()
    subject = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    kind = models.CharField(max_length=10)
    period = models.CharField(max_length=10)
    carats = models.BigIntegerField()
    value = models.BigIntegerField()
    nil = models.SmallIntegerField()
    filed = models.TextField(null=True)
    modified = models.TextField(null=True)
    issuer = models.CharField(max_length=120)
    source = models.TextField()
    amends = models.BinaryField(null=True)

    class Meta:
        """What Django asks about the table."""

        indexes: ClassVar = [models.Index(fields=["country", "period"], name="return_country_period")]


VIEWS = (Return,)

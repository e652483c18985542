"""Indexes for lists of certificates in the order of their days, paged by key."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0001_initial")]

    operations = [
        migrations.RemoveIndex("certificate", "certificate_from"),
        migrations.RemoveIndex("certificate", "certificate_to"),
        migrations.AddIndex(
            "certificate",
            models.Index(fields=["participant", "state", "issued", "number"], name="certificate_from"),
        ),
        migrations.AddIndex(
            "certificate",
            models.Index(fields=["to", "state", "issued", "number"], name="certificate_to"),
        ),
        migrations.AddIndex(
            "certificate",
            models.Index(fields=["participant", "issued", "number"], name="certificate_from_by_day"),
        ),
        migrations.AddIndex(
            "certificate",
            models.Index(fields=["to", "issued", "number"], name="certificate_to_by_day"),
        ),
    ]

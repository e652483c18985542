"""Open confirmations of one side in the order in which they are due."""

from django.db import migrations, models

_OPEN = models.Q(due__isnull=False)


class Migration(migrations.Migration):
    dependencies = [("certification", "0002_by_day")]

    operations = [
        migrations.AddIndex(
            "certificate",
            models.Index(fields=["to", "due", "number"], name="certificate_to_due", condition=_OPEN),
        ),
        migrations.AddIndex(
            "certificate",
            models.Index(
                fields=["participant", "due", "number"], name="certificate_from_due", condition=_OPEN
            ),
        ),
    ]

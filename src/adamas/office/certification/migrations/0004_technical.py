"""The reason of a technical certificate may have 80 characters, as in its statement."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certification", "0003_due_of_each_side")]

    operations = [
        migrations.AlterField("certificate", "technical", models.CharField(max_length=80)),
    ]

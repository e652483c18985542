"""A webhook's secret counts for a day after the next one was made; tokens that stood here in clear are deleted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models


def forget_clear_tokens(apps: Any, schema_editor: Any) -> None:
    """Only SHA-256 of a token is kept from now on. A program whose token is gone gets another by its secret."""
    tokens = apps.get_model("oauth2_provider", "AccessToken").objects.using(schema_editor.connection.alias)
    tokens.exclude(token="").delete()


class Migration(migrations.Migration):
    """See above."""

    dependencies: ClassVar = [
        ("api", "0001_initial"),
        ("oauth2_provider", "0021_translatable_field_labels"),
    ]
    operations: ClassVar = [
        migrations.AddField("webhook", "before", models.BinaryField(null=True)),
        migrations.AddField("webhook", "before_until", models.BigIntegerField(null=True)),
        migrations.RunPython(forget_clear_tokens, migrations.RunPython.noop),
    ]

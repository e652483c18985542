"""Tables of the issuing desk."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "participant", "digits", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("participant", models.CharField(max_length=2)),
                ("digits", models.IntegerField()),
                ("last", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Known",
            fields=[
                ("number", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("participant", models.CharField(max_length=2)),
                ("to", models.CharField(max_length=2)),
                ("exporter", models.CharField(max_length=400)),
                ("importer", models.CharField(max_length=400)),
                ("carats", models.BigIntegerField()),
                ("value", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("participant", models.CharField(db_index=True, max_length=2)),
                ("digits", models.IntegerField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("purpose", models.CharField(max_length=120)),
                ("at", models.BigIntegerField()),
                ("by", models.CharField(blank=True, max_length=254)),
            ],
        ),
        migrations.CreateModel(
            name="Taken",
            fields=[
                ("number", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("participant", models.CharField(max_length=2)),
                ("state", models.CharField(default="draft", max_length=10)),
                ("since", models.BigIntegerField()),
                ("version", models.IntegerField(default=1)),
                ("cells", models.JSONField(default=dict)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("to", models.CharField(blank=True, max_length=2)),
                ("parcels", models.IntegerField(default=0)),
                ("carats", models.BigIntegerField(default=0)),
                ("value", models.BigIntegerField(default=0)),
                ("made", models.BigIntegerField()),
                ("changed", models.BigIntegerField()),
                ("submitted", models.BigIntegerField(null=True)),
                ("number", models.CharField(blank=True, max_length=40)),
                ("prepared", models.BinaryField(null=True)),
                ("digest", models.BinaryField(null=True)),
                ("approved", models.BinaryField(null=True)),
                ("approved_at", models.BigIntegerField(null=True)),
                ("statement", models.BinaryField(null=True)),
                (
                    "applicant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="people.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=5)),
                ("digest", models.CharField(max_length=64)),
                ("size", models.IntegerField()),
                ("at", models.BigIntegerField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="issuing.application",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FormReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("participant", models.CharField(max_length=2)),
                ("prefix", models.CharField(blank=True, max_length=12)),
                ("digits", models.IntegerField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("day", models.CharField(max_length=10)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("at", models.BigIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FormUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("participant", models.CharField(max_length=2)),
                ("form", models.CharField(max_length=40)),
                ("end", models.CharField(max_length=8)),
                ("certificate", models.CharField(blank=True, max_length=40)),
                ("why", models.CharField(blank=True, max_length=200)),
                ("at", models.BigIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("number", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("participant", models.CharField(max_length=2)),
                ("to", models.CharField(max_length=2)),
                ("at", models.BigIntegerField()),
                ("way", models.CharField(max_length=8)),
                ("sent", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["participant", "to", "sent"], name="notice_open")],
            },
        ),
        migrations.CreateModel(
            name="NoticeAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("participant", models.CharField(max_length=2)),
                ("to", models.CharField(max_length=2)),
                ("mail", models.EmailField(max_length=254)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("participant", "to"), name="notice_address_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("participant", models.CharField(max_length=2)),
                ("hs", models.CharField(max_length=6)),
                ("origin", models.CharField(max_length=2)),
                ("number", models.CharField(max_length=40)),
                ("carats", models.BigIntegerField()),
                ("value", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["participant", "hs", "origin", "-id"], name="price_usual")],
                "constraints": [
                    models.UniqueConstraint(fields=("number", "hs", "origin"), name="price_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("office", models.BooleanField()),
                ("act", models.CharField(max_length=12)),
                ("text", models.TextField(blank=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="issuing.application",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("digest", models.CharField(max_length=64)),
                ("rows", models.IntegerField()),
                ("drafts", models.IntegerField()),
                ("problems", models.JSONField(default=list)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["participant", "state", "since"], name="application_queue"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["organisation", "id"], name="application_own"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number", ""), _negated=True),
                fields=("number",),
                name="application_number_once",
            ),
        ),
        migrations.AddIndex(
            model_name="formreceipt",
            index=models.Index(fields=["participant", "prefix", "first"], name="form_receipt"),
        ),
        migrations.AddIndex(
            model_name="formuse",
            index=models.Index(fields=["certificate"], name="form_certificate"),
        ),
        migrations.AddConstraint(
            model_name="formuse",
            constraint=models.UniqueConstraint(fields=("participant", "form"), name="form_used_once"),
        ),
    ]

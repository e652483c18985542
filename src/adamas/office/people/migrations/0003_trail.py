"""The audit trail is read by time, person, act and subject; and the database refuses to change or delete a line of it."""

import django.db.models.deletion
from django.db import migrations, models

from adamas.office.people.append_only import protect

_INDEXES = {
    "act_trail": ["organisation", "at", "id"],
    "act_kind": ["organisation", "act", "at", "id"],
    "act_person": ["organisation", "user", "at", "id"],
    "act_person_kind": ["organisation", "user", "act", "at", "id"],
    "act_about": ["organisation", "subject", "at", "id"],
    "act_subject": ["subject", "id"],
}


class Migration(migrations.Migration):
    """Not reversible: the trail is never open to changes again."""

    dependencies = [("people", "0002_act_challenge_evidence_invitation_and_more")]

    operations = [
        migrations.RemoveIndex("act", "act_trail"),
        migrations.RemoveIndex("act", "act_kind"),
        migrations.AddField(
            "act",
            "source",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.organisation",
            ),
        ),
        *(migrations.AddIndex("act", models.Index(fields=f, name=n)) for n, f in _INDEXES.items()),
        migrations.RunPython(protect),
    ]

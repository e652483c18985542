"""The database refuses to change or delete what is in the audit trail, whoever asks: the program, or a line of SQL."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from tests.office.site import Site

from adamas.office.people import audit
from adamas.office.people.models import Act, Evidence

pytestmark = pytest.mark.database
TABLES = ("people_act", "people_evidence")


def refused(sql: str) -> None:
    refusal = pytest.raises(DatabaseError, match=r"people\.append-only")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_line_of_the_trail_is_never_changed_or_deleted(site: Site) -> None:
    membership = site.membership("approving")
    audit.record(membership, "application.approve", "application 1", why="first")
    act = Act.objects.get()
    Evidence.objects.create(membership=membership, digest=b"d", nonce=b"n", at=1, method="totp")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        act.save()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        act.delete()
    for table in TABLES:
        refused(f"UPDATE {table} SET at = 0")
        refused(f"DELETE FROM {table}")
    if connection.vendor == "postgresql":
        for table in TABLES:
            refused(f"TRUNCATE {table} CASCADE")
    else:
        copied = "at, organisation_id, user_id, role, officer, act, subject, details"
        refused(
            f"INSERT OR REPLACE INTO people_act (id, {copied}) SELECT id, {copied} FROM people_act LIMIT 1"
        )
        refused("REPLACE INTO people_evidence SELECT * FROM people_evidence LIMIT 1")
    assert Act.objects.get(pk=act.pk).details == {"why": "first"}
    assert Evidence.objects.count() == 1
    audit.record(membership, "application.approve", "application 1", why="second")
    assert Act.objects.count() == 2, "lines are added as before"

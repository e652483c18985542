"""Acts cost what they touch, not what the log holds: no query of an act reads through all of it."""

from __future__ import annotations

import pytest
from django.db import connections
from tests.office.conftest import ENGINE, World, command, feed, validation

from adamas.office.certification import actions as desk

pytestmark = pytest.mark.database


@pytest.mark.skipif(ENGINE != "sqlite", reason="SQLite keeps no statistics: its plans are the ones to hold")
def test_no_query_of_an_act_reads_the_whole_log(world: World) -> None:
    desk.issue(world.bw, [command(1), command(2)])
    connection = connections[world.bw.alias]
    asked: list[tuple[str, object]] = []

    def note(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        asked.append((sql, params[0] if many else params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        desk.validate(world.bw, [validation(1), validation(2)])
        feed(world.bw, world.registry)
        world.bw.knowledge.forget()
        world.bw.records(["BW0000001"])
    plans = set()
    with connection.cursor() as cursor:
        for sql, params in asked:
            if "log_fact" not in sql or not sql.startswith(("SELECT", "UPDATE", "DELETE")):
                continue
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plans |= {(row[3], sql) for row in cursor.fetchall()}
    assert plans
    for plan, sql in plans:
        whole = plan.startswith("SCAN") or plan.endswith(("fact_type (type=?)", "fact_kid (log=?)"))
        assert not whole, (plan, sql)

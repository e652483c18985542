"""The log as of a day: the newest entry of that day comes first."""

from __future__ import annotations

import re

from tests.office.conftest import command
from tests.office.site import Site

from adamas.office.certification import actions


def test_the_log_is_read_as_of_a_day(site: Site) -> None:
    for serial in range(1, 8):
        actions.issue(site.office, [command(serial)])
        site.clock.now += 86_400
    visitor = site.client()
    then = visitor.get("/log?on=2025-03-05").text
    assert 'value="2025-03-05"' in then
    shown = re.findall(r"BW\d{7}", then)
    assert shown[0] == "BW0000003", "the newest of that day comes first"
    assert "BW0000004" not in shown
    assert "BW0000007" in visitor.get("/log").text
    assert "No entry" in visitor.get("/log?on=2003-01-01").text
    assert "year-month-day" in visitor.get("/log?on=yesterday").text

"""docs/howto/api-customs.md as it stands, run against a real server; people do on pages what it says they do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.office.api.conftest import program_of
from tests.office.api.test_client import GOOD
from tests.office.api.test_desks import confirm
from tests.office.arrival.test_arrival import code, facts, issued_raw, jpeg
from tests.office.issuing.test_story import approve

from adamas.client import Client, File
from adamas.office.issuing.models import Application

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "api-customs.md"
PROGRAMS = {
    "authority": ("bw-authority", "issuing", ("read", "review", "issue", "amend")),
    "customs": ("bw-customs", "customs", ("read", "validate")),
    "inspectors": ("ae-customs", "customs", ("read", "arrive")),
    "importers": ("ae-authority", "importing", ("read", "arrive", "amend")),
}


@pytest.mark.slow
def test_a_single_window_in_one_page(site, address, capsys) -> None:
    keys = {}
    for name, (organisation, role, scopes) in PROGRAMS.items():
        made = program_of(organisation, (role,), scopes)
        keys[name] = (made.client_id, made.secret)
    made = program_of("okavango", ("exporter",))
    firm = Client(address, made.client_id, made.secret)
    draft = firm.apply(GOOD)
    firm.attach(draft.id, File("invoice.pdf", b"%PDF-1.7 invoice"))
    firm.submit(draft.id, no_conflict_diamonds=True)

    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    here: dict[str, Any] = {
        "keys": keys,
        "archive": {},
        "today": "2025-03-03",
        "last_day": "2025-05-02",
        "scanner": lambda: code(issued_raw(site, here["issued"][0])),
        "photograph": jpeg().read(),
        "report": b"%PDF-1.7 report",
    }
    for place, block in enumerate(blocks):
        exec(compile(block.replace("https://office.example", address), f"{PAGE.name}:{place}", "exec"), here)
        if "authority.prepare(" in block:
            application = Application.objects.get(pk=draft.id)
            assert application.state == "prepared"
            assert approve(site, application).status_code == 302
            assert confirm(site, application).status_code == 302
    assert here["paper"].startswith(b"%PDF-")
    assert here["archive"], "the exporter's paper came with it"
    (number,) = here["issued"]
    assert facts(site, number) == [
        "certificate.issued",
        "certificate.validated",
        "shipment.dispatched",
        "shipment.received",
    ]
    assert f"{number} received discrepancy" in capsys.readouterr().out
    (question,) = here["importers"].questions()
    assert question.state == "closed"

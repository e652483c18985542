"""The typed client against a real server: what a system in Python does, a broken line included."""

from __future__ import annotations

import pytest
import urllib3
from tests.office.api.conftest import opened
from tests.office.conftest import command, entries

from adamas.client import Application, Client, Found, Parcel, Refused, Unreachable
from adamas.office.certification import actions as certification
from adamas.office.issuing.models import Application as Row

GOOD = Application(
    "AE", "Deira Trading FZE, Dubai", ("BW",), (Parcel("710231", "12.50", "5600"),), seals=("S-1",)
)


class Broken(urllib3.PoolManager):
    """Loses the first answer to a POST of the API, after the server did what was asked."""

    lost = 0

    def request(self, method, url, **kwargs):
        answer = super().request(method, url, **kwargs)
        if method == "POST" and "/api/v1/" in url and not self.lost:
            self.lost += 1
            raise urllib3.exceptions.ProtocolError("Connection broken")
        return answer


def test_from_application_to_arrival(site, address) -> None:
    certification.issue(site.office, [command(1)])
    with opened(address, "okavango", "exporter") as firm:
        draft = firm.apply(Application(to="AE"))
        assert {"row.missing"} <= {reason.code for reason in draft.against}
        with pytest.raises(Refused) as refused:
            firm.submit(draft.id, no_conflict_diamonds=True)
        assert refused.value.status == 422
        assert refused.value.reasons[0].clause
        firm.change(draft.id, GOOD, draft.version)
        assert firm.submit(draft.id, no_conflict_diamonds=True).state == "submitted"
    with opened(address, "bw-customs", "customs") as customs:
        assert list(customs.validate("BW0000001").accepted) == ["BW0000001"]
        assert customs.dispatch("BW0000001").refused == {}
        assert next(customs.certificates()).state == "shipped"
    with opened(address, "ae-authority", "importing") as importing:
        assert [row.number for row in importing.arrivals()] == ["BW0000001"]
        assert importing.check("BW0000001").declared.parcels[0].carats == "10.01"
        assert importing.receive("BW0000001", Found(1, "10.01", "50000.01", "intact")).agrees == "exact"
        assert importing.certificate("BW0000001").history[-1].event == "receive"
        assert importing.standing("BW").good


def test_a_broken_line_does_nothing_twice(site, address) -> None:
    firm = opened(address, "okavango", "exporter", pool=Broken())
    assert firm.apply(GOOD).state == "draft"
    assert Row.objects.count() == 1
    before = len(entries(site.office))
    with pytest.raises(Refused, match="BW0000009"):
        opened(address, "bw-customs", "customs").validate("BW0000009")
    assert len(entries(site.office)) == before


def test_wrong_secrets_and_no_server(site, address) -> None:
    with pytest.raises(Refused, match="invalid_client"):
        list(Client(address, "adamas-0", "x").certificates())
    with pytest.raises(Unreachable):
        list(Client("http://localhost:9", "a", "b", seconds=1).certificates())

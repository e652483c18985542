"""The list of certificates: filters, keys instead of offsets, and a hundred thousand rows."""

from __future__ import annotations

import re
import time
from urllib.parse import urlencode

import pytest
from django.db import transaction
from tests.office.conftest import command
from tests.office.site import Site

from adamas.office.certification import actions as certification
from adamas.office.certification.models import Certificate
from adamas.office.issuing import prices
from adamas.office.issuing.models import Known


def numbers_on(page: str) -> list[str]:
    return re.findall(r'href="/issuing/certificate/([A-Z0-9]+)"', page)


@pytest.mark.slow
def test_filters_and_pages(site: Site):
    certification.issue(site.office, [command(n, to="ZA" if n % 2 else "AE") for n in range(1, 121)])
    prices.learn()
    client = site.client("issuing", "bw-authority")
    address, seen = "/issuing/certificates", []
    while address:
        page = client.get(address).content.decode()
        seen += numbers_on(page)
        older = re.search(r'<a href="(\?[^"]*after=[^"]*)">Older', page)
        address = "/issuing/certificates" + older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"BW{n:07d}" for n in range(120, 0, -1)], "each once, newest first"

    def found(**wanted: str) -> int:
        return len(numbers_on(client.get(f"/issuing/certificates?{urlencode(wanted)}").content.decode()))

    assert found(text="bw0000007") == 1
    assert found(text="0000007") == 1
    assert found(text="okavango") == 50
    assert found(text="no such firm") == 0
    assert found(to="ZA", text="BW000001") == 5
    assert found(state="validated") == 0
    assert found(start="2025-03-04") == 0
    assert found(end="2025-03-03", state="issued") == 50
    assert found(origin="AE", to="BW") == 0
    assert "not a day" in client.get("/issuing/certificates?start=2025-02-30").content.decode()
    for odd in ("after=~", "after=x~y", "state=nonsense", "to=%00", "text=%27%22%3B--"):
        assert client.get(f"/issuing/certificates?{odd}").status_code == 200
    other = site.client("issuing", "ae-authority").get("/issuing/certificates").content.decode()
    assert numbers_on(other) == []
    importing = site.client("importing", "ae-authority").get("/issuing/certificates").content.decode()
    assert len(numbers_on(importing)) == 50


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_hundred_thousand_certificates(site: Site):
    certification.issue(site.office, [command(1)])
    prices.learn()
    row, summary = Certificate.objects.get(), Known.objects.get()
    with transaction.atomic():
        for start in range(2, 100_001, 5_000):
            views, known = [], []
            for n in range(start, min(start + 5_000, 100_001)):
                fields = {f.attname: getattr(row, f.attname) for f in Certificate._meta.concrete_fields}
                state = ("received", "issued", "shipped", "validated")[min(n % 40, 3)]
                day = f"202{n % 5}-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
                views.append(
                    Certificate(
                        **{
                            **fields,
                            "number": f"BW{n:07d}",
                            "state": state,
                            "issued": day,
                            "to": ("AE", "ZA", "EU")[n % 3],
                        }
                    )
                )
                fields = {f.attname: getattr(summary, f.attname) for f in Known._meta.concrete_fields}
                known.append(Known(**{**fields, "number": f"BW{n:07d}", "exporter": f"Firm {n % 997}"}))
            Certificate.objects.bulk_create(views)
            Known.objects.bulk_create(known)
    client = site.client("issuing", "bw-authority")
    client.get("/issuing/certificates")
    slow = {}
    for wanted in (
        "",
        "state=received",
        "state=issued&to=EU",
        "start=2021-01-01&end=2021-02-01",
        "to=ZA&after=2022-06-15~BW0050000",
        "text=BW00777",
        "text=Firm+77",
        "state=overdue",
        "after=2020-01-02~BW0000100",
    ):
        start_ = time.perf_counter()
        answer = client.get(f"/issuing/certificates?{wanted}")
        slow[wanted] = time.perf_counter() - start_
        assert len(answer.content) < 60_000
    start_ = time.perf_counter()
    client.get("/issuing/certificate/BW0000001")
    slow["certificate"] = time.perf_counter() - start_
    print({name: f"{1000 * took:.0f} ms" for name, took in slow.items()})
    assert max(slow.values()) < 0.5, slow

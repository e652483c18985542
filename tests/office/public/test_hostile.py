"""A followed log may hold any bytes: pages, feeds and tables show them as text and never stumble."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET

import pytest
from tests.office.conftest import entries, feed_raw
from tests.office.site import Site

from adamas.ledger import statement as statements
from adamas.ledger.keys import SoftwareSigner
from adamas.office.public import dataset_rows, feeds, state

pytestmark = pytest.mark.database
EVIL = '<script>alert("x")</script>'


@pytest.fixture
def followed(site: Site) -> int:
    """A log of garbage, of a stranger's statement, and of one from the future; the number that it has here."""
    stranger = SoftwareSigner.from_seed(b"s" * 32)
    genesis = entries(site.office)[0]
    raws = [genesis, b"\x00garbage\xff", b"<b>bytes</b>"]
    for subject, payload in (
        (EVIL, {"type": "forgery.reported", "note": EVIL, "at": "BW"}),
        ("=1+1", {"type": "no.such", "deep": {"a": [1, {"b": b"\x00\x01"}]}, "text": "\ud7ff\x0b\x00 end"}),
        ("BW0000001", {"type": "certificate.issued", "to": EVIL}),
    ):
        made = statements.sign(
            stranger, issuer="kp:XX/<i>", subject=subject, issued_at=2**40 - 1, payload=payload
        )
        raws.append(made.raw)
    feed_raw(site.office, "evil.example/<b>log</b>", site.office.log.vkey, raws)
    state.forget()
    return max(site.office.knowledge.logs)


def test_pages_show_hostile_entries_as_text(site: Site, followed: int) -> None:
    visitor = site.client()
    pages = [f"/log?log={followed}", "/status", "/findings", "/forgeries", "/register", "/"]
    pages += [f"/log/{followed}/{index}" for index in range(6)]
    for page in pages:
        answer = visitor.get(page)
        assert answer.status_code == 200, page
        assert "<script>alert" not in answer.text, page
        assert "<i>" not in answer.text, page
        assert "<b>" not in answer.text, page
    assert "&lt;script&gt;" in visitor.get(f"/log/{followed}/3").text
    assert visitor.get(f"/log/{followed}/1.cose").content == b"\x00garbage\xff"
    assert visitor.get(f"/log/{followed}/1.cose").headers["Content-Disposition"].startswith("attachment")
    assert visitor.get(f"/log/{followed}/1.proof").status_code == 404


def test_feeds_and_tables_stay_well_formed(site: Site, followed: int) -> None:
    visitor = site.client()
    for name in feeds.FEEDS:
        ET.fromstring(visitor.get(f"/feeds/{name}.atom").content)
    for name in ("statements", "findings", "certificates", "forgeries"):
        text = b"".join(dataset_rows.csv_of(name)).decode()
        header, *lines = csv.reader(io.StringIO(text))
        assert all(len(line) == len(header) for line in lines), name
        assert not [c for line in lines for c in line if c.startswith(("=", "+", "-", "@"))], name
    found = visitor.get("/v/keys.json").json()
    assert EVIL not in found["forgeries"]  # a stranger's report does not count


def test_addresses_that_no_page_has_are_refused_quietly(site: Site) -> None:
    visitor = site.client()
    for path in (
        "/log?log=-1", "/log?log=1&before=-5", "/log?log=%00", "/register?on=%00", "/register?on=0001-01-01",
        "/register?on=9999-12-31", "/findings?participant=%00", "/findings?participant=Z%7F", "/findings?subject=%00%00",
        "/findings?from=99999999999", "/register/BW?on=2025-02-30",
    ):  # fmt: skip
        assert visitor.get(path).status_code == 200, path
    for path in (
        "/register/bw0",
        f"/statement/{'z' * 52}",
        "/log/4611686018427387904/1",
        "/data/x.csv",
        "/v/status/%00.json",
    ):
        assert visitor.get(path).status_code == 404, path
    assert visitor.post("/log").status_code == 405

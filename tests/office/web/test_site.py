"""The site as a whole: it answers, in one sentence where something is wrong."""

from __future__ import annotations

import pytest
from tests.office.site import Site

pytestmark = pytest.mark.database


def test_a_visitor_is_told_what_is_missing(site: Site) -> None:
    answer = site.client().get("/nothing-here")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_language_is_kept_and_never_leads_elsewhere(site: Site) -> None:
    client = site.client()
    answer = client.post("/language", {"language": "ar", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"
    assert 'dir="rtl"' in client.get("/nothing-here").text


def test_a_gigabyte_is_refused_before_it_is_read(site: Site) -> None:
    client = site.client("exporter", "okavango")
    for path in ("/issuing/sheet", "/v/check", "/arrival/"):
        answer = client.generic(
            "POST", path, b"--a\r\n", "multipart/form-data; boundary=a", CONTENT_LENGTH=str(10**9)
        )
        assert answer.status_code == 413, path
        assert "larger than 32 MB" in answer.text

"""The page /v in a browser against the office itself: what the office serves is what the page understands."""

from __future__ import annotations

import datetime
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.office.conftest import command, validation
from tests.office.public.test_downloads import served
from tests.office.site import Site

from adamas.office.certification import actions

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


@pytest.fixture
def beside_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's driver runs a loop in this thread, which Django would not have."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def test_browser_and_server_say_the_same_of_a_number(
    chromium: Browser, beside_a_loop: None, site: Site
) -> None:
    site.clock.now = int(time.time())  # the browser has a clock of its own
    today = datetime.datetime.fromtimestamp(site.clock.now, datetime.UTC).date()
    until = today + datetime.timedelta(days=60)
    actions.issue(site.office, [command(1, issued=today.isoformat(), expires=until.isoformat())])
    actions.validate(site.office, [replace(validation(1), validated=today.isoformat())])
    site.office.publish(witnesses=False)
    with served() as address:
        context = chromium.new_context()
        page = context.new_page()
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/v")
        page.wait_for_selector("#form[data-ready]")
        page.fill("#number", "BW0000001")
        page.click("#form button[type=submit]")
        page.wait_for_selector("#verdict")
        said = page.inner_text("#answer")
        assert "Cannot tell" in said  # nobody has witnessed it
        assert "validated" in said.lower()
        assert f"{address}/v/keys.json" in asked
        assert f"{address}/v/status/BW0000001.json" in asked
        assert all(url.startswith((address, "blob:", "data:")) for url in asked)
        assert context.cookies() == []
        plain = chromium.new_context(java_script_enabled=False)
        form = plain.new_page()
        form.goto(f"{address}/v")
        form.fill("#number", "BW0000001")
        form.click("#form button[type=submit]")
        assert form.url == f"{address}/v/check"
        text = form.inner_text("main")
        assert "Cannot tell" in text
        assert "Validated for export" in text
        assert plain.cookies() == []
        plain.close()
        context.close()

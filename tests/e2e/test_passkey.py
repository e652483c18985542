"""A passkey in a real browser with an authenticator in software: added, signed out, signed in with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.e2e.conftest import Served
from tests.e2e.story import Story
from tests.e2e.test_pages import _faults

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_passkey_is_added_and_signs_in(served: Served, chromium: Browser, tmp_path: Path) -> None:
    told = Story(chromium, served.url, "en", tmp_path)
    page = told.person("auditor", "bw-authority")
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{served.url}/demo")
    row = page.locator("table tr", has_text="auditor").first
    email, word = row.locator("td").nth(3).inner_text(), row.locator("td").nth(4).inner_text()
    faults: list[str] = []
    for path in ("2fa/", "sessions/", "2fa/webauthn/add/"):
        page.goto(f"{served.url}/account/{path}")
        faults += _faults(page)
        if "/reauthenticate/" in page.url:
            page.fill("[name=password]", word)
            page.locator("main form.stack button").first.click()
            page.wait_for_url(f"**/{path}")
            faults += _faults(page)
        assert page.url.endswith(path)
    page.fill("[name=name]", "Desk")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: not url.endswith("/add/"))
    page.goto(f"{served.url}/account/2fa/webauthn/")
    assert page.get_by_text("Desk", exact=False).count()
    faults += _faults(page)
    page.locator("header form[action$='logout/'] button").click()
    page.goto(f"{served.url}/account/login/")
    faults += _faults(page)
    page.fill("[name=login]", email)
    page.fill("[name=password]", word)
    page.locator("main form.stack button").click()
    page.wait_for_url("**/2fa/authenticate/**")
    faults += _faults(page)
    page.context.clear_cookies()
    page.goto(f"{served.url}/account/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/people/")
    assert page.locator("header form[action$='logout/']").count() == 1
    page.context.close()
    assert faults + told.faults == []

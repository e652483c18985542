"""A passkey in a real browser with an authenticator in software: added, signed in with, and approved with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.e2e import story as acts
from tests.e2e.conftest import Served
from tests.e2e.story import Story, authenticator
from tests.e2e.test_pages import _faults

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def account(page: Page, url: str, role: str) -> tuple[str, str]:
    """The address and password of a person of the demonstration."""
    page.goto(f"{url}/demo")
    row = page.locator(f'table tr:has(form[data-role="{role}"][data-organisation="bw-authority"])').first
    return row.locator("td").nth(3).inner_text(), row.locator("td").nth(4).inner_text()


def test_a_passkey_is_added_and_signs_in(served: Served, chromium: Browser, tmp_path: Path) -> None:
    told = Story(chromium, served.url, "en", tmp_path)
    page = told.person("auditor", "bw-authority")
    authenticator(page)
    email, word = account(page, served.url, "auditor")
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


def test_an_approval_takes_a_passkey_that_asks_who_it_is_and_no_other(
    served: Served, chromium: Browser, tmp_path: Path
) -> None:
    told = Story(chromium, served.url, "en", tmp_path)
    application = acts.apply(told)
    acts.review(told, application)
    page = told.person("approving", "bw-authority")
    keys, one = authenticator(page)
    word = account(page, served.url, "approving")[1]
    page.goto(f"{served.url}/account/2fa/webauthn/add/")
    if "/reauthenticate/" in page.url:
        page.fill("[name=password]", word)
        page.locator("main form.stack button").first.click()
        page.wait_for_url("**/2fa/webauthn/add/")
    page.fill("[name=name]", "Desk")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: not url.endswith("/add/"))
    page.goto(f"{served.url}/issuing/review/{application}/approve")
    button = page.locator("[data-passkey] button")
    keys.send("WebAuthn.setUserVerified", {"authenticatorId": one, "isUserVerified": False})
    button.click()
    said = page.locator("[data-passkey] [role=status]")
    said.filter(has_text="type the code instead").wait_for()
    assert page.url.endswith("/approve")
    page.screenshot(path=tmp_path / "refused.png", full_page=True)
    keys.send("WebAuthn.setUserVerified", {"authenticatorId": one, "isUserVerified": True})
    button.click()
    page.wait_for_url(re.compile(rf"/issuing/review/{application}$"))
    assert page.get_by_text("Approved. The issuing officer can sign it now.").count()
    page.goto(f"{served.url}/people/audit")
    row = page.locator("table.data tbody tr").first
    assert "Approved the exact statement" in row.inner_text()
    page.screenshot(path=tmp_path / "own-acts.png", full_page=True)
    page.context.close()
    assert told.faults == []

"""The story's beginning: an administrator invites an officer, who comes in by the link and reaches her desk."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.e2e.conftest import Served
from tests.e2e.story import Story, authenticator
from tests.e2e.test_pages import _faults

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
WORD = "seven dry rivers run"


def _code(secret: str) -> str:
    """What an authenticator application shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


@pytest.mark.parametrize(("script", "language"), [(True, "ar"), (False, "fr")])
def test_an_invited_officer_reaches_her_desk(
    served: Served, chromium: Browser, tmp_path: Path, script: bool, language: str
) -> None:
    told = Story(chromium, served.url, language, tmp_path)
    page = told.person("administrator", "bw-authority")
    faults: list[str] = []
    page.goto(f"{served.url}/people/invite")
    faults += _faults(page)
    page.fill("[name=name]", "Nomsa Dlamini")
    page.fill("[name=email]", f"nomsa-{language}@example.org")
    page.check("[name=roles][value=issuing]")
    page.select_option("[name=language]", language)
    page.locator("main form button").first.click()
    page.wait_for_selector("#link")
    told.look(page, "link")
    faults += _faults(page)
    link = page.input_value("#link")
    assert link.startswith(served.url)

    context = chromium.new_context(java_script_enabled=script, locale="en")
    her = context.new_page()
    her.goto(link)
    told.look(her, "invitation")  # in the language of the invitation, which her browser did not ask for
    faults += _faults(her) if script else []
    assert f"nomsa-{language}@" not in her.locator("main").inner_text()
    her.fill("[name=password1]", WORD)
    her.fill("[name=password2]", WORD)
    her.locator("main form button").first.click()
    her.wait_for_url("**/people/second-factor")
    her.goto(f"{served.url}/issuing/queue")
    assert her.url.endswith("/people/second-factor"), "before anything else"
    told.look(her, "second-factor")
    faults += _faults(her) if script else []
    her.locator('main a[href$="/totp/activate/"]').click()
    faults += _faults(her) if script else []
    for _ in range(3):  # a code may end while it is typed
        her.fill("[name=code]", _code(her.input_value("#authenticator_secret")))
        her.locator("main form button").first.click()
        her.wait_for_load_state()
        if her.url.endswith("/2fa/recovery-codes/"):
            break
    assert her.url.endswith("/2fa/recovery-codes/"), her.locator("main").inner_text()
    told.look(her, "recovery-codes")
    faults += _faults(her) if script else []
    her.locator('main a[href="/people/"]').click()
    her.goto(f"{served.url}/people/account")
    told.look(her, "account")
    faults += _faults(her) if script else []
    her.goto(f"{served.url}/issuing/queue")
    assert her.url.endswith("/issuing/queue")
    told.look(her, "desk")
    her.goto(link)
    assert her.locator("[name=password1]").count() == 0, "the link opens nothing any more"
    context.close()

    page.goto(f"{served.url}/people/members")
    told.look(page, "members")
    faults += _faults(page)
    assert page.locator("main tr", has_text="Nomsa Dlamini").count() >= 1
    page.context.close()
    assert faults + told.faults == []


def test_a_passkey_in_the_place_of_a_password(served: Served, chromium: Browser, tmp_path: Path) -> None:
    told = Story(chromium, served.url, "en", tmp_path)
    page = told.person("administrator", "bw-authority")
    page.goto(f"{served.url}/people/invite")
    page.fill("[name=name]", "Sindi Moyo")
    page.fill("[name=email]", "sindi@example.org")
    page.check("[name=roles][value=importing]")  # no second approver for the stories of others
    page.locator("main form button").first.click()
    link = page.input_value("#link")
    page.context.close()
    her = told.visitor()
    authenticator(her)
    her.goto(link)
    her.locator("[name=passkey]").click()
    her.wait_for_url("**/people/second-factor")
    told.look(her, "only-a-passkey")
    faults = _faults(her)
    her.locator('main a[href$="/webauthn/add/"]').click()
    alone = her.locator("[name=passwordless]")
    assert alone.is_checked()
    assert alone.is_disabled()
    faults += _faults(her)
    her.click("#mfa_webauthn_add")
    her.wait_for_url("**/2fa/recovery-codes/")
    her.locator("header form[action$='logout/'] button").click()
    her.goto(f"{served.url}/account/login/")
    her.click("#passkey_login")
    her.wait_for_url("**/people/")
    her.goto(f"{served.url}/people/account")
    told.look(her, "account-without-password")
    faults += _faults(her)
    her.goto(f"{served.url}/arrival/expected")
    assert her.url.endswith("/arrival/expected")
    her.context.close()
    assert faults + told.faults == []

"""Signing in through the pages: what holds a stranger off, and what the pages give the browser to run."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from tests.office.issuing.test_story import code
from tests.office.site import PASSWORD, Site

LOGIN, SECOND = "/account/login/", "/account/2fa/authenticate/"


@pytest.fixture(autouse=True)
def _no_counters(site: Site):
    cache.clear()


def browser() -> Client:
    return Client(headers={"host": "localhost"})


def email(site: Site) -> str:
    return site.membership("approving", officer="ap-1").user.email


def password(site: Site, client: Client, word: str = PASSWORD, who: str = "", **more: str):
    return client.post(LOGIN, {"login": who or email(site), "password": word, **more})


def answer(client: Client, text: str):
    return client.post(SECOND, {"code": text})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_password_and_code_sign_in_with_a_new_session(site: Site):
    client = browser()
    assert password(site, client).headers["Location"].startswith(SECOND)
    before = client.session.session_key
    assert not signed_in(client), "a password alone opens nothing"
    assert answer(client, "000000").status_code == 200
    assert not signed_in(client)
    assert answer(client, code()).status_code == 302
    assert signed_in(client)
    assert client.session.session_key != before


def test_a_recovery_code_counts_once(site: Site):
    user = site.membership("approving", officer="ap-1").user
    RecoveryCodes.activate(user)
    one = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    for good in (True, False):
        client = browser()
        password(site, client)
        answer(client, one)
        assert signed_in(client) is good


def test_known_and_unknown_addresses_get_the_same_answer(site: Site):
    for path in (LOGIN, "/account/password/reset/"):
        said = []
        for who in (email(site), "nobody@example.org"):
            cache.clear()
            sent = {"login": who, "password": "wrong wrong wrong"} if path == LOGIN else {"email": who}
            got = browser().post(path, sent)
            text = got.content.decode().replace(who, "")
            said.append(
                (got.status_code, got.headers.get("Location"), re.sub(r'token" value="\w+"', "", text))
            )
        assert said[0][0] in (200, 302), path
        assert said[0] == said[1], path


def test_nobody_signs_up_or_changes_the_address(site: Site):
    assert "By invitation only" in browser().get("/account/signup/").content.decode()
    for path in ("/account/email/", "/account/confirm-email/"):
        assert site.client("approving").get(path).status_code == 404


def test_sessions_end_other_sessions(site: Site):
    here, there = browser(), browser()
    for client in (here, there):
        password(site, client)
        answer(client, code())
        client.get("/people/")
    assert here.get("/account/sessions/").status_code == 200
    here.post("/account/sessions/")
    assert here.get("/people/").status_code == 200
    assert there.get("/people/").status_code == 302


def _names(patterns) -> list[str]:
    found: list[str] = []
    for one in patterns:
        found += [one.name] if isinstance(one, URLPattern) else _names(one.url_patterns)
    return [n for n in found if n and n.startswith(("account_", "mfa_", "usersessions_"))]


def test_no_page_of_the_account_has_inline_script_or_style(site: Site):
    half = browser()
    password(site, half)
    seen = 0
    for name in _names(get_resolver().url_patterns):
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue
        for client in (browser(), half, site.client("approving")):
            got = client.get(path)
            if got.status_code != 200 or not got.headers["Content-Type"].startswith("text/html"):
                continue
            text, seen = got.content.decode(), seen + 1
            assert 'dir="ltr"' in text, name
            scripts = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text)
            assert not scripts, (name, scripts)
            assert not re.search(r"<style|\sstyle=|\son\w+=", text), name
    assert seen > 12

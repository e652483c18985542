"""Sessions: their cookie, that a planted one is worth nothing, when they end, and that nobody is led to another host."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from tests.office.site import PASSWORD, SECRET, Site

from adamas.office.people.models import Act

LOGIN, SECOND = "/account/login/", "/account/2fa/authenticate/"


@pytest.fixture(autouse=True)
def _no_counters(site: Site) -> None:
    cache.clear()


def browser() -> Client:
    return Client(headers={"host": "localhost"})


def email(site: Site) -> str:
    return site.membership("approving", officer="ap-2").user.email


def sign_in(site: Site, client: Client, **more: str):
    client.post(LOGIN, {"login": email(site), "password": PASSWORD, **more})
    code = format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))
    cache.clear()  # so that a code counts again
    return client.post(SECOND, {"code": code})


def holding(key: str) -> Client:
    """A browser that holds a copy of a session's cookie."""
    client = browser()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def inside(client: Client) -> bool:
    return client.get("/people/").status_code == 200


def test_the_cookie_is_for_this_site_and_no_script(site: Site) -> None:
    for remembered in ({}, {"remember": "on"}):
        client = browser()
        sign_in(site, client, **remembered)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
        assert int(cookie["max-age"] or 0) <= 12 * 3600
        assert 0 < client.session.get_expiry_age() <= 12 * 3600, (
            "at most a day's work, whatever the browser keeps"
        )


def test_cookies_go_over_tls_only_where_the_office_has_a_name(site: Site, tmp_path: Path) -> None:
    told = "from adamas.office.web import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
    told += " s.SECURE_HSTS_SECONDS > 0)"
    place = {**os.environ, "ADAMAS_HOME": str(tmp_path), "ADAMAS_HOSTS": "office.example"}
    made = subprocess.run([sys.executable, "-c", told], env=place, capture_output=True, text=True, check=True)
    assert made.stdout.split() == ["True", "True", "True"]


def test_a_planted_session_is_worth_nothing(site: Site) -> None:
    """Session fixation: who gave the browser its cookie before does not hold the session after."""
    planted = browser()
    planted.get(LOGIN)
    session = planted.session
    session["planted"] = True
    session.save()
    key = session.session_key
    victim = holding(key)
    sign_in(site, victim)
    assert inside(victim)
    assert victim.session.session_key != key
    assert not inside(holding(key))
    unknown = holding("a" * 32)
    sign_in(site, unknown)
    assert unknown.session.session_key != "a" * 32, "a key that the office did not make is not taken"


def test_signing_out_ends_the_session_and_not_only_the_cookie(site: Site) -> None:
    client = browser()
    sign_in(site, client)
    copy = holding(client.session.session_key)
    assert inside(copy)
    client.post("/account/logout/")
    assert not inside(copy)
    assert not inside(client)
    acts = Act.objects.filter(user__email=email(site)).order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["sign.in", "sign.out"]


def test_all_sessions_end_when_the_password_is_changed(site: Site) -> None:
    here, there = browser(), browser()
    for client in (here, there):
        sign_in(site, client)
    here.post("/account/reauthenticate/", {"password": PASSWORD})
    new = "another long enough one"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/account/password/change/", form).status_code == 302
    assert not inside(here)
    assert not inside(there)
    assert "sign.password" in Act.objects.values_list("act", flat=True)


def test_ending_the_other_sessions_is_in_the_trail(site: Site) -> None:
    here, there = browser(), browser()
    for client in (here, there):
        sign_in(site, client)
        client.get("/people/")
    here.post("/account/sessions/")
    assert inside(here)
    assert not inside(there)
    ended = Act.objects.get(act="session.ended")
    assert (ended.user.email, ended.details["count"]) == (email(site), 1)


def test_what_is_done_to_the_second_factors_is_in_the_trail(site: Site) -> None:
    client = browser()
    sign_in(site, client)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert client.post("/account/2fa/recovery-codes/generate/").status_code == 302
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    acts = Act.objects.filter(user__email=email(site)).order_by("pk")
    assert [one.act for one in acts][:2] == ["sign.in", "recovery.made"]
    assert "factor.removed" in [one.act for one in acts]
    assert [one.details["kind"] for one in acts if one.act == "factor.removed"] == ["totp"]
    assert SECRET not in str([one.details for one in acts])


def test_who_works_for_two_has_the_sign_in_in_both_trails(site: Site) -> None:
    from adamas.office.people.models import Membership, Organisation

    user = site.membership("approving", officer="ap-2").user
    customs = Organisation.objects.get(slug="bw-customs")
    second = Membership.objects.create(user=user, organisation=customs, role="customs", officer="va-9")
    client = browser()
    sign_in(site, client)
    assert client.post("/people/acting", {"membership": second.pk}).status_code == 302
    client.post("/people/acting", {"membership": second.pk})
    acts = Act.objects.order_by("pk").values_list("act", "organisation__slug")
    assert list(acts) == [
        ("sign.in", "bw-authority"),
        ("sign.in", "bw-customs"),
        ("role.taken", "bw-customs"),
    ]
    assert Act.objects.first().details["way"] == ["password", "totp"]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_next_leads_to_no_other_host(site: Site, target: str) -> None:
    client = browser()
    assert "evil" not in sign_in(site, client, next=target).headers["Location"]
    for path, form in (
        (f"/account/reauthenticate/?next={target}", {"password": PASSWORD, "next": target}),
        ("/people/acting", {"membership": "1", "next": target}),
        ("/language", {"language": "fr", "next": target}),
        (f"/account/logout/?next={target}", {"next": target}),
    ):
        cache.clear()
        answer = client.post(path, form)
        assert answer.status_code == 302, path
        place = answer.headers["Location"]
        assert place.startswith("/"), (path, place)
        assert not place.startswith(("//", "/\\")), (path, place)


def test_another_host_in_the_request_is_not_believed(site: Site) -> None:
    """Neither as the host, nor beside it: what the office links to is under its own name."""
    assert browser().get(LOGIN, headers={"host": "evil.example"}).status_code == 400
    for name in ("X-Forwarded-Host", "X-Host", "Forwarded", "X-Forwarded-Server"):
        value = "host=evil.example" if name == "Forwarded" else "evil.example"
        answer = browser().get("/people/", headers={name: value})
        assert "evil" not in answer.headers["Location"]
        assert "evil" not in browser().get(LOGIN, headers={name: value}).text

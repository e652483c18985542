"""Guessing: passwords, codes, recovery codes, secrets of programs, links. Bounded for each account and each address, and
a stranger who guesses does not shut the officer out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings
from tests.office.site import PASSWORD, SECRET, Site

from adamas.office.people import audit
from adamas.office.people.models import Act

LOGIN, SECOND, AGAIN = "/account/login/", "/account/2fa/authenticate/", "/account/reauthenticate/"
WRONG = "wrong wrong wrong"
QUICK = "django.contrib.auth.hashers.MD5PasswordHasher"


@pytest.fixture(autouse=True)
def _quick(site: Site) -> Iterator[None]:
    """No counters of other tests, and passwords that are checked in no time."""
    cache.clear()
    with override_settings(PASSWORD_HASHERS=[QUICK, *settings.PASSWORD_HASHERS]):
        user = site.membership("approving", officer="ap-2").user
        user.set_password(PASSWORD)
        user.save()
        yield


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets so many seconds go by."""
    real = time.time

    def pass_by(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + seconds)

    return pass_by


def at(address: str = "198.51.100.7", client: Client | None = None) -> Client:
    """A browser at an address of the network."""
    client = client or Client(headers={"host": "localhost"})
    client.defaults["REMOTE_ADDR"] = address
    return client


def email(site: Site) -> str:
    return site.membership("approving", officer="ap-2").user.email


def password(site: Site, client: Client, word: str = PASSWORD, who: str = ""):
    return client.post(LOGIN, {"login": who or email(site), "password": word})


def taken(site: Site, client: Client) -> bool:
    """Whether the right password leads on to the second factor."""
    answer = password(site, client)
    return answer.status_code == 302 and answer.headers["Location"].startswith(SECOND)


def code() -> str:
    """What the officer's authenticator application shows."""
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def sign_in(site: Site, client: Client, word: str = "") -> bool:
    password(site, client)
    client.post(SECOND, {"code": word or code()})
    return "_auth_user_id" in client.session


def test_one_account_is_not_guessed_from_many_addresses(site: Site, later: Callable[[float], None]) -> None:
    for n in range(6):
        password(site, at(f"203.0.113.{n}"), WRONG)
    assert not taken(site, at()), "while it lasts no password is looked at"
    assert "Too many failed" in password(site, at()).text
    later(301)
    assert taken(site, at()), "five minutes later the officer is in, from a browser never seen before"


def test_a_stranger_does_not_shut_an_officer_out(site: Site) -> None:
    own = at()
    assert sign_in(site, own)
    for n in range(8):
        password(site, at(f"203.0.113.{n}"), WRONG)
    assert not taken(site, at("203.0.113.99"))
    assert own.post(AGAIN, {"password": PASSWORD}).status_code == 302, "in the own browser all goes on"

    def anew() -> Client:
        client = at()
        client.cookies["known"] = own.cookies["known"].value
        return client

    assert taken(site, anew())
    for _ in range(5):
        password(site, anew(), WRONG)
    assert not taken(site, anew()), "which is no way to guess without end"


def test_the_mark_of_a_browser_opens_nothing_and_cannot_be_made(site: Site) -> None:
    own = at()
    sign_in(site, own)
    cookie = own.cookies["known"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/account/")
    assert email(site) not in cookie.value
    stranger = at("203.0.113.5")
    stranger.cookies["known"] = cookie.value
    assert "_auth_user_id" not in stranger.session
    assert stranger.get("/people/").status_code == 302
    for n in range(6):
        password(site, at(f"203.0.113.{n}"), WRONG)
    for forged in (cookie.value[:-2] + "xx", "e30:1:x", "", "[]", "a" * 5_000):
        stranger.cookies["known"] = forged
        assert not taken(site, stranger)


def test_one_address_does_not_guess_at_many_accounts(site: Site) -> None:
    here = at("203.0.113.5")
    answers = [password(site, here, WRONG, f"person{n}@example.org") for n in range(31)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].text
    assert '<html lang="en" dir="ltr">' in answers[-1].text
    assert sum("Too many failed" not in a.text and a.status_code == 200 for a in answers) <= 10
    assert taken(site, at()), "others are not concerned"


def test_the_address_is_not_what_a_visitor_says_it_is(site: Site) -> None:
    def flood(count: int) -> int:
        cache.clear()
        for n in range(count):
            sent = {"login": f"person{n}@example.org", "password": WRONG}
            last = at("203.0.113.5").post(LOGIN, sent, headers={"X-Forwarded-For": f"192.0.2.{n}"})
        return last.status_code

    assert flood(31) == 429
    with override_settings(
        ALLAUTH_TRUSTED_PROXY_COUNT=1
    ):  # as ADAMAS_BEHIND_PROXY sets it: the proxy's word counts
        assert flood(12) == 200


def test_codes_of_a_second_factor_are_not_guessed(site: Site, later: Callable[[float], None]) -> None:
    for n in range(2):  # with the right password each time, from elsewhere each time
        client = at(f"203.0.113.{n}")
        assert taken(site, client)
        for guess in range(5):
            client.post(SECOND, {"code": f"{guess:06}"})
    client = at()
    assert taken(site, client)
    assert not sign_in(site, client), "the right code is not looked at either"
    assert [a.details["attempt"] for a in Act.objects.filter(act="factor.failed").order_by("pk")] == [
        1,
        2,
        3,
        4,
        5,
    ]
    later(330)
    assert sign_in(site, at())


def test_recovery_codes_are_not_guessed(site: Site) -> None:
    user = site.membership("approving", officer="ap-2").user
    RecoveryCodes.activate(user)
    right = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    for n in range(6):
        client = at(f"203.0.113.{n}")
        password(site, client)
        client.post(SECOND, {"code": f"{n:08}"})
    assert not sign_in(site, at(), right)
    cache.clear()
    assert sign_in(site, at(), right)


@pytest.mark.parametrize(("path", "field"), [(AGAIN, "password"), ("/account/2fa/reauthenticate/", "code")])
def test_who_sits_down_at_an_open_session_guesses_no_more_than_others(
    site: Site, path: str, field: str
) -> None:
    client = at(client=site.client("approving", "bw-authority"))
    for _ in range(12):
        client.post(path, {field: "000000"})
    answer = client.post(path, {field: PASSWORD if field == "password" else code()})
    assert answer.status_code in (200, 429), "the right one is refused too while it lasts"
    assert client.get("/people/").status_code == 200, "the session itself goes on"


def test_secrets_of_programs_are_not_guessed_and_others_go_on(site: Site) -> None:
    from adamas.office.api import clients

    made, secret = clients.make(
        site.membership("administrator", "bw-authority"), "Sums", ["issuing"], ["read"]
    )

    def token(client: Client, word: str) -> int:
        form = {
            "grant_type": "client_credentials",
            "client_id": made.application.client_id,
            "client_secret": word,
        }
        return client.post("/api/oauth/token", form).status_code

    stranger = at("203.0.113.5")
    told = [token(stranger, "x" * 43) for _ in range(31)]
    assert set(told[:20]) == {401}
    assert told[-1] == 429
    assert token(at(), secret) == 200


def test_links_of_invitations_are_not_guessed(site: Site) -> None:
    stranger = at("203.0.113.5")
    told = [stranger.get(f"/people/invitation/{'x' * 40}{n}").status_code for n in range(31)]
    assert told[0] == 404
    assert told[-1] == 429
    assert at().get("/people/invitation/" + "x" * 43).status_code == 404


def test_guesses_are_in_the_trail_and_do_not_flood_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "allauth.core.internal.ratelimit.apply_rate", lambda history, *_a, **_k: (True, history)
    )
    monkeypatch.setattr(audit, "HOUR", 10**10)  # this test may run at the full hour
    for _ in range(7):
        password(site, at(), WRONG)
        password(site, at(), WRONG, "nobody@example.org")
    found = Act.objects.filter(act="sign.failed").order_by("pk")
    assert [one.details["attempt"] for one in found] == [1, 2, 3, 4, 5]
    assert {(one.organisation.slug, one.user.email) for one in found} == {("bw-authority", email(site))}
    assert {one.details["network"] for one in found} == {"198.51.100.0/24"}
    written = [n for n in range(1, 102) if audit.repeated("sign.failed", "somebody") is not None]
    assert written == [1, 2, 3, 4, 5, 10, 100]

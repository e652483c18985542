"""Tokens and secrets: what a copy of the database gives, who is let in, and for how long."""

from __future__ import annotations

import base64
import sqlite3

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model
from tests.office.api.conftest import Program, token

from adamas.office.api import clients, sending, views
from adamas.office.api.models import Answered, ApiClient
from adamas.office.people.models import Organisation, User

GOOD = {"to": "AE"}


def door(program: Program, act: str, secret: str = "", **form: str):
    basic = base64.b64encode(f"{program.client_id}:{secret or program.secret}".encode()).decode()
    return program.browser.post(f"/api/oauth/{act}", form, headers={"Authorization": f"Basic {basic}"})


def ask(program: Program, secret: str = "", **form: str):
    return door(program, "token", secret, grant_type="client_credentials", **form)


def client_of(program: Program) -> ApiClient:
    return ApiClient.objects.get(application__client_id=program.client_id)


def test_a_copy_of_the_database_gives_nothing_to_use(site, program) -> None:
    from adamas.office.api import webhooks

    firm = program("okavango", "exporter")
    assert firm.raw("POST", "applications", GOOD, Idempotency_Key="k-1").status_code == 201
    hook = {"url": "https://8.8.8.8/", "events": ["application.moved"]}
    made = firm.call("POST", "webhooks", hook, Idempotency_Key="k-2")[1]
    again = firm.raw("POST", "webhooks", hook, Idempotency_Key="k-2")
    assert again.json() == made, "the answer comes again, secret and all"
    assert again["Cache-Control"] == "no-store"
    secrets = (firm.token, firm.secret, made["secret"], made["secret"].removeprefix("whsec_"))
    assert webhooks.secrets_of(_hook(made["id"]), site.clock.now) == [made["secret"]]
    held = get_access_token_model().objects.get()
    assert (held.token, len(held.token_checksum)) == ("", 64)
    for kept in (held.token_checksum, get_application_model().objects.get().client_secret):
        stolen = Program(firm.browser, kept, firm.client_id, kept)
        assert stolen.call("GET", "certificates")[0] == 401
        assert ask(stolen).status_code == 401
    assert Answered.objects.count() == 2
    everything = _every_byte_of_the_database()
    for secret in secrets:
        assert secret.encode() not in everything
        assert base64.b64encode(secret.encode()) not in everything


def _hook(key: int):
    from adamas.office.api.models import Webhook

    return Webhook.objects.get(pk=key)


def _every_byte_of_the_database() -> bytes:
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("SQLite shows all of its bytes")
    connection.ensure_connection()
    held: sqlite3.Connection = connection.connection
    return held.serialize()


def test_a_token_is_short_ended_by_its_client_alone_and_forgotten(site, program) -> None:
    firm, other = program("okavango", "exporter"), program("chobe", "exporter")
    answer = ask(firm)
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["expires_in"] <= 900
    assert "refresh_token" not in answer.json()
    assert door(other, "revoke", token=firm.token).status_code == 200, "RFC 7009 tells nobody what exists"
    assert firm.call("GET", "certificates")[0] == 200
    assert door(firm, "revoke", "x" * 43, token=firm.token).status_code == 401
    assert door(firm, "revoke", token=firm.token).status_code == 200
    assert firm.call("GET", "certificates")[0] == 401
    assert door(firm, "revoke", token="never-given").status_code == 200
    for held in get_access_token_model().objects.all():
        held.expires = timezone.now()
        held.save()
    assert other.call("GET", "certificates")[0] == 401
    sending.forget()
    assert not get_access_token_model().objects.exists()


def test_who_has_no_access_any_more_gets_no_token_and_uses_none(site, program) -> None:
    boss = site.membership("administrator", "bw-authority")
    one, two, three, four = (program("okavango", "exporter") for _ in range(4))
    clients.end(boss, client_of(one))
    User.objects.filter(pk=client_of(two).user_id).update(is_active=False)
    clients.renew(boss, client_of(three))
    for out in (one, two, three):
        assert out.call("GET", "certificates")[0] == 401
        assert ask(out).status_code == 401
    assert four.call("GET", "certificates")[0] == 200
    Organisation.objects.filter(slug="okavango").update(active=False)
    assert four.call("GET", "certificates")[0] == 401
    assert ask(four).status_code == 401


def test_scopes_are_those_that_were_given_and_asked_for(site, program) -> None:
    firm = program("okavango", "exporter", scopes=("read", "apply"))
    assert ask(firm, scope="read amend").status_code == 400
    less = Program(firm.browser, ask(firm, scope="read").json()["access_token"])
    assert less.call("GET", "applications")[0] == 200
    status, refused = less.call("POST", "applications", GOOD)
    assert (status, refused["code"]) == (403, "api.scope")
    given = client_of(firm)
    given.scopes = ["read"]
    given.save()
    assert firm.call("POST", "applications", GOOD)[1]["code"] == "api.scope", (
        "what is taken away is gone at once"
    )
    for form in (
        {"grant_type": "password", "username": "a", "password": "b"},
        {"grant_type": "implicit"},
        {},
    ):
        assert 400 <= door(firm, "token", **form).status_code < 500, "client credentials alone"
    assert firm.browser.get(f"/api/v1/certificates?access_token={firm.token}").status_code == 401, (
        "an address stands in logs, so a token in it is none"
    )


def test_guessing_is_bounded_by_the_minute_and_by_the_hour(site, program, monkeypatch) -> None:
    from adamas.office.api import limits

    firm = program("okavango", "exporter")
    monkeypatch.setattr(views, "FAILED_AN_HOUR", 3)
    told = [ask(firm, "x" * 43).status_code for _ in range(4)]
    assert told == [401, 401, 401, 429]
    right = ask(firm)
    assert (right.status_code, right["Content-Type"]) == (429, "application/problem+json")
    assert int(right["Retry-After"]) > 0
    elsewhere = Client(headers={"host": "localhost"}, REMOTE_ADDR="198.51.100.9")
    assert token(elsewhere, firm.client_id, firm.secret), "nobody locks a client out by knowing its name"
    assert limits.TOKENS_PER_MINUTE == 30


def test_the_doors_are_described(shared_site) -> None:
    told = shared_site.client().get("/.well-known/oauth-authorization-server")
    assert told["Content-Type"] == "application/json"
    found = told.json()
    assert told.wsgi_request.build_absolute_uri("/").rstrip("/") == found["issuer"]
    assert found["grant_types_supported"] == ["client_credentials"]
    for name in ("token_endpoint", "revocation_endpoint", "service_documentation"):
        path = found[name].removeprefix(found["issuer"])
        assert shared_site.client().get(path).status_code in (200, 405), path
    from adamas.office.api import conf

    assert found["scopes_supported"] == list(conf.SCOPES)

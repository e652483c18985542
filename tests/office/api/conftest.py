"""Programs of the organisations of the site, with tokens, as outside systems have them."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.test import Client

from adamas import client as typed


@dataclass
class Program:
    """A program with a token; `call` gives status and decoded answer."""

    browser: Client
    token: str
    client_id: str = ""
    secret: str = ""

    def raw(self, method: str, path: str, body: Any = None, **headers: str):
        kind = {"content_type": "application/json"} if body is not None else {}
        return self.browser.generic(
            method,
            f"/api/v1/{path}",
            json.dumps(body) if body is not None else b"",
            headers={
                "Authorization": f"Bearer {self.token}",
                **{k.replace("_", "-"): v for k, v in headers.items()},
            },
            **kind,
        )

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        answer = self.raw(method, path, body, **headers)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json", answer.content
        return answer.status_code, json.loads(answer.content)

    def send(self, path: str, form: dict[str, Any], status: int | None = 201) -> Any:
        """Sends a form with files; what was answered, or the status if none is expected."""
        for value in form.values():
            getattr(value, "seek", lambda _: None)(0)
        answer = self.browser.post(f"/api/v1/{path}", form, headers={"Authorization": f"Bearer {self.token}"})
        if status is None:
            return answer.status_code
        assert answer.status_code in (200, status), answer.content
        return json.loads(answer.content)


@pytest.fixture
def program(site) -> Callable[..., Program]:
    """Makes a client of an organisation through the administrator's act, and gets a token by its secret."""

    def made(organisation: str, *roles: str, scopes: tuple[str, ...] = ()) -> Program:
        return program_of(organisation, roles, scopes)

    return made


def program_of(organisation: str, roles: tuple[str, ...], scopes: tuple[str, ...] = ()) -> Program:
    from adamas.office.api import clients, conf
    from adamas.office.people.models import Membership, Organisation

    owner = Organisation.objects.get(slug=organisation)
    boss = Membership(organisation=owner, user=Membership.objects.first().user, role="administrator")
    client, secret = clients.make(boss, f"system of {organisation}", roles, scopes or tuple(conf.SCOPES))
    browser = Client(headers={"host": "localhost"})
    return Program(
        browser, token(browser, client.application.client_id, secret), client.application.client_id, secret
    )


def token(browser: Client, client_id: str, secret: str) -> str:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    answer = browser.post(
        "/api/oauth/token", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
    )
    assert answer.status_code == 200, answer.content
    return answer.json()["access_token"]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(site):
    """The site over real HTTP."""
    from adamas.office.web.wsgi import application

    server = make_server("localhost", 0, application, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


def opened(address: str, organisation: str, *roles: str, pool=None) -> typed.Client:
    """The typed client of a new program of an organisation."""
    made = program_of(organisation, roles)
    return typed.Client(address, made.client_id, made.secret, pool=pool)

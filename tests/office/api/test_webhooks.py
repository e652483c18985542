"""Webhooks: told in the transaction of what happened, signed, tried again; and never led into a private network."""

from __future__ import annotations

import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from standardwebhooks import Webhook as Judge
from tests.office.arrival.test_arrival import NUMBER, ship

from adamas.office.api import clients, events, outside, sending
from adamas.office.api.errors import ApiError
from adamas.office.api.models import Delivery, Webhook
from adamas.office.issuing import signals
from adamas.office.issuing.models import Application

PUBLIC = "93.184.215.14"


@pytest.fixture
def resolve(monkeypatch):
    """Lets every name lead to given addresses, without a network."""

    def to(*addresses: str) -> None:
        found = [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443))
            for a in addresses
        ]
        monkeypatch.setattr(outside.socket, "getaddrinfo", lambda *_, **__: found)

    return to


class Receiver(BaseHTTPRequestHandler):
    got: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(type(self).status)
        self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver():
    Receiver.got, Receiver.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()


def test_a_receiver_is_told_once_it_is_up_again(site, monkeypatch, receiver) -> None:
    monkeypatch.setattr("django.conf.settings.DEMO", True)
    page = site.client("administrator", "ae-authority")
    answer = page.post(
        "/api/webhooks", {"url": receiver, "events": ["shipment.dispatched", "certificate.issued"]}
    )
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())[0]
    assert secret not in page.get("/api/webhooks").content.decode(), "shown once"
    assert secret.encode() not in bytes(Webhook.objects.get().secret)
    ship(site)
    customs = site.client("customs", "bw-customs")
    Receiver.status = 302
    customs.post("/issuing/validation", {"number": NUMBER, "act": "dispatch"})
    sending.deliver()
    one = Delivery.objects.get()
    assert (one.state, one.answer, one.tries) == ("waiting", 302, 1), "a redirect is not followed"
    assert sending.deliver() == 0, "not before it is due again"
    Receiver.status = 200
    site.clock.now += 60
    assert sending.deliver() == 1
    headers, body = Receiver.got[-1]
    assert headers["webhook-id"] == Receiver.got[0][0]["webhook-id"]
    assert headers["webhook-signature"].startswith("v1,")
    assert body == one.body.encode()
    stamp = int(headers["webhook-timestamp"])
    assert stamp == site.clock.now
    from datetime import UTC, datetime

    assert (
        Judge(secret).sign(one.message, datetime.fromtimestamp(stamp, UTC), one.body)
        == headers["webhook-signature"]
    )
    assert b'"shipment.dispatched"' in body
    assert b"Okavango" not in body, "no private content"
    listed = page.get(f"/api/webhooks/{one.webhook_id}").content.decode()
    assert "shipment.dispatched" in listed
    page.post(f"/api/webhooks/message/{one.pk}/again")
    assert sending.deliver() == 1
    stranger = site.client("administrator", "bw-authority")
    assert stranger.get(f"/api/webhooks/{one.webhook_id}").status_code == 404
    assert stranger.post(f"/api/webhooks/message/{one.pk}/again").status_code == 404


def test_it_is_given_up_after_days_and_told_to_those_concerned_only(site, resolve, monkeypatch) -> None:
    resolve(PUBLIC)
    monkeypatch.setattr(outside, "send", lambda *_: 500)
    from adamas.office.api import webhooks

    for role, organisation in (("administrator", "bw-authority"), ("administrator", "ae-authority")):
        webhooks.make(site.membership(role, organisation), "https://x.example/", list(events.EVENTS))
    draft = Application.objects.create(
        organisation=site.membership("exporter", "okavango").organisation,
        participant="BW",
        since=0,
        made=0,
        changed=0,
        author=site.user("exporter", "okavango"),
    )
    signals.moved.send(sender=Application, application=draft, act="submit")
    assert not Delivery.objects.exists(), "a draft is the firm's own"
    draft.submitted = 1
    signals.moved.send(sender=Application, application=draft, act="submit")
    assert Delivery.objects.get().webhook.organisation.slug == "bw-authority"
    for _ in range(len(sending.WAITS) + 1):
        sending.deliver()
        site.clock.now += 90_000
    assert Delivery.objects.get().state == "failed"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.9",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "ff02::1",
    ],
)
def test_a_name_that_leads_inside_is_refused(resolve, address: str) -> None:
    resolve(PUBLIC, address)
    with pytest.raises(ApiError, match="private network"):
        outside.target("https://looks.example/hook")


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://user@a.example/",
        "https://a.example:22/",
        "https://a.example\\@b.example/",
        "https://a.example/\r\nHost: b",
        "https:///x",
        "https://[::1",
        "",
        "gopher://a.example:443/",
    ],
)
def test_other_addresses_are_refused(resolve, url: str) -> None:
    resolve(PUBLIC)
    with pytest.raises(ApiError):
        outside.target(url)


def test_the_address_that_was_judged_is_the_one_that_is_called(resolve, monkeypatch) -> None:
    resolve(PUBLIC)
    judged = outside.target("https://a.example/x?y=1")
    resolve("127.0.0.1")
    called = []

    def connect(address, *_: object, **__: object):
        called.append(address)
        raise OSError

    monkeypatch.setattr(outside.urllib3.util.connection, "create_connection", connect)
    with pytest.raises(ApiError, match="no answer"):
        outside.send(judged, b"{}", {})
    assert called == [(PUBLIC, 443)]


def test_an_administrator_gives_a_program_access(site) -> None:
    page = site.client("administrator", "bw-authority")
    form = {"name": "Single window", "roles": ["customs"], "scopes": ["read", "validate"]}
    shown = page.post("/api/clients", form).content.decode()
    assert "shown this once" in shown
    assert page.post("/api/clients", {**form, "roles": ["approving"]}).status_code == 422, "a person approves"
    listed = page.get("/api/clients").content.decode()
    assert "Single window" in listed
    assert "shown this once" not in listed
    from adamas.office.api.models import ApiClient

    made = ApiClient.objects.get()
    assert site.client("administrator", "ae-authority").post(f"/api/clients/{made.pk}").status_code == 404
    page.post(f"/api/clients/{made.pk}", {"act": "end"})
    assert ApiClient.objects.get().ended is None, "it asks"
    page.post(f"/api/clients/{made.pk}", {"act": "end", "sure": "1"})
    assert ApiClient.objects.get().ended
    assert site.client("issuing", "bw-authority").get("/api/clients").status_code == 403
    late = site.client("administrator", "bw-authority", stepped_up=False)
    assert late.get("/api/clients").status_code == 302, "the person proves again who it is"
    assert set(clients.roles_for("exporter")) == {"exporter", "auditor"}


def test_a_receiver_that_answers_a_letter_at_a_time_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket
    import threading
    import time

    from adamas.office.api import outside
    from adamas.office.api.errors import ApiError

    monkeypatch.setattr(outside, "SECONDS", 0.6)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            client, _ = server.accept()
            with client:
                for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100:
                    time.sleep(0.1)
                    try:
                        client.send(bytes([letter]))
                    except OSError:
                        return

        threading.Thread(target=drip, daemon=True).start()
        port = server.getsockname()[1]
        begun = time.monotonic()
        with pytest.raises(ApiError, match="no answer"):
            outside.send(outside.Target("http", "127.0.0.1", port, "/", "127.0.0.1"), b"{}", {})
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "address", ["168.63.129.16", "192.0.0.8", "fec0::1", "169.254.169.254", "::ffff:10.0.0.1"]
)
def test_metadata_and_private_addresses_are_never_called(address: str) -> None:
    import ipaddress

    from adamas.office.api import outside

    assert not outside._allowed(ipaddress.ip_address(address))

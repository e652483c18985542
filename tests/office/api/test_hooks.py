"""Webhooks by the API: kept by programs, signed so that others can check it, and led nowhere that is not public."""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import socket
import subprocess
import threading
import time

import pytest
from standardwebhooks import Webhook as Judge
from tests.conftest import missing
from tests.office.api.conftest import opened
from tests.office.api.test_client import GOOD
from tests.office.api.test_webhooks import PUBLIC, Receiver, receiver, resolve  # noqa: F401 (fixtures)

from adamas.client import Refused, genuine
from adamas.office.api import outside, sending
from adamas.office.api.errors import ApiError
from adamas.office.api.models import ApiClient, Delivery, Webhook
from adamas.office.people.models import Act

PUBLISHED = (
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    b'{"test": 2432232314}',
)
"""The example of the standard's own libraries."""


def test_a_program_keeps_its_webhooks(site, address, receiver, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setattr("django.conf.settings.DEMO", True)
    firm = opened(address, "okavango", "exporter")
    hook = firm.make_webhook(receiver, "application.moved")
    assert hook.secret.startswith("whsec_")
    assert firm.webhook(hook.id).secret == "", "shown once"
    draft = firm.apply(GOOD)
    firm.submit(draft.id, no_conflict_diamonds=True)
    assert sending.deliver() == 1
    one = next(firm.deliveries(hook.id))
    assert (one.state, one.answer, one.event) == ("done", 200, "application.moved")
    assert f'"application":{draft.id}' in one.body
    headers, body = Receiver.got[-1]
    now = site.clock.now
    assert genuine(hook.secret, headers, body, now=now)
    assert not genuine(hook.secret, headers, body + b" ", now=now)
    assert not genuine(hook.secret, headers, body, now=now + 301), "an old one, sent again by somebody"
    assert not genuine(hook.secret, {**headers, "webhook-id": "msg_x"}, body, now=now)

    after = firm.rotate_webhook(hook.id)
    assert after.overlap_until == now + 86_400
    firm.send_again(one.id)
    assert sending.deliver() == 1
    headers, body = Receiver.got[-1]
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert genuine(hook.secret, headers, body, now=now), "who has the old secret still reads"
    assert genuine(after.secret, headers, body, now=now)
    site.clock.now += 86_401
    firm.send_again(one.id)
    sending.deliver()
    headers, body = Receiver.got[-1]
    assert not genuine(hook.secret, headers, body, now=site.clock.now)
    assert genuine(after.secret, headers, body, now=site.clock.now)
    last = firm.rotate_webhook(hook.id, at_once=True)
    assert last.overlap_until is None
    firm.send_again(one.id)
    sending.deliver()
    headers, body = Receiver.got[-1]
    assert not genuine(after.secret, headers, body, now=site.clock.now), (
        "a secret that others know ends at once"
    )
    assert genuine(last.secret, headers, body, now=site.clock.now)

    told = len(Receiver.got)
    assert firm.end_webhook(hook.id).ended
    with pytest.raises(Refused):
        firm.send_again(one.id)
    with pytest.raises(Refused):
        firm.rotate_webhook(hook.id)
    firm.withdraw(draft.id)
    sending.deliver()
    assert len(Receiver.got) == told
    assert [one.id for one in firm.webhooks()] == [hook.id]
    acts = set(Act.objects.filter(act__startswith="webhook.").values_list("act", flat=True))
    assert acts == {"webhook.made", "webhook.renewed", "webhook.again", "webhook.ended"}


def test_what_stops_a_program_is_asked_for_twice(site, program, resolve) -> None:  # noqa: F811
    resolve(PUBLIC)
    desk = program("bw-authority", "issuing")
    body = {"url": "https://x.example/", "events": ["application.moved"]}
    hook = Webhook.objects.get(pk=desk.call("POST", "webhooks", body)[1]["id"])
    made = ApiClient.objects.get()
    page = site.client("administrator", "bw-authority")
    assert page.post(f"/api/clients/{made.pk}", {"act": "renew"}).status_code == 302
    assert desk.call("GET", "certificates")[0] == 200
    assert b"this once" in page.post(f"/api/clients/{made.pk}", {"act": "renew", "sure": "1"}).content
    assert desk.call("GET", "certificates")[0] == 401
    assert page.post(f"/api/webhooks/{hook.pk}/change", {"act": "replace"}).status_code == 302
    assert b"whsec_" in page.post(f"/api/webhooks/{hook.pk}/change", {"act": "renew"}).content
    hook.refresh_from_db()
    assert hook.overlaps()
    assert "The secret before signs too" in page.get("/api/webhooks").text
    assert b"whsec_" in page.post(f"/api/webhooks/{hook.pk}/change", {"act": "replace", "sure": "1"}).content
    hook.refresh_from_db()
    assert not hook.overlaps()


def test_webhooks_need_their_scope_and_are_ones_own(site, program, resolve) -> None:  # noqa: F811
    resolve(PUBLIC)
    firm = program("okavango", "exporter")
    body = {"url": "https://x.example/", "events": ["application.moved"]}
    hook = firm.call("POST", "webhooks", body)[1]
    assert program("okavango", "exporter", scopes=("read",)).call("GET", "webhooks")[1]["code"] == "api.scope"
    other = program("chobe", "exporter")
    assert other.call("GET", f"webhooks/{hook['id']}")[0] == 404
    assert other.call("DELETE", f"webhooks/{hook['id']}")[0] == 404
    assert firm.call("POST", "webhooks", {**body, "events": ["everything"]})[1]["code"] == "api.invalid"
    resolve("10.0.0.1")
    assert firm.call("POST", "webhooks", body)[1]["code"] == "webhook.private"


def test_signatures_are_those_of_the_standard(site) -> None:
    secret, headers, body = PUBLISHED
    assert genuine(secret, headers, body, now=1614265330)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = f"v1,{base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()}"
    assert signature == headers["webhook-signature"]
    if shutil.which("openssl") is None:
        missing("openssl", "apt install openssl")
    line = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary"]
    done = subprocess.run(line, input=text, capture_output=True, check=True)
    assert f"v1,{base64.b64encode(done.stdout).decode()}" == signature
    from datetime import UTC, datetime

    stamp = datetime.fromtimestamp(1614265330, UTC)
    assert Judge(secret).sign(headers["webhook-id"], stamp, body.decode()) == signature


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "127.1",
        "0",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "169.254.169.254",
        "2852039166",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "10.0.0.1",
        "192.168.1.1",
    ],
)
def test_no_spelling_of_an_inner_address_is_called(host: str) -> None:
    with pytest.raises(ApiError) as refused:
        outside.target(f"https://{host}/latest/meta-data/")
    assert refused.value.code in ("webhook.private", "webhook.name")


@pytest.mark.parametrize("port", [0, 22, 25, 80, 3306, 6379, 8080])
def test_no_other_port_is_called(resolve, port: int) -> None:  # noqa: F811
    resolve(PUBLIC)
    with pytest.raises(ApiError) as refused:
        outside.target(f"https://a.example:{port}/")
    assert refused.value.code == "webhook.port"


def test_a_name_that_turns_inside_later_is_not_called(site, program, resolve, monkeypatch) -> None:  # noqa: F811
    resolve(PUBLIC)
    firm = program("okavango", "exporter")
    firm.call("POST", "webhooks", {"url": "https://turns.example/", "events": ["application.moved"]})
    draft = firm.call("POST", "applications", GOOD.body())[1]
    assert firm.call("POST", f"applications/{draft['id']}/submit", {"declared": True})[0] == 200
    resolve("169.254.169.254")
    called: list[object] = []
    monkeypatch.setattr(outside, "send", lambda *a: called.append(a) or 200)
    assert sending.deliver() == 0
    assert not called
    one = Delivery.objects.get()
    assert one.state == "waiting"
    assert "private network" in one.trouble


def test_an_endless_answer_is_not_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        sent = [0]

        def flood() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4_096)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n")
                try:
                    while True:
                        sent[0] += client.send(b"x" * 65_536)
                except OSError:
                    return

        threading.Thread(target=flood, daemon=True).start()
        to = outside.Target("http", "127.0.0.1", server.getsockname()[1], "/", "127.0.0.1")
        begun = time.monotonic()
        assert outside.send(to, b"{}", {}) == 200
        assert time.monotonic() - begun < 3
        time.sleep(0.1)
        before = sent[0]
        time.sleep(0.1)
        assert sent[0] == before < 50_000_000, "the line is closed"

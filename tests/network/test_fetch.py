"""Whatever a server does, reading from it ends, in bounded time and memory, with bytes, None or a named error."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.network.world import Handler, Log, dripping, hanging, path_of, response, saying, serving

from adamas.ledger.errors import MirrorError
from adamas.ledger.fetch import Client, Fetcher
from adamas.ledger.mirror import mirror


def static(folder: Path, but: dict[str, Handler] | None = None) -> Handler:
    """A web server on a folder, in which some paths behave otherwise."""

    def handle(connection: socket.socket, request: bytes) -> None:
        path = path_of(request).removeprefix("/") if request else ""
        if but and path in but:
            but[path](connection, request)
        elif path and (folder / path).is_file():
            connection.sendall(response((folder / path).read_bytes()))
        else:
            connection.sendall(response(b"not here", "404 Not Found"))

    return handle


def without_length(connection: socket.socket, _request: bytes) -> None:
    """Drips a body of which nobody was told how long it is."""
    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def resetting(connection: socket.socket, _request: bytes) -> None:
    """Breaks off in the middle of the body."""
    connection.sendall(response(b"x" * 1000)[:200])


def dripping_head(connection: socket.socket, _request: bytes) -> None:
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Waiting: yes\r\n" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (hanging, "fetch.timeout"),
        (dripping, "fetch.timeout"),
        (dripping_head, "fetch.timeout"),
        (without_length, "fetch.timeout"),
        (resetting, "fetch.failed"),
        (saying(b"", "403 Forbidden"), "fetch.status"),
        (saying(b"", "500 Oops"), "fetch.status"),
        (saying(b"", "302 Found", "Location: http://elsewhere.invalid/"), "fetch.redirect"),
        (saying(b"x" * 2_000), "fetch.too-large"),
        (saying(gzip.compress(bytes(10_000_000)), "200 OK", "Content-Encoding: gzip"), "fetch.too-large"),
        (saying(b"no gzip", "200 OK", "Content-Encoding: gzip"), "fetch.failed"),
        (lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH_9\r\n" * 100), "fetch.failed"),
        (lambda connection, _: connection.close(), "fetch.failed"),
    ],
    ids=[
        "hangs", "drips", "drips-head", "drips-no-length", "breaks-off", "403", "500", "redirects", "large", "bomb",
        "no-gzip", "no-http", "closes",
    ],
)  # fmt: skip
def test_every_misbehaviour_has_a_name_and_an_end(
    handler: Handler, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib3.util.retry.Retry.sleep", lambda _self, _response=None: None)
    start = time.monotonic()
    with serving(handler) as url, Fetcher(url, seconds=0.4) as fetch, pytest.raises(MirrorError) as caught:
        fetch.get("checkpoint", limit=1_000)
    assert caught.value.code == code
    assert time.monotonic() - start < 4


def test_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib3.util.retry.Retry.sleep", lambda _self, _response=None: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Fetcher(f"http://127.0.0.1:{port}") as fetch, pytest.raises(MirrorError) as caught:
        fetch.get("checkpoint")
    assert caught.value.code == "fetch.failed"


def test_a_server_that_is_busy_is_asked_again_and_what_is_gone_is_none() -> None:
    asked: list[str] = []

    def handle(connection: socket.socket, request: bytes) -> None:
        asked.append(path_of(request))
        if path_of(request) == "/log/gone":
            connection.sendall(response(b"", "410 Gone"))
        elif len(asked) < 3:
            connection.sendall(response(b"", "503 Busy"))
        else:
            connection.sendall(response(b"here"))

    with serving(handle) as url, Fetcher(f"{url}/log/") as fetch:
        assert fetch.get("checkpoint") == b"here"
        assert fetch.get("gone") is None
    assert asked == ["/log/checkpoint"] * 3 + ["/log/gone"]


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../secret", "tile/../../secret", "tile//0", "./checkpoint", "a/"]
)
def test_no_path_leads_out_of_the_log(path: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "log").mkdir()
    with Fetcher(tmp_path / "log") as fetch, pytest.raises(MirrorError) as caught:
        fetch.get(path)
    assert caught.value.code == "fetch.path"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://log.example",
        "http://",
        "http://log.example/?x",
        "http://log.example:99999",
        "file://far/x",
        "/no/dir",
    ],
)
def test_what_is_no_address_is_said_at_once(url: str) -> None:
    with pytest.raises(MirrorError) as caught:
        Fetcher(url)
    assert caught.value.code == "fetch.url"


def test_folders_and_file_addresses(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "checkpoint").write_bytes(b"12345")
    for url in (tmp_path / "a b", str(tmp_path / "a b"), (tmp_path / "a b").as_uri()):
        with Fetcher(url) as fetch:
            assert fetch.local
            assert fetch.get("checkpoint") == b"12345"
            assert fetch.get("none") is None
            with pytest.raises(MirrorError, match="more than the 4 bytes"):
                fetch.get("checkpoint", limit=4)


def test_a_post_is_sent_once() -> None:
    """A witness that was asked and broke off may have signed: asking again is for who knows what was asked."""
    asked: list[bytes] = []

    def handle(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(response(b"", "503 Busy"))

    with serving(handle) as url:
        client = Client(url)
        assert client.request("POST", "add-checkpoint", body=b"body").status == 503
        client.close()
    assert len(asked) == 1
    assert asked[0].endswith(b"\r\n\r\nbody")


# ── a mirror of a web server ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    monkeypatch.setattr("adamas.ledger.mirror.Fetcher", partial(Fetcher, seconds=0.4))
    monkeypatch.setattr("urllib3.util.retry.Retry.sleep", lambda _self, _response=None: None)
    return mirror


@pytest.mark.parametrize(
    ("path", "handler", "code"),
    [
        ("checkpoint", saying(b"x" * 1_000_001), "fetch.too-large"),
        ("tile/0/000", saying(b"x" * 8_193), "fetch.too-large"),
        ("tile/entries/001", hanging, "fetch.timeout"),
        ("tile/entries/000", dripping, "fetch.timeout"),
        ("tile/0/001", resetting, "fetch.failed"),
        ("tile/1/000.p/2", saying(b"", "500 Oops"), "fetch.status"),
    ],
)
def test_a_mirror_survives_any_server(
    quick: Callable[..., object], tmp_path: Path, path: str, handler: Handler, code: str
) -> None:
    log = Log(600)
    log.publish(tmp_path / "log")
    with serving(static(tmp_path / "log", {path: handler})) as url, pytest.raises(MirrorError) as caught:
        quick(url, tmp_path / "copy", log.vkey)
    assert caught.value.code == code
    assert path in str(caught.value.where)
    assert not (tmp_path / "copy" / "checkpoint").exists()
    with serving(static(tmp_path / "log")) as url:
        mirror(url, tmp_path / "copy", log.vkey)
    assert (tmp_path / "copy" / "checkpoint").read_bytes() == log.note()

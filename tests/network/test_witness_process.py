"""A witness as its operator runs it: `adamas witness serve` on a port, killed at any moment, asked by plain HTTP."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.network.world import NAME, ORIGIN, Log, listed
from tests.network.world import open_witness as open_here
from tests.program import Runner

from adamas.cli.words import app
from adamas.ledger import merkle, splitview
from adamas.ledger.checkpoint import parse
from adamas.ledger.keystore import KeyStore
from adamas.ledger.note import Note, NoteSignature
from adamas.ledger.policy import Witness as Listed
from adamas.ledger.witness import request as requests
from adamas.ledger.witness.client import cosign
from adamas.ledger.witness.config import WitnessConfig, make_keys, make_logs
from adamas.ledger.witness.server import WitnessServer, open_witness

PASSPHRASE = "a passphrase of the tests"
Answer = tuple[int, str, bytes]


class Served:
    """A witness's folder and, while it runs, its process."""

    def __init__(self, folder: Path, *logs: Log) -> None:
        self.folder = folder
        config = WitnessConfig(
            NAME,
            "127.0.0.1:0",
            folder / "witness.db",
            folder / "keys",
            make_logs([(log.origin, log.vkey) for log in logs]),
        )
        store = KeyStore.create(config.keys, PASSPHRASE, cost=2**10)
        make_keys(store, NAME)
        made = open_witness(config, store, create=True)
        self.vkeys = made.vkeys
        made.state.close()
        config.save(folder)
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "adamas.cli", "witness", "serve", str(self.folder), "--json"],
            stdout=subprocess.PIPE,
            stderr=(self.folder / "stderr").open("ab"),
            env={**os.environ, "ADAMAS_PASSPHRASE": PASSPHRASE},
            text=True,
        )
        assert self.process.stdout is not None
        told = ""
        while not told.rstrip().endswith("}"):
            line = self.process.stdout.readline()
            assert line, (self.folder / "stderr").read_text()
            told += line
        self.url = json.loads(told)["url"]

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()
            self.process = None

    def end(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
        try:
            connection.request(method, path, body=body or None)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type", ""), answer.read()
        finally:
            connection.close()

    def post(self, body: bytes) -> Answer:
        return self.ask("POST", "/add-checkpoint", body)

    def listed(self) -> list[Listed]:
        return [
            replace(one, key=type(one.key).parse(vkey))
            for one, vkey in zip(listed(self.url), self.vkeys, strict=True)
        ]

    def times(self, text: str, body: bytes) -> list[int]:
        """The times of both cosignatures in an answer, verified."""
        note = Note(text, tuple(NoteSignature.parse(line) for line in body.decode()[:-1].split("\n")))
        found = [one.key.find(note) for one in self.listed()]
        assert all(found)
        return [cosignature.time for cosignature in found if cosignature]

    def held(self, origin: str = ORIGIN) -> int:
        with sqlite3.connect(self.folder / "witness.db") as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            row = db.execute("SELECT size FROM heads WHERE origin = ?", (origin,)).fetchone()
        return row[0] if row else 0


FIRST, SLOW, RACED = (Log(300, origin=f"log.example/{word}") for word in ("first", "slow", "raced"))


@pytest.fixture
def log() -> Log:
    return Log(300)


@pytest.fixture
def served(tmp_path: Path, log: Log) -> Iterator[Served]:
    made = Served(tmp_path, log)
    yield made
    made.kill()


@pytest.fixture(scope="module")
def shared_witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("witness"), FIRST, SLOW, RACED)
    yield made
    made.kill()


@pytest.fixture
def running(shared_witness: Served) -> Served:
    """One process for the tests that leave it as it was but for a log of their own."""
    if shared_witness.process is None:
        shared_witness.start()
    return shared_witness


def test_a_start_without_the_memory_is_refused(served: Served) -> None:
    (served.folder / "witness.db").unlink()
    ended = Runner().invoke(
        app, ["witness", "serve", str(served.folder)], env={"ADAMAS_PASSPHRASE": PASSPHRASE}
    )
    assert ended.exit_code == 74
    assert "memory is not where it should be" in ended.stderr


def test_slow_senders_do_not_keep_the_others_out(running: Served) -> None:
    place = urlsplit(running.url)
    sockets = [socket.create_connection((place.hostname or "", place.port or 0)) for _ in range(40)]
    for one in sockets:
        one.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nold 0\n")
    began = time.monotonic()
    assert running.post(SLOW.request(0, 8))[0] == 200
    assert time.monotonic() - began < 8, "idle connections are ended after thirty seconds only"
    for one in sockets:
        one.close()


def test_what_is_too_large_is_refused_before_it_is_all_there(running: Served) -> None:
    body = b"old 0\n" + b"A" * requests.MAX_BODY
    assert running.post(body)[0] == 413
    place = urlsplit(running.url)
    with socket.create_connection((place.hostname or "", place.port or 0)) as line:
        line.settimeout(5)
        line.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert line.recv(100).split(b" ")[1] in (b"400", b"413")


def kill_at_random_points(served: Served, log: Log, kills: int, seed: int) -> None:
    """Grows the log under load while the witness is killed; every answer that left is held against its memory."""
    moment = random.Random(seed)
    signed: list[tuple[int, bytes, int]] = []
    size = 0
    for _ in range(kills):
        served.start()
        assert served.held() >= (signed[-1][0] if signed else 0), "what was answered is remembered"
        killer = threading.Timer(moment.uniform(0.0, 0.08), served.process.kill)  # type: ignore[union-attr]
        killer.start()
        try:
            while True:
                # One side is the log, one a fork behind what was signed: it must never be signed.
                new = min(size + moment.randint(0, 3), log.size)
                if moment.random() < 0.3 and size > 2:
                    fork = log.forked(size - 1, size + 2)
                    assert served.post(fork.request(size))[0] in (409, 422)
                    continue
                status, _, body = served.post(log.request(size, new))
                if status == 200:
                    text = parse(log.note(new))[1].text
                    signed.append((new, log.root(new), served.times(text, body)[0]))
                    size = new
                else:
                    assert status == 409
                    size = int(body)
        except (OSError, http.client.HTTPException):
            pass
        killer.join()
        served.kill()
    sizes = [one for one, _, _ in signed]
    assert sizes == sorted(sizes), "it went back"
    assert all(merkle.root(log.hashes(one)) == root for one, root, _ in signed)
    times = [at for _, _, at in signed]
    assert times == sorted(times)
    assert served.held() >= max(sizes, default=0)


@pytest.mark.slow
def test_killed_while_it_signs_it_goes_on_from_what_it_signed(served: Served, log: Log) -> None:
    kill_at_random_points(served, log, 2, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_forty_random_points(served: Served) -> None:
    kill_at_random_points(served, Log(2_000), 40, seed=2)


def test_of_two_requests_at_once_for_one_old_size_one_wins(running: Served) -> None:
    fork = RACED.forked(5, 300)
    size = 5
    assert running.post(RACED.request(0, size))[0] == 200
    answers: list[tuple[Answer, Log, int]] = []
    start = threading.Barrier(4)

    def ask(side: Log, new: int) -> None:
        body = side.request(size, new)
        start.wait()
        answers.append((running.post(body), side, new))

    threads = [threading.Thread(target=ask, args=(side, new)) for side in (RACED, fork) for new in (9, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ((answer, side, new),) = [one for one in answers if one[0][0] == 200]
    assert {one[0][0] for one in answers} == {200, 409}
    assert running.held(RACED.origin) == new
    running.times(parse(side.note(new))[1].text, answer[2])


def test_it_serves_is_told_of_more_logs_and_stops_when_asked(running: Served) -> None:
    second = Log(4, origin="log.example/second", seed=2)
    result = cosign(FIRST.note(), running.listed(), FIRST.proof, timeout=5)
    assert (len(result.lines), result.failures) == (2, {})
    assert running.post(FIRST.request(5)) == (409, "text/x.tlog.size", b"300\n")
    assert running.post(second.request(0))[0] == 404
    config = WitnessConfig.load(running.folder)
    replace(config, logs=make_logs([(one.origin, one.vkey) for one in (FIRST, SLOW, RACED, second)])).save(
        running.folder
    )
    assert running.process is not None
    running.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 5
    while running.post(second.request(0))[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert b"log.example/second: 4 entries" in running.ask("GET", "/")[2]
    fork = FIRST.forked(299, 300)
    assert running.post(requests.encode(300, [], fork.note()))[0] == 422
    (evidence,) = (running.folder / splitview.FOLDER).glob("*.txt")
    assert splitview.explain(evidence, [FIRST.verifier]).proven
    assert running.end() == 0
    running.kill()


def test_a_request_that_drips_is_cut_off(tmp_path: Path, log: Log) -> None:
    """However slowly a sender sends, it holds a connection for so many seconds and no more."""
    server = WitnessServer(open_here(tmp_path, log), "127.0.0.1:0", seconds=0.3)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        place = urlsplit(server.url)
        with socket.create_connection((place.hostname or "", place.port or 0)) as line:
            line.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
            line.settimeout(0.05)
            ended = False
            deadline = time.monotonic() + 20
            while not ended:
                assert time.monotonic() < deadline, "it is still listened to"
                try:
                    line.sendall(b"o")
                    ended = line.recv(100) == b""
                except TimeoutError:
                    continue
                except OSError:
                    ended = True
        result = cosign(log.note(), listed(server.url), log.proof, timeout=5)
        assert len(result.lines) == 2
    finally:
        server.stop()
        thread.join(10)
    assert not thread.is_alive()

"""What the network tests share: a log with a key, witnesses, and servers that behave as badly as one likes."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

from adamas.ledger import merkle
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, sign_checkpoint
from adamas.ledger.cosignature import Ed25519Cosigner, MlDsaCosigner, WitnessKey
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.note import NoteSigner, VerifierKey
from adamas.ledger.policy import Witness as Listed
from adamas.ledger.publisher import Publisher
from adamas.ledger.storage import FolderStorage
from adamas.ledger.witness import request as requests
from adamas.ledger.witness.server import Witness
from adamas.ledger.witness.state import WitnessState

ORIGIN = "log.example/office"
NAME = "civil.example/witness"
NOON = 1_750_000_000


class Log:
    """A log in memory: its entries, and what it signs of them, honestly or not."""

    def __init__(self, entries: int = 0, *, origin: str = ORIGIN, seed: int = 1, word: str = "entry") -> None:
        self.origin = origin
        self.key = SoftwareSigner.from_seed(bytes([seed]) * 32)
        self.entries: list[bytes] = []
        self.add(entries, word)

    @property
    def vkey(self) -> str:
        return NoteSigner(self.origin, self.key).vkey

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey.parse(self.vkey)

    @property
    def size(self) -> int:
        return len(self.entries)

    def add(self, count: int, word: str = "entry") -> None:
        self.entries += [f"{word} {len(self.entries) + i}".encode() for i in range(count)]

    def hashes(self, size: int) -> list[bytes]:
        return [merkle.leaf_hash(entry) for entry in self.entries[:size]]

    def root(self, size: int | None = None) -> bytes:
        return merkle.root(self.hashes(self.size if size is None else size))

    def note(self, size: int | None = None, root: bytes | None = None) -> bytes:
        size = self.size if size is None else size
        return sign_checkpoint(Checkpoint(self.origin, size, root or self.root(size)), self.key)

    def proof(self, old: int, size: int | None = None) -> list[bytes]:
        size = self.size if size is None else size
        return merkle.consistency_proof(self.hashes(size), old, size)

    def request(self, old: int, size: int | None = None) -> bytes:
        return requests.encode(old, self.proof(old, size), self.note(size))

    def forked(self, at: int, size: int) -> Log:
        """Another history of the same log and key: other entries from ``at`` on."""
        fork = Log(origin=self.origin)
        fork.key = self.key
        fork.entries = self.entries[:at]
        fork.add(size - at, "other")
        return fork

    def publish(
        self, folder: Path, size: int | None = None, cosign: Callable[[bytes, int], bytes] | None = None
    ) -> bytes:
        """Publishes the first ``size`` entries in a folder; returns the checkpoint as it is there."""
        size = self.size if size is None else size
        Publisher(
            self.origin,
            self.key,
            FolderStorage(folder),
            lambda start, end: self.entries[start:end],
            lambda: size,
        ).publish(cosign)
        return (folder / "checkpoint").read_bytes()


def signers(name: str = NAME, seed: int = 9) -> tuple[Ed25519Cosigner, MlDsaCosigner]:
    return (
        Ed25519Cosigner(name, SoftwareSigner.from_seed(bytes([seed]) * 32)),
        MlDsaCosigner(name, bytes([seed]) * 32),
    )


def listed(url: str | None, name: str = NAME, seed: int = 9, *, keys: int = 2) -> list[Listed]:
    """The witness as a policy lists it: one line for each key."""
    return [
        Listed(f"{name}/{number}", WitnessKey.parse(signer.vkey), url)
        for number, signer in enumerate(signers(name, seed)[:keys])
    ]


def open_witness(
    folder: Path, *logs: Log, name: str = NAME, seed: int = 9, clock: Callable[[], float] = lambda: NOON
) -> Witness:
    known = {log.origin: (log.verifier,) for log in logs}
    state = WitnessState(folder / "witness.db", create=True)
    return Witness(name, signers(name, seed), state, known, clock=clock)


class Reply:
    """What a WSGI application answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


def call(app: Any, method: str, path: str, body: bytes = b"", **environ: Any) -> Reply:
    """Asks a WSGI application in this process."""
    asked: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    setup_testing_defaults(asked)
    told: list[Any] = []
    answer = b"".join(app(asked, lambda status, headers: told.extend((status, headers))))
    return Reply(int(told[0][:3]), dict(told[1]), answer)


def post(witness: Witness, body: bytes) -> Reply:
    return call(witness, "POST", "/add-checkpoint", body)


# ── servers ─────────────────────────────────────────────────────────────────────────────────────────────────

Handler = Callable[[socket.socket, bytes], None]


@contextmanager
def serving(handle: Handler) -> Iterator[str]:
    """A server on a port of this machine: each connection's request (head and body) goes to ``handle``, in a thread."""
    stopped = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)

    def one(connection: socket.socket) -> None:
        with closing(connection), suppress(OSError):
            connection.settimeout(5)
            handle(connection, read_request(connection))

    def accept() -> None:
        while not stopped.is_set():
            with suppress(TimeoutError):
                connection, _ = server.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        stopped.set()
        thread.join()
        server.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def path_of(request: bytes) -> str:
    return request.split(b" ", 2)[1].decode()


def response(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def speaking(witness: Witness) -> Handler:
    """A witness that answers as it should."""

    def handle(connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        reply = call(witness, head.split(b" ", 1)[0].decode(), path_of(request), body)
        connection.sendall(
            response(reply.body, f"{reply.status} x", f"Content-Type: {reply.headers['Content-Type']}")
        )

    return handle


def saying(body: bytes, status: str = "200 OK", *headers: str) -> Handler:
    """A server that says the same to everyone."""
    return lambda connection, _: connection.sendall(response(body, status, *headers))


def hanging(connection: socket.socket, _request: bytes) -> None:
    """A server that takes the request and never answers."""
    with suppress(OSError):
        connection.recv(1)


def dripping(connection: socket.socket, _request: bytes) -> None:
    """A server that sends a byte now and then, so that no wait for the next byte is ever long."""
    for byte in response(b"x" * 10_000):
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def lines(note: bytes) -> Sequence[str]:
    """The names in a note's signature lines."""
    return [signature.name for signature in notes.parse(note).signatures]

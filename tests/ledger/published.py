"""A log published in memory, for tests that damage it: quick, and each file can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from adamas.ledger import note as notes
from adamas.ledger.cosignature import Ed25519Cosigner, MlDsaCosigner
from adamas.ledger.errors import StorageError
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.note import NoteSigner
from adamas.ledger.policy import Policy
from adamas.ledger.publisher import Publisher

ORIGIN = "log.example/BW"
KEY = SoftwareSigner.from_seed(b"log key of the published module.")
VKEY = NoteSigner(ORIGIN, KEY).vkey
COSIGNERS = (
    Ed25519Cosigner("government.example/w", SoftwareSigner.from_seed(b"g" * 32)),
    MlDsaCosigner("civil.example/w", b"c" * 32),
)
POLICY = Policy.parse(
    "\n".join(
        [
            f"log {VKEY}",
            *(f"witness w{i} {one.vkey}" for i, one in enumerate(COSIGNERS)),
            "group all all w0 w1",
            "quorum all",
            "",
        ]
    )
)
TIME = 1_700_000_000


def entry(index: int) -> bytes:
    return b"entry %d " % index + bytes([index % 251]) * (index % 40)


class Memory:
    """`adamas.ledger.storage.Storage` in a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def get(self, path: str) -> bytes | None:
        return self.files.get(path)

    def exists(self, path: str) -> bool:
        return path in self.files

    def list(self, prefix: str = "") -> Iterator[str]:
        return iter(sorted(path for path in self.files if path.startswith(prefix)))

    def create(self, path: str, data: bytes) -> None:
        if self.files.setdefault(path, data) != data:
            raise StorageError(
                "storage.different", f"{path} is already published with other bytes.", where=path
            )

    def create_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        for path, data in files:
            self.create(path, data)

    def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
        if self.files.get(path) != expected:
            raise StorageError("storage.conflict", f"{path} was changed by another process.")
        self.files[path] = data


class Log:
    """Entries that are durable by definition, and a publisher of them."""

    def __init__(self, entries: Sequence[bytes] = (), storage: Memory | None = None) -> None:
        self.entries = list(entries)
        self.storage = storage or Memory()
        self.publisher = Publisher(
            ORIGIN, KEY, self.storage, lambda start, end: self.entries[start:end], lambda: len(self.entries)
        )

    def grow(self, size: int) -> None:
        self.entries += [entry(i) for i in range(len(self.entries), size)]


@cache
def line(number: int, text: str) -> bytes:
    """A witness's line over a checkpoint; always the same one (ML-DSA signatures are random)."""
    return COSIGNERS[number].cosign(text, TIME).line.encode()


def cosign(given: bytes, _: int) -> bytes:
    """Every witness's line."""
    text = notes.parse(given).text
    return given + b"".join(line(number, text) for number in range(len(COSIGNERS)))


def published(*sizes: int) -> Log:
    """A log that was published at each of these sizes, the last one cosigned."""
    log = Log()
    for size in sizes:
        log.grow(size)
        log.publisher.publish()
    log.publisher.publish(cosign)
    return log

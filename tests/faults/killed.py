"""Kills a log under load again and again and looks at what is left: a program, so that it can fork before any thread.

    python -m tests.faults.killed FOLDER POINTS SEED

Four callers append through the group commit; one publisher gathers cosignatures from a witness that is a process of
its own; a second publisher, a process too, works against the first. Half of the kills come at a random time, the other
half before a random step (a statement to the database, an answer to a caller, a sync, a new name); the witness is
killed too now and then. Whatever was answered must be there at its place, and everything published must be what an
undisturbed publisher makes of the same entries.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import threading
import time
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from tests.network.world import Log, listed, signers

from adamas.ledger import merkle
from adamas.ledger.checkpoint import Checkpoint, open_checkpoint, parse
from adamas.ledger.errors import PublishError
from adamas.ledger.fsck import check_log
from adamas.ledger.note import VerifierKey
from adamas.ledger.policy import Policy
from adamas.ledger.publisher import Cosign, Publisher
from adamas.ledger.sqlite_entries import GroupCommit, SqliteCursor, SqliteEntries
from adamas.ledger.storage import FolderStorage
from adamas.ledger.tiles import TileReader
from adamas.ledger.witness.client import cosign
from adamas.ledger.witness.server import Witness, WitnessServer
from adamas.ledger.witness.state import WitnessState

LOG = Log()
NAME = "civil.example/witness"
CALLERS = 4
WINDOW = 0.3
"""Seconds after the load began in which it is killed."""
STEPS = 400
ROUNDS = 8
"""Kills of one log, before a new one is begun."""
PATIENCE = 30
_NAMES = ("fsync", "link", "rename", "unlink", "mkdir", "write")


def main(folder: Path, points: int, seed: int) -> None:
    chance = random.Random(seed)
    answers = publications = 0
    for first in range(0, points, ROUNDS):
        place = folder / f"log-{first // ROUNDS}"
        place.mkdir()
        watcher = Watcher(place)
        watcher.start()
        before: dict[str, bytes] = {}
        try:
            for number in range(first, min(first + ROUNDS, points)):
                before = one(place, watcher, chance, number, before)
        except AssertionError:
            print(f"at point {number} of seed {seed}, in {place}", file=sys.stderr)
            raise
        finally:
            watcher.kill()
        answers += len(lines(place / "acks"))
        publications += len(lines(place / "out"))
    print(f"{points} killed; {answers:,} answers and {publications:,} publications held")


def one(
    place: Path, watcher: Watcher, chance: random.Random, number: int, before: dict[str, bytes]
) -> dict[str, bytes]:
    """One kill, a look, a restart, another look; gives the files that are out."""
    unwatched = chance.random() < 0.25
    kill(place, watcher, chance, number, unwatched=unwatched)
    nothing_too_early(place, acknowledged(place), before)
    if unwatched:
        watcher.start()
    assert fork(lambda: settle(place, watcher.url)).wait() == 0, "the log could not be published again"
    return undisturbed(place, watcher.url, before)


# ── processes ───────────────────────────────────────────────────────────────────────────────────────────────


class Child:
    def __init__(self, pid: int) -> None:
        self.pid = pid

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """The exit code; negative if a signal ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def fork(work: Callable[[], None]) -> Child:
    pid = os.fork()
    if pid:
        return Child(pid)
    signal.alarm(PATIENCE)  # an orphan does not go on for ever
    try:
        work()
        sys.stdout.flush()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


class Watcher:
    """The witness and its process; its memory is in a file, its port stays."""

    def __init__(self, place: Path, vkey: str = LOG.vkey) -> None:
        self.place = place
        self.log = VerifierKey.parse(vkey)
        self.url = ""
        self.child: Child | None = None

    def start(self) -> None:
        told, tell = os.pipe()
        self.child = fork(lambda: self._serve(tell))
        os.close(tell)
        with os.fdopen(told) as pipe:
            self.url = pipe.readline().strip()
        assert self.url, "the witness did not start"

    def _serve(self, tell: int) -> None:
        signal.alarm(0)
        path = self.place / "witness.db"
        state = WitnessState(path, create=not path.exists())
        witness = Witness(NAME, signers(NAME), state, {self.log.name: (self.log,)})
        server = WitnessServer(witness, self.url.removeprefix("http://") or "127.0.0.1:0")
        os.write(tell, server.url.encode() + b"\n")
        os.close(tell)
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
        server.run()

    def kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


# ── the load, and its end ───────────────────────────────────────────────────────────────────────────────────


def kill(place: Path, watcher: Watcher, chance: random.Random, number: int, *, unwatched: bool) -> None:
    """Starts the load and kills it; the witness too, if ``unwatched``."""
    step = chance.randint(1, STEPS) if number % 2 else 0
    moment = chance.uniform(0, WINDOW)
    told, tell = os.pipe()
    child = fork(lambda: load(place, watcher.url, number, step, tell))
    os.close(tell)  # before the next fork: whoever holds this end keeps us waiting
    rival = fork(lambda: compete(place))
    with os.fdopen(told) as pipe:
        pipe.readline()  # it has begun, or has been killed while it began
    if unwatched:
        time.sleep(chance.uniform(0, moment))
        watcher.kill()
    if not step:
        time.sleep(moment)
        child.kill()
    ended = child.wait()
    assert ended == -signal.SIGKILL, f"the load ended by itself: {ended}"
    rival.kill()
    ended = rival.wait()
    assert ended == -signal.SIGKILL, f"the second publisher ended by itself: {ended}"


def load(place: Path, url: str, number: int, step: int, tell: int) -> None:
    """Appends and publishes until it is killed."""
    os.fsync = lambda _file: None  # SIGKILL loses nothing that was written; a power cut is another matter
    if step:
        arm(step)
    acks = os.open(place / "acks", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    out = os.open(place / "out", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    entries = SqliteEntries(place / "log.db", LOG.origin)
    group = GroupCommit(entries)

    def call(caller: int) -> None:
        for turn in count():
            raw = f"{number} {caller} {turn} ".encode() + b"x" * (turn * 37 % 600)
            index = group.append(raw)
            os.write(acks, f"{index} {merkle.leaf_hash(raw).hex()}\n".encode())

    def publish() -> None:
        publisher, gather = publisher_of(place, entries), gathering(place, url)
        while True:
            checkpoint = published(publisher, gather)
            os.write(out, f"{checkpoint.size} {checkpoint.root.hex()}\n".encode())

    works: list[Callable[[], None]] = [lambda n=n: call(n) for n in range(CALLERS)]  # type: ignore[misc]
    works.append(publish)
    for work in works:
        threading.Thread(target=_or_end, args=(work,), daemon=True).start()
    os.write(tell, b"begun\n")
    time.sleep(PATIENCE)


def compete(place: Path) -> None:
    """Another publisher of the same log, which asks no witness, until it is killed."""
    os.fsync = lambda _file: None
    with SqliteEntries(place / "log.db", LOG.origin, timeout=PATIENCE) as entries:
        publisher = publisher_of(place, entries)
        while True:
            published(publisher)


def published(publisher: Publisher, gather: Cosign | None = None) -> Checkpoint:
    """Tries for ever: the other publisher may be first twenty times."""
    while True:
        try:
            return publisher.publish(gather)
        except PublishError as error:
            if error.code != "publish.busy":
                raise


def _or_end(work: Callable[[], None]) -> None:
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def arm(step: int) -> None:
    """Kills this process before its ``step``-th step."""
    lock, left = threading.Lock(), [step]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def before(*args: Any, **kwargs: Any) -> Any:
            with lock:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return before

    for name in _NAMES:
        setattr(os, name, counted(getattr(os, name)))
    for name in ("execute", "executemany", "fetchone"):
        setattr(SqliteCursor, name, counted(getattr(SqliteCursor, name)))


def publisher_of(place: Path, entries: SqliteEntries, folder: str = "public") -> Publisher:
    return Publisher(LOG.origin, LOG.key, FolderStorage(place / folder), entries.read, entries.size)


def gathering(place: Path, url: str) -> Callable[[bytes, int], bytes]:
    storage = FolderStorage(place / "public")

    def gather(note: bytes, before: int) -> bytes:
        reader = TileReader(storage.get, parse(note)[0].size)
        return cosign(note, listed(url, NAME), reader.consistency_proof, old_size=before, timeout=10).note

    return gather


def settle(place: Path, url: str) -> None:
    """What a restart does, and an undisturbed publisher beside it."""
    os.fsync = lambda _file: None
    with SqliteEntries(place / "log.db", LOG.origin) as entries:
        publisher_of(place, entries).publish(gathering(place, url))
        publisher_of(place, entries, f"fresh-{entries.size()}").publish()


# ── what must hold ──────────────────────────────────────────────────────────────────────────────────────────


def lines(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def acknowledged(place: Path) -> list[bytes]:
    """The entries, after a look whether all that was answered is there at the place that was named."""
    with SqliteEntries(place / "log.db", LOG.origin) as entries:
        size = entries.size()
        raws = entries.read(0, size)
    with sqlite3.connect(place / "log.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    assert len(raws) == size, "the log has gaps"
    ids = [merkle.leaf_hash(raw).hex() for raw in raws]
    assert len(set(ids)) == size, "a statement is logged twice"
    for index, name in lines(place / "acks"):
        assert int(index) < size, f"entry {index} was acknowledged and is lost"
        assert ids[int(index)] == name, f"entry {index} is another than the one acknowledged"
    return raws


def nothing_too_early(place: Path, raws: list[bytes], before: dict[str, bytes]) -> None:
    """What is out is durable, whole, and goes on from all that was out before."""
    storage = FolderStorage(place / "public")
    note = storage.get("checkpoint")
    told = lines(place / "out")
    if note is None:
        assert not told
        return
    size = open_checkpoint(note, LOG.vkey)[0].size
    assert size <= len(raws), "something is published that is not durable"
    wanted = {int(at): root for at, root in told}
    assert size >= max(wanted, default=0), "the log went back"
    edge = merkle.CompactRange()
    for at in sorted({*wanted, size}):
        edge.extend([merkle.leaf_hash(raw) for raw in raws[edge.size : at]])
        assert wanted.get(at, edge.root().hex()) == edge.root().hex(), f"two histories at {at} entries"
    assert open_checkpoint(note, LOG.vkey)[0].root == edge.root()
    # Killed between the checkpoint and its receipt, the receipt is that of the checkpoint before.
    assert {fault.path for fault in check_log(storage, LOG.vkey)} <= {"checkpoint.cose"}
    unchanged(storage, before)


def undisturbed(place: Path, url: str, before: dict[str, bytes]) -> dict[str, bytes]:
    """After the restart all is as an undisturbed publisher makes it; the files that are out."""
    storage = FolderStorage(place / "public")
    policy = Policy.parse(policy_text(url))
    assert check_log(storage, LOG.vkey, policy=policy) == []
    note = storage.get("checkpoint")
    assert note is not None
    result = policy.evaluate_checkpoint(note)
    assert result.satisfied, result.missing
    fresh = FolderStorage(place / f"fresh-{result.checkpoint.size}")
    for path in fresh.list():
        data = fresh.get(path)
        assert data is not None
        if path == "checkpoint":
            assert note.startswith(data), "the checkpoint or the log's signature differs"
        else:
            assert storage.get(path) == data, f"{path} differs"
    unchanged(storage, before)
    return {path: storage.get(path) or b"" for path in storage.list("tile/")}


def policy_text(url: str) -> str:
    """Both keys of the witness are asked for."""
    names = {one.name.replace("/", "-"): one.key.key.vkey for one in listed(url, NAME)}
    lines = "".join(f"witness {name} {vkey} {url}\n" for name, vkey in names.items())
    return f"{lines}group both all {' '.join(names)}\nquorum both\n"


def unchanged(storage: FolderStorage, before: dict[str, bytes]) -> None:
    for path, data in before.items():
        assert storage.get(path) == data, f"{path} was changed after it was published"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

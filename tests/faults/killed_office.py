"""Kills an office again and again while it issues, publishes and is cosigned: a program, so that it can fork.

    python -m tests.faults.killed_office HOME VKEY POINTS SEED

One process issues certificates, another publishes with a witness; both are killed at a random time or before a random
step. Whatever the officer was told must be in the log at its place, the views must be what the log says, the act that
was under way can be asked again, and what is published is whole, cosigned, and goes on from what was out before.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from itertools import count
from pathlib import Path

from tests.faults.killed import WINDOW, Watcher, arm, fork, lines, policy_text
from tests.office.conftest import PASSPHRASE, command, entries  # (sets Django up, and opens nothing)

from adamas.ledger import merkle
from adamas.ledger.fsck import check_log
from adamas.ledger.policy import Policy
from adamas.ledger.storage import FolderStorage
from adamas.office.certification import actions
from adamas.office.log import replay
from adamas.office.opening import open_office

NOW = 1_741_000_000
BATCH = 3


def main(home: Path, vkey: str, points: int, seed: int) -> None:
    chance = random.Random(seed)
    place = home.parent / "witness"
    place.mkdir()
    watcher = Watcher(place, vkey)
    watcher.start()
    try:
        (home / "policy.txt").write_text(policy_text(watcher.url))
        for number in range(points):
            unwatched = chance.random() < 0.2
            step, moment = chance.randint(1, 40) if number % 2 else 0, chance.uniform(0, 2 * WINDOW)
            told, tell = os.pipe()
            officer = fork(lambda n=number, s=step, t=tell: issue(home, n, s, t))  # type: ignore[misc]
            os.close(tell)
            publisher = fork(lambda: publish(home))
            with os.fdopen(told) as pipe:
                pipe.readline()
            if unwatched:
                watcher.kill()
            if not step:
                time.sleep(moment)
                officer.kill()
            codes = [officer.wait()]
            publisher.kill()
            codes.append(publisher.wait())
            assert codes == [-signal.SIGKILL] * 2, (
                f"one ended by itself: {codes} at point {number} of seed {seed}"
            )
            if unwatched:
                watcher.start()
            assert fork(lambda n=number: look(home, vkey, n)).wait() == 0, f"point {number} of seed {seed}"  # type: ignore[misc]
    finally:
        watcher.kill()
    print(f"{points} killed; {len(lines(home / 'acks')):,} certificates held")


def issue(home: Path, number: int, step: int, tell: int) -> None:
    acks = os.open(home / "acks", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with open_office(home, passphrase=PASSPHRASE, clock=lambda: NOW) as office:
        if step:
            arm(step)
        os.write(tell, b"begun\n")
        for turn in count():
            first = 1 + BATCH * (1_000 * number + turn)
            done = actions.issue(office, [command(serial) for serial in range(first, first + BATCH)])
            for row in done.accepted:
                os.write(acks, f"{row.index} {row.id.hex()} {row.subject}\n".encode())


def publish(home: Path) -> None:
    os.fsync = lambda _file: None  # no power is cut here
    with open_office(home, passphrase=PASSPHRASE, clock=lambda: NOW) as office:
        while True:
            checkpoint = office.publish().checkpoint
            with (home / "out").open("a") as out:
                out.write(f"{checkpoint.size} {checkpoint.root.hex()}\n")


def look(home: Path, vkey: str, number: int) -> None:
    storage = FolderStorage(home / "public")
    if storage.exists("checkpoint"):
        assert {fault.path for fault in check_log(storage, vkey)} <= {"checkpoint.cose"}
    with open_office(home, passphrase=PASSPHRASE, clock=lambda: NOW) as office:
        replay.verify(office)
        ids = [merkle.leaf_hash(raw) for raw in entries(office)]
        for index, name, subject in lines(home / "acks"):
            assert ids[int(index)].hex() == name, f"{subject}, entry {index}, was acknowledged and is lost"
        again = 1 + BATCH * 1_000 * number
        done = actions.issue(office, [command(serial) for serial in range(again, again + BATCH)])
        assert len(set(done.indices)) == BATCH
        published = office.publish()
        assert published.policy is not None
        assert published.policy.satisfied, published.failures
        ids = [merkle.leaf_hash(raw) for raw in entries(office)]
    assert published.checkpoint.size == len(ids)
    for size, root in lines(home / "out"):
        assert merkle.root(ids[: int(size)]).hex() == root, f"two histories at {size} entries"
    assert check_log(storage, vkey, policy=Policy.parse((home / "policy.txt").read_text())) == []


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

"""Kills a mirror at each of its steps on the disk in turn: a program, so that it can fork before any thread runs.

    python -m tests.network.killed FOLDER STRIDE

Prints how many children were killed at how many steps. Whatever is left behind by each must be a good copy of the old
or the new size (or none yet), and the next try must end with the same bytes as if nothing had happened.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from tests.network.world import Log

from adamas.ledger.checkpoint import parse
from adamas.ledger.mirror import mirror
from adamas.ledger.tiles import TileReader

STEPS = ("fsync", "link", "rename", "unlink", "mkdir")
OLD, NEW = 300, 620


def main(folder: Path, stride: int) -> None:
    os.fsync = lambda _file: None  # SIGKILL loses nothing that was written; a power cut is another test
    log = Log(NEW)
    log.publish(folder / "old", OLD)
    log.publish(folder / "new")
    killed = steps = 0
    for start in (None, "old"):
        clean = folder / f"clean-{start}"
        if start is not None:
            run(log, folder / start, clean, 0)
        expected = folder / f"expected-{start}"
        if start is not None:
            shutil.copytree(clean, expected)
        assert run(log, folder / "new", expected, 0)
        step, ended = 1, False
        while not ended:
            place = folder / "copy"
            if start is not None:
                shutil.copytree(clean, place)
            ended = run(log, folder / "new", place, step)
            killed += not ended
            check(log, place, expected, start)
            assert run(log, folder / "new", place, 0)
            assert files(place) == files(expected), f"after a kill at step {step}"
            shutil.rmtree(place)
            steps, step = max(steps, step), step + stride
    print(f"{killed} killed, at up to {steps} steps")


def run(log: Log, source: Path, place: Path, kill_at: int) -> bool:
    """Mirrors in a child that is killed before the ``kill_at``-th step (0: never); whether it ended by itself."""
    child = os.fork()
    if child == 0:
        try:
            if kill_at:
                arm(kill_at)
            mirror(str(source), place, log.vkey)
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "a copy failed"
    return os.WIFEXITED(status)


def arm(kill_at: int) -> None:
    lock, left = threading.Lock(), [kill_at]

    def counting(name: str) -> None:
        real = getattr(os, name)

        def step(*args: object, **kwargs: object) -> object:
            with lock:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        setattr(os, name, step)

    for name in STEPS:
        counting(name)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def check(log: Log, place: Path, expected: Path, start: str | None) -> None:
    """No file with a published name is half or wrong, and the checkpoint speaks of what is there."""
    there, wanted = files(place), files(expected)
    for path, data in there.items():
        if path.startswith("tile/"):
            assert data == wanted[path], path
    note = there.get("checkpoint")
    if note is None:
        assert start is None, "the checkpoint of before is lost"
        return
    size = parse(note)[0].size
    assert size in ({NEW} if start is None else {OLD, NEW})
    reader = TileReader(there.get, size, trusted_root=log.root(size))
    assert list(reader.entries(0, size)) == log.entries[:size]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

"""Mirroring a published log from folder to folder, and gathering the cosignatures of three pillars."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adamas.ledger.checkpoint import Checkpoint, sign_checkpoint
from adamas.ledger.cosignature import Ed25519Cosigner, MlDsaCosigner, WitnessKey
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.merkle import leaf_hash
from adamas.ledger.mirror import mirror
from adamas.ledger.note import NoteSigner, VerifierKey
from adamas.ledger.policy import Witness as Listed
from adamas.ledger.publisher import Publisher
from adamas.ledger.storage import FolderStorage
from adamas.ledger.witness.client import cosign
from adamas.ledger.witness.server import Witness, WitnessServer
from adamas.ledger.witness.state import WitnessState
from benchmarks.figure import Figure

NAMES = ("mirror", "cosign")
ORIGIN = "bench.example/log"
ENTRIES = 100_000
ENTRY = 520
"""Bytes of an entry: an issued certificate's statement."""
PILLARS = ("government", "industry", "civil")
ROUNDS = 40


def run(only: str | None) -> list[Figure]:
    """The figures of this module, or one of them."""
    with tempfile.TemporaryDirectory() as folder:
        figures = []
        if only in {None, "mirror"}:
            figures.append(_mirror(Path(folder)))
        if only in {None, "cosign"}:
            figures.append(_cosign(Path(folder)))
        return figures


def _mirror(folder: Path) -> Figure:
    key = SoftwareSigner.from_seed(bytes(32))
    padding = os.urandom(ENTRY - 8)
    Publisher(
        ORIGIN,
        key,
        FolderStorage(folder / "log"),
        lambda start, end: [index.to_bytes(8, "big") + padding for index in range(start, end)],
        lambda: ENTRIES,
    ).publish()
    start = time.perf_counter()
    mirror(str(folder / "log"), folder / "copy", NoteSigner(ORIGIN, key).vkey)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    _plain_copy(folder / "log", folder / "plain")
    plain = time.perf_counter() - start
    for place in ("log", "copy", "plain"):
        shutil.rmtree(folder / place)
    return Figure(
        "mirror, folder to folder",
        ENTRIES / ours,
        "entries/s",
        "copying the files one by one with fsync, verifying nothing",
        plain / ours,
    )


def _plain_copy(source: Path, target: Path) -> None:
    """What a careful script does: every file copied and synced, nothing hashed."""
    for file in sorted(source.rglob("*")):
        place = target / file.relative_to(source)
        if file.is_dir() or ".tmp" in file.parts:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as opened:
            opened.write(file.read_bytes())
            opened.flush()
            os.fsync(opened.fileno())


@contextmanager
def _witnesses(folder: Path, log: VerifierKey) -> Iterator[list[Listed]]:
    listed: list[Listed] = []
    running: list[tuple[WitnessServer, threading.Thread, WitnessState]] = []
    for number, pillar in enumerate(PILLARS):
        name, seed = f"{pillar}.example/witness", bytes([number]) * 32
        signers = (Ed25519Cosigner(name, SoftwareSigner.from_seed(seed)), MlDsaCosigner(name, seed))
        state = WitnessState(folder / f"{pillar}.db", create=True)
        server = WitnessServer(Witness(name, signers, state, {log.name: (log,)}), "127.0.0.1:0")
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread, state))
        listed += [
            Listed(f"{pillar}/{i}", WitnessKey.parse(s.vkey), server.url) for i, s in enumerate(signers)
        ]
    try:
        yield listed
    finally:
        for server, thread, state in running:
            server.stop()
            thread.join()
            state.close()


def _cosign(folder: Path) -> Figure:
    key = SoftwareSigner.from_seed(bytes(32))
    log = VerifierKey.parse(NoteSigner(ORIGIN, key).vkey)
    times, synced = [], []
    # One checkpoint again and again: what is measured is the conversation, not the proof.
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, leaf_hash(b"entry")), key)
    with _witnesses(folder, log) as listed:
        cosign(note, listed, lambda _old: [])
        for _ in range(ROUNDS):
            start = time.perf_counter()
            result = cosign(note, listed, lambda _old: [], old_size=1)
            times.append(time.perf_counter() - start)
            assert len(result.lines) == 2 * len(PILLARS), result.failures
            synced.append(_sync(folder))
    ours, bare = sorted(times)[ROUNDS // 2], sorted(synced)[ROUNDS // 2]
    return Figure(
        "cosignatures of three pillars, both kinds", 1000 * ours, "ms", "one fsync of this disk", ours / bare
    )


def _sync(folder: Path) -> float:
    start = time.perf_counter()
    with (folder / "sync").open("ab") as file:
        file.write(b"x" * 4096)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - start

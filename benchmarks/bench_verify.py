"""Offline verification of a bundle: in a running program, and as a cold process.

The bundles are of different certificates of the same two logs, whose checkpoints three pillars witnessed with Ed25519
and ML-DSA-44 each. ``verify-warm`` is the median over bundles not seen before, by a program that has verified another
of these logs (it remembers genesis, keys and checkpoint); ``verify-first`` forgets all that each time. Of three rounds
the best counts.
"""

from __future__ import annotations

import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.analysis import world as worlds

from adamas.analysis import evidence
from adamas.analysis.prove import prove
from adamas.analysis.trust import Trust
from adamas.analysis.verify import verify_bundle
from adamas.ledger.cosignature import MlDsaCosigner
from benchmarks.figure import Figure, median_seconds

NAMES = ("verify-warm", "verify-first", "verify-cold")
COUNT = 120


def run(only: str | None) -> list[Figure]:
    """Milliseconds of each; a bare interpreter stands beside the cold process."""
    bundles, trust = _made()
    figures = []
    if only in (None, "verify-warm"):
        verify_bundle(bundles[0], trust=trust)
        rounds = [[_timed(data, trust) for data in bundles[n::3]] for n in (1, 2, 3)]
        warm = min(map(statistics.median, rounds)) * 1e3
        figures.append(Figure("verify-warm", warm, "ms", goal="< 2 ms", holds=warm < 2))
    if only in (None, "verify-first"):
        rounds = [[_forgetful(data, trust) for data in bundles[n::3]] for n in (0, 1, 2)]
        first = min(map(statistics.median, rounds)) * 1e3
        figures.append(Figure("verify-first", first, "ms", "a log of which nothing is remembered"))
    if only in (None, "verify-cold"):
        figures.append(_cold(bundles[0], trust))
    return figures


def _timed(data: bytes, trust: Trust) -> float:
    begun = time.perf_counter()
    answer = verify_bundle(data, trust=trust)
    seconds = time.perf_counter() - begun
    if answer.exit_code:
        raise RuntimeError(str(answer.sentences()[0]))
    return seconds


def _forgetful(data: bytes, trust: Trust) -> float:
    evidence.forget()
    return _timed(data, trust)


def _cold(data: bytes, trust: Trust) -> Figure:
    with tempfile.TemporaryDirectory() as place:
        file, anchor = Path(place) / "one.adamas", Path(place) / "trust.json"
        file.write_bytes(data)
        anchor.write_text(trust.to_json())
        words = [sys.executable, "-m", "adamas.cli", "verify", str(file), "--trust", str(anchor)]
        cold = min(_process(words) for _ in range(9)) * 1e3
        bare = median_seconds(lambda: _process([sys.executable, "-c", "pass"])) * 1e3
    return Figure(
        "verify-cold", cold, "ms", f"a bare interpreter, {bare:.0f} ms", cold / bare, "< 400 ms", cold < 400
    )


def _process(words: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def _made() -> tuple[list[bytes], Trust]:
    """Bundles of certificates that were issued, validated and confirmed, with the quantities shown."""
    kept: Any = (worlds.COSIGNERS, worlds.POLICY)
    pillars = worlds.PILLARS
    quantum = {
        p: MlDsaCosigner(f"witness.example/{p}/pq", hashlib.sha256(p.encode()).digest()) for p in pillars
    }
    worlds.COSIGNERS = {**worlds.COSIGNERS, **{f"{p}-pq": quantum[p] for p in pillars}}  # type: ignore[dict-item]
    worlds.POLICY = worlds.policy_of({p: [worlds.COSIGNERS[p].vkey, quantum[p].vkey] for p in pillars})
    try:
        world = worlds.make_world()
        numbers = [f"BW{n + 1:07d}" for n in range(COUNT)]
        for n, number in enumerate(numbers):
            world.whole(number, "AE", day=n // 20)
        with tempfile.TemporaryDirectory() as folder:
            everyone = [*pillars, *(f"{p}-pq" for p in pillars)]
            world.publish(Path(folder), witnesses=everyone, time=worlds.NOON + 20 * worlds.DAY)
            shown = world.disclosures
            return [prove(n, [folder], world.trust, disclosures=shown[n][2:]) for n in numbers], world.trust
    finally:
        worlds.COSIGNERS, worlds.POLICY = kept

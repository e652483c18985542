"""The public audit beside bare Ed25519 verification of the same statements on the same cores.

``bare`` is libsodium through PyNaCl (the fastest at hand here), one process a core, all at once, nothing but
``crypto_sign_open`` on messages that lie ready. The two take turns and the best of each counts, since other work on the
machine slows either. Memory is the sum over all processes, shared pages counted once.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import made_logs
from benchmarks.figure import Figure

NAMES = ("audit", "audit-rules", "audit-linear", "audit-memory", "audit-million")
SMALL, LARGE, MILLION = 50_000, 200_000, 1_000_000
AS_OF = "2024-06-01"
_BARE_SECONDS = 3.0


def run(only: str | None) -> list[Figure]:
    """ADAMAS_BENCH=short leaves the million statements out (minutes)."""
    wanted = set(NAMES if only is None else (only,))
    if only is None and os.environ.get("ADAMAS_BENCH") == "short":
        wanted.discard("audit-million")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="adamas-bench-") as place:
        if wanted & {"audit", "audit-rules", "audit-linear", "audit-memory"}:
            large = _made(Path(place) / "large", LARGE)
            if "audit" in wanted:
                figures.append(_beside_bare("audit", large, ("--no-rules",), 0.75))
            if "audit-rules" in wanted:
                figures.append(_beside_bare("audit-rules", large, (), 0.35))
            if wanted & {"audit-linear", "audit-memory"}:
                figures += _growth("", _made(Path(place) / "small", SMALL), large, wanted)
        if "audit-million" in wanted:
            small = _made(Path(place) / "small", SMALL)
            million = _made(Path(place) / "million", MILLION)
            figures += _growth("audit-million", small, million, wanted)
    return figures


def _made(folder: Path, count: int) -> Path:
    if not folder.exists():
        folder.mkdir()
        (folder / "trust.json").write_text(made_logs.publish(folder, count).to_json())
    return folder


def _beside_bare(name: str, folder: Path, options: tuple[str, ...], goal: float) -> Figure:
    """Throughput as a part of what all cores can verify: the best of three of each, taken in turns."""
    rates, bare = [], [_bare(folder)]
    for _ in range(3):
        done = audited(folder, options)
        rates.append(done["counts"]["statements"] / done["seconds"])
        bare.append(_bare(folder))
    ratio = max(rates) / max(bare)
    cores = len(os.sched_getaffinity(0))
    what = f"bare Ed25519 (libsodium) on {cores} cores"
    return Figure(name, max(rates), "statements/s", what, ratio, f"≥ {goal:.2f} ×", ratio >= goal)


def _growth(name: str, small: Path, large: Path, wanted: set[str]) -> list[Figure]:
    """Time a statement and memory of a large log beside a small one, with all rules; the best of some runs."""
    few = [audited(small, ()) for _ in range(3)]
    many = [audited(large, ()) for _ in range(1 if name else 2)]
    each, other = (min(map(_microseconds, runs)) for runs in (many, few))
    peak, before = (max(done["peak"] for done in runs) / 1e6 for runs in (many, few))
    sizes = [runs[0]["counts"]["statements"] for runs in (many, few)]
    what = f"{sizes[0]:,} statements, with all rules, beside {sizes[1]:,}"
    figures = []
    if name or "audit-linear" in wanted:
        ratio = each / other
        title = name or "audit-linear"
        figures.append(Figure(title, each, "µs/statement", what, ratio, "≤ 1.15 ×", ratio <= 1.15))
    if name or "audit-memory" in wanted:
        title = f"{name or 'audit'}-memory"
        figures.append(Figure(title, peak, "MB", what, peak / before, "< 500 MB", peak < 500))
    return figures


def _microseconds(done: dict[str, Any]) -> float:
    """Time of one statement in a report."""
    return float(done["seconds"] / done["counts"]["statements"] * 1e6)


def audited(folder: Path, options: tuple[str, ...]) -> dict[str, Any]:
    """One audit in a process of its own: its report, and its peak of memory."""
    words = ["audit", str(folder), "--trust", str(folder / "trust.json"), "--on", AS_OF, "--json", *options]
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([sys.executable, "-m", "adamas.cli", *words], stdout=out)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(0.1)
        out.seek(0)
        report: dict[str, Any] = json.loads(out.read())
    if report.get("exit_code") != 0:
        raise RuntimeError(f"the audit of good logs ended with {report.get('exit_code')}: {report['codes']}")
    report["peak"] = peak
    return report


def _memory(process: int) -> int:
    """Bytes of a process and its children; what they share is divided among them (Linux's PSS)."""
    total = 0
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total = int(line.split()[1]) * 1024
    except OSError:
        return 0
    return total + sum(_memory(int(child)) for child in children)


def _bare(folder: Path) -> float:
    """Signatures a second that all cores verify together."""
    cores = len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(cores)
    results = context.Queue()
    workers = [context.Process(target=_verify_on, args=(folder, gate, results)) for _ in range(cores)]
    for worker in workers:
        worker.start()
    rates = [results.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    return sum(rates)


def _verify_on(folder: Path, gate: Any, results: Any) -> None:
    from nacl import bindings

    messages = _messages(folder)
    gate.wait()
    begun = time.perf_counter()
    done = 0
    while time.perf_counter() - begun < _BARE_SECONDS:
        for message, key in messages:
            bindings.crypto_sign_open(message, key)
        done += len(messages)
    results.put(done / (time.perf_counter() - begun))


def _messages(folder: Path) -> list[tuple[bytes, bytes]]:
    """Signature and signed bytes of some thousand ordinary statements, with the keys of their issuers."""
    from tests.analysis.world import signer

    from adamas.ledger import statement as statements
    from adamas.ledger.tiles import decode_bundle

    found = []
    for bundle in sorted(folder.glob("*-AE/tile/entries/0*"))[2:14]:
        for raw in decode_bundle(bundle.read_bytes()) if bundle.is_file() else ():
            st = statements.parse(raw)
            if st.issuer == "kp:AE/authority":
                found.append((st.signature + st.to_be_signed(), signer(st.issuer).public_key))
    return found

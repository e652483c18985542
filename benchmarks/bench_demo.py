"""The whole demo as a stranger runs it: a process of its own, 20,000 certificates, wall time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figure import Figure

NAMES = ("demo-time", "demo-memory")
SECONDS, MEGABYTES = 90, 1000


def run(only: str | None) -> list[Figure]:
    """Both figures come of one run."""
    with tempfile.TemporaryDirectory(prefix="adamas-bench-") as place:
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "adamas.cli", "demo", str(Path(place) / "demo"), "--json"],
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - begun
    facts = json.loads(done.stdout)
    memory = facts["peak_memory_bytes"] / 1e6
    whole = (facts["found"], facts["missed"], facts["invented"]) == (facts["planted"], 0, 0)
    beside = (
        f"{facts['statements']:,} statements, {facts['found']} of {facts['planted']} planted faults found"
    )
    figures = [
        Figure("demo-time", seconds, "s", beside, None, f"< {SECONDS} s", whole and seconds < SECONDS),
        Figure(
            "demo-memory",
            memory,
            "MB",
            "peaks of all its offices added up",
            None,
            f"< {MEGABYTES} MB",
            memory < MEGABYTES,
        ),
    ]
    return [figure for figure in figures if only in (None, figure.name)]

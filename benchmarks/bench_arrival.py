"""From a scan to its answer at the arrival desk, with 100,000 certificates: what an officer with a parcel waits for.

``scan to answer`` is the server's time for the code that a hand scanner types, ``picture to answer`` for a photograph
of it, both with the whole stack of a page (sign-in, second factor, roles) and beside a page of the office that asks
nothing of the logs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from benchmarks.figure import Figure

NAMES = ("scan to answer", "picture to answer", "expected arrivals")
CERTIFICATES = int(os.environ.get("ADAMAS_BENCH_CERTIFICATES", "100000"))
GOAL = 200


def run(only: str | None) -> list[Figure]:
    """All figures come of one office, so all are measured whatever was asked for."""
    with tempfile.TemporaryDirectory(prefix="adamas-bench-") as place:
        words = [sys.executable, "-m", "benchmarks.arrival_desk", place, str(CERTIFICATES)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    beside = found["empty"]
    figures = [
        Figure(
            name,
            found[key],
            "ms, p95",
            "a page without logs",
            found[key] / beside,
            f"< {GOAL}",
            found[key] < GOAL,
        )
        for name, key in zip(NAMES, ("code", "picture", "expected"), strict=True)
    ]
    return [figure for figure in figures if only in (None, figure.name)]

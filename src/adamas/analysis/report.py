"""What an audit says: faults by log and index, counts, and the state of each log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

REFUSE, FINDING, NOTE = "refuse", "finding", "note"
MAX_FAULTS = 100_000
"""Faults kept one by one; more are counted only, so that memory stays flat whatever a log holds."""
_RANK = {REFUSE: 0, FINDING: 1, NOTE: 2}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``index`` is the entry's place in the log ``origin``, None for the log as a whole.

    ``severity``: ``refuse`` (a breach: what is shown does not hold, or ought not to have been logged), ``finding``
    (asks for an answer), ``note``. ``subject`` is a certificate number, a holder, a path.
    """

    origin: str
    index: int | None
    code: str
    clause: str
    severity: str
    sentence: str
    subject: str


@dataclass(frozen=True, slots=True)
class AuditedLog:
    """One log: where it was read, what its checkpoint says, which pillars witnessed it and when (unix seconds)."""

    origin: str
    path: str
    size: int
    root: str
    signed: bool
    pillars: dict[str, bool]
    missing: tuple[str, ...]
    witnessed_at: int | None


@dataclass(slots=True)
class Report:
    """The outcome. ``codes`` counts faults by code; ``missing`` what could not be told."""

    as_of: str
    rules: bool
    logs: list[AuditedLog] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    types: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    statements: int = 0
    certificates: int = 0
    seconds: float = 0.0

    def add(self, faults: Iterable[Fault]) -> None:
        """Takes faults in; beyond :data:`MAX_FAULTS` they are counted only."""
        for fault in faults:
            self.codes[fault.code] += 1
            self.severities[fault.severity] += 1
            if len(self.faults) < MAX_FAULTS:
                self.faults.append(fault)

    @property
    def truncated(self) -> bool:
        """Whether there were more faults than are listed."""
        return sum(self.codes.values()) > len(self.faults)

    @property
    def exit_code(self) -> int:
        """0: no breach; 1: breaches; 2: none found, but something could not be told."""
        if self.severities[REFUSE]:
            return 1
        return 2 if self.missing else 0

    def finish(self) -> Report:
        """Puts the faults in order: by log, place, gravity and code."""
        self.faults.sort(
            key=lambda f: (f.origin, -1 if f.index is None else f.index, _RANK[f.severity], f.code, f.subject)
        )
        self.missing = list(dict.fromkeys(self.missing))
        return self

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "as_of": self.as_of,
            "rules": self.rules,
            "exit_code": self.exit_code,
            "counts": {
                "logs": len(self.logs),
                "statements": self.statements,
                "certificates": self.certificates,
                "breaches": self.severities[REFUSE],
                "findings": self.severities[FINDING],
                "notes": self.severities[NOTE],
            },
            "seconds": round(self.seconds, 3),
            "logs": [asdict(log) for log in self.logs],
            "faults": [asdict(fault) for fault in self.faults],
            "truncated": self.truncated,
            "codes": dict(sorted(self.codes.items())),
            "types": dict(sorted(self.types.items())),
            "missing": self.missing,
        }

"""What a verification says of a bundle, for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

VALID, INVALID, UNKNOWN = "valid", "not valid", "cannot tell"
_EXIT = {VALID: 0, INVALID: 1, UNKNOWN: 2}

NOT_PROVEN = (
    "That what was signed is true: the log proves who said what, and by when.",
    "That the parcel or paper before you is the one spoken of: compare number, seals and weights.",
    "That nothing was said after the checkpoint: ask the office, or fetch a newer bundle.",
    "That the bundle holds everything said until then: its maker chose the statements; an audit of the logs tells.",
    "That the Participants were in good standing and all rules were kept: an audit of the logs tells.",
)
"""What no bundle can prove."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is wrong or missing: stable code and sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Who said it. ``claimed_at`` is the issuer's own time (unix s); ``key`` what the key's history says."""

    id: str
    type: str
    issuer: str
    subject: str
    claimed_at: int
    kid: str
    key: str


@dataclass(frozen=True, slots=True)
class Logged:
    """One log of the bundle: place of the statement in it (None for other logs), size, witnesses and times.

    ``pillars`` tells of each group of the policy whether it witnessed; ``times`` when which witness did (unix s).
    """

    origin: str
    index: int | None
    size: int
    root: str
    pillars: dict[str, bool]
    missing: tuple[str, ...]
    times: dict[str, int]

    @property
    def witnessed_at(self) -> int | None:
        """The time by which all that witnessed had done so, unix seconds."""
        stated = [t for t in self.times.values() if t]
        return max(stated, default=None)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where the certificate stands by the bundle's statements, on the day ``as_of``; ``steps`` in order."""

    number: str
    state: str
    as_of: str
    steps: tuple[tuple[str, str, str], ...]
    waiting: int
    findings: tuple[str, ...]
    expires: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The whole answer. ``exit_code`` is 0 valid, 1 not valid, 2 cannot tell."""

    status: str
    signed: Signed | None = None
    logs: tuple[Logged, ...] = ()
    trust: str = ""
    lifecycle: Lifecycle | None = None
    disclosed: dict[str, Any] = field(default_factory=dict)
    undisclosed: int = 0
    problems: tuple[Remark, ...] = ()
    missing: tuple[Remark, ...] = ()
    not_proven: tuple[str, ...] = NOT_PROVEN

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        return _EXIT[self.status]

    @property
    def logged(self) -> Logged | None:
        """The log that holds the statement."""
        return self.logs[0] if self.logs else None

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values; byte strings as hexadecimal, times as ISO 8601 UTC."""
        signed = self.signed
        return {
            "status": self.status,
            "exit_code": self.exit_code,
            "signed": None
            if signed is None
            else {
                "id": signed.id,
                "type": signed.type,
                "issuer": signed.issuer,
                "subject": signed.subject,
                "claimed_at": _utc(signed.claimed_at),
                "kid": signed.kid,
                "key": signed.key,
            },
            "logs": [
                {
                    "origin": log.origin,
                    "index": log.index,
                    "size": log.size,
                    "root": log.root,
                    "pillars": log.pillars,
                    "missing": list(log.missing),
                    "witnesses": {name: _utc(t) if t else None for name, t in log.times.items()},
                }
                for log in self.logs
            ],
            "trust": self.trust,
            "lifecycle": None
            if self.lifecycle is None
            else {
                "number": self.lifecycle.number,
                "state": self.lifecycle.state,
                "as_of": self.lifecycle.as_of,
                "expires": self.lifecycle.expires,
                "steps": [list(step) for step in self.lifecycle.steps],
                "waiting": self.lifecycle.waiting,
                "findings": list(self.lifecycle.findings),
            },
            "disclosed": _plain(self.disclosed),
            "undisclosed": self.undisclosed,
            "problems": [{"code": r.code, "sentence": r.sentence} for r in self.problems],
            "missing": [{"code": r.code, "sentence": r.sentence} for r in self.missing],
            "not_proven": list(self.not_proven),
        }

    def sentences(self) -> list[tuple[str, str]]:
        """The answer for people: (heading, sentence), in reading order."""
        said = [("result", self._result())]
        if self.signed is not None:
            s = self.signed
            said.append(
                (
                    "signed",
                    f"{s.type} about {s.subject}, by {s.issuer}, claimed at {_utc(s.claimed_at)}. {s.key}",
                )
            )
        for log in self.logs:
            place = "Another log that speaks of it" if log.index is None else f"Entry {log.index:,}"
            said.append(("logged", f"{place}: {log.origin}, {log.size:,} entries, root {log.root[:16]}…"))
            said.append(("witnessed", _witnessed(log)))
        if self.trust:
            said.append(("trusting", self.trust))
        if self.lifecycle is not None:
            life = self.lifecycle
            done = "; ".join(f"{event} {day} by {who}" for event, day, who in life.steps)
            waiting = f"; {life.waiting} statements wait for others that are not here" if life.waiting else ""
            said.append(("lifecycle", f"{life.number} is {life.state} as of {life.as_of} ({done}{waiting})."))
        if self.disclosed:
            said += [
                ("disclosed", f"{name}: {_shown(name, value)}") for name, value in self.disclosed.items()
            ]
        if self.undisclosed:
            said.append(("disclosed", f"{self.undisclosed} hidden fields are not shown in this bundle."))
        said += [("problem", r.sentence) for r in self.problems]
        said += [("missing", r.sentence) for r in self.missing]
        said += [("not proven", sentence) for sentence in self.not_proven]
        return said

    def _result(self) -> str:
        if self.status == VALID:
            return "Valid: signed, logged and witnessed as below."
        first = (self.problems or self.missing)[0].sentence
        return f"{'Not valid' if self.status == INVALID else 'Cannot tell'}: {first}"


def _witnessed(log: Logged) -> str:
    who = ", ".join(f"{name} at {_utc(t)}" if t else name for name, t in log.times.items()) or "nobody"
    pillars = ", ".join(f"{name} {'yes' if seen else 'NO'}" for name, seen in log.pillars.items())
    lack = f" Missing: {', '.join(log.missing)}." if log.missing else ""
    return f"By {who}." + (f" Groups: {pillars}." if pillars else "") + lack


_LAST_SECOND = 253_402_300_799
"""The end of the year 9999: what claims to be later is shown as this."""


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(seconds: int) -> str:
    """The day (UTC) of a time in unix seconds."""
    return _utc(seconds)[:10]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _shown(name: str, value: Any) -> str:
    """A hidden field for people: quantities with their units, everything else as it is."""
    if name in ("amounts", "found") and isinstance(value, dict):
        units = {"carats": "{:,.2f} ct", "value": "{:,.2f} US dollars"}
        known = [
            units[what].format(Decimal(value[what][0]) / 100)
            for what in units
            if isinstance(value.get(what), list) and isinstance(value[what][0], int)
        ]
        return f"{', '.join(known)} (opens the sealed quantities)"
    if name == "parties" and isinstance(value, dict):
        return f"from {_short(value.get('exporter'))} to {_short(value.get('importer'))}"
    return _short(value)


def _short(value: Any) -> str:
    text = str(_plain(value))
    return text if len(text) <= 160 else text[:157] + "…"

"""What the operations of arrival and after issue give, as frozen dataclasses. Quantities are texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adamas.client.types import Given, Paper, Row, Signed


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A certificate of a notice that was not taken in."""

    number: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NoticeTaken:
    """Numbers whose declared content is known there now, and those that were refused."""

    accepted: tuple[str, ...]
    refused: tuple[NotTaken, ...]


@dataclass(frozen=True, slots=True)
class Due(Row):
    """An import confirmation that is awaited; ``reminders`` is the highest that went out."""

    days_late: int = 0
    reminders: int = 0


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a shipment; ``verdict`` is empty while nothing is decided."""

    number: str
    version: int
    parcels: int
    carats: str
    value: str
    seals: str
    note: str
    photographs: tuple[Paper, ...]
    verdict: str
    agrees: str
    statement: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a question; ``side`` is the Participant that speaks."""

    at: int
    side: str
    officer: str
    text: str
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question between two authorities: ``state`` is open, answered or closed."""

    id: int
    number: str
    asker: str
    asked: str
    about: str
    state: str
    since: int
    way: str
    late: bool
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Right(Given):
    """The right data of a certificate; what is left out stays as it was."""

    hs: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    shares: tuple[int, ...] = ()
    parcels: int | None = None
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Amendment(Signed):
    """An act after issue with what it says."""

    at: int = 0
    cells: dict[str, Any] | None = None
    pictures: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A correction that is not on record at the importing authority; ``correction`` is its statement id."""

    number: str
    participant: str
    to: str
    correction: str
    corrected: str
    why: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AfterIssue:
    """What waits after issue."""

    to_confirm: tuple[Waiting, ...]
    unconfirmed: tuple[Waiting, ...]
    lost: tuple[Row, ...]
    technical: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Possible:
    """Kinds of act that may be done with a certificate now; ``replacements`` were issued in its place."""

    number: str
    possible: tuple[str, ...]
    replacements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forgery:
    """A forgery that was reported."""

    number: str
    at: str
    reported: str
    issuer: str
    note: str
    statement: str
    certificate: bool
    pictures: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """A line of the audit trail."""

    at: int
    act: str
    role: str
    officer: str


@dataclass(frozen=True, slots=True)
class Sent:
    """How a dispatch notice goes."""

    way: str
    at: int
    sent: int | None


@dataclass(frozen=True, slots=True)
class Trail:
    """What one side did with a certificate."""

    number: str
    acts: tuple[Act, ...]
    forms: tuple[str, ...]
    notice: Sent | None


@dataclass(frozen=True, slots=True)
class Return:
    """A half-yearly production return."""

    participant: str
    period: str
    kind: str
    carats: str
    value: str
    nil: bool
    filed: str
    issuer: str

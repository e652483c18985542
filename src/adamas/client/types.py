"""What the API takes and gives, as frozen dataclasses. Quantities are texts: carats, and US dollars.

Those of the desks are in :mod:`adamas.client.desk_types`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from adamas.client.reading import several


@dataclass(frozen=True, slots=True)
class Given:
    """What a caller gives the API as it stands."""

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel."""

    hs: str
    carats: str
    value: str


@dataclass(frozen=True, slots=True)
class Application(Given):
    """What an exporter asks for. Errors are told at submission, all at once."""

    to: str = ""
    importer: str = ""
    origin: tuple[str, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    reference: str = ""
    exporter: str = ""
    shares: tuple[int, ...] = ()
    seals: tuple[str, ...] = ()
    technical: str = ""
    replaces: str = ""
    wanted: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong, with the rule's source."""

    code: str
    sentence: str
    clause: str = ""
    severity: str = "refuse"
    field: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file to be sent: its name, its bytes, its media type (an office judges by the content)."""

    name: str
    data: bytes
    kind: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper or picture that an office has; ``digest`` is SHA-256 of its bytes, hexadecimal."""

    id: int
    name: str
    kind: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Said:
    """A line of an application's thread; ``office`` marks officers' words."""

    at: int
    office: bool
    act: str
    text: str


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application in a list; ``late`` by the office's own standard."""

    id: int
    state: str
    reference: str
    to: str
    parcels: int
    carats: str
    value: str
    number: str
    version: int
    changed: int
    since: int = 0
    late: bool = False


@dataclass(frozen=True, slots=True)
class ApplicationState(ApplicationRow):
    """An application as the office has it; ``against`` is what stands against submitting it."""

    cells: dict[str, Any] = field(default_factory=dict)
    thread: tuple[Said, ...] = ()
    attachments: tuple[Paper, ...] = ()
    against: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A certificate in a list."""

    number: str
    state: str
    participant: str
    to: str
    issued: str
    expires: str
    parcels: int
    findings: int
    due: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement; ``statement`` is its signed bytes in base64, ``proof`` how far it is witnessed."""

    event: str
    day: str
    issuer: str
    counts: bool
    id: str
    log: str
    index: int
    proof: str
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """The private content of a certificate."""

    exporter: str
    importer: str
    carats: str
    value: str
    seals: tuple[str, ...]
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate whole."""

    number: str
    state: str
    participant: str
    to: str
    issued: str
    expires: str
    parcels: int
    history: tuple[Step, ...]
    findings: tuple[Reason, ...]
    declared: Declared | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows done (number → statement id) and refused (number → reasons)."""

    accepted: dict[str, str]
    refused: dict[str, tuple[Reason, ...]]


@dataclass(frozen=True, slots=True)
class Found(Given):
    """What was found in a shipment; ``seals`` is intact, broken or missing."""

    parcels: int
    carats: str
    value: str
    seals: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of the importing side."""

    number: str
    verdict: str
    agrees: str
    statement: str


@dataclass(frozen=True, slots=True)
class Signed:
    """An act after issue: ``state`` is written, signed or dropped; ``statement`` is empty unless it is signed."""

    number: str
    kind: str
    statement: str
    id: int = 0
    state: str = "signed"


@dataclass(frozen=True, slots=True)
class Check:
    """The answer at the parcel: ``verdict`` is good, bad or unsure."""

    number: str
    verdict: str
    headline: str
    advice: str
    state: str
    events: tuple[str, ...]
    known: bool
    declared: Declared | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A Participant's standing on a day."""

    code: str
    name: str
    on: str
    good: bool
    kind: str
    why: str
    clause: str


def reasons(given: list[dict[str, Any]]) -> tuple[Reason, ...]:
    """Reasons of a refusal, or findings."""
    return several(Reason, given)

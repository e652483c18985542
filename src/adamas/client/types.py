"""What the API takes and gives, as frozen dataclasses. Quantities are texts: carats, and US dollars."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel."""

    hs: str
    carats: str
    value: str


@dataclass(frozen=True, slots=True)
class Application:
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

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


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
class ApplicationState:
    """An application as the office has it; ``against`` is what stands against submitting it."""

    id: int
    state: str
    reference: str
    to: str
    number: str
    version: int
    carats: str
    value: str
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
class Found:
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
    """An act after issue."""

    number: str
    kind: str
    statement: str


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


def take(kind: type[_T], given: dict[str, Any], **more: Any) -> _T:
    """A dataclass of the fields that it knows; an office of a later version may say more."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    found = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items() if name in known}
    return kind(**{**found, **more})


def reasons(given: list[dict[str, Any]]) -> tuple[Reason, ...]:
    """Reasons of a refusal, or findings."""
    return tuple(take(Reason, one) for one in given)


def declared(given: dict[str, Any] | None) -> Declared | None:
    """The private content, if it was given."""
    if given is None:
        return None
    return take(Declared, given, parcels=tuple(take(Parcel, one) for one in given["parcels"]))

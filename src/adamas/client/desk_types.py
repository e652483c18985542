"""What the operations of the issuing desk give, as frozen dataclasses. Quantities are texts: carats, and US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adamas.client.types import ApplicationState, Parcel, Reason


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one row and column of a sheet."""

    row: int
    field: str
    code: str
    sentence: str
    clause: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was taken: rows read, drafts made, bad rows."""

    id: int
    name: str
    at: int
    digest: str
    rows: int
    drafts: int
    bad: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist: ``result`` is passed, eye (needs one) or blocks."""

    code: str
    clause: str
    title: str
    result: str
    sentence: str
    field: str


@dataclass(frozen=True, slots=True)
class Approver:
    """An officer who may be named as the approving one."""

    officer: str
    name: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A certificate made ready. ``digest`` is what persons approve and confirm; ``payload`` is CBOR in base64."""

    number: str
    issuer: str
    digest: str
    payload: str
    to: str
    issued: str
    expires: str
    hs: tuple[str, ...]
    origin: tuple[str, ...]
    shares: tuple[int, ...]
    technical: str
    officers: tuple[str, ...]
    exporter: str
    importer: str
    seals: tuple[str, ...]
    parcels: tuple[Parcel, ...]
    carats: str
    value: str
    approved: bool
    confirmed: bool
    findings: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """An application as the desk sees it. ``prices`` and ``last`` are as the API gives them."""

    application: ApplicationState
    exporter: str
    licence: str
    since: int
    late: bool
    may: tuple[str, ...]
    worst: str
    checklist: tuple[Line, ...]
    unreadable: tuple[Reason, ...]
    prices: tuple[dict[str, Any], ...]
    dealings: dict[str, int]
    last: tuple[dict[str, Any], ...]
    trouble: tuple[dict[str, Any], ...]
    approvers: tuple[Approver, ...]
    next: str
    prepared: Prepared | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that is issued; ``statement`` is its id."""

    number: str
    state: str
    statement: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Blank forms that came in."""

    first: str
    last: str
    count: int
    day: str
    note: str


@dataclass(frozen=True, slots=True)
class Stock:
    """The account of blank forms; ``left`` must lie in the safe."""

    received: int
    used: int
    spoiled: int
    missing: int
    left: int
    next: str
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class FormUse:
    """What became of one form: used, spoiled or missing."""

    form: str
    end: str
    certificate: str
    why: str
    at: int


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers that are set aside."""

    first: str
    last: str
    count: int
    purpose: str
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """The next number, and what is set aside."""

    next: str
    reservations: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A dispatch notice; ``way`` is hosted, mail or file; ``sent`` is None while it waits."""

    number: str
    to: str
    way: str
    at: int
    sent: int | None


@dataclass(frozen=True, slots=True)
class Address:
    """Where notices to an authority go, and how many wait."""

    to: str
    mail: str
    way: str
    waiting: int

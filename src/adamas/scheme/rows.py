"""Rows of files and flags of the command line as typed commands: every error of a row at once, by field.

One row is one certificate or one event. Several parcels stand in one cell, ``710231:12.34:5600.00;
710221:8:90`` (HS, carats, value), so that a row can be refused, skipped and handed back by itself; JSON and
YAML may give a list of ``{hs, carats, value}`` instead. A certificate of one parcel may use the columns hs,
carats and value. What a value means is judged here; what the scheme allows is judged by the admission rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from adamas.scheme.errors import ValueRefused
from adamas.scheme.statements import (
    DispatchCommand,
    IssueCommand,
    ReceiveCommand,
    RevokeCommand,
    ValidateCommand,
)
from adamas.scheme.values import (
    Parcel,
    parse_carats,
    parse_country,
    parse_day,
    parse_hs,
    parse_number,
    parse_usd,
)

T = TypeVar("T")
Cells = Mapping[str, Any]
MAX_PARCELS = 9_999


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, whether it must be filled, and what stands in it."""

    name: str
    required: bool
    doc: str


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one cell."""

    field: str
    code: str
    sentence: str


ISSUE_COLUMNS = (
    Column("number", True, "certificate number: two letters of the issuing Participant and the serial"),
    Column("to", True, "Participant of destination, two letters (EU for its states)"),
    Column("parcels", False, "HS:carats:value for each parcel, parted by semicolons; or use the next three"),
    Column("hs", False, "HS code of a single parcel: 7102.10, 7102.21 or 7102.31"),
    Column("carats", False, "carats of a single parcel, at most two decimals"),
    Column("value", False, "value of a single parcel in US dollars, at most two decimals"),
    Column("origin", True, "country of mining; several, parted by semicolons, for mixed origin"),
    Column("shares", False, "per cent of carats by origin, in the same order, whole numbers, sum 100"),
    Column("issued", True, "date of issuance, 2025-12-31"),
    Column("expires", True, "date of expiry, the last day of validity"),
    Column("exporter", True, "name and address of the exporter (hidden in the log)"),
    Column("importer", True, "name and address of the importer (hidden in the log)"),
    Column("officer", True, "role id of the officer who issues"),
    Column("approver", True, "role id of the officer who approves, another one"),
    Column("seals", True, "seal numbers, parted by semicolons (hidden in the log)"),
    Column("technical", False, "a technical certificate: why, in a few words"),
    Column("replaces", False, "number of the certificate whose place this one takes"),
)
"""Columns of a file of certificates to be issued."""

RECEIVE_COLUMNS = (
    Column("number", True, "certificate number"),
    Column("at", True, "importing Participant, two letters"),
    Column("received", True, "day on which the shipment was checked"),
    Column("parcels", True, "number of parcels found"),
    Column("carats", True, "carats found, all parcels together"),
    Column("value", True, "value found in US dollars, all parcels together"),
    Column("seals", True, "intact, broken or missing"),
    Column("officer", True, "role id of the officer who checked"),
)
"""Columns of a file of import confirmations."""

VALIDATE_COLUMNS = (
    Column("number", True, "certificate number"),
    Column("validated", True, "day of validation"),
    Column("officer", True, "role id of the officer who validates"),
)
"""Columns of a file of validations."""

DISPATCH_COLUMNS = (
    Column("number", True, "certificate number"),
    Column("dispatched", True, "day on which the shipment left"),
    Column("via", False, "countries of transit, parted by semicolons"),
)
"""Columns of a file of dispatches."""

REVOKE_COLUMNS = (
    Column("number", True, "certificate number"),
    Column("revoked", True, "day"),
    Column("why", True, "lost, stolen or void"),
    Column("note", False, "in words"),
)
"""Columns of a file of revocations."""

TABLES: dict[str, tuple[Column, ...]] = {
    "issue": ISSUE_COLUMNS,
    "receive": RECEIVE_COLUMNS,
    "validate": VALIDATE_COLUMNS,
    "dispatch": DISPATCH_COLUMNS,
    "revoke": REVOKE_COLUMNS,
}
"""Columns by act."""


def columns_markdown() -> str:
    """Every table of columns in Markdown, for the documentation."""
    lines: list[str] = []
    for act, columns in TABLES.items():
        lines += [f"### {act}", "", "| column | must be filled | meaning |", "|---|---|---|"]
        lines += [f"| {c.name} | {'yes' if c.required else 'no'} | {c.doc} |" for c in columns] + [""]
    return "\n".join(lines)


class _Row:
    """Reads cells and gathers what is wrong with them."""

    def __init__(self, cells: Cells, columns: tuple[Column, ...]) -> None:
        self.cells = cells
        self.errors: list[FieldError] = []
        known = {column.name for column in columns}
        for name in cells:
            if name not in known and cells[name] not in (None, "", []):
                self.wrong(name, "row.unknown-column", f"There is no column “{name}” in this table.")
        for column in columns:
            if column.required and not self.filled(column.name):
                self.wrong(column.name, "row.missing", f"This must be filled: {column.doc}.")

    def wrong(self, field: str, code: str, sentence: str) -> None:
        """Notes an error."""
        self.errors.append(FieldError(field, code, sentence))

    def filled(self, name: str) -> bool:
        """Whether the cell holds anything."""
        cell = self.cells.get(name)
        return cell not in (None, "", []) and str(cell).strip() != ""

    def text(self, name: str) -> str:
        """The cell as text, without spaces around it."""
        cell = self.cells.get(name)
        return "" if cell is None else str(cell).strip()

    def value(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """The parsed cell; an error is noted and the default given."""
        if not self.filled(name):
            return default
        return self.parsed(name, self.text(name), parse, default)

    def parsed(self, name: str, text: str, parse: Callable[[str], T], default: T) -> T:
        """A parsed piece of a cell."""
        try:
            return parse(text)
        except ValueRefused as error:
            self.wrong(name, error.code, error.sentence + ".")
            return default

    def pieces(self, name: str) -> list[str]:
        """A list, or a text parted by semicolons (commas too, where none can belong to a value)."""
        cell = self.cells.get(name)
        if isinstance(cell, (list, tuple)):
            return [str(piece).strip() for piece in cell if str(piece).strip()]
        return [piece.strip() for piece in self.text(name).split(";") if piece.strip()]

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        word = self.text(name).lower()
        if word and word not in choices:
            self.wrong(name, "row.choice", f"“{word}” is none of {', '.join(choices)}.")
        return word

    def whole(self, name: str, low: int, high: int, text: str | None = None) -> int:
        """A whole number in a range."""
        digits = self.text(name) if text is None else text
        if not digits:
            return low
        if digits.isascii() and digits.isdigit() and len(digits) < 10 and low <= int(digits) <= high:
            return int(digits)
        self.wrong(name, "row.number", f"“{digits}” is not a whole number from {low} to {high}.")
        return low

    def role(self, name: str) -> str:
        """A role id: small letters, digits, dots and hyphens; never a person's name."""
        role = self.text(name)
        if role and not (len(role) <= 40 and role[0].isalnum() and _ROLE_LETTERS.issuperset(role)):
            self.wrong(
                name, "row.role", f"“{role}” is not a role id such as is-1: names of people are never logged."
            )
        return role


_ROLE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")


def _number(text: str) -> str:
    return str(parse_number(text))


def parse_issue_row(cells: Cells) -> tuple[IssueCommand | None, list[FieldError]]:
    """A certificate to be issued from one row, or every error of the row by field."""
    row = _Row(cells, ISSUE_COLUMNS)
    parcels = _parcels(row)
    origin = tuple(row.parsed("origin", piece, parse_country, "") for piece in row.pieces("origin"))
    shares = tuple(row.whole("shares", 1, 100, piece.rstrip("% ")) for piece in row.pieces("shares"))
    if shares and not row.errors and (len(shares) != len(origin) or sum(shares) != 100):
        row.wrong(
            "shares", "row.shares", f"The shares must be one for each of {len(origin)} origins, sum 100."
        )
    command = IssueCommand(
        number=row.value("number", _number, ""),
        to=row.value("to", parse_country, ""),
        origin=origin,
        parcels=parcels,
        issued=row.value("issued", parse_day, ""),
        expires=row.value("expires", parse_day, ""),
        exporter=row.text("exporter"),
        importer=row.text("importer"),
        officer=row.role("officer"),
        approver=row.role("approver"),
        seals=tuple(row.pieces("seals")),
        shares=shares,
        technical=row.text("technical") or None,
        replaces=row.value("replaces", _number, "") or None,
    )
    return (None, row.errors) if row.errors else (command, [])


def _parcels(row: _Row) -> tuple[Parcel, ...]:
    single = [name for name in ("hs", "carats", "value") if row.filled(name)]
    if not row.filled("parcels"):
        for name in ("hs", "carats", "value"):
            if name not in single:
                row.wrong(name, "row.missing", f"Fill {name}, or give the parcels in the column parcels.")
        parcel = Parcel(
            row.value("hs", parse_hs, ""),
            row.value("carats", parse_carats, parse_carats("0")),
            row.value("value", parse_usd, parse_usd("0")),
        )
        return (parcel,)
    if single:
        row.wrong("parcels", "row.twice", "Give either parcels, or hs, carats and value; not both.")
    cell = row.cells["parcels"]
    pieces: list[Any] = list(cell) if isinstance(cell, (list, tuple)) else row.pieces("parcels")
    if len(pieces) > MAX_PARCELS:
        row.wrong("parcels", "row.number", f"There are {len(pieces)} parcels, more than {MAX_PARCELS}.")
        return ()
    return tuple(_parcel(row, place, piece) for place, piece in enumerate(pieces, 1))


def _parcel(row: _Row, place: int, piece: Any) -> Parcel:
    field = f"parcels {place}"
    if isinstance(piece, Mapping):
        parts = [str(piece.get(name, "")).strip() for name in ("hs", "carats", "value")]
    else:
        parts = [part.strip() for part in str(piece).split(":")]
    if len(parts) != 3:
        row.wrong(field, "row.parcel", f"“{piece}” is not HS:carats:value, such as 710231:12.34:5600.00.")
        return Parcel("", parse_carats("0"), parse_usd("0"))
    return Parcel(
        row.parsed(field, parts[0], parse_hs, ""),
        row.parsed(field, parts[1], parse_carats, parse_carats("0")),
        row.parsed(field, parts[2], parse_usd, parse_usd("0")),
    )


def parse_receive_row(cells: Cells) -> tuple[ReceiveCommand | None, list[FieldError]]:
    """An import confirmation from one row, or every error of the row by field."""
    row = _Row(cells, RECEIVE_COLUMNS)
    command = ReceiveCommand(
        number=row.value("number", _number, ""),
        at=row.value("at", parse_country, ""),
        received=row.value("received", parse_day, ""),
        parcels=row.whole("parcels", 0, MAX_PARCELS),
        carats=row.value("carats", parse_carats, parse_carats("0")),
        value=row.value("value", parse_usd, parse_usd("0")),
        seals=row.choice("seals", ("intact", "broken", "missing")),
        officer=row.role("officer"),
    )
    return (None, row.errors) if row.errors else (command, [])


def parse_validate_row(cells: Cells) -> tuple[ValidateCommand | None, list[FieldError]]:
    """A validation from one row, or every error of the row by field."""
    row = _Row(cells, VALIDATE_COLUMNS)
    command = ValidateCommand(
        row.value("number", _number, ""), row.value("validated", parse_day, ""), row.role("officer")
    )
    return (None, row.errors) if row.errors else (command, [])


def parse_dispatch_row(cells: Cells) -> tuple[DispatchCommand | None, list[FieldError]]:
    """A dispatch from one row, or every error of the row by field."""
    row = _Row(cells, DISPATCH_COLUMNS)
    command = DispatchCommand(
        row.value("number", _number, ""),
        row.value("dispatched", parse_day, ""),
        tuple(row.parsed("via", piece, parse_country, "") for piece in row.pieces("via")),
    )
    return (None, row.errors) if row.errors else (command, [])


def parse_revoke_row(cells: Cells) -> tuple[RevokeCommand | None, list[FieldError]]:
    """A revocation from one row, or every error of the row by field."""
    row = _Row(cells, REVOKE_COLUMNS)
    command = RevokeCommand(
        row.value("number", _number, ""),
        row.value("revoked", parse_day, ""),
        row.choice("why", ("lost", "stolen", "void")),
        row.text("note"),
    )
    return (None, row.errors) if row.errors else (command, [])

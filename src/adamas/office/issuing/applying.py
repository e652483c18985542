"""What an exporter typed, read by the scheme's own parsers: a certificate to be, or every error by field.

Drafts keep texts as they were typed, so that nothing is lost by an error. Errors of parcels have the field
``parcels-3-carats`` (third parcel, as on the page).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adamas.office.intake import MAX_CELL, decimal_comma
from adamas.scheme.errors import ValueRefused
from adamas.scheme.findings import Finding
from adamas.scheme.rows import parse_issue_row
from adamas.scheme.statements import IssueCommand
from adamas.scheme.values import (
    Carats,
    Parcel,
    UsdCents,
    day_of,
    ordinal,
    parse_carats,
    parse_day,
    parse_hs,
    parse_usd,
)

TEXTS = (
    "reference",
    "to",
    "importer",
    "exporter",
    "origin",
    "shares",
    "seals",
    "technical",
    "replaces",
    "wanted",
    "note",
)
"""Fields of an application beside its parcels."""
PARCEL = ("hs", "carats", "value")
MAX_PARCELS = 380
"""More parcels do not fit into the hidden field of one certificate (16 kB)."""
VALID_DAYS = 60
"""Validity that is proposed to the officer (Annex I A leaves it to each Participant; the EU's is two months)."""
CLAUSE = "Annex I A"
_LONGEST = {
    "exporter": 1_000,
    "importer": 1_000,
    "seals": 1_000,
    "reference": 60,
    "technical": 80,
    "replaces": 40,
    "to": 40,
    "shares": 200,
    "origin": 400,
}
_FILLED = {"number": "ZZ00000", "officer": "x", "approver": "y", "hs": "710231", "carats": "1", "value": "1"}
_LATER = "-"
_NEVER = dict.fromkeys([0, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])

Cells = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What cells mean. ``command`` is None while something is wrong; its number, days and officers come later.

    ``parcels``, ``carats`` and ``value`` count those parcels that could be read.
    """

    command: IssueCommand | None
    errors: tuple[Finding, ...]
    parcels: int
    carats: int
    value: int
    to: str


def clean(cells: Cells) -> dict[str, Any]:
    """The known fields only, as texts of bounded length; empty parcels at the end are left out."""
    found: dict[str, Any] = {name: text(cells.get(name), MAX_CELL) for name in TEXTS}
    given = cells.get("parcels")
    parcels = [
        {name: text(item.get(name), 100) for name in PARCEL}
        for item in (given if isinstance(given, Sequence) and not isinstance(given, str) else ())
        if isinstance(item, Mapping)
    ]
    while parcels and not any(parcels[-1].values()):
        parcels.pop()
    found["parcels"] = parcels
    return found


def text(given: Any, longest: int) -> str:
    """A text as it can be kept: of bounded length, without zero characters (databases refuse them) and without those
    that turn the direction of what follows (an approver must read what is signed).
    """
    return str(given or "").translate(_NEVER).strip()[:longest]


def read(cells: Cells, today: str, *, subject: str = "") -> Reading:
    """Reads an application as of a day (ISO); tells everything that is wrong at once."""
    errors: list[Finding] = []

    def wrong(field: str, code: str, sentence: str, clause: str = CLAUSE) -> None:
        errors.append(Finding(code, clause, "refuse", sentence, field, subject))

    texts = {name: str(cells.get(name) or "") for name in TEXTS}
    for name, limit in _LONGEST.items():
        if len(texts[name]) > limit:
            wrong(name, "row.long", f"At most {limit} characters are taken here.")
    parcels = _parcels(cells.get("parcels") or (), wrong)
    row = {**texts, **_FILLED, "issued": today, "expires": day_of(ordinal(today) + VALID_DAYS)}
    for name in ("seals", "exporter"):  # officers seal, and the exporter is registered
        row[name] = texts[name].strip() or _LATER
    for name in ("reference", "wanted", "note"):
        row.pop(name)
    if texts["wanted"].strip():
        try:
            parse_day(texts["wanted"])
        except ValueRefused as error:
            wrong("wanted", error.code, error.sentence + ".")
    command, found = parse_issue_row(row)
    for mistake in found:
        wrong(mistake.field, mistake.code, mistake.sentence)
    if command is not None:
        seals = () if command.seals == (_LATER,) else command.seals
        exporter = "" if command.exporter == _LATER else command.exporter
        command = replace(command, parcels=tuple(parcels), seals=seals, exporter=exporter)
    if errors:
        command = None
    good = [parcel for parcel in parcels if parcel.hs]
    to = texts["to"].strip().upper()
    return Reading(
        command,
        tuple(errors),
        len(cells.get("parcels") or ()),
        sum(parcel.carats for parcel in good),
        sum(parcel.value for parcel in good),
        to if len(to) == 2 else "",
    )


def _parcels(items: Sequence[Cells], wrong: Callable[..., None]) -> list[Parcel]:
    if not items:
        wrong("parcels", "row.missing", "Enter at least one parcel.", "Annex I A, parcels")
    if len(items) > MAX_PARCELS:
        sentence = f"There are {len(items)} parcels; one certificate holds at most {MAX_PARCELS}."
        wrong("parcels", "row.number", sentence, "Annex I A, parcels")
    found = []
    for place, item in enumerate(items, 1):
        values: list[Any] = []
        for name, parse in zip(PARCEL, (parse_hs, parse_carats, parse_usd), strict=True):
            text = str(item.get(name) or "")
            values.append(_cell(f"parcels-{place}-{name}", name, text, parse, wrong))
        whole = all(value is not None for value in values)
        found.append(
            Parcel(values[0], Carats(values[1]), UsdCents(values[2]))
            if whole
            else Parcel("", Carats(0), UsdCents(0))
        )
    return found


def _cell(
    field: str, name: str, text: str, parse: Callable[[str], Any], wrong: Callable[..., None]
) -> Any | None:
    place = field.split("-")[1]
    if not text.strip():
        wrong(field, "row.missing", f"Parcel {place}: fill {_NAMES[name]}.")
        return None
    if name != "hs" and decimal_comma(text):
        sentence = (
            f"Parcel {place}: “{text}” has a comma; write a point before decimals and none between thousands."
        )
        wrong(field, "intake.decimal-comma", sentence)
        return None
    try:
        value = parse(text)
    except ValueRefused as error:
        wrong(field, error.code, f"Parcel {place}: {error.sentence}.", error.clause or CLAUSE)
        return None
    if not value:
        wrong(field, "row.zero", f"Parcel {place} has {_NAMES[name]} zero.", f"Annex I A, {_CLAUSES[name]}")
        return None
    return value


_NAMES = {"hs": "the HS code", "carats": "carats", "value": "value"}
_CLAUSES = {"hs": "HS code", "carats": "weight", "value": "value"}

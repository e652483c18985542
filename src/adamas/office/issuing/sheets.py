"""Applications from a spreadsheet: the template, and reading what came back. One row is one parcel.

Rows with the same text in `consignment` make one application; a row without one is an application of its own. What
all parcels of a consignment share may stand in its first row only. Every error is told at once, by row and column.
"""

from __future__ import annotations

import html
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adamas.office import intake
from adamas.office.intake import IntakeError, RowProblem, Sheet
from adamas.office.issuing import applying
from adamas.office.issuing.applying import Reading
from adamas.office.web.sentences import said

SHEET = "Parcels"
SHARED = (
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
COLUMNS: dict[str, tuple[bool, str]] = {
    "consignment": (False, "Your own reference. Rows with the same reference make one certificate."),
    "to": (True, "Participant of destination, two letters, such as AE; EU for its states."),
    "importer": (True, "Name and address of the importer. It is hidden in the public log."),
    "origin": (True, "Country of mining, two letters; several for mixed origin, parted by semicolons."),
    "hs": (True, "7102.10 unsorted, 7102.21 industrial, 7102.31 non-industrial."),
    "carats": (True, "Carats of this parcel, at most two decimals, with a point: 1234.50"),
    "value": (True, "Value of this parcel in US dollars, at most two decimals, with a point."),
    "seals": (False, "Seal numbers, parted by semicolons, if the goods are sealed already."),
    "shares": (False, "For mixed origin: per cent of carats by origin, in the same order, sum 100."),
    "exporter": (False, "Name and address of the exporter, if not as registered."),
    "technical": (False, "For a technical certificate: why, in a few words."),
    "replaces": (False, "Number of the certificate whose place this one takes."),
    "wanted": (False, "Day on which the certificate is needed, as 2025-12-31."),
    "note": (False, "Anything that the officer should know."),
}
"""Columns of the sheet: whether they must be filled, and what stands in them."""
MAX_ROWS = 20_000
NOTES = frozenset({"intake.hidden-row"})
"""Problems that are only told: the row is taken all the same."""
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_ATTRIBUTE = re.compile(rb"""\b([\w:]+)\s*=\s*["']([^"']*)["']""")
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\b[^>]*\bref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']"""
)
_MAX_MERGED = 2_000


@dataclass(slots=True)
class Consignment:
    """One application-to-be: its cells as they were typed, the sheet's row of each parcel, and what they mean."""

    cells: dict[str, Any]
    lines: list[int] = field(default_factory=list)
    reading: Reading | None = None
    good: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """What a sheet holds: consignments with at least one good row, and every problem."""

    sheet: Sheet
    consignments: tuple[Consignment, ...]
    problems: tuple[RowProblem, ...]

    @property
    def bad_rows(self) -> int:
        """Rows with something wrong."""
        return len({problem.row for problem in self.problems if problem.code not in NOTES})


def template() -> bytes:
    """An empty workbook to fill in: the sheet with its columns, and one of instructions, in the reader's language.

    The names of sheets and columns stay: they are what is read.
    """
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    text = book.add_format({"num_format": "@"})
    number = book.add_format({"num_format": "0.00"})
    needed = book.add_format({"bold": True, "bottom": 2, "bg_color": "#E4EEF0"})
    optional = book.add_format({"bottom": 2, "bg_color": "#F3F6F7"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    for place, (name, (required, meaning)) in enumerate(COLUMNS.items()):
        sheet.set_column(place, place, 16, number if name in ("carats", "value") else text)
        sheet.write_string(0, place, name, needed if required else optional)
        sheet.write_comment(0, place, said(meaning), {"x_scale": 2})
    hs = list(COLUMNS).index("hs")
    sheet.data_validation(1, hs, 9_999, hs, {"validate": "list", "source": ["7102.10", "7102.21", "7102.31"]})
    help_sheet = book.add_worksheet("Instructions")
    help_sheet.set_column(0, 0, 16)
    help_sheet.set_column(1, 1, 100, wrapped)
    lines = [
        (
            "",
            "Fill the sheet “Parcels”: one row for each parcel. Do not merge cells, and do not change the first row.",
        ),
        (
            "",
            "Then upload the file. All errors are told at once, by row and column; good rows are kept as drafts.",
        ),
        ("", "Nothing is submitted by the upload: you look at the drafts and submit them."),
        *((name, text_) for name, (_, text_) in COLUMNS.items()),
    ]
    for row, (name, sentence) in enumerate(lines):
        help_sheet.write_string(row, 0, name)
        help_sheet.write_string(row, 1, said(sentence))
    book.close()
    return out.getvalue()


def read(name: str, data: bytes, today: str) -> Read:
    """Reads a sheet (XLSX or CSV by the ending of its name). Raises IntakeError if it cannot be read as a whole."""
    sheet = _sheet(name, data)
    problems = [*sheet.problems, *(_marks(data, sheet) if name.lower().endswith(".xlsx") else ())]
    groups: dict[str, Consignment] = {}
    for row in sheet.rows:
        cells = {key: str(value) for key, value in row.cells.items()}
        key = cells.get("consignment", "") or f"\0{row.number}"
        group = groups.setdefault(
            key, Consignment({"reference": cells.get("consignment", ""), "parcels": []})
        )
        problems += _share(group, row.number, cells)
        group.lines.append(row.number)
        parcel = {part: cells.get(part, "") for part in applying.PARCEL}
        parcel["hs"] = "7102.10" if parcel["hs"] == "7102.1" else parcel["hs"]  # a number cell loses its zero
        group.cells["parcels"].append(parcel)
    told = {(p.row, p.field) for p in problems}
    for group in groups.values():
        group.reading = applying.read(group.cells, today)
        problems += [p for p in _problems(group) if (p.row, p.field) not in told]
    bad = {problem.row for problem in problems if problem.code not in NOTES}
    for group in groups.values():
        group.good = sum(line not in bad for line in group.lines)
    kept = tuple(group for group in groups.values() if group.good)
    return Read(sheet, kept, tuple(sorted(problems, key=lambda p: (p.row, p.field or ""))))


def rejected(name: str, data: bytes, today: str) -> bytes:
    """The rows with problems as they stood, with a last column of reasons: a CSV that can be mended and read again."""
    found = read(name, data, today)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "rejected.csv"
        told = [replace(p, sentence=said(p.sentence)) for p in found.problems if p.code not in NOTES]
        intake.write_rejected(place, found.sheet, told)
        return place.read_bytes()


def _share(group: Consignment, line: int, cells: Mapping[str, str]) -> Iterator[RowProblem]:
    """Takes what all parcels of a consignment share; a row that says something else is a problem."""
    for name in SHARED:
        value = cells.get(name, "")
        if not value:
            continue
        before = group.cells.setdefault(name, value)
        if before != value:
            sentence = f"Another row of this consignment says {before!r}; here stands {value!r}."
            yield RowProblem(line, name, "row.differs", sentence, applying.CLAUSE)


def _problems(group: Consignment) -> Iterator[RowProblem]:
    """The errors of an application by row and column of the sheet."""
    reading = group.reading
    for error in reading.errors if reading else ():
        part = error.field.split("-")
        if len(part) == 3:
            yield RowProblem(group.lines[int(part[1]) - 1], part[2], error.code, error.sentence, error.clause)
        else:
            name = "consignment" if error.field in ("reference", "parcels") else error.field
            yield RowProblem(group.lines[0], name, error.code, error.sentence, error.clause)


def _sheet(name: str, data: bytes) -> Sheet:
    ending = ".csv" if name.lower().endswith(".csv") else ".xlsx"
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / f"sheet{ending}"
        place.write_bytes(data)
        try:
            try:
                sheet = intake.read(place, known=COLUMNS, numbers=("carats", "value"), sheet=SHEET)
            except IntakeError as error:
                if error.code != "intake.sheet":
                    raise
                sheet = intake.read(place, known=COLUMNS, numbers=("carats", "value"))
        except IntakeError as error:
            advice = error.advice
            if error.code == "intake.sheet":
                advice = f"Keep one sheet with rows, or name it {SHEET}."
            raise IntakeError(error.code, error.sentence, where=name, advice=advice) from None
    if len(sheet.rows) > MAX_ROWS:
        raise IntakeError(
            "intake.size",
            f"The sheet has {len(sheet.rows):,} rows; at most {MAX_ROWS:,} are taken at once.",
            where=name,
            advice="Split it.",
        )
    return sheet


def _marks(data: bytes, sheet: Sheet) -> Iterator[RowProblem]:
    """Hidden rows and merged cells, which the values of a sheet do not show. The archive's sizes were checked."""
    content = _part(data)
    lines = set(sheet.originals)
    for match in _ROW.finditer(content):
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        if attributes.get(b"hidden") in (b"1", b"true") and attributes.get(b"r", b"").isdigit():
            line = int(attributes[b"r"])
            if line in lines:
                yield RowProblem(
                    line,
                    None,
                    "intake.hidden-row",
                    "This row is hidden in the sheet; it was read all the same.",
                )
    for count, match in enumerate(_MERGED.finditer(content)):
        if count >= _MAX_MERGED:
            return
        left, top, right, bottom = match[1].decode(), int(match[2]), match[3].decode(), int(match[4])
        yield from _merged(sheet, left, top, right, min(bottom, top + intake.MAX_ROWS))


def _merged(sheet: Sheet, left: str, top: int, right: str, bottom: int) -> Iterator[RowProblem]:
    first, last = _place(left), _place(right)
    column = sheet.columns[first] if first < len(sheet.columns) else None
    sentence = (
        f"Cells {left}{top}:{right}{bottom} are merged: only the first of them has the content. Unmerge them."
    )
    for line in range(top if last > first else top + 1, bottom + 1):
        if line in sheet.originals:
            yield RowProblem(line, column, "intake.merged", sentence)


def _part(data: bytes) -> bytes:
    """The XML of the sheet that was read: the one called Parcels, else the first that the workbook names."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = archive.namelist()
        sheets = [n for n in names if n.startswith("xl/worksheets/") and n.endswith(".xml")]
        book, links = archive.read("xl/workbook.xml"), archive.read("xl/_rels/workbook.xml.rels")
        targets = {}
        for element in re.findall(rb"<(?:\w+:)?Relationship\b([^>]*)>", links):
            attributes = dict(_ATTRIBUTE.findall(element))
            targets[attributes.get(b"Id", b"")] = attributes.get(b"Target", b"").decode("utf-8", "replace")
        for element in re.findall(rb"<(?:\w+:)?sheet\b([^>]*)>", book):
            attributes = dict(_ATTRIBUTE.findall(element))
            if html.unescape(attributes.get(b"name", b"").decode("utf-8", "replace")) == SHEET:
                target = targets.get(attributes.get(b"r:id", b""), "").lstrip("/")
                place = target if target.startswith("xl/") else f"xl/{target}"
                return archive.read(place)
        return archive.read(sheets[0]) if len(sheets) == 1 else b""
    except (KeyError, ValueError, OSError, zipfile.BadZipFile):
        return b""


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def rows_of(problems: Sequence[RowProblem]) -> list[list[Any]]:
    """Problems as plain lists, for keeping."""
    return [[p.row, p.field or "", p.code, p.sentence, p.clause or ""] for p in problems]

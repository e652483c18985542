"""Reading many rows from a file that somebody typed: CSV, XLSX, JSON or YAML. Knows nothing of diamonds.

Every cell stays text until the scheme's own parsers see it: no float ever holds a carat, a date is what
stands in the cell, and YAML's ``NO`` is Norway. A file that cannot be read as a whole raises
:class:`IntakeError`; what is wrong with one row is a :class:`RowProblem`, and all of them are told at once.
Nothing here writes to the office.

What is refused before it can harm: files that unpack to more than ``MAX_UNPACKED`` or are packed more than
``MAX_RATIO`` to one, aliases in YAML (the "billion laughs"), names given twice, text in another encoding than
UTF-8. Cells that a spreadsheet would run as a formula are written with an apostrophe before them, and read
without it.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NoReturn

from adamas.office.errors import OfficeError
from adamas.office.formulas import harmless, meant

MAX_BYTES = 64 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 2_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 4_000
MAX_TABLE = 20_000_000
"""Cells of a sheet's table, empty ones too: what lies between the first and the farthest."""
MAX_DEPTH = 12
REASON = "reason"
"""The column that a file of rejected rows has more than the file that was read."""

_CELL = re.compile(rb"""(?<![\w:.-])r\s*=\s*["']\s*([A-Za-z]*)([0-9]+)\s*["']""")
_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(?:[.\s]?\d{3})*,\d+|[+-]?\d+,\d+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class IntakeError(OfficeError):
    """A file of rows that cannot be read as a whole (intake.*); nothing was imported."""

    exit_code = 65


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file. ``number`` is what a person counts: the line in a sheet (the header is 1), the item
    in a list.

    ``cells`` has only what is not empty. A value is text, or for JSON and YAML a list or mapping of such
    values.
    """

    number: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that is wrong with one row. ``field`` is the column, if one is to blame."""

    row: int
    field: str | None
    code: str
    sentence: str
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read: its columns as they stand in it, its rows, and the problems that reading alone
    shows.
    """

    source: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[RowProblem, ...] = ()
    tabular: bool = True
    originals: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many rows the file has, readable or not."""
        return len({row.number for row in self.rows} | {p.row for p in self.problems})


def read(
    path: str | Path,
    *,
    known: Iterable[str] = (),
    numbers: Iterable[str] = (),
    sheet: str | None = None,
) -> Sheet:
    """Reads a file by the ending of its name (.csv, .tsv, .xlsx, .json, .jsonl, .yaml, .yml).

    ``known`` are the columns that mean something: others are refused with the nearest known one, since a
    misspelt optional column would silently be lost. ``numbers`` are columns in which a decimal comma is
    refused by name. Raises IntakeError; problems of single rows are in the sheet.
    """
    file = Path(path)
    data = _bytes(file)
    known, numbers = tuple(known), frozenset(numbers)
    ending = file.suffix.lower()
    if ending in (".csv", ".tsv", ".txt"):
        return _tabular(str(file), _csv_lines(_text(data, file), file), known, numbers)
    if ending == ".xlsx":
        return _tabular(str(file), _xlsx_lines(data, file, sheet), known, numbers)
    if ending == ".json":
        return _listed(str(file), _json(_text(data, file), file), known, numbers)
    if ending in (".jsonl", ".ndjson"):
        return _listed(str(file), _json_lines(_text(data, file), file), known, numbers)
    if ending in (".yaml", ".yml"):
        return _listed(str(file), _yaml(_text(data, file), file), known, numbers)
    if ending == ".xls" or data[:4] == b"\xd0\xcf\x11\xe0":
        _refuse(
            "intake.old-excel",
            "This is an old Excel file (.xls), which cannot be read.",
            file,
            "Save it as an Excel workbook (.xlsx) or as CSV UTF-8.",
        )
    _refuse(
        "intake.kind",
        f"A file that ends in {ending or 'nothing'} is of no known kind.",
        file,
        "Give a .csv, .xlsx, .json, .jsonl or .yaml file.",
    )


def write_rejected(path: str | Path, sheet: Sheet, problems: Iterable[RowProblem]) -> int:
    """Writes the rows that have problems, as they stood in the file, with a last column of reasons; gives how
    many.

    The CSV can be mended and read again: the reasons column is ignored. An existing file is not written over
    (FileExistsError). Rows of JSON and YAML have one column a name, with nested values as JSON.
    """
    reasons: dict[int, list[str]] = {}
    for problem in problems:
        said = f"{problem.field}: {problem.sentence}" if problem.field else problem.sentence
        reasons.setdefault(problem.row, []).append(said)
    rows = {row.number: row for row in sheet.rows}
    with Path(path).open("x", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([harmless(column) for column in (*sheet.columns, REASON)])
        for number in sorted(reasons):
            cells = sheet.originals.get(number)
            if cells is None:
                row = rows.get(number)
                cells = [_cell_text(row.cells.get(c)) if row else "" for c in sheet.columns]
            padded = [*cells, *[""] * (len(sheet.columns) - len(cells))]
            writer.writerow(
                [harmless(cell) for cell in (*padded[: len(sheet.columns)], " ".join(reasons[number]))]
            )
    return len(reasons)


def decimal_comma(text: str) -> bool:
    """Whether a number is written with a comma, which here means a thousand and elsewhere a tenth."""
    return _DECIMAL_COMMA.fullmatch(text.strip()) is not None


# --- bytes and text


def _bytes(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            _refuse(
                "intake.size",
                f"The file has {size:,} bytes; at most {MAX_BYTES:,} are read.",
                file,
                "Split it into several files.",
            )
        data = file.read_bytes()
    except FileNotFoundError:
        _refuse("intake.missing", "There is no such file.", file)
    except OSError as error:
        _refuse("intake.unreadable", f"The file cannot be read: {error.strerror}.", file)
    if not data.strip():
        _refuse("intake.empty", "The file is empty.", file)
    return data


def _text(data: bytes, file: Path) -> str:
    save_as = 'Save it again as CSV UTF-8 (in Excel: Save As, type "CSV UTF-8").'
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        _refuse("intake.encoding", "The file is UTF-16 text; UTF-8 is needed.", file, save_as)
    if data[:4] == b"PK\x03\x04":
        _refuse(
            "intake.encoding",
            "The file is a workbook or archive, not text.",
            file,
            "Name it .xlsx if it is one.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _refuse(
            "intake.encoding",
            f"Line {line} has the byte 0x{data[error.start]:02x}, which is not UTF-8: it was saved in an "
            "older encoding (Latin-1 or Windows-1252).",
            file,
            save_as,
        )
    if "\x00" in text:
        _refuse("intake.encoding", "The file has zero bytes in it, so it is not text.", file, save_as)
    return text


# --- tables: CSV and XLSX


def _csv_lines(text: str, file: Path) -> Iterator[tuple[int, list[str]]]:
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    limit = csv.field_size_limit(MAX_CELL * 4)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        start = 1
        for cells in reader:
            yield start, [meant(cell) for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        _refuse("intake.csv", f"Line {reader.line_num} is not CSV: {error}.", file)
    finally:
        csv.field_size_limit(limit)


def _xlsx_lines(data: bytes, file: Path, wanted: str | None) -> Iterator[tuple[int, list[str]]]:
    _check_archive(data, file)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        filled = [name for name in book.sheet_names if book.get_sheet_by_name(name).end is not None]
        sheet = book.get_sheet_by_name(_which_sheet(book.sheet_names, filled, wanted, file))
        last_row, last_column = sheet.end or (0, 0)
        if last_row > MAX_ROWS or last_column >= MAX_COLUMNS:
            _refuse(
                "intake.size",
                f"The sheet has {last_row + 1:,} rows and {last_column + 1:,} columns; {MAX_ROWS:,} and "
                f"{MAX_COLUMNS} are the most that is read.",
                file,
                "Delete what is empty, or split it.",
            )
        lines = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError) as error:
        _refuse("intake.xlsx", f"The workbook cannot be read: {error}.", file)
    for number, cells in enumerate(lines, 1):
        yield number, [_excel_text(cell) for cell in cells]


def _check_archive(data: bytes, file: Path) -> None:
    """A workbook is a zip archive: its sizes are looked at before anything is unpacked."""
    if data[:4] == b"\xd0\xcf\x11\xe0":
        _refuse(
            "intake.old-excel",
            "This is an old Excel file or one locked by a password; it cannot be read.",
            file,
            "Save it as an Excel workbook (.xlsx) without a password.",
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        _refuse("intake.xlsx", f"The workbook is damaged: {error}.", file)
    unpacked = sum(m.file_size for m in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > max(len(data), 4096) * MAX_RATIO:
        _refuse(
            "intake.bomb",
            f"The workbook would unpack to {unpacked:,} bytes in {len(members):,} parts, "
            f"from {len(data):,} bytes; that is more than a real one does.",
            file,
            "Save the rows as CSV UTF-8.",
        )
    for member in members:
        _check_extent(archive, member, file)


def _check_extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path) -> None:
    """Refuses a sheet whose farthest row and column make too large a table: the library that reads it makes room for
    every cell between, and one stray cell at XFD1048576 would ask for 400 GB.
    """
    try:
        content = archive.read(member)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        _refuse("intake.xlsx", f"The workbook is damaged: {error}.", file)
    rows = columns = 1
    for letters, digits in _CELL.findall(content):
        column = 0
        for letter in letters[:9].upper():
            column = column * 26 + letter - ord("A") + 1
        rows, columns = max(rows, int(digits.lstrip(b"0")[:9] or b"0")), max(columns, column)
    if rows * columns > MAX_TABLE:
        _refuse(
            "intake.size",
            f"A sheet reaches to row {rows:,} and column {columns:,}: a stray cell lies far from the others.",
            file,
            "Delete the empty rows and columns after the table, or save it as CSV UTF-8.",
        )


def _which_sheet(names: list[str], filled: list[str], wanted: str | None, file: Path) -> str:
    if wanted is not None:
        if wanted not in names:
            _refuse("intake.sheet", f"There is no sheet {wanted!r}; there are: {', '.join(names)}.", file)
        return wanted
    if not filled:
        _refuse("intake.empty", "No sheet of the workbook has rows.", file)
    if len(filled) > 1:
        _refuse(
            "intake.sheet",
            f"Several sheets have rows: {', '.join(filled)}.",
            file,
            "Say which one with --sheet.",
        )
    return filled[0]


def _excel_text(cell: object) -> str:
    """A cell as its owner sees it. Excel keeps numbers as binary fractions and shows 15 digits of them; so do
    we.
    """
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.15g}" if abs(cell) < 1e15 else f"{cell:.0f}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep="T")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return meant(str(cell))


def _tabular(
    source: str, lines: Iterator[tuple[int, list[str]]], known: tuple[str, ...], numbers: frozenset[str]
) -> Sheet:
    columns: tuple[str, ...] = ()
    for _, cells in lines:
        if any(cell.strip() for cell in cells):
            columns = _header(source, cells, known)
            break
    else:
        _refuse("intake.empty", "The file has no row.", Path(source))
    rows: list[Row] = []
    problems: list[RowProblem] = []
    originals: dict[int, Sequence[str]] = {}
    for number, cells in lines:
        while len(cells) > len(columns) and not cells[-1].strip():
            cells.pop()
        if not any(cell.strip() for cell in cells):
            continue
        if len(originals) >= MAX_ROWS:
            _refuse("intake.size", f"The file has more than {MAX_ROWS:,} rows.", Path(source), "Split it.")
        originals[number] = cells
        if len(cells) > len(columns):
            extra = f"The row has {len(cells)} cells, but there are {len(columns)} columns; quote a comma."
            problems.append(RowProblem(number, None, "intake.cells", extra))
            continue
        found = {
            c: cell.strip()
            for c, cell in zip(columns, cells, strict=False)
            if c and c != REASON and cell.strip()
        }
        problems += _cell_problems(number, found, numbers)
        rows.append(Row(number, found))
    if not originals:
        _refuse("intake.empty", "The file has a header and no row below it.", Path(source))
    return Sheet(source, columns, tuple(rows), tuple(problems), True, originals)


def _header(source: str, cells: list[str], known: tuple[str, ...]) -> tuple[str, ...]:
    columns = [cell.strip().lower().replace(" ", "_") for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    _check_names(source, columns, known, "column")
    return tuple(columns)


def _check_names(source: str, names: Sequence[str], known: tuple[str, ...], what: str) -> None:
    for name in names:
        if not name:
            _refuse("intake.header", f"A {what} has no name.", Path(source))
        if len(names) > MAX_COLUMNS or len(name) > 100:
            _refuse("intake.header", f"There are too many {what}s, or one has too long a name.", Path(source))
        if list(names).count(name) > 1:
            _refuse("intake.header", f"The {what} {name!r} is there twice.", Path(source))
        if known and name not in known and name != REASON:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known are: {', '.join(known)}."
            _refuse("intake.unknown-column", f"The {what} {name!r} is not known.", Path(source), hint)


def _cell_problems(number: int, cells: Mapping[str, Any], numbers: frozenset[str]) -> Iterator[RowProblem]:
    for name, cell in cells.items():
        if not isinstance(cell, str):
            continue
        if len(cell) > MAX_CELL:
            yield RowProblem(
                number, name, "intake.cell-size", f"The cell has more than {MAX_CELL:,} characters."
            )
        elif name in numbers and decimal_comma(cell):
            yield RowProblem(
                number,
                name,
                "intake.decimal-comma",
                f"{cell!r} has a comma: write a point before decimals and none between thousands (1234.50).",
            )
        elif name in numbers and _NUMBER.fullmatch(cell) is None and re.fullmatch(r"[+-]?[\d.,\s'’_]+", cell):
            yield RowProblem(
                number,
                name,
                "intake.number",
                f"{cell!r} is not a plain number: write a point before decimals and none between thousands.",
            )


# --- lists: JSON and YAML


def _json_lines(text: str, file: Path) -> object:
    """One object a line; a line that is no JSON refuses the file by its number."""
    lines = text.splitlines()
    if len(lines) > MAX_ROWS:
        _refuse("intake.size", f"The file has more than {MAX_ROWS:,} lines.", file, "Split it.")
    return [_json(line, file, number) for number, line in enumerate(lines, 1) if line.strip()]


def _json(text: str, file: Path, first: int = 1) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            for name, _ in pairs:
                if name in seen:
                    _refuse("intake.json", f"The name {name!r} is given twice in one object.", file)
                seen.add(name)
        return found

    def no_constant(word: str) -> NoReturn:
        _refuse("intake.json", f"{word} is not a number.", file)

    try:
        # Numbers stay the text that was typed: 12.10 is not 12.1, and neither is 12.09999.
        value = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=no_constant, object_pairs_hook=once
        )
    except json.JSONDecodeError as error:
        line = first + error.lineno - 1
        _refuse("intake.json", f"Line {line}, column {error.colno} is not JSON: {error.msg}.", file)
    except RecursionError:
        _refuse("intake.depth", f"The file is nested more than {MAX_DEPTH} deep.", file)
    return _whole(value, text, file)


def _whole(value: object, text: str, file: Path) -> object:
    """``value`` itself, unless an escape in it wrote half of a character, which no text may hold."""
    if "\\u" in text or "\\U" in text:
        try:
            json.dumps(value, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            _refuse(
                "intake.encoding", "An escape (\\ud800 or the like) stands for half of a character.", file
            )
        except RecursionError:
            _refuse("intake.depth", f"The file is nested more than {MAX_DEPTH} deep.", file)
    return value


def _yaml(text: str, file: Path) -> object:
    import yaml

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

    class Once(loader):
        """YAML where every scalar is text and no name stands twice."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
            names = [self.construct_object(key, deep=True) for key, _ in node.value]
            if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
                line = node.start_mark.line + 1
                _refuse(
                    "intake.yaml",
                    f"The entry at line {line} has a name twice, or a name that is no text.",
                    file,
                )
            found: dict[str, Any] = super().construct_mapping(node, deep=deep)
            return found

    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                _refuse(
                    "intake.yaml",
                    f"Line {getattr(event.start_mark, 'line', 0) + 1} has an alias (*name); write it out.",
                    file,
                )
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                _refuse("intake.depth", f"The file is nested more than {MAX_DEPTH} deep.", file)
        documents = list(yaml.load_all(text, Loader=Once))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1}" if mark else "The file"
        _refuse("intake.yaml", f"{where} is not YAML: {getattr(error, 'problem', None) or error}.", file)
    except RecursionError:
        _refuse("intake.depth", f"The file is nested more than {MAX_DEPTH} deep.", file)
    return _whole(documents[0] if len(documents) == 1 else documents, text, file)


def _listed(source: str, value: object, known: tuple[str, ...], numbers: frozenset[str]) -> Sheet:
    """One mapping, a list of mappings, or a mapping whose only value is such a list."""
    if isinstance(value, dict) and len(value) == 1:
        (only,) = value.values()
        if isinstance(only, list) and only and all(isinstance(item, dict) for item in only):
            value = only
    items = [value] if isinstance(value, dict) else value
    if not isinstance(items, list) or not items:
        _refuse("intake.shape", "The file is neither an object nor a list of objects.", Path(source))
    if len(items) > MAX_ROWS:
        _refuse("intake.size", f"The file has more than {MAX_ROWS:,} entries.", Path(source), "Split it.")
    columns: dict[str, None] = {}
    rows: list[Row] = []
    problems: list[RowProblem] = []
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            problems.append(
                RowProblem(number, None, "intake.shape", "The entry is not an object of names and values.")
            )
            continue
        cells = {name: _plain(cell, source, 1) for name, cell in item.items()}
        cells = {name: cell for name, cell in cells.items() if cell not in (None, "", [], {})}
        columns.update(dict.fromkeys(cells))
        problems += _cell_problems(number, cells, numbers)
        rows.append(Row(number, cells))
    _check_names(source, list(columns), known, "name")
    return Sheet(source, tuple(columns), tuple(rows), tuple(problems), False)


def _plain(cell: object, source: str, depth: int) -> object:
    if depth > MAX_DEPTH:
        _refuse("intake.depth", f"The file is nested more than {MAX_DEPTH} deep.", Path(source))
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, list):
        return [_plain(item, source, depth + 1) for item in cell]
    if isinstance(cell, dict):
        return {name: _plain(item, source, depth + 1) for name, item in cell.items()}
    return cell if cell is None else str(cell).strip()


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)


def _refuse(code: str, sentence: str, file: Path, advice: str | None = None) -> NoReturn:
    raise IntakeError(code, sentence, where=str(file), advice=advice)

"""Acts on many certificates from one file: CSV, XLSX, JSON, JSON lines or YAML.

Every row is read by the scheme's own parsers and judged by every rule before anything is logged, so that all errors
come at once, by row and field. One bad row keeps the whole file out, unless --skip-bad is given: then the others are
logged, and the bad ones go into a file of their own, with reasons, that can be mended and read again. The same file
twice gives every statement once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.session import session

if TYPE_CHECKING:
    from adamas.office.batch import BatchResult, Refusal
    from adamas.office.intake import RowProblem, Sheet

SHOWN = 1_000
"""Errors printed for a person; the rest is counted, and all of them are in --json and in the file of rejected rows."""

_MANY = 2_000

From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="A file of many: .csv, .xlsx, .json, .jsonl or .yaml (columns: docs/scheme/columns.md).",
        metavar="FILE",
    ),
]
SheetName = Annotated[
    str | None, typer.Option("--sheet", help="The sheet of a workbook that has several.", metavar="NAME")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Log the good rows all the same, and set the bad ones aside.")
]
Check = Annotated[bool, typer.Option("--check", help="Only tell what is wrong; log nothing.")]
Rejected = Annotated[
    Path | None,
    typer.Option(
        "--rejected",
        help="Where the bad rows go, with reasons; FILE-rejected.csv if left out with --skip-bad.",
        metavar="FILE",
    ),
]


@dataclass(frozen=True, slots=True)
class Act:
    """One act that a file may hold: columns and parser of its rows (scheme.rows), and the clause that asks for them.

    ``day`` is the column of the day on which it happened; ``numbers`` are columns in which a decimal comma is named.
    """

    name: str
    done: str
    clause: str
    day: str
    numbers: tuple[str, ...] = ()

    @property
    def parse(self) -> Callable[[Mapping[str, Any]], tuple[Any, list[Any]]]:
        """Cells → (command or None, errors)."""
        from adamas.scheme import rows

        parser: Callable[[Mapping[str, Any]], tuple[Any, list[Any]]] = getattr(rows, f"parse_{self.name}_row")
        return parser

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that mean something."""
        from adamas.scheme.rows import TABLES

        return tuple(column.name for column in TABLES[self.name])

    def column(self, field: str, sheet: Sheet) -> str:
        """The column to look at for a finding on a field of the statement."""
        name = self.day if field == "date" else _COLUMNS.get(field, field)
        return "carats" if name == "parcels" and name not in sheet.columns else name


_COLUMNS = {
    **dict.fromkeys(("sub", "iss", "kid", "iat", "refs", "type"), "number"),
    "officers": "approver",
    "sealed": "carats",
    "agrees": "carats",
}
ISSUE = Act("issue", "issued", "Annex I A", "issued", ("carats", "value"))
VALIDATE = Act("validate", "validated", "III(a)", "validated")
DISPATCH = Act("dispatch", "dispatched", "Annex II, 19", "dispatched")
RECEIVE = Act("receive", "received", "III(b), bullet 2", "received", ("carats", "value", "parcels"))
REVOKE = Act("revoke", "declared lost, stolen or void", "Annex I A", "revoked")


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be taken."""

    sheet: str | None = None
    skip_bad: bool = False
    check: bool = False
    rejected: Path | None = None
    authority: str | None = None


def from_file(act: Act, file: Path, options: Options, fill: Mapping[str, str | None] | None = None) -> int:
    """Reads a file and does its act. ``fill`` are values typed as options, for cells that are empty."""
    aside = options.rejected
    if aside is None and options.skip_bad:
        aside = file.with_name(f"{file.stem}-rejected.csv")
    if aside is not None and aside.exists():
        raise exits.UsageError(
            "usage.exists",
            "There is a file of rejected rows already.",
            where=str(aside),
            advice="Move it away, or name another with --rejected.",
        )
    from adamas.office import intake

    sheet = intake.read(file, known=act.columns, numbers=act.numbers, sheet=options.sheet)
    given = {name: value for name, value in (fill or {}).items() if value}
    commands, lines, problems = _read(act, sheet, given)
    return _do(act, sheet, options, aside, commands, lines, problems)


def _read(act: Act, sheet: Sheet, given: Mapping[str, str]) -> tuple[list[Any], list[int], list[RowProblem]]:
    """Commands, the numbers of their rows, and every problem of the others."""
    from adamas.office.intake import RowProblem

    problems = [
        problem if problem.clause else replace(problem, clause=act.clause) for problem in sheet.problems
    ]
    known = {(problem.row, problem.field) for problem in problems}
    bad = {problem.row for problem in problems}
    commands, lines = [], []
    parse = act.parse
    for row in sheet.rows:
        command, errors = parse({**given, **row.cells} if given else row.cells)
        problems += [
            RowProblem(row.number, e.field, e.code, e.sentence, act.clause)
            for e in errors
            if (row.number, e.field) not in known
        ]
        if command is not None and row.number not in bad:
            commands.append(command)
            lines.append(row.number)
    return commands, lines, problems


def _do(
    act: Act,
    sheet: Sheet,
    options: Options,
    aside: Path | None,
    commands: Sequence[Any],
    lines: Sequence[int],
    problems: list[RowProblem],
) -> int:
    from adamas.office.errors import BatchRefused

    if len(commands) >= _MANY:
        output.note(f"{len(commands):,} rows are read; now every rule is asked of each.")
    only_look = options.check or (bool(problems) and not options.skip_bad)
    read_badly = bool(problems)
    result = None
    with desk.office() as office:
        from adamas.office.certification import actions

        do: Callable[..., BatchResult] = getattr(actions, act.name)
        origin = office.config.origin
        try:
            result = do(
                office, commands, authority=options.authority, skip_bad=options.skip_bad, check=only_look
            )
            refused = result.refused
        except BatchRefused as error:
            refused = tuple(error.refused)
    problems = sorted([*problems, *_of_rules(act, sheet, refused, lines)], key=lambda p: p.row)
    if aside is not None and problems:
        _set_aside(aside, sheet, problems)
    if only_look or result is None:
        return _nothing_logged(act, sheet, problems, aside, read_badly)
    return _logged(act, origin, sheet, result, lines, problems, aside)


def _of_rules(act: Act, sheet: Sheet, refused: Iterable[Refusal], lines: Sequence[int]) -> list[RowProblem]:
    from adamas.office.intake import RowProblem

    return [
        RowProblem(lines[item.row], act.column(f.field, sheet), f.code, f.sentence, f.clause)
        for item in refused
        for f in item.findings
        if f.severity == "refuse"
    ]


def _set_aside(aside: Path, sheet: Sheet, problems: Sequence[RowProblem]) -> None:
    from adamas.office.intake import write_rejected

    try:
        write_rejected(aside, sheet, problems)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _nothing_logged(
    act: Act, sheet: Sheet, problems: Sequence[RowProblem], aside: Path | None, read_badly: bool
) -> int:
    bad = len({problem.row for problem in problems})
    if not problems:
        facts = {"rows": sheet.total, "bad": 0, "checked": True}
        output.show(
            facts, lambda: output.line(f"{sheet.total:,} rows, none of them wrong. Nothing was logged.")
        )
        return exits.OK
    code = exits.BAD_DATA if read_badly else exits.NOT_VALID
    sentence = f"{bad:,} of {sheet.total:,} rows are wrong, so nothing was logged."
    if session.json:
        error = {
            "code": "bulk.rows",
            "sentence": sentence,
            "where": sheet.source,
            "clause": act.clause,
            "advice": "Mend the rows, or give --skip-bad to log the others.",
            "exit": code,
            "rows": sheet.total,
            "bad": bad,
            "rejected_file": str(aside) if aside else None,
            "problems": [_problem_facts(problem) for problem in problems],
        }
        output.document({"error": error})
        output.complain(sentence)
        return code
    _complain(problems)
    output.complain(f"{sentence} Mend them, or give --skip-bad to log the others.")
    if aside is not None:
        output.complain(f"The bad rows are in {aside}, with reasons.")
    return code


def _logged(
    act: Act,
    origin: str,
    sheet: Sheet,
    result: BatchResult,
    lines: Sequence[int],
    problems: Sequence[RowProblem],
    aside: Path | None,
) -> int:
    bad = len({problem.row for problem in problems})
    more = {
        "rows": sheet.total,
        "bad": bad,
        "rejected_file": str(aside) if aside and problems else None,
        "problems": [_problem_facts(problem) for problem in problems],
    }
    if not session.json:
        _complain(problems)
    code = desk.told(act.done, origin, result, lines, more)
    if problems and not session.json:
        output.complain(
            f"{bad:,} of {sheet.total:,} rows were not logged; they are in {aside}, with reasons."
        )
    return exits.NOT_VALID if problems else code


def _complain(problems: Sequence[RowProblem]) -> None:
    for problem in problems[:SHOWN]:
        field = f", {problem.field}" if problem.field else ""
        clause = f" Clause: {problem.clause}." if problem.clause else ""
        output.complain(f"row {problem.row}{field}: {problem.sentence}{clause} [{problem.code}]")
    if len(problems) > SHOWN:
        output.complain(f"… and {len(problems) - SHOWN:,} more; see --rejected FILE or --json.")


def _problem_facts(problem: RowProblem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "field": problem.field,
        "code": problem.code,
        "sentence": problem.sentence,
        "clause": problem.clause,
    }


def run(
    act: Act,
    file: Path | None,
    options: Options,
    numbers: Sequence[str],
    cells: Mapping[str, str | None],
) -> int:
    """What a word of the desk does: the rows of ``file``, or the certificates whose ``numbers`` were typed.

    ``cells`` are the options typed, by column; a day that was not typed is today. Raises UsageError if both or neither
    of file and numbers are given.
    """
    if (file is None) == (not numbers):
        raise exits.UsageError(
            "usage.numbers",
            "Give the certificate's number, or --from FILE with many of them; one of the two.",
        )
    if file is not None:
        return from_file(act, file, options, cells)
    if options.skip_bad or options.rejected or options.sheet:
        raise exits.UsageError(
            "usage.file", "--skip-bad, --rejected and --sheet are for a file: --from FILE."
        )
    dated = {**cells, act.day: cells.get(act.day) or desk.today()}
    return _typed(act, [{**dated, "number": number} for number in numbers], options)


def _typed(act: Act, rows: Sequence[Mapping[str, str | None]], options: Options) -> int:
    """Acts whose cells were typed as options; every error is told."""
    commands, errors = [], []
    for row in rows:
        command, wrong = act.parse({name: value for name, value in row.items() if value})
        commands.append(command)
        errors += [error for error in wrong if error not in errors]
    if errors:
        if session.json:
            problems = [
                {"field": e.field, "code": e.code, "sentence": e.sentence, "clause": act.clause}
                for e in errors
            ]
            first = {"code": "usage.values", "sentence": errors[0].sentence, "where": errors[0].field}
            output.document({"error": {**first, "exit": exits.USAGE, "problems": problems}})
        for error in errors:
            output.complain(f"{error.field}: {error.sentence} Clause: {act.clause}. [{error.code}]")
        return exits.USAGE

    def do(office: Any, check: bool = False) -> BatchResult:
        from adamas.office.certification import actions

        action: Callable[..., BatchResult] = getattr(actions, act.name)
        return action(office, commands, authority=options.authority, check=check)

    if not options.check:
        return desk.act(act.done, do)
    with desk.office() as office:
        result = do(office, check=True)
    if result.refused:
        return desk.refused(desk.all_refused(result.refused, len(commands)), result.refused)
    facts = {"rows": len(rows), "bad": 0, "checked": True}
    output.show(facts, lambda: output.line("Nothing is wrong with it. Nothing was logged."))
    return exits.OK

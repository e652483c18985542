"""`adamas audit DIR…`: everything that published logs claim, worked out again from their bytes alone.

Exit codes: 0 no breach, 1 breaches (or with --strict findings), 2 none found but something could not be told.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adamas.cli import exits, output
from adamas.cli.session import Json, session
from adamas.cli.verify import TrustFile, load_trust

if TYPE_CHECKING:
    from adamas.analysis.audit import Progress
    from adamas.analysis.report import Fault, Report

_SHOWN = 50
_GRAVITY = {"refuse": "BREACH", "finding": "finding", "note": "note"}


def audit(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Folders of mirrored logs, or folders that hold several.", metavar="DIR…"),
    ],
    trust: TrustFile = None,
    on: Annotated[
        str | None,
        typer.Option("--on", help="The day of the judgement (overdue confirmations); today if left out."),
    ] = None,
    rules: Annotated[
        bool,
        typer.Option("--rules/--no-rules", help="Judge every rule again, or only signatures, keys and tree."),
    ] = True,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as there are cores if left out.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Findings count as breaches for the exit code.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="List every fault and note, not the first fifty.")
    ] = False,
    json: Json = False,
) -> int:
    """Audit mirrored logs: every signature, key, tile and rule again; what is wrong by log and index."""
    from datetime import date

    from adamas.analysis.audit import audit as audit_logs
    from adamas.cli.desk import day as parse_day

    as_of = None if on is None else date.fromisoformat(parse_day(on))
    with _progress() as progress:
        report = audit_logs(
            folders, load_trust(trust), as_of=as_of, rules=rules, workers=workers, progress=progress
        )
    output.show(report.to_json(), lambda: _show(report, every))
    if strict and report.severities["finding"]:
        return exits.NOT_VALID
    return report.exit_code


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on standard error where a person looks at it."""
    if session.json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=4,
    )
    with bar:
        task = bar.add_task("statements", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _list(faults: Sequence[Fault]) -> None:
    """Faults under their logs, each with its entry, what it is about, its code, and the sentence below."""
    import shutil
    import textwrap

    width = min(max(shutil.get_terminal_size((80, 24)).columns, 60), 110)
    origin = None
    for fault in faults:
        if fault.origin != origin:
            origin = fault.origin
            output.line(f"\nWhat is wrong in {_plain(origin)}:")
        place = "whole log" if fault.index is None else f"entry {fault.index:,}"
        output.line(f"  {place:<13} {_GRAVITY[fault.severity]:<8} {fault.code}  {_plain(fault.subject)}")
        sentence = f"{fault.sentence} ({fault.clause})"
        output.line(
            textwrap.fill(_plain(sentence), width, initial_indent=" " * 16, subsequent_indent=" " * 16)
        )
    if faults:
        output.line()


def _plain(text: str) -> str:
    """What others wrote, without characters that could steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def _show(report: Report, every: bool) -> None:
    for log in report.logs:
        signed = "" if log.signed else ", checkpoint NOT verified"
        seen = output.utc(log.witnessed_at) or "no quorum of witnesses"
        output.line(f"{_plain(log.origin)}: {log.size:,} entries, root {log.root[:16]}…, {seen}{signed}")
    wanted = [fault for fault in report.faults if every or fault.severity != "note"]
    shown = wanted
    if not every and len(wanted) > _SHOWN:  # the breaches before the rest, then in order of the logs again
        chosen = sorted(range(len(wanted)), key=lambda n: (wanted[n].severity != "refuse", n))[:_SHOWN]
        shown = [wanted[n] for n in sorted(chosen)]
    _list(shown)
    if len(wanted) > len(shown) or report.truncated:
        output.line(f"… {len(wanted) - len(shown):,} more; --all lists them, --json gives them to a program.")
    if len(report.codes) > 1:
        output.line("By code: " + ", ".join(f"{n:,} × {code}" for code, n in report.codes.most_common()))
    for sentence in report.missing:
        output.line(f"cannot tell: {sentence}")
    judged = (
        f", {report.certificates:,} certificates judged as of {report.as_of}"
        if report.rules
        else ", no rules asked"
    )
    severities = report.severities
    output.line(
        f"{report.statements:,} statements in {len(report.logs)} logs{judged}: {severities['refuse']:,} breaches, "
        f"{severities['finding']:,} findings, {severities['note']:,} notes; {report.seconds:.1f} s."
    )

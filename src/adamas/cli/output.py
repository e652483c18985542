"""How the command line speaks: facts on standard output, everything else on standard error.

With --json standard output is exactly one JSON document, also when the command fails (then ``{"error":
{…}}``). Without it a person reads plain lines and tables that need neither colour nor more than 100 columns.
Rich is imported at the first table, since `adamas verify` must start quickly.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adamas.cli import exits
from adamas.cli.session import session
from adamas.errors import AdamasError

if TYPE_CHECKING:
    from rich.console import Console


def show(facts: Mapping[str, Any] | Sequence[Any], human: Callable[[], None]) -> None:
    """Prints ``facts`` as JSON if that was asked for, else calls ``human`` to print them for a person."""
    if session.json:
        document(facts)
    else:
        human()


def document(facts: object) -> None:
    """One JSON document on standard output. Bytes become hexadecimal, times and dates ISO 8601 in UTC."""
    sys.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2, default=plain) + "\n")


def plain(value: object) -> object:
    """A value of ours as JSON has it. Raises TypeError for what has no plain form."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def utc(seconds: int | None) -> str | None:
    """Unix seconds as ISO 8601 in UTC; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def line(text: str = "") -> None:
    """A line for a person, on standard output."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A remark that is no fact asked for (progress, advice): on standard error, and silent with --json."""
    if not session.json:
        sys.stderr.write(text + "\n")


def console() -> Console:
    """Rich's console on standard output; 100 columns where there is no terminal."""
    from rich.console import Console

    return Console(
        file=sys.stdout,
        width=None if sys.stdout.isatty() else 100,
        highlight=False,
        markup=False,
        emoji=False,
    )


def table(
    title: str | None, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = ()
) -> None:
    """A table for a person; ``right`` are the numbers of the columns of figures."""
    from rich import box
    from rich.table import Table

    flush_right = set(right)
    grid = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
    for number, column in enumerate(columns):
        grid.add_column(column, justify="right" if number in flush_right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*("" if cell is None else str(cell) for cell in row))
    console().print(grid)


def pairs(title: str | None, values: Iterable[tuple[str, object]]) -> None:
    """Names and values, one a line, aligned; without Rich."""
    shown = [(name, "–" if value is None else str(value)) for name, value in values]
    if title:
        line(title)
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        line(f"  {name:<{width}}  {value}")


def error_facts(error: AdamasError) -> dict[str, Any]:
    """An error as the JSON document has it."""
    facts: dict[str, Any] = {
        "code": error.code,
        "sentence": error.sentence,
        "where": error.where,
        "clause": error.clause,
        "advice": error.advice,
        "exit": exits.of(error),
    }
    refused = getattr(error, "refused", None)
    if refused:
        facts["refused"] = refused
    return facts


def fail(error: AdamasError) -> int:
    """Says what went wrong, on standard error; gives the exit code."""
    if session.json:
        document({"error": error_facts(error)})
    complain(str(error))
    return exits.of(error)


def complain(sentence: str) -> None:
    """One sentence on standard error, with our name before it."""
    sys.stderr.write(f"adamas: {_one_line(sentence)}\n")


def crash(error: BaseException) -> int:
    """An error that nobody foresaw: one sentence, the traceback into a file, exit code 70."""
    import traceback

    text = "".join(traceback.format_exception(error))
    file = _log_file()
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # The words typed are left out on purpose: a value among them may be somebody's name or secret.
    with file.open("a", encoding="utf-8") as out:
        out.write(f"{stamp} adamas {' '.join(session.words[:1])}\n{text}\n")
    sentence = (
        f"A fault of adamas itself ({type(error).__name__}). Nothing is half done. Details are in {file}."
    )
    if session.json:
        document(
            {"error": {"code": "internal", "sentence": sentence, "where": str(file), "exit": exits.INTERNAL}}
        )
    complain(sentence)
    return exits.INTERNAL


def _log_file() -> Path:
    """The first of these folders that can be written: the home, the user's state folder, the temporary
    folder.
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "adamas"
    home = session.folder if (session.folder / "office.toml").exists() else None
    for folder in (home, state, Path(tempfile.gettempdir())):
        if folder is None:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / "adamas.log"
            file.touch(mode=0o600)
        except OSError:
            continue
        return file
    return Path(os.devnull)


def _one_line(text: str) -> str:
    """Input may come back in a message: no line breaks and no terminal control characters."""
    return "".join(c if c.isprintable() else " " for c in text).strip()

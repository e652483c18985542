"""What the words of an office share: opening it, today's date, and telling what an act logged or refused."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import exits, output
from adamas.cli.session import CLOCK_VARIABLE, clock, passphrase, session
from adamas.errors import AdamasError

if TYPE_CHECKING:
    from adamas.office.batch import BatchResult, Refusal
    from adamas.office.opening import Office
    from adamas.scheme.findings import Finding

Authority = Annotated[
    str | None,
    typer.Option(help="Who signs, if it is not the Participant's usual authority.", metavar="kp:XX/…"),
]
On = Annotated[
    str | None, typer.Option("--on", help="The day it happened; today (UTC) if left out.", metavar="DATE")
]
SomeNumbers = Annotated[list[str] | None, typer.Argument(help="Certificate numbers.", metavar="[NUMBER]...")]
Number = Annotated[str, typer.Argument(help="The certificate's number.", metavar="NUMBER")]


@contextmanager
def office() -> Iterator[Office]:
    """The office of --home, open; its passphrase is asked for only when a key is needed."""
    from adamas.office.opening import open_office

    keeps = clock()
    with open_office(session.folder, passphrase=passphrase, clock=keeps) as opened:
        if keeps is not time.time:
            told = output.utc(int(keeps()))
            output.note(f"The clock is set to {told} by {CLOCK_VARIABLE}: statements claim that time.")
        yield opened


def today() -> str:
    """Today in UTC."""
    return datetime.fromtimestamp(clock()(), UTC).date().isoformat()


def day(text: str | None) -> str:
    """A day as typed, or today. Raises UsageError for what is no day."""
    if text is None:
        return today()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise exits.UsageError(
            "usage.day", f"{text!r} is not a day.", advice="Write it as 2026-01-31."
        ) from None


def finding_facts(finding: Finding) -> dict[str, Any]:
    """A finding as the JSON document has it."""
    from adamas.ledger.statement import text_id

    return {
        "code": finding.code,
        "severity": finding.severity,
        "sentence": finding.sentence,
        "clause": finding.clause,
        "field": finding.field,
        "subject": finding.subject,
        "evidence": [text_id(item) for item in finding.evidence],
    }


def act(
    done: str,
    do: Callable[[Office], BatchResult],
    *,
    rows: Sequence[int] | None = None,
) -> int:
    """Opens the office, does one act and tells what came of it.

    ``done`` is the verb for people ("issued"). ``rows`` are the numbers that a person knows the rows by.
    """
    from adamas.office.errors import BatchRefused

    with office() as opened:
        try:
            result = do(opened)
        except BatchRefused as error:
            return refused(error, error.refused, rows)
        origin = opened.config.origin
    return told(done, origin, result, rows)


def all_refused(refusals: Sequence[Refusal], total: int) -> AdamasError:
    """The error that says that these rows are refused."""
    from adamas.office.errors import BatchRefused

    return BatchRefused(list(refusals), total)


def told(
    done: str,
    origin: str,
    result: BatchResult,
    rows: Sequence[int] | None = None,
    more: Mapping[str, Any] | None = None,
) -> int:
    """Tells what an act logged; exit code 0, or 1 if some rows were refused and skipped.

    ``more`` are further facts for the JSON document.
    """
    facts = {
        **(more or {}),
        "log": origin,
        "accepted": [
            {
                "row": row_number(item.row, rows),
                "number": item.subject,
                "id": item.text_id,
                "index": item.index,
                "again": item.again,
                "notes": [finding_facts(f) for f in item.findings],
            }
            for item in result.accepted
        ],
        "refused": [refusal_facts(item, rows) for item in result.refused],
    }
    output.show(facts, lambda: _told(done, origin, result))
    return exits.NOT_VALID if result.refused else exits.OK


def _told(done: str, origin: str, result: BatchResult) -> None:
    few = len(result.accepted) <= 20
    for item in result.accepted if few else ():
        again = " (already logged before)" if item.again else ""
        output.line(f"{item.subject} {done}{again}: statement {item.text_id}")
    count = len(result.accepted)
    if count:
        first, last = result.accepted[0].index, result.accepted[-1].index
        place = f"entry {first}" if count == 1 else f"entries {first} to {last}"
        output.line(f"{count:,} {done}; {place} of {origin}, on disk. `adamas publish` makes it public.")
    for item in result.accepted if few else ():
        for finding in item.findings:
            output.line(f"  note: {finding.sentence} ({finding.clause})")
    if result.refused:
        output.line(f"{len(result.refused):,} refused.")


def row_number(row: int, rows: Sequence[int] | None) -> int:
    """The number by which a person knows a row (1 for the first, where rows have no numbers of their own)."""
    return rows[row] if rows is not None and 0 <= row < len(rows) else row + 1


def refusal_facts(item: Any, rows: Sequence[int] | None = None) -> dict[str, Any]:
    """A refused row as the JSON document has it."""
    return {
        "row": row_number(item.row, rows),
        "number": item.subject,
        "findings": [finding_facts(f) for f in item.findings],
    }


def refused(error: AdamasError, refusals: Sequence[Any], rows: Sequence[int] | None = None) -> int:
    """Tells every reason of every refused row, on standard error; nothing was logged. Gives exit code 1."""
    if session.json:
        facts = output.error_facts(error)
        facts["refused"] = [refusal_facts(item, rows) for item in refusals]
        output.document({"error": facts})
    many = len(refusals) > 1
    for item in refusals:
        for finding in item.findings:
            if finding.severity != "refuse":
                continue
            where = f"row {row_number(item.row, rows)}, {item.subject}: " if many else f"{item.subject}: "
            field = f" Field: {finding.field}." if finding.field else ""
            output.complain(f"{where}{finding.sentence}{field} Clause: {finding.clause}. [{finding.code}]")
    output.complain(f"Nothing was logged ({len(refusals)} refused).")
    return exits.NOT_VALID


class Progress:
    """A line on standard error that counts; only for a person at a terminal. Give it to a room as its
    ``progress``.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = False
        self._on = sys.stderr.isatty() and not session.json
        self._next = 0.0

    def __call__(self, done: int, total: int | None = None) -> None:
        """Shows how far it is; at most five times a second."""
        import time

        now = time.monotonic()
        if not self._on or (now < self._next and done != total):
            return
        self._next = now + 0.2
        self._shown = True
        share = f" of {total:,} ({100 * done // total} %)" if total else ""
        sys.stderr.write(f"\r{self._what}: {done:,}{share}\x1b[K")
        sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")

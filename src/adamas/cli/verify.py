"""`adamas verify FILE`: everything that a bundle proves, and what it does not, with no network.

Exit codes: 0 valid, 1 not valid, 2 cannot tell. Only the ledger, the scheme's fold and this file are
imported: it must start at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adamas.cli import exits, output
from adamas.cli.session import Json

if TYPE_CHECKING:
    from adamas.analysis.trust import Trust

TRUST_VARIABLE = "ADAMAS_TRUST"
TrustFile = Annotated[
    Path | None,
    typer.Option(
        help="The trust file that names the registry (or ADAMAS_TRUST); without one the answer is: cannot tell.",
        metavar="FILE",
    ),
]


def load_trust(file: Path | None, registry: str | None = None) -> Trust | None:
    """What the caller trusts: a registry's id in letters, a file, or the file that ADAMAS_TRUST names."""
    from adamas.analysis import trust

    if registry is not None:
        return trust.parse(registry)
    given = file or (Path(os.environ[TRUST_VARIABLE]) if os.environ.get(TRUST_VARIABLE) else None)
    return trust.load(given) if given is not None else None


def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="A bundle (*.adamas), a certificate's PDF, or a picture of its QR code (PNG, JPEG).",
            metavar="FILE",
        ),
    ],
    trust: TrustFile = None,
    registry: Annotated[
        str | None, typer.Option(help="Instead of a file: the registry's id, 52 letters.", metavar="ID")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", help="The state of the certificate on this day; that of the checkpoint if left out."
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Verify a bundle offline: signed by whom, logged where, witnessed by which pillars, and what is not
    proven.

    A PDF carries its bundle inside; a picture of a QR code shows the statement alone, so the answer is: cannot tell.
    """
    from adamas.analysis.verify import verify_bundle

    anchor = load_trust(trust, registry)
    try:
        data = _read(file)
    except OSError as error:
        return _unreadable(file, error)
    if data.startswith(_PAPERS) or b"%PDF-" in data[:1024]:
        return _paper(file, data, anchor, _noon(on))
    answer = verify_bundle(data, trust=anchor, now=_noon(on))
    facts = {"file": str(file), **answer.to_json()}
    output.show(facts, lambda: _show(file, answer.sentences()))
    return answer.exit_code


_PAPERS = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How files begin that are no bundles: their libraries are loaded for them alone."""


def _paper(file: Path, head: bytes, anchor: Trust | None, now: int | None) -> int:
    from adamas.cli import papers

    try:
        data = _read(file, papers.LIMIT) if len(head) > 1_000_000 else head
    except OSError as error:
        return _unreadable(file, error)
    paper = papers.verify(papers.kind_of(data) or "pdf", data, anchor, now)
    facts = {"file": str(file), **paper.answer.to_json(), **paper.facts}
    first, *others = paper.answer.sentences()
    output.show(facts, lambda: _show(file, [first, *paper.sentences, *others]))
    return paper.answer.exit_code


def _read(file: Path, limit: int | None = None) -> bytes:
    """The file, or as much of it as shows that it is too large for a bundle."""
    from adamas.ledger.bundle import MAX_SIZE

    with file.open("rb") as opened:
        return opened.read((limit or MAX_SIZE) + 1)


def _unreadable(file: Path, error: OSError) -> int:
    fault = exits.UsageError("usage.file", f"The file cannot be read: {error.strerror}.", where=str(file))
    fault.exit_code = exits.USAGE if isinstance(error, FileNotFoundError | IsADirectoryError) else exits.IO
    return output.fail(fault)


def _noon(day: str | None) -> int | None:
    """Unix seconds in the middle of a day (UTC)."""
    if day is None:
        return None
    from datetime import UTC, datetime, time

    from adamas.cli.desk import day as parse_day

    return int(datetime.combine(datetime.fromisoformat(parse_day(day)), time(12), UTC).timestamp())


def _show(file: Path, sentences: Iterable[tuple[str, str]]) -> None:
    import shutil
    import textwrap

    output.line(str(file))
    width = min(max(shutil.get_terminal_size((80, 24)).columns, 60), 110)
    for heading, sentence in sentences:
        first = f"  {heading:<11} "
        text = "".join(c if c.isprintable() else " " for c in sentence)
        output.line(textwrap.fill(text, width, initial_indent=first, subsequent_indent=" " * len(first)))

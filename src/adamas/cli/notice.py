"""`adamas notice`: what an exporting office tells the importing one privately, so that it can check a parcel.

A notice holds firms, parcels, seals and openings of sealed quantities. It travels by whatever safe way the
two authorities have; each of its parts is checked against the public statement before it is kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adamas.cli import desk, exits, output
from adamas.cli.session import Home, Json

notice = typer.Typer(
    name="notice", help="Hand the private content of certificates to the importing authority."
)


@notice.command("export")
def export(
    to: Annotated[
        list[str],
        typer.Option(
            help="The importing Participant; repeated where one office hosts several.", metavar="XX"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.", metavar="FILE")],
    numbers: Annotated[
        list[str] | None,
        typer.Argument(help="Only these certificates; all if left out.", metavar="[NUMBER]..."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only certificates issued on or after this day.", metavar="DATE")
    ] = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Write a notice of the certificates issued here for a Participant. It holds private data."""
    from adamas.cli.files import write_new
    from adamas.scheme.values import parse_country

    codes = sorted({parse_country(code) for code in to})
    first = desk.day(since) if since else None

    with desk.office() as office:
        from adamas.office.certification import notice as notices

        data = notices.export(office, to=codes, numbers=numbers or None, since=first)
    write_new(out, data, private=True)
    facts = {"file": str(out), "to": codes, "bytes": len(data)}
    output.show(
        facts,
        lambda: output.line(
            f"Wrote {out} ({len(data):,} bytes) for {', '.join(codes)}. It is private: send it safely."
        ),
    )
    return exits.OK


@notice.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The notice.", metavar="FILE")],
    home: Home = None,
    json: Json = False,
) -> int:
    """Check a notice against the logs and keep what holds."""
    data = file.read_bytes()
    with desk.office() as office:
        from adamas.office.certification import notice as notices

        result = notices.take_in(office, data)
    facts = {
        "accepted": list(result.accepted),
        "refused": [{"number": r.number, "code": r.code, "sentence": r.sentence} for r in result.refused],
    }

    def human() -> None:
        output.line(f"Certificates opened: {len(result.accepted):,}; refused: {len(result.refused):,}.")
        for refusal in result.refused:
            output.line(f"  {refusal.number}: {refusal.sentence} [{refusal.code}]")

    output.show(facts, human)
    return exits.NOT_VALID if result.refused else exits.OK

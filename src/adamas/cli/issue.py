"""`adamas issue`: one certificate from options, or many from a file."""

from __future__ import annotations

from typing import Annotated

import typer

from adamas.cli import bulk
from adamas.cli.desk import Authority
from adamas.cli.session import Home, Json, PassphraseFile


def issue(
    file: bulk.From = None,
    number: Annotated[
        str | None, typer.Option(help="Two letters of the Participant and the serial, e.g. BW0001234.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="Participant of destination.", metavar="XX")] = None,
    parcel: Annotated[
        list[str] | None,
        typer.Option(help="A parcel, e.g. 7102.31:12.34:5600.00; may be repeated.", metavar="HS:CARATS:USD"),
    ] = None,
    origin: Annotated[
        list[str] | None, typer.Option(help="Country of mining; repeated for mixed origin.", metavar="XX")
    ] = None,
    share: Annotated[
        list[str] | None, typer.Option(help="Per cent of carats, one for each origin, sum 100.")
    ] = None,
    issued: Annotated[
        str | None, typer.Option(help="Date of issuance; today (UTC) if left out.", metavar="DATE")
    ] = None,
    expires: Annotated[str | None, typer.Option(help="The last day of validity.", metavar="DATE")] = None,
    exporter: Annotated[str | None, typer.Option(help="Name and address (hidden in the log).")] = None,
    importer: Annotated[str | None, typer.Option(help="Name and address (hidden in the log).")] = None,
    officer: Annotated[str | None, typer.Option(help="Role id of who issues, e.g. is-1.")] = None,
    approver: Annotated[str | None, typer.Option(help="Role id of who approves, another officer.")] = None,
    seal: Annotated[
        list[str] | None, typer.Option(help="A seal's number (hidden in the log); may be repeated.")
    ] = None,
    technical: Annotated[str | None, typer.Option(help="A technical certificate: why.")] = None,
    replaces: Annotated[
        str | None, typer.Option(help="The certificate whose place it takes.", metavar="NUMBER")
    ] = None,
    sheet: bulk.SheetName = None,
    skip_bad: bulk.SkipBad = False,
    check: bulk.Check = False,
    rejected: bulk.Rejected = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Issue a certificate, or with --from FILE as many as the file has rows (II(a), Annex I A).

    With a file, options fill the cells that are empty in it. Unless --skip-bad is given one bad row keeps the
    whole file out, and every error is told at once. Exit code 1 if rows were refused, 65 if the file is wrong.
    """
    cells = {
        "to": to,
        "parcels": ";".join(parcel or ()),
        "origin": ";".join(origin or ()),
        "shares": ";".join(share or ()),
        "issued": issued,
        "expires": expires,
        "exporter": exporter,
        "importer": importer,
        "officer": officer,
        "approver": approver,
        "seals": ";".join(seal or ()),
        "technical": technical,
        "replaces": replaces,
    }
    options = bulk.Options(sheet, skip_bad, check, rejected, authority)
    return bulk.run(bulk.ISSUE, file, options, [number] if number else [], cells)

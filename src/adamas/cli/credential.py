"""`adamas credential NUMBER`: a certificate as a W3C Verifiable Credential in the UNTP conformity profile."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from adamas.cli import desk, exits, output
from adamas.cli.files import write_new
from adamas.cli.session import Home, Json, PassphraseFile


class Form(StrEnum):
    """How the credential is secured."""

    COSE = "cose"
    JWT = "jwt"
    SD_JWT = "sd-jwt"
    NONE = "none"


def credential(
    number: Annotated[str, typer.Argument(help="The certificate's number.", metavar="NUMBER")],
    form: Annotated[
        Form,
        typer.Option(
            "--as", help="How it is secured; sd-jwt also carries what is hidden, to be shown at will."
        ),
    ] = Form.COSE,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file to write; NUMBER.vc.… if left out.", metavar="FILE"),
    ] = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Write a certificate as a verifiable credential: an export of what is logged, with its proof inside.

    Its holder shows it to systems that know W3C credentials and UNTP; docs/formats/credential.md says what it proves.
    """
    subject = number.upper()
    with desk.office() as office:
        from adamas.office.credential import export, securing

        kinds = {
            Form.COSE: securing.COSE,
            Form.JWT: securing.JWT,
            Form.SD_JWT: securing.SD_JWT,
            Form.NONE: securing.PLAIN,
        }
        kind = kinds[form]
        data = export.export(office, subject, kind)
    file = out or Path(f"{subject}.{export.ENDING[kind]}")
    write_new(file, data, private=form is Form.SD_JWT)
    output.show({"file": str(file), "bytes": len(data), "kind": kind}, lambda: _show(file, len(data), form))
    return exits.OK


def _show(file: Path, size: int, form: Form) -> None:
    output.line(f"Wrote {file} ({size:,} bytes).")
    if form is Form.SD_JWT:
        output.line(
            "Firms, carats, value and seals are in it: keep it private, and show of them what you must."
        )
    elif form is Form.NONE:
        output.line("It is not secured: nobody can tell who made it.")

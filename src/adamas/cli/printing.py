"""`adamas print`: a certificate as PDF, on plain paper or onto a pre-printed form; and the form's calibration sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adamas.cli import desk, exits, output
from adamas.cli.files import write_new
from adamas.cli.session import Home, Json, PassphraseFile


def print_(
    number: Annotated[
        str | None, typer.Argument(help="The certificate's number.", metavar="[NUMBER]")
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            help="Beside English: fr, pt, ru, ar, zh; en for English alone; the Participant's if left out.",
            metavar="XX",
        ),
    ] = None,
    form: Annotated[
        Path | None,
        typer.Option(help="A pre-printed security form (TOML): only the data are printed.", metavar="FILE"),
    ] = None,
    calibration: Annotated[
        bool, typer.Option("--calibration", help="Instead, a sheet that shows where the form's fields are.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file to write; NUMBER.pdf if left out.", metavar="FILE"),
    ] = None,
    no_seal: Annotated[bool, typer.Option("--no-seal", help="Do not seal the file.")] = False,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Write a certificate as PDF/A-3 with its QR code, its bundle attached, and the office's seal.

    It is sealed if `adamas seal make` made a key, and carries its proof if the log is published; the output says so.
    """
    if calibration:
        return _calibrate(form, out)
    if number is None:
        raise exits.UsageError("usage.number", "Which certificate is to be printed?")
    from adamas.office.document.form import load

    with desk.office() as office:
        from adamas.office.certification import printing

        subject = number.upper()
        sealer = None if no_seal else printing.sealer_of(office)
        made = printing.print_certificate(
            office, subject, language=language, form=load(form) if form else None, sealer=sealer
        )
    file = out or Path(f"{subject}.pdf")
    write_new(file, made.pdf, private=True)
    facts = {
        "file": str(file),
        "bytes": len(made.pdf),
        "language": made.language,
        "attached": made.attached,
        "sealed": made.sealed,
    }

    def human() -> None:
        output.line(
            f"Wrote {file} ({len(made.pdf):,} bytes). Names and quantities are in it: keep it private."
        )
        if not made.attached:
            output.line("Its proof is not attached yet: `adamas publish`, then print it again.")
        seal = f"Sealed ({made.sealed})." if made.sealed else "Not sealed: `adamas seal make` makes a key."
        output.line("Not sealed, as you asked." if no_seal else seal)

    output.show(facts, human)
    return exits.OK


def _calibrate(form: Path | None, out: Path | None) -> int:
    if form is None:
        raise exits.UsageError(
            "usage.form", "Which form is to be calibrated?", advice="Name its file with --form."
        )
    from adamas.office.document.form import load

    pdf = load(form).calibration()
    file = out or Path("calibration.pdf")
    write_new(file, pdf)
    output.show(
        {"file": str(file), "bytes": len(pdf)},
        lambda: output.line(f"Wrote {file}. Print it at 100 % and hold it against the form."),
    )
    return exits.OK

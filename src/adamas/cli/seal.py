"""`adamas seal`: the office's key for sealing documents, and its certificate."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.files import write_new
from adamas.cli.session import Home, Json, PassphraseFile

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

seal = typer.Typer(name="seal", help="The key that seals printed certificates (PAdES), and its certificate.")


@seal.command("make")
def make(
    name: Annotated[
        str | None,
        typer.Option(help="The authority's name in the certificate; that of the register if left out."),
    ] = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Make a key that seals from now on, kept encrypted, with a certificate signed by itself for three years."""
    from adamas.office.document import seal_keys

    with desk.office() as office:
        office.knowledge.refresh()
        known = office.knowledge.register.authorities.get(office.config.operator)
        country = office.config.operator.removeprefix("kp:").partition("/")[0]
        who = seal_keys.Identity(
            name or (known.name if known else office.config.operator), country if len(country) == 2 else None
        )
        made = seal_keys.make(office.keystore, office.home.path, who, now=datetime.now(UTC))
    _tell(made)
    return exits.OK


@seal.command("request")
def request(
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.", metavar="FILE")] = Path(
        "seal.csr"
    ),
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Write a signing request (PEM) for the key, for a certification authority that others trust already."""
    from adamas.office.document import seal_keys

    with desk.office() as office:
        made = seal_keys.request(office.keystore, office.home.path)
    write_new(out, made)
    output.show(
        {"file": str(out)}, lambda: output.line(f"Wrote {out}. Install the answer: adamas seal install.")
    )
    return exits.OK


@seal.command("install")
def install(
    file: Annotated[Path, typer.Argument(help="The certificate and its chain (PEM).", metavar="FILE")],
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Take the certificate that an authority made for the key, with its chain."""
    from adamas.office.document import seal_keys

    with desk.office() as office:
        made = seal_keys.install(office.keystore, office.home.path, file.read_bytes())
    _tell(made)
    return exits.OK


def _tell(made: Certificate) -> None:
    from cryptography.hazmat.primitives.hashes import SHA256

    facts: dict[str, Any] = {
        "subject": made.subject.rfc4514_string(),
        "issuer": made.issuer.rfc4514_string(),
        "until": made.not_valid_after_utc,
        "fingerprint": made.fingerprint(SHA256()).hex(),
    }

    def human() -> None:
        output.line(f"Papers are sealed by {facts['subject']} until {facts['until'].date()}.")
        output.line(f"Publish its fingerprint (SHA-256): {facts['fingerprint']}")

    output.show(facts, human)

"""`adamas keys`: make keys, have them enrolled, rotate, retire, and declare them compromised."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.session import Home, Json, PassphraseFile, passphrase, session

Kid = Annotated[str, typer.Argument(help="The key's id, 16 hexadecimal digits.", metavar="KID")]
As = Annotated[
    str | None,
    typer.Option(
        "--as", help="The holder that signs this with an earlier key; the registry's roots if left out."
    ),
]

keys = typer.Typer(name="keys", help="Make, enrol, renew, retire keys; declare them compromised.")


def _actions() -> Any:
    from adamas.office.registry import actions

    return actions


@keys.command("list")
def list_(home: Home = None, passphrase_file: PassphraseFile = None, json: Json = False) -> int:
    """List the keys that this office's log knows, and their lives."""
    with desk.office() as office:
        from adamas.office.registry.models import Key

        rows = [
            {
                "kid": row.kid,
                "holder": row.holder,
                "purpose": row.purpose,
                "enrolled": row.enrolled,
                "retired": row.retired,
                "compromised": row.compromised,
                "since": output.utc(row.since),
            }
            for row in Key.objects.using(office.alias).filter(log=1).order_by("holder", "enrolled")
        ]

    def human() -> None:
        output.table(
            f"{len(rows)} keys (numbers are log entries)",
            ("kid", "holder", "purpose", "from", "state"),
            [(r["kid"], r["holder"], r["purpose"], r["enrolled"], _state(r)) for r in rows],
            right=(3,),
        )

    output.show({"keys": rows}, human)
    return exits.OK


def _state(row: dict[str, Any]) -> str:
    if row["compromised"] is not None:
        return f"compromised since {row['since']}"
    return f"retired at {row['retired']}" if row["retired"] is not None else "good"


@keys.command("make")
def make(
    holder: Annotated[str, typer.Argument(help="Who signs with it, e.g. kp:BW/customs.", metavar="HOLDER")],
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Make a key for a holder, kept encrypted. It counts once it is enrolled."""
    with desk.office() as office:
        signer = office.make_key(holder)
    facts = {"holder": holder, "kid": signer.kid.hex(), "public_key": signer.public_key.hex()}
    output.show(facts, lambda: output.line(f"{holder} {signer.public_key.hex()}"))
    return exits.OK


@keys.command("export")
def export(home: Home = None, passphrase_file: PassphraseFile = None, json: Json = False) -> int:
    """Print the public keys kept here, one a line with its holder, as `adamas keys enrol` reads them."""
    with desk.office() as office:
        from adamas.office.opening import LOG_KEY

        config = office.config
        holders = dict.fromkeys([config.operator, *(office.authority(code) for code in config.participants)])
        rows = [(holder, signer.public_key) for holder in holders if (signer := office.find_signer(holder))]
        known = {key for _, key in rows}
        for name in office.keystore.names():
            key = office.keystore.public_key(name)
            if name != LOG_KEY and key not in known:
                rows.append((_holder(name), key))
    facts = {"keys": [{"holder": holder, "public_key": key.hex()} for holder, key in rows]}

    def human() -> None:
        for holder, key in rows:
            output.line(f"{holder} {key.hex()}")

    output.show(facts, human)
    return exits.OK


def _holder(name: str) -> str:
    """The holder that a key's file name stands for: ``kp-BW-customs.2`` → ``kp:BW/customs``."""
    head, _, rest = name.partition("-")
    stem, _, number = rest.rpartition(".")
    return f"{head}:{(stem if number.isdigit() and stem else rest).replace('-', '/', 1)}"


@keys.command("enrol")
def enrol(
    key: Annotated[
        list[str] | None,
        typer.Argument(help="HOLDER=PUBLICKEY (64 hexadecimal digits).", metavar="[HOLDER=KEY]..."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--from", help="A file of lines that `adamas keys export` printed.", metavar="FILE"),
    ] = None,
    purpose: Annotated[str, typer.Option(help="statement, log or recovery.")] = "statement",
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """As the registry: enrol keys of authorities and others."""
    pairs = [_pair(text, "=") for text in key or ()]
    if file is not None:
        lines = file.read_text(encoding="utf-8").splitlines()
        pairs += [_pair(line, " ") for line in lines if line.strip()]
    if not pairs:
        raise exits.UsageError("usage.keys", "No key was given.", advice="Give HOLDER=KEY, or --from FILE.")
    return desk.act("enrolled", lambda office: _actions().enrol_keys(office, pairs, purpose=purpose))


def _pair(text: str, between: str) -> tuple[str, bytes]:
    holder, _, key = text.strip().partition(between)
    try:
        octets = bytes.fromhex(key.strip())
    except ValueError:
        octets = b""
    if not holder or len(octets) != 32:
        raise exits.UsageError("usage.keys", f"{text!r} is not a holder and 64 hexadecimal digits.")
    return holder, octets


@keys.command("adopt")
def adopt(
    holder: Annotated[
        list[str] | None, typer.Option(help="Also the keys of this holder; may be repeated.")
    ] = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Copy the enrolments of this office's keys from the followed registry into its own log."""
    return desk.act("copied", lambda office: _actions().adopt_keys(office, holders=tuple(holder or ())))


@keys.command("renew")
def renew(
    holder: Annotated[str, typer.Argument(help="Whose key, e.g. kp:BW/authority.", metavar="HOLDER")],
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Make the holder's next key and enrol it with the present one. Retire the old one afterwards."""
    return desk.act("enrolled", lambda office: _actions().renew_key(office, holder))


@keys.command("retire")
def retire(
    kid: Kid, issuer: As = None, home: Home = None, passphrase_file: PassphraseFile = None, json: Json = False
) -> int:
    """End a key from the next entry on; what it signed stands."""
    which = _kid(kid)
    return desk.act("retired", lambda office: _actions().retire_key(office, which, issuer=issuer))


@keys.command("compromised")
def compromised(
    kid: Kid,
    since: Annotated[
        str, typer.Option(help="Since when it may be in other hands, e.g. 2026-01-31T12:00:00Z.")
    ],
    note: Annotated[str, typer.Option(help="A remark that is logged too.")] = "",
    issuer: As = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Declare that a key may be in other hands: what was witnessed before that time stands, later
    statements fall.
    """
    from datetime import UTC, datetime

    try:
        when = datetime.fromisoformat(since)
    except ValueError:
        raise exits.UsageError(
            "usage.time", f"{since!r} is not a time.", advice="Write it as 2026-01-31T12:00:00Z."
        ) from None
    seconds = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    which = _kid(kid)
    return desk.act(
        "declared compromised",
        lambda office: _actions().compromise_key(office, which, seconds, note=note, issuer=issuer),
    )


def _kid(text: str) -> bytes:
    try:
        kid = bytes.fromhex(text)
    except ValueError:
        kid = b""
    if len(kid) != 8:
        raise exits.UsageError("usage.kid", f"{text!r} is not a key's id (16 hexadecimal digits).")
    return kid


@keys.command("remember")
def remember(home: Home = None, passphrase_file: PassphraseFile = None, json: Json = False) -> int:
    """Give the passphrase to the operating system's keyring, so that it is not asked for again."""
    from adamas.ledger.keystore import KeyStore, remember_passphrase

    folder = session.folder / "keys"
    secret = passphrase()
    KeyStore.open(folder, secret)
    kept = remember_passphrase(folder, secret)
    output.show(
        {"remembered": kept},
        lambda: output.line(
            "The keyring keeps the passphrase." if kept else "There is no keyring on this machine."
        ),
    )
    return exits.OK if kept else exits.CANNOT_TELL

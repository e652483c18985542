"""What happens to a certificate after it was issued: validate, dispatch, receive, refuse, return, seize,
void, …

Each word makes one typed command and hands it to the certification desk; the rules answer there.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adamas.cli import desk
from adamas.cli.desk import Authority, Number, Numbers, On
from adamas.cli.session import Home, Json, PassphraseFile

Why = Annotated[str, typer.Option(help="The reason, in a word or sentence.")]
Note = Annotated[str, typer.Option(help="A remark that is logged too.")]
At = Annotated[
    str | None,
    typer.Option(help="The Participant where it happened; the office's own if it hosts one.", metavar="XX"),
]


def _actions() -> Any:
    from adamas.office.certification import actions

    return actions


def _commands() -> Any:
    from adamas.scheme import statements

    return statements


def _here(office: Any, at: str | None) -> str:
    """The Participant that acts: the one named, else the only one that this office hosts."""
    from adamas.cli.exits import UsageError

    if at is not None:
        return at.upper()
    hosted = office.config.participants
    if len(hosted) != 1:
        raise UsageError(
            "usage.at",
            f"This office hosts {len(hosted)} Participants: say which one acts.",
            advice="Use --at XX.",
        )
    return str(hosted[0])


def validate(
    numbers: Numbers,
    officer: Annotated[str, typer.Option(help="Role id of who checked and sealed, e.g. va-1.")],
    on: On = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Record that the exporting authority checked and sealed the shipments (III(a))."""
    made = [_commands_of("ValidateCommand", number, desk.day(on), officer) for number in numbers]
    return desk.act("validated", lambda office: _actions().validate(office, made, authority=authority))


def dispatch(
    numbers: Numbers,
    via: Annotated[
        list[str] | None, typer.Option(help="A country of transit; may be repeated.", metavar="XX")
    ] = None,
    on: On = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Record that the sealed shipments left (Annex II, 19)."""
    made = [_commands_of("DispatchCommand", number, desk.day(on), tuple(via or ())) for number in numbers]
    return desk.act("dispatched", lambda office: _actions().dispatch(office, made, authority=authority))


def receive(
    number: Number,
    parcels: Annotated[int, typer.Option(help="Parcels found.", min=0)],
    carats: Annotated[str, typer.Option(help="Carats found, e.g. 1234.56.")],
    value: Annotated[str, typer.Option(help="Value found, US dollars, e.g. 98765.00.")],
    officer: Annotated[str, typer.Option(help="Role id of who checked, e.g. im-1.")],
    seals: Annotated[str, typer.Option(help="intact, broken or missing.")] = "intact",
    at: At = None,
    on: On = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Confirm an import with what was found in the parcel (III(b)); many at once: `adamas receive-file`."""
    from adamas.scheme.values import parse_carats, parse_usd

    found = (parcels, parse_carats(carats), parse_usd(value), seals, officer)

    def do(office: Any) -> Any:
        command = _commands_of("ReceiveCommand", number, _here(office, at), desk.day(on), *found)
        return _actions().receive(office, [command], authority=authority)

    return desk.act("received", do)


def refuse(
    number: Number,
    why: Why,
    note: Note = "",
    at: At = None,
    on: On = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Record that the importing authority does not admit a shipment."""

    def do(office: Any) -> Any:
        command = _commands_of("RefuseCommand", number, _here(office, at), desk.day(on), why, note)
        return _actions().refuse(office, [command], authority=authority)

    return desk.act("refused at the border", do)


def return_(
    number: Number,
    why: Why,
    technical: Annotated[
        str | None,
        typer.Option(help="Number of the technical certificate it travels back on.", metavar="NUMBER"),
    ] = None,
    on: On = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Record that a shipment goes back to the exporting Participant."""
    made = [_commands_of("ReturnCommand", number, desk.day(on), why, technical)]
    return desk.act("returned", lambda office: _actions().return_(office, made, authority=authority))


def seize(
    number: Number,
    why: Why,
    at: At = None,
    on: On = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Record that an authority took a shipment (IV(d))."""

    def do(office: Any) -> Any:
        command = _commands_of("SeizeCommand", number, _here(office, at), desk.day(on), why)
        return _actions().seize(office, [command], authority=authority)

    return desk.act("seized", do)


def void(
    numbers: Numbers,
    why: Annotated[str, typer.Option(help="lost, stolen or void.")] = "void",
    note: Note = "",
    on: On = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Declare certificates lost, stolen or void: no shipment may travel on them."""
    made = [_commands_of("RevokeCommand", number, desk.day(on), why, note) for number in numbers]
    return desk.act(f"declared {why}", lambda office: _actions().revoke(office, made, authority=authority))


def replace(
    number: Number,
    by: Annotated[str, typer.Option(help="Number of the certificate that takes its place; issue it first.")],
    why: Why,
    on: On = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Name the certificate that takes the place of another (AD-KPC-AMEND)."""
    made = [_commands_of("ReplaceCommand", number, desk.day(on), by, why)]
    return desk.act("replaced", lambda office: _actions().replace(office, made, authority=authority))


def correct(
    number: Number,
    why: Annotated[str, typer.Option(help="The reason, in a word or sentence.")] = "",
    hs: Annotated[list[str] | None, typer.Option(help="The right HS codes, each once.")] = None,
    origin: Annotated[list[str] | None, typer.Option(help="The right countries of mining.")] = None,
    share: Annotated[list[int] | None, typer.Option(help="The right per cent for each origin.")] = None,
    parcels: Annotated[int | None, typer.Option(help="The right number of parcels.", min=1)] = None,
    expires: Annotated[str | None, typer.Option(help="The right date of expiry.", metavar="DATE")] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="As importing authority: put the waiting correction on record.")
    ] = False,
    on: On = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """State the right data of a certificate; it counts once the importing authority confirms it."""
    when = desk.day(on)
    if confirm:
        return desk.act(
            "corrected (confirmed)",
            lambda office: _actions().confirm_correction(office, number, when, authority=authority),
        )
    from adamas.scheme.values import parse_country, parse_hs

    command = _commands_of(
        "CorrectCommand",
        number,
        when,
        why,
        tuple(sorted({parse_hs(code) for code in hs})) if hs else None,
        tuple(parse_country(code) for code in origin) if origin else None,
        tuple(share) if share else None,
        parcels,
        desk.day(expires) if expires else None,
    )
    return desk.act(
        "corrected (not yet confirmed)", lambda o: _actions().correct(o, [command], authority=authority)
    )


def _commands_of(name: str, *values: Any) -> Any:
    return getattr(_commands(), name)(*values)

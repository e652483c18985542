"""What happens to a certificate after it was issued: validate, dispatch, receive, refuse, return, seize,
void, …

Each word makes one typed command and hands it to the certification desk; the rules answer there.
"""

from __future__ import annotations

from dataclasses import replace as replace_field
from typing import Annotated, Any

import typer

from adamas.cli import bulk, desk
from adamas.cli.desk import Authority, Number, On, SomeNumbers
from adamas.cli.session import Home, Json, PassphraseFile, session

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
    numbers: SomeNumbers = None,
    file: bulk.From = None,
    officer: Annotated[str | None, typer.Option(help="Role id of who checked and sealed, e.g. va-1.")] = None,
    on: On = None,
    sheet: bulk.SheetName = None,
    skip_bad: bulk.SkipBad = False,
    check: bulk.Check = False,
    rejected: bulk.Rejected = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Record that the exporting authority checked and sealed the shipments (III(a)); many with --from FILE."""
    options = bulk.Options(sheet, skip_bad, check, rejected, authority)
    cells = {"officer": officer, "validated": on}
    return bulk.run(bulk.VALIDATE, file, options, numbers or [], cells)


def dispatch(
    numbers: SomeNumbers = None,
    file: bulk.From = None,
    via: Annotated[
        list[str] | None, typer.Option(help="A country of transit; may be repeated.", metavar="XX")
    ] = None,
    on: On = None,
    sheet: bulk.SheetName = None,
    skip_bad: bulk.SkipBad = False,
    check: bulk.Check = False,
    rejected: bulk.Rejected = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Record that the sealed shipments left (Annex II, 19); many with --from FILE."""
    options = bulk.Options(sheet, skip_bad, check, rejected, authority)
    cells = {"via": ";".join(via or ()), "dispatched": on}
    return bulk.run(bulk.DISPATCH, file, options, numbers or [], cells)


def receive(
    number: Annotated[str | None, typer.Argument(help="The certificate's number.", metavar="NUMBER")] = None,
    file: bulk.From = None,
    parcels: Annotated[str | None, typer.Option(help="Parcels found.")] = None,
    carats: Annotated[str | None, typer.Option(help="Carats found, e.g. 1234.56.")] = None,
    value: Annotated[str | None, typer.Option(help="Value found, US dollars, e.g. 98765.00.")] = None,
    seals: Annotated[str, typer.Option(help="intact, broken or missing.")] = "intact",
    officer: Annotated[str | None, typer.Option(help="Role id of who checked, e.g. im-1.")] = None,
    at: At = None,
    on: On = None,
    sheet: bulk.SheetName = None,
    skip_bad: bulk.SkipBad = False,
    check: bulk.Check = False,
    rejected: bulk.Rejected = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Confirm an import with what was found in the parcel (III(b)); many with --from FILE.

    What was declared must be known here: import the exporting office's notice first (adamas notice import).
    """
    cells = {
        "at": at or _hosted(),
        "parcels": parcels,
        "carats": carats,
        "value": value,
        # In a file a seal's state is never assumed: each row says it.
        "seals": seals if file is None else None,
        "officer": officer,
        "received": on,
    }
    options = bulk.Options(sheet, skip_bad, check, rejected, authority)
    return bulk.run(bulk.RECEIVE, file, options, [number] if number else [], cells)


def _hosted() -> str | None:
    """The only Participant that the office of this call hosts, if it is only one."""
    from adamas.office import home

    hosted = home.load(session.folder).config.participants
    return hosted[0] if len(hosted) == 1 else None


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
    numbers: SomeNumbers = None,
    file: bulk.From = None,
    why: Annotated[str | None, typer.Option(help="lost, stolen or void.")] = None,
    note: Note = "",
    on: On = None,
    sheet: bulk.SheetName = None,
    skip_bad: bulk.SkipBad = False,
    check: bulk.Check = False,
    rejected: bulk.Rejected = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Declare certificates lost, stolen or void: no shipment may travel on them. Many with --from FILE."""
    options = bulk.Options(sheet, skip_bad, check, rejected, authority)
    cells = {"why": why or (None if file else "void"), "note": note, "revoked": on}
    act = bulk.REVOKE if file else replace_field(bulk.REVOKE, done=f"declared {why or 'void'}")
    return bulk.run(act, file, options, numbers or [], cells)


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

"""`adamas office`: a desk that issues while the line is down, from numbers set aside for it, and is joined later."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adamas.cli import exits, output
from adamas.cli.session import Home, Json, PassphraseFile, passphrase, session


def office(
    reserve: Annotated[
        int | None,
        typer.Option(help="Set so many numbers aside for a new desk (with --out).", min=1, max=10_000),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="With --reserve: the desk's folder, for instance on a stick.", metavar="DIR"),
    ] = None,
    participant: Annotated[
        str | None,
        typer.Option(help="With --reserve: whose numbers, if the office hosts several.", metavar="XX"),
    ] = None,
    desk_passphrase_file: Annotated[
        Path | None, typer.Option(help="A file whose first line opens the desk's keys.", metavar="FILE")
    ] = None,
    offline: Annotated[
        Path | None,
        typer.Option("--offline", help="Serve the desk of a folder on this computer.", metavar="DIR"),
    ] = None,
    join: Annotated[
        Path | None, typer.Option("--join", help="Take over what the desk of a folder did.", metavar="DIR")
    ] = None,
    port: Annotated[int, typer.Option(help="With --offline: the port.", min=0, max=65535)] = 8001,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Prepare, serve or join an offline desk: it goes on issuing while the line is down.

    Line up: --reserve N --out DIR. Line down: --offline DIR. Line up again: --join DIR (as often as you like).
    """
    asked = [name for name, value in (("reserve", reserve), ("offline", offline), ("join", join)) if value]
    if len(asked) != 1 or (reserve is not None) != (out is not None):
        raise exits.UsageError(
            "usage.office", "Give one of --reserve N --out DIR, --offline DIR, --join DIR."
        )
    if reserve is not None and out is not None:
        return _reserve(reserve, out, participant, desk_passphrase_file)
    if offline is not None:
        return _serve(offline, port)
    return _join(Path(join or "."), desk_passphrase_file)


def _reserve(count: int, out: Path, participant: str | None, desk_file: Path | None) -> int:
    opened = _site()
    hosted = opened.config.participants
    code = (participant or (hosted[0] if len(hosted) == 1 else "")).upper()
    if code not in hosted:
        raise exits.UsageError(
            "usage.participant",
            f"Say whose numbers with --participant: {', '.join(hosted) or 'none is hosted'}.",
        )
    from adamas.office import home
    from adamas.office.serving import offline, offline_papers

    secret = _desk_passphrase(desk_file) or passphrase(new=True, purpose="desk's keys")
    offline.check_free(out)
    span = offline_papers.set_aside(code, count, f"offline desk in {out.name}")
    made = offline.reserve(
        opened, out, secret, participant=code, digits=span.digits, first=span.first, last=span.last
    )
    people = offline_papers.lend(opened.home, home.load(out), code)
    facts = {
        "origin": made.origin,
        "vkey": made.vkey,
        "numbers": made.span,
        "people": people,
        "folder": str(out),
    }

    def human() -> None:
        output.line(f"{made.origin}: numbers {made.span} are set aside; {people} people may sign in there.")
        output.line(f"Its key: {made.vkey}")
        output.line("Give that key to the witnesses and to who follows you; then, when the line is down:")
        output.line(f"  adamas office --offline {out}")

    output.show(facts, human)
    return exits.OK


def _serve(folder: Path, port: int) -> int:
    from adamas.office import reservation
    from adamas.office.serving.serve import Wish, serve

    reserved = reservation.read(folder / reservation.FILE)
    output.note(f"Desk {reserved.origin}: it issues {reserved.span} and no other numbers.")
    session.home = folder
    return serve(Wish(folder, passphrase(purpose="desk's keys"), port=port))


def _join(folder: Path, desk_file: Path | None) -> int:
    opened = _site()
    from adamas.office.serving import offline, offline_papers

    secret = _desk_passphrase(desk_file)
    try:
        done = offline.join(opened, folder, secret, offline_papers.book)
    except offline.OfflineError as error:
        if error.code != "offline.unpublished" or secret is not None:
            raise
        done = offline.join(opened, folder, passphrase(purpose="desk's keys"), offline_papers.book)
    facts = {
        "origin": done.origin,
        "entries": done.size,
        "new": done.new,
        "numbers": list(done.numbers),
        "booked": list(done.booked),
        "clashes": list(done.clashes),
        "refused": list(done.refused),
    }
    output.show(facts, lambda: _told(done))
    return exits.NOT_VALID if done.clashes or done.refused else exits.OK


def _told(done: Any) -> None:
    output.line(
        f"{done.origin}: {done.size:,} entries, {done.new:,} new; {len(done.numbers):,} certificates,"
        f" {len(done.booked):,} of them new here."
    )
    for number in done.clashes:
        output.complain(f"{number} was issued here as well: settle it with `adamas show {number}`.")
    for text in done.refused:
        output.complain(text)


def _site() -> Any:
    from adamas.office import home
    from adamas.office.serving import opened

    place = home.load(session.folder)
    opened.configure(place.path)
    from adamas.office.web import site

    office = site.open_site(place.path, passphrase=passphrase)
    site.use(office)
    return office


def _desk_passphrase(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise exits.UsageError(
            "passphrase.file", "The file of the passphrase cannot be read.", where=str(file)
        ) from error
    if not lines or not lines[0]:
        raise exits.UsageError("passphrase.file", "The first line of the file is empty.", where=str(file))
    return lines[0]

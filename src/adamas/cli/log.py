"""`adamas log`: the entries of the office's log (or of one that it follows), and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.session import Home, Json, PassphraseFile

if TYPE_CHECKING:
    from adamas.office.opening import Office

Of = Annotated[
    str | None, typer.Option("--of", help="The origin of a followed log; the own one if left out.")
]

log = typer.Typer(name="log", help="Look at the entries of a log; print its verifier key.")


@log.command("list")
def list_(
    start: Annotated[
        int | None, typer.Option("--from", help="First index; the last 20 if left out.", min=0)
    ] = None,
    count: Annotated[int, typer.Option(help="How many.", min=1, max=100_000)] = 20,
    of: Of = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """List entries: who said what about what, and whether the key was good at its place."""
    from adamas.ledger.statement import text_id

    with desk.office() as office:
        from adamas.office.log.models import Fact

        number, origin = _which(office, of)
        facts = Fact.objects.using(office.alias).filter(log=number)
        size = facts.count()
        first = max(size - count, 0) if start is None else start
        rows = [
            {
                "index": row.idx,
                "id": text_id(bytes(row.id)),
                "type": row.type,
                "subject": row.subject,
                "issuer": row.issuer,
                "claimed_at": output.utc(row.at),
                "key": row.standing,
                "effective": row.effective,
                "problem": row.sentence or None,
            }
            for row in facts.filter(idx__gte=first, idx__lt=first + count).order_by("idx")
        ]
    document = {"origin": origin, "size": size, "entries": rows}

    def human() -> None:
        output.table(
            f"{origin}, {size:,} entries",
            ("index", "claimed at", "type", "subject", "issuer", "key"),
            [_line(row) for row in rows],
            right=(0,),
        )

    output.show(document, human)
    return exits.OK


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    minute = row["claimed_at"][:16].replace("T", " ")
    return row["index"], minute, row["type"], _short(row["subject"]), row["issuer"], row["key"]


def _short(subject: str) -> str:
    """A long subject (a statement's id, an origin) by its beginning."""
    return subject if len(subject) <= 13 else subject[:12] + "…"


@log.command("entry")
def entry(
    index: Annotated[int, typer.Argument(help="Its place in the log.", metavar="INDEX")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the statement's bytes to this file.", metavar="FILE"),
    ] = None,
    of: Of = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Show one entry whole, as it was signed."""
    from adamas.cli.files import write_new
    from adamas.errors import AdamasError
    from adamas.ledger import statement

    with desk.office() as office:
        from django.db import connections

        from adamas.ledger.entries import EntryLog

        number, origin = _which(office, of)
        with connections[office.alias].cursor() as cursor:
            found = EntryLog(number).read(cursor, index, index + 1)
    if not found:
        raise exits.UsageError("usage.index", f"There is no entry {index} in {origin}.")
    if out is not None:
        write_new(out, found[0])
    facts: dict[str, Any] = {"origin": origin, "index": index, "bytes": len(found[0])}
    try:
        st = statement.parse(found[0])
    except AdamasError as error:
        facts["problem"] = {"code": error.code, "sentence": error.sentence}
    else:
        facts |= {
            "id": st.text_id,
            "issuer": st.issuer,
            "subject": st.subject,
            "claimed_at": output.utc(st.issued_at),
            "kid": st.kid.hex(),
            "payload": st.payload,
        }
    output.show(facts, lambda: _show_entry(facts))
    return exits.OK


def _show_entry(facts: dict[str, Any]) -> None:
    shown = [(name, value) for name, value in facts.items() if name != "payload"]
    payload = facts.get("payload", {})
    output.pairs(f"Entry {facts['index']} of {facts['origin']}", shown[2:])
    output.pairs("payload", [(name, _plain(value)) for name, value in payload.items()])


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(str(_plain(item)) for item in value)
    return value


@log.command("vkey")
def vkey(home: Home = None, passphrase_file: PassphraseFile = None, json: Json = False) -> int:
    """Print the log's verifier key, by which others follow and witness it."""
    with desk.office() as office:
        key = office.log.vkey
        origin = office.config.origin
    output.show({"origin": origin, "vkey": key}, lambda: output.line(key))
    return exits.OK


@log.command("fsck")
def fsck(
    mend: Annotated[
        bool, typer.Option("--mend", help="Put damaged or missing files back from the office's entries.")
    ] = False,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Derive everything published again from its own bytes: tiles, bundles, checkpoint, cosignatures."""
    with desk.office() as office:
        from adamas.office.log import publishing

        faults = publishing.check(office)
        mended = publishing.mend(office) if mend and faults else []
        left = publishing.check(office) if mended else faults
    facts = {
        "faults": [
            {"path": f.path, "range": list(f.range), "code": f.code, "sentence": f.sentence} for f in faults
        ],
        "mended": mended,
        "left": len(left),
    }

    def human() -> None:
        for fault in faults:
            start, end = fault.range
            about = f", entries {start:,} to {end - 1:,}" if end > start else ""
            output.line(f"{fault.path}{about}: {fault.sentence} [{fault.code}]")
        for path in mended:
            output.line(f"{path}: put back")
        output.line(f"{len(left)} faults in what is published." if left else "What is published is whole.")

    output.show(facts, human)
    return exits.NOT_VALID if left else exits.OK


def _which(office: Office, of: str | None) -> tuple[int, str]:
    """The number and origin of the log that is meant."""
    from adamas.office.log.models import Log

    logs = Log.objects.using(office.alias)
    if of is None:
        return 1, office.config.origin
    found = logs.filter(origin=of).first()
    if found is None:
        known = ", ".join(logs.values_list("origin", flat=True))
        raise exits.UsageError("usage.origin", f"No log {of} is known here; known are {known}.")
    return found.number, found.origin

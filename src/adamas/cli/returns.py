"""`adamas returns`: production returns, filed by a Participant's authority or transcribed from a
published source.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.desk import Authority
from adamas.cli.session import Home, Json, PassphraseFile

returns = typer.Typer(name="returns", help="File half-yearly production returns; see who filed and how late.")


@returns.command("load-history")
def load_history(home: Home = None, passphrase_file: PassphraseFile = None, json: Json = False) -> int:
    """Log the real returns of 2003-2024 as transcribed: never as the Participant's own word."""

    def do(office: Any) -> Any:
        from adamas.office.statistics.actions import file_returns
        from adamas.scheme.returns import production_returns

        return file_returns(office, [(item.subject, item.payload()) for item in production_returns()])

    return desk.act("transcribed", do)


@returns.command("file")
def file(
    participant: Annotated[str, typer.Argument(help="Whose return.", metavar="XX")],
    period: Annotated[str, typer.Argument(help="The half-year, e.g. 2026-H1.", metavar="PERIOD")],
    carats: Annotated[str, typer.Option(help="Carats produced, e.g. 1234.56; 0 with --nil.")] = "0",
    value: Annotated[str, typer.Option(help="Value in US dollars.")] = "0",
    kind: Annotated[str, typer.Option(help="all, ASM (artisanal) or LSM (large-scale).")] = "all",
    nil: Annotated[bool, typer.Option("--nil", help="Nothing was produced.")] = False,
    amends: Annotated[
        str | None, typer.Option(help="Statement id of the return that this one amends.", metavar="ID")
    ] = None,
    authority: Authority = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """File a production return (Annex III(c)), signed by the Participant's authority."""
    from adamas.ledger.statement import parse_id
    from adamas.scheme.values import parse_carats, parse_country, parse_usd

    code = parse_country(participant)
    subject = f"{code}/production/{period}" + ("" if kind == "all" else f"/{kind}")
    payload: dict[str, Any] = {
        "v": 1,
        "type": "return.amended" if amends else "return.filed",
        "participant": code,
        "period": period,
        "kind": kind,
        "carats": int(parse_carats(carats)),
        "value": int(parse_usd(value)),
        "nil": nil,
    }
    if amends:
        payload["refs"] = {"return": parse_id(amends)}

    def do(office: Any) -> Any:
        from adamas.office.statistics.actions import file_returns

        return file_returns(office, [(subject, payload)], issuer=authority or office.authority(code))

    return desk.act("filed", do)


@returns.command("list")
def list_(
    participant: Annotated[str | None, typer.Option(help="Only this Participant's.", metavar="XX")] = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """List the returns that are known here."""
    from adamas.cli.output import plain

    with desk.office() as office:
        from adamas.office.statistics.models import Return

        query = Return.objects.using(office.alias).all()
        if participant:
            query = query.filter(country=participant.upper())
        names = [field.name for field in Return._meta.concrete_fields]
        rows = [dict(zip(names, (plain(v) if isinstance(v, bytes) else v for v in row), strict=True))
                for row in query.values_list(*names)]  # fmt: skip
    shown = ("country", "period", "kind", "carats", "value", "issuer")

    def human() -> None:
        from adamas.scheme.values import format_hundredths

        def cell(row: dict[str, Any], name: str) -> Any:
            return (
                format_hundredths(row[name])
                if name in ("carats", "value") and row[name] is not None
                else row[name]
            )

        output.table(
            f"{len(rows):,} returns",
            shown,
            [[cell(row, name) for name in shown] for row in rows],
            right=(3, 4),
        )

    output.show({"returns": rows}, human)
    return exits.OK

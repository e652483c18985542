"""`adamas register`: who takes part in the scheme, who was in good standing on a day and why not; and acts of
the registry.

Outside an office, or with --history, the answer comes from the packaged real register up to 2025.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.desk import On
from adamas.cli.session import Home, Json, session

if TYPE_CHECKING:
    from adamas.scheme.participants import Register

History = Annotated[
    bool,
    typer.Option("--history", help="The packaged real register, whatever the office's registry log says."),
]

register = typer.Typer(
    name="register", help="Participants, authorities, standing on a day; acts of the registry."
)


def _register(history: bool) -> tuple[Register, str]:
    """The register to ask, and where it is from."""
    if not history and (session.folder / "office.toml").exists():
        with desk.office() as office:
            office.knowledge.refresh()
            return (
                office.knowledge.register,
                f"the registry log as this office ({office.config.origin}) knows it",
            )
    from adamas.scheme.participants import Register

    return (
        Register.from_history(),
        "the real register of the Kimberley Process, as packaged (sources in each act)",
    )


def _standing(known: Register, code: str, day: str) -> dict[str, Any]:
    standing = known.standing(code, day)
    return {
        "code": code,
        "name": known.names.get(code),
        "good": standing.good,
        "kind": standing.kind,
        "why": standing.why,
        "clause": standing.clause,
        "conditions": standing.conditions,
        "covered_by": standing.covered_by,
        "source": standing.source,
    }


@register.command("list")
def list_(on: On = None, history: History = False, home: Home = None, json: Json = False) -> int:
    """List the Participants on a day, with their standing."""
    day = desk.day(on)
    known, source = _register(history)
    rows = [_standing(known, code, day) for code in known.participants_on(day)]
    facts = {"on": day, "source": source, "participants": rows}

    def human() -> None:
        output.table(
            f"{len(rows)} Participants on {day}",
            ("code", "name", "standing"),
            [
                (
                    r["code"],
                    r["name"],
                    ("good" if r["good"] else r["why"]) + (f"; {r['conditions']}" if r["conditions"] else ""),
                )
                for r in rows
            ],
        )
        output.line(f"From {source}.")

    output.show(facts, human)
    return exits.OK


@register.command("standing")
def standing(
    country: Annotated[str, typer.Argument(help="Two letters, or EU.", metavar="XX")],
    on: On = None,
    history: History = False,
    home: Home = None,
    json: Json = False,
) -> int:
    """Tell whether trade with a country was lawful on a day, and why. Exit code 1 if it was not."""
    from adamas.scheme.values import parse_country

    day = desk.day(on)
    known, source = _register(history)
    facts = {"on": day, "from": source, **_standing(known, parse_country(country), day)}

    def human() -> None:
        output.line(
            f"{facts['name'] or facts['code']} on {day}: {'good standing' if facts['good'] else 'not in good standing'}."
        )
        output.line(f"{facts['why']} ({facts['clause']})")
        if facts["conditions"]:
            output.line(f"Conditions: {facts['conditions']}")
        if facts["source"]:
            output.line(f"Source: {facts['source']}")
        output.line(f"From {source}.")

    output.show(facts, human)
    return exits.OK if facts["good"] else exits.NOT_VALID


@register.command("authorities")
def authorities(home: Home = None, json: Json = False) -> int:
    """List the authorities and the ranges of certificate numbers that they may use."""
    known, source = _register(False)
    rows = [
        {
            "issuer": authority.issuer,
            "participant": authority.participant,
            "name": authority.name,
            "roles": list(authority.roles),
            "from": authority.start,
            "until": authority.until,
            "ranges": [
                f"{r.code}{r.first:0{r.digits}}-{r.code}{r.last:0{r.digits}}"
                for r in known.number_ranges(issuer)
            ],
        }
        for issuer, authority in sorted(known.authorities.items())
    ]

    def human() -> None:
        output.table(
            f"{len(rows)} authorities",
            ("authority", "roles", "from", "numbers"),
            [(r["issuer"], ", ".join(r["roles"]), r["from"], ", ".join(r["ranges"])) for r in rows],
        )
        output.line(f"From {source}.")

    output.show({"source": source, "authorities": rows}, human)
    return exits.OK

"""`adamas register`: who takes part in the scheme, who was in good standing on a day and why not; and acts of
the registry.

Outside an office, or with --history, the answer comes from the packaged real register up to 2025.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.desk import On
from adamas.cli.session import Home, Json, PassphraseFile, session

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
            f"{facts['name'] or facts['code']} on {day}: {'' if facts['good'] else 'not '}in good standing."
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


@register.command("load-history")
def load_history(
    authorities: Annotated[
        bool,
        typer.Option(
            "--authorities/--no-authorities", help="Also a standard authority for each Participant."
        ),
    ] = True,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """As the registry: log the real register up to 2025, with its sources, as acts."""
    return desk.act("logged", lambda office: _actions().admit_history(office, authorities=authorities))


@register.command("act")
def act(
    file: Annotated[
        Path,
        typer.Argument(help="JSON or YAML: one or many objects with subject, type and the type's fields."),
    ],
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """As the registry: log acts (admission, designation, range, measure …) and endorse them with the
    roots kept here.
    """
    acts = _acts(file)
    return desk.act("logged", lambda office: _actions().act(office, acts))


@register.command("endorse")
def endorse(
    ids: Annotated[list[str], typer.Argument(help="Statement ids of the acts.", metavar="ID...")],
    root: Annotated[str, typer.Option("--as", help="The root that agrees, e.g. kp:registry/civil.")],
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """As a root of the registry: agree to acts that others began."""
    from adamas.ledger.statement import parse_id

    wanted = [parse_id(text) for text in ids]
    return desk.act("endorsed", lambda office: _actions().endorse(office, wanted, holder=root))


@register.command("rulebook")
def rulebook(
    edition: Annotated[str, typer.Option(help="The edition's name.")],
    on: On = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """As the registry: log the digest of the admission rules of this program, as the ones in force."""
    day = desk.day(on)
    return desk.act("adopted", lambda office: _actions().adopt_rulebook(office, edition=edition, day=day))


@register.command("witness")
def witness(
    name: Annotated[str, typer.Argument(help="The witness's name.", metavar="NAME")],
    pillar: Annotated[str, typer.Option(help="government, industry or civil.")],
    holder: Annotated[str, typer.Option(help="Who runs it, e.g. kp:observer/pac.")],
    vkey: Annotated[list[str], typer.Option(help="Its verifier keys, one option each.")],
    url: Annotated[str | None, typer.Option(help="Where it serves.")] = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """As the registry: put a witness of a pillar on record."""

    def do(office: Any) -> Any:
        return _actions().enrol_witness(office, name, pillar=pillar, holder=holder, vkeys=vkey, url=url)

    return desk.act("enrolled", do)


def _actions() -> Any:
    from adamas.office.registry import actions

    return actions


def _acts(file: Path) -> list[tuple[str, dict[str, Any]]]:
    """Acts as typed. Whole numbers and octets are told apart by the type's own fields, since a file has
    only text.
    """
    from adamas.office import intake
    from adamas.office.log.catalogue import CATALOGUE

    acts = []
    for row in intake.read(file).rows:
        fields = dict(row.cells)
        subject, kind = fields.pop("subject", ""), fields.pop("type", "")
        known = CATALOGUE.get(kind)
        if not subject or known is None:
            raise intake.IntakeError(
                "intake.act",
                f"Entry {row.number} has no subject, or a type that is not known.",
                where=str(file),
            )
        payload: dict[str, Any] = {"v": 1, "type": kind}
        for name, value in fields.items():
            payload[name] = _typed(value, next((f.kind for f in known.fields if f.name == name), None))
        acts.append((subject, payload))
    return acts


def _typed(value: Any, kind: Any) -> Any:
    """A text as its kind wants it; what does not fit stays text, and the type's own check says so."""
    schema = getattr(kind, "schema", {}) or {}
    sort = schema.get("type")
    if isinstance(value, list):
        return [_typed_item(item, schema.get("items") or {}) for item in value]
    return _typed_item(value, {"type": sort, **schema})


def _typed_item(value: Any, schema: Any) -> Any:
    if not isinstance(value, str):
        return value
    if schema.get("type") == "integer" and value.isdigit():
        return int(value)
    if schema.get("type") == "boolean" and value in ("true", "false"):
        return value == "true"
    if "a-f" in str(schema.get("pattern", "")):
        try:
            return bytes.fromhex(value)
        except ValueError:
            return value
    return value

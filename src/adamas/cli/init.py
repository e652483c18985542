"""`adamas init`: found an office, or the registry itself: folder, keys, database and the first entry of
its log.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adamas.cli import exits, output
from adamas.cli.session import Home, Json, PassphraseFile, clock, passphrase, session


def init(
    folder: Annotated[
        Path | None,
        typer.Argument(help="The folder to make; --home or ADAMAS_HOME if left out.", metavar="[DIR]"),
    ] = None,
    origin: Annotated[
        str | None, typer.Option(help="The log's name, for ever, e.g. adamas.example/log/BW.")
    ] = None,
    operator: Annotated[str | None, typer.Option(help="Who runs it, e.g. kp:BW/authority.")] = None,
    participant: Annotated[
        list[str] | None, typer.Option(help="A Participant that it hosts; may be repeated.", metavar="XX")
    ] = None,
    registry: Annotated[
        bool, typer.Option("--registry", help="Found the registry: its root keys, one a pillar.")
    ] = False,
    threshold: Annotated[
        int, typer.Option(help="Roots that must agree to an act of the registry.", min=1)
    ] = 2,
    genesis: Annotated[
        str | None,
        typer.Option(help="For an office: the registry's published log (URL or folder), or its entry 0."),
    ] = None,
    registry_vkey: Annotated[
        str | None, typer.Option(help="The verifier key of the registry's log, to follow it at once.")
    ] = None,
    holder: Annotated[
        list[str] | None,
        typer.Option(help="Another holder to make a key for, e.g. kp:BW/customs; may be repeated."),
    ] = None,
    database: Annotated[
        str, typer.Option(help="sqlite:///office.db or postgresql://…")
    ] = "sqlite:///office.db",
    publish_to: Annotated[
        str, typer.Option(help="A folder beside office.toml, or s3://bucket/prefix.")
    ] = "public",
    publish_url: Annotated[str | None, typer.Option(help="Where others will fetch the log.")] = None,
    address: Annotated[
        str | None, typer.Option(help="Where people reach the office (for codes on paper).")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="The witness policy (C2SP tlog-policy).", metavar="FILE")
    ] = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Found an office, or with --registry the registry itself. Nothing that exists is written over."""
    place = folder or session.folder
    if not origin or not operator:
        raise exits.UsageError(
            "usage.init",
            "A log needs a name and somebody who runs it.",
            advice="Give --origin and --operator; or see a whole one made: adamas demo.",
        )
    first = None if registry else _genesis(genesis)
    from adamas.office import founding
    from adamas.office.home import Config

    config = Config(
        origin=origin,
        operator=operator,
        kind="registry" if registry else "office",
        participants=tuple(code.upper() for code in participant or ()),
        database=database,
        publish_to=publish_to,
        publish_url=publish_url,
        address=address,
        policy=policy.read_text(encoding="utf-8") if policy else "",
    )
    secret = passphrase(new=True)
    session.home = place
    if first is None:
        office = founding.found_registry(place, config, secret, threshold=threshold, clock=clock())
    else:
        office = founding.found_office(
            place, config, secret, first, holders=tuple(holder or ()), clock=clock()
        )
    with office:
        facts = _facts(office)
        if registry_vkey and genesis:
            from adamas.cli.follow import key_text

            followed = office.follow(genesis, key_text(registry_vkey), role="registry")
            facts["follows"] = followed.origin
    output.show(facts, lambda: _show(facts))
    return exits.OK


def _genesis(given: str | None) -> bytes:
    """The statement at entry 0 of a registry: from a file, or from its published log."""
    if given is None:
        raise exits.UsageError(
            "usage.genesis",
            "An office is founded under a registry.",
            advice="Give --genesis with the address or folder of the registry's log; or found one with --registry.",
        )
    file = Path(given)
    if file.is_file():
        return file.read_bytes()
    from adamas.ledger.checkpoint import parse_body
    from adamas.ledger.fetch import Fetcher
    from adamas.ledger.note import parse
    from adamas.ledger.tiles import TileReader

    fetcher = Fetcher(given)
    note = fetcher.get("checkpoint")
    if note is None:
        raise exits.UsageError("usage.genesis", "No log is published there.", where=given)
    checkpoint = parse_body(parse(note).text)
    # What is read is checked again when the registry is followed by its key; here only its form counts.
    return next(iter(TileReader(fetcher.get, checkpoint.size).entries(0, 1)))


def _facts(office: Any) -> dict[str, Any]:
    from adamas.ledger.keys import kid_of
    from adamas.ledger.statement import text_id

    log = office.log
    keys = {name: office.keystore.public_key(name) for name in office.keystore.names()}
    return {
        "home": str(office.home.path),
        "kind": office.config.kind,
        "origin": office.config.origin,
        "operator": office.config.operator,
        "participants": list(office.config.participants),
        "vkey": log.vkey,
        "genesis": text_id(bytes(log.genesis)),
        "keys": [{"name": n, "kid": kid_of(k).hex(), "public_key": k.hex()} for n, k in keys.items()],
        "policy": bool(office.config.policy),
    }


def _show(facts: dict[str, Any]) -> None:
    output.pairs(
        f"Founded {facts['kind']} {facts['origin']}",
        [
            ("home", facts["home"]),
            ("operator", facts["operator"]),
            ("verifier key", facts["vkey"]),
            ("genesis", facts["genesis"]),
        ],
    )
    output.table("Keys", ("name", "kid"), [(key["name"], key["kid"]) for key in facts["keys"]])
    if not facts["policy"]:
        output.line("No witness policy yet: write policy.txt before the log counts for anybody.")
    if facts["kind"] == "office":
        output.line("Next: the registry enrols these keys (adamas keys export, there adamas keys enrol),")
        output.line("then: adamas follow URL --role registry --vkey …; adamas keys adopt.")
    else:
        output.line("Next: adamas register load-history; adamas keys enrol; adamas publish.")

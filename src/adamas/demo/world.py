"""Founding the demo's world: three witnesses, the registry with the real register, four offices, their keys.

Everything here happens as it would in life: the registry's three roots (two must agree) admit, designate and enrol;
each office is founded on the registry's first entry, follows its log and copies the key statements that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from adamas.demo import witness
from adamas.demo.places import (
    CANDIDATE,
    COST,
    EXPORTER,
    FICTIONAL,
    HOLDERS,
    HOST,
    IMPORTER,
    OFFICES,
    PASSPHRASE,
    PILLARS,
    REGISTRY,
    TRANSCRIBER,
    TRANSCRIPT,
    Places,
    origin,
)
from adamas.office.database import ensure_django

NOTE = "SYNTHETIC: part of a demonstration; nothing of the kind ever happened"


@dataclass
class World:
    """What the demo knows of its world: hosted Participants by office, verifier keys by log, witness processes."""

    places: Places
    hosted: dict[str, tuple[str, ...]]
    policy: str = ""
    vkeys: dict[str, str] = field(default_factory=dict)
    witnesses: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def office_of(self, code: str) -> str:
        """Which office hosts a Participant."""
        return code if code in (EXPORTER, IMPORTER) else "rest"

    def stop(self) -> None:
        """Ends the witness processes."""
        for process in self.witnesses.values():
            witness.stop(process)
        self.witnesses = {}


def found(places: Places, participants: tuple[str, ...]) -> World:
    """Makes everything, publishes every log once, and leaves three witnesses serving."""
    ensure_django()
    places.passphrase.write_text(PASSPHRASE + "\n", encoding="utf-8")
    others = sorted({HOST, *participants, FICTIONAL, CANDIDATE} - {EXPORTER, IMPORTER})
    world = World(places, {EXPORTER: (EXPORTER,), IMPORTER: (IMPORTER,), "rest": tuple(others)})
    enrolled = _witnesses(world)
    registry = _registry(world, enrolled)
    try:
        _offices(world, registry)
    finally:
        registry.close()
    _trust(world)
    return world


def start_witnesses(world: World) -> None:
    """Starts the witness processes, which watch all five logs."""
    for pillar in PILLARS:
        witness.watch(world.places, pillar, list(world.vkeys.values()))
        world.witnesses[pillar] = witness.start(world.places, pillar)
    for process in world.witnesses.values():
        witness.wait_ready(process)


def _witnesses(world: World) -> dict[str, tuple[tuple[str, ...], str]]:
    made = {}
    lines = []
    for pillar in PILLARS:
        vkeys, url, text = witness.found(world.places, pillar)
        made[pillar] = (vkeys, url)
        lines.append(text)
    world.policy = "".join(lines) + f"group pillars all {' '.join(PILLARS)}\nquorum pillars\n"
    return made


def _config(world: World, name: str, operator: str, hosted: tuple[str, ...] = ()) -> Any:
    from adamas.office.home import Config

    return Config(
        origin(name),
        operator,
        kind="registry" if name == REGISTRY else "office",
        participants=hosted,
        publish_url=str(world.places.public(name)),
        policy=world.policy,
    )


def _registry(world: World, enrolled: dict[str, tuple[tuple[str, ...], str]]) -> Any:
    from adamas.office import founding
    from adamas.office.registry import actions
    from adamas.scheme.rulebook import EDITION

    clock = world.places.clock
    office = founding.found_registry(
        world.places.home(REGISTRY),
        _config(world, REGISTRY, "kp:registry/government"),
        PASSPHRASE,
        clock=clock,
        cost=COST,
    )
    world.vkeys[REGISTRY] = office.log.vkey
    done = actions.admit_history(office)
    world.counts["register acts"] = len(done.accepted)
    actions.act(office, _made_up())
    for pillar, (vkeys, url) in enrolled.items():
        actions.enrol_witness(
            office,
            f"{pillar}.demo.adamas.example/witness",
            pillar=pillar,
            holder=HOLDERS[pillar],
            vkeys=vkeys,
            url=url,
        )
    actions.adopt_rulebook(office, edition=EDITION, day="2023-01-01")
    return office


def _made_up() -> list[Any]:
    """A fictional Participant that is suspended at once, and the authority of a country that never joined."""
    from adamas.scheme import history

    admitted = {
        "v": 1,
        "type": "participant.admitted",
        "from": "2022-01-01",
        "name": "Antarctica (fictional)",
    }
    measure = {"v": 1, "type": "measure.imposed", "from": "2022-06-01", "measure": f"{FICTIONAL}-2022-demo"}
    acts: list[Any] = [
        (FICTIONAL, {**admitted, "act": "admitted", "producer": True, "note": NOTE}),
        (FICTIONAL, {**measure, "kind": "suspended", "clause": "AD-INTERIM-2", "note": NOTE}),
    ]
    for code in (FICTIONAL, CANDIDATE):
        acts += [(a.subject, a.payload) for a in history.authority_acts(code, day="2022-01-01")]
    return acts


def _offices(world: World, registry: Any) -> None:
    from adamas.office import founding
    from adamas.office.registry import actions

    places, clock = world.places, world.places.clock
    genesis = _genesis(registry)
    offices = {}
    plans = {
        name: (f"kp:{HOST if name == 'rest' else name}/authority", world.hosted[name]) for name in OFFICES
    }
    plans[TRANSCRIPT] = (TRANSCRIBER, ())
    for name, (operator, hosted) in plans.items():
        config = _config(world, name, operator, hosted)
        office = founding.found_office(places.home(name), config, PASSPHRASE, genesis, clock=clock, cost=COST)
        offices[name] = office
        world.vkeys[name] = office.log.vkey
        holders = dict.fromkeys((operator, *(office.authority(code) for code in hosted)))
        actions.enrol_keys(registry, [(holder, office.signer(holder).public_key) for holder in holders])
    start_witnesses(world)
    registry.publish()
    for name, office in offices.items():
        office.follow(
            str(places.public(REGISTRY)), world.vkeys[REGISTRY], role="registry", policy=world.policy
        )
        actions.adopt_keys(office)
        office.publish()
        world.counts[name] = len(office.keystore.names()) - 1
    for name in OFFICES:
        for other in OFFICES:
            if other != name:
                offices[name].follow(str(places.public(other)), world.vkeys[other], policy=world.policy)
    for office in offices.values():
        office.close()


def _genesis(office: Any) -> bytes:
    from django.db import connections

    from adamas.ledger.entries import EntryLog
    from adamas.office.log.knowledge import OWN

    with connections[office.alias].cursor() as cursor:
        return EntryLog(OWN).read(cursor, 0, 1)[0]


def _trust(world: World) -> None:
    """The trust file: the registry's genesis, the logs' keys and the witness policy."""
    from adamas.analysis.trust import Trust
    from adamas.office.opening import open_office

    with open_office(world.places.home(REGISTRY)) as office:
        genesis = bytes(office.log.genesis or b"")
    trust = Trust(genesis, tuple(world.vkeys.values()), world.policy)
    world.places.trust.write_text(trust.to_json(), encoding="utf-8")

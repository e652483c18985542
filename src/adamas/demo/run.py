"""The demo from beginning to end."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import Any

from adamas.cli import exits, output
from adamas.demo import attacks, checks, faults, figures, others, told, world, year
from adamas.demo.desk import Desk
from adamas.demo.memory import MemoryWatch
from adamas.demo.places import OFFICES, TRANSCRIPT, Places, seconds
from adamas.scheme.participants import Register
from adamas.scheme.synthetic import SyntheticYear, synthetic_year
from adamas.scheme.values import day_of

MARK = "this-folder-is-of-adamas-demo"


def run(folder: Path, *, certificates: int, seed: int, json: bool = False) -> int:
    """Runs everything in ``folder`` (which is emptied, if it is an earlier demo's). Exit code 1 if a planted fault was
    missed or one was invented.
    """
    places = Places(folder.resolve())
    _clear(places.root)
    begun = time.monotonic()
    screen = told.Screen(json, begun)
    made = synthetic_year(certificates, seed=seed)
    first = f"{made.year}-01-01"
    places.root.parent.mkdir(parents=True, exist_ok=True)
    places.root.mkdir()
    (places.root / MARK).touch()
    places.clock.set(seconds(first, 6))
    everyone = Register.from_history().participants_on(first)
    found = world.found(places, tuple({*everyone, *made.participants}))
    desks: dict[str, Desk] = {}
    try:
        desks = {name: Desk(name, places.home(name), places.clock) for name in OFFICES}
        with MemoryWatch() as memory:
            facts = _play(screen, found, desks, made)
        for desk in desks.values():
            desk.close()
    except BaseException:
        for desk in desks.values():
            desk.stop()
        raise
    finally:
        found.stop()
    facts["seconds"] = round(time.monotonic() - begun, 1)
    facts["peak_memory_bytes"] = memory.peak
    screen.end(facts, places)
    if json:
        output.document(facts)
    return exits.OK if facts["missed"] == facts["invented"] == 0 else exits.NOT_VALID


def _play(
    screen: told.Screen, found: world.World, desks: dict[str, Desk], made: SyntheticYear
) -> dict[str, Any]:
    places = found.places
    facts: dict[str, Any] = {"year": made.year, "seed": made.seed, "label": made.label}
    screen.world(found, made)
    facts["returns"] = figures.enter(places)
    screen.returns(facts["returns"])
    screen.begin_year(made)
    outcome = year.run(made, found, desks, screen.round)
    year.settle(desks)
    checks.mirror(places, found.vkeys)
    facts |= {
        "certificates": len(made.certificates),
        "statements": outcome.statements,
        "carats": outcome.carats,
    }
    screen.year(made, outcome)
    planting = faults.Planting(found, desks, f"{made.year + 1}-01-15")
    planted = planting.plant(year.settle)
    extra = faults.example(19, day_of(planting.now // 86_400), code="AO", to="IN")
    pillar, complete = attacks.missing_pillar(found, desks, extra)
    _publish_transcript(places)
    checks.mirror(places, found.vkeys)
    tile = attacks.altered_tile(found)
    fork, refusals = attacks.hidden_fork(found, desks)
    report = checks.audit(places)
    judged = checks.compare(planted, report)
    screen.faults(judged, [tile, fork, pillar], refusals)
    caught = [tile, fork, pillar]
    facts |= {
        "planted": len(planted) + len(caught),
        "found": sum(row.found for row in judged.rows) + sum(one.found for one in caught),
        "missed": sum(not row.found for row in judged.rows) + sum(not one.found for one in caught),
        "invented": len(judged.invented),
        "whole_again": complete,
        "faults": judged.to_json() + [told.caught_facts(one) for one in caught],
        "audit": report["counts"],
    }
    number = made.certificates[0].issue.number
    facts["bundle"] = checks.prove(places, found.office_of(number[:2]), number)
    facts["verified"] = checks.verify_offline(places, facts["bundle"])
    facts["others"] = others.check(Path(facts["bundle"]), places.root / "openssl", checks.no_network()[0])
    screen.audit(report, judged)
    screen.bundle(facts["verified"], facts["others"])
    return facts


def _publish_transcript(places: Places) -> None:
    """The transcriber works in the present, so the witnesses' clock is moved to it."""
    from adamas.demo.places import PASSPHRASE
    from adamas.office.opening import open_office

    places.clock.set(int(time.time()))
    with open_office(places.home(TRANSCRIPT), passphrase=PASSPHRASE) as office:
        office.publish()


def _clear(root: Path) -> None:
    """Removes an earlier demo. Raises UsageError if the folder is something else."""
    if not root.exists():
        return
    if not (root / MARK).exists():
        raise exits.UsageError(
            "usage.exists",
            "The folder is there already, and is not of an earlier demo.",
            where=str(root),
            advice="Name another folder: adamas demo DIR.",
        )
    sys.stdout.flush()
    shutil.rmtree(root)

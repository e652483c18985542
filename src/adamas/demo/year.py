"""The synthetic year through the offices' doors, four weeks at a time.

In each round every office issues and validates, tells the importing offices in private what it declared, publishes
(tiles, checkpoint, three witnesses), catches up with the logs of the other two, and confirms what arrived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adamas.demo.desk import DemoError, Desk
from adamas.demo.places import OFFICES, seconds
from adamas.demo.world import World
from adamas.scheme.synthetic import SyntheticYear
from adamas.scheme.values import day_of, ordinal

ROUND = 28
"""Days: the rules let an office date an act back by thirty at most."""


@dataclass
class Round:
    """What one round brings to each office: certificates to issue, validations, arrivals."""

    last: str
    issue: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    validate: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    receive: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Outcome:
    """Statements logged through the doors, seconds that the doors took (all offices), rounds of publishing."""

    statements: int = 0
    door: float = 0.0
    rounds: int = 0
    carats: int = 0
    received: int = 0


def rounds(year: SyntheticYear, world: World) -> list[Round]:
    """The year's acts by round and office."""
    first = ordinal(f"{year.year}-01-01")
    found: dict[int, Round] = {}
    for certificate in year.certificates:
        for day, kind, command in (
            (certificate.issue.issued, "issue", certificate.issue),
            (certificate.validate.validated, "validate", certificate.validate),
            (certificate.receive.received, "receive", certificate.receive),
        ):
            place = (ordinal(day) - first) // ROUND
            here = found.setdefault(place, Round(day_of(first + ROUND * (place + 1) - 1)))
            code = certificate.issue.to if kind == "receive" else certificate.participant
            getattr(here, kind)[world.office_of(code)].append(command)
    return [found[place] for place in sorted(found)]


def run(
    year: SyntheticYear, world: World, desks: dict[str, Desk], progress: Callable[[str, int], None]
) -> Outcome:
    """Runs the year. Raises DemoError if a door refuses what is lawful, or a pillar's witness is missing.

    An office that has confirmed its arrivals goes on with the next round; they wait for one another before publishing.
    """
    outcome = Outcome()
    for one in rounds(year, world):
        begun = outcome.rounds > 0
        world.places.clock.set(seconds(one.last, 18))
        for name in OFFICES:
            desks[name].ask("export", one.issue[name], one.validate[name])
        if begun:
            _count(outcome, desks)
            progress(one.last, outcome.statements)
        _count(outcome, desks)
        notices = _notices(one, world, desks)
        _publish(desks)
        for name in OFFICES:
            desks[name].ask("arrive", notices[name], one.receive[name])
        outcome.rounds += 1
        outcome.carats += sum(command.carats for batch in one.issue.values() for command in batch)
        outcome.received += sum(command.carats for batch in one.receive.values() for command in batch)
    _count(outcome, desks)
    return outcome


def settle(desks: dict[str, Desk]) -> None:
    """Everybody publishes and catches up, so that all know all."""
    _publish(desks)
    for name in OFFICES:
        desks[name].ask("arrive", [], [])
    for name in OFFICES:
        desks[name].take()


def _count(outcome: Outcome, desks: dict[str, Desk]) -> None:
    for name in OFFICES:
        done, took = desks[name].take()
        outcome.statements += done
        outcome.door += took


def _notices(one: Round, world: World, desks: dict[str, Desk]) -> dict[str, list[bytes]]:
    for name in OFFICES:
        groups: dict[str, tuple[set[str], list[str]]] = {}
        for command in one.issue[name]:
            codes, numbers = groups.setdefault(world.office_of(command.to), (set(), []))
            codes.add(command.to)
            numbers.append(command.number)
        others = {to: (sorted(codes), numbers) for to, (codes, numbers) in groups.items() if to != name}
        desks[name].ask("notices", others)
    found: dict[str, list[bytes]] = {name: [] for name in OFFICES}
    for name in OFFICES:
        for to, data in desks[name].take().items():
            found[to].append(data)
    return found


def _publish(desks: dict[str, Desk]) -> None:
    for name in OFFICES:
        desks[name].ask("publish")
    for name in OFFICES:
        answer = desks[name].take()
        if not answer["complete"]:
            raise DemoError(
                "demo.witness", f"{name} was not cosigned by {answer['missing']}: {answer['failures']}"
            )

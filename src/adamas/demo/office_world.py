"""Founding the demo office, once: witnesses, registry, one installation of three Participants, people, trade."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from adamas.demo import witness
from adamas.demo.office_places import (
    DAY,
    HOSTED,
    MARK,
    OPERATOR,
    ORIGIN,
    REGISTRY_ORIGIN,
    OfficePlaces,
    Then,
    policy,
    witnesses,
)
from adamas.demo.office_trade import DAYS
from adamas.demo.places import COST, HOLDERS, PASSPHRASE, PILLARS

PUBLISHED = "public"


def found(places: OfficePlaces) -> dict[str, Any]:
    """Makes everything in an empty folder; gives figures. The mark is set last: without it, it was not finished."""
    begun = time.monotonic()
    places.root.mkdir(parents=True, exist_ok=True)
    places.passphrase.write_text(PASSPHRASE + "\n", encoding="utf-8")
    clock = Then(time.time() - (DAYS + 20) * DAY)
    enrolled = {pillar: witness.found(places, pillar) for pillar in PILLARS}
    text = policy(places)
    registry = _registry(places, text, clock, enrolled)
    office = _office(places, text, clock, registry)
    for pillar in PILLARS:
        witness.watch(places, pillar, [registry.log.vkey, office.log.vkey])
    with witnesses(places, clock):
        registry.publish()
        office.follow(str(places.registry / PUBLISHED), registry.log.vkey, role="registry", policy=text)
        from adamas.office.registry import actions

        actions.adopt_keys(office)
        office.publish()
        figures = _fill(places, clock, registry)
        registry.publish()
    registry.close()
    (places.root / MARK).touch()
    return {**figures, "seconds": round(time.monotonic() - begun, 1)}


def _registry(places: OfficePlaces, text: str, clock: Then, enrolled: dict[str, Any]) -> Any:
    from adamas.office import founding
    from adamas.office.home import Config
    from adamas.office.registry import actions
    from adamas.scheme.rulebook import EDITION

    config = Config(REGISTRY_ORIGIN, "kp:registry/government", kind="registry", policy=text)
    registry = founding.found_registry(places.registry, config, PASSPHRASE, clock=clock, cost=COST)
    actions.admit_history(registry)
    for pillar, (vkeys, url, _) in enrolled.items():
        name = f"{pillar}.demo.adamas.example/witness"
        actions.enrol_witness(registry, name, pillar=pillar, holder=HOLDERS[pillar], vkeys=vkeys, url=url)
    actions.adopt_rulebook(registry, edition=EDITION, day="2023-01-01")
    return registry


def _office(places: OfficePlaces, text: str, clock: Then, registry: Any) -> Any:
    """The installation, its keys enrolled; open as the site of this process."""
    from django.db import connections

    from adamas.ledger.entries import EntryLog
    from adamas.office import founding
    from adamas.office.home import Config
    from adamas.office.log.knowledge import OWN
    from adamas.office.registry import actions
    from adamas.office.web import site

    with connections[registry.alias].cursor() as cursor:
        (genesis,) = EntryLog(OWN).read(cursor, 0, 1)
    config = Config(ORIGIN, OPERATOR, participants=HOSTED, policy=text, address="http://localhost:8000")
    founded = founding.found_office(places.office, config, PASSPHRASE, genesis, clock=clock, cost=COST)
    keep_secret(places.office)
    holders = dict.fromkeys((OPERATOR, *(founded.authority(code) for code in HOSTED)))
    actions.enrol_keys(registry, [(holder, founded.signer(holder).public_key) for holder in holders])
    founded.close()
    office = site.open_site(places.office, passphrase=PASSPHRASE, clock=clock)
    site.use(office)
    return office


def _fill(places: OfficePlaces, clock: Then, registry: Any) -> dict[str, Any]:
    from adamas.demo.office_papers import papers
    from adamas.demo.office_people import people
    from adamas.demo.office_trade import play
    from adamas.office.web import site

    office = site.office()
    end = time.time()
    clock.now = end - (DAYS + 2) * DAY
    who = people(places.office)
    trade = play(office, clock, end, office.publish)
    papers(office, clock, who, trade, end)
    office.publish()
    return {"certificates": trade.count, "people": len(who)}


def keep_secret(home: Path) -> None:
    """Keeps this process's secret as the office's: the second factors made here are sealed with it."""
    from django.conf import settings

    from adamas.office.web import secret

    file = home / "keys" / secret.NAME
    file.touch(mode=0o600)
    file.write_text(settings.SECRET_KEY, encoding="ascii")


def remove(root: Path) -> None:
    """Takes a half-made demo away."""
    import shutil

    shutil.rmtree(root, ignore_errors=True)

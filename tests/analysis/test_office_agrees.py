"""The audit, from published bytes, and an office, from its database, say the same of the same logs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.analysis.test_audit import AS_OF, PLANTED, audit, first
from tests.analysis.world import DAY, NOON, World, make_world, signer

from adamas.ledger import statement as statements
from adamas.ledger.note import NoteSigner

pytest.importorskip("django")
CALENDAR = {"admission.overdue", "admission.future"}
"""What only a day tells: views have no clock."""


def planted() -> World:
    world = make_world()
    for n in range(10):
        world.whole(f"BW{n + 1:07d}", "AE", day=n)
    for plant, *_ in PLANTED[:-1]:
        plant(world)
    world.receive(first(world), day=8, refs={"certificate": bytes(32)})
    return world


def lost_key(world: World) -> World:
    log = world.offices["BW"]
    payload = {"type": "key.compromised", "since": NOON + 5 * DAY}
    world.act(signer("kp:BW/authority").kid.hex(), payload, copies=(log,), at=NOON + 60 * DAY)
    world.issue("BW0000091", "AE", day=61)
    return world


def test_an_office_and_the_audit_find_the_same(tmp_path: Path) -> None:
    world = lost_key(planted())
    world.publish(tmp_path / "logs")
    report = audit([tmp_path / "logs"], world.trust, as_of=AS_OF)
    ids = {
        (log.origin, index): statements.leaf_id(raw)
        for log in (world.registry, *world.offices.values())
        for index, raw in enumerate(log.entries)
    }
    audited = {
        (fault.code, statements.text_id(ids[fault.origin, fault.index]))
        for fault in report.faults
        if fault.index is not None and fault.code not in CALENDAR and not fault.code.startswith("act.pending")
    }
    waiting = {
        identity for code, identity in audited if code == "admission.waiting"
    }  # an office lists these apart
    assert len(waiting) == 1
    audited = {pair for pair in audited if pair[1] not in waiting}
    assert same(audited) == same(of_office(world, tmp_path / "office"))
    assert len(audited) > 10


def same(found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """An office meets a key before its enrolment as unknown, an audit as not yet enrolled."""
    return {("key.unknown" if code == "key.not-yet" else code, identity) for code, identity in found}


def of_office(world: World, folder: Path) -> set[tuple[str, str]]:
    """The findings of an office that follows these logs: code, and the id of the statement concerned."""
    from tests.office.conftest import feed_raw

    from adamas.office import founding
    from adamas.office.home import Config
    from adamas.office.log.models import Finding

    config = Config("test.example/log/observer", "kp:observer/test")
    with founding.found_office(folder, config, "x", world.registry.entries[0], cost=2**4) as office:
        for log, role in ((world.registry, "registry"), *((log, "office") for log in world.offices.values())):
            vkey = NoteSigner(log.origin, signer(f"log {log.origin}")).vkey
            feed_raw(office, log.origin, vkey, log.entries, role=role)
        rows = Finding.objects.using(office.alias).values_list("code", "evidence")
        return {(code, evidence.split(" ")[-1]) for code, evidence in rows}

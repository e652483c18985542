"""SQLite or PostgreSQL by one line of office.toml: the same words, the same answers, the same views."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests import postgres
from tests.office.conftest import ENGINE, PASSPHRASE, Clock, World, command, entries, feed_raw, validation

from adamas.office import home as homes
from adamas.office.certification import actions as desk
from adamas.office.log import replay
from adamas.office.opening import open_office

pytestmark = pytest.mark.database


@pytest.mark.skipif(ENGINE == "sqlite", reason="asked in the run on PostgreSQL, which compares the two")
def test_one_setting_moves_an_office_to_another_engine(world: World, tmp_path: Path) -> None:
    desk.issue(world.bw, [command(1), command(2)])
    desk.validate(world.bw, [validation(1)])
    own, registry = entries(world.bw), entries(world.registry)
    digests = {}
    for name, url in (("sqlite", "sqlite:///office.db"), ("postgresql", postgres.database())):
        place = homes.create(tmp_path / name, homes.Config("test.example/o", "kp:observer/o", database=url))
        with open_office(place.path, passphrase=PASSPHRASE, clock=Clock()) as office:
            feed_raw(office, world.registry.config.origin, world.registry.log.vkey, registry, role="registry")
            feed_raw(office, world.bw.config.origin, world.bw.log.vkey, own)
            assert replay.verify(office).statements == len(own) + len(registry)
            digests[name] = replay.digests(office.alias)
            assert {n: str(r.state) for n, r in office.records(["BW0000001", "BW0000002"]).items()} == {
                "BW0000001": "validated", "BW0000002": "issued",
            }  # fmt: skip
    assert digests["sqlite"] == digests["postgresql"]
    texts = [(tmp_path / name / "office.toml").read_text().splitlines() for name in digests]
    different = [pair for pair in zip(*texts, strict=True) if pair[0] != pair[1]]
    assert len(different) == 1
    assert different[0][0].startswith("url = ")

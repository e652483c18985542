"""Faults outside the offices' rules: a web server that alters a file, a log that shows two histories, a pillar that is
away. Each is tried against the programs that must notice it, and what they said is kept.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adamas.demo import witness
from adamas.demo.desk import Desk
from adamas.demo.faults import Planted
from adamas.demo.places import IMPORTER, origin
from adamas.demo.world import World
from adamas.errors import AdamasError


@dataclass(frozen=True, slots=True)
class Caught:
    """What was planted, whether it was found, and in whose words."""

    planted: Planted
    found: bool
    said: str


def altered_tile(world: World, name: str = "rest") -> Caught:
    """One bit of one published file is turned round on the way; a mirror that fetches it must say which file."""
    from adamas.ledger.mirror import mirror
    from adamas.ledger.policy import Policy

    public, forged = world.places.public(name), world.places.root / "attacks" / "altered"
    shutil.copytree(public, forged)
    file = sorted((forged / "tile" / "entries").rglob("*"), key=str)
    target = next(one for one in file if one.is_file())
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 0x10
    target.chmod(0o644)
    target.write_bytes(bytes(data))
    path = str(target.relative_to(forged))
    planted = Planted("altered tile", name, path, ("tile.broken",))
    try:
        mirror(
            str(forged),
            world.places.root / "attacks" / "mirror",
            world.vkeys[name],
            Policy.parse(world.policy),
        )
    except AdamasError as error:
        text = str(error)
        return Caught(planted, path in text or path in str(error.where), text)
    return Caught(planted, False, "the mirror took it")


def hidden_fork(world: World, desks: dict[str, Desk]) -> tuple[Caught, dict[str, str]]:
    """The importer's office signs a second history, in which the last entries differ, and shows it to one reader.

    That reader has mirrored the true log before, so the two checkpoints meet; and the witnesses, who remember what
    they cosigned, refuse the second. Returns the catch and each witness's refusal.
    """
    from adamas.ledger.mirror import mirror
    from adamas.ledger.policy import Policy
    from adamas.ledger.tiles import TileReader
    from adamas.ledger.witness.client import cosign

    attack = world.places.root / "attacks"
    fork, victim = attack / "fork", attack / "reader"
    shutil.copytree(world.places.mirror(IMPORTER), victim)
    note, size = desks[IMPORTER].do("call", publish_fork, str(fork))
    planted = Planted("hidden fork", IMPORTER, origin(IMPORTER), ("mirror.split-view",))
    policy = Policy.parse(world.policy)
    reader = TileReader(lambda path: _read(fork / path), size)
    refusals = cosign(
        note, [w for w in policy.witnesses.values() if w.url], reader.consistency_proof
    ).failures
    try:
        mirror(str(fork), victim, world.vkeys[IMPORTER], policy)
    except AdamasError as error:
        evidence = sorted(victim.glob("**/split-view/*.txt"))
        return Caught(planted, bool(evidence), str(error)), refusals
    return Caught(planted, False, "the mirror took it"), refusals


def publish_fork(office: Any, folder: str) -> tuple[bytes, int]:
    """Publishes another history of an office's log elsewhere, signed with the same key; its checkpoint and size."""
    from django.db import connections

    from adamas.ledger.entries import EntryLog
    from adamas.ledger.publisher import Publisher
    from adamas.ledger.storage import open_storage
    from adamas.office.log.knowledge import OWN

    with connections[office.alias].cursor() as cursor:
        size = EntryLog(OWN).size(cursor)
        raws = EntryLog(OWN).read(cursor, 0, size)
    raws[-1], raws[-2] = raws[-2], raws[-1]
    storage = open_storage(folder)
    publisher = Publisher(
        office.config.origin, office.log_signer(), storage, lambda start, end: raws[start:end], lambda: size
    )
    publisher.publish()
    note = storage.get("checkpoint")
    assert note is not None
    return note, size


def missing_pillar(world: World, desks: dict[str, Desk], statement: Any) -> tuple[Caught, bool]:
    """The civil-society witness is away while the host publishes; then it comes back.

    The log goes on, and says of itself that a pillar is missing. Returns the catch, and whether the checkpoint was
    complete again afterwards.
    """
    planted = Planted("a pillar's witness is away", "rest", "civil", ("policy.missing",))
    witness.stop(world.witnesses.pop("civil"))
    desks["rest"].do("act", "issue", statement)
    away = desks["rest"].do("publish")
    caught = Caught(planted, away["missing"] == ["civil"], f"missing: {', '.join(away['missing'])}")
    world.witnesses["civil"] = witness.start(world.places, "civil")
    witness.wait_ready(world.witnesses["civil"])
    back = desks["rest"].do("publish")
    return caught, bool(back["complete"])


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None

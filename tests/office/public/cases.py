"""Bundles for both verifiers: true ones, and those that the tests of the analysis room alter."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.analysis.world import COSIGNERS, DAY, NOON, PILLARS, POLICY, World, make_world, policy_of, signer

from adamas.analysis.prove import prove
from adamas.analysis.trust import Trust
from adamas.ledger import bundle as bundles
from adamas.ledger import cbor, note
from adamas.ledger import statement as statements
from adamas.ledger.cosignature import MlDsaCosigner


@dataclass
class Case:
    """One file, what the verifier trusts, and the day (unix seconds) it is asked about."""

    name: str
    data: bytes
    trust: Trust | None
    now: int | None = None


def made_world() -> World:
    world = make_world()
    for n in range(3):
        world.whole(f"BW{n + 1:07d}", "AE", day=n)
    return world


def cases(folder: Path) -> Iterator[Case]:
    """Every case by name; the first is true."""
    world = made_world()
    world.publish(folder / "true", time=NOON + 20 * DAY)
    number = "BW0000002"
    whole = prove(number, [folder / "true"], world.trust, disclosures=world.disclosures[number])
    trust = world.trust
    yield Case("all shown", whole, trust)
    yield Case("nothing shown", prove(number, [folder / "true"], trust), trust)
    for n, raw in enumerate(world.disclosures[number]):
        yield Case(f"one shown {n}", prove(number, [folder / "true"], trust, disclosures=[raw]), trust)
    yield Case("no trust", whole, None)
    yield Case("another trust", whole, Trust(bytes(32)))
    yield Case(
        "own policy", whole, Trust(trust.registry, policy=POLICY.replace("quorum pillars", "quorum civil"))
    )
    vkeys = tuple(log.vkey for log in bundles.parse(whole).logs)
    yield Case("logs named", whole, Trust(trust.registry, vkeys))
    yield Case("one log named", whole, Trust(trust.registry, vkeys[:1]))
    yield Case("foreign disclosure", rebuilt(whole, disclosures=world.disclosures["BW0000001"][:1]), trust)
    yield Case("disclosed twice", rebuilt(whole, disclosures=[world.disclosures[number][0]] * 2), trust)
    yield Case("another policy", rebuilt(whole, policy="quorum none\n"), trust)
    yield Case("broken policy", rebuilt(whole, policy="quorum nobody\n", registry=None), trust)
    yield Case("no registry", rebuilt(whole, registry=None), trust)
    yield Case("newer edition", newer(whole), trust)
    yield Case("cut off", whole[:-1], trust)
    yield Case("empty", b"", trust)
    yield Case("not a bundle", b"%PDF-1.7", trust)
    act = statements.parse(world.registry.entries[1])
    proven = prove(act.text_id, [folder / "true"], trust)
    yield Case("act of the registry", proven, trust)
    log = bundles.parse(proven).logs[0]
    kept = tuple(e for e in log.entries if statements.parse(e.raw).type != "act.endorsed")
    bare = bundles.BundledLog(log.vkey, log.checkpoint, log.receipt, kept)
    yield Case("act not endorsed", rebuilt(proven, logs=(bare,)), trust)
    yield from left_out(whole, trust)
    yield from lives(folder)
    world = make_world()
    world.issue("BW0000009", "AE", at=2**40 - 1)
    world.publish(folder / "future", witnesses=[])
    yield Case("claims the year 36812", prove("BW0000009", [folder / "future"], world.trust), world.trust)
    yield from others(folder, whole, trust)
    yield from post_quantum(folder)


def rebuilt(data: bytes, **changes: Any) -> bytes:
    """The bundle with other parts, its digest made anew."""
    read = bundles.parse(data)
    names = ("logs", "statement", "disclosures", "policy", "registry")
    return bundles.Bundle(**({name: getattr(read, name) for name in names} | changes)).to_bytes()


def newer(data: bytes) -> bytes:
    outer = cbor.decode(data, max_size=bundles.MAX_SIZE)
    outer[1] = 2
    return cbor.encode(outer)


def left_out(data: bytes, trust: Trust) -> Iterator[Case]:
    """Each entry of the first log left out once."""
    read = bundles.parse(data)
    home = read.logs[0]
    for left in range(len(home.entries)):
        if left != read.statement:
            kept = tuple(entry for n, entry in enumerate(home.entries) if n != left)
            changed = bundles.BundledLog(home.vkey, home.checkpoint, home.receipt, kept)
            place = read.statement - (left < read.statement)
            yield Case(
                f"without entry {left}", rebuilt(data, logs=(changed, *read.logs[1:]), statement=place), trust
            )


def lives(folder: Path) -> Iterator[Case]:
    """Certificates that expire, are withdrawn, are lost twice, whose key is lost."""
    world = make_world()
    world.validate(world.issue("BW0000001", "AE", day=0))
    for n, why in enumerate(("stolen", "lost", "void"), 2):
        issued = world.issue(f"BW000000{n}", "AE")
        payload = {
            "type": "certificate.revoked",
            "revoked": "2025-01-03",
            "why": why,
            "refs": {"certificate": issued.id},
        }
        world.offices["BW"].say(issued.issuer, issued.subject, payload, at=NOON + 2 * DAY)
    first = world.issue("BW0000005", "AE", day=0)
    second = world.issue("BW0000005", "AE", day=3)
    world.publish(folder / "lives", time=NOON + 20 * DAY)
    for subject in ("BW0000001", "BW0000002", "BW0000003", "BW0000004", first.text_id, second.text_id):
        yield Case(f"life of {subject[:9]}", prove(subject, [folder / "lives"], world.trust), world.trust)
    for days in (30, 60, 61, 74, 75, 400):
        data = prove("BW0000001", [folder / "lives"], world.trust)
        yield Case(f"after {days} days", data, world.trust, NOON + days * DAY)
    log = world.offices["BW"]
    world.act(
        signer("kp:BW/authority").kid.hex(),
        {"type": "key.compromised", "since": NOON + 95 * DAY},
        copies=(log,),
        at=NOON + 96 * DAY,
    )
    world.publish(folder / "seen", time=NOON + 94 * DAY)
    world.publish(folder / "late", time=NOON + 98 * DAY)
    for name in ("seen", "late"):
        yield Case(f"key lost, {name}", prove("BW0000001", [folder / name], world.trust), world.trust)
    for absent in PILLARS:
        world.publish(folder / absent, witnesses=[one for one in PILLARS if one != absent])
        yield Case(f"not seen by {absent}", prove("BW0000001", [folder / absent], world.trust), world.trust)


def others(folder: Path, whole: bytes, trust: Trust) -> Iterator[Case]:
    """A log of another registry beside ours."""
    other = make_world(name=".other")
    other.whole("BW0000002", "AE")
    other.publish(folder / "other")
    foreign = bundles.parse(prove("BW0000002", [folder / "other"], other.trust))
    yield Case("two registries", rebuilt(whole, logs=(*bundles.parse(whole).logs, foreign.logs[1])), trust)
    yield Case(
        "only the other",
        rebuilt(whole, logs=foreign.logs, statement=foreign.statement, disclosures=()),
        trust,
    )


def post_quantum(folder: Path) -> Iterator[Case]:
    """Cosignatures of both kinds for every pillar, true and altered."""
    world = made_world()
    world.publish(folder / "pq", time=NOON + 20 * DAY)
    data = prove("BW0000002", [folder / "pq"], world.trust)
    cosigners = {
        pillar: MlDsaCosigner(f"witness.example/{pillar}-pq", bytes([n]) * 32)
        for n, pillar in enumerate(PILLARS)
    }
    policy = policy_of({pillar: [COSIGNERS[pillar].vkey, cosigners[pillar].vkey] for pillar in PILLARS})
    logs, spoilt = [], []
    for log in bundles.parse(data).logs:
        read = note.parse(log.checkpoint)
        lines = [one.cosign(read.text, NOON + 21 * DAY).note_signature for one in cosigners.values()]
        logs.append(_with_checkpoint(log, read.with_signatures(lines).to_bytes()))
        line = lines[0]
        wrong = note.NoteSignature(
            line.name, line.key_id, line.signature[:-1] + bytes([line.signature[-1] ^ 1])
        )
        spoilt.append(_with_checkpoint(log, read.with_signatures([wrong, *lines[1:]]).to_bytes()))
    own = Trust(world.trust.registry, policy=policy)
    yield Case("post-quantum", rebuilt(data, logs=tuple(logs)), own)
    yield Case("post-quantum, altered", rebuilt(data, logs=tuple(spoilt)), own)
    yield Case("post-quantum, none there", data, own)


def _with_checkpoint(log: bundles.BundledLog, data: bytes) -> bundles.BundledLog:
    return bundles.BundledLog(log.vkey, data, log.receipt, log.entries)


def altered(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """The bundle with one byte of its body changed and its digest made anew."""
    body = cbor.decode(data, max_size=bundles.MAX_SIZE)[2]
    draws = random.Random(seed)
    for _ in range(count):
        changed = bytearray(body)
        changed[draws.randrange(len(changed))] ^= draws.randrange(1, 256)
        yield bundles.seal(bytes(changed))

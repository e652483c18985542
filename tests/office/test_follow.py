"""Following: the order of arrival changes nothing, what is wrong is kept and not trusted, what is missing waits."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from tests.office.conftest import World, arrival, command, entries, feed, feed_raw, validation

from adamas.ledger import statement as statements
from adamas.ledger.keys import SoftwareSigner
from adamas.office.certification import actions as desk
from adamas.office.certification import notice
from adamas.office.certification.models import Certificate
from adamas.office.errors import FollowError
from adamas.office.log import follow, replay
from adamas.office.log.models import Fact, Finding, Waiting
from adamas.office.opening import Office
from adamas.office.registry import actions as registry
from adamas.office.statistics import actions as statistics
from adamas.scheme.statements import RevokeCommand

pytestmark = pytest.mark.database
Found = Callable[[str], Office]


def trade(world: World) -> None:
    """A little of everything: arrivals, a discrepancy, a void one, a late suspension, a compromised key, a return."""
    desk.issue(world.bw, [command(n) for n in range(1, 7)])
    desk.validate(world.bw, [validation(n) for n in range(1, 6)])
    feed(world.ae, world.bw)
    notice.take_in(world.ae, notice.export(world.bw, to="AE"))
    desk.receive(world.ae, [arrival(1), arrival(2, carats=700)])
    desk.revoke(world.bw, [RevokeCommand("BW0000003", "2025-03-03", "void")])
    payload = {
        "v": 1,
        "type": "return.filed",
        "participant": "BW",
        "period": "2024-H2",
        "kind": "all",
        "carats": 100,
        "value": 200,
        "nil": False,
    }
    statistics.file_returns(world.bw, [("BW/production/2024-H2", payload)], issuer="kp:BW/authority")
    world.clock.now += 100
    registry.act(
        world.registry,
        [
            (
                "AE",
                {
                    "v": 1,
                    "type": "measure.imposed",
                    "measure": "AE-1",
                    "kind": "suspended",
                    "from": "2025-03-02",
                    "clause": "AD-INTERIM-2",
                },
            )
        ],
    )
    kid = world.bw.signer("kp:BW/authority").kid
    registry.compromise_key(world.registry, kid, world.clock.now - 50)
    feed(world.bw, world.registry)
    registry.adopt_keys(world.bw)


def test_the_order_of_arrival_never_changes_the_result(world: World, observer: Found) -> None:
    trade(world)
    sources = [(world.registry, "registry"), (world.bw, "office"), (world.ae, "office")]
    results = []
    for turn in range(3):
        office, dice = observer(f"o{turn}"), random.Random(turn)
        left = list(sources)
        while left:
            source, role = dice.choice(left)
            if not feed(office, source, role=role, count=dice.randint(1, 9)):
                left.remove((source, role))
        replay.verify(office)
        results.append({name: d for name, d in replay.digests(office.alias).items() if name != "log_fact"})
        # the observers' own logs differ, in one entry: their genesis
        facts = Fact.objects.using(office.alias).exclude(log=1)
        rows = sorted(facts.values_list("id", "idx", "standing", "effective", "code", "after"), key=repr)
        results[-1]["facts"] = repr([(bytes(row[0]), *row[1:]) for row in rows])
        results[-1].pop("registry_key")
        office.close()
    assert results[0] == results[1] == results[2]


def test_a_confirmation_that_comes_first_waits_and_is_shown_as_waiting(world: World, observer: Found) -> None:
    desk.issue(world.bw, [command(1)])
    desk.validate(world.bw, [validation(1)])
    feed(world.ae, world.bw)
    notice.take_in(world.ae, notice.export(world.bw, to="AE"))
    desk.receive(world.ae, [arrival(1)])
    office = observer("o")
    feed(office, world.registry, role="registry")
    feed(office, world.ae)
    waiting = Waiting.objects.using(office.alias).get()
    row = Certificate.objects.using(office.alias).get(number="BW0000001")
    assert (waiting.subject, row.state, row.waiting) == ("BW0000001", "absent", 1)
    assert not Finding.objects.using(office.alias).filter(subject="BW0000001").exists()
    feed(office, world.bw)
    assert not Waiting.objects.using(office.alias).exists()
    assert Certificate.objects.using(office.alias).get(number="BW0000001").state == "received"


def test_forged_unreadable_and_unknown_entries_are_kept_and_never_trusted(world: World) -> None:
    desk.issue(world.bw, [command(1)])
    own = entries(world.bw)
    stranger = SoftwareSigner.generate()
    good = statements.parse(own[-1])
    forged = bytearray(own[-1])
    forged[-1] ^= 1
    raws = [
        *own,
        bytes(forged),
        b"not a statement",
        statements.sign(
            stranger, issuer="kp:BW/authority", subject="BW0000009", issued_at=1, payload=good.payload
        ).raw,
        statements.sign(
            world.bw.signer("kp:BW/authority"),
            issuer="kp:BW/authority",
            subject="X",
            issued_at=good.issued_at,
            payload={"type": "stone.polished"},
        ).raw,
        statements.sign(
            world.bw.signer("kp:BW/authority"),
            issuer="kp:BW/authority",
            subject="BW0000008",
            issued_at=good.issued_at,
            payload={"type": "certificate.issued", "to": "AE"},
        ).raw,
        statements.sign(
            world.bw.signer("kp:BW/authority"),
            issuer="kp:BW/authority",
            subject="ZZ",
            issued_at=good.issued_at,
            payload={"type": "participant.admitted", "name": "Z", "from": "2020-01-01", "act": "admitted"},
        ).raw,
    ]
    feed_raw(world.ae, world.bw.config.origin, world.bw.log.vkey, raws)
    facts = list(
        Fact.objects.using(world.ae.alias).filter(log=3).order_by("idx").values_list("standing", "code")
    )[len(own) - 1 :]
    assert facts == [
        ("valid", "key.valid"),
        ("invalid", "statement.signature"),
        ("unreadable", facts[2][1]),
        ("invalid", "key.unknown"),
        ("unknown", "statement.unknown-type"),
        ("invalid", facts[5][1]),
        ("invalid", "act.not-root"),
    ]
    assert facts[5][1].startswith("form.")
    assert list(Certificate.objects.using(world.ae.alias).values_list("number", flat=True)) == ["BW0000001"]
    scopes = Finding.objects.using(world.ae.alias).filter(scope__startswith="entry:").count()
    assert scopes == 5
    assert "ZZ" not in world.ae.knowledge.register.spells
    replay.verify(world.ae)


def test_another_registry_than_that_of_the_genesis_is_not_followed(world: World, observer: Found) -> None:
    office = observer("o")
    with pytest.raises(FollowError) as refused:
        feed(office, world.bw, role="registry")
    assert refused.value.code == "follow.other-registry"


def test_how_old_the_knowledge_of_each_log_is(world: World) -> None:
    found = {age.origin: age for age in follow.ages(world.bw)}
    assert found["test.example/registry"].seconds is None
    from adamas.office.log.models import Log

    Log.objects.using(world.bw.alias).filter(role="registry").update(witnessed_at=world.clock.now - 90)
    found = {age.origin: age for age in follow.ages(world.bw)}
    assert found["test.example/registry"].seconds == 90

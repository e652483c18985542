"""Acts of the registry: k of n roots, keys and their copies, and what a compromised key leaves behind."""

from __future__ import annotations

import pytest
from tests.office.conftest import World, command, entries, feed, validation

from adamas.ledger import statement as statements
from adamas.office.certification import actions as desk
from adamas.office.errors import BatchRefused, OfficeError
from adamas.office.log import replay
from adamas.office.log.models import Fact, Finding, Sighting
from adamas.office.registry import actions as registry
from adamas.office.registry.models import Act, Key

pytestmark = pytest.mark.database


def suspension(code: str) -> registry.Act:
    payload = {
        "v": 1,
        "type": "measure.imposed",
        "measure": f"{code}-2025",
        "kind": "suspended",
        "from": "2025-03-01",
        "clause": "AD-INTERIM-2",
    }
    return code, payload


def test_an_act_waits_until_a_second_pillar_agrees(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_roots", lambda _: ["kp:registry/government"])
    done = registry.act(world.registry, [suspension("BW")])
    fact = Fact.objects.using(world.registry.alias).get(log=1, idx=done.indices[0])
    assert (fact.standing, fact.effective) == ("pending", None)
    assert world.registry.knowledge.register.standing("BW", "2025-03-03").good
    end = registry.endorse(world.registry, done.ids, holder="kp:registry/civil").indices[0]
    fact = Fact.objects.using(world.registry.alias).get(log=1, idx=done.indices[0])
    assert (fact.standing, fact.effective) == ("valid", end)
    assert not world.registry.knowledge.register.standing("BW", "2025-03-03").good
    assert Act.objects.using(world.registry.alias).get(idx=done.indices[0]).effective == end


def test_a_suspension_gates_certificates_on_the_day_it_is_known(world: World) -> None:
    registry.act(world.registry, [suspension("AE")])
    feed(world.bw, world.registry)
    with pytest.raises(BatchRefused) as refused:
        desk.issue(world.bw, [command(1)])
    assert "suspended" in refused.value.sentence


def test_a_suspension_that_comes_late_turns_what_was_issued_meanwhile_into_a_finding(world: World) -> None:
    desk.issue(world.bw, [command(1)])
    assert not Finding.objects.using(world.bw.alias).filter(subject="BW0000001").exists()
    registry.act(world.registry, [suspension("BW")])
    feed(world.bw, world.registry)
    assert Finding.objects.using(world.bw.alias).filter(subject="BW0000001", severity="refuse").exists()
    replay.verify(world.bw)


def test_key_statements_are_copied_byte_for_byte_and_once(world: World) -> None:
    known = set(entries(world.registry))
    copied = entries(world.bw)[1:]
    assert {statements.parse(raw).type for raw in copied} == {"key.enrolled", "act.endorsed"}
    assert set(copied) <= known
    assert registry.adopt_keys(world.bw).accepted == ()


def test_an_office_that_follows_no_registry_has_nothing_to_copy(world: World) -> None:
    with pytest.raises(OfficeError) as refused:
        registry.adopt_keys(world.registry)
    assert refused.value.code == "registry.not-followed"


def test_acts_of_the_registry_are_not_logged_elsewhere(world: World) -> None:
    with pytest.raises(OfficeError):
        registry.act(world.bw, [suspension("AE")])


def test_what_a_compromised_key_signed_is_doubtful_unless_witnessed_before(world: World) -> None:
    kid = world.bw.signer("kp:BW/authority").kid
    desk.issue(world.bw, [command(1)])
    size = len(entries(world.bw))
    Sighting.objects.using(world.bw.alias).create(log=1, size=size, witnessed_at=world.clock.now + 10)
    world.clock.now += 1000
    desk.issue(world.bw, [command(2)])
    since = world.clock.now - 500
    registry.compromise_key(world.registry, kid, since)
    feed(world.bw, world.registry)
    registry.adopt_keys(world.bw)
    facts = dict(
        Fact.objects.using(world.bw.alias)
        .filter(type="certificate.issued")
        .values_list("subject", "standing")
    )
    assert facts == {"BW0000001": "valid", "BW0000002": "doubtful"}
    codes = Finding.objects.using(world.bw.alias).filter(subject="BW0000002").values_list("code", flat=True)
    assert "admission.key-doubtful" in codes
    key = Key.objects.using(world.bw.alias).get(log=1, kid=kid.hex())
    assert key.compromised is not None
    assert key.since == since
    with pytest.raises(BatchRefused) as refused:
        desk.validate(world.bw, [validation(1)])
    assert refused.value.code == "key.compromised"
    replay.verify(world.bw)


def test_the_rulebook_has_one_digest(world: World) -> None:
    done = registry.adopt_rulebook(world.registry, edition="2025-1", day="2025-03-03")
    assert registry.rulebook_digest() == registry.rulebook_digest()
    assert world.registry.knowledge.register.rulebook_on("2025-03-03") == registry.rulebook_digest()
    assert len(done.accepted) == 1


def test_a_witness_on_record(world: World) -> None:
    registry.enrol_witness(
        world.registry,
        "w1",
        pillar="civil",
        holder="kp:observer/x",
        vkeys=["w1+00000000+AAAA"],
        url="http://w1",
    )
    assert Fact.objects.using(world.registry.alias).get(type="witness.enrolled").standing == "valid"

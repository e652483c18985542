"""Bundles: what they prove, what they do not, and that no altered byte passes."""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.world import DAY, NOON, POLICY, World, make_world, signer

from adamas.analysis.errors import ProveError
from adamas.analysis.prove import prove
from adamas.analysis.trust import Trust, parse
from adamas.analysis.verification import Verification
from adamas.analysis.verify import verify_bundle
from adamas.errors import AdamasError
from adamas.ledger import bundle as bundles
from adamas.ledger import receipt, tlog_proof
from adamas.ledger import statement as statements
from adamas.ledger.note import VerifierKey

NUMBER = "BW0000002"


def made_world() -> World:
    world = make_world()
    for n in range(3):
        world.whole(f"BW{n + 1:07d}", "AE", day=n)
    return world


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """Three certificates, published and witnessed by all."""
    folder = tmp_path_factory.mktemp("logs")
    world = made_world()
    world.publish(folder, time=NOON + 20 * DAY)
    return world, folder


@pytest.fixture(scope="module")
def bundle(logs: tuple[World, Path]) -> bytes:
    """A bundle of one certificate with all hidden fields shown."""
    world, folder = logs
    return prove(NUMBER, [folder], world.trust, disclosures=world.disclosures[NUMBER])


def codes(answer: Verification) -> set[str]:
    return {remark.code for remark in (*answer.problems, *answer.missing)}


def test_a_bundle_says_who_when_where_and_what(logs: tuple[World, Path], bundle: bytes) -> None:
    answer = verify_bundle(bundle, trust=logs[0].trust)
    assert (answer.status, answer.exit_code) == ("valid", 0)
    assert answer.signed is not None
    assert answer.signed.issuer == "kp:BW/authority"
    assert [log.origin for log in answer.logs] == ["adamas.example/log/BW", "adamas.example/log/AE"]
    assert answer.logged is not None
    assert answer.logged.pillars == {"government": True, "industry": True, "civil": True, "pillars": True}
    assert set(answer.logged.times.values()) == {NOON + 20 * DAY}
    assert answer.lifecycle is not None
    assert answer.lifecycle.state == "received"
    assert [step[0] for step in answer.lifecycle.steps] == ["issue", "validate", "receive"]
    assert answer.disclosed["parties"] == {"exporter": "SYNTHETIC exporter", "importer": "SYNTHETIC importer"}
    assert answer.disclosed["amounts"]["carats"][0] == 1234
    assert answer.undisclosed == 0
    assert any("12.34 ct" in sentence for _, sentence in answer.sentences())
    json.dumps(answer.to_json())


def test_what_is_not_proven_is_said(logs: tuple[World, Path]) -> None:
    world, folder = logs
    answer = verify_bundle(prove(NUMBER, [folder], world.trust), trust=world.trust)
    assert answer.status == "valid"
    assert answer.undisclosed == 3
    assert answer.disclosed == {}
    said = " ".join(answer.not_proven)
    for word in ("true", "parcel", "checkpoint", "audit", "3 hidden fields", "sealed quantities"):
        assert word in said


def test_every_disclosure_can_be_shown_alone(logs: tuple[World, Path]) -> None:
    world, folder = logs
    for raw, name in zip(world.disclosures[NUMBER], ("parties", "goods", "amounts"), strict=True):
        answer = verify_bundle(prove(NUMBER, [folder], world.trust, disclosures=[raw]), trust=world.trust)
        assert (answer.status, set(answer.disclosed), answer.undisclosed) == ("valid", {name}, 2)


def test_a_disclosure_of_another_certificate_is_refused(logs: tuple[World, Path], bundle: bytes) -> None:
    world, folder = logs
    foreign = world.disclosures["BW0000001"]
    with pytest.raises(ProveError) as caught:
        prove(NUMBER, [folder], world.trust, disclosures=foreign)
    assert caught.value.code == "prove.disclosure"
    altered = rebuilt(bundle, disclosures=foreign)
    assert codes(verify_bundle(altered, trust=world.trust)) == {"hidden.unknown-digest"}


def rebuilt(data: bytes, **changes: Any) -> bytes:
    """The bundle with other parts, its digest made anew: what an attacker would write."""
    read = bundles.parse(data)
    fields = {
        name: getattr(read, name) for name in ("logs", "statement", "disclosures", "policy", "registry")
    }
    return bundles.Bundle(**(fields | changes)).to_bytes()


def test_without_trust_nobody_can_tell(bundle: bytes) -> None:
    answer = verify_bundle(bundle)
    assert answer.exit_code == 2
    assert codes(answer) == {"verify.trust"}


def test_another_registry_is_not_trusted(logs: tuple[World, Path], bundle: bytes) -> None:
    answer = verify_bundle(bundle, trust=Trust(bytes(32)))
    assert answer.exit_code == 1
    assert "verify.trust" in codes(answer)
    assert verify_bundle(bundle, trust=parse(logs[0].trust.to_json())).exit_code == 0
    assert verify_bundle(bundle, trust=parse(logs[0].trust.fingerprint)).exit_code == 0


def test_two_registries_do_not_mix(logs: tuple[World, Path], bundle: bytes, tmp_path: Path) -> None:
    """A second registry with the same names: its log, put beside ours in one bundle, is found out."""
    other = make_world(name=".other")
    other.whole(NUMBER, "AE")
    other.publish(tmp_path)
    foreign = bundles.parse(prove(NUMBER, [tmp_path], other.trust))
    ours = bundles.parse(bundle)
    mixed = rebuilt(bundle, logs=(*ours.logs, foreign.logs[1]))
    answer = verify_bundle(mixed, trust=logs[0].trust)
    assert answer.exit_code == 1
    assert "verify.registry" in codes(answer)


@pytest.mark.parametrize("absent", ["government", "industry", "civil"])
def test_a_missing_pillar_is_shown_and_stays_missing(tmp_path: Path, absent: str) -> None:
    world = made_world()
    present = [pillar for pillar in ("government", "industry", "civil") if pillar != absent]
    world.publish(tmp_path, witnesses=present)
    answer = verify_bundle(prove(NUMBER, [tmp_path], world.trust), trust=world.trust)
    assert answer.exit_code == 2
    assert answer.logged is not None
    assert answer.logged.missing == (absent,)
    assert any(absent in sentence and "NO" in sentence for _, sentence in answer.sentences())


def test_a_verifier_may_bring_a_policy_of_his_own(logs: tuple[World, Path], tmp_path: Path) -> None:
    world = made_world()
    world.publish(tmp_path, witnesses=["government"])
    data = prove(NUMBER, [tmp_path], world.trust)
    lenient = POLICY.replace("quorum pillars", "quorum government")
    assert verify_bundle(data, trust=Trust(world.trust.registry, policy=lenient)).exit_code == 0
    named = VerifierKey.parse(bundles.parse(data).logs[0].vkey).vkey
    assert (
        verify_bundle(data, trust=Trust(world.trust.registry, (named,), lenient)).exit_code == 1
    )  # not AE's


def test_a_certificate_that_expired_is_no_longer_good(tmp_path: Path) -> None:
    world = make_world()
    world.validate(world.issue("BW0000009", "AE", day=0))
    world.publish(tmp_path)
    data = prove("BW0000009", [tmp_path], world.trust)
    assert verify_bundle(data, trust=world.trust, now=NOON + 30 * DAY).exit_code == 0
    late = verify_bundle(data, trust=world.trust, now=NOON + 70 * DAY)
    assert late.exit_code == 1
    assert late.lifecycle is not None
    assert late.lifecycle.state in ("expired", "overdue")
    assert codes(late) == {"verify.state"}


def test_a_void_certificate_is_not_valid(tmp_path: Path) -> None:
    world = make_world()
    issued = world.issue("BW0000009", "AE")
    payload = {
        "type": "certificate.revoked",
        "revoked": "2025-01-03",
        "why": "stolen",
        "refs": {"certificate": issued.id},
    }
    world.offices["BW"].say(issued.issuer, issued.subject, payload, at=NOON + 2 * DAY)
    world.publish(tmp_path)
    answer = verify_bundle(prove("BW0000009", [tmp_path], world.trust), trust=world.trust)
    assert (answer.exit_code, codes(answer)) == (1, {"verify.state"})


def test_a_reused_number_has_no_second_bundle(tmp_path: Path) -> None:
    """The bundle is about the first certificate; one that an attacker makes about the second is not valid."""
    world = make_world()
    first = world.issue("BW0000009", "AE", day=0)
    second = world.issue("BW0000009", "AE", day=3)
    world.publish(tmp_path, time=NOON + 20 * DAY)
    data = prove("BW0000009", [tmp_path], world.trust)
    answer = verify_bundle(data, trust=world.trust)
    assert answer.exit_code == 0
    assert answer.signed is not None
    assert answer.signed.id == first.text_id
    forged = prove(second.text_id, [tmp_path], world.trust)
    assert codes(verify_bundle(forged, trust=world.trust)) >= {"verify.number-reused"}


def test_after_a_compromise_what_came_later_falls_and_what_was_between_is_doubtful(tmp_path: Path) -> None:
    world = make_world()
    log = world.offices["BW"]
    world.validate(world.issue("BW0000001", "AE", day=0))
    payload = {"type": "key.compromised", "since": NOON + 95 * DAY}
    world.act(signer("kp:BW/authority").kid.hex(), payload, copies=(log,), at=NOON + 96 * DAY)
    after = world.issue("BW0000002", "AE", day=97)
    world.publish(tmp_path / "seen", time=NOON + 94 * DAY)
    world.publish(tmp_path / "late", time=NOON + 98 * DAY)
    before_theft = verify_bundle(prove("BW0000001", [tmp_path / "seen"], world.trust), trust=world.trust)
    assert "key.doubtful" not in codes(before_theft)
    doubtful = verify_bundle(prove("BW0000001", [tmp_path / "late"], world.trust), trust=world.trust)
    assert "key.doubtful" in codes(doubtful)
    with pytest.raises(ProveError) as caught:
        prove("BW0000002", [tmp_path / "late"], world.trust)
    assert caught.value.code == "prove.not-found"
    assert after.text_id


def test_what_is_not_there_cannot_be_proven(logs: tuple[World, Path], tmp_path: Path) -> None:
    world, folder = logs
    for subject in ("BW9999999", "a" * 52):
        with pytest.raises(ProveError) as caught:
            prove(subject, [folder], world.trust)
        assert (caught.value.code, caught.value.exit_code) == ("prove.not-found", 2)


def test_any_statement_can_be_proven_by_its_id(logs: tuple[World, Path]) -> None:
    """An act of the registry comes with its endorsements; without them it has no effect."""
    world, folder = logs
    act = statements.parse(world.registry.entries[1])
    data = prove(act.text_id, [folder], world.trust)
    answer = verify_bundle(data, trust=world.trust)
    assert answer.exit_code == 0
    assert answer.signed is not None
    assert answer.signed.type == act.type
    log = bundles.parse(data).logs[0]
    kept = tuple(e for e in log.entries if statements.parse(e.raw).type != "act.endorsed")
    bare = rebuilt(data, logs=(bundles.BundledLog(log.vkey, log.checkpoint, log.receipt, kept),))
    assert codes(verify_bundle(bare, trust=world.trust)) == {"verify.pending"}


def test_the_receipt_and_the_tlog_proof_in_it_verify_by_themselves(
    logs: tuple[World, Path], bundle: bytes
) -> None:
    read = bundles.parse(bundle)
    key = VerifierKey.parse(read.logs[0].vkey)
    leaf = statements.leaf_id(read.entry.raw)
    assert receipt.verify_receipt(bundles.receipt_of(read), leaf, key.public_key)
    proof = tlog_proof.TlogProof.parse(bundles.tlog_proof_of(read))
    proof.verify_entry(read.entry.raw, key)


def test_verification_opens_no_socket(
    logs: tuple[World, Path], bundle: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert verify_bundle(bundle, trust=logs[0].trust).exit_code == 0


def claims(answer: Verification) -> dict[str, Any]:
    """What a verification claims, as far as it says valid."""
    return answer.to_json()


@pytest.mark.slow
def test_no_altered_byte_passes(logs: tuple[World, Path], bundle: bytes) -> None:
    """Every byte of the body, with the digest made anew: not valid, or the same claims."""
    for place in range(len(body_of(bundle))):
        check_altered(logs[0].trust, bundle, place, 0x01 << place % 8)


def body_of(data: bytes) -> bytes:
    from adamas.ledger import cbor

    body: bytes = cbor.decode(data, max_size=bundles.MAX_SIZE)[2]
    return body


def check_altered(trust: Trust, data: bytes, place: int, mask: int) -> None:
    body = bytearray(body_of(data))
    body[place % len(body)] ^= mask
    answer = verify_bundle(bundles.seal(bytes(body)), trust=trust)
    if answer.status == "valid":
        assert claims(answer) == claims(verify_bundle(data, trust=trust))
        raise AssertionError(f"byte {place} may be altered: nothing depends on it")


@given(st.integers(min_value=0), st.integers(1, 255))
def test_an_altered_byte_is_refused(place: int, mask: int) -> None:
    check_altered(_SHARED.trust, _SHARED.data, place, mask)


@given(st.integers(min_value=0), st.integers(1, 255))
def test_damage_in_transport_is_found_before_anything_else(place: int, mask: int) -> None:
    data = bytearray(_SHARED.data)
    data[place % len(data)] ^= mask
    assert verify_bundle(bytes(data), trust=_SHARED.trust).exit_code != 0


@given(st.integers(min_value=0))
def test_a_cut_off_bundle_is_refused(length: int) -> None:
    cut = _SHARED.data[: length % len(_SHARED.data)]
    assert verify_bundle(cut, trust=_SHARED.trust).exit_code == 1


class _Shared:
    """One bundle for the properties, made once, in a folder of its own."""

    def __init__(self) -> None:
        import tempfile

        world = made_world()
        with tempfile.TemporaryDirectory() as place:
            world.publish(Path(place), time=NOON + 20 * DAY)
            self.data = prove(NUMBER, [place], world.trust, disclosures=world.disclosures[NUMBER])
        self.trust = world.trust


_SHARED = _Shared()


def test_an_older_program_says_that_it_cannot_tell(bundle: bytes) -> None:
    from adamas.ledger import cbor

    outer = cbor.decode(bundle, max_size=bundles.MAX_SIZE)
    outer[1] = 2
    answer = verify_bundle(cbor.encode(outer))
    assert (answer.exit_code, codes(answer)) == (2, {"bundle.newer"})


def test_statements_left_out_never_make_a_bundle_say_more(logs: tuple[World, Path], bundle: bytes) -> None:
    """Leaving an entry out gives a lesser claim or none, never a better one."""
    read = bundles.parse(bundle)
    home = read.logs[0]
    draws = random.Random(1)
    for left in range(len(home.entries)):
        if left == read.statement:
            continue
        kept = tuple(entry for n, entry in enumerate(home.entries) if n != left)
        changed = bundles.BundledLog(home.vkey, home.checkpoint, home.receipt, kept)
        place = read.statement - (left < read.statement)
        try:
            data = rebuilt(bundle, logs=(changed, *read.logs[1:]), statement=place)
        except AdamasError:
            continue
        answer = verify_bundle(data, trust=logs[0].trust)
        kind = statements.parse(home.entries[left].raw).type
        if kind == "certificate.validated":
            assert answer.lifecycle is not None
            assert answer.lifecycle.state == "issued"
        else:
            assert answer.exit_code == 1, kind
    assert draws

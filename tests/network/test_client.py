"""Gathering cosignatures from witnesses that answer, and from such as hang, drip, lie, refuse and contradict."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.network.world import (
    NAME,
    NOON,
    ORIGIN,
    Handler,
    Log,
    dripping,
    hanging,
    lines,
    listed,
    open_witness,
    path_of,
    post,
    response,
    saying,
    serving,
    signers,
    speaking,
)

from adamas.ledger import note as notes
from adamas.ledger.cosignature import Ed25519Cosigner
from adamas.ledger.errors import NoteError, TileError
from adamas.ledger.note import Note, NoteSignature
from adamas.ledger.policy import Policy, Witness
from adamas.ledger.witness import request as requests
from adamas.ledger.witness.client import MAX_ANSWER, GatherResult, cosign

SHORT = 0.6
"""Seconds of a gathering in which somebody is silent."""


@pytest.fixture
def log() -> Log:
    return Log(20)


def gather(log: Log, witnesses: Sequence[Witness], *, old: int = 0, seconds: float = 5.0) -> GatherResult:
    return cosign(log.note(), witnesses, log.proof, old_size=old, timeout=seconds)


def answered(log: Log, handle: Handler, *, seconds: float = 5.0, keys: int = 1) -> GatherResult:
    """What comes of asking one witness that behaves as ``handle`` does."""
    with serving(handle) as url:
        return gather(log, listed(url, keys=keys), seconds=seconds)


def own_lines(log: Log, *, time: int = NOON, seed: int = 9) -> list[NoteSignature]:
    text = notes.parse(log.note()).text
    return [signer.cosign(text, time).note_signature for signer in signers(seed=seed)]


def body_of(found: Sequence[NoteSignature]) -> bytes:
    return "".join(line.line for line in found).encode()


def test_all_are_asked_and_what_they_sign_satisfies_the_policy(tmp_path: Path, log: Log) -> None:
    with ExitStack() as stack:
        text = f"log {log.vkey}\n"
        witnesses: list[Witness] = []
        for number, name in enumerate(("government", "industry", "civil")):
            (tmp_path / name).mkdir()
            made = open_witness(tmp_path / name, log, name=f"{name}.example", seed=20 + number)
            url = stack.enter_context(serving(speaking(made)))
            asked = listed(url, f"{name}.example", 20 + number)
            witnesses += asked
            text += "".join(f"witness {one.name} {one.key.vkey}\n" for one in asked)
            text += f"group {name} all {' '.join(one.name for one in asked)}\n"
        policy = Policy.parse(text + "group pillars all government industry civil\nquorum pillars\n")
        result = gather(log, witnesses)
        assert result.failures == {}
        assert len(result.lines) == 6
        assert policy.evaluate_checkpoint(result.note).satisfied
        assert not policy.evaluate_checkpoint(log.note()).satisfied
        # Those that have signed are not asked again: nobody would answer now.
    again = cosign(result.note, witnesses, log.proof)
    assert (again.note, again.lines, again.failures) == (result.note, (), {})


def test_witnesses_without_an_address_are_not_asked(log: Log) -> None:
    assert gather(log, listed(None)) == GatherResult(log.note())


def test_one_that_remembers_more_or_less_is_asked_again_from_there(tmp_path: Path, log: Log) -> None:
    made = open_witness(tmp_path, log)
    assert post(made, log.request(0, 7)).status == 200
    asked: list[int] = []

    def proof(old: int) -> list[bytes]:
        asked.append(old)
        return log.proof(old)

    with serving(speaking(made)) as url:
        result = cosign(log.note(), listed(url), proof, old_size=12)
    assert result.failures == {}
    assert len(result.lines) == 2
    assert asked == [12, 7]


def test_one_that_has_the_checkpoint_already_signs_it_again(tmp_path: Path, log: Log) -> None:
    """Its answer was lost: the state is ahead of us, and is no obstacle."""
    made = open_witness(tmp_path, log)
    assert post(made, log.request(0)).status == 200
    with serving(speaking(made)) as url:
        assert len(gather(log, listed(url), old=5).lines) == 2


def test_one_that_knows_a_longer_log_refuses_and_is_believed(tmp_path: Path, log: Log) -> None:
    made = open_witness(tmp_path, log)
    assert post(made, log.request(0)).status == 200
    old = Log(5)
    with serving(speaking(made)) as url:
        result = gather(old, listed(url))
    assert result.lines == ()
    assert "20" in result.failures[NAME]
    assert "5" in result.failures[NAME]


def test_a_fork_gets_no_cosignature(tmp_path: Path, log: Log) -> None:
    made = open_witness(tmp_path, log)
    assert post(made, log.request(0, 10)).status == 200
    with serving(speaking(made)) as url:
        for size in (10, 20):
            result = gather(log.forked(5, size), listed(url), old=10)
            assert result.lines == ()
            assert "422" in result.failures[NAME]


def test_a_witness_that_counts_in_circles_is_left(log: Log) -> None:
    asked: list[bytes] = []

    def handle(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(response(f"{len(asked)}\n".encode(), "409 Conflict"))

    result = answered(log, handle)
    assert len(asked) == 2
    assert list(result.failures) == [NAME]


@pytest.mark.parametrize("body", [b"", b"many\n", b"07\n", b"-1\n", b"\xff\n", b"9" * 40 + b"\n", b"7\n8\n"])
def test_a_conflict_without_a_size_is_a_lie(log: Log, body: bytes) -> None:
    assert "409" in answered(log, saying(body, "409 Conflict")).failures[NAME]


def test_silent_slow_and_absent_ones_hold_nobody_up(tmp_path: Path, log: Log) -> None:
    """One time for all: a conflict is answered, and a good witness counts, beside a hanging one."""
    made = open_witness(tmp_path, log)
    assert post(made, log.request(0, 7)).status == 200
    with ExitStack() as stack:
        closed = socket.create_server(("127.0.0.1", 0))
        absent = f"http://127.0.0.1:{closed.getsockname()[1]}"
        closed.close()
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        clients = [stack.enter_context(socket.socket()) for _ in range(3)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        witnesses = [
            *listed(stack.enter_context(serving(hanging)), "hanging.example", 30),
            *listed(stack.enter_context(serving(dripping)), "dripping.example", 31),
            *listed(absent, "absent.example", 32),
            *listed(f"http://127.0.0.1:{full.getsockname()[1]}", "unaccepted.example", 33),
            *listed(stack.enter_context(serving(speaking(made)))),
            *listed("http://[bad", "bad-address.example", 34),
            *listed("gopher://witness.example", "other-protocol.example", 35),
        ]
        begun = time.monotonic()
        result = gather(log, witnesses, old=12, seconds=SHORT)
        took = time.monotonic() - begun
    assert took < SHORT + 1.5, "one time for all of them, not one for each"
    assert [line.name for line in result.lines] == [NAME, NAME]
    assert set(result.failures) == {
        f"{name}.example"
        for name in ("hanging", "dripping", "absent", "unaccepted", "bad-address", "other-protocol")
    }
    assert all(result.failures.values())
    assert lines(result.note) == [ORIGIN, NAME, NAME]


def test_what_it_signs_is_believed_only_under_the_key_that_we_know(log: Log) -> None:
    foreign = own_lines(log, seed=66)
    assert answered(log, saying(body_of(foreign))).lines == ()
    # Under our witness's name and key id, but by another key.
    stolen = [
        NoteSignature(ours.name, ours.key_id, theirs.signature)
        for ours, theirs in zip(own_lines(log), foreign, strict=True)
    ]
    result = answered(log, saying(body_of(stolen)))
    assert result.lines == ()
    assert result.note == log.note()
    assert NAME in result.failures
    # Another log's checkpoint, or the log's own line, given out as a cosignature.
    assert answered(log, saying(body_of(own_lines(Log(20, origin="other.example"))))).lines == ()
    assert answered(log, saying(body_of(notes.parse(log.note()).signatures))).lines == ()


def test_lines_of_others_beside_its_own_are_passed_over(log: Log) -> None:
    stranger = own_lines(log, seed=66)
    text = notes.parse(log.note()).text
    far = Ed25519Cosigner("far.example", Log(seed=8).key).cosign(text, NOON).note_signature
    result = answered(log, saying(body_of([far, *stranger, *own_lines(log)])), keys=2)
    assert lines(result.note) == [ORIGIN, NAME, NAME]
    assert result.failures == {}


def test_a_cosignature_must_state_a_time(log: Log) -> None:
    result = answered(log, saying(body_of(own_lines(log, time=0))))
    assert result.lines == ()
    assert NAME in result.failures


def test_one_key_of_two_counts_and_the_other_is_missed(log: Log) -> None:
    result = answered(log, saying(body_of(own_lines(log)[:1])), keys=2)
    assert len(result.lines) == 1
    assert "1 of" in result.failures[NAME]


def test_a_false_line_that_the_checkpoint_bears_does_not_stand_in_the_way(tmp_path: Path, log: Log) -> None:
    true = notes.parse(log.note())
    spoiled = [NoteSignature(line.name, line.key_id, bytes(72)) for line in own_lines(log)[:1]]
    with serving(speaking(open_witness(tmp_path, log))) as url:
        witnesses = listed(url)
        result = cosign(true.with_signatures(spoiled).to_bytes(), witnesses, log.proof)
    assert all(witness.key.find(notes.parse(result.note)) for witness in witnesses)


ANSWERS: dict[str, Handler] = {
    "empty": saying(b""),
    "no lines": saying(b"thank you\n"),
    "no text": saying("— ".encode() + b"\xff\xfe\n"),
    "cut off": saying("— civil.example/witness AAAA".encode()),
    "too much": saying(b"x" * (MAX_ANSWER + 1)),
    "moved": saying(b"", "302 Found", "Location: http://127.0.0.1:1/add-checkpoint"),
    "refused": saying(b"\x1b[31mno\x00 " + b"x" * 5_000, "403 Forbidden"),
    "broken": saying(b"", "500 Oh"),
    "no HTTP": lambda connection, _: connection.sendall(b"220 mail.example ESMTP\r\n"),
    "nothing": lambda connection, _: None,
    "less than said": lambda connection, _: connection.sendall(response(b"x" * 100)[:-50]),
    "a bomb": saying(b"\x1f\x8b" + b"\0" * 100, "200 OK", "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("how", ANSWERS)
def test_other_answers_are_named_and_harm_nothing(log: Log, how: str) -> None:
    result = answered(log, ANSWERS[how], seconds=2)
    assert result.note == log.note()
    said = result.failures[NAME]
    assert said
    assert said.isprintable()
    assert len(said) < 600


def test_the_request_is_what_the_specification_says(tmp_path: Path, log: Log) -> None:
    seen: list[bytes] = []
    made = open_witness(tmp_path, log)

    def handle(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        speaking(made)(connection, request)

    with serving(handle) as url:
        gather(log, listed(f"{url}/below/"))
    (request,) = seen
    assert request.startswith(b"POST ")
    assert path_of(request) == "/below/add-checkpoint"
    assert request.partition(b"\r\n\r\n")[2] == requests.encode(0, [], log.note())


def test_a_log_that_cannot_prove_its_growth_gathers_nothing(log: Log) -> None:
    def broken(old: int) -> Sequence[bytes]:
        raise TileError("tile.missing", "A tile is not there.")

    with serving(hanging) as url:
        try:
            result = cosign(log.note(), listed(url), broken, old_size=5, timeout=SHORT)
        except TileError:
            return
    assert result.lines == ()
    assert "A tile is not there." in result.failures[NAME]


def test_only_a_checkpoint_is_sent(log: Log) -> None:
    text = "no checkpoint\n"
    with pytest.raises(NoteError):
        cosign(Note(text, notes.parse(log.note()).signatures).to_bytes(), listed(None), log.proof)

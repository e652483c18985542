"""What a witness signs, what it refuses, and what it never does, asked in this process."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.network.world import NAME, NOON, ORIGIN, Log, Reply, call, lines, open_witness, post, signers

from adamas.ledger import merkle, splitview
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, parse, sign_checkpoint
from adamas.ledger.cosignature import WitnessKey
from adamas.ledger.errors import WitnessError
from adamas.ledger.note import Note, NoteSignature, NoteSigner
from adamas.ledger.witness import request as requests
from adamas.ledger.witness.config import WitnessConfig, make_logs
from adamas.ledger.witness.server import MAX_STEP, Witness
from adamas.ledger.witness.state import WitnessState

HERE = f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log() -> Log:
    return Log(20)


@pytest.fixture
def witness(tmp_path: Path, log: Log, clock: Clock) -> Iterator[Witness]:
    made = open_witness(tmp_path, log, clock=clock)
    yield made
    made.state.close()


def times(text: str, reply: Reply) -> list[int]:
    """The times of both cosignatures in an answer, verified over the checkpoint's text."""
    assert reply.status == 200, reply.body
    answer = reply.body.decode()
    note = Note(text, tuple(NoteSignature.parse(line) for line in answer.removesuffix("\n").split("\n")))
    assert [line.name for line in note.signatures] == [NAME, NAME]
    found = [WitnessKey.parse(signer.vkey).find(note) for signer in signers()]
    assert all(found)
    return [cosignature.time for cosignature in found if cosignature]


def size_held(witness: Witness) -> int:
    head = witness.state.head(ORIGIN)
    return head.size if head else 0


# ── signing ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_growing_log_is_cosigned_with_both_keys(witness: Witness, log: Log) -> None:
    for old, new in ((0, 3), (3, 8), (8, 20)):
        reply = post(witness, log.request(old, new))
        assert times(notes.parse(log.note(new)).text, reply) == [NOON, NOON]
        assert reply.headers["Cache-Control"] == "no-store"
    assert size_held(witness) == 20


def test_the_same_checkpoint_again_is_cosigned_at_the_time_of_asking(
    witness: Witness, log: Log, clock: Clock
) -> None:
    assert post(witness, log.request(0, 5)).status == 200
    clock.now += 100
    assert times(notes.parse(log.note(5)).text, post(witness, log.request(5, 5))) == [NOON + 100] * 2


def test_monitors_get_the_checkpoint_with_the_logs_signature_and_ours_only(
    witness: Witness, log: Log
) -> None:
    assert call(witness, "GET", HERE).status == 404
    stranger = NoteSigner("stranger.example", Log(seed=7).key)
    note = notes.parse(log.note(5))
    more = note.with_signatures([notes.parse(notes.sign(note.text, [stranger])).signatures[0]])
    reply = post(witness, requests.encode(0, [], more.to_bytes()))
    times(note.text, reply)
    shown = call(witness, "GET", HERE)
    assert shown.status == 200
    assert lines(shown.body) == [ORIGIN, NAME, NAME]
    assert parse(shown.body)[0] == Checkpoint(ORIGIN, 5, log.root(5))
    head = call(witness, "HEAD", HERE)
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(shown.body)))


def test_each_log_has_a_state_of_its_own(tmp_path: Path) -> None:
    one, two = Log(9), Log(9, origin="log.example/other", seed=2)
    witness = open_witness(tmp_path, one, two)
    assert post(witness, one.request(0, 9)).status == 200
    assert post(witness, two.request(9, 9)).status == 409
    assert post(witness, two.request(0, 4)).status == 200
    page = call(witness, "GET", "/").body.decode()
    assert f"{ORIGIN}: 9 entries" in page
    assert "log.example/other: 4 entries" in page
    assert all(signer.vkey in page for signer in signers())


def test_logs_can_be_added_while_it_runs_and_nothing_is_forgotten(tmp_path: Path) -> None:
    one, two = Log(9), Log(9, origin="log.example/other", seed=2)
    witness = open_witness(tmp_path, one)
    assert post(witness, two.request(0, 4)).status == 404
    assert post(witness, one.request(0, 9)).status == 200
    witness.set_logs(make_logs([(two.origin, two.vkey)]))
    assert post(witness, two.request(0, 4)).status == 200
    assert post(witness, one.request(9, 9)).status == 404
    witness.set_logs(make_logs([(two.origin, two.vkey), (one.origin, one.vkey)]))
    assert post(witness, one.request(0, 9)).status == 409


# ── refusing ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_old_size_that_is_not_ours_is_answered_with_ours(witness: Witness, log: Log) -> None:
    assert post(witness, log.request(0, 5)).status == 200
    for old in (0, 4, 6):
        reply = post(witness, log.request(old, 9))
        assert (reply.status, reply.headers["Content-Type"], reply.body) == (409, "text/x.tlog.size", b"5\n")


MALFORMED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "no old line": lambda body: body.partition(b"\n")[2],
    "old in capitals": lambda body: body.replace(b"old", b"OLD"),
    "two spaces": lambda body: body.replace(b"old ", b"old  "),
    "leading zero": lambda body: body.replace(b"old 3", b"old 03"),
    "sign": lambda body: body.replace(b"old 3", b"old +3"),
    "digits of another script": lambda body: body.replace(b"old 3", "old ٣".encode()),
    "an old size that no tree has": lambda body: body.replace(b"old 3", b"old 9223372036854775808"),
    "carriage returns": lambda body: body.replace(b"\n", b"\r\n"),
    "no empty line": lambda body: body.replace(b"\n\n", b"\n"),
    "64 lines of proof": lambda body: (
        b"old 3\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + body.partition(b"\n\n")[2]
    ),
    "a proof that is no base64": lambda body: body.replace(b"old 3\n", b"old 3\n!!!!\n"),
    "no signature": lambda body: body.rpartition("\n—".encode())[0] + b"\n",
    "cut off": lambda body: body[:-1],
    "no UTF-8": lambda body: body.replace(b"log.example", b"log.\xff\xfeample"),
    "an old size above the new one": lambda body: body.replace(b"old 3", b"old 9"),
}


@pytest.mark.parametrize("how", MALFORMED)
def test_what_cannot_be_read_is_400_and_changes_nothing(witness: Witness, log: Log, how: str) -> None:
    assert post(witness, log.request(0, 3)).status == 200
    assert post(witness, MALFORMED[how](log.request(3, 8))).status == 400
    assert size_held(witness) == 3


def test_extension_lines_are_not_cosigned_unread(witness: Witness, log: Log) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 3, log.root(3), ("sold to nobody",)), log.key)
    assert post(witness, requests.encode(0, [], note)).status == 400


def test_signatures(witness: Witness, log: Log) -> None:
    """403: not signed by the log, signed by a key of its name that is not known, and one false line among true ones."""
    stranger = Log(5, seed=4)
    assert post(witness, requests.encode(0, [], stranger.note())).status == 403
    other_name = sign_checkpoint(
        Checkpoint(ORIGIN, 5, log.root(5)), NoteSigner("stranger.example", stranger.key)
    )
    assert post(witness, requests.encode(0, [], other_name)).status == 403
    true = notes.parse(log.note(5))
    false_line = NoteSignature(ORIGIN, log.verifier.id, bytes(64))
    both = Note(true.text, (*true.signatures, false_line))
    assert post(witness, requests.encode(0, [], both.to_bytes())).status in (400, 403)
    assert witness.state.head(ORIGIN) is None


def test_proofs(witness: Witness, log: Log) -> None:
    """422: wanting, of other sizes, of another history, or a proof where none is needed."""
    assert post(witness, requests.encode(0, [bytes(32)], log.note(5))).status == 422
    assert post(witness, log.request(0, 5)).status == 200
    for proof in ([], log.proof(4, 12), log.proof(5, 12)[:-1], [*log.proof(5, 12), bytes(32)], [bytes(31)]):
        assert post(witness, requests.encode(5, proof, log.note(12))).status == 422
    fork = log.forked(2, 12)
    assert post(witness, fork.request(5, 12)).status == 422
    assert post(witness, requests.encode(5, [bytes(32)], log.note(5))).status == 422
    assert size_held(witness) == 5
    assert not (witness.state.path.parent / splitview.FOLDER).exists(), "a failing proof convicts nobody"


def test_a_second_root_for_the_same_size_is_refused_and_kept_as_evidence(witness: Witness, log: Log) -> None:
    assert post(witness, log.request(0, 8)).status == 200
    fork = log.forked(6, 8)
    for _ in range(2):
        assert post(witness, requests.encode(8, [], fork.note())).status == 422
    (file,) = (witness.state.path.parent / splitview.FOLDER).glob("*.txt")
    explained = splitview.explain(file, [log.verifier], [WitnessKey.parse(signers()[0].vkey)])
    assert explained.proven
    assert any(NAME in said and "first" in said for said in explained.sentences)
    assert parse(witness.state.head(ORIGIN).note)[0].root == log.root(8)  # type: ignore[union-attr]


def test_methods_and_paths(witness: Witness) -> None:
    assert (
        call(witness, "GET", "/add-checkpoint").status,
        call(witness, "PUT", "/add-checkpoint").status,
    ) == (
        405,
        405,
    )
    assert call(witness, "POST", HERE).status in (404, 405)
    for path in ("/add-checkpoint/", "/sign-subtree", f"/{'0' * 64}/checkpoint", "/../checkpoint", "/é", ""):
        assert call(witness, "GET", path).status == 404, path


def test_no_more_than_the_limit_is_read(witness: Witness) -> None:
    class Endless:
        asked = 0

        def read(self, size: int = -1) -> bytes:
            assert size >= 0, "it would read all that comes"
            self.asked += size
            return bytes(size)

    for stated in ("-1", "999999999999", "many", ""):
        stream = Endless()
        reply = call(witness, "POST", "/add-checkpoint", **{"wsgi.input": stream, "CONTENT_LENGTH": stated})
        assert reply.status in (400, 413)
        assert stream.asked <= requests.MAX_BODY + 1


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_cosignatures_never_go_back_in_time(witness: Witness, log: Log, clock: Clock) -> None:
    """A clock a little behind signs with the last time; one far behind signs nothing, until somebody looks."""
    assert post(witness, log.request(0, 3)).status == 200
    clock.now = NOON - MAX_STEP
    assert times(notes.parse(log.note(5)).text, post(witness, log.request(3, 5))) == [NOON, NOON]
    clock.now = NOON - MAX_STEP - 1
    assert post(witness, log.request(5, 8)).status == 503
    clock.now = 0
    assert post(witness, log.request(5, 8)).status == 503
    assert size_held(witness) == 5
    clock.now = NOON + 1
    assert times(notes.parse(log.note(8)).text, post(witness, log.request(5, 8))) == [NOON + 1] * 2


# ── memory ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_witness_does_not_start_without_its_memory(witness: Witness, tmp_path: Path) -> None:
    with pytest.raises(WitnessError) as refused:
        WitnessState(tmp_path / "elsewhere.db")
    assert refused.value.code == "witness.state-missing"
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE heads (origin TEXT)")
    for create in (False, True):
        with pytest.raises(WitnessError) as refused:
            WitnessState(other, create=create)
        assert refused.value.code == "witness.state"
    (tmp_path / "noise.db").write_bytes(b"no database at all, but long enough to look like one" * 10)
    with pytest.raises(WitnessError):
        WitnessState(tmp_path / "noise.db")


def test_its_memory_outlives_it(witness: Witness, log: Log, tmp_path: Path) -> None:
    assert post(witness, log.request(0, 8)).status == 200
    witness.state.close()
    again = Witness(NAME, signers(), WitnessState(tmp_path / "witness.db"), {ORIGIN: (log.verifier,)})
    assert post(again, log.request(0, 5)).body == b"8\n"
    again.state.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE heads SET size = size - 1",
        "UPDATE heads SET root = zeroblob(32)",
        "UPDATE heads SET time = time - 1",
        "UPDATE heads SET origin = 'another'",
        "DELETE FROM heads",
    ],
)
def test_the_table_itself_refuses_to_go_back(witness: Witness, log: Log, change: str) -> None:
    assert post(witness, log.request(0, 8)).status == 200
    with sqlite3.connect(witness.state.path) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(change)


def test_while_its_memory_cannot_be_written_nothing_is_signed(tmp_path: Path, log: Log) -> None:
    """Another holds the database, or the disk is full: 503, no signature, and afterwards it goes on."""
    open_witness(tmp_path, log).state.close()
    state = WitnessState(tmp_path / "witness.db", timeout=0.05)
    witness = Witness(NAME, signers(), state, {ORIGIN: (log.verifier,)}, clock=lambda: NOON)
    with sqlite3.connect(tmp_path / "witness.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        reply = post(witness, log.request(0, 3))
        assert reply.status == 503
        assert "—".encode() not in reply.body
        other.execute("ROLLBACK")
    assert post(witness, log.request(0, 3)).status == 200
    pages = state._db.execute("PRAGMA page_count").fetchone()[0]
    state._db.execute(f"PRAGMA max_page_count = {pages}")
    many = {f"log.example/{'x' * 3000}{i}": Log(origin=f"log.example/{'x' * 3000}{i}") for i in range(4)}
    witness.set_logs({origin: (one.verifier,) for origin, one in many.items()})
    assert 503 in [post(witness, one.request(0, 0)).status for one in many.values()]
    witness.set_logs({ORIGIN: (log.verifier,)})
    assert post(witness, log.request(3, 3)).status == 200
    state.close()


# ── laws ────────────────────────────────────────────────────────────────────────────────────────────────────

STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=1, max_size=12
)


@settings(max_examples=12)
@given(STEPS)
def test_whatever_is_asked_in_whatever_order_one_history_is_cosigned(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, int, int, bool]]
) -> None:
    """Never smaller, never another root, never the other side of a fork: what is cosigned is a chain of one tree."""
    log = Log(9)
    fork = log.forked(4, 9)
    witness = open_witness(tmp_path_factory.mktemp("witness"), log)
    cosigned = [(0, merkle.EMPTY_ROOT)]
    for other, old, size, honest in steps:
        side = fork if other else log
        proof = side.proof(min(old, size), size) if honest else [bytes(32)] * 2
        if post(witness, requests.encode(old, proof, side.note(size))).status == 200:
            assert old == cosigned[-1][0] <= size
            cosigned.append((size, side.root(size)))
        assert size_held(witness) == cosigned[-1][0]
    witness.state.close()
    # The empty tree begins both.
    assert any(all(side.root(size) == root for size, root in cosigned) for side in (log, fork))


@pytest.mark.parametrize("processes", [1, 2], ids=["one memory", "the same file opened twice"])
def test_of_requests_at_once_from_the_same_size_one_wins(tmp_path: Path, log: Log, processes: int) -> None:
    """Two histories and several sizes race; whoever comes second meets the first one's size."""
    fork = log.forked(3, 20)
    first = open_witness(tmp_path, log)
    known = {ORIGIN: (log.verifier,)}
    doors = [first]
    if processes == 2:
        doors.append(
            Witness(NAME, signers(), WitnessState(tmp_path / "witness.db"), known, clock=lambda: NOON)
        )
    assert post(first, log.request(0, 3)).status == 200
    bodies = [side.request(3, size) for size in (5, 9, 20) for side in (log, fork)]
    start = threading.Barrier(len(bodies))
    replies: list[Reply] = []

    def ask(number: int) -> None:
        start.wait()
        replies.append(post(doors[number % len(doors)], bodies[number]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reply.status for reply in replies) == [200] + [409] * (len(bodies) - 1)
    assert {reply.body for reply in replies if reply.status == 409} == {f"{size_held(first)}\n".encode()}
    for door in doors:
        door.state.close()


# ── settings ────────────────────────────────────────────────────────────────────────────────────────────────


def test_settings_are_read_as_they_were_written(tmp_path: Path, log: Log) -> None:
    config = WitnessConfig(
        NAME,
        "127.0.0.1:0",
        tmp_path / "w.db",
        tmp_path / "keys",
        {ORIGIN: (log.verifier, Log(seed=3).verifier)},
    )
    config.save(tmp_path)
    assert WitnessConfig.load(tmp_path) == config
    text = (tmp_path / "witness.toml").read_text()
    assert str(tmp_path) not in text, "paths are relative, so that the folder can be moved"


@pytest.mark.parametrize(
    "change",
    [
        ('name = "', 'nome = "'),
        ("civil.example/witness", "civil example"),
        ("127.0.0.1:0", "127.0.0.1"),
        ("127.0.0.1:0", "127.0.0.1:70000"),
        ("vkey = ", "key = "),
        ("+A", "+B"),
        ("[[logs]]", "[logs]"),
        ('name = "', "name = \x00"),
    ],
)
def test_faulty_settings_are_named(tmp_path: Path, log: Log, change: tuple[str, str]) -> None:
    WitnessConfig(NAME, "127.0.0.1:0", tmp_path / "w.db", tmp_path / "k", {ORIGIN: (log.verifier,)}).save(
        tmp_path
    )
    file = tmp_path / "witness.toml"
    text = file.read_text()
    assert change[0] in text
    file.write_text(text.replace(*change))
    with pytest.raises(WitnessError) as refused:
        WitnessConfig.load(file)
    assert refused.value.code == "witness.config"
    assert str(file) in str(refused.value.where) or not refused.value.where


def test_a_witness_without_keys_under_its_name_is_none(tmp_path: Path) -> None:
    with pytest.raises(WitnessError):
        Witness("another.example", signers(), WitnessState(tmp_path / "w.db", create=True), {})

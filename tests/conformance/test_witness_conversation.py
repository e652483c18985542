"""The witness's side of add-checkpoint, spoken to over its WSGI door as other implementations' tests speak to theirs.

Three files: a conversation whose state carries over, single decisions from a state, and behaviours that the sources
test with keys of their own run (here ours). ``monkeys-consistency.json`` and the fixed cosignatures are judged in
test_cosignatures.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from adamas.ledger import merkle
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, parse, sign_checkpoint
from adamas.ledger.cosignature import Ed25519Cosigner, MlDsaCosigner, WitnessKey
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.note import Note, NoteSignature, VerifierKey
from adamas.ledger.witness import request as requests
from adamas.ledger.witness.server import Witness
from adamas.ledger.witness.state import Head, WitnessState

NAME = "example.com/witness"
ORIGIN = "log.example/behaviour"


class Door:
    """A witness with one log, asked as a web server would ask it."""

    def __init__(self, folder: Path, origin: str, key: VerifierKey) -> None:
        signers = (
            Ed25519Cosigner(NAME, SoftwareSigner.from_seed(bytes(32))),
            MlDsaCosigner(NAME, bytes(32)),
        )
        self.state = WitnessState(folder / "witness.db", create=True)
        self.witness = Witness(NAME, signers, self.state, {origin: (key,)})

    def post(self, body: bytes) -> tuple[int, str, str]:
        """Status, media type and body of the answer."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/add-checkpoint",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        setup_testing_defaults(environ)
        told: list[Any] = []
        answer = b"".join(self.witness(environ, lambda status, headers: told.extend((status, headers))))  # type: ignore[arg-type]
        return int(told[0][:3]), dict(told[1])["Content-Type"], answer.decode()


def _load(shared: Path, name: str) -> Any:
    return json.loads((shared / "vectors" / "witness" / name).read_text())


def _cosigned(text: str, answer: str) -> None:
    """The answer holds cosignatures of both our keys over the checkpoint, with a time, and nothing else."""
    lines = [NoteSignature.parse(line) for line in answer.removesuffix("\n").split("\n")]
    assert answer.endswith("\n")
    assert [line.name for line in lines] == [NAME, NAME]
    door_keys = (
        Ed25519Cosigner(NAME, SoftwareSigner.from_seed(bytes(32))).vkey,
        MlDsaCosigner(NAME, bytes(32)).vkey,
    )
    for vkey in door_keys:
        found = WitnessKey.parse(vkey).find(Note(text, tuple(lines)))
        assert found is not None
        assert found.time > 0


def test_the_conversation(shared: Path, tmp_path: Path) -> None:
    """Eleven requests in order to one witness; what one leaves behind the next one meets."""
    vectors = _load(shared, "add-checkpoint-sequence.json")
    origin = vectors["log_origin"]
    key = VerifierKey.make(origin, notes.ED25519, bytes.fromhex(vectors["log_public_key_hex"]))
    assert vectors["witness_name"] == NAME
    door = Door(tmp_path, origin, key)
    for case in vectors["cases"]:
        body = case["request_body"].encode()
        status, media_type, answer = door.post(body)
        assert status == case["status"], case["name"]
        assert case["response_contains"] in answer, case["name"]
        if status == 200:
            _cosigned(requests.parse(body).note.text, answer)
        if status == 409:
            assert (media_type, answer) == ("text/x.tlog.size", case["response_contains"]), case["name"]
    head = door.state.head(origin)
    assert head is not None
    assert head.size == 5, "nothing refused has moved the witness"


def test_single_decisions(shared: Path, tmp_path: Path) -> None:
    vectors = _load(shared, "update-decisions.json")
    key = VerifierKey.parse(vectors["log_vkey"])
    for number, case in enumerate(vectors["cases"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        door = Door(folder, key.name, key)
        if case["stored"] is not None:
            _remember(door, case["stored"].encode())
        proof = [bytes.fromhex(item) for item in case["proof_hex"]]
        status, _, answer = door.post(requests.encode(case["old_size"], proof, case["new"].encode()))
        assert status == (200 if case["accepted"] else case["http"]), case["name"]
        head = door.state.head(key.name)
        assert head is not None
        if case["accepted"]:
            _cosigned(notes.parse(case["new"].encode()).text, answer)
            assert head.note.startswith(case["new"].encode())
        else:
            assert head.note == case["stored"].encode(), case["name"]


def _remember(door: Door, stored: bytes) -> None:
    """Puts a checkpoint into the state without asking the witness (a vector may start where it would refuse)."""
    checkpoint, _ = parse(stored)
    door.state.advance(
        checkpoint.origin,
        lambda _head, _latest: Head(checkpoint.origin, checkpoint.size, checkpoint.root, stored, 1),
    )


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Door, SoftwareSigner]]:
    signer = SoftwareSigner.from_seed(b"\1" * 32)
    door = Door(tmp_path, ORIGIN, VerifierKey.make(ORIGIN, notes.ED25519, signer.public_key))
    yield door, signer
    door.state.close()


def test_behaviours(shared: Path, own: tuple[Door, SoftwareSigner]) -> None:
    """The behaviours that the sources state without bytes, each with the status that they state."""
    door, signer = own
    wanted = {
        item["name"]: item.get("status", 200)
        for item in _load(shared, "add-checkpoint-behaviours.json")["behaviours"]
    }
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(5)]

    def ask(
        old: int, size: int, root: bytes, proof: tuple[bytes, ...] = (), more: tuple[str, ...] = ()
    ) -> int:
        note = sign_checkpoint(Checkpoint(ORIGIN, size, root, more), signer)
        status, _, answer = door.post(requests.encode(old, proof, note))
        if status == 200:
            _cosigned(notes.parse(note).text, answer)
        return status

    wrong_root = bytes(32)
    judged = {
        "checkpoint with extension lines": [ask(0, 5, merkle.root(leaves), more=("extension",))],
        "size 0 with a root that is not SHA-256 of nothing, as first submission": [ask(0, 0, wrong_root)],
        # The stored size is 0 from here on.
        "first cosign size 0 (empty-tree root), then size 5 with an empty proof": [
            ask(0, 0, merkle.EMPTY_ROOT)
        ],
        "size 0 with a root that is not SHA-256 of nothing, over stored size 0": [ask(0, 0, wrong_root)],
        "stored size 0, request old 0 with one bogus proof hash": [
            ask(0, 5, merkle.root(leaves), (bytes(32),))
        ],
    }
    judged["first cosign size 0 (empty-tree root), then size 5 with an empty proof"].append(
        ask(0, 5, merkle.root(leaves))
    )
    # _cosigned has held each answer of 200 against it.
    judged["success body holds only the witness's own signature lines, never the log's"] = [200]
    assert judged == {name: [status] * len(judged[name]) for name, status in wanted.items()}

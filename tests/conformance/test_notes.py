"""Signed notes, verifier keys and checkpoints as Go's note package, C2SP and running logs have them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from adamas.ledger import checkpoint, merkle, note
from adamas.ledger.errors import NoteError
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.note import NoteSigner, VerifierKey

# Cases in which transparency-dev/formats and the text of C2SP part ways; we follow the text, and these say
# why.
TEXT_REFUSES = {
    "valid with multiple trailing data lines": "the root is not 32 bytes long, which tlog-checkpoint asks",
    "valid with trailing newlines": "the root is not 32 bytes long, and extension lines may not be empty",
}


@pytest.fixture(scope="module")
def notes_folder(shared: Path) -> Path:
    return shared / "vectors" / "notes"


def _load(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())


def _bytes(case: dict[str, Any]) -> bytes:
    return case["note"].encode() if "note" in case else base64.b64decode(case["note_base64"])


def test_opening_gives_the_stated_signers_or_refusal(notes_folder: Path) -> None:
    expected_codes = {
        "no verifiable signature": {"note.unverified"},
        "malformed note": {
            "note.structure",
            "note.control",
            "note.signature-line",
            "note.too-many-signatures",
        },
    }
    cases = _load(notes_folder, "signed-note-open.json")["cases"]
    assert len(cases) >= 10
    for case in cases:
        keys = [VerifierKey.parse(vkey) for vkey in case["verifier_keys"]]
        if "error" in case:
            with pytest.raises(NoteError) as refused:
                note.open(_bytes(case), keys)
            assert refused.value.code in expected_codes[case["error"]], case["name"]
        else:
            opened = note.open(_bytes(case), keys)
            assert [s.name for s in opened.verified] == case["verified"], case["name"]
            assert [s.name for s in opened.unverified] == case["unverified"], case["name"]


def test_signing_gives_the_very_same_bytes(notes_folder: Path) -> None:
    case = _load(notes_folder, "signed-note-sign.json")
    name, _, encoded = case["skey"].removeprefix("PRIVATE+KEY+").split("+", 2)
    signer = NoteSigner(name, SoftwareSigner.from_seed(base64.b64decode(encoded)[1:]))
    assert signer.vkey == case["vkey"]
    assert note.sign(case["text"], [signer]) == case["note"].encode()


def test_verifier_keys_are_read_or_refused_as_stated(notes_folder: Path) -> None:
    cases = _load(notes_folder, "verifier-keys.json")["cases"]
    assert len(cases) >= 8
    for case in cases:
        try:
            VerifierKey.parse(case["vkey"])
            read = True
        except NoteError:
            read = False
        assert read == case["valid"], case["name"]


def test_the_examples_of_the_specification(notes_folder: Path) -> None:
    examples = _load(notes_folder, "c2sp-examples.json")
    opened = note.open(examples["note"].encode(), [VerifierKey.parse(examples["vkey"])])
    assert opened.text == "This is an example message.\n"
    for text in examples["parse_only"]:
        parsed = note.parse(text.encode())
        assert parsed.to_bytes() == text.encode()
    assert len(parsed.signatures) == 2
    assert checkpoint.parse_body(parsed.text).size == 20852163


def test_checkpoint_bodies(notes_folder: Path) -> None:
    cases = _load(notes_folder, "checkpoint-body.json")["cases"]
    differing = set()
    for case in cases:
        try:
            checkpoint.parse_body(case["body"])
            read = True
        except NoteError:
            read = False
        if read != case["valid"]:
            differing.add(case["name"])
    assert differing == set(TEXT_REFUSES)


def test_a_body_with_a_real_root_keeps_its_extension_lines() -> None:
    root = merkle.leaf_hash(b"x")
    text = f"Log\n9944\n{base64.b64encode(root).decode()}\nlots\nof\nlines\n"
    read = checkpoint.parse_body(text)
    assert read == checkpoint.Checkpoint("Log", 9944, root, ("lots", "of", "lines"))
    assert read.body() == text


def test_signed_checkpoints(notes_folder: Path) -> None:
    """The source's roots are six bytes long, so their signatures are judged alone, and the whole is then
    refused.
    """
    cases = _load(notes_folder, "checkpoint-signed.json")["cases"]
    for case in cases:
        log_key = VerifierKey.parse(case["log_vkey"])
        keys = [log_key, *(VerifierKey.parse(vkey) for vkey in case["other_vkeys"])]
        data = case["note"].encode()
        try:
            opened = note.open(data, keys)
        except NoteError:
            assert case["known_signatures"] == 0, case["name"]
            assert not case["accepted"], case["name"]
            continue
        assert len(opened.verified) == case["known_signatures"], case["name"]
        accepted = (
            any(s.key_id == log_key.id for s in opened.verified)
            and opened.text.split("\n")[0] == case["expected_origin"]
        )
        assert accepted == case["accepted"], case["name"]
        with pytest.raises(NoteError) as refused:
            checkpoint.open_checkpoint(data, log_key, origin=case["expected_origin"])
        if accepted:
            assert refused.value.code == "checkpoint.root", case["name"]


def test_checkpoints_of_running_logs_verify(notes_folder: Path) -> None:
    """Ed25519 (Go checksum database), ECDSA (Rekor) and an RFC 6962 tree head (Rome): none is skipped."""
    cases = _load(notes_folder, "real-checkpoints.json")["cases"]
    assert {VerifierKey.parse(case["vkey"]).type for case in cases} == {1, 2, 5}
    for case in cases:
        data = case["note"].encode()
        origin = case["note"].split("\n", 1)[0]
        read, _ = checkpoint.open_checkpoint(data, case["vkey"], origin=origin)
        altered = data.replace(str(read.size).encode(), str(read.size + 1).encode(), 1)
        with pytest.raises(NoteError) as refused:
            checkpoint.open_checkpoint(altered, case["vkey"], origin=origin)
        assert refused.value.code == "note.bad-signature", case["name"]


def test_the_golden_tree_note_of_the_go_checksum_database(notes_folder: Path) -> None:
    case = _load(notes_folder, "sumdb-tree.json")
    root = merkle.leaf_hash(case["root_is_leaf_hash_of_utf8"].encode())
    written = checkpoint.Checkpoint("go.sum database tree", case["size"], root).body()
    assert written == case["golden"]
    assert checkpoint.parse_body(case["golden"]).root == root

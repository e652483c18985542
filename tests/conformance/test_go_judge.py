"""Go's golang.org/x/mod/sumdb/{note,tlog} read what Adamas publishes: checkpoint, proofs, tiles, entries,
proof files.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.analysis.world import signer, write_log
from tests.conftest import missing
from tests.fuzz.seeds import seeds

from adamas.ledger import bundle, merkle, statement, tlog_proof
from adamas.ledger.note import NoteSigner
from adamas.ledger.publisher import Publisher
from adamas.ledger.storage import FolderStorage
from adamas.ledger.tiles import TileReader

GOPATH = Path("/usr/share/gocode")
ORIGIN = "adamas.example/log/BW"
SIZES = (1, 2, 255, 256, 257, 700)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The Go program beside this file, built once, offline, with Debian's packages."""
    go = shutil.which("go")
    if go is None or not (GOPATH / "src/golang.org/x/mod/sumdb").is_dir():
        missing("Go with golang.org/x/mod", "apt install golang-go golang-golang-x-mod-dev")
    assert go is not None
    built = tmp_path_factory.mktemp("go")
    environment = {
        **os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS":
        "", "GOPROXY": "off",
    }  # fmt: skip
    program = built / "judge"
    source = Path(__file__).parent / "go" / "main.go"
    subprocess.run([go, "build", "-o", str(program), str(source)], check=True, env=environment, timeout=110)

    def run(folder: Path, cases: dict[str, Any], *only: str) -> subprocess.CompletedProcess[str]:
        asked = folder.parent / f"{folder.name}.json"
        asked.write_text(json.dumps(cases))
        return subprocess.run(
            [str(program), str(folder), str(asked), *only],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def _published(folder: Path, size: int) -> dict[str, Any]:
    """A log of real statements in ``folder``, and the proofs that we make from its tiles."""
    key = signer("issuer")
    raws = [
        statement.sign(
            key,
            issuer="kp:BW/authority",
            subject=f"BW{n:07}",
            issued_at=1_735_732_800 + n,
            payload={"v": 1, "type": "x"},
        ).raw
        for n in range(size)
    ]
    folder.mkdir(parents=True)
    signed = write_log(folder, ORIGIN, raws)
    leaves = [merkle.leaf_hash(raw) for raw in raws]
    reader = TileReader(FolderStorage(folder).get, size, trusted_root=merkle.root(leaves))
    return _cases(reader, raws, leaves, signed)


def _cases(reader: TileReader, raws: list[bytes], leaves: list[bytes], signed: bytes) -> dict[str, Any]:
    """What our reader proves from the tiles, as the judge asks for it."""
    size = len(raws)
    indices = sorted({0, size // 3, size // 2, size - 1, min(255, size - 1), min(256, size - 1)})
    older = sorted({1, size // 2 or 1, size, min(256, size)})
    return {
        "Inclusion": [
            {"Index": i, "Entry": _text(raws[i]), "Proof": _texts(reader.inclusion_proof(i))} for i in indices
        ],
        "Consistency": [
            {"Size": m, "Root": _text(merkle.root(leaves[:m])), "Proof": _texts(reader.consistency_proof(m))}
            for m in older
        ],
        "ProofFiles": [
            {
                "Entry": _text(raws[i]),
                "File": _text(tlog_proof.make(i, reader.inclusion_proof(i), signed, b"x" if i % 2 else None)),
            }
            for i in indices
        ],
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _texts(hashes: list[bytes]) -> list[str]:
    return [_text(item) for item in hashes]


def test_go_agrees_with_every_proof_and_tile(judge: Any, tmp_path: Path) -> None:
    for size in SIZES:
        folder = tmp_path / str(size)
        cases = _published(folder, size)
        said = judge(folder, cases)
        assert said.returncode == 0, (size, said.stderr)
        assert said.stdout.split() == [
            "checkpoint", str(size), "inclusion", str(len(cases["Inclusion"])), "consistency",
            str(len(cases["Consistency"])), "proof-files", str(len(cases["ProofFiles"])), "entries",
            str(size),
        ]  # fmt: skip


def test_go_agrees_with_a_log_that_the_publisher_grew(judge: Any, tmp_path: Path) -> None:
    """Published again and again into one folder, as an office does it: partial tiles of older sizes lie beside."""
    key, folder = signer("publisher"), tmp_path / "log"
    raws = [b"entry %d" % n for n in range(700)]
    durable = 0
    publisher = Publisher(
        ORIGIN, key, FolderStorage(folder), lambda start, end: raws[start:end], lambda: durable
    )
    for durable in (1, 3, 256, 257, 512, 700):
        head = publisher.publish()
        assert head.size == durable
        (folder / "vkey").write_text(NoteSigner(ORIGIN, key).vkey)
        reader = TileReader(FolderStorage(folder).get, durable, trusted_root=head.root)
        leaves = [merkle.leaf_hash(raw) for raw in raws[:durable]]
        cases = _cases(reader, raws[:durable], leaves, (folder / "checkpoint").read_bytes())
        said = judge(folder, cases)
        assert said.returncode == 0, (durable, said.stderr)
        assert said.stdout.endswith(f"entries {durable}\n")


def test_go_verifies_the_proof_inside_a_bundle(judge: Any, tmp_path: Path) -> None:
    """A certificate's bundle gives a tlog-proof; Go finds the certificate in the tree that the log signed."""
    for data in seeds().bundles:
        made = bundle.parse(data)
        for number, log in enumerate(made.logs):
            folder = tmp_path / f"{len(data)}-{number}"
            folder.mkdir()
            (folder / "vkey").write_text(log.vkey)
            (folder / "checkpoint").write_bytes(log.checkpoint)
            files = [
                {"Entry": _text(entry.raw), "File": _text(bundle.tlog_proof_of(made, number, place))}
                for place, entry in enumerate(log.entries)
            ]
            said = judge(folder, {"ProofFiles": files}, "proofs")
            assert said.returncode == 0, said.stderr
            assert said.stdout.splitlines()[1:] == [f"proof-files {len(files)}"]


def test_go_refuses_what_was_changed(judge: Any, tmp_path: Path) -> None:
    """The judge judges: each kind of thing, changed by one bit, is refused for that thing."""
    folder = tmp_path / "log"
    cases = _published(folder, 300)

    def flipped(data: bytes, place: int = 40) -> bytes:
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    # x/mod 0.7 does not verify a full tile when several parts of the tree's edge lie in one tile (here 32, 8
    # and 4 of the 300); later editions do. Its own proof is then another than ours, which is refused too.
    for path, complaint in [
        ("checkpoint", "the checkpoint"),
        ("tile/0/000", "inclusion of 0"),
        ("tile/0/001.p/44", "tiles under entry"),
        ("tile/entries/000", "is not the one in the tree"),
        ("tile/entries/001.p/44", "is not the one in the tree"),
    ]:
        whole = (folder / path).read_bytes()
        (folder / path).write_bytes(flipped(whole))
        said = judge(folder, cases)
        assert said.returncode == 1, path
        assert complaint in said.stderr, (path, said.stderr)
        (folder / path).write_bytes(whole)
    for kind, complaint in [("Inclusion", "inclusion of"), ("Consistency", "consistency with")]:
        changed = json.loads(json.dumps(cases))
        proof = next(case["Proof"] for case in changed[kind] if case["Proof"])
        proof[0] = _text(flipped(base64.b64decode(proof[0]), 3))
        said = judge(folder, changed)
        assert said.returncode == 1
        assert complaint in said.stderr

"""Mirrors as processes: killed at any step, two at once, a full disk; and what the command line says of it all."""

from __future__ import annotations

import json
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY
from tests.network.world import Log, listed
from tests.program import Result, Runner

from adamas.cli.words import app
from adamas.ledger import splitview
from adamas.ledger.storage import FolderStorage

PROGRAM = (sys.executable, "-m", "adamas.cli")


def word(*words: object) -> Result:
    """A word of the program, in this process."""
    return Runner().invoke(app, [str(one) for one in words])


def adamas(*words: object, limit: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs the program; ``limit`` is the largest file that it may write."""

    def bounded() -> None:
        if limit:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [*PROGRAM, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=bounded,
        check=False,
    )


def killed(folder: Path, stride: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.network.killed", folder, str(stride)],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_killed_at_some_of_its_steps(tmp_path: Path) -> None:
    assert int(killed(tmp_path, 16).split()[0]) >= 5


@pytest.mark.slow
def test_killed_at_every_step(tmp_path: Path) -> None:
    assert int(killed(tmp_path, 1).split()[0]) >= 80


@pytest.mark.slow
def test_the_program_is_killed_at_random_moments_and_goes_on(tmp_path: Path) -> None:
    log = Log(20_000)
    log.publish(tmp_path / "log")
    copy, rng = tmp_path / "copy", random.Random(4)
    words = [*PROGRAM, "mirror", str(tmp_path / "log"), str(copy), "--key", log.vkey]
    for _ in range(15):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        while not copy.exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(rng.random() * 0.5)
        process.kill()
        process.wait()
    assert adamas(*words[3:]).returncode == 0
    for file in (tmp_path / "log").rglob("*"):
        relative = file.relative_to(tmp_path / "log")
        if file.is_file() and not str(relative).startswith("."):
            assert (copy / relative).read_bytes() == file.read_bytes(), relative


@pytest.mark.slow
def test_two_at_once_make_one_good_copy(tmp_path: Path) -> None:
    log = Log(3_000)
    log.publish(tmp_path / "log")
    words = [*PROGRAM, "mirror", str(tmp_path / "log"), str(tmp_path / "copy"), "--key", log.vkey]
    both = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    ends = []
    for process in both:
        process.communicate(timeout=60)
        ends.append(process.returncode)
    # Who comes second to the checkpoint is told so (74), or sees that all is done.
    assert sorted(ends) in ([0, 0], [0, 74])
    again = adamas("mirror", tmp_path / "log", tmp_path / "copy", "--json")
    assert json.loads(again.stdout)["size"] == 3_000
    assert json.loads(again.stdout)["new"] == 0


@pytest.mark.slow
def test_a_full_disk(tmp_path: Path) -> None:
    log = Log(600)
    log.publish(tmp_path / "log")
    full = adamas("mirror", tmp_path / "log", tmp_path / "copy", "--key", log.vkey, limit=4_000)
    assert full.returncode == 74
    assert "Free some space" in full.stderr or "Raise the" in full.stderr
    assert not (tmp_path / "copy" / "checkpoint").exists()
    assert adamas("mirror", tmp_path / "log", tmp_path / "copy", "--key", log.vkey).returncode == 0


@pytest.mark.slow
def test_the_word_from_the_first_copy_to_the_fork(tmp_path: Path) -> None:
    log = Log(400)
    log.publish(tmp_path / "log", 300)
    copy = tmp_path / "copy"
    none = word("mirror", tmp_path / "log", copy)
    assert none.exit_code == 64
    assert "--key" in none.stderr
    (tmp_path / "key").write_text(f"{log.vkey}\n")
    first = json.loads(word("mirror", tmp_path / "log", copy, "--key", tmp_path / "key", "--json").stdout)
    assert (first["log"], first["size"], first["new"], first["complete"]) == (log.origin, 300, 300, None)

    (tmp_path / "policy.txt").write_text(
        f"witness civil/1 {listed(None)[0].key.vkey}\ngroup civil all civil/1\nquorum civil\n"
    )
    log.publish(tmp_path / "log")
    grown = word("mirror", tmp_path / "log", copy, "--policy", tmp_path / "policy.txt", "--json")
    assert grown.exit_code == 2, "copied, but nobody has cosigned"
    told = json.loads(grown.stdout)
    assert (told["size"], told["new"], told["complete"], told["missing"]) == (400, 100, False, ["civil"])

    log.publish(tmp_path / "less", 200)
    behind = word("mirror", tmp_path / "less", copy)
    assert behind.exit_code == 75

    log.forked(100, 400).publish(tmp_path / "fork")
    fork = word("mirror", tmp_path / "fork", copy)
    assert fork.exit_code == 1
    assert "two histories" in fork.stderr
    shown = word("witness", "split-view", copy, "--log", log.vkey, "--json")
    assert shown.exit_code == 1
    (evidence,) = json.loads(shown.stdout)["evidence"]
    assert (evidence["origin"], evidence["proven"], evidence["kind"]) == (
        log.origin,
        True,
        splitview.SAME_SIZE,
    )
    human = word("witness", "split-view", evidence["file"])
    assert "cannot both be true" in human.stdout

    shutil.copytree(tmp_path / "log", tmp_path / "altered")
    bundle = tmp_path / "altered" / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 42", b"entry 24"))
    altered = word("mirror", tmp_path / "altered", tmp_path / "second", "--key", log.vkey)
    assert altered.exit_code == 1
    assert "tile/entries/000, index 42" in altered.stderr
    assert not FolderStorage(tmp_path / "second").exists("checkpoint")

"""The demo on a small year: it finds what it planted and nothing else, and touches no folder that is not its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

WORD = [sys.executable, "-m", "adamas.cli"]


def adamas(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*WORD, *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    root = tmp_path_factory.mktemp("demo") / "demo"
    done = adamas("demo", str(root), "--certificates", "400", "--json")
    assert done.returncode == 0, done.stderr
    return root, json.loads(done.stdout)


pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_every_planted_fault_is_found_and_none_invented(demo: tuple[Path, dict[str, object]]) -> None:
    facts = demo[1]
    assert facts["planted"] == facts["found"]
    assert facts["planted"] >= 12  # type: ignore[operator]
    assert (facts["missed"], facts["invented"]) == (0, 0)


def test_carats_certified_are_those_of_the_real_year_and_more_for_what_is_sent_on(
    demo: tuple[Path, dict[str, object]],
) -> None:
    from adamas.scheme.synthetic import synthetic_year

    first_hand = sum(carats for carats, _ in synthetic_year(400).production.values())
    assert demo[1]["carats"] > first_hand  # type: ignore[operator]


def test_the_bundle_verifies_and_an_altered_one_does_not(
    demo: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    root, facts = demo
    trust = str(root / "trust.json")
    assert adamas("verify", str(facts["bundle"]), "--trust", trust).returncode == 0
    data = bytearray(Path(str(facts["bundle"])).read_bytes())
    data[len(data) // 2] ^= 1
    altered = tmp_path / "altered.adamas"
    altered.write_bytes(data)
    assert adamas("verify", str(altered), "--trust", trust).returncode == 1


def test_openssl_alone_agrees(demo: tuple[Path, dict[str, object]]) -> None:
    root, facts = demo
    others = facts["others"]
    if not others["ran"]:  # type: ignore[index]
        pytest.skip("no OpenSSL 3 here")
    assert others["good"]  # type: ignore[index]
    (root / "openssl" / "statement.cbor").write_bytes(b"something else")
    done = subprocess.run(
        ["sh", str(root / "openssl" / "check.sh")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    done = adamas("demo", str(tmp_path))
    assert done.returncode == 64
    assert (tmp_path / "letters.txt").read_text() == "mine"

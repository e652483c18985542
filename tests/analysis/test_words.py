"""The words prove, verify and audit: files, exit codes, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.analysis.test_audit import forged
from tests.analysis.world import DAY, NOON, World, make_world
from tests.program import Result, Runner

from adamas.cli.words import app

runner = Runner()


def adamas(*words: object) -> Result:
    return runner.invoke(app, [str(word) for word in words])


def facts(*words: object) -> Any:
    return json.loads(adamas(*words, "--json").stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """Mirrors in logs/, and the trust file beside them."""
    folder = tmp_path_factory.mktemp("place")
    world = make_world()
    world.whole("BW0000001", "AE")
    world.publish(folder / "logs", time=NOON + 20 * DAY)
    (folder / "trust.json").write_text(world.trust.to_json())
    return world, folder


@pytest.mark.slow
def test_a_bundle_is_made_and_verified(place: tuple[World, Path], tmp_path: Path) -> None:
    world, folder = place
    trust, file = folder / "trust.json", tmp_path / "one.adamas"
    disclosure = tmp_path / "parties"
    disclosure.write_bytes(world.disclosures["BW0000001"][0])
    words = ("prove", "bw0000001", "--mirror", folder / "logs", "--out", file)
    assert adamas(*words, "--disclosure", disclosure, "--trust", trust).exit_code == 0
    assert adamas(*words).exit_code == 64  # never over another file
    result = adamas("verify", file, "--trust", trust)
    assert result.exit_code == 0
    for word in ("signed", "logged", "witnessed", "lifecycle", "SYNTHETIC exporter", "not proven"):
        assert word in result.stdout
    assert facts("verify", file, "--trust", trust)["status"] == "valid"
    assert adamas("verify", file).exit_code == 2
    assert adamas("verify", file, "--registry", "a" * 52).exit_code == 1
    assert adamas("verify", tmp_path / "none").exit_code == 64
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert adamas("verify", file, "--trust", trust).exit_code == 1


def test_what_cannot_be_proven_says_why(place: tuple[World, Path], tmp_path: Path) -> None:
    logs = place[1] / "logs"
    result = adamas("prove", "BW0000009", "--mirror", logs, "--out", tmp_path / "x", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "prove.not-found"
    assert not (tmp_path / "x").exists()
    assert adamas("prove", "BW0000001", "--mirror", logs, "--disclose", "all").exit_code == 64


def test_an_audit_of_good_logs(place: tuple[World, Path]) -> None:
    words = ("audit", place[1] / "logs", "--trust", place[1] / "trust.json", "--on", "2025-06-01")
    result = adamas(*words)
    assert result.exit_code == 0
    assert "0 breaches" in result.stdout
    told = facts(*words, "--no-rules")
    assert told["counts"]["statements"] > 30
    assert told["faults"] == []


def test_an_audit_names_what_is_wrong_by_log_and_entry(tmp_path: Path) -> None:
    world = make_world()
    world.whole("BW0000001", "AE")
    forged(world)
    world.publish(tmp_path)
    result = adamas("audit", tmp_path, "--on", "2025-06-01")
    assert result.exit_code == 1
    assert "statement.signature" in result.stdout.replace("\n", "")
    (fault,) = facts("audit", tmp_path, "--on", "2025-06-01")["faults"]
    assert (fault["origin"], fault["index"], fault["severity"]) == (
        "adamas.example/log/BW",
        len(world.offices["BW"].entries) - 1,
        "refuse",
    )


def test_findings_count_where_asked(tmp_path: Path) -> None:
    world = make_world()
    world.issue("BW0000064", "AE", day=10)
    world.issue("BW0000065", "AE", day=-20)
    world.publish(tmp_path)
    words = ("audit", tmp_path, "--on", "2025-01-20")
    assert facts(*words)["codes"] == {"admission.backdated": 1}
    assert adamas(*words, "--strict").exit_code == 1


def test_a_folder_without_logs_is_wrong_usage(tmp_path: Path) -> None:
    assert adamas("audit", tmp_path).exit_code == 64

"""kill -9 while statements are appended, published and cosigned: nothing acknowledged is lost, nothing contradicts."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def killed(folder: Path, points: int, seed: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.killed", str(folder), str(points), str(seed)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_log_killed_under_load_loses_nothing_and_publishes_the_same(tmp_path: Path) -> None:
    assert killed(tmp_path, 4, 2003).startswith("4 killed")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_hundred_kills(tmp_path: Path) -> None:
    assert killed(tmp_path, 200, random.randrange(2**32)).startswith("200 killed")

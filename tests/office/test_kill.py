"""kill -9 while an office issues, publishes and is cosigned."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.office.conftest import World

pytestmark = [pytest.mark.slow, pytest.mark.database]


@pytest.mark.timeout(600)
def test_an_office_killed_at_work_loses_nothing_that_it_answered(world: World) -> None:
    home, vkey = world.bw.home.path, world.bw.log.vkey
    for office in world.offices:
        office.close()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.faults.killed_office",
            str(home),
            vkey,
            "60",
            str(random.randrange(2**32)),
        ],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("60 killed")

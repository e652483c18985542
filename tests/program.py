"""The program's words in this process, as `typer.testing` runs them, but made once; and the program as a process.

Making the words reads the hints of every function of the command line, a tenth of a second; a user pays for one word.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import typer
import typer.main
import typer.testing
from typer.testing import Result

__all__ = ["Result", "Runner", "begin", "command", "worked"]


def command(app: typer.Typer) -> Any:
    """What Typer makes of an app; made again when the app has other words of its own."""
    return _made(app, *(one.callback for one in app.registered_commands))


@cache
def _made(app: typer.Typer, *_words: object) -> Any:
    return typer.main.get_command(app)


class Runner(typer.testing.CliRunner):
    """In the place of ``typer.testing.CliRunner``."""

    def invoke(self, app: typer.Typer, *args: Any, **options: Any) -> Result:
        """Runs words; nothing is kept from one call to the next but the words themselves."""
        with mock.patch.object(typer.testing, "_get_command", command):
            return super().invoke(app, *args, **options)


def begin(code: str, *words: object, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Python that runs ``code``, which prints a line first; from then on Ctrl-C reaches it.

    Tests may have been started in the background, where shells let Ctrl-C be ignored, also by all that they start.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def worked(child: subprocess.Popen[str], seconds: float) -> None:
    """Waits until a process has worked so many seconds, however busy the machine is, or ended."""
    while child.poll() is None:
        fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        if (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") >= seconds:
            return
        time.sleep(0.01)

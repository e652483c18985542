"""The program's words in this process, as `typer.testing` runs them, but made once.

Making the words reads the hints of every function of the command line, a tenth of a second; a user pays for one word.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from unittest import mock

import typer
import typer.main
import typer.testing
from typer.testing import Result

__all__ = ["Result", "Runner", "command"]


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

"""The command line: one word per job, no rule of its own. Every word asks a room and prints what it answers.

One file per word or small family; app.py joins them and turns errors into sentences and exit codes
(exits.py).
"""

from __future__ import annotations


def main() -> None:
    """The program `adamas`."""
    from adamas.cli.words import app

    app(prog_name="adamas")

"""One call builds one word; whatever may need the others builds them all."""

from __future__ import annotations

import subprocess
import sys

import pytest

from adamas.cli.words import WORDS, first


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("issue --from x.csv", "issue"),
        ("--home issue verify f", "verify"),
        ("--home=o --json status", "status"),
        ("--passphrase-file p keys list", "keys"),
        ("--help", None),
        ("--version", None),
        ("", None),
        ("isue", None),
        ("--home", None),
        ("--help issue", None),
    ],
)
def test_the_word_that_a_call_begins_with(line: str, word: str | None) -> None:
    assert first(line.split()) == word


@pytest.mark.slow
def test_a_word_alone_says_what_it_says_among_all() -> None:
    """The short way must not differ from the long one: the same help, word for word."""
    import typer.main

    from adamas.cli.words import app

    root = typer.main.get_command(app)
    assert set(root.commands) == set(WORDS)  # type: ignore[attr-defined]
    for name in ("validate", "log"):
        done = subprocess.run(
            [sys.executable, "-m", "adamas.cli", name, "--help"], capture_output=True, text=True, check=True
        )
        out = subprocess.run(
            [
                sys.executable,
                "-c",
                f"from adamas.cli.words import app; app(['{name}', '--help'], prog_name='adamas')",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == out.stdout

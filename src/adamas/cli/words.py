"""All words of `adamas`, joined into one program. Modules of words import rooms only when a word is run."""

from __future__ import annotations

from collections.abc import Callable

import typer

from adamas.cli import demo
from adamas.cli.app import app

WORDS: tuple[Callable[..., object], ...] = (demo.demo,)
FAMILIES: tuple[typer.Typer, ...] = ()

for word in WORDS:
    app.command(word.__name__.strip("_").replace("_", "-"))(word)
for family in FAMILIES:
    app.add_typer(family)

__all__ = ["FAMILIES", "WORDS", "app"]

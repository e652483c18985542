"""All words of `adamas`, joined into one program. Modules of words import rooms only when a word is run.

``WORDS`` is the one list. A call that begins with one of them builds that word alone (`main` in this package's
__init__): half the time of building all of them, which help and completion need.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module

import typer

from adamas.cli import app as program

WORDS: dict[str, str] = {
    "init": "init.init",
    "demo": "demo.demo",
    "issue": "issue.issue",
    "validate": "arrival.validate",
    "dispatch": "arrival.dispatch",
    "receive": "arrival.receive",
    "refuse": "arrival.refuse",
    "return": "arrival.return_",
    "seize": "arrival.seize",
    "void": "arrival.void",
    "replace": "arrival.replace",
    "correct": "arrival.correct",
    "show": "show.show",
    "status": "show.status",
    "serve": "serve.serve",
    "office": "offline.office",
    "people": "people.people",
    "publish": "publish.publish",
    "follow": "follow.follow",
    "prove": "prove.prove",
    "verify": "verify.verify",
    "print": "printing.print_",
    "credential": "credential.credential",
    "seal": "seal.seal",
    "mirror": "mirror.mirror",
    "audit": "audit.audit",
    "replay": "replay.replay",
    "doctor": "doctor.doctor",
    "keys": "keys.keys",
    "register": "register.register",
    "returns": "returns.returns",
    "notice": "notice.notice",
    "log": "log.log",
    "witness": "witness.witness",
}
"""Word → module of this package and what in it: a function for a word, a Typer for a family of words."""

_VALUED = ("--home", "--passphrase-file")


def join(names: Iterable[str]) -> typer.Typer:
    """The program with these words."""
    for name in names:
        module, _, attribute = WORDS[name].partition(".")
        word = getattr(import_module(f"adamas.cli.{module}"), attribute)
        if isinstance(word, typer.Typer):
            program.app.add_typer(word)
        else:
            program.app.command(name)(word)
    return program.app


def first(args: Sequence[str]) -> str | None:
    """The word that a call begins with; None if it may need the others (help, completion, a wrong word)."""
    rest = iter(args)
    for arg in rest:
        if arg in _VALUED:
            next(rest, None)
        elif arg != "--json" and not arg.startswith(tuple(f"{name}=" for name in _VALUED)):
            return arg if arg in WORDS else None
    return None


@cache
def everything() -> typer.Typer:
    """The program with all its words; also as ``words.app``."""
    return join(WORDS)


def __getattr__(name: str) -> typer.Typer:
    if name == "app":
        return everything()
    raise AttributeError(name)

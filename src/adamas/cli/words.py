"""All words of `adamas`, joined into one program. Modules of words import rooms only when a word is run."""

from __future__ import annotations

from collections.abc import Callable

import typer

from adamas.cli import (
    arrival,
    audit,
    demo,
    doctor,
    follow,
    init,
    issue,
    keys,
    log,
    notice,
    prove,
    publish,
    register,
    replay,
    returns,
    show,
    verify,
    witness,
)
from adamas.cli.app import app

WORDS: tuple[Callable[..., int], ...] = (
    init.init,
    demo.demo,
    issue.issue,
    arrival.validate,
    arrival.dispatch,
    arrival.receive,
    arrival.refuse,
    arrival.return_,
    arrival.seize,
    arrival.void,
    arrival.replace,
    arrival.correct,
    show.show,
    show.status,
    publish.publish,
    follow.follow,
    prove.prove,
    verify.verify,
    audit.audit,
    replay.replay,
    doctor.doctor,
)
FAMILIES: tuple[typer.Typer, ...] = (
    keys.keys,
    register.register,
    returns.returns,
    notice.notice,
    log.log,
    witness.witness,
)

for word in WORDS:
    app.command(word.__name__.strip("_").replace("_", "-"))(word)
for family in FAMILIES:
    app.add_typer(family)

__all__ = ["FAMILIES", "WORDS", "app"]

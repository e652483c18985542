"""What one call of the command line knows: the home folder, whether JSON was asked for, and the passphrase.

A passphrase is looked for in this order: the environment variable ADAMAS_PASSPHRASE, the file of
--passphrase-file (or ADAMAS_PASSPHRASE_FILE), the operating system's keyring, and at last a question on the
terminal. It is never printed and never kept on disk.

ADAMAS_CLOCK sets the clock of one call, for rehearsals and for entering a past year: statements then *claim* that
time. What witnesses, checkpoints and other offices say of time is their own, so nobody is deceived by it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adamas.cli.exits import UsageError

HOME_VARIABLE = "ADAMAS_HOME"
PASSPHRASE_VARIABLE = "ADAMAS_PASSPHRASE"  # noqa: S105 - a name
PASSPHRASE_FILE_VARIABLE = "ADAMAS_PASSPHRASE_FILE"  # noqa: S105 - a name
CLOCK_VARIABLE = "ADAMAS_CLOCK"
KEYRING_SERVICE = "adamas"


@dataclass
class Session:
    """The state of one call. ``reset`` at the start of each, so that tests may call many times in one
    process.
    """

    home: Path | None = None
    json: bool = False
    passphrase_file: Path | None = None
    words: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Forget the call before."""
        self.home, self.json, self.passphrase_file, self.words = None, False, None, []

    @property
    def folder(self) -> Path:
        """The home folder: --home, else ADAMAS_HOME, else the current folder."""
        return (self.home or Path(os.environ.get(HOME_VARIABLE) or ".")).expanduser()


session = Session()


def _set_home(value: Path | None) -> Path | None:
    if value is not None:
        session.home = value
    return value


def _set_json(value: bool) -> bool:
    session.json = session.json or value
    return value


def _set_passphrase_file(value: Path | None) -> Path | None:
    if value is not None:
        session.passphrase_file = value
    return value


def clock() -> Callable[[], float]:
    """The clock of this call: the machine's, or one that ADAMAS_CLOCK sets and that goes on from there.

    Raises UsageError ``usage.clock`` for a time that cannot be read.
    """
    given = os.environ.get(CLOCK_VARIABLE, "").strip()
    if not given:
        return time.time
    try:
        when = datetime.fromisoformat(given)
    except ValueError:
        raise UsageError(
            "usage.clock",
            f"{given!r} is not a time.",
            where=CLOCK_VARIABLE,
            advice="Write it in UTC as 2023-06-30T18:00:00Z, or unset the variable.",
        ) from None
    start = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    begun = time.monotonic()
    return lambda: start + time.monotonic() - begun


Home = Annotated[
    Path | None,
    typer.Option("--home", help="The office's folder (or ADAMAS_HOME).", callback=_set_home, metavar="DIR"),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document, nothing else.", callback=_set_json, is_eager=True),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="A file whose first line opens the keys (else ADAMAS_PASSPHRASE, the keyring, or a question).",
        callback=_set_passphrase_file,
        metavar="FILE",
    ),
]


def passphrase(*, new: bool = False, purpose: str = "keys") -> str:
    """The passphrase that opens (or, ``new``, will seal) the key store of the home folder.

    Raises UsageError ``passphrase.missing`` when there is none and nobody to ask.
    """
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        return given
    file = session.passphrase_file or _path(os.environ.get(PASSPHRASE_FILE_VARIABLE))
    if file is not None:
        return _from_file(file)
    if not new:
        kept = _from_keyring()
        if kept:
            return kept
    if not sys.stdin.isatty():
        raise UsageError(
            "passphrase.missing",
            "The keys are sealed by a passphrase, and none was given.",
            advice=f"Set {PASSPHRASE_VARIABLE}, or name a file with --passphrase-file.",
        )
    text: str = typer.prompt(
        f"{'New passphrase' if new else 'Passphrase'} of the {purpose}",
        hide_input=True,
        confirmation_prompt=new,
        err=True,
    )
    return text


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _from_file(file: Path) -> str:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "passphrase.file", "The file of the passphrase cannot be read.", where=str(file)
        ) from error
    if not lines or not lines[0]:
        raise UsageError(
            "passphrase.file", "The first line of the file of the passphrase is empty.", where=str(file)
        )
    return lines[0]


def _from_keyring() -> str | None:
    """The passphrase that the operating system keeps for this home folder, if there is a keyring at all.

    Any failure counts as "there is none": a server has no keyring daemon, and that is not an error.
    """
    try:
        import keyring

        return keyring.get_password(KEYRING_SERVICE, str(session.folder.resolve()))
    except Exception:
        return None

"""What the number means that `adamas` ends with: one table, also printed into docs/cli.md.

0, 1 and 2 answer the question that was asked (docs/formats/bundle.md); the others, after BSD's sysexits.h, say
why there is no answer. So a script may trust: 1 is never a typing error, and 2 is never a crash.
"""

from __future__ import annotations

from adamas.errors import AdamasError

OK = 0
NOT_VALID = 1
CANNOT_TELL = 2
USAGE = 64
BAD_DATA = 65
NOT_INSTALLED = 69
INTERNAL = 70
IO = 74
TRY_LATER = 75
INTERRUPTED = 130

MEANINGS: dict[int, str] = {
    OK: "done; what was asked about is valid",
    NOT_VALID: "not valid, or refused by a rule; nothing was logged",
    CANNOT_TELL: "cannot tell; the output says what is missing",
    USAGE: "wrong usage: an unknown command or option, a missing value, no office in that folder",
    BAD_DATA: "a file of input cannot be read, or has rows that are wrong; nothing was imported",
    NOT_INSTALLED: "a part is not installed; the message names what to install",
    INTERNAL: "a fault of adamas itself; the message says where its log file is",
    IO: "a file, disk or network fault",
    TRY_LATER: "busy now (database locked, no answer in time); trying again later may do",
    INTERRUPTED: "stopped by Ctrl-C; nothing is half done",
}

BY_CODE: dict[str, int] = {"fetch": IO, "keystore": USAGE, "intake": BAD_DATA}
"""Rooms leave the exit code at 1 for most errors; by the first word of the code these have their own."""


class UsageError(AdamasError):
    """What was typed does not fit together."""

    exit_code = USAGE


class NotInstalledError(AdamasError):
    """A command needs a part that the base install leaves out."""

    exit_code = NOT_INSTALLED


def of(error: AdamasError) -> int:
    """The exit code of an error of any room."""
    own = error.exit_code
    return BY_CODE.get(error.code.split(".", 1)[0], own) if own == NOT_VALID else own

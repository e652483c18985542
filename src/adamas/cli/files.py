"""Writing a result to a file that somebody named: whole or not at all, and never over another."""

from __future__ import annotations

import os
from pathlib import Path

from adamas.cli.exits import UsageError


def write_new(path: Path, data: bytes, *, private: bool = False) -> None:
    """Writes a new file; half a file is removed again. Raises UsageError ``usage.exists`` if it is there
    already.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
    except FileExistsError:
        raise UsageError(
            "usage.exists",
            "There is a file of that name already.",
            where=str(path),
            advice="Choose another name.",
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise

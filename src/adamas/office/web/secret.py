"""The secret that signs sessions and forms, kept in the office's folder, and the hosts that the office answers to."""

from __future__ import annotations

import os
import secrets
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

NAME = "web.secret"


def of(folder: Path | None) -> str:
    """The office's secret: made at first use, readable by its owner alone. Without an office, one for this process."""
    if folder is None:
        return secrets.token_urlsafe(48)
    file = folder / "keys" / NAME
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_urlsafe(48)
    made = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(made)
    return made


def hosts(folder: Path | None) -> list[str]:
    """The host of the office's address, and those of ADAMAS_HOSTS (comma between)."""
    found = [host for host in os.environ.get("ADAMAS_HOSTS", "").split(",") if host]
    if folder is not None:
        try:
            address = tomllib.loads((folder / "office.toml").read_text(encoding="utf-8")).get("address")
        except (OSError, ValueError):
            address = None
        if isinstance(address, str) and (host := urlsplit(address).hostname):
            found.append(host)
    return found

"""The files of the browser's verifier, held in memory, compressed, under a name that is a hash of their contents.

They are served below ``/v/app/<version>/`` and not as ordinary static files for three reasons: modules import one
another by relative addresses, so all must change their address together; a phone keeps them for good; and the
worker that runs zxing gets a policy of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "verify"
PREFIX = "/v/app"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
}
_LATER = ("vendor/zxing", "vendor/ml-dsa", "scan-worker.js")
"""Beginnings of the names of files that no visitor needs before scanning, or with a browser of today."""
_WORKER = "sw.js"


@dataclass(frozen=True, slots=True)
class File:
    """One file: its content as it is and compressed, and its media type."""

    plain: bytes
    packed: bytes
    type: str


@cache
def files() -> dict[str, File]:
    """All files by name; without the service worker, which has an address of its own."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        name = path.relative_to(FOLDER).as_posix()
        if path.suffix in _TYPES and name != _WORKER:
            plain = path.read_bytes()
            found[name] = File(plain, gzip.compress(plain, 9, mtime=0), _TYPES[path.suffix])
    return found


@cache
def version() -> str:
    """Sixteen hexadecimal digits that change with any byte of any file."""
    whole = hashlib.sha256((FOLDER / _WORKER).read_bytes())
    for name, file in files().items():
        whole.update(f"{name} {len(file.plain)}\n".encode() + file.plain)
    return whole.hexdigest()[:16]


def address(name: str) -> str:
    """Where a file is served."""
    return f"{PREFIX}/{version()}/{name}"


@cache
def modules() -> tuple[str, ...]:
    """The modules that the page needs at once, those that it imports by and by, so that none waits for another."""
    return tuple(address(name) for name in _reached("page.js"))


def _reached(start: str) -> list[str]:
    names, at = [start], 0
    while at < len(names):
        text = files()[names[at]].plain.decode()
        for imported in re.findall(
            r'^(?:import|export) .*?from "\./([^"]+)";', text, re.MULTILINE | re.DOTALL
        ):
            if imported not in names:
                names.append(imported)
        at += 1
    return names


def kept() -> list[str]:
    """What the service worker holds from the first visit on: everything but the scanner."""
    return [address(name) for name in files() if not name.startswith(_LATER) or "ml-dsa" in name]


def worker(others: list[str]) -> str:
    """The service worker's text; ``others`` are addresses of the site's own files that the page needs."""
    names = ",\n".join(f'  "{name}"' for name in [*kept(), *others])
    body = (FOLDER / _WORKER).read_text()
    digest = hashlib.sha256(f"{version()}{names}{body}".encode()).hexdigest()[:16]
    return f'const VERSION = "{digest}";\nconst FILES = [\n{names},\n];\n{body}'

"""What the processes of an audit share, and the first of their three passes.

They read tiles straight from the folders and give back little. ``scan`` looks for the few entries that change who may
speak (by their type's bytes, without reading the rest); ``audit_entries.check_entries`` reads every entry, and puts
facts for the rules into files, a certificate always into the same one; ``audit_rules.judge_shard`` reads one such file
back and judges its certificates. So no process ever holds more than some thousand statements.
"""

from __future__ import annotations

import datetime
import multiprocessing
import re
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from adamas.analysis.catalogue import CERTIFICATE_TYPES, HISTORY_TYPES
from adamas.analysis.folders import Sightings, bundle_of
from adamas.analysis.state import Standing
from adamas.errors import AdamasError
from adamas.ledger import cbor
from adamas.ledger.keyhistory import KeyHistory
from adamas.ledger.tiles import WIDTH, decode_bundle
from adamas.scheme.participants import Register

TILES = "C2SP tlog-tiles"
RETURN_TYPES = frozenset({"return.filed", "return.amended"})
RULED_TYPES = CERTIFICATE_TYPES | RETURN_TYPES
LENGTH = 8
"""Bytes of the length that stands before each part of a file of facts."""
_HISTORY = re.compile(
    b"dtype(?:" + b"|".join(re.escape(cbor.encode(name)) for name in sorted(HISTORY_TYPES)) + b")"
)


@dataclass(slots=True)
class AuditedFolder:
    """What a worker must know of a log. ``held`` is how many of its entries are here; ``standings`` are those of the
    entries that the key history took in.
    """

    path: Path
    origin: str
    size: int
    root: bytes
    held: int
    full: bool = True
    history: KeyHistory = field(default_factory=KeyHistory)
    sightings: Sightings = field(default_factory=Sightings)
    standings: dict[int, Standing] = field(default_factory=dict)


@dataclass(slots=True)
class Context:
    """What all workers share. ``rules`` says whether payloads are checked against their types, and rules asked;
    ``scratch`` is the folder of the files of facts, None where no rule can be asked.
    """

    logs: list[AuditedFolder]
    rules: bool = True
    scratch: Path | None = None
    shards: int = 1
    register: Register | None = None
    as_of: datetime.date = datetime.date.min
    starts: dict[int, tuple[list[int], list[int | None]]] = field(default_factory=dict)


class Task(NamedTuple):
    """The bundles [first, last) of the log with this number."""

    log: int
    first: int
    last: int


_context = Context([])
files: dict[int, Any] = {}
"""The files of facts that this process has open, by shard."""


def begin(context: Context) -> None:
    """Sets what this process works on; called once in each worker."""
    global _context  # noqa: PLW0603 - a pool gives its workers no other place
    _context = context
    files.clear()
    if multiprocessing.parent_process() is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's to answer


def current() -> Context:
    """What this process works on."""
    return _context


def scan(task: Task) -> tuple[Task, list[tuple[int, bytes]]]:
    """The entries of these bundles that a key history must see: (index, bytes)."""
    log = _context.logs[task.log]
    found = []
    for number in range(task.first, task.last):
        data = bundle_of(log.path, number, width_of(log.size, number))
        if data is None or _HISTORY.search(data) is None:
            continue
        try:
            entries = decode_bundle(data)[: width_of(log.size, number)]
        except AdamasError:
            continue
        found += [(number * WIDTH + n, raw) for n, raw in enumerate(entries) if _HISTORY.search(raw)]
    return task, found


def concerns_keys(data: bytes) -> bool:
    """Whether these bytes may hold a statement that a key history must see; never False for one that does."""
    return _HISTORY.search(data) is not None


def width_of(size: int, bundle: int) -> int:
    """How many entries a bundle has in a tree of some size."""
    return min(size - bundle * WIDTH, WIDTH)

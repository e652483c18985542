"""How far the logs are witnessed, as every page says it: a missing pillar is a state that is shown, not an error.

`everywhere` is a context processor: templates have `pillars`, the states of all logs known here, the own log first.
What it costs is one look into the database in a few seconds; without a database the pages say nothing of it.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest

from adamas.errors import AdamasError
from adamas.ledger.policy import Policy
from adamas.office.log.models import Log
from adamas.office.log.pillars import Witnessing, witnessing
from adamas.office.web import site

KEPT_SECONDS = 5.0
OWN = 1


@dataclass(frozen=True, slots=True)
class Cosigned:
    """One group of the witness policy: whether it cosigned the newest checkpoint, and by whom and when (unix s)."""

    name: str
    seen: bool
    witnesses: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class LogState:
    """One log: its row, its entries known here, what witnesses said, and how old (seconds) the knowledge is.

    ``witnessed_age`` is None while no checkpoint had its quorum; ``checked_age`` None if it was never asked.
    """

    number: int
    origin: str
    role: str
    url: str
    vkey: str
    size: int
    witnessing: Witnessing
    witnessed_age: int | None
    checked_age: int | None
    groups: tuple[Cosigned, ...]

    @property
    def own(self) -> bool:
        """Whether this office writes it."""
        return self.number == OWN

    @property
    def behind(self) -> int:
        """Entries that are not witnessed yet."""
        return max(self.size - self.witnessing.witnessed, 0)


_lock = threading.Lock()
_kept: tuple[int, float, tuple[LogState, ...]] | None = None


def pillars() -> tuple[LogState, ...]:
    """The states of all logs, at most a few seconds old. Raises DatabaseError, HomeError."""
    global _kept  # noqa: PLW0603 — one process serves one office
    office = site.office()
    kept = _kept
    if kept is not None and kept[0] == id(office) and time.monotonic() - kept[1] < KEPT_SECONDS:
        return kept[2]
    found = tuple(_states())
    with _lock:
        _kept = (id(office), time.monotonic(), found)
    return found


def stamp() -> str:
    """What everything public follows from: how long each log is, published and witnessed. It changes with them."""
    return json.dumps(
        [[log.origin, log.size, log.witnessing.published, log.witnessing.witnessed] for log in pillars()]
    )


def forget() -> None:
    """Has the states read anew at the next page."""
    global _kept  # noqa: PLW0603
    _kept = None


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """`pillars` for all templates; nothing where the office cannot be asked, so that error pages still come."""
    try:
        return {"pillars": pillars()}
    except Exception:
        return {"pillars": ()}


def _states() -> list[LogState]:
    office = site.office()
    office.knowledge.refresh()
    said, now = witnessing(office), office.now()
    found = []
    for log in Log.objects.using(office.alias).order_by("number"):
        known = office.knowledge.logs.get(log.number)
        found.append(
            LogState(
                log.number,
                log.origin,
                log.role,
                log.url,
                log.vkey,
                known.size if known else 0,
                said.get(log.origin, Witnessing(log.origin)),
                _age(now, log.witnessed_at),
                _age(now, log.checked_at),
                _groups(bytes(log.checkpoint or b""), log.policy),
            )
        )
    return found


def _age(now: int, then: int | None) -> int | None:
    return None if then is None else max(now - then, 0)


@lru_cache(maxsize=64)
def _groups(note: bytes, policy: str) -> tuple[Cosigned, ...]:
    """The groups of witnesses (not of groups) of a policy, as they stand on a checkpoint."""
    if not policy:
        return ()
    try:
        rules = Policy.parse(policy)
        result = rules.evaluate_checkpoint(note) if note else None
    except AdamasError:
        return ()
    times = result.times if result else {}
    return tuple(
        Cosigned(
            group.name,
            bool(result and result.groups[group.name]),
            tuple((name, times.get(name)) for name in group.members),
        )
        for group in rules.groups.values()
        if any(name in rules.witnesses for name in group.members)
    )

"""The process that speaks with the other offices: it publishes the own log, asks the witnesses, follows the others.

What is logged is public within some two seconds. Witnesses are asked again while one is missing, and from time to time
when nothing is new, so that readers see a fresh time.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamas.errors import AdamasError
    from adamas.office.opening import Office

log = logging.getLogger("log")
PUBLISH_SECONDS = 2.0
AGAIN_SECONDS = 30.0
"""To the next question to witnesses that did not answer."""
FRESH_SECONDS = 600.0
FOLLOW_SECONDS = 20.0


def run(
    office: Office, *, publish_every: float = PUBLISH_SECONDS, follow_every: float = FOLLOW_SECONDS
) -> None:
    """Publishes and follows until SIGTERM; what was logged until then is published before it ends."""
    from adamas.office.serving.loops import Loop, wait_for

    stop = threading.Event()

    def asked(_: int, __: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    publisher = Publishing(office)
    follower = Loop("follow", follow_every, Following(office).turn, stop)
    follower.start()
    own = Loop("log", publish_every, publisher.turn, stop)
    own.run()
    try:
        publisher.turn()
    except Exception as error:
        own.say(error)
    wait_for([follower], 10)


class Publishing:
    """One turn: publishes if something is new, a witness is missing, or the last time is old."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._size = -1
        self._missing: dict[str, str] = {}
        self._asked = 0.0

    def turn(self) -> None:
        """Raises what publishing raises."""
        office = self._office
        size = _size(office)
        age = time.monotonic() - self._asked
        if size == self._size and age < (AGAIN_SECONDS if self._missing else FRESH_SECONDS):
            return
        self._asked = time.monotonic()
        done = office.publish()
        self._size = done.checkpoint.size
        self._tell(done.failures)

    def _tell(self, failed: dict[str, str]) -> None:
        for name, why in failed.items():
            if self._missing.get(name) != why:
                log.warning("witness %s: %s", name, why)
        for name in self._missing.keys() - failed.keys():
            log.info("witness %s answers again.", name)
        self._missing = dict(failed)


class Following:
    """One turn: catches up with every followed log; one that cannot be had does not keep the others."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._said: dict[str, str] = {}

    def turn(self) -> None:
        """Raises DatabaseError; what is wrong with a log is told, once."""
        from adamas.office.log.follow import catch_up

        failed: dict[str, AdamasError] = {}
        for done in catch_up(self._office, failed=failed):
            if self._said.pop(done.origin, None):
                log.info("%s answers again.", done.origin)
        for origin, error in failed.items():
            if self._said.get(origin) != error.code:
                log.warning("%s: %s", origin, error)
            self._said[origin] = error.code


def _size(office: Office) -> int:
    from django.db import connections

    from adamas.ledger.entries import EntryLog
    from adamas.office.database import failures
    from adamas.office.log.knowledge import OWN

    with failures(), connections[office.alias].cursor() as cursor:
        return EntryLog(OWN).size(cursor)

"""Something done again and again in a thread: at once, then after a pause, longer while it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from adamas.errors import AdamasError

LONGEST_PAUSE = 60.0


class Loop(threading.Thread):
    """Calls ``turn`` every ``seconds`` until ``stop`` is set. A failure is said once, and tried again later and later.

    ``turn`` may give the seconds to its next time; None means ``seconds``.
    """

    def __init__(
        self, name: str, seconds: float, turn: Callable[[], float | None], stop: threading.Event
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._log = logging.getLogger(name)
        self._seconds = seconds
        self._turn = turn
        self._stop_asked = stop
        self._said = ""

    def run(self) -> None:
        """Until ``stop``; ends after the turn that is under way."""
        failures = 0
        while not self._stop_asked.is_set():
            try:
                pause = self._turn() or self._seconds
                if failures:
                    self._log.info("It goes on after %d failures.", failures)
                failures, self._said = 0, ""
            except Exception as error:
                failures += 1
                pause = min(self._seconds * 2 ** min(failures, 6), max(LONGEST_PAUSE, self._seconds))
                self.say(error)
            finally:
                with suppress(Exception):
                    idle()
            self._stop_asked.wait(pause)

    def say(self, error: Exception) -> None:
        """One line for a failure, and none for the same one again; a traceback for a fault of ours."""
        from django.db import DatabaseError as DjangoError

        from adamas.office.database import named

        if isinstance(error, DjangoError):
            error = named(error)
        known = isinstance(error, AdamasError)
        text = f"{error}" if known else f"{type(error).__name__}: {error}"
        if text != self._said:
            self._log.warning("%s", text, exc_info=None if known else error)
        self._said = text


def idle() -> None:
    """Closes connections of this thread that are broken or too old, as Django does around a request."""
    from django.db import close_old_connections

    close_old_connections()


def wait_for(threads: list[Loop], seconds: float) -> None:
    """Waits for threads to end, together at most so long."""
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))

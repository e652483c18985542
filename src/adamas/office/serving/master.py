"""The master: forks the parts of an office, starts what falls again, and ends them in order.

A part that falls soon after its start is started later and later (at most once a minute). When the master is killed,
the parts see the pipe to it close and end by themselves, so a dead master leaves nothing behind.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

log = logging.getLogger("serve")
DRAIN_SECONDS = 30.0
STEADY_SECONDS = 60.0
LONGEST_PAUSE = 60.0


@dataclass
class Part:
    """A process of the office. Parts with a higher ``last`` end later."""

    name: str
    run: Callable[[], None]
    last: int = 0
    pid: int = 0
    started: float = 0.0
    falls: int = 0
    due: float = 0.0


class Master:
    """Keeps parts running until SIGTERM or Ctrl-C."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self._ending = False
        self._alive_read, self._alive_write = os.pipe()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)

    def run(self) -> int:
        """Runs everything; gives 0 when it was asked to end, and all ended in time."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        while not self._ending:
            self._reap()
            self._start()
            self._sleep(self._next())
        return self._end()

    def _asked(self, number: int, _: FrameType | None) -> None:
        self._ending = True

    def _next(self) -> float:
        waiting = [part.due - time.monotonic() for part in self.parts if not part.pid]
        return max(0.05, min([1.0, *waiting]))

    def _sleep(self, seconds: float) -> None:
        select.select([self._wake_read], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self._wake_read, 4096)

    def _start(self) -> None:
        for part in self.parts:
            if not part.pid and part.due <= time.monotonic() and not self._ending:
                part.started = time.monotonic()
                part.pid = self._fork(part)

    def _fork(self, part: Part) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            return pid
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            for end in (self._alive_write, self._wake_read, self._wake_write):
                os.close(end)
            self._watch()
            part.run()
            code = 0
        except SystemExit as asked:
            code = asked.code if isinstance(asked.code, int) else 1
        except BaseException:
            logging.getLogger(part.name).exception("It fell.")
        finally:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _watch(self) -> None:
        """Ends this process when the master is gone: the pipe whose other end it holds closes."""

        def wait() -> None:
            os.read(self._alive_read, 1)
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=wait, name="master", daemon=True).start()

    def _reap(self) -> None:
        for part in self.parts:
            if not part.pid:
                continue
            pid, status = os.waitpid(part.pid, os.WNOHANG)
            if not pid:
                if part.falls and time.monotonic() - part.started > STEADY_SECONDS:
                    part.falls = 0
                continue
            part.pid = 0
            if self._ending:
                continue
            part.falls += 1
            pause = 0.0 if part.falls == 1 else min(LONGEST_PAUSE, 0.5 * 2 ** (part.falls - 1))
            part.due = time.monotonic() + pause
            log.error("%s ended (%s); it is started again in %.0f s.", part.name, _how(status), pause)

    def _end(self) -> int:
        """Asks the parts to end, those that others still need last; kills what does not within the time."""
        log.info("The office closes; what is under way is finished first.")
        end = time.monotonic() + DRAIN_SECONDS
        clean = True
        for turn in sorted({part.last for part in self.parts}):
            now = [part for part in self.parts if part.last == turn]
            for part in now:
                self._signal(part, signal.SIGTERM)
            while any(part.pid for part in now) and time.monotonic() < end:
                self._reap()
                if any(part.pid for part in now):
                    self._sleep(0.2)
            for part in now:
                if part.pid:
                    clean = False
                    log.error("%s did not end in time and is killed.", part.name)
                    self._signal(part, signal.SIGKILL)
                    os.waitpid(part.pid, 0)
                    part.pid = 0
        return 0 if clean else 1

    def _signal(self, part: Part, number: signal.Signals) -> None:
        if part.pid:
            with suppress(ProcessLookupError):
                os.kill(part.pid, number)


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return f"exit code {os.waitstatus_to_exitcode(status)}"

"""The process that does what no officer waits for: queued tasks one after another, and what comes round.

A task that was under way when the process was killed is done again (so a task must bear being done twice); one that
fails is tried again after 10 s, 1 min, 10 min and 1 h, and then stays in the table as failed, with its reason.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import threading
import time
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_tasks_db.models import DBTaskResult

log = logging.getLogger("jobs")
RETRIES = (10, 60, 600, 3600)
"""Seconds to the next try, by how often a task was tried."""
POLL_SECONDS = 1.0
KEEP_DAYS = 30
"""Tasks that are done are kept for so long."""


def run() -> None:
    """Works until SIGTERM, and ends after the task that is under way."""
    from adamas.office.serving.loops import Loop, wait_for
    from adamas.office.web import jobs

    stop = threading.Event()

    def asked(_: int, __: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    rounds = Rounds([*jobs.EVERY, (3600, f"{__name__}.prune")])
    keeper = Loop("rounds", 1.0, rounds.turn, stop)
    keeper.start()
    worker = Loop("jobs", POLL_SECONDS, Queue(stop).turn, stop)
    worker.run()  # in this thread: signals come to it
    wait_for([keeper], 20)


class Rounds:
    """What comes round: (seconds, dotted name). The first turn comes soon after the start, one after another."""

    def __init__(self, every: list[tuple[int, str]]) -> None:
        now = time.monotonic()
        self._due = {name: now + 5 + number for number, (_, name) in enumerate(every)}
        self._seconds = {name: seconds for seconds, name in every}
        self._said: dict[str, str] = {}

    def turn(self) -> None:
        """Does what is due. One that fails does not keep the others."""
        from django.utils.module_loading import import_string

        for name, due in self._due.items():
            if due > time.monotonic():
                continue
            self._due[name] = time.monotonic() + self._seconds[name]
            try:
                import_string(name)()
                self._said.pop(name, None)
            except Exception as error:
                if self._said.get(name) != str(error):  # the same again is not news
                    log.warning("%s failed: %s", name, error, exc_info=_unless_ours(error))
                self._said[name] = str(error)


class Queue:
    """The queue of tasks in the office's database."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._begun = False
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._worker = _worker(self._name)

    def turn(self) -> None:
        """Does every task that is ready, one after another."""
        if not self._begun:
            self._again()
            self._begun = True
        while not self._stop.is_set() and self._one():
            pass

    def _again(self) -> None:
        """Only one process does the tasks of an office, so what is still marked as under way was cut off."""
        from django_tasks.base import TaskResultStatus
        from django_tasks_db.models import DBTaskResult

        cut = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
        count = cut.update(status=TaskResultStatus.READY)
        if count:
            log.info("%d tasks were cut off and are done again.", count)

    def _one(self) -> bool:
        from django_tasks_db.models import DBTaskResult
        from django_tasks_db.utils import exclusive_transaction

        ready = DBTaskResult.objects.ready()
        if not ready.exists():  # reading waits for nobody; the write lock is taken only if there is something
            return False
        with exclusive_transaction(ready.db):
            task = ready.get_locked()
            if task is not None:
                task.claim(self._name)
        if task is None:
            return False
        self._worker.run_task(task)
        _retry(task)
        return True


def _worker(name: str) -> Any:
    from django_tasks_db.management.commands.db_worker import Worker

    return Worker(
        queue_names=["*"],
        interval=POLL_SECONDS,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
        excluded_queue_names=[],
    )


def _retry(task: DBTaskResult) -> None:
    """Puts a task that failed back, for later, until its tries are used up."""
    from django.utils import timezone
    from django_tasks.base import TaskResultStatus

    if task.status != TaskResultStatus.FAILED:
        return
    reason = task.traceback.strip().rpartition("\n")[2]
    tried = len(task.worker_ids)
    if tried > len(RETRIES):
        log.error("Task %s failed %d times and is given up: %s", task.task_path, tried, reason)
        return
    wait = RETRIES[tried - 1]
    log.warning("Task %s failed and is tried again in %d s: %s", task.task_path, wait, reason)
    task.status = TaskResultStatus.READY
    task.run_after = timezone.now() + timedelta(seconds=wait)
    task.save(update_fields=["status", "run_after"])


def prune() -> None:
    """Takes away tasks that were done long ago, and sessions that are over."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    before = timezone.now() - timedelta(days=KEEP_DAYS)
    DBTaskResult.objects.successful().filter(finished_at__lt=before).delete()
    SessionStore.clear_expired()


def _unless_ours(error: Exception) -> Exception | None:
    from adamas.errors import AdamasError

    return None if isinstance(error, AdamasError) else error

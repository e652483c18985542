"""Work that no officer waits for: tasks kept in the database, in the transaction of who asks, and what comes round.

later(send_notice, number)          # after the commit, by the worker, tried again if it fails
EVERY.append((300, "adamas.office.arrival.actions.chase"))
"""

from __future__ import annotations

from typing import Any

EVERY: list[tuple[int, str]] = []
"""Periodic work: (seconds, dotted name of a function without arguments). The worker keeps the turns."""


def later(task: Any, *args: Any, **kwargs: Any) -> None:
    """Enqueues a task (``django_tasks.task``); its arguments must be plain JSON values."""
    task.enqueue(*args, **kwargs)

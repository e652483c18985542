"""One process for each office of the demo, and the orders that it takes.

Each order calls the same functions that the words of the command line call (certification.actions, log.publishing,
log.follow, certification.notice), with the simulated clock. The office stays open between orders, as a server does.
"""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from adamas.demo.places import PASSPHRASE, Clock
from adamas.errors import AdamasError


class DemoError(AdamasError):
    """The demo itself went wrong: a door refused what it must take, or a process died."""

    exit_code = 70


class Desk:
    """The demo's side of an office's process: orders go out with :meth:`ask`, answers come back with :meth:`take`."""

    def __init__(self, name: str, home: Path, clock: Clock) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = name
        self._clock = clock
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, str(home)), daemon=True, name=name)
        self._process.start()
        theirs.close()

    def ask(self, order: str, *args: Any) -> None:
        """Sends an order, to be done at the time that the clock shows now; the answer is taken later."""
        self._ours.send((order, self._clock(), args))

    def take(self) -> Any:
        """The answer to the oldest order. Raises DemoError ``demo.desk`` with what went wrong there."""
        try:
            good, answer = self._ours.recv()
        except EOFError:
            raise DemoError("demo.desk", f"The office {self.name} stopped before it answered.") from None
        if not good:
            raise DemoError("demo.desk", f"The office {self.name} could not do it: {answer}")
        return answer

    def do(self, order: str, *args: Any) -> Any:
        """An order and its answer."""
        self.ask(order, *args)
        return self.take()

    def close(self) -> None:
        """Ends the process."""
        self._ours.close()
        self._process.join(10)

    def stop(self) -> None:
        """Ends the process without asking, after an error."""
        self._process.kill()


@dataclass(slots=True)
class _Hour:
    """The clock of an office's process: the time at which the order that it works on was given."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def _serve(pipe: Connection, home: str) -> None:
    import gc

    from adamas.office.opening import open_office

    # A round makes some hundred thousand short-lived values and no cycles: looking for those costs a tenth of the time.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    clock = _Hour()
    with open_office(home, passphrase=PASSPHRASE, clock=clock) as office:
        while True:
            try:
                order, clock.now, args = pipe.recv()
            except (EOFError, KeyboardInterrupt):
                return
            try:
                answer = (True, ORDERS[order](office, *args))
            except AdamasError as error:
                refused = [f.sentence for row in getattr(error, "refused", ())[:3] for f in row.findings]
                answer = (False, f"{error} {' '.join(refused)}")
            except Exception:
                answer = (False, traceback.format_exc())
            pipe.send(answer)


def _export(office: Any, commands: Sequence[Any], validations: Sequence[Any]) -> tuple[int, float]:
    """Issues and validates; how many statements, and seconds spent in the door."""
    import time

    from adamas.office.certification import actions

    begun = time.perf_counter()
    if commands:
        actions.issue(office, commands)
    if validations:
        actions.validate(office, validations)
    return len(commands) + len(validations), time.perf_counter() - begun


def _notices(office: Any, groups: dict[str, tuple[list[str], list[str]]]) -> dict[str, bytes]:
    """Notices by receiving office: its Participants and the numbers that go to them."""
    from adamas.office.certification import notice

    return {
        name: notice.export(office, to=codes, numbers=numbers) for name, (codes, numbers) in groups.items()
    }


def _arrive(office: Any, notices: Sequence[bytes], arrivals: Sequence[Any]) -> tuple[int, float]:
    """Catches up with the other logs, takes notices in, and confirms what arrived."""
    import time

    from adamas.office.certification import actions, notice
    from adamas.office.log import follow

    follow.catch_up(office)
    for data in notices:
        result = notice.take_in(office, data)
        if result.refused:
            raise DemoError("demo.notice", f"A notice was refused: {result.refused[0].sentence}")
    begun = time.perf_counter()
    if arrivals:
        actions.receive(office, arrivals)
    return len(arrivals), time.perf_counter() - begun


def _publish(office: Any) -> dict[str, Any]:
    out = office.publish()
    return {
        "size": out.checkpoint.size,
        "complete": out.policy is None or out.policy.satisfied,
        "missing": [] if out.policy is None else list(out.policy.missing),
        "failures": dict(out.failures),
    }


def _act(office: Any, word: str, *commands: Any) -> list[Any]:
    """One act of the certification desk by name."""
    from adamas.office.certification import actions

    return list(getattr(actions, word)(office, list(commands)).accepted)


def _door(office: Any, word: str, command: Any) -> list[tuple[str, str, str, str]]:
    """What the door answers to a command that it must refuse: code, sentence, clause and field of every reason."""
    from adamas.office.certification import actions
    from adamas.office.errors import BatchRefused

    try:
        getattr(actions, word)(office, [command])
    except BatchRefused as error:
        return [
            (f.code, f.sentence, f.clause, f.field) for row in error.refused for f in row.findings
            if f.severity == "refuse"
        ]  # fmt: skip
    return []


def _call(office: Any, work: Callable[..., Any], *args: Any) -> Any:
    """Anything else, as a function of the office (importable by name)."""
    return work(office, *args)


ORDERS: dict[str, Callable[..., Any]] = {
    "export": _export,
    "notices": _notices,
    "arrive": _arrive,
    "publish": _publish,
    "act": _act,
    "door": _door,
    "call": _call,
}

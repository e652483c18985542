"""The public audit: everything that logs claim, worked out again from their published bytes alone.

For each log: the checkpoint's signature and witnesses, the root from the entries, every tile, every statement's form,
signature and key at its place. Across logs: copies of key statements against the registry's, two histories of one
log, and (with ``rules``) every rule of the rulebook on every certificate, whatever log its statements stand in.
What is wrong becomes a fault with its log and index; nothing that a folder holds stops the audit.

    audit.no-log audit.checkpoint audit.no-log-key audit.root audit.cosignature audit.fork audit.split-view
    audit.registry audit.roots audit.copy audit.copy-missing audit.genesis tile.*
"""

from __future__ import annotations

import datetime
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from adamas.analysis import audit_work as work
from adamas.analysis import forks, registry_checks
from adamas.analysis.audit_entries import Checked, check_entries
from adamas.analysis.audit_rules import Starts, faults_of, judge_shard, later, latest_before
from adamas.analysis.audit_tree import tree_faults
from adamas.analysis.audit_work import AuditedFolder, Context, Task
from adamas.analysis.errors import AuditError
from adamas.analysis.folders import LogFolder, Sightings, find, open_folder
from adamas.analysis.report import REFUSE, AuditedLog, Fault, Report
from adamas.analysis.state import LogState, fold, register_of
from adamas.analysis.trust import Trust
from adamas.errors import AdamasError
from adamas.ledger.keyhistory import Genesis
from adamas.ledger.policy import Policy
from adamas.ledger.tiles import WIDTH
from adamas.scheme.admission import judge
from adamas.scheme.participants import Register

BUNDLES_A_TASK = 8
FACTS_A_SHARD = 5_000
MAX_SHARDS = 256
SMALL = 3_000
"""Entries up to which one process does all: starting others would take longer."""
Progress = Callable[[int, int], None]
_Result = TypeVar("_Result")


def audit(
    places: Iterable[Path | str],
    trust: Trust | None = None,
    *,
    as_of: datetime.date | None = None,
    rules: bool = True,
    workers: int | None = None,
    progress: Progress | None = None,
    scratch: Path | None = None,
) -> Report:
    """Audits the logs in these folders (or in folders below them) together.

    ``as_of`` is the day on which confirmations are overdue and times lie in the future (today, if not given);
    ``workers`` the number of processes (all cores); ``progress`` is told of statements done and in all; files of
    passing interest go below ``scratch`` (the system's temporary folder). Raises AuditError ``audit.no-log``.
    """
    begun = time.perf_counter()
    day = as_of or datetime.datetime.now(datetime.UTC).date()
    report = Report(day.isoformat(), rules)
    folders = _open(find(places), trust, report)
    if not folders:
        return report.finish()
    primary, copies = _sort_out(folders)
    with tempfile.TemporaryDirectory(prefix="adamas-audit-", dir=scratch) as place:
        run = _Run(primary + copies, len(primary), report, trust, day, workers, progress, Path(place))
        run.everything(rules)
    report.seconds = time.perf_counter() - begun
    return report.finish()


def _open(paths: Sequence[Path], trust: Trust | None, report: Report) -> list[LogFolder]:
    folders = []
    for path in paths:
        try:
            folders.append(open_folder(path, trust))
        except AuditError as error:
            report.add(
                [
                    Fault(
                        str(path), None, error.code, "C2SP tlog-checkpoint", REFUSE, error.sentence, str(path)
                    )
                ]
            )
    return folders


def _sort_out(folders: list[LogFolder]) -> tuple[list[LogFolder], list[LogFolder]]:
    """One folder for each origin whose statements count (the signed and longest), and the other copies."""
    best: dict[str, LogFolder] = {}
    for folder in folders:
        held = best.get(folder.origin)
        if held is None or (folder.signed, folder.size) > (held.signed, held.size):
            best[folder.origin] = folder
    primary = sorted(best.values(), key=lambda folder: folder.origin)
    return primary, [folder for folder in folders if best[folder.origin] is not folder]


class _Run:
    """One audit under way."""

    def __init__(
        self,
        folders: list[LogFolder],
        primary: int,
        report: Report,
        trust: Trust | None,
        as_of: datetime.date,
        workers: int | None,
        progress: Progress | None,
        scratch: Path,
    ) -> None:
        self.folders, self.report, self.trust, self.as_of = folders, report, trust, as_of
        self.logs = [
            AuditedFolder(f.path, f.origin, f.size, f.checkpoint.root, f.held(), n < primary)
            for n, f in enumerate(folders)
        ]
        self.primary = primary
        self.scratch = scratch
        self.total, self.done = sum(log.held for log in self.logs), 0
        self.workers = (
            1 if self.total <= SMALL and workers is None else workers or len(os.sched_getaffinity(0))
        )
        self.progress = progress
        self.states: list[LogState] = []
        self.registry: int | None = None

    def everything(self, rules: bool) -> None:
        """All passes, in order."""
        self._histories()
        register, facts = self._cross_checks()
        ruled = rules and register is not None
        if rules and register is None:
            self.report.missing.append("The registry's log is not here: no rule of the scheme can be judged.")
        count = sum(log.held for log in self.logs if log.full)
        shards = min(MAX_SHARDS, max(1, -(-count // FACTS_A_SHARD)))
        context = Context(self.logs, rules, self.scratch if ruled else None, shards, None, self.as_of)
        checked = self._entries(context)
        self._describe()
        forks.compare(self.folders, self.report)
        if ruled and register is not None:
            after = {
                index: latest
                for item in checked
                if item.task.log == self.registry
                for index, latest in item.after.items()
            }
            starts = _starts(checked)
            for fact in facts:
                begin = latest_before(starts, self.registry or 0, fact.index)
                latest = later(after.get(fact.index), begin)
                found = judge(fact, None, register, self.as_of, log_time=latest, checked=True)
                self.report.add(faults_of(found, [fact]))
            context.register, context.starts = register, starts
            self._rules(context)

    def _histories(self) -> None:
        """The first pass: who may speak, in each log."""
        found: dict[int, list[tuple[int, bytes]]] = {n: [] for n in range(self.primary)}
        tasks = [task for task in _tasks(self.logs) if self.logs[task.log].full]
        for task, entries in self._map(work.scan, tasks, Context(self.logs)):
            found[task.log] += entries
        policies = self._policies({n: _genesis(entries) for n, entries in found.items()})
        for number in range(self.primary):
            log, folder = self.logs[number], self.folders[number]
            entries, policy = sorted(found[number]), policies.get(log.origin)
            log.sightings = Sightings(folder.latest())
            state = fold(entries, log.sightings.witnessed_at)
            if policy is not None and any(key.since is not None for key in state.history.keys.values()):
                # only a lost key asks when exactly its statements were first witnessed
                pairs = folder.latest()
                for copy in self.folders:
                    pairs += copy.earlier(policy, folder) if copy.origin == log.origin else []
                log.sightings = Sightings(pairs)
                state = fold(entries, log.sightings.witnessed_at)
            log.history, log.standings = state.history, state.acts
            self.states.append(state)

    def _policies(self, first: dict[int, Genesis | None]) -> dict[str, Policy]:
        """Applies the witness policy to each log: the caller's, the registry's, or the log's own. Origin → policy."""
        texts = {}
        for number, genesis in first.items():
            if genesis is not None:
                texts[self.logs[number].origin] = genesis.policy
                if genesis.registry is None and (self.trust is None or self.trust.registry == genesis.id):
                    self.registry = number
        chosen = self.trust.policy if self.trust is not None else None
        shared = chosen or (
            texts.get(self.logs[self.registry].origin, "") if self.registry is not None else ""
        )
        policies: dict[str, Policy] = {}
        for folder in self.folders:
            text = shared or texts.get(folder.origin, "")
            if not text:
                self.report.missing.append(f"{folder.origin}: no witness policy is known.")
                continue
            try:
                policy = policies[folder.origin] = Policy.parse(text)
                folder.witness(policy)
            except AdamasError as error:
                sentence = f"The witness policy cannot be read: {error.sentence}"
                folder.remarks.append(("audit.policy", sentence))
        return policies

    def _cross_checks(self) -> tuple[Register | None, list[Any]]:
        self.report.add(
            registry_checks.check(
                self.states, [log.origin for log in self.logs[: self.primary]], self.registry, self.trust
            )
        )
        if self.registry is None:
            return None, []
        return register_of(self.states[self.registry], self.logs[self.registry].origin)

    def _entries(self, context: Context) -> list[Checked]:
        """The second pass: every entry; then the tree above the tiles of each log."""
        checked: list[Checked] = []
        for item in self._map(check_entries, list(_tasks(self.logs)), context):
            self.report.add(item.faults)
            self.report.types.update(item.types)
            self._tell(item.task)
            checked.append(item._replace(faults=[]))
        checked.sort(key=lambda item: item.task)
        for number, log in enumerate(self.logs):
            mine = [item for item in checked if item.task.log == number]
            roots = [root for item in mine for root in item.roots]
            hashes = mine[-1].hashes if mine else []
            self.report.add(tree_faults(log, roots, hashes))
            if log.full:
                self.report.statements += log.held
        return checked

    def _rules(self, context: Context) -> None:
        """The third pass: the rules, certificate by certificate."""
        for item in self._map(judge_shard, list(range(context.shards)), context):
            self.report.add(item.faults)
            self.report.certificates += item.certificates

    def _tell(self, task: Task) -> None:
        log = self.logs[task.log]
        self.done += min(task.last * WIDTH, log.held) - task.first * WIDTH
        if self.progress is not None:
            self.progress(self.done, self.total)

    def _describe(self) -> None:
        for folder in self.folders:
            for code, sentence in folder.remarks:
                if code == "audit.no-log-key":
                    self.report.missing.append(sentence)
                else:
                    fault = Fault(
                        folder.origin, None, code, "C2SP tlog-checkpoint", REFUSE, sentence, str(folder.path)
                    )
                    self.report.add([fault])
            if folder.missing:
                self.report.missing.append(
                    f"{folder.origin}: the checkpoint was not witnessed by {', '.join(folder.missing)}."
                )
            self.report.logs.append(
                AuditedLog(
                    folder.origin,
                    str(folder.path),
                    folder.size,
                    folder.checkpoint.root.hex(),
                    folder.signed,
                    folder.pillars,
                    tuple(folder.missing),
                    folder.witnessed_at,
                )
            )

    def _map(
        self, function: Callable[[Any], _Result], tasks: Sequence[Any], context: Context
    ) -> Iterator[_Result]:
        """Results of ``function`` for all tasks, in the order in which they are ready."""
        if self.workers == 1 or len(tasks) <= 1:
            work.begin(context)
            for task in tasks:
                yield function(task)
            return
        with _pool(min(self.workers, len(tasks)), context) as pool:
            waiting: set[Future[_Result]] = {pool.submit(function, task) for task in tasks}
            for future in as_completed(waiting):
                waiting.discard(future)
                yield future.result()


@contextmanager
def _pool(workers: int, context: Context) -> Iterator[ProcessPoolExecutor]:
    """Worker processes; forked where no other thread runs, since that is quick and shares memory."""
    method = (
        "fork"
        if threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
        else "spawn"
    )
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context(method), work.begin, (context,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _genesis(entries: Sequence[tuple[int, bytes]]) -> Genesis | None:
    """What a log's first entry says, if it is a genesis that holds."""
    return fold([entry for entry in entries if entry[0] == 0], lambda _: None).history.genesis


def _tasks(logs: Sequence[AuditedFolder]) -> Iterator[Task]:
    for number, log in enumerate(logs):
        bundles = -(-log.held // WIDTH)
        for first in range(0, bundles, BUNDLES_A_TASK):
            yield Task(number, first, min(first + BUNDLES_A_TASK, bundles))


def _starts(checked: Iterable[Checked]) -> Starts:
    """What the third pass must know of the second to see what is backdated."""
    starts: Starts = {}
    latest: dict[int, int | None] = {}
    for item in checked:
        firsts, before = starts.setdefault(item.task.log, ([], []))
        firsts.append(item.task.first * WIDTH)
        before.append(latest.get(item.task.log))
        latest[item.task.log] = later(latest.get(item.task.log), item.latest)
    return starts

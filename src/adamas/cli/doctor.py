"""`adamas doctor`: is this office sound? One line for each thing looked at: ok, warn or fail, and what to do.

Nothing is changed and no key is used. Each check is a function that gives lines; one that cannot look says so
and the others go on.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from adamas.cli import desk, exits, output
from adamas.cli.session import Home, Json, session
from adamas.cli.show import age, known

if TYPE_CHECKING:
    from adamas.office.opening import Office

MIN_FREE = 1_000_000_000
"""Bytes of free disk below which we warn: a day of a busy office, with its index and tiles."""
OLD_KNOWLEDGE = 24 * 3600
MAX_CLOCK_STEP = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    level: Literal["ok", "warn", "fail"]
    check: str
    says: str
    advice: str = ""


def doctor(
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask witnesses and other offices.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> int:
    """Check disk, clock, keys, database, publication, witnesses and followed logs. Exit code 1 if one
    fails.
    """
    lines: list[Line] = []
    with desk.office() as office:
        for name, check in CHECKS:
            if offline and check is _witnesses:
                continue
            try:
                lines += check(office)
            except Exception as error:
                lines.append(Line("fail", name, f"could not look: {error}"))
    worst = (
        "fail"
        if any(i.level == "fail" for i in lines)
        else "warn"
        if any(i.level == "warn" for i in lines)
        else "ok"
    )
    facts = {
        "home": str(session.folder),
        "state": worst,
        "checks": [
            {"level": i.level, "check": i.check, "says": i.says, "advice": i.advice or None} for i in lines
        ],
    }
    output.show(facts, lambda: _show(lines))
    return exits.NOT_VALID if worst == "fail" else exits.OK


def _show(lines: list[Line]) -> None:
    width = max(len(line.check) for line in lines)
    for line in lines:
        output.line(f"{line.level:<4}  {line.check:<{width}}  {line.says}")
        if line.advice and line.level != "ok":
            output.line(f"      {'':<{width}}  → {line.advice}")


def _disk(office: Office) -> Iterator[Line]:
    free = shutil.disk_usage(office.home.path).free
    enough = free >= MIN_FREE
    yield Line(
        "ok" if enough else "warn", "free disk", f"{free / 1e9:.1f} GB", "Make room before the disk is full."
    )
    if not os.access(office.home.path, os.W_OK):
        yield Line(
            "fail", "folder", f"{office.home.path} cannot be written", "Look at its owner and permissions."
        )


def _database(office: Office) -> Iterator[Line]:
    from django.db import connections

    connection = connections[office.alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            mode = _pragma(cursor, "journal_mode")
            synchronous = int(_pragma(cursor, "synchronous"))
            durable = str(mode).lower() == "wal" and synchronous >= 2
            says = f"SQLite {sqlite3.sqlite_version}, journal {mode}, synchronous {synchronous}"
            yield Line(
                "ok" if durable else "fail",
                "durability",
                says,
                "An acknowledged statement could be lost at a power failure: let adamas open the database itself.",
            )
            network = _network_disk(office.home.path)
            if network:
                yield Line(
                    "fail",
                    "database",
                    f"on a network disk ({network})",
                    "Move it to a local disk: WAL needs one.",
                )
            check = _pragma(cursor, "quick_check")
            yield Line(
                "ok" if check == "ok" else "fail",
                "database",
                f"quick check: {check}",
                "Restore a copy, then replay.",
            )
        else:
            settings = {}
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                cursor.execute(f"SHOW {name}")
                settings[name] = cursor.fetchone()[0]
            durable = all(value in ("on", "remote_apply", "remote_write") for value in settings.values())
            yield Line(
                "ok" if durable else "fail",
                "durability",
                "PostgreSQL, " + ", ".join(f"{n} {v}" for n, v in settings.items()),
                "Turn them on: an acknowledged statement could be lost.",
            )


def _pragma(cursor: object, name: str) -> str:
    cursor.execute(f"PRAGMA {name}")  # type: ignore[attr-defined]
    return str(cursor.fetchone()[0])  # type: ignore[attr-defined]


def _network_disk(path: Path) -> str | None:
    """The kind of a network file system that holds a path, as Linux tells it; None elsewhere."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return None
    here = str(path.resolve())
    best = max(
        (m for m in mounts if here == m[1] or here.startswith(m[1].rstrip("/") + "/")),
        key=lambda m: len(m[1]),
    )
    return best[2] if best[2] in ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs") else None


def _clock(office: Office) -> Iterator[Line]:
    from adamas.office.log.models import Fact, Log

    now = office.now()
    latest = (
        Fact.objects.using(office.alias).filter(log=1).order_by("-idx").values_list("at", flat=True).first()
    )
    witnessed = max((log.witnessed_at or 0 for log in Log.objects.using(office.alias).all()), default=0)
    ahead = max(latest or 0, witnessed) - now
    if ahead > MAX_CLOCK_STEP:
        yield Line(
            "fail",
            "clock",
            f"{output.utc(now)} is {age(ahead)} behind what was signed or witnessed before",
            "Set the clock (a time server): statements would be dated wrongly.",
        )
    else:
        yield Line("ok", "clock", f"{output.utc(now)}, not behind anything signed or witnessed")


def _keys(office: Office) -> Iterator[Line]:
    folder = office.home.keys
    files = [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []
    if not files:
        yield Line(
            "fail",
            "keys",
            f"no key in {folder}",
            "Make or restore the keys: without them nothing can be signed.",
        )
        return
    unreadable = [file.name for file in files if not os.access(file, os.R_OK)]
    if unreadable:
        yield Line("fail", "keys", f"cannot be read: {', '.join(unreadable)}", "Look at their owner.")
    loose = [file.name for file in files if file.stat().st_mode & 0o077]
    if loose:
        yield Line("warn", "keys", f"readable by others: {', '.join(loose[:5])}", f"chmod -R go= {folder}")
    if not unreadable and not loose:
        yield Line("ok", "keys", f"{len(files)} files in {folder}, closed to others")
    from adamas.office.registry.models import Key

    rows = Key.objects.using(office.alias).filter(log=1)
    for row in rows.filter(compromised__isnull=False):
        yield Line(
            "warn", "keys", f"{row.kid} of {row.holder} is declared compromised since {output.utc(row.since)}"
        )
    live = rows.filter(retired__isnull=True, compromised__isnull=True, purpose="statement").count()
    yield Line(
        "ok" if live else "warn",
        "keys enrolled",
        f"{live} that may sign statements in this log",
        "Enrol a key: adamas keys enrol",
    )


def _publication(office: Office) -> Iterator[Line]:
    from adamas.ledger.checkpoint import parse_body
    from adamas.ledger.note import parse
    from adamas.ledger.storage import open_storage

    office.knowledge.refresh()
    size = office.knowledge.logs[1].size if 1 in office.knowledge.logs else 0
    note = open_storage(office.home.publish_to).get("checkpoint")
    published = parse_body(parse(note).text).size if note else 0
    behind = size - published
    yield Line(
        "ok" if not behind else "warn",
        "published",
        f"{published:,} of {size:,} entries" + (f", {behind:,} wait" if behind else ""),
        "adamas publish",
    )
    if published > size:
        yield Line(
            "fail",
            "published",
            "more is published than the database holds",
            "The database is an old copy: publish nothing, restore the newest one.",
        )
    if note and office.config.policy:
        from adamas.ledger.policy import Policy

        result = Policy.parse(office.config.policy).evaluate_checkpoint(note)
        yield Line(
            "ok" if result.satisfied else "warn",
            "witnessed",
            "by every pillar" if result.satisfied else f"without {', '.join(result.missing)}",
            "adamas publish asks the witnesses again",
        )


def _witnesses(office: Office) -> Iterator[Line]:
    if not office.config.policy:
        yield Line("warn", "witnesses", "no witness policy", "Write policy.txt: nobody watches this log.")
        return
    import urllib3

    from adamas.ledger.policy import Policy

    http = urllib3.PoolManager(timeout=urllib3.Timeout(3), retries=False)
    urls = {w.url: w.name for w in Policy.parse(office.config.policy).witnesses.values() if w.url}
    for url, name in urls.items():
        try:
            status = http.request("GET", url, redirect=False, preload_content=False).status
        except (urllib3.exceptions.HTTPError, OSError) as error:
            yield Line(
                "warn",
                f"witness {name}",
                f"{url} does not answer ({type(error).__name__})",
                "Ask who runs it.",
            )
        else:
            yield Line("ok" if status < 500 else "warn", f"witness {name}", f"{url} answers")


def _followed(office: Office) -> Iterator[Line]:
    from adamas.ledger import splitview
    from adamas.office.log.models import Log

    now = office.now()
    for log in Log.objects.using(office.alias).exclude(url="").order_by("number"):
        old = now - log.checked_at if log.checked_at else None
        fresh = old is not None and old < OLD_KNOWLEDGE
        yield Line(
            "ok" if fresh else "warn",
            "followed log",
            f"{log.origin}: asked {known(old)}",
            "adamas follow",
        )
    evidence = list(office.home.path.glob(f"**/{splitview.FOLDER}/*.txt"))
    if evidence:
        yield Line(
            "fail", "split view", f"{len(evidence)} files of evidence", "adamas witness split-view shows them"
        )
    from adamas.office.log.models import Waiting

    waiting = Waiting.objects.using(office.alias).count()
    if waiting:
        yield Line(
            "warn",
            "waiting",
            f"{waiting} statements wait for one not seen here",
            "adamas follow; see adamas status",
        )


CHECKS: tuple[tuple[str, Callable[[Office], Iterator[Line]]], ...] = (
    ("disk", _disk),
    ("database", _database),
    ("clock", _clock),
    ("keys", _keys),
    ("publication", _publication),
    ("witnesses", _witnesses),
    ("followed logs", _followed),
)

"""What an outsider does with the demo's logs, by the command line alone: mirror, audit, prove, verify offline."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adamas.demo.desk import DemoError
from adamas.demo.faults import Planted
from adamas.demo.places import HOMES, TRANSCRIPT, Places, origin

WORD = [sys.executable, "-m", "adamas.cli"]
Fault = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A planted fault beside what the audit said of it."""

    planted: Planted
    said: tuple[Fault, ...]

    @property
    def found(self) -> bool:
        """Whether every code that must name it does."""
        return {fault["code"] for fault in self.said} >= set(self.planted.codes)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Planted beside found; what the audit named though nobody planted it; and the findings on the real returns."""

    rows: tuple[Row, ...]
    invented: tuple[Fault, ...]
    real: tuple[Fault, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """The rows as the JSON document has them."""
        return [
            {
                "planted": row.planted.name,
                "log": origin(row.planted.log),
                "index": row.planted.index,
                "subject": row.planted.subject,
                "door": row.planted.door or None,
                "found": row.found,
                "said": [
                    {"code": f["code"], "sentence": f["sentence"], "clause": f["clause"]} for f in row.said
                ],
            }
            for row in self.rows
        ]


def mirror(places: Places, vkeys: dict[str, str]) -> None:
    """Copies, or catches up with, all five logs, verifying them on the way (`adamas mirror`)."""

    def copy(name: str) -> None:
        _run("mirror", str(places.public(name)), str(places.mirror(name)), "--key", vkeys[name])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(copy, HOMES))


def audit(places: Places) -> dict[str, Any]:
    """The audit's report on all five mirrors (`adamas audit --json`)."""
    folders = [str(places.mirror(name)) for name in HOMES]
    done = _run("audit", *folders, "--trust", str(places.trust), "--json", codes=(0, 1))
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def compare(planted: list[Planted], report: dict[str, Any]) -> Judgement:
    """Sets each planted fault beside what was said at its place.

    The rest was invented, or concerns the real returns.
    """
    left = [fault for fault in report["faults"] if fault["severity"] != "note"]
    rows = []
    for one in planted:
        mine = [fault for fault in left if _is_about(fault, one)]
        left = [fault for fault in left if fault not in mine]
        rows.append(Row(one, tuple(mine)))
    real = [fault for fault in left if fault["origin"] == origin(TRANSCRIPT)]
    return Judgement(tuple(rows), tuple(fault for fault in left if fault not in real), tuple(real))


def _is_about(fault: Fault, planted: Planted) -> bool:
    """At the planted entry; or, for a code that was foretold, about the same certificate."""
    if planted.index is not None and (fault["origin"], fault["index"]) == (
        origin(planted.log),
        planted.index,
    ):
        return True
    return fault["subject"] == planted.subject and fault["code"] in planted.codes


def prove(places: Places, office: str, number: str) -> str:
    """A bundle of one certificate, made by its office (`adamas prove`), beside the trust file."""
    file = places.root / f"{number}.adamas"
    _run("prove", number, "--home", str(places.home(office)), "--out", str(file))
    return str(file)


def verify_offline(places: Places, bundle: str) -> dict[str, Any]:
    """Verifies the bundle in a process that has no network (`adamas verify`)."""
    words = ["verify", bundle, "--trust", str(places.trust)]
    fence, how = no_network()
    told = subprocess.run([*fence, *WORD, *words], capture_output=True, text=True, check=False)
    plain = subprocess.run([*fence, *WORD, *words, "--json"], capture_output=True, text=True, check=False)
    if told.returncode not in (0, 1, 2):
        raise DemoError("demo.verify", f"adamas verify ended with {told.returncode}: {told.stderr.strip()}")
    return {"exit": told.returncode, "text": told.stdout, "network": how, "facts": json.loads(plain.stdout)}


def no_network() -> tuple[list[str], str]:
    """Words that start a process without a network, and how: a network namespace, where the system lets us."""
    tool = shutil.which("unshare")
    for option in ("-n", "-rn"):
        if tool and subprocess.run([tool, option, "true"], capture_output=True, check=False).returncode == 0:
            return [tool, option], "in a network namespace of its own, with no interface up"
    return [], "with the network left on (this system allows no network namespace)"


def _run(*words: str, codes: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ADAMAS_PASSPHRASE": _passphrase()}
    done = subprocess.run([*WORD, *words], capture_output=True, text=True, check=False, env=environment)
    if done.returncode not in codes:
        raise DemoError(
            "demo.word", f"adamas {words[0]} ended with {done.returncode}: {done.stderr.strip()[-400:]}"
        )
    return done


def _passphrase() -> str:
    from adamas.demo.places import PASSPHRASE

    return PASSPHRASE


def path_of(text: str) -> str:
    """A path as short as it can be said from here."""
    try:
        return str(Path(text).relative_to(Path.cwd()))
    except ValueError:
        return text

"""The served office under load: 50 people at once, 100,000 certificates, SQLite, everything on this one computer.

The server is `adamas serve` as in a ministry; the people are another process on the same cores, so what is measured
holds their work too. ``form pages p95`` is what a person waits for an answer, at one click in two seconds each; the
comparator is a bare Django page under gunicorn with the same number of processes and threads and the same people.
``whole office`` is what the processes hold together: the proportional set size, where a page that five processes share
counts once (their resident sizes added up would count it five times), after certificates were printed and sealed too.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure

NAMES = ("form page size", "form pages p95", "pages without a pause", "whole office", "ready")
CERTIFICATES = int(os.environ.get("ADAMAS_BENCH_CERTIFICATES", "100000"))
PEOPLE = 50
SECONDS = 20
THINK = 2.0
PRINTED = 12
PATHS = {
    "exporter": ("/issuing/", "/issuing/new", "/issuing/sheet"),
    "issuing": ("/issuing/queue", "/issuing/certificates", "/issuing/certificate/{number}", "/issuing/stock"),
    "approving": ("/issuing/queue", "/issuing/certificates"),
    "importing": ("/arrival/", "/arrival/expected", "/arrival/due", "/arrival/questions"),
    "customs": ("/issuing/validation", "/arrival/", "/arrival/expected"),
}
FORMS = (("exporter", "/issuing/new"), ("issuing", "/issuing/queue"), ("importing", "/arrival/"))
_PROGRAM = "from adamas.cli import main; main()"
_LINKED = re.compile(rb'(?:src|href)="(/static/[^"]+)"')


def run(only: str | None) -> list[Figure]:
    """All figures come of one server, so all are measured whatever was asked for."""
    with tempfile.TemporaryDirectory(prefix="adamas-bench-") as place:
        folder = Path(place) / "office"
        words = [
            sys.executable,
            "-m",
            "benchmarks.served_office",
            str(folder),
            str(CERTIFICATES),
            str(PEOPLE),
        ]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        sessions = json.loads((folder / "sessions.json").read_text())
        figures = _serve(folder / "offices" / "office", sessions)
        bare = _bare()
    paused, hot = figures.pop("paused"), figures.pop("hot")
    print(f"   p95 by page, ms: {json.dumps({k: round(v) for k, v in sorted(paused['pages'].items())})}")
    print(
        f"   memory by process, MB: {figures['memory']['parts']}; resident sizes added: {figures['memory']['rss']:.0f}"
    )
    made = [
        Figure("form page size", figures["size"] / 1000, "kB", "", None, "< 100", figures["size"] < 100_000),
        Figure(
            "form pages p95", paused["p95"], "ms", "bare Django page", paused["p95"] / bare["paused"]["p95"],
            "< 100", paused["p95"] < 100 and not paused["bad"],
        ),
        Figure("pages without a pause", hot["rate"], "pages/s", "bare Django page", hot["rate"] / bare["hot"]["rate"]),
        Figure("whole office", figures["memory"]["pss"], "MB", "", None, "< 400", figures["memory"]["pss"] < 400),
        Figure("ready", figures["ready"], "s", "", None, "< 3", figures["ready"] < 3),
    ]  # fmt: skip
    return [figure for figure in made if only in (None, figure.name)]


def _serve(home: Path, sessions: dict[str, list[str]]) -> dict[str, Any]:
    environment = {**os.environ, "ADAMAS_PASSPHRASE": "demo"}
    words = [sys.executable, "-c", _PROGRAM, "serve", "--home", str(home), "--port", "0"]
    ready = []
    for attempt in range(3):
        begun = time.perf_counter()
        server = subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert server.stdout is not None
        url = server.stdout.readline()
        ready.append(time.perf_counter() - begun)
        if attempt < 2:
            server.terminate()
            server.wait(40)
    port = int(url.rsplit(":", 1)[1].strip("/\n"))
    try:
        plan = _plan(port, sessions)
        _load({**plan, "seconds": 5, "think": 0.5})  # every process has seen every page
        paused = _load({**plan, "seconds": SECONDS, "think": THINK})
        hot = _load({**plan, "seconds": 10, "think": 0})
        for place in range(PRINTED):  # printing loads the typesetter and the sealer, which stay
            status, paper = _get(
                port, sessions["issuing"][0], f"/issuing/certificate/BW{1_000_000 + place:07d}/pdf"
            )
            assert (status, paper[:4]) == (200, b"%PDF"), status
        size = max(_weight(port, sessions[role][0], path) for role, path in FORMS)
        return {
            "paused": paused, "hot": hot, "size": size, "ready": min(ready), "memory": _memory(server.pid)
        }  # fmt: skip
    finally:
        server.terminate()
        server.wait(40)


def _plan(port: int, sessions: dict[str, list[str]]) -> dict[str, Any]:
    people = []
    for role, cookies in sessions.items():
        numbers = [f"BW{1_000_000 + 137 * place:07d}" for place in range(20)]
        paths = [path.format(number=n) for n in numbers for path in PATHS[role]]
        good = {
            path: _get(port, cookies[0], path)[0] for path in dict.fromkeys(PATHS[role]) if "{" not in path
        }
        missing = [path for path, status in good.items() if status != 200]
        if missing:
            raise SystemExit(f"pages that do not answer to {role}: {missing}")
        people += [{"cookie": cookie, "paths": paths} for cookie in cookies]
    return {"port": port, "people": people}


def _bare() -> dict[str, Any]:
    words = [
        sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "4", "-k", "gthread", "-b", "127.0.0.1:0",
        "--no-control-socket", "benchmarks.bare_django:application",
    ]  # fmt: skip
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        for line in server.stderr:
            found = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", line)
            if found:
                break
        time.sleep(1)
        plan = {"port": int(found[1]), "people": [{"cookie": "", "paths": ["/"]}] * PEOPLE}  # type: ignore[index]
        return {
            "paused": _load({**plan, "seconds": 10, "think": THINK}),
            "hot": _load({**plan, "seconds": 5, "think": 0}),
        }
    finally:
        server.terminate()
        server.wait(20)


def _load(plan: dict[str, Any]) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(words, input=json.dumps(plan), capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _get(port: int, cookie: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie, "Host": "localhost"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def _weight(port: int, cookie: str, path: str) -> int:
    """Bytes of a page with all that it loads, not compressed."""
    status, page = _get(port, cookie, path)
    assert status == 200, (path, status)
    return len(page) + sum(len(_get(port, cookie, link.decode())[1]) for link in set(_LINKED.findall(page)))


def _memory(pid: int) -> dict[str, Any]:
    """Proportional and resident size of a process and all below it, in MB, as Linux tells them."""
    held = [_held(one) for one in _family(pid)]
    return {
        "pss": sum(pss for pss, _ in held) / 1e6,
        "rss": sum(rss for _, rss in held) / 1e6,
        "parts": [round(pss / 1e6) for pss, _ in held],
    }


def _family(pid: int) -> list[int]:
    found = [pid]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += _family(int(child))
    return found


def _held(pid: int) -> tuple[int, int]:
    lines = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    )
    return tuple(1024 * int(lines[name].split()[0]) for name in ("Pss", "Rss"))  # type: ignore[return-value]

"""Many people at a web server at once: each thread is one, with a connection of its own that stays open.

``python -m benchmarks.load`` reads a plan from standard input (JSON) and prints what it measured; it is a process
of its own, so that the threads here do not wait for those of the benchmark.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from typing import Any


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """``people``: list of {cookie, paths}; ``seconds``; ``think``: seconds between an answer and the next click."""
    results: list[tuple[str, float, int]] = []
    stop = time.monotonic() + plan["seconds"]
    begun = threading.Barrier(len(plan["people"]))

    def person(place: int, cookie: str, paths: list[str]) -> None:
        dice = random.Random(place)
        connection = http.client.HTTPConnection("127.0.0.1", plan["port"], timeout=60)
        headers = {"Cookie": cookie, "Host": "localhost", "Accept-Encoding": "gzip"}
        mine = []
        begun.wait()
        time.sleep(dice.random() * plan["think"])
        while time.monotonic() < stop:
            path = dice.choice(paths)
            start = time.perf_counter()
            try:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                mine.append((path, time.perf_counter() - start, answer.status))
            except (OSError, http.client.HTTPException):
                mine.append((path, time.perf_counter() - start, 0))
                connection.close()
            if plan["think"]:
                time.sleep(plan["think"] * (0.5 + dice.random()))
        results.extend(mine)

    threads = [
        threading.Thread(target=person, args=(place, who["cookie"], who["paths"]))
        for place, who in enumerate(plan["people"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(seconds for _, seconds, _ in results)
    by_path: dict[str, list[float]] = {}
    for path, seconds, _ in results:
        by_path.setdefault(path.split("?")[0], []).append(seconds)
    return {
        "count": len(times),
        "rate": len(times) / plan["seconds"],
        "p50": 1000 * times[len(times) // 2],
        "p95": 1000 * times[int(len(times) * 0.95)],
        "bad": sum(status != 200 for _, _, status in results),
        "answers": sorted({(path, status) for path, _, status in results if status != 200}),
        "pages": {path: 1000 * sorted(found)[int(len(found) * 0.95)] for path, found in by_path.items()},
    }


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)

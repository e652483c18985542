"""A real `adamas serve` for tests: started as a person starts it, killed as a power cut kills it."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from tests.office.conftest import PASSPHRASE

PROGRAM = "from adamas.cli import main; main()"
TOKEN = "a" * 32


@dataclass
class Served:
    """A served office: its process, its port, its lines."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    def family(self) -> list[int]:
        """The master and every process below it."""
        return _below(self.process.pid)

    def kill(self) -> None:
        """kill -9 of everything at once."""
        for pid in self.family():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        return self.process.wait(45)

    def ask(
        self, path: str, cookie: str = "", form: dict[str, str] | None = None, seconds: float = 60
    ) -> tuple[int, str]:
        """Status and text of an answer (of a redirection: where to); (0, reason) if there was none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        headers = {"Host": "localhost", "Cookie": f"{cookie}; csrftoken={TOKEN}"}
        try:
            if form is None:
                connection.request("GET", path, headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                body = urlencode({**form, "csrfmiddlewaretoken": TOKEN})
                connection.request("POST", path, body=body, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, answer.headers.get("Location", text)
        except (OSError, http.client.HTTPException) as error:
            return 0, type(error).__name__
        finally:
            connection.close()


def serve(home: Path, *words: str, environment: dict[str, str] | None = None) -> Served:
    """Starts the office of a folder and waits until it answers."""
    log = home / "serve.log"
    given = {**os.environ, "ADAMAS_PASSPHRASE": PASSPHRASE, **(environment or {})}
    given["ADAMAS_SECRET_KEY"] = settings.SECRET_KEY  # sessions of the test are those of the server
    given.pop("DJANGO_SETTINGS_MODULE", None)
    with log.open("a", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "serve", "--home", str(home), "--port", "0", *words],
            stdout=subprocess.PIPE, stderr=out, text=True, env=given, cwd=home,
        )  # fmt: skip
    assert process.stdout is not None
    url = process.stdout.readline()
    assert url.startswith("http://"), log.read_text()[-3000:]
    return Served(process, int(url.rsplit(":", 1)[1].strip("/\n")), log)


def wait_until(good: object, seconds: float = 30) -> None:
    """Waits until a function gives something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if good():  # type: ignore[operator]
            return
        time.sleep(0.2)
    raise AssertionError("it did not come to pass in time")


def _below(pid: int) -> list[int]:
    found = [pid]
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    for child in children:
        found += _below(int(child))
    return found

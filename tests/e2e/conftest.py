"""An office as a stranger starts it (`adamas serve --demo`) and a real browser before it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.conftest import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("ADAMAS_CHROMIUM", "/usr/bin/chromium")
PATIENCE = 180
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Served:
    """The running demonstration: its address, its folder, and the file of what it said."""

    url: str
    folder: Path
    said: Path


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    said = folder / "said.txt"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ADAMAS_", "DJANGO_"))}
    with said.open("w") as out:
        process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "adamas"),
                "serve",
                "--demo",
                str(folder / "office"),
                "--port",
                str(port),
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    url = f"http://localhost:{port}"
    try:
        _ready(url, process, said)
        yield Served(url, folder / "office", said)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ready(url: str, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the office ended by itself:\n{said.read_text()}")
        try:
            urllib.request.urlopen(f"{url}/demo", timeout=5).close()
            return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the office was not open after {PATIENCE} s:\n{said.read_text()}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright", "install the test dependencies")
    if not Path(CHROMIUM).exists():
        missing("Chromium", "apt-get install chromium, or set ADAMAS_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()

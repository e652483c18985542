"""A browser at the public door: Debian's Chromium by Playwright, and a server that serves /v as the site does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import REPOSITORY, missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = os.environ.get("ADAMAS_CHROMIUM", "/usr/bin/chromium")


@dataclass
class Door:
    """Where the page is, and the folder that its key list and states are read from."""

    origin: str
    folder: Path

    def publish(self, name: str, document: Any) -> None:
        """What /v/<name> answers from now on."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(document))

    def requests(self) -> list[dict[str, str]]:
        """Every request that reached the server."""
        log = self.folder / "requests.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module: Playwright's event loop runs while it is open, and Django refuses its database then."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright", "install the test dependencies")
    if not Path(CHROMIUM).exists():
        missing("Chromium", "apt-get install chromium, or set ADAMAS_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).with_name("door.py")
    log = (folder / "out").open("w")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    command = [sys.executable, str(script), str(port), str(folder)]
    server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    origin = f"http://localhost:{port}"
    try:
        _wait(f"{origin}/v/sw.js", server, folder / "out")
        yield Door(origin, folder)
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def _wait(url: str, server: subprocess.Popen[bytes], out: Path) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None, out.read_text()
            time.sleep(0.1)
    raise AssertionError("the server does not answer: " + out.read_text())


@dataclass
class Visit:
    """One visitor's page, with everything that it asked for and everything that the browser complained of."""

    page: Page
    context: BrowserContext
    asked: list[str]
    complaints: list[str]


@pytest.fixture
def visit(chromium: Browser, door: Door) -> Iterator[Visit]:
    """A fresh visitor at /v; afterwards: nothing was asked of anybody else, and no policy was violated."""
    context = chromium.new_context()
    page = context.new_page()
    made = Visit(page, context, [], [])
    context.on("request", lambda request: made.asked.append(request.url))
    page.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.goto(f"{door.origin}/v")
    page.wait_for_selector("#form[data-ready]")
    yield made
    context.close()
    foreign = [url for url in made.asked if not url.startswith((door.origin, "blob:", "data:"))]
    assert not foreign
    assert not [one for one in made.complaints if "Content Security Policy" in one or "TypeError" in one]

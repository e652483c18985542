"""The demonstration as a person meets it: founded, served, and each first task's pages open to whose task it is."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.office.serving.running import PROGRAM, TOKEN, Served, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_every_first_task_can_be_begun_by_whose_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "demo-office"
    log = tmp_path / "log"
    words = [sys.executable, "-c", PROGRAM, "serve", "--demo", str(folder), "--port", "0"]
    begun = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=out, text=True, cwd=tmp_path)
    assert process.stdout is not None
    lines = []
    while not any(line.startswith("http") for line in lines):
        lines.append(process.stdout.readline())
        assert lines[-1], "".join(lines) + log.read_text()
    assert time.monotonic() - begun < 240  # some ten seconds where nobody else works
    served = Served(process, int(lines[-1].rsplit(":", 1)[1].strip("/\n")), log)
    try:
        status, page = served.ask("/demo")
        assert status == 200
        assert "synthetic" in page
        story = page.split("<h2>")[1:3]
        tried = 0
        for part in re.split(r"<li><h3>", "".join(story))[1:]:
            person = re.search(r'action="(/demo/as/\d+)"', part)
            cookie = sign_in(served, person[1]) if person else ""
            for link in re.findall(r'<a href="([^"]+)"', part):
                status, text = served.ask(link, cookie)
                assert status == 200, (link, part[:60], text[-500:])
                assert '<aside class="banner"' in text
                tried += 1
        assert tried >= 14
        row = next(row for row in page.split("<tr>")[1:] if "Boipelo" in row)
        password, code, _ = re.findall(r"<code>([^<]+)</code>", row)
        assert re.fullmatch(r"\d{6}", code)
        assert len(password) > 11
        wait_until(lambda: "Witnessed" in served.ask("/log")[1] or "witness" in served.ask("/log")[1])
    finally:
        assert served.stop() == 0
    assert "Traceback" not in log.read_text()
    assert "WARNING" not in log.read_text()


def sign_in(served: Served, path: str) -> str:
    """One click; the cookie of the session."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    headers = {
        "Host": "localhost",
        "Cookie": f"csrftoken={TOKEN}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", path, body=f"csrfmiddlewaretoken={TOKEN}", headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 302, path
    cookies = answer.headers.get_all("Set-Cookie") or []
    return next(text.split(";")[0] for text in cookies if text.startswith("sessionid"))

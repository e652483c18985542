"""The arrival desk in a real browser: the camera's page keeps its policy, and a parcel is judged with the line cut."""

from __future__ import annotations

import datetime
import os
import threading
import time
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from tests.conftest import missing
from tests.office.arrival.test_arrival import NUMBER, code, issued_raw
from tests.office.conftest import command

from adamas.ledger import statement as statements
from adamas.ledger.keys import SoftwareSigner
from adamas.office.certification import actions as certification
from adamas.scheme.statements import ValidateCommand

CHROMIUM = os.environ.get("ADAMAS_CHROMIUM", "/usr/bin/chromium")


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.slow
def test_a_parcel_is_judged_with_the_line_cut(site, tmp_path) -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright", "install the test dependencies")
    if not Path(CHROMIUM).exists():
        missing("Chromium", "apt-get install chromium, or set ADAMAS_CHROMIUM")
    from django.core.wsgi import get_wsgi_application

    site.clock.now = int(time.time())  # the browser knows no other day
    today = datetime.datetime.fromtimestamp(site.clock.now, datetime.UTC).date()
    days = {"issued": today.isoformat(), "expires": (today + datetime.timedelta(days=60)).isoformat()}
    certification.issue(site.office, [command(1, **days), command(2, **days)])
    certification.validate(site.office, [ValidateCommand(NUMBER, days["issued"], "va-1")])
    true = statements.parse(issued_raw(site))
    forged = statements.sign(
        SoftwareSigner.generate(),
        issuer=true.issuer,
        subject=true.subject,
        issued_at=true.issued_at,
        payload={**true.payload, "parcels": 7},
    )
    client = site.client("customs", "ae-customs")
    name = next(iter(client.cookies))
    cookie = {"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}
    server = make_server("localhost", 0, get_wsgi_application(), Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://localhost:{server.server_port}"
    complaints: list[str] = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = browser.new_context()
            context.add_cookies([cookie])
            page = context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{origin}/arrival/")
            page.wait_for_load_state("networkidle")
            for text in ("nonsense", NUMBER):  # as a hand scanner does: fast, Enter, the next one
                page.keyboard.type(text)
                with page.expect_navigation(wait_until="networkidle"):
                    page.keyboard.press("Enter")
            assert NUMBER in page.inner_text("h1")
            assert [one for one in complaints if "422" not in one] == []
            complaints.clear()  # the browser remarks on the refusal of the first
            page.goto(f"{origin}/arrival/offline")
            page.wait_for_selector("#age:has-text('State for AE, 2 certificates')")
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            page.reload()
            page.wait_for_selector("#age:has-text('State for AE')")
            assert complaints == []
            context.set_offline(True)
            page.reload()
            page.wait_for_selector("#age:has-text('minutes ago')")

            def scanned(text: str) -> tuple[str, float]:
                start = time.monotonic()
                page.fill("#text", text)
                page.press("#text", "Enter")
                page.wait_for_function("document.getElementById('verdict').hidden === false")
                said = page.inner_text("#verdict")
                page.evaluate("document.getElementById('verdict').hidden = true")
                return said, time.monotonic() - start

            said, seconds = scanned(code(true.raw))
            assert f"Good: {NUMBER} is genuine; parcels: 1; expires {days['expires']}" in said
            assert seconds < 1
            said, seconds = scanned(code(forged.raw))
            assert "Suspicion of forgery" in said
            assert seconds < 1
            assert "No certificate BW0000999 was known here" in scanned("BW 0000999")[0]
            assert "is not a certificate's code" in scanned("<img src=x onerror=alert(1)>")[0]
            assert "the paper's code was not scanned" in scanned(NUMBER.lower())[0]
            assert "not validated when the state was fetched" in scanned("BW0000002")[0]
            browser.close()
    finally:
        server.shutdown()
        server.server_close()

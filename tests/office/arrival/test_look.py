"""Every page of the arrival desk and of the desk after issue: what axe finds, and how heavy it is."""

from __future__ import annotations

import threading
from pathlib import Path
from wsgiref.simple_server import make_server

import pytest
from tests.conftest import missing
from tests.office.arrival.test_arrival import NUMBER, inspected, jpeg, ship
from tests.office.arrival.test_offline import CHROMIUM, Quiet, Server

from adamas.office.aftercare.models import Paper
from adamas.office.arrival.models import Question


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_no_page_breaks_a_rule_of_accessibility_or_is_heavy(site) -> None:
    try:
        from axe_playwright_python.sync_playwright import Axe
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright with axe", "install the test dependencies")
    if not Path(CHROMIUM).exists():
        missing("Chromium", "apt-get install chromium, or set ADAMAS_CHROMIUM")
    from django.core.wsgi import get_wsgi_application

    for serial in (1, 2, 3):
        ship(site, serial)
    officer = site.client("importing")
    done = inspected(officer, "BW0000002", carats="99", photos=jpeg())
    officer.post(f"/arrival/inspection/{done.pk}/confirm", {"version": done.version})
    held = inspected(officer)
    question = Question.objects.get()
    officer.post("/after/new/forgery", {"number": "BW0000009", "note": "bad print", "pictures": jpeg()})
    paper = Paper.objects.get()
    paths = [
        "/arrival/",
        "/arrival/?text=BW0000002",
        "/arrival/?text=nonsense",
        "/arrival/offline",
        "/arrival/expected",
        "/arrival/due",
        "/arrival/questions",
        f"/arrival/question/{question.pk}",
        f"/arrival/certificate/{NUMBER}",
        "/arrival/certificate/BW0000003/inspect",
        f"/arrival/certificate/{NUMBER}/ask",
        f"/arrival/inspection/{held.pk}",
        f"/arrival/inspection/{done.pk}",
        f"/arrival/inspection/{held.pk}/confirm",
        f"/arrival/inspection/{held.pk}/refuse",
        "/after/",
        "/after/forgeries",
        "/after/new/forgery",
        f"/after/act/{paper.pk}",
        f"/after/certificate/{NUMBER}",
    ]
    exporting = [
        "/after/",
        f"/after/new/correct/{NUMBER}",
        f"/after/new/replace/{NUMBER}",
        "/arrival/questions",
    ]
    visits = [("importing", "ae-authority", paths), ("issuing", "bw-authority", exporting)]
    cookies = {}
    for role, organisation, _ in visits:
        client = site.client(role, organisation)
        name = next(iter(client.cookies))
        cookies[role] = {
            "name": name,
            "value": client.cookies[name].value,
            "domain": "localhost",
            "path": "/",
        }
    server = make_server("localhost", 0, get_wsgi_application(), Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wrong: list[str] = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for role, _, wanted in visits:
                context = browser.new_context(bypass_csp=True)  # axe is a script of the test's own
                context.add_cookies([cookies[role]])
                page = context.new_page()
                for path in wanted:
                    answer = page.goto(f"http://localhost:{server.server_port}{path}")
                    assert answer is not None
                    assert answer.status in (200, 422), (path, answer.status)
                    assert len(answer.body()) < 40_000, path
                    for violation in Axe().run(page).response["violations"]:
                        nodes = [node["html"][:120] for node in violation["nodes"][:2]]
                        wrong.append(f"{path}: {violation['id']}: {nodes}")
                context.close()
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
    assert not wrong, "\n".join(wrong)

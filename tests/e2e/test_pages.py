"""Every page that a role's menu leads to: no accessibility fault that axe knows, small enough for a slow line, no script
needed, reachable by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.e2e.conftest import Served
from tests.e2e.story import Story

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LIMIT = 100_000
PHONE = 360
PUBLIC = (
    "/",
    "/v",
    "/log",
    "/register",
    "/register/BW",
    "/status",
    "/findings",
    "/forgeries",
    "/data",
    "/account/login/",
    "/api/",
    "/api/reference/issuing-desk",
    "/api/reference/webhooks",
)
ROLES = (
    ("exporter", "okavango"),
    ("issuing", "bw-authority"),
    ("approving", "bw-authority"),
    ("customs", "bw-customs"),
    ("importing", "ae-authority"),
    ("administrator", "bw-authority"),
    ("auditor", "bw-authority"),
)
DEEPER = 4
"""Further pages looked at from each page of the menu: the first few links into the same desk."""
DESKS = ("/issuing/", "/arrival/", "/after/", "/people/", "/api/")


def _faults(page: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found: dict[str, Any] = Axe().run(page).response
    return [
        f"{page.url} {fault['id']}: {fault['help']}: {fault['nodes'][0]['html'][:160]}"
        for fault in found["violations"]
    ]


def _narrow(page: Page) -> list[str]:
    """What makes a page wider than a small phone; tables scroll by themselves."""
    size = page.viewport_size
    page.set_viewport_size({"width": PHONE, "height": 740})
    width = page.evaluate("document.documentElement.scrollWidth")
    if size is not None:
        page.set_viewport_size(size)
    return [f"{page.url} is {width} pixels wide on a phone of {PHONE}"] if width > PHONE else []


def _look(page: Page, address: str) -> tuple[list[str], list[str]]:
    """Faults of a page, and the addresses in its own desk that it links to."""
    sizes: list[int] = []

    def count(answer: Any) -> None:
        if "/demo" not in answer.url:
            sizes.append(answer.request.sizes()["responseBodySize"])

    page.on("requestfinished", lambda request: count(request.response()))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    faults = _faults(page)
    if sum(sizes) > LIMIT:
        faults.append(f"{address} weighs {sum(sizes):,} bytes")
    faults += _narrow(page)
    links = page.locator("main a[href^='/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return faults, [
        link
        for link in links
        if link.startswith(DESKS) and not link.endswith((".xlsx", ".csv", ".json", "/pdf"))
    ]


def test_pages_of_visitors(served: Served, chromium: Browser, tmp_path: Any) -> None:
    told = Story(chromium, served.url, "en", tmp_path)
    faults: list[str] = []
    for path in PUBLIC:
        page = told.visitor()
        faults += _look(page, served.url + path)[0]
        page.context.close()
    assert faults + told.faults == []


@pytest.mark.parametrize(("role", "organisation"), ROLES)
def test_pages_of_a_role(
    served: Served, chromium: Browser, tmp_path: Any, role: str, organisation: str
) -> None:
    told = Story(chromium, served.url, "en", tmp_path)
    page = told.person(role, organisation)
    page.goto(f"{served.url}/people/")
    menu = page.locator("header nav a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert len(menu) > 3, f"{role} has no menu"
    faults: list[str] = []
    seen: set[str] = set()
    for path in menu:
        if not path.startswith(DESKS) or path in seen:
            continue
        seen.add(path)
        found, deeper = _look(page, served.url + path)
        faults += found
        for link in [one for one in dict.fromkeys(deeper) if one.split("?")[0] not in seen][:DEEPER]:
            seen.add(link.split("?")[0])
            faults += _look(page, served.url + link)[0]
    page.context.close()
    assert faults + told.faults == []


def test_the_keyboard_reaches_the_content_and_the_form(
    served: Served, chromium: Browser, tmp_path: Any
) -> None:
    told = Story(chromium, served.url, "en", tmp_path)
    page = told.person("exporter", "okavango")
    page.goto(f"{served.url}/issuing/new")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.getAttribute('name') || document.activeElement.value")
        )
    assert {"to", "origin", "importer", "parcels-1-hs", "parcels-1-carats", "parcels-1-value"} <= reached
    page.context.close()


def test_the_form_works_without_script(served: Served, chromium: Browser, tmp_path: Any) -> None:
    told = Story(chromium, served.url, "en", tmp_path)
    page = told.person("exporter", "okavango")
    cookies = page.context.cookies()
    page.context.close()
    context = chromium.new_context(java_script_enabled=False)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{served.url}/issuing/new")
    page.fill("[name=origin]", "BW")
    page.fill("[name=parcels-1-carats]", "12,5")
    page.click("button[value=submit]")
    assert page.locator("[name=origin]").input_value() == "BW"
    assert page.locator("[name=parcels-1-carats]").input_value() == "12,5"
    assert page.locator(".error, .findings .refuse").count() > 0
    context.close()

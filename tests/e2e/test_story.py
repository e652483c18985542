"""The whole story in a real browser: exporter, two officers, customs, importer, and anybody with the line cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.e2e import story as acts
from tests.e2e.conftest import Served
from tests.e2e.story import Story
from tests.office.document.conftest import pdftotext

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_one_shipment_from_hand_to_hand(
    served: Served, chromium: Browser, tmp_path: Path, language: str
) -> None:
    told = Story(chromium, served.url, language, tmp_path)
    application = acts.apply(told)
    acts.review(told, application)
    acts.approve(told, application)
    number = acts.issue(told, application)
    acts.validate(told, number)
    acts.receive(told, number)
    pdf = acts.printed(told, number)
    assert pdf.startswith(b"%PDF-")
    assert f"{told.url}/v" in pdftotext(pdf, tmp_path), "the code on paper leads to where it is checked"
    _anybody_checks(told, number, pdf)
    assert told.faults == []


def _anybody_checks(told: Story, number: str, pdf: bytes) -> None:
    """By number with a line, then by the paper's file with the line cut."""
    page = told.visitor()
    page.goto(f"{told.url}/v")
    page.fill("#number", number)
    page.click("#form button[type=submit]")
    page.wait_for_selector("#answer[data-status]")
    told.look(page, "public-check")
    assert page.locator("#answer").get_attribute("data-status") in ("valid", "cannot tell")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.reload()
    paper = told.pictures / f"{number}.pdf"
    paper.write_bytes(pdf)
    page.set_input_files("#file", paper)
    if not page.locator("#answer[data-status]").count():
        page.click("#form button[type=submit]")
    page.wait_for_selector("#answer[data-status]")
    told.look(page, "public-check-offline")
    assert number in page.locator("#answer").inner_text()
    page.context.close()

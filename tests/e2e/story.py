"""One shipment through the pages, from hand to hand, in any language: every control is found by what it does."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

CARATS, VALUE = "125.50", "18700.00"


@dataclass
class Story:
    """A browser for each person; pictures of what each saw go to ``pictures``, faults that a page met to ``faults``."""

    browser: Browser
    url: str
    language: str
    pictures: Path
    faults: list[str] = field(default_factory=list)
    count: int = 0

    def person(self, role: str, organisation: str) -> Page:
        """A new browser, signed in by one click on the demonstration's page, in the story's language."""
        page = self.visitor()
        page.goto(f"{self.url}/demo")
        page.locator(
            f'form[action*="/demo/as/"][data-role="{role}"][data-organisation="{organisation}"] button'
        ).first.click()
        page.wait_for_load_state()
        return page

    def visitor(self) -> Page:
        """A new browser that nobody knows."""
        context = self.browser.new_context(viewport={"width": 1100, "height": 900}, locale="en")
        context.add_cookies([{"name": "django_language", "value": self.language, "url": self.url}])
        self._watch(context)
        return context.new_page()

    def _watch(self, context: BrowserContext) -> None:
        def request(sent: Any) -> None:
            if not sent.url.startswith((self.url, "blob:", "data:")):
                self.faults.append(f"asked elsewhere: {sent.url}")

        def said(message: Any) -> None:
            if "Content Security Policy" in message.text:
                self.faults.append(message.text)

        context.on("request", request)
        context.on("console", said)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))

    def look(self, page: Page, name: str) -> None:
        """Keeps a picture and asks for the language and direction of the page."""
        self.count += 1
        page.screenshot(path=self.pictures / f"{self.language}-{self.count:02d}-{name}.png", full_page=True)
        html = page.locator("html")
        assert html.get_attribute("lang") == self.language
        assert html.get_attribute("dir") == ("rtl" if self.language == "ar" else "ltr")

    def code(self, role: str) -> str:
        """The present code of a person's authenticator, as the demonstration's page shows it."""
        page = self.visitor()
        page.goto(f"{self.url}/demo")
        row = page.locator(f'tr:has(form[data-role="{role}"])').first
        shown = row.locator("code").nth(1).inner_text()
        page.context.close()
        return shown


def apply(story: Story) -> int:
    """The exporter fills the form and submits; gives the application's number."""
    page = story.person("exporter", "okavango")
    page.goto(f"{story.url}/issuing/new")
    page.select_option("[name=to]", "AE") if page.locator("select[name=to]").count() else page.fill(
        "[name=to]", "AE"
    )
    page.fill("[name=origin]", "BW")
    page.fill("[name=importer]", "Deira Trading FZE")
    page.fill("[name=parcels-1-hs]", "710231")
    page.fill("[name=parcels-1-carats]", CARATS)
    page.fill("[name=parcels-1-value]", VALUE)
    page.check("[name=declared]")
    story.look(page, "application")
    page.click("button[value=submit]")
    page.wait_for_url(re.compile(r"/issuing/application/\d+"))
    found = re.search(r"/application/(\d+)", page.url)
    assert found
    story.look(page, "submitted")
    page.context.close()
    return int(found[1])


def review(story: Story, application: int) -> None:
    """The issuing officer takes it, reads the checklist and prepares the certificate."""
    page = story.person("issuing", "bw-authority")
    page.goto(f"{story.url}/issuing/queue")
    story.look(page, "queue")
    page.locator(f'a[href$="/issuing/review/{application}"]').first.click()
    page.click('form[action$="/take"] button')
    page.wait_for_load_state()
    story.look(page, "checklist")
    page.click('a[href$="/prepare"]')
    page.fill("[name=seals]", f"S-{application}")
    page.select_option("[name=approver]", index=1) if page.locator(
        "select[name=approver] option"
    ).count() > 1 else None
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"/issuing/review/\d+$"))
    page.context.close()


def approve(story: Story, application: int) -> None:
    """The approving officer sees the exact statement and approves it with his second factor."""
    page = story.person("approving", "bw-authority")
    page.goto(f"{story.url}/issuing/review/{application}/approve")
    story.look(page, "approval")
    for _ in range(5):
        if page.locator("input[name=code]").count():
            page.fill("input[name=code]", story.code("approving"))
        page.locator("main form button").first.click()
        page.wait_for_load_state()
        if not page.url.endswith("/approve"):
            break
        time.sleep(10)  # a code counts once: the next one comes within half a minute
    assert re.search(r"/issuing/review/\d+$", page.url), page.locator("main").inner_text()
    page.context.close()


def issue(story: Story, application: int) -> str:
    """The issuing officer signs; gives the certificate's number."""
    page = story.person("issuing", "bw-authority")
    page.goto(f"{story.url}/issuing/review/{application}/issue")
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    link = page.locator('a[href*="/issuing/certificate/BW"]').first
    number = re.search(r"BW\d+", link.get_attribute("href") or "")
    assert number, page.content()
    page.goto(f"{story.url}/issuing/certificate/{number[0]}")
    story.look(page, "certificate")
    page.context.close()
    return number[0]


def printed(story: Story, number: str) -> bytes:
    """The paper, once the statement is published: with its proof attached."""
    page = story.person("issuing", "bw-authority")
    until = time.monotonic() + 60
    while True:
        answer = page.context.request.get(f"{story.url}/issuing/certificate/{number}/pdf")
        assert answer.ok or answer.status == 503, answer.text()[:3_000]
        pdf = answer.body() if answer.ok else b""
        if b".adamas" in pdf or time.monotonic() > until:
            page.context.close()
            return pdf
        time.sleep(1)


def validate(story: Story, number: str) -> None:
    """Customs tick it and record that it left."""
    page = story.person("customs", "bw-customs")
    page.goto(f"{story.url}/issuing/validation")
    page.fill("[name=typed]", number)
    story.look(page, "validation")
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    page.context.close()


def receive(story: Story, number: str, carats: str = CARATS) -> None:
    """The importing officer scans, records what was found and signs the confirmation."""
    page = story.person("importing", "ae-authority")
    page.goto(f"{story.url}/arrival/certificate/{number}")
    story.look(page, "arrival")
    page.goto(f"{story.url}/arrival/certificate/{number}/inspect")
    page.fill("[name=parcels]", "1")
    page.fill("[name=carats]", carats)
    page.fill("[name=value]", VALUE)
    seals = page.locator("[name=seals]")
    seals.select_option("intact") if seals.first.evaluate("e => e.tagName") == "SELECT" else page.check(
        "[name=seals][value=intact]"
    )
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"/arrival/inspection/\d+"))
    story.look(page, "inspection")
    page.locator('a[href$="/confirm"]').click()
    story.look(page, "confirmation")
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"/arrival/(inspection|certificate)/"))
    page.context.close()


def authenticator(page: Page) -> tuple[Any, str]:
    """Gives a browser an authenticator that asks for a PIN; its line to the browser's tools, and its id."""
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return keys, keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

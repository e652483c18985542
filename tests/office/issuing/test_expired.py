"""A session that ended while somebody was typing: after signing in again the form is there, as it was, to be sent."""

from __future__ import annotations

import html
import re

from django.contrib.sessions.models import Session
from django.core.cache import cache
from tests.office.issuing.test_story import GOOD, code
from tests.office.site import PASSWORD, Site

from adamas.office.issuing.models import Application

FIELD = re.compile(r'<textarea class="hidden" name="([^"]+)"[^>]*>(.*?)</textarea>', re.DOTALL)


def test_what_was_typed_outlives_the_session(site: Site) -> None:
    cache.clear()
    client = site.client("exporter", "okavango", csrf=True)
    page = client.get("/issuing/new").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    typed = {**GOOD, "note": "<b>“careful”</b>\n& soon", "act": "submit", "declared": "1"}
    Session.objects.all().delete()
    sent = client.post("/issuing/new", {**typed, "csrfmiddlewaretoken": token[1]})
    assert sent.status_code == 302
    assert Application.objects.count() == 0
    assert sent.url.startswith("/account/login/")

    def form(path: str) -> dict[str, str]:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).content.decode())
        assert found
        return {"csrfmiddlewaretoken": found[1]}

    who = site.membership("exporter", "okavango").user.email
    second = client.post(
        sent.url, {**form(sent.url), "login": who, "password": PASSWORD, "next": "/people/again"}
    )
    signed = client.post(second.url, {**form(second.url), "code": code()})
    assert signed.url == "/people/again"
    kept = client.get(signed.url).content.decode()
    fields = {name: html.unescape(value) for name, value in FIELD.findall(kept)}
    assert {name: value.replace("\r\n", "\n") for name, value in fields.items()} == typed
    assert Application.objects.count() == 0, "nothing is done before the person sends it"
    again = client.post("/issuing/new", {**fields, **_token(kept)})
    assert again.status_code == 302
    made = Application.objects.get()
    assert made.state == "submitted"
    assert made.cells["note"].startswith("<b>“careful”</b>")
    assert "form again" not in client.get("/people/again", follow=True).content.decode(), "it is shown once"


def _token(page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page[page.index("<main") :])
    assert found
    return {"csrfmiddlewaretoken": found[1]}

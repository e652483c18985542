"""Every operation of the OpenAPI document with another tenant's objects, so that a new one cannot be forgotten."""

from __future__ import annotations

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.office.api.test_story import FOUND, GOOD
from tests.office.arrival.test_arrival import jpeg, ship
from tests.office.issuing.test_sheets import ROW, book

BODIES = {
    "submit": {"declared": True},
    "withdraw": {"why": "x"},
    "messages": {"text": "x"},
    "receive": FOUND,
    "inspection": FOUND,
    "close": {"why": "x"},
    "refuse": {**FOUND, "why": "other"},
    "return": {**FOUND, "published": "x"},
    "seize": {**FOUND, "published": "x"},
    "revoke": {"why": "lost"},
    "correct": {"why": "x", "parcels": 2},
    "confirm-correction": {"correction": "x"},
    "replace": {"by": "BW0000002", "why": "x"},
    "{id}": {**GOOD, "version": 1},
    "ask": {"text": "x"},
    "review/{id}/refuse": {"text": "x"},
    "prepare": {"approver": "ap-2", "issued": "2025-03-03", "expires": "2025-05-02", "seals": ["S-1"]},
    "issue": {"digest": "0" * 64},
    "print": {"form": "B0001"},
    "return-technical": {"why": "x"},
    "rotate": {"at_once": False},
}


def operations(browser):
    document = json.loads(browser.get("/api/v1/openapi.json").content)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def world(site, program) -> tuple[str, dict[str, int]]:
    """A shipment from Botswana to the Emirates, and one object of each kind; by the beginning of their addresses."""
    from adamas.office.aftercare.models import Picture
    from adamas.office.api.models import Webhook
    from adamas.office.arrival.models import MessageFile, Photo
    from adamas.office.people.models import Organisation

    number = ship(site)
    firm, authority = program("okavango", "exporter"), program("bw-authority", "issuing")
    customs = program("ae-customs", "customs")
    pdf = {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 a")}
    draft = firm.call("POST", "applications", GOOD)[1]["id"]
    paper = firm.send(f"applications/{draft}/attachments", pdf)["attachments"][0]["id"]
    assert firm.call("POST", f"applications/{draft}/submit", {"declared": True})[0] == 200
    sheet = firm.send("sheets", {"file": SimpleUploadedFile("a.xlsx", book([ROW]))})["id"]
    lost = authority.call("POST", f"certificates/{number}/revoke", {"why": "lost", "sign": False})[1]["id"]
    customs.call("POST", f"arrivals/{number}/inspection", FOUND)
    customs.send(f"arrivals/{number}/photographs", {"file": jpeg()})
    question = customs.call("POST", "questions", {"number": number, "text": "Which scale?"})[1]["id"]
    customs.send(f"questions/{question}/papers", {"files": SimpleUploadedFile("b.pdf", b"%PDF-1.7 b")})
    customs.send("forgeries/pictured", {"number": "BW0000077", "pictures": jpeg()})
    hook = Webhook.objects.create(
        organisation=Organisation.objects.get(slug="okavango"),
        url="https://x.example/",
        secret=b"",
        by=site.user("exporter", "okavango"),
        made=0,
    )
    told = hook.deliveries.create(event="x", message="msg_1", body="{}", at=0, due=0)
    return number, {
        "webhooks": hook.pk,
        "deliveries": told.pk,
        "applications": draft,
        "review": draft,
        "paper": paper,
        "sheets": sheet,
        "amendments": lost,
        "photographs": Photo.objects.get().pk,
        "pictures": Picture.objects.get().pk,
        "questions/papers": MessageFile.objects.get().pk,
        "questions": question,
    }


STRANGERS = (
    ("chobe", ("exporter",)),
    ("ae-authority", ("importing", "issuing", "customs")),
    ("deira", ("exporter",)),
    ("bw-authority", ("importing", "issuing", "customs")),
)
ENDS = (1, 3)
"""Places of the two authorities of the journey."""
THEIRS = {
    "certificates/{number}": ENDS,
    "certificates/{number}/trail": ENDS,
    "certificates/{number}/possible": ENDS,
    "certificates/{number}/bundle": ENDS,
    "certificates/{number}/vc": ENDS,
    "certificates/{number}/pdf": ENDS,
    "certificates/{number}/confirm-correction": ENDS,
    "certificates/{number}/return-technical": ENDS,
    "questions": ENDS,
    **dict.fromkeys(("arrivals", "photographs", "pictures"), (1,)),
    **dict.fromkeys(("certificates", "review", "amendments", "applications"), (3,)),
}
"""Addresses (or what they begin with) and the places of those to whom the object is no secret."""


def test_what_belongs_to_others_is_not_found(site, program) -> None:
    number, objects = world(site, program)
    strangers = [program(slug, *roles) for slug, roles in STRANGERS]
    tried: set[str] = set()
    for path, method, _ in operations(site.client()):
        short = path.removeprefix("/api/v1/")
        if "{number}" not in short and "{id}" not in short:
            continue
        kind = next(
            (name for name in ("questions/papers", *objects) if short.startswith(f"{name}/{{id}}")), ""
        )
        real = (
            short.replace("{number}", number)
            .replace("{id}", str(objects.get(kind, 0)))
            .replace("{paper}", str(objects["paper"]))
        )
        assert kind or "{id}" not in short, f"say in world() what {short} is about"
        for place, stranger in enumerate(strangers):
            if place in THEIRS.get(short, THEIRS.get(short.partition("/")[0], ())):
                continue
            word = short.rpartition("/")[2]
            body = BODIES.get(short, BODIES.get(word)) if method in ("post", "put") else None
            if word in ("attachments", "photographs", "papers"):
                status = stranger.send(real, {"file": jpeg(), "files": jpeg()}, status=None)
            else:
                answer = stranger.raw(method.upper(), real, body)
                status = answer.status_code
                if place in ENDS and status == 422:  # it is seen, and the other end's to do
                    assert json.loads(answer.content)["code"] == "aftercare.not-possible", (
                        short,
                        answer.content,
                    )
                    continue
            assert status in (403, 404), (method, short, STRANGERS[place][0], status)
            tried.add(f"{method} {short}")
    assert len(tried) > 45
    for stranger in (strangers[0], strangers[2]):
        assert stranger.call("GET", "certificates")[1]["items"] == []
        assert stranger.call("POST", "check", {"text": number})[1]["declared"] is None, (
            "a check tells no firm's business"
        )
    assert site.office.records([number])[number].state == "validated", "nothing was done"

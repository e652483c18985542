"""Every operation of the OpenAPI document with another tenant's objects, so that a new one cannot be forgotten."""

from __future__ import annotations

import json

from tests.office.api.test_story import FOUND, GOOD
from tests.office.arrival.test_arrival import ship

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
}


def operations(browser):
    document = json.loads(browser.get("/api/v1/openapi.json").content)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_document_is_whole(site) -> None:
    from jsonschema_rs import Draft202012Validator

    for path, method, operation in operations(site.client()):
        assert operation["security"][0]["oauth2"], path
        assert {"401", "403", "404", "422", "429", "503"} <= set(operation["responses"]), path
        problem = operation["responses"]["422"]["content"]
        assert list(problem) == ["application/problem+json"]
        names = {one["name"] for one in operation.get("parameters", ())}
        assert ("Idempotency-Key" in names) == (method == "post")
    document = json.loads(site.client().get("/api/v1/openapi.json").content)
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator({**schema, "components": document["components"]})


def test_what_belongs_to_others_is_not_found(site, program) -> None:
    number = ship(site)
    draft = program("okavango", "exporter").call("POST", "applications", GOOD)[1]["id"]
    strangers = [
        program("chobe", "exporter"),
        program("ae-authority", "importing", "issuing", "customs"),
        program("deira", "exporter"),
    ]
    theirs = {  # the importing side of this very journey does these
        (f"/api/v1/{path}", program_)
        for path in (
            "certificates/{number}",
            "certificates/{number}/bundle",
            "certificates/{number}/pdf",
            "arrivals/{number}/receive",
            "arrivals/{number}/refuse",
            "arrivals/{number}/return",
            "arrivals/{number}/seize",
            "arrivals/{number}/inspection",
            "arrivals/{number}/photographs",
            "certificates/{number}/confirm-correction",
        )
        for program_ in (1,)
    }
    tried = 0
    for path, method, _ in operations(site.client()):
        if "{number}" not in path and "{id}" not in path:
            continue
        for place, stranger in enumerate(strangers):
            if (path, place) in theirs:
                continue
            real = path.removeprefix("/api/v1/").replace("{number}", number).replace("{id}", str(draft))
            body = BODIES.get(path.rpartition("/")[2]) if method in ("post", "put") else None
            status, problem = stranger.call(method.upper(), real, body)
            if path.endswith(("attachments", "photographs")):
                assert status in (403, 404, 415, 422), path
            else:
                assert status in (403, 404) or (place == 1 and problem["code"] == "aftercare.not-possible"), (
                    path,
                    place,
                    problem,
                )
            tried += 1
    assert tried > 30
    for stranger in (strangers[0], strangers[2]):
        assert stranger.call("GET", "certificates")[1]["items"] == []
        assert stranger.call("POST", "check", {"text": number})[1]["declared"] is None, (
            "a check tells no firm's business"
        )
    whole = site.office.records([number])[number]
    assert whole.state == "validated", "nothing was done"

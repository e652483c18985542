"""What an exporter's system and customs' single windows do through the API, and what they are told when it fails."""

from __future__ import annotations

import json

from tests.office.arrival.test_arrival import code, facts, issued_raw, ship
from tests.office.conftest import command, entries

from adamas.office.certification import actions as certification
from adamas.office.issuing.models import Application

GOOD = {
    "reference": "lot 7",
    "to": "AE",
    "importer": "Deira Trading FZE, Dubai",
    "origin": ["BW"],
    "seals": ["S-1"],
    "parcels": [{"hs": "7102.31", "carats": "12.50", "value": "5600"}],
}
FOUND = {"parcels": 1, "carats": "10.01", "value": "50000.01", "seals": "intact"}


def test_an_exporters_system_applies(site, program) -> None:
    firm = program("okavango", "exporter")
    status, draft = firm.call("POST", "applications", {**GOOD, "parcels": [{"hs": "7103.10", "carats": "x"}]})
    assert (status, draft["state"]) == (201, "draft")
    assert len(draft["against"]) >= 3, "a draft tells everything that is wrong at once"
    path = f"applications/{draft['id']}"
    status, refused = firm.call("POST", f"{path}/submit", {"declared": False})
    assert status == 422
    assert {"row.missing"} < {reason["code"] for reason in refused["errors"]}
    status, mended = firm.call("PUT", path, {**GOOD, "version": draft["version"]})
    assert (status, mended["against"], mended["carats"]) == (200, [], "12.50")
    assert firm.call("PUT", path, {**GOOD, "version": draft["version"]})[0] == 409, (
        "an old version loses nobody's work"
    )
    status, done = firm.call("POST", f"{path}/submit", {"declared": True})
    assert (status, done["state"]) == (200, "submitted")
    authority = program("bw-authority", "issuing")
    assert [row["id"] for row in authority.call("GET", "applications")[1]["items"]] == [draft["id"]]
    assert program("chobe", "exporter").call("GET", path)[0] == 404, "another firm's is not found"
    assert firm.call("POST", f"{path}/withdraw", {"why": "sold"})[1]["state"] == "withdrawn"


def test_customs_validate_and_the_importing_side_confirms(site, program) -> None:
    certification.issue(site.office, [command(1), command(2)])
    customs = program("bw-customs", "customs")
    status, done = customs.call("POST", "validations", {"numbers": ["BW0000001", "BW0000002"]})
    assert (status, [row["number"] for row in done["accepted"]]) == (200, ["BW0000001", "BW0000002"])
    assert customs.call("POST", "validations", {"numbers": ["BW0000009"]})[0] == 404
    assert customs.call("POST", "dispatches", {"numbers": ["BW0000001"]})[1]["accepted"]
    importing = program("ae-authority", "importing")
    status, page = importing.call("GET", "arrivals?limit=1")
    assert [row["number"] for row in page["items"]] == ["BW0000001"]
    page = importing.call("GET", f"arrivals?limit=1&cursor={page['next']}")[1]
    assert [row["number"] for row in page["items"]] == ["BW0000002"]
    assert page["next"] is None
    status, checked = importing.call("POST", "check", {"text": code(issued_raw(site, "BW0000001"))})
    assert "receive" in checked["events"]
    assert checked["declared"]["carats"] == "10.01"
    status, decided = importing.call("POST", "arrivals/BW0000001/receive", FOUND)
    assert (status, decided["verdict"], decided["agrees"]) == (200, "received", "exact")
    before = len(entries(site.office))
    assert importing.call("POST", "arrivals/BW0000001/receive", FOUND)[1] == decided, (
        "the same again is done once"
    )
    assert len(entries(site.office)) == before
    assert importing.call("POST", "arrivals/BW0000001/receive", {**FOUND, "parcels": 2})[0] in (409, 422)
    status, whole = importing.call("GET", "certificates/BW0000001")
    assert [step["event"] for step in whole["history"]] == ["issue", "validate", "dispatch", "receive"]
    assert all(step["statement"] for step in whole["history"])
    assert whole["declared"]["exporter"].startswith("Okavango")


def test_after_issue(site, program) -> None:
    number = ship(site)
    authority, importing = program("bw-authority", "issuing"), program("ae-authority", "importing")
    status, stated = authority.call(
        "POST", f"certificates/{number}/correct", {"why": "typing error", "parcels": 2}
    )
    assert status == 200, stated
    confirm = {"correction": stated["statement"]}
    assert importing.call("POST", f"certificates/{number}/confirm-correction", confirm)[0] == 200
    assert importing.call("POST", f"certificates/{number}/revoke", {"why": "lost"})[0] == 403
    assert (
        authority.call("POST", f"certificates/{number}/revoke", {"why": "lost", "note": "courier"})[0] == 200
    )
    assert importing.call("POST", "forgeries", {"number": number, "note": "seen in port"})[0] == 200
    assert facts(site, number)[-2:] == ["certificate.revoked", "forgery.reported"]
    assert importing.call("POST", "check", {"text": number})[1]["verdict"] == "bad"


def test_paper_and_register(site, program) -> None:
    number = ship(site)
    authority = program("bw-authority", "issuing")
    paper = authority.raw("GET", f"certificates/{number}/pdf")
    assert paper.content.startswith(b"%PDF-")
    assert authority.call("GET", f"certificates/{number}/bundle")[0] == 409, "nothing is published here"
    day = authority.call("GET", "register/BW?on=2010-06-01")[1]
    assert (day["on"], day["good"]) == ("2010-06-01", True)
    assert authority.call("GET", "register/XX")[0] == 404
    assert authority.call("GET", "logs")[1]["logs"][0]["own"] is True


def test_every_refusal_is_a_problem(site, program) -> None:
    firm = program("okavango", "exporter", scopes=("read",))
    no_token = firm.browser.get("/api/v1/certificates")
    assert (no_token.status_code, no_token["Content-Type"]) == (401, "application/problem+json")
    assert no_token["WWW-Authenticate"].startswith("Bearer")
    for answer, status, about in (
        (firm.call("POST", "applications", GOOD), 403, "api.scope"),
        (firm.call("GET", "arrivals"), 403, "api.role"),
        (firm.call("GET", "nowhere"), 404, "api.not-found"),
        (firm.call("DELETE", "certificates"), 405, "api.method"),
        (firm.call("GET", "certificates?limit=0"), 422, "api.invalid"),
        (firm.call("GET", "certificates?cursor=%00%ff"), 422, "api.cursor"),
        (firm.call("GET", "certificates/BW0000001"), 404, "api.not-found"),
        (firm.call("POST", "check", {"text": "x" * 30_000}), 422, "api.invalid"),
        (firm.call("POST", "check", {"text": "x" * 2_000_000}), 413, "api.long"),
        (firm.call("POST", "check", {"text": "BW0000001", "txet": 1}), 422, "api.invalid"),
    ):
        assert (answer[0], answer[1]["code"]) == (status, about)
        assert answer[1]["status"] == status
        assert answer[1]["type"].endswith(about)
    broken = firm.browser.post(
        "/api/v1/check",
        b"{",
        content_type="application/json",
        headers={"Authorization": f"Bearer {firm.token}"},
    )
    assert (broken.status_code, broken["Content-Type"]) == (400, "application/problem+json")


def test_a_session_opens_nothing_and_an_ended_client_is_out_at_once(site, program) -> None:
    from adamas.office.api import clients
    from adamas.office.api.models import ApiClient

    signed_in = site.client("importing", "ae-authority")
    assert signed_in.get("/api/v1/certificates").status_code == 401
    firm = program("okavango", "exporter")
    client = ApiClient.objects.get(application__client_id=firm.client_id)
    assert firm.secret not in client.application.client_secret, "only the hash of a secret is kept"
    assert firm.call("GET", "certificates")[0] == 200
    clients.end(site.membership("administrator", "bw-authority"), client)
    assert firm.call("GET", "certificates")[0] == 401
    assert not client.user.memberships.filter(active=True).exists()


def test_a_post_is_done_once(site, program) -> None:
    firm = program("okavango", "exporter")
    first = firm.raw("POST", "applications", GOOD, Idempotency_Key="k-1")
    again = firm.raw("POST", "applications", GOOD, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Application.objects.count() == 1
    other = firm.call("POST", "applications", {**GOOD, "to": "ZA"}, Idempotency_Key="k-1")
    assert (other[0], other[1]["code"]) == (422, "api.key-reused")
    stranger = program("chobe", "exporter")
    assert stranger.raw("POST", "applications", GOOD, Idempotency_Key="k-1").status_code == 201, (
        "keys are each one's own"
    )
    path = f"applications/{json.loads(first.content)['id']}/submit"
    assert firm.call("POST", path, {"declared": False}, Idempotency_Key="k-2")[0] == 422
    assert firm.call("POST", path, {"declared": True}, Idempotency_Key="k-2")[0] == 200, (
        "a refusal keeps no key"
    )


def test_too_many_requests(site, program, monkeypatch) -> None:
    from adamas.office.api import limits

    firm = program("okavango", "exporter")
    monkeypatch.setattr(limits, "WINDOW", 10**9)
    monkeypatch.setattr(limits.allow, "__defaults__", (3,))
    answers = [firm.raw("GET", "logs").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    refused = firm.raw("GET", "logs")
    assert int(refused["Retry-After"]) > 0
    assert json.loads(refused.content)["code"] == "api.too-many"


def test_customs_record_and_the_authority_decides_and_asks(site, program) -> None:
    number = ship(site)
    customs, importing = program("ae-customs", "customs"), program("ae-authority", "importing")
    path = f"arrivals/{number}"
    assert customs.call("GET", f"{path}/inspection")[0] == 404
    less = {**FOUND, "carats": "9.00"}
    kept = customs.call("POST", f"{path}/inspection", less)[1]
    assert (kept["version"], kept["verdict"]) == (1, "")
    assert importing.call("POST", f"{path}/receive", FOUND)[0] == 409, "another record is open"
    assert customs.call("POST", f"{path}/receive", less)[0] == 403, "the authority confirms"
    assert importing.call("POST", f"{path}/receive", less)[1]["agrees"] == "discrepancy"
    (question,) = importing.call("GET", "questions")[1]["items"]
    exporting = program("bw-authority", "issuing")
    answered = exporting.call(
        "POST", f"questions/{question['id']}/messages", {"text": "Our scale was wrong."}
    )[1]
    assert (answered["state"], answered["messages"][-1]["side"]) == ("answered", "BW")
    assert exporting.call("POST", f"questions/{question['id']}/close", {})[0] == 403
    assert (
        importing.call("POST", f"questions/{question['id']}/close", {"why": "clear"})[1]["state"] == "closed"
    )
    assert program("okavango", "exporter").call("GET", "questions")[0] == 403

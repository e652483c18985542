"""The desks by programs: a whole journey through the client, and what a program may not do."""

from __future__ import annotations

import base64
import hashlib
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.office.api.conftest import opened, program_of
from tests.office.api.test_client import GOOD
from tests.office.api.test_story import FOUND
from tests.office.arrival.test_arrival import code, facts, issued_raw, jpeg, ship
from tests.office.conftest import entries
from tests.office.issuing.test_sheets import ROW, book
from tests.office.issuing.test_story import approve
from tests.office.issuing.test_story import code as totp

from adamas.client import File, Found, Refused, Right
from adamas.ledger import cbor
from adamas.office.issuing.models import Application as Row

PDF = File("invoice.pdf", b"%PDF-1.7 invoice", "application/pdf")


def picture() -> File:
    return File("seal.jpg", jpeg().read(), "image/jpeg")


def confirm(site, application: Row):
    """The issuing officer confirms on the page what a program prepared."""
    officer, page_at = site.client("issuing", "bw-authority"), f"/issuing/review/{application.pk}/confirm"
    page = officer.get(page_at).content.decode()
    assert "Confirm exactly this" in page
    shown = dict(re.findall(r'name="(digest|nonce)" value="([0-9a-f]{64})"', page))
    assert officer.post(page_at, {**shown, "code": "000000"}).status_code == 422
    return officer.post(page_at, {**shown, "code": totp()})


def test_a_journey_through_the_client(site, address) -> None:
    firm = opened(address, "okavango", "exporter")
    authority = opened(address, "bw-authority", "issuing")
    customs = opened(address, "bw-customs", "customs")
    inspector = opened(address, "ae-customs", "customs")
    importing = opened(address, "ae-authority", "importing")
    # applied with a paper, asked, answered, submitted
    draft = firm.apply(GOOD)
    (paper,) = firm.attach(draft.id, PDF).attachments
    assert firm.submit(draft.id, no_conflict_diamonds=True).state == "submitted"
    (waiting,) = authority.applications("submitted")
    assert authority.attachment(waiting.id, paper.id) == PDF.data
    assert "take" in authority.review(waiting.id).may
    review = authority.take(waiting.id)
    assert {line.result for line in review.checklist} <= {"passed", "eye", "blocks"}
    assert any(line.clause.startswith("Annex I A") for line in review.checklist)
    authority.ask_exporter(waiting.id, "Which mine?")
    asked = firm.application(draft.id)
    assert (asked.state, asked.thread[-1].text) == ("asked", "Which mine?")
    firm.say(draft.id, "Orapa.")
    firm.submit(draft.id, no_conflict_diamonds=True)
    # prepared by the program, approved and confirmed by two persons, issued by the program
    authority.take(waiting.id)
    (approver,) = authority.review(waiting.id).approvers
    ready = authority.prepare(
        waiting.id, approver=approver.officer, issued="2025-03-03", expires="2025-05-02", seals=["S-1"]
    )
    assert (ready.exporter, ready.carats) == ("Okavango Stones (Pty) Ltd", "12.50")
    row = Row.objects.get(pk=waiting.id)
    with pytest.raises(Refused) as refused:
        authority.issue(waiting.id, ready.digest)
    assert refused.value.status == 409
    assert approve(site, row).status_code == 302
    with pytest.raises(Refused) as refused:
        authority.issue(waiting.id, ready.digest)
    assert refused.value.code == "issuing.two-persons", "one person is not enough for a program"
    assert confirm(site, row).status_code == 302
    assert authority.prepared(waiting.id).confirmed
    with pytest.raises(Refused) as refused:
        authority.issue(waiting.id, "0" * 64)
    assert refused.value.code == "prepared.not-approved", "the digest that was read is the one that is signed"
    done = authority.issue(waiting.id, ready.digest)
    number = done.number
    assert authority.issue(waiting.id, ready.digest) == done
    assert facts(site, number) == ["certificate.issued"]
    # printed on a blank form, validated, noticed
    authority.receive_forms("B0001", "B0010", day="2025-03-01")
    assert authority.print_on(number, "B0001", "fr").startswith(b"%PDF-")
    stock = authority.stock()
    assert (stock.used, stock.left, stock.next) == (1, 9, "B0002")
    assert list(customs.validate(number).accepted) == [number]
    (sent,) = authority.notices()
    assert (sent.number, sent.way, sent.sent is not None) == (number, "hosted", True)
    assert authority.notice_file("AE", number)
    assert not customs.dispatch(number).refused
    trail = authority.trail(number)
    assert {"certificate.printed", "certificate.approved", "certificate.confirmed", "certificate.issued"} <= {
        a.act for a in trail.acts
    }
    assert trail.forms == ("B0001",)
    # expected, checked, inspected with a picture, a discrepancy asks a question, answered, received
    assert [row.number for row in inspector.arrivals(sender="BW", begins="BW")] == [number]
    checked = inspector.check(code(issued_raw(site, number)))
    assert "receive" in checked.events
    found = Found(1, "12.40", "5600.00", "intact", "scale of the port")
    kept = inspector.inspect(number, found)
    (photo,) = inspector.photograph(number, picture()).photographs
    assert b"secret place" not in inspector.photo(photo.id)
    assert kept.version == inspector.inspection(number).version
    assert importing.receive(number, found).agrees == "discrepancy"
    (question,) = importing.questions("open")
    answered = authority.answer(question.id, "Our scale was wrong.", papers=[PDF])
    assert answered.state == "answered"
    assert importing.question_paper(answered.messages[-1].papers[0].id) == PDF.data
    assert b"Our scale was wrong." in importing.question_file(question.id)
    assert importing.close_question(question.id, "clear").state == "closed"
    assert [step.event for step in importing.certificate(number).history][-1] == "receive"
    assert importing.certificate(number).declared.parcels[0].carats == "12.50"


def test_what_is_approved_can_be_computed_and_what_is_prepared_anew_is_not_signed(site, program) -> None:
    firm, authority = program("okavango", "exporter"), program("bw-authority", "issuing")
    draft = firm.call("POST", "applications", {**api_body(), "reference": "r"})[1]["id"]
    firm.call("POST", f"applications/{draft}/submit", {"declared": True})
    path = f"review/{draft}"
    wanted = {"approver": "ap-2", "issued": "2025-03-03", "expires": "2025-05-02", "seals": ["S-1"]}
    assert authority.call("POST", f"{path}/prepare", wanted)[0] == 409, "it is not in review"
    assert authority.call("POST", f"{path}/take")[1]["may"]
    assert authority.call("POST", f"{path}/prepare", {**wanted, "approver": "is-1"})[1]["code"] == (
        "issuing.approver"
    )
    status, first = authority.call("POST", f"{path}/prepare", wanted)
    assert status == 200, first
    payload = cbor.decode(base64.b64decode(first["payload"]))
    digest = hashlib.sha256(cbor.encode([first["issuer"], first["number"], payload])).hexdigest()
    assert digest == first["digest"]
    row = Row.objects.get(pk=draft)
    approve(site, row)
    confirm(site, row)
    assert authority.call("POST", f"{path}/take-back")[1]["prepared"] is None
    second = authority.call("POST", f"{path}/prepare", wanted)[1]
    assert second["digest"] != first["digest"]
    assert not second["confirmed"], "a confirmation is of one digest"
    assert not second["approved"]
    approve(site, row)
    before = len(entries(site.office))
    assert authority.call("POST", f"{path}/issue", {"digest": second["digest"]})[1]["code"] == (
        "issuing.two-persons"
    )
    assert len(entries(site.office)) == before


def test_a_program_is_never_the_second_person(site, program) -> None:
    from adamas.office.issuing import actions
    from adamas.office.issuing.errors import IssuingError
    from adamas.office.people.models import Membership, User

    firm, authority = program("okavango", "exporter"), program("bw-authority", "issuing")
    draft = firm.call("POST", "applications", api_body())[1]["id"]
    firm.call("POST", f"applications/{draft}/submit", {"declared": True})
    authority.call("POST", f"review/{draft}/take")
    program_of("bw-authority", ("customs",))
    other = User.objects.filter(email__endswith="@clients.invalid").latest("pk")
    boss = Membership.objects.filter(organisation__slug="bw-authority", role="issuing").first()
    forged = Membership.objects.create(  # an administrator, or somebody with the database, made it so
        user=other, organisation=boss.organisation, role="approving", officer="ap-9"
    )
    names = [one["officer"] for one in authority.call("GET", f"review/{draft}")[1]["approvers"]]
    assert names == ["ap-2"], "nobody may name a program as approver"
    for act, role in ((actions.approve, "approving"), (actions.confirm, "issuing")):
        forged.role = role
        with pytest.raises(IssuingError) as refused:
            act(forged, Row.objects.get(pk=draft), b"x" * 32)
        assert refused.value.code == "issuing.person"
    wanted = {"approver": "ap-2", "issued": "2025-03-03", "expires": "2025-05-02", "seals": ["S-1"]}
    ready = authority.call("POST", f"review/{draft}/prepare", wanted)[1]
    approver = site.membership("approving", "bw-authority")
    twice = Membership.objects.create(
        user=approver.user, organisation=approver.organisation, role="issuing", officer="is-9"
    )
    with pytest.raises(IssuingError) as refused:
        actions.confirm(twice, Row.objects.get(pk=draft), bytes.fromhex(ready["digest"]))
    assert refused.value.code == "issuing.two-persons", "one person in two roles is one person"
    authority.call("POST", f"review/{draft}/take-back")
    person = site.membership("issuing", "bw-authority")
    assert site.client("issuing", "bw-authority").get(f"/issuing/review/{draft}/confirm").status_code == 302
    with pytest.raises(IssuingError):
        actions.confirm(person, Row.objects.get(pk=draft), b"x" * 32)


def test_sheets_forms_and_numbers(site, program) -> None:
    firm, authority = program("okavango", "exporter"), program("bw-authority", "issuing")
    assert firm.raw("GET", "sheets/template").content.startswith(b"PK")
    bad = ["B", "AE", "Deira", "BW", "7103.10", 1, 5, None, None]
    sheet = {"file": SimpleUploadedFile("march.xlsx", book([ROW, bad]))}
    report = firm.send("sheets", sheet)
    assert (report["drafts"], report["bad"]) == (1, 1)
    assert report["problems"][0]["row"] == 3
    assert firm.send("sheets", sheet, status=None) == 409
    assert firm.send("sheets", {**sheet, "again": "true"})["drafts"] == 1
    assert b"7103.10" in firm.raw("GET", f"sheets/{report['id']}/rejected").content
    assert len(firm.call("GET", "applications?state=draft")[1]["items"]) == 2
    status, range_ = authority.call("POST", "numbers", {"count": 10, "purpose": "offline desk"})
    assert (status, range_["count"]) == (201, 10)
    assert authority.call("GET", "numbers")[1]["reservations"][0]["first"] == range_["first"]
    assert (
        authority.call("POST", "forms/write-offs", {"form": "B0001", "end": "spoiled", "why": "x"})[1]["code"]
        == "issuing.form-unknown"
    )
    assert authority.call("POST", "forms/receipts", {"first": "B0001", "last": "B0010"})[0] == 201
    assert authority.call("POST", "forms/receipts", {"first": "B0005", "last": "B0020"})[1]["code"] == (
        "issuing.form-twice"
    )
    gone = authority.call("POST", "forms/write-offs", {"form": "B0001", "end": "missing", "why": "burnt"})[1]
    assert (gone["form"], authority.call("GET", "forms")[1]["missing"]) == ("B0001", 1)
    small = program("bw-authority", "issuing", scopes=("read", "validate"))
    for path, body in (
        ("forms/receipts", {"first": "B1", "last": "B2"}),
        ("numbers", {"count": 1, "purpose": "x"}),
    ):
        assert small.call("POST", path, body)[1]["code"] == "api.scope", "each desk has its scope"


def test_after_issue_written_by_a_program_and_signed_by_an_officer(site, program) -> None:
    number = ship(site)
    authority, importing = program("bw-authority", "issuing"), program("ae-authority", "importing")
    before = len(entries(site.office))
    assert authority.call("POST", f"certificates/{number}/correct", {"why": "typing error"})[1]["code"] == (
        "api.invalid"
    ), "a correction corrects something"
    written = authority.call(
        "POST", f"certificates/{number}/correct", {"why": "typing error", "parcels": 2, "sign": False}
    )[1]
    assert (written["state"], written["statement"], len(entries(site.office))) == ("written", "", before)
    assert (
        number in site.client("issuing", "bw-authority").get(f"/after/act/{written['id']}").content.decode()
    )
    assert authority.call("POST", f"amendments/{written['id']}/sign")[1]["state"] == "signed"
    (waiting,) = importing.call("GET", "after-issue")[1]["to_confirm"]
    assert waiting["changes"] == {"parcels": 2}
    confirm_ = {"correction": waiting["correction"]}
    assert importing.call("POST", f"certificates/{number}/confirm-correction", confirm_)[0] == 200
    laid = authority.call("POST", f"certificates/{number}/revoke", {"why": "void", "sign": False})[1]
    assert authority.call("POST", f"amendments/{laid['id']}/drop")[1]["state"] == "dropped"
    assert authority.call("POST", f"amendments/{laid['id']}/sign")[0] == 409
    assert "receive" not in importing.call("GET", f"certificates/{number}/possible")[1]["possible"]
    refusal = {**FOUND, "why": "mismatch"}
    assert importing.call("POST", f"arrivals/{number}/refuse", refusal)[0] == 200
    back = importing.call("POST", f"certificates/{number}/return-technical", {"why": "old seals"})
    assert back[0] == 200, back
    importing.send("forgeries/pictured", {"number": number, "note": "seen in port", "pictures": jpeg()})
    (known,) = importing.call("GET", f"forgeries?number={number}")[1]["items"]
    taken = importing.raw("GET", f"pictures/{known['pictures'][0]['id']}").content
    assert b"secret place" not in taken
    (theirs,) = authority.call("GET", "forgeries")[1]["items"]
    assert theirs["pictures"] == [], "pictures stay with who took them"


def test_notices_leave_and_come_as_files(site, program) -> None:
    number = ship(site)
    authority, importing = program("bw-authority", "issuing"), program("ae-authority", "importing")
    address_ = authority.call("PUT", "notices/addresses/ZA", {"mail": "kp@dmre.example"})[1]
    assert address_["way"] == "mail"
    assert authority.call("PUT", "notices/addresses/ZA", {"mail": "no address"})[1]["code"] == "api.invalid"
    program("bw-customs", "customs").call("POST", "dispatches", {"numbers": [number]})
    raw = authority.raw("POST", "notices/AE/file", {"numbers": [number]})
    assert raw["Content-Type"] == "application/cbor"
    taken = importing.send("notices/import", {"file": SimpleUploadedFile("n.cbor", raw.content)})
    assert taken["refused"] == []
    junk = {"file": SimpleUploadedFile("n.cbor", b"\xff\xff")}
    assert importing.send("notices/import", junk, status=None) == 422


def test_a_file_is_checked_and_a_photograph_taken_back(site, program) -> None:
    from adamas.office.people.models import Act

    number = ship(site)
    customs = program("ae-customs", "customs")
    raw = issued_raw(site, number)
    checked = customs.send("check/file", {"file": SimpleUploadedFile("c.adamas", raw)})
    assert (checked["number"], checked["verdict"]) == (number, "good")
    forged = bytearray(raw)
    forged[-3] ^= 1
    bad = customs.send("check/file", {"file": SimpleUploadedFile("c.adamas", bytes(forged))})
    assert bad["verdict"] == "bad"
    assert Act.objects.filter(act="arrival.suspicion", subject=number).exists()
    customs.call("POST", f"arrivals/{number}/inspection", FOUND)
    (photo,) = customs.send(f"arrivals/{number}/photographs", {"file": jpeg()})["photographs"]
    assert customs.raw("DELETE", f"photographs/{photo['id']}").status_code == 200
    assert customs.call("GET", f"arrivals/{number}/inspection")[1]["photographs"] == []
    (due,) = customs.call("GET", "confirmations")[1]["items"]
    assert due["number"] == number


def test_a_form_with_files_is_sent_again_and_done_once(site, program) -> None:
    number = ship(site)
    customs = program("ae-customs", "customs")
    customs.call("POST", f"arrivals/{number}/inspection", FOUND)
    path = f"/api/v1/arrivals/{number}/photographs"
    headers = {"Authorization": f"Bearer {customs.token}", "Idempotency-Key": "k-1"}
    answers = [customs.browser.post(path, {"file": jpeg()}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert len(customs.call("GET", f"arrivals/{number}/inspection")[1]["photographs"]) == 1
    other = SimpleUploadedFile("other.jpg", io.BytesIO(jpeg().read()).getvalue(), "image/jpeg")
    assert customs.browser.post(path, {"file": other}, headers=headers).status_code == 422
    assert Right(parcels=2).body()["parcels"] == 2


def api_body() -> dict[str, object]:
    return {**GOOD.body()}

"""The arrival desk as officers and cheats meet it: scan, inspect, decide; the question that a discrepancy opens."""

from __future__ import annotations

import base64
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from tests.office.conftest import command, entries, validation

from adamas.ledger import statement as statements
from adamas.office.arrival.models import Inspection, Photo, Question
from adamas.office.certification import actions as certification
from adamas.office.people.models import Act as AuditEvent

NUMBER = "BW0000001"
FOUND = {"parcels": "1", "carats": "10.01", "value": "50000.01", "seals": "intact", "note": ""}


def ship(site, serial: int = 1, **changes: object) -> str:
    certification.issue(site.office, [command(serial, **changes)])
    certification.validate(site.office, [validation(serial)])
    return f"BW{serial:07d}"


def issued_raw(site, number: str = NUMBER) -> bytes:
    for raw in reversed(entries(site.office)):
        st = statements.parse(raw)
        if st.type == "certificate.issued" and st.subject == number:
            return raw
    raise AssertionError(number)


def code(raw: bytes) -> str:
    return "https://office.example/v#" + base64.b32encode(raw).decode().rstrip("=")


def facts(site, number: str = NUMBER) -> list[str]:
    found = (statements.parse(raw) for raw in entries(site.office))
    return [st.type for st in found if st.subject == number]


def jpeg() -> SimpleUploadedFile:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "somebody's house"
    Image.new("RGB", (40, 30), "grey").save(out, "JPEG", exif=exif, comment=b"secret place")
    return SimpleUploadedFile("<b>seal.jpg", out.getvalue(), "image/jpeg")


def inspected(client, number: str = NUMBER, **changes: object) -> Inspection:
    answer = client.post(f"/arrival/certificate/{number}/inspect", {**FOUND, **changes})
    assert answer.status_code == 302, answer.content.decode()
    return Inspection.objects.get(number=number, verdict="")


def test_the_whole_story_of_a_good_parcel(site) -> None:
    ship(site)
    customs, officer = site.client("customs", "ae-customs"), site.client("importing")
    assert NUMBER in customs.get("/arrival/expected").content.decode()  # nobody entered it: the log told
    page = customs.post("/arrival/", {"text": code(issued_raw(site))}).content.decode()
    assert "Good: the certificate is genuine" in page
    typed = customs.get(f"/arrival/?text={NUMBER}").content.decode()
    assert "genuine" not in typed  # a number can be copied onto a forged paper
    assert "the paper was not looked at" in typed
    assert "Okavango Stones" in page
    assert "10.01" in page
    held = inspected(customs, photos=jpeg())
    kept = Photo.objects.get()
    picture = customs.get(f"/arrival/photo/{kept.pk}")
    raw = b"".join(picture.streaming_content) if picture.streaming else picture.content
    assert b"secret place" not in raw
    assert b"somebody" not in raw
    assert customs.get(f"/arrival/inspection/{held.pk}/confirm").status_code == 403  # the authority confirms
    page = officer.get(f"/arrival/inspection/{held.pk}").content.decode()
    assert "exactly what was declared" in page
    assert "&lt;b&gt;seal" in page
    assert "<b>seal" not in page
    assert "III(b), bullet 2" in officer.get(f"/arrival/inspection/{held.pk}/confirm").content.decode()
    done = officer.post(f"/arrival/inspection/{held.pk}/confirm", {"version": held.version}, follow=True)
    assert "The arrival is confirmed" in done.content.decode()
    assert facts(site)[-1] == "shipment.received"
    assert NUMBER not in customs.get("/arrival/expected").content.decode()
    assert "already confirmed" in customs.get(f"/arrival/?text={NUMBER}").content.decode()
    acts = list(AuditEvent.objects.filter(subject=NUMBER).values_list("act", flat=True))
    assert acts == ["arrival.inspected", "arrival.photographed", "arrival.received"]
    assert not Question.objects.exists()


def test_a_discrepancy_opens_a_question_that_both_authorities_work_on(site) -> None:
    ship(site)
    officer = site.client("importing")
    held = inspected(officer, carats="12.50", seals="broken", note="<script>alert(1)</script>")
    page = officer.get(f"/arrival/inspection/{held.pk}").content.decode()
    assert "Discrepancy" in page
    assert "<script>alert" not in page
    officer.post(f"/arrival/inspection/{held.pk}/confirm", {"version": held.version})
    question = Question.objects.get()
    assert (question.asker, question.asked, question.way) == ("AE", "BW", "hosted")
    issuing = site.client("issuing", "bw-authority")
    assert NUMBER in issuing.get("/arrival/questions").content.decode()
    thread = issuing.get(f"/arrival/question/{question.pk}").content.decode()
    assert "declared 10.01, found 12.50" in thread
    assert "<script>alert" not in thread
    answer = issuing.post(f"/arrival/question/{question.pk}", {"text": "", "attachments": []})
    assert answer.status_code == 422
    assert "Write something" in answer.content.decode()
    scale = SimpleUploadedFile("scale.pdf", b"%PDF-1.7 scale", "application/pdf")
    issuing.post(f"/arrival/question/{question.pk}", {"text": "Our scale was wrong.", "attachments": scale})
    site.clock.now += 3 * 86_400
    page = officer.get("/arrival/questions").content.decode()
    assert "Answered" in page
    assert "3 days" in page
    assert "scale.pdf" in officer.get(f"/arrival/question/{question.pk}").content.decode()
    assert b"Our scale was wrong." in b"".join(officer.get(f"/arrival/question/{question.pk}/file"))
    assert issuing.post(f"/arrival/question/{question.pk}/close").status_code == 403
    officer.post(f"/arrival/question/{question.pk}/close")
    assert officer.post(f"/arrival/question/{question.pk}", {"text": "more"}).status_code == 409


def test_asking_of_ones_own_accord(site) -> None:
    ship(site)
    officer = site.client("importing")
    officer.post(f"/arrival/certificate/{NUMBER}/ask", {"about": "paper", "text": "Is the stamp yours?"})
    question = Question.objects.get()
    assert (
        "Is the stamp yours?"
        in site.client("issuing").get(f"/arrival/question/{question.pk}").content.decode()
    )


@pytest.mark.parametrize("word", ["refuse", "return", "seize"])
def test_other_decisions(site, word: str) -> None:
    ship(site)
    officer = site.client("importing")
    if word == "return":  # goods go back after they have left
        from adamas.scheme.statements import DispatchCommand

        certification.dispatch(site.office, [DispatchCommand(NUMBER, "2025-03-03")])
    held = inspected(officer)
    form = {"version": held.version, "why": "mismatch", "note": "The stones are cut."}
    done = officer.post(f"/arrival/inspection/{held.pk}/{word}", form)
    assert done.status_code == 302
    types = {"refuse": "shipment.refused", "return": "shipment.returned", "seize": "shipment.seized"}
    assert facts(site)[-1] == types[word]


def test_a_double_click_and_two_officers_at_the_same_second_give_one_statement(site) -> None:
    ship(site)
    one, two = site.client("importing", officer="im-1"), site.client("importing", officer="im-2")
    held = inspected(one)
    shown = one.get(f"/arrival/inspection/{held.pk}/confirm")
    assert shown.status_code == 200
    assert two.get(f"/arrival/inspection/{held.pk}/refuse").status_code == 200
    one.post(f"/arrival/inspection/{held.pk}/confirm", {"version": held.version})
    one.post(f"/arrival/inspection/{held.pk}/confirm", {"version": held.version})
    page = two.post(
        f"/arrival/inspection/{held.pk}/refuse",
        {"version": held.version, "why": "seals", "note": ""},
        follow=True,
    )
    assert "dealt with already" in page.content.decode()
    assert facts(site).count("shipment.received") == 1
    assert "shipment.refused" not in facts(site)


def test_what_was_found_is_not_overwritten_and_nothing_typed_is_lost(site) -> None:
    ship(site)
    one, two = site.client("importing", officer="im-1"), site.client("importing", officer="im-2")
    held = inspected(one)
    page = two.post(f"/arrival/certificate/{NUMBER}/inspect", {**FOUND, "note": "typed by the second"})
    assert page.status_code == 409
    assert "typed by the second" in page.content.decode()
    inspected(one, carats="11", version=held.version)
    late = two.post(f"/arrival/inspection/{held.pk}/confirm", {"version": held.version}, follow=True)
    assert "changed the record" in late.content.decode()
    assert "shipment.received" not in facts(site)
    wrong = one.post(f"/arrival/certificate/{NUMBER}/inspect", {**FOUND, "carats": "1,5"})
    assert wrong.status_code == 422
    assert "1,5" in wrong.content.decode()


def test_a_dismissed_officer_signs_nothing(site) -> None:
    ship(site)
    officer = site.client("importing")
    held = inspected(officer)
    member = site.membership("importing")
    member.active = False
    member.save()
    answer = officer.post(f"/arrival/inspection/{held.pk}/confirm", {"version": held.version})
    assert answer.status_code in (302, 403)
    assert "shipment.received" not in facts(site)


def test_signing_asks_for_the_second_factor_again(site) -> None:
    ship(site)
    held = inspected(site.client("importing"))
    stale = site.client("importing", stepped_up=False)
    answer = stale.post(f"/arrival/inspection/{held.pk}/confirm", {"version": held.version})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"] or "account" in answer["Location"]
    assert "shipment.received" not in facts(site)


def test_another_tenant_sees_nothing(site) -> None:
    ship(site)
    officer = site.client("importing")
    held = inspected(officer, photos=jpeg(), carats="12.50")
    officer.post(f"/arrival/inspection/{held.pk}/confirm", {"version": held.version})
    question, photo = Question.objects.get(), Photo.objects.get()
    other = site.client("customs", "bw-customs")
    for path in (
        f"/arrival/certificate/{NUMBER}/inspect",
        f"/arrival/certificate/{NUMBER}/ask",
        f"/arrival/inspection/{held.pk}",
        f"/arrival/inspection/{held.pk}/seize",
        f"/arrival/photo/{photo.pk}",
        f"/arrival/question/{question.pk}",
    ):
        assert other.get(path).status_code == 404, path
    assert site.client("issuing", "ae-authority").get(f"/arrival/question/{question.pk}").status_code == 404
    assert site.client("exporter").get("/arrival/").status_code == 403
    assert site.client().get("/arrival/").status_code == 302


def test_declared_content_of_others_is_not_shown(site) -> None:
    certification.issue(site.office, [command(7, to="ZA")])
    certification.validate(site.office, [validation(7)])
    page = site.client("customs", "ae-customs").get("/arrival/?text=BW0000007").content.decode()
    assert "is for South Africa" in page
    assert "Okavango" not in page
    assert site.client("customs", "ae-customs").get("/arrival/certificate/BW0000007").status_code == 404


def test_the_page_without_a_line_gets_one_participants_public_state(site) -> None:
    ship(site)
    certification.issue(site.office, [command(7, to="ZA")])
    customs = site.client("customs", "ae-customs")
    state = customs.get("/arrival/offline.json").json()
    assert state["participant"] == "AE"
    assert state["made"] == site.clock.now
    (row,) = state["certificates"]
    assert row[:2] == [NUMBER, "validated"]
    assert row[2] == statements.text_id(statements.leaf_id(issued_raw(site)))
    assert "Okavango" not in str(state)
    page = customs.get("/arrival/offline").content.decode()
    assert site.user("customs", "ae-customs").name not in page  # it is kept by the browser: it names nobody
    worker = customs.get("/arrival/sw.js").content.decode()
    assert "verify/scan.js" in worker


def test_two_threads_that_decide_together_give_one_statement(site) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    ship(site)
    clients = [site.client("importing", officer=officer) for officer in ("im-1", "im-2")]
    held = inspected(clients[0])

    def decide(client) -> int:
        try:
            path = f"/arrival/inspection/{held.pk}/confirm"
            return client.post(path, {"version": held.version}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(decide, clients)) == {302}
    assert facts(site).count("shipment.received") == 1
    held.refresh_from_db()
    assert held.verdict == "received"


def test_an_answer_of_an_authority_elsewhere_is_mailed_to_and_entered(site, monkeypatch) -> None:
    from adamas.office.arrival import threads
    from adamas.office.issuing.models import NoticeAddress

    ship(site)
    NoticeAddress.objects.create(participant="AE", to="BW", mail="kp@gov.bw.example")
    hosted = site.office.home.config.participants
    object.__setattr__(site.office.config, "participants", ("AE",))
    sent: list[int] = []
    monkeypatch.setattr(threads, "later", lambda task, *args: sent.append(args[0]))
    officer = site.client("importing")
    officer.post(f"/arrival/certificate/{NUMBER}/ask", {"about": "paper", "text": "Is the stamp yours?"})
    question = Question.objects.get()
    assert question.way == "mail"
    officer.post(f"/arrival/question/{question.pk}", {"text": "Yes, it is.", "theirs": "on"})
    object.__setattr__(site.office.config, "participants", hosted)
    question.refresh_from_db()
    assert question.state == "answered"
    assert sent == [question.messages.first().pk]  # their own answer is not mailed back to them
    assert "entered by" in officer.get(f"/arrival/question/{question.pk}").content.decode()

"""From the exporter's form to the importing authority, as people see it in their browsers without script."""

from __future__ import annotations

import base64
import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from tests.office.conftest import entries
from tests.office.site import SECRET, Site

from adamas.ledger import statement as statements
from adamas.ledger.keys import SoftwareSigner
from adamas.office.issuing.models import Application, Notice, Step

GOOD = {
    "to": "AE",
    "importer": "Deira Trading FZE, Dubai",
    "origin": "BW",
    "seals": "S-1",
    "reference": "lot 7",
    "parcels-1-hs": "7102.31",
    "parcels-1-carats": "12.50",
    "parcels-1-value": "5600",
    "parcels-2-hs": "7102.21",
    "parcels-2-carats": "3",
    "parcels-2-value": "90.10",
}
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def applied(site: Site, **changes: str) -> Application:
    """An application that Okavango submitted."""
    client = site.client("exporter", "okavango")
    answer = client.post("/issuing/new", {**GOOD, **changes, "act": "submit", "declared": "1"})
    assert answer.status_code == 302, answer.content.decode()
    return Application.objects.latest("pk")


def reviewed(site: Site, application: Application, officer: Client | None = None) -> None:
    officer = officer or site.client("issuing", "bw-authority", officer="is-1")
    officer.post(f"/issuing/review/{application.pk}/take")
    application.refresh_from_db()
    assert application.state == "review"


def prepared(site: Site, application: Application, **changes: str) -> str:
    """Prepares it as the first officer; gives the digest that the approver is shown."""
    officer = site.client("issuing", "bw-authority", officer="is-1")
    reviewed(site, application, officer)
    approver = site.membership("approving", "bw-authority")
    answer = officer.post(
        f"/issuing/review/{application.pk}/prepare",
        {"issued": "2025-03-03", "expires": "2025-05-02", "seals": "S-1", "approver": approver.pk, **changes},
    )
    assert answer.status_code == 302, answer.content.decode()
    return shown_digest(site, application)


def shown_digest(site: Site, application: Application) -> str:
    return shown(site, application)["digest"]


def shown(site: Site, application: Application) -> dict[str, str]:
    """What the approver's form holds: the digest shown, and the question that the second factor answers."""
    page = (
        site.client("approving", "bw-authority")
        .get(f"/issuing/review/{application.pk}/approve")
        .content.decode()
    )
    found = dict(re.findall(r'name="(digest|nonce)" value="([0-9a-f]{64})"', page))
    return {**found, "code": code()}


def code() -> str:
    """What the approver's authenticator application shows; a code that was used counts again here."""
    cache.clear()
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(SECRET, counter))


def approve(site: Site, application: Application, **changes: str):
    """Sends the approver's form as it was shown."""
    form = {**shown(site, application), **changes}
    return site.client("approving", "bw-authority", officer="ap-2").post(
        f"/issuing/review/{application.pk}/approve", form
    )


def approved(site: Site, application: Application) -> str:
    digest = prepared(site, application)
    approve(site, application)
    application.refresh_from_db()
    assert application.state == "approved"
    return digest


def issued(site: Site, **changes: str) -> str:
    application = applied(site, **changes)
    approved(site, application)
    site.client("issuing", "bw-authority", officer="is-1").post(f"/issuing/review/{application.pk}/issue")
    application.refresh_from_db()
    assert application.state == "issued"
    return application.number


def test_the_whole_story(site: Site):
    application = applied(site)
    queue = site.client("issuing", "bw-authority").get("/issuing/queue").content.decode()
    assert "lot 7" in queue
    assert "15.50" in queue
    review = site.client("issuing", "bw-authority").get(f"/issuing/review/{application.pk}").content.decode()
    assert "Annex I A, numbering" in review, "the checklist cites clauses"
    assert "Something needs an eye" in review or "Something blocks" in review
    digest = prepared(site, application)
    before = len(entries(site.office))
    approver = site.client("approving", "bw-authority")
    page = approver.get(f"/issuing/review/{application.pk}/approve").content.decode()
    for words in (
        "Deira Trading FZE, Dubai",
        "Okavango Stones (Pty) Ltd",
        "12.50",
        "5,600.00",
        "15.50",
        "AE",
        "S-1",
    ):
        assert words in page
    assert approver.post(f"/issuing/review/{application.pk}/approve", {"digest": digest}).status_code == 422
    assert approve(site, application, code="000000").status_code == 422, (
        "a second factor confirms, or nothing"
    )
    assert approve(site, application).status_code == 302
    officer = site.client("issuing", "bw-authority", officer="is-1")
    first = officer.post(f"/issuing/review/{application.pk}/issue")
    second = officer.post(f"/issuing/review/{application.pk}/issue")
    application.refresh_from_db()
    assert first.url == second.url == f"/issuing/certificate/{application.number}"
    assert len(entries(site.office)) == before + 1, "a double click makes one statement"
    logged = statements.parse(entries(site.office)[-1])
    assert logged.payload["officers"] == ["is-1", "ap-2"]
    certificate = officer.get(first.url).content.decode()
    assert "Okavango Stones" in certificate
    assert "Certificate issued" in certificate
    assert "Authority of Botswana" in certificate
    assert list(Step.objects.values_list("act", flat=True)) == [
        "begin",
        "submit",
        "take",
        "prepare",
        "approve",
        "issue",
    ]
    customs = site.client("customs", "bw-customs")
    assert application.number in customs.get("/issuing/validation").content.decode()
    assert customs.post("/issuing/validation", {"number": application.number}).status_code == 302
    assert site.office.records([application.number])[application.number].state == "validated"
    assert Notice.objects.get(number=application.number).way == "hosted"
    assert Notice.objects.get(number=application.number).sent
    assert (
        customs.post("/issuing/validation", {"number": application.number, "act": "dispatch"}).status_code
        == 302
    )
    assert site.office.records([application.number])[application.number].state == "shipped"
    importing = site.client("importing", "ae-authority").get(f"/issuing/certificate/{application.number}")
    assert "Deira Trading" in importing.content.decode()


def test_nothing_is_lost_and_everything_is_told_at_once(site: Site):
    client = site.client("exporter", "okavango")
    bad = {**GOOD, "to": "XQ1", "parcels-1-carats": "12,5", "parcels-2-hs": "7103.10", "parcels-2-value": "0"}
    answer = client.post("/issuing/new", {**bad, "act": "submit", "declared": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "5 things are to be mended" in page or "4 things are to be mended" in page
    for typed in ("XQ1", "12,5", "7103.10", "lot 7"):
        assert f'value="{typed}"' in page
    for told in ("has a comma", "not an HS code", "value zero", "not a two-letter"):
        assert told in page
    application = Application.objects.get()
    assert application.state == "draft"
    assert application.cells["parcels"][0]["carats"] == "12,5"
    more = client.post(
        f"/issuing/application/{application.pk}", {**GOOD, "act": "add", "version": "1"}
    ).content.decode()
    assert 'name="parcels-7-hs"' in more, "more rows without script"
    undeclared = client.post(
        f"/issuing/application/{application.pk}", {**GOOD, "act": "submit", "version": "1"}
    )
    assert "Annex II, 18" in undeclared.content.decode()
    stale = client.post(
        f"/issuing/application/{application.pk}", {**GOOD, "to": "ZA", "act": "save", "version": "1"}
    )
    assert stale.status_code == 409
    assert 'value="ZA"' in stale.content.decode(), "what was typed on a stale form is still there"


def test_rules_hold_an_application_up_at_the_exporters_own_door(site: Site):
    answer = site.client("exporter", "okavango").post(
        "/issuing/new", {**GOOD, "to": "BW", "act": "submit", "declared": "1"}
    )
    assert answer.status_code == 422
    assert "own Participant" in answer.content.decode()


def test_question_answer_withdraw(site: Site):
    application = applied(site)
    officer, exporter = site.client("issuing", "bw-authority"), site.client("exporter", "okavango")
    reviewed(site, application, officer)
    assert (
        exporter.post(
            f"/issuing/application/{application.pk}", {**GOOD, "to": "ZA", "act": "save"}
        ).status_code
        == 409
    )
    officer.post(f"/issuing/review/{application.pk}/ask", {"text": "Which mine?"})
    assert "Which mine?" in exporter.get(f"/issuing/application/{application.pk}").content.decode()
    exporter.post(f"/issuing/application/{application.pk}/say", {"text": "Jwaneng"})
    assert "Jwaneng" in officer.get(f"/issuing/review/{application.pk}").content.decode()
    exporter.post(f"/issuing/application/{application.pk}", {**GOOD, "act": "submit", "declared": "1"})
    application.refresh_from_db()
    assert application.state == "submitted"
    exporter.post(f"/issuing/application/{application.pk}/withdraw", {"text": "sold"})
    application.refresh_from_db()
    assert application.state == "submitted", "withdrawing asks"
    exporter.post(f"/issuing/application/{application.pk}/withdraw", {"text": "sold", "sure": "1"})
    application.refresh_from_db()
    assert application.state == "withdrawn"
    officer.post(f"/issuing/review/{application.pk}/take")
    application.refresh_from_db()
    assert application.state == "withdrawn", "what ended stays ended"


def test_an_approval_is_of_what_was_shown(site: Site):
    application = applied(site)
    first = prepared(site, application)
    old = shown(site, application)
    officer, approver = (
        site.client("issuing", "bw-authority", officer="is-1"),
        site.client("approving", "bw-authority"),
    )
    officer.post(f"/issuing/review/{application.pk}/back")
    number = Application.objects.get(pk=application.pk).number
    approver_pk = site.membership("approving", "bw-authority").pk
    officer.post(
        f"/issuing/review/{application.pk}/prepare",
        {"issued": "2025-03-03", "expires": "2025-05-01", "seals": "S-9", "approver": approver_pk},
    )
    second = shown_digest(site, application)
    assert first != second
    stale = approver.post(f"/issuing/review/{application.pk}/approve", {**old, "code": code()})
    assert stale.status_code == 422
    assert "prepared anew" in stale.content.decode()
    assert officer.post(f"/issuing/review/{application.pk}/issue").status_code == 422
    new = shown(site, application)
    approver.post(f"/issuing/review/{application.pk}/approve", {**new, "code": code()})
    assert Application.objects.get(pk=application.pk).state == "approved"
    officer.post(f"/issuing/review/{application.pk}/back")
    application.refresh_from_db()
    assert (application.state, application.approved) == ("review", None), (
        "taken back: the approval counts no more"
    )
    approver.post(f"/issuing/review/{application.pk}/approve", {**new, "code": code()})
    application.refresh_from_db()
    assert application.state == "review", "a replayed approval approves nothing"
    assert application.number == number, "the number stays with the application"
    assert not site.office.records([number])


def test_three_people_and_no_others(site: Site):
    from adamas.office.people.models import Membership

    application = applied(site)
    issuing, approving = (
        site.membership("issuing", "bw-authority"),
        site.membership("approving", "bw-authority"),
    )
    twice = Membership.objects.create(
        user=issuing.user, organisation=issuing.organisation, role="approving", officer="ap-9"
    )
    officer = site.client("issuing", "bw-authority", officer="is-1")
    reviewed(site, application, officer)
    form = {"issued": "2025-03-03", "expires": "2025-05-02", "seals": "S-1"}
    itself = officer.post(f"/issuing/review/{application.pk}/prepare", {**form, "approver": twice.pk})
    assert itself.status_code == 200, "an officer cannot choose himself"
    Application.objects.filter(pk=application.pk).update(applicant=approving.user)
    applicant = officer.post(f"/issuing/review/{application.pk}/prepare", {**form, "approver": approving.pk})
    application.refresh_from_db()
    assert applicant.status_code == 200
    assert application.state == "review"
    Application.objects.filter(pk=application.pk).update(applicant=application.author)
    officer.post(f"/issuing/review/{application.pk}/prepare", {**form, "approver": approving.pk})
    approve(site, application)
    other = site.client("issuing", "bw-authority", officer="is-2").post(
        f"/issuing/review/{application.pk}/issue"
    )
    assert "names another issuing officer" in other.content.decode()
    Application.objects.filter(pk=application.pk).update(applicant=issuing.user)
    caught = officer.post(f"/issuing/review/{application.pk}/issue")
    assert caught.status_code == 422
    assert "three people" in caught.content.decode()
    assert not site.office.records([Application.objects.get(pk=application.pk).number])


def test_tenants_do_not_see_one_another(site: Site):
    application = applied(site)
    for client, address in (
        (site.client("exporter", "chobe"), f"/issuing/application/{application.pk}"),
        (site.client("issuing", "ae-authority"), f"/issuing/review/{application.pk}"),
        (site.client("issuing", "bw-authority"), "/issuing/certificate/ZA0000001"),
    ):
        assert client.get(address).status_code == 404
    assert site.client("exporter", "chobe").get("/issuing/queue").status_code == 403
    draft = site.client("exporter", "okavango").post("/issuing/new", {**GOOD, "act": "save"})
    key = draft.url.rsplit("/", 1)[1]
    assert site.client("issuing", "bw-authority").get(f"/issuing/review/{key}").status_code == 404


@pytest.mark.slow
def test_text_of_others_is_text(site: Site):
    fields = ("importer", "exporter", "seals", "reference", "note", "technical")
    number = issued(site, **dict.fromkeys(fields, NASTY))
    application = Application.objects.get(number=number)
    site.client("exporter", "okavango").post(f"/issuing/application/{application.pk}/say", {"text": NASTY})
    pages = [
        ("exporter", "okavango", f"/issuing/application/{application.pk}"),
        ("exporter", "okavango", "/issuing/"),
        ("issuing", "bw-authority", f"/issuing/review/{application.pk}"),
        ("issuing", "bw-authority", "/issuing/queue?state=issued"),
        ("issuing", "bw-authority", f"/issuing/certificate/{number}"),
        ("issuing", "bw-authority", f"/issuing/certificates?text={NASTY}"),
        ("customs", "bw-customs", "/issuing/validation"),
        ("importing", "ae-authority", f"/issuing/certificate/{number}"),
    ]
    for role, organisation, address in pages:
        answer = site.client(role, organisation).get(address)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address
        assert len(page) < 60_000, "a page is light"
        assert "<style" not in page


def test_the_queue_tells_what_is_overdue(site: Site):
    applied(site)
    officer = site.client("issuing", "bw-authority")
    assert "Nothing is overdue" in officer.get("/issuing/queue").content.decode()
    site.clock.now += 3 * 86_400
    page = officer.get("/issuing/queue").content.decode()
    assert "1 application is overdue" in page
    assert "own standard of service" in page


def test_customs_validates_many_and_is_told_of_those_refused(site: Site):
    numbers = [issued(site, reference=f"r{n}") for n in range(2)]
    customs = site.client("customs", "bw-customs")
    customs.post("/issuing/validation", {"number": numbers[0]})
    site.clock.now += 5
    answer = customs.post("/issuing/validation", {"typed": " ".join(numbers), "day": "2025-03-04"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert numbers[0] in page
    assert site.office.records(numbers)[numbers[1]].state == "validated", "the good one is done all the same"
    kept = re.search(r'<textarea id="typed"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert kept
    assert kept[1].split() == [numbers[0]], "only what is left to do stays in the field"
    unknown = customs.post("/issuing/validation", {"typed": "BW9999999"})
    assert "No certificate BW9999999" in unknown.content.decode()


def test_customs_validate_by_the_code_on_the_paper_and_no_other_paper(site: Site):
    number = issued(site)
    raw = next(
        raw
        for raw in reversed(entries(site.office))
        if (st := statements.parse(raw)).type == "certificate.issued" and st.subject == number
    )
    true = statements.parse(raw)
    forged = statements.sign(
        SoftwareSigner.generate(),
        issuer=true.issuer,
        subject=number,
        issued_at=true.issued_at,
        payload=dict(true.payload),
    )
    customs = site.client("customs", "bw-customs")
    page = customs.get("/issuing/validation").content.decode()
    assert "S-1" in page, "the seal number to look for stands in the list"

    def scanned(of: bytes) -> str:
        letters = base64.b32encode(of).decode().rstrip("=")
        return customs.post(
            "/issuing/validation", {"typed": f"https://office.example/v#{letters}\r\n"}, follow=True
        ).content.decode()

    assert "Suspicion of forgery" in scanned(forged.raw)
    assert site.office.records([number])[number].state == "issued"
    assert "is validated" in scanned(raw)
    assert site.office.records([number])[number].state == "validated"
    assert (
        "is not a certificate number"
        in customs.post("/issuing/validation", {"typed": "<b>"}).content.decode()
    )


def test_the_checklist_tells_what_is_still_to_be_entered_from_what_blocks(site: Site):
    application = applied(site, seals="")
    officer = site.client("issuing", "bw-authority", officer="is-1")
    page = officer.get(f"/issuing/review/{application.pk}").content.decode()
    assert "Still to be entered" in page
    assert "Something blocks" not in page
    assert '<td class="number">3</td>' in page, "each parcel stands on the page, as it was entered"
    prepared(site, application, seals="S-9")
    page = site.client("approving", "bw-authority").get(f"/issuing/review/{application.pk}").content.decode()
    assert "Still to be entered" not in page
    assert "names no seal" not in page, "the certificate as prepared is judged, with the seals of the officer"


def test_a_destination_that_takes_no_part_is_told_together_with_everything_else(site: Site):
    client = site.client("exporter", "okavango")
    wrong = {**GOOD, "to": "KP", "importer": "", "parcels-1-carats": "1,5", "act": "submit", "declared": "1"}
    page = client.post("/issuing/new", wrong).content.decode()
    assert "has a comma" in page
    assert "The destination takes no part in the scheme" in page
    assert "4 things are" not in page
    assert "3 things are to be mended" in page


def test_in_arabic_figures_stay_whole_and_arrows_lead_onwards(site: Site):
    application = applied(site)
    prepared(site, application)
    officer = site.client("issuing", "bw-authority", officer="is-1")
    officer.cookies["django_language"] = "ar"
    page = officer.get(f"/issuing/review/{application.pk}").content.decode()
    assert 'class="figures">2 · 15.50 ct · 5,690.10 USD<' in page, "an isolate, or it would read USD 5,690.10"
    assert "←" in page
    assert "→" not in page


def test_signing_is_for_officers_who_are_in_office(site: Site):
    application = applied(site)
    approved(site, application)
    for role in ("exporter", "importing", "customs", "statistics"):
        assert site.client(role).post(f"/issuing/review/{application.pk}/issue").status_code == 403
    late = site.client("issuing", "bw-authority", officer="is-1", stepped_up=False)
    answer = late.post(f"/issuing/review/{application.pk}/issue")
    assert answer.status_code == 302
    assert "reauth" in answer.url
    client = site.client("issuing", "bw-authority", officer="is-1")
    assert client.get("/issuing/queue").status_code == 200
    member = site.membership("issuing", "bw-authority", officer="is-1")
    member.active = False
    member.save()
    dismissed = client.post(f"/issuing/review/{application.pk}/issue")
    assert dismissed.status_code in (302, 403), "an officer dismissed mid-session is out at once"
    application.refresh_from_db()
    assert application.state == "approved"


def test_a_failure_after_signing_leaves_nothing_half_done(site: Site):
    from adamas.office.issuing import signals

    application = applied(site)
    approved(site, application)
    before = len(entries(site.office))
    client = site.client("issuing", "bw-authority", officer="is-1")
    client.raise_request_exception = False

    def dies(**_: object) -> None:
        raise RuntimeError("killed")

    signals.issued.connect(dies)
    try:
        assert client.post(f"/issuing/review/{application.pk}/issue").status_code == 500
    finally:
        signals.issued.disconnect(dies)
    application.refresh_from_db()
    assert (application.state, len(entries(site.office))) == ("approved", before)
    client.post(f"/issuing/review/{application.pk}/issue")
    application.refresh_from_db()
    assert (application.state, len(entries(site.office))) == ("issued", before + 1)
    assert site.office.records([application.number])[application.number].state == "issued"


@pytest.mark.slow
@pytest.mark.database
def test_odd_characters_and_numbers_break_nothing(site: Site):
    exporter, officer = site.client("exporter", "okavango"), site.client("issuing", "bw-authority")
    odd = {name: f"\0{value}\0" for name, value in GOOD.items()}
    application = applied(site, **odd, note="\u202e\U0001f600 ﷽")
    exporter.post(f"/issuing/application/{application.pk}/say", {"text": "\0hello"})
    page = officer.get(f"/issuing/review/{application.pk}").content.decode()
    assert "hello" in page
    assert "\u202e" not in page, "no text turns the direction of what an approver reads"
    for address in (
        "/issuing/certificate/%00",
        "/issuing/certificate/" + "9" * 60,
        f"/issuing/review/{10**30}",
        f"/issuing/application/{application.pk}/paper/{10**30}",
    ):
        assert officer.get(address).status_code == 404, address
    assert officer.get("/issuing/certificates?after=%00~%00&text=%00&to=%00&state=%00").status_code == 200
    assert (
        exporter.post("/issuing/submit", {"pk": ["9" * 17, "x", "9" * 40], "declared": "1"}).status_code
        == 302
    )
    typed = site.client("customs", "bw-customs").post(
        "/issuing/validation", {"typed": "\0 BW9\0", "number": "\0"}
    )
    assert typed.status_code == 422
    assert exporter.get("/issuing/?after=" + "9" * 40 + "&state=%00").status_code == 200

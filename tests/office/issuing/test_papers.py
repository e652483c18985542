"""Attachments, blank forms, numbers, notices, prices: what the desk keeps account of."""

from __future__ import annotations

import io
import threading

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from PIL import Image, PngImagePlugin
from tests.office.conftest import command
from tests.office.issuing.test_story import NASTY, applied, issued
from tests.office.site import Site

from adamas.office.certification import actions as certification
from adamas.office.issuing import files, notices, numbers, prices, stock
from adamas.office.issuing.errors import IssuingError
from adamas.office.issuing.models import Application, Attachment, FormUse, Known, Notice, NoticeAddress, Taken


def draft(site: Site) -> tuple[object, Application]:
    client = site.client("exporter", "okavango")
    client.post("/issuing/new", {"to": "AE", "act": "save"})
    return client, Application.objects.latest("pk")


def send(client, application: Application, name: str, data: bytes):
    file = SimpleUploadedFile("x", data, "text/html")
    file._name = name  # as a hostile browser sends it
    return client.post(f"/issuing/application/{application.pk}/attach", {"file": file}, follow=True)


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (40, 30), (200, 10, 10))
    if kind == "png":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", "SECRET-PLACE")
        image.save(out, "PNG", pnginfo=info)
    else:
        exif = Image.Exif()
        exif[0x010E] = "SECRET-PLACE"
        image.save(out, "JPEG", exif=exif, comment=b"SECRET-PLACE")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_pictures_are_made_anew(shared_site: Site, kind: str):
    client, application = draft(shared_site)
    data = picture(kind)
    assert b"SECRET-PLACE" in data
    page = send(client, application, f"{NASTY}.{kind}", data)
    assert "<script>alert" not in page.content.decode()
    paper = Attachment.objects.latest("pk")
    answer = client.get(f"/issuing/application/{application.pk}/paper/{paper.pk}")
    assert b"SECRET-PLACE" not in answer.content
    assert Image.open(io.BytesIO(answer.content)).size == (40, 30)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/cron.d/x.pdf",
        "..\\..\\x.pdf",
        "/etc/passwd",
        "x\x00.pdf",
        "a" * 300 + ".pdf",
        "é\r\nSet-Cookie: a.pdf",
    ],
)
def test_a_name_is_never_a_path(shared_site: Site, name: str):
    client, application = draft(shared_site)
    send(client, application, name, b"%PDF-1.7 hello")
    paper = application.attachments.get()
    assert "/" not in paper.name
    assert "\\" not in paper.name
    kept = {p.name for p in (shared_site.office.home.path / "files").rglob("*") if p.is_file()}
    assert kept == set(Attachment.objects.values_list("digest", flat=True))
    answer = client.get(f"/issuing/application/{application.pk}/paper/{paper.pk}")
    assert answer.content == b"%PDF-1.7 hello"
    assert "Set-Cookie" not in answer.headers
    with pytest.raises(IssuingError):
        files.read("../office.toml")


@pytest.mark.parametrize(
    "data", [b"<html><script>alert(1)</script>", b"\x89PNG\r\n\x1a\n" + bytes(50), b"PK\x03\x04"]
)
def test_what_is_no_paper_is_not_taken(shared_site: Site, data: bytes):
    client, application = draft(shared_site)
    send(client, application, "harmless.pdf", data)
    assert not application.attachments.exists()


def test_anothers_paper_is_not_found(shared_site: Site):
    client, application = draft(shared_site)
    send(client, application, "a.pdf", b"%PDF-1.7")
    paper = application.attachments.get()
    other_client = shared_site.client("exporter", "chobe")
    other_client.post("/issuing/new", {"to": "AE", "act": "save"})
    own = Application.objects.latest("pk")
    assert other_client.get(f"/issuing/application/{application.pk}/paper/{paper.pk}").status_code == 404
    assert other_client.get(f"/issuing/application/{own.pk}/paper/{paper.pk}").status_code == 404
    assert other_client.post(f"/issuing/application/{own.pk}/paper/{paper.pk}/remove").status_code == 404


def test_blank_forms_are_accounted_for(site: Site):
    officer = site.client("issuing", "bw-authority")
    form = {"first": "B0001", "last": "B0010", "day": "2025-03-01", "note": NASTY}
    assert officer.post("/issuing/stock", form).status_code == 302
    overlapping = officer.post("/issuing/stock", {**form, "first": "B0005", "last": "B0020"})
    assert "entered on 2025-03-01 already" in overlapping.content.decode()
    off = {"act": "off", "form": "B0002", "end": "spoiled", "why": "coffee"}
    asked = officer.post("/issuing/stock", off).content.decode()
    assert "Tick that you are sure" in asked, "it cannot be taken back"
    assert 'value="coffee"' in asked, "nothing typed is lost"
    assert stock.balance("BW").spoiled == 0
    officer.post("/issuing/stock", {**off, "sure": "on"})
    officer.post(
        "/issuing/stock", {**off, "form": "B0003", "end": "missing", "why": "not there", "sure": "on"}
    )
    member = site.membership("issuing", "bw-authority")
    assert stock.book(member, "b0001", "BW0000001").form == "B0001"
    for wrong, code in (
        ("B0001", "form-used"),
        ("B0002", "form-used"),
        ("B0011", "form-unknown"),
        ("?", "form-number"),
    ):
        with pytest.raises(IssuingError) as caught:
            stock.book(member, wrong, "BW0000002")
        assert caught.value.code == f"issuing.{code}"
    balance = stock.balance("BW")
    assert (balance.received, balance.used, balance.spoiled, balance.missing, balance.left) == (
        10,
        1,
        1,
        1,
        7,
    )
    assert stock.balance("AE").received == 0
    page = officer.get("/issuing/stock").content.decode()
    assert "<script>" not in page.replace("<script src", "")
    assert "coffee" in page
    assert (
        officer.post(
            "/issuing/stock", {"act": "off", "form": "B0004", "end": "used", "why": "x", "sure": "on"}
        ).status_code
        == 200
    )
    assert FormUse.objects.count() == 3


def test_numbers_follow_one_another_and_skip_what_is_used_or_set_aside(site: Site):
    certification.issue(site.office, [command(7)])
    with transaction.atomic():
        assert numbers.peek("BW") == numbers.next_number("BW") == "BW0000008"
    held = numbers.reserve("BW", 5, purpose="offline desk")
    assert numbers.ends_of(held) == ("BW0000009", "BW0000013")
    certification.issue(site.office, [command(14)])
    with transaction.atomic():
        assert numbers.next_number("BW") == "BW0000015"
    for number, code in (
        ("BW0000010", "number-reserved"),
        ("BW0000008", "number-taken"),
        ("BW0000014", "number-taken"),
        ("X", "number-form"),
    ):
        with pytest.raises(IssuingError) as caught, transaction.atomic():
            numbers.take(number)
        assert caught.value.code == f"issuing.{code}"
    with transaction.atomic():
        numbers.next_number("BW")
        transaction.set_rollback(True)
    assert numbers.peek("BW") == "BW0000016", "a number of an act that failed is free again"


@pytest.mark.database
def test_two_officers_at_the_same_second_never_get_one_number(site: Site):
    given: list[str] = []
    start = threading.Barrier(6)

    def officer() -> None:
        start.wait()
        try:
            for _ in range(5):
                with transaction.atomic():
                    given.append(numbers.next_number("BW"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=officer) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == len(set(given)) == Taken.objects.count() == 30


@pytest.mark.database
def test_two_officers_sign_at_once_and_one_statement_is_made(site: Site):
    from tests.office.issuing.test_story import approved

    application = applied(site)
    approved(site, application)
    clients = [site.client("issuing", "bw-authority", officer="is-1") for _ in range(4)]
    start, answers = threading.Barrier(4), []

    def press(client) -> None:
        start.wait()
        try:
            answers.append(client.post(f"/issuing/review/{application.pk}/issue"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    application.refresh_from_db()
    assert {answer.url for answer in answers} == {f"/issuing/certificate/{application.number}"}
    assert len(site.office.records([application.number])[application.number].history) == 1


def test_a_notice_goes_by_mail_or_waits_as_a_file(site: Site, settings_mail):
    site_number = issued(site, to="ZA")
    officer = site.client("issuing", "bw-authority")
    page = officer.get("/issuing/notices").content.decode()
    assert "South Africa" in page
    officer.post("/issuing/notices", {"to": "ZA", "mail": "kp@dmr.example"})
    assert NoticeAddress.objects.get().mail == "kp@dmr.example"
    site.client("customs", "bw-customs").post("/issuing/validation", {"number": site_number})
    assert Notice.objects.get(number=site_number).way == "mail"
    notices.mail.func("BW", "ZA", [site_number])
    (letter,) = mail.outbox
    assert site_number in letter.body
    assert letter.attachments[0][1]
    assert Notice.objects.get(number=site_number).sent
    answer = officer.post("/issuing/notices/ZA", {"number": site_number})
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"adamas.notice" in answer.content


@pytest.fixture
def settings_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    mail.outbox = []


def test_prices_beside_the_usual_and_where_they_are_from(site: Site):
    certification.issue(site.office, [command(serial) for serial in range(1, 31)])
    prices.learn()
    assert Known.objects.count() == 30
    usual = prices.own("BW", "710231", "BW")
    assert usual is not None
    assert usual.count == 30
    assert usual.low < usual.high
    assert prices.own("BW", "710231", "AO") is None
    published = prices.production("BW")
    assert published is not None
    assert 1_000 < published.low < published.high < 100_000
    application = applied(site, **{"parcels-1-value": "5600000"})
    page = site.client("issuing", "bw-authority").get(f"/issuing/review/{application.pk}").content.decode()
    assert "lies outside" in page
    assert "last 30 certificates" in page
    assert "published production" in page.lower()

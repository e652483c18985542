"""Every answer that a scan may give, each in its own words; and papers that were tampered with."""

from __future__ import annotations

import base64
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.office.arrival.test_arrival import NUMBER, code, issued_raw, ship
from tests.office.conftest import command, validation

from adamas.ledger import statement as statements
from adamas.ledger.keys import SoftwareSigner
from adamas.office.arrival.scanning import read_file
from adamas.office.certification import actions as certification
from adamas.office.people.models import Act as AuditEvent
from adamas.office.web.uploads import Upload
from adamas.scheme.participants import Register, Standing
from adamas.scheme.statements import (
    CorrectCommand,
    ForgeryCommand,
    ReceiveCommand,
    ReplaceCommand,
    RevokeCommand,
)


@pytest.fixture
def desk(site):
    client = site.client("importing")

    def scanned(text: str = NUMBER, **file: object) -> str:
        return client.post("/arrival/", {"text": text, **file}).content.decode()

    return scanned


def test_unknown_here_is_said(site, desk) -> None:
    ship(site)
    assert "No certificate BW0000999 was issued here" in desk("BW0000999")
    assert "no log is followed in which that Participant issues" in desk("ZA0000001")


def test_not_validated(site, desk) -> None:
    certification.issue(site.office, [command(1)])
    assert "never validated" in desk()


def test_expired_on_the_day(site, desk) -> None:
    ship(site)
    assert "expired" not in desk()
    site.clock.now += 61 * 86_400
    page = desk()
    assert "expired on 2025-05-02" in page
    assert "Annex I A, date of expiry" in page
    site.clock.now += 20 * 86_400
    assert "confirmation is overdue" in desk()


@pytest.mark.parametrize("why", ["lost", "stolen", "void"])
def test_no_longer_counts(site, desk, why: str) -> None:
    ship(site)
    certification.revoke(site.office, [RevokeCommand(NUMBER, "2025-03-03", why)])
    assert f"declared {why}" in desk()


def test_replaced_names_the_new_one(site, desk) -> None:
    ship(site)
    certification.revoke(site.office, [RevokeCommand(NUMBER, "2025-03-03", "lost")])
    certification.issue(site.office, [command(2, replaces=NUMBER)])
    certification.replace(site.office, [ReplaceCommand(NUMBER, "2025-03-03", "BW0000002", "lost")])
    assert "was replaced by BW0000002" in desk()


def test_received_twice(site, desk) -> None:
    ship(site)
    found = ReceiveCommand(NUMBER, "AE", "2025-03-03", 1, 1001, 5_000_001, "intact", "im-1")
    certification.receive(site.office, [found])
    assert "already confirmed" in desk()


def test_a_participant_that_was_suspended_meanwhile(site, desk, monkeypatch) -> None:
    ship(site)
    why = "Botswana is suspended from trade under the scheme since 2025-03-01."
    suspended = Standing(False, why, "III(c)", kind="suspended")
    real = Register.standing
    monkeypatch.setattr(
        Register, "standing", lambda self, code, day: suspended if code == "BW" else real(self, code, day)
    )
    assert why in desk()


def test_reported_forgery_and_open_correction_make_it_unsure(site, desk) -> None:
    ship(site)
    certification.report_forgery(
        site.office, [ForgeryCommand(NUMBER, "AE", "2025-03-03", "<i>bad print</i>")]
    )
    certification.correct(site.office, [CorrectCommand(NUMBER, "2025-03-03", "typing error", parcels=2)])
    page = desk()
    assert "Forged papers with this number were reported: 1" in page
    assert "correction of this certificate waits" in page
    assert "Good:" not in page
    assert "<i>bad" not in page


def test_a_tampered_code_is_a_suspicion_and_is_put_into_the_trail(site, desk) -> None:
    ship(site)
    true = statements.parse(issued_raw(site))
    forger = SoftwareSigner.generate()
    forged = statements.sign(
        forger,
        issuer=true.issuer,
        subject=true.subject,
        issued_at=true.issued_at,
        payload={**true.payload, "parcels": 9},
    )
    page = desk(code(forged.raw))
    assert "Suspicion of forgery: the paper carries another statement" in page
    assert "Good:" not in page
    flipped = bytearray(true.raw)
    flipped[-1] ^= 1
    assert "Suspicion of forgery" in desk(code(bytes(flipped)))
    assert AuditEvent.objects.filter(act="arrival.suspicion", subject=NUMBER).count() == 2
    unknown = statements.sign(
        forger, issuer=true.issuer, subject="BW0000999", issued_at=true.issued_at, payload=dict(true.payload)
    )
    assert "no log known here has enrolled" in desk(code(unknown.raw))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Nothing was scanned"),
        ("<script>alert(1)</script>", "is not a certificate number"),
        ("https://evil.example/v#AAAA", "holds no statement"),
        ("https://evil.example/v#" + "A" * 400, ""),
        ("B" * 19_000, ""),
    ],
)
def test_junk_is_refused_in_a_sentence_beside_the_field(site, text: str, said: str) -> None:
    answer = site.client("importing").post("/arrival/", {"text": text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<script>alert" not in page
    assert 'id="id_text_error"' in page
    assert said in page


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7 nothing", b"\x89PNG\r\n\x1a\nbroken", b"\xd2\x84junk", b"PK\x03\x04", b"\x00" * 100],
)
def test_files_that_are_no_certificates(site, data: bytes) -> None:
    file = SimpleUploadedFile("../../<img src=x>.bin", data)
    answer = site.client("importing").post("/arrival/", {"file": file})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<img src=x>" not in page
    assert 'id="id_file_error"' in page


def test_a_picture_of_the_code_and_the_statements_bytes_are_read(site, desk) -> None:
    import zxingcpp
    from PIL import Image

    ship(site)
    raw = issued_raw(site)
    made = zxingcpp.create_barcode(code(raw), zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    out = io.BytesIO()
    Image.fromarray(made.to_image(scale=4)).save(out, "PNG")
    assert "Good:" in desk("", file=SimpleUploadedFile("photo.png", out.getvalue()))
    assert read_file(Upload("s.cbor", raw, "cbor")).number == NUMBER
    assert "Good:" in desk(base64.b32encode(raw).decode().rstrip("=").lower())


def test_knowledge_of_a_followed_log_says_how_old_it_is(world) -> None:
    from tests.office.conftest import feed

    from adamas.office.arrival.answer import answer
    from adamas.office.arrival.scanning import Scanned
    from adamas.office.log.models import Log

    certification.issue(world.bw, [command(1)])
    certification.validate(world.bw, [validation(1)])
    feed(world.ae, world.bw)
    log = Log.objects.using(world.ae.alias).get(origin=world.bw.config.origin)
    log.checked_at = world.clock.now - 5 * 86_400
    log.save(using=world.ae.alias)
    found = answer(world.ae, Scanned(NUMBER, "number"), "AE", "2025-03-03")
    assert found.verdict == "unsure"
    assert "5 days old" in found.headline
    missing = answer(world.ae, Scanned("BW0000999", "number"), "AE", "2025-03-03")
    assert missing.verdict == "bad"
    assert "5 days old" in missing.advice

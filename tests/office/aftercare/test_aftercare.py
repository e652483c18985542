"""After issue, as officers of both authorities meet it: correction, replacement, void, technical return, forgeries."""

from __future__ import annotations

import re

import pytest
from tests.office.arrival.test_arrival import NUMBER, facts, jpeg, ship
from tests.office.conftest import command, validation

from adamas.office.aftercare import queries
from adamas.office.aftercare.models import Paper, Picture
from adamas.office.certification import actions as certification
from adamas.office.certification.models import Certificate
from adamas.office.people.models import Act as AuditEvent
from adamas.scheme.statements import ReceiveCommand


def write(client, kind: str, number: str = NUMBER, **form: object) -> Paper:
    answer = client.post(f"/after/new/{kind}/{number}", form)
    assert answer.status_code == 302, answer.content.decode()
    return Paper.objects.get(pk=int(answer["Location"].rpartition("/")[2]))


def sign(client, paper: Paper, **form: object):
    return client.post(f"/after/act/{paper.pk}/sign", form, follow=True)


def test_a_correction_counts_when_both_authorities_have_it_on_record(site) -> None:
    ship(site)
    issuing, importing = site.client("issuing", "bw-authority"), site.client("importing")
    bad = issuing.post(
        f"/after/new/correct/{NUMBER}", {"why": "typing error", "hs": "7113", "shares": "40 50"}
    )
    assert bad.status_code == 422
    assert "is not an HS code" in bad.content.decode()
    assert "do not add up to 100" in bad.content.decode()
    assert "typing error" in bad.content.decode()
    paper = write(issuing, "correct", why="typing <b>error</b>", parcels="2", expires="2025-05-03")
    assert "AD-KPC-AMEND" in issuing.get(f"/after/act/{paper.pk}").content.decode()
    assert facts(site)[-1] == "certificate.validated"  # nothing is signed by writing it down
    sign(issuing, paper)
    assert "has not put on record" in issuing.get("/after/").content.decode()
    queue = importing.get("/after/").content.decode()
    assert NUMBER in queue
    assert "typing &lt;b&gt;error" in queue
    (waiting,) = queries.corrections(to=["AE"])
    assert Certificate.objects.get(number=NUMBER).parcels == 1
    sign(importing, write(importing, "confirm", correction=waiting.text_id))
    view = Certificate.objects.get(number=NUMBER)
    assert (view.parcels, view.expires) == (2, "2025-05-03")
    assert queries.corrections(to=["AE"]) == []
    assert issuing.get(f"/after/new/confirm/{NUMBER}").status_code == 403


def test_a_lost_certificate_is_replaced_step_by_step(site) -> None:
    ship(site)
    issuing = site.client("issuing", "bw-authority")
    paper = write(issuing, "lose", note="In the mail.")
    unsure = sign(issuing, paper)
    assert unsure.status_code == 422
    assert "Tick that you are sure" in unsure.content.decode()
    sign(issuing, paper, sure="1")
    sign(issuing, paper, sure="1")  # a double click
    assert facts(site).count("certificate.revoked") == 1
    assert NUMBER in issuing.get("/after/").content.decode()
    early = write(issuing, "replace", by="BW0000002", why="lost")
    assert "the new one comes first" in sign(issuing, early, sure="1").content.decode()
    certification.issue(site.office, [command(3)])  # another one, not in its place
    wrong = write(issuing, "replace", by="BW0000003", why="lost")
    assert "was not issued in the place" in sign(issuing, wrong, sure="1").content.decode()
    certification.issue(site.office, [command(2, replaces=NUMBER)])
    guide = issuing.get(f"/after/certificate/{NUMBER}").content.decode()
    assert "?by=BW0000002" in guide
    assert "?by=BW0000003" not in guide
    sign(issuing, early, sure="1")
    assert Certificate.objects.get(number=NUMBER).state == "replaced"
    acts = AuditEvent.objects.filter(subject=NUMBER, act__startswith="aftercare.").values_list(
        "act", flat=True
    )
    assert "aftercare.replace.signed" in acts


def test_a_void_certificate_and_one_laid_aside(site) -> None:
    ship(site)
    issuing = site.client("issuing", "bw-authority")
    dropped = write(issuing, "void")
    issuing.post(f"/after/act/{dropped.pk}/drop")
    assert "laid aside already" in sign(issuing, dropped, sure="1").content.decode()
    sign(issuing, write(issuing, "void", note="Wrong importer"), sure="1")
    assert Certificate.objects.get(number=NUMBER).state == "void"
    again = issuing.post(f"/after/new/steal/{NUMBER}", {})
    assert again.status_code == 422
    assert "The certificate is void" in again.content.decode()


def test_goods_go_back_on_a_technical_certificate(site) -> None:
    ship(site)
    found = ReceiveCommand(NUMBER, "AE", "2025-03-03", 1, 1001, 5_000_001, "intact", "im-1")
    certification.receive(site.office, [found])
    importing = site.client("importing")
    sign(importing, write(importing, "return", technical="AE0000001", why="Sorting fair"), sure="1")
    assert facts(site)[-1] == "shipment.returned"
    certification.issue(site.office, [command(8, technical="fair: Gaborone 2025")])
    certification.validate(site.office, [validation(8)])
    assert "fair: Gaborone 2025" in site.client("issuing", "bw-authority").get("/after/").content.decode()


def test_a_forgery_is_known_to_every_verification_and_its_pictures_stay_private(site) -> None:
    ship(site)
    customs = site.client("customs", "ae-customs")
    form = {"number": NUMBER, "note": "<script>x</script> seal is printed", "pictures": jpeg()}
    answer = customs.post("/after/new/forgery", form)
    paper = Paper.objects.get()
    assert answer["Location"].endswith(f"/act/{paper.pk}")
    sign(customs, paper, sure="1")
    (known,) = queries.forgeries()
    assert (known.number, known.at, known.certificate) == (NUMBER, "AE", True)
    assert queries.forgeries(number=NUMBER) == [known]
    assert queries.forgeries(number="BW0000002") == []
    picture = Picture.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", picture.digest)
    assert customs.get(f"/after/picture/{picture.pk}").status_code == 200
    other = site.client("issuing", "bw-authority")
    assert other.get(f"/after/picture/{picture.pk}").status_code == 404
    page = other.get("/after/forgeries").content.decode()
    assert NUMBER in page
    assert "<script>x" not in page
    assert "Forged papers" in customs.get(f"/arrival/?text={NUMBER}").content.decode()


def test_a_number_that_was_never_issued_may_be_reported_too(site) -> None:
    customs = site.client("customs", "ae-customs")
    customs.post("/after/new/forgery", {"number": "bw 0000999", "note": ""})
    sign(customs, Paper.objects.get(), sure="1")
    (known,) = queries.forgeries()
    assert (known.number, known.certificate) == ("BW0000999", False)


def test_two_officers_at_the_same_second(site) -> None:
    ship(site)
    one, two = site.client("issuing", officer="is-1"), site.client("issuing", officer="is-2")
    lost, stolen = write(one, "lose"), write(two, "steal")
    sign(one, lost, sure="1")
    answer = sign(two, stolen, sure="1")
    assert answer.status_code == 422
    assert "The certificate is lost" in answer.content.decode()
    assert facts(site).count("certificate.revoked") == 1


def test_a_dismissed_officer_and_a_stale_session_sign_nothing(site) -> None:
    ship(site)
    issuing = site.client("issuing", "bw-authority")
    paper = write(issuing, "void")
    stale = site.client("issuing", "bw-authority", stepped_up=False)
    assert stale.post(f"/after/act/{paper.pk}/sign", {"sure": "1"}).status_code == 302
    member = site.membership("issuing", "bw-authority")
    member.active = False
    member.save()
    assert issuing.post(f"/after/act/{paper.pk}/sign", {"sure": "1"}).status_code in (302, 403)
    assert "certificate.revoked" not in facts(site)


@pytest.mark.parametrize("role", ["importing", "issuing"])
def test_another_participants_officers_find_nothing(site, role: str) -> None:
    certification.issue(site.office, [command(7, to="ZA")])
    paper = write(site.client("issuing", "bw-authority"), "void", "BW0000007")
    other = site.client(role, "ae-authority")
    for path in (
        "/after/certificate/BW0000007",
        f"/after/act/{paper.pk}",
        "/after/new/return/BW0000007",
    ):
        assert other.get(path).status_code == 404, path
    assert other.post(f"/after/act/{paper.pk}/sign", {"sure": "1"}).status_code == 404
    assert other.post(f"/after/act/{paper.pk}/drop").status_code == 404


def test_a_destination_does_not_void_a_certificate_that_comes_to_it(site) -> None:
    ship(site)
    other = site.client("issuing", "ae-authority")
    answer = other.post(f"/after/new/void/{NUMBER}", {"note": ""})
    assert answer.status_code == 422
    assert "other end of the journey" in answer.content.decode()
    assert not Paper.objects.exists()

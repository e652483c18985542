"""The public pages: right facts, nothing private, nothing from elsewhere, no cookie; a missing pillar is shown."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.office.conftest import arrival, command, validation
from tests.office.site import Site

from adamas.ledger import note as notes
from adamas.ledger import tlog_proof
from adamas.ledger.cosignature import Ed25519Cosigner
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.statement import text_id
from adamas.office.aftercare import queries as aftercare
from adamas.office.certification import actions
from adamas.office.log.models import Fact, Finding, Log
from adamas.office.public import dataset_rows, datasets, log_views, state

pytestmark = pytest.mark.database
PAGES = (
    "/",
    "/v",
    "/v/check",
    "/v/check?number=BW0000001",
    "/log",
    "/log?log=2",
    "/log/1/0",
    "/log/2/3",
    "/register",
    "/register/BW",
    "/register/CF?on=2014-01-01",
    "/status",
    "/findings",
    "/findings?participant=BW",
    "/forgeries",
    "/data",
)


@pytest.fixture(scope="module")
def record(shared_site: Site) -> Site:
    """Three certificates: one confirmed, one validated, one only issued; published."""
    office = shared_site.office
    actions.issue(office, [command(serial) for serial in (1, 2, 3)])
    actions.validate(office, [validation(1), validation(2)])
    actions.receive(office, [arrival(1)])
    office.publish(witnesses=False)
    state.forget()
    return shared_site


def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(record: Site) -> None:
    visitor = record.client()
    for page in PAGES:
        answer = visitor.get(page)
        assert answer.status_code == 200, page
        assert not re.findall(
            r'<(?:script|link|img|iframe|form)[^>]*(?:src|href|action)="(?:https?:)?//', answer.text
        ), page
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|<[^>]*\s(?:on\w+|style)=", answer.text), page
        assert len(answer.content) < 100_000, page
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_pages_set_no_cookie_and_may_be_kept_by_caches(record: Site) -> None:
    visitor = record.client()
    for page in (*PAGES, "/v/keys.json", "/feeds/log.atom", "/data/findings.csv", "/robots.txt"):
        answer = visitor.get(page)
        assert not answer.cookies, page
        if page.startswith("/v"):
            continue
        assert "public" in answer.headers["Cache-Control"], page
        if answer.headers["Content-Type"].startswith("text/html"):
            assert {"cookie", "accept-language"} <= {
                v.strip().lower() for v in answer.headers["Vary"].split(",")
            }
    officer = record.client("issuing").get("/register")
    assert "private" in officer.headers["Cache-Control"]


def test_the_language_can_be_chosen_without_a_cookie_beforehand(record: Site) -> None:
    visitor = record.client(csrf=True)
    answer = visitor.post("/language", {"language": "fr", "next": "/status"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/status")
    assert 'lang="fr"' in visitor.get("/status").text


def test_nothing_private_is_public(record: Site) -> None:
    visitor = record.client()
    everything = [visitor.get(page).text for page in PAGES]
    everything += [
        visitor.get(f"/log/1/{index}").text for index in range(record.office.knowledge.logs[1].size)
    ]
    everything += [visitor.get("/v/status/BW0000001.json").text, visitor.get("/v/keys.json").text]
    everything += [
        visitor.get(f"/feeds/{name}.atom").text for name in ("log", "register", "findings", "forgeries")
    ]
    everything += [b"".join(dataset_rows.csv_of(one.name)).decode() for one in datasets.DATASETS]
    for text in everything:
        for secret in ("Okavango", "Deira", "S-1<"):
            assert secret not in text


def test_an_entry_is_shown_with_its_bytes_and_a_proof_that_holds(record: Site) -> None:
    visitor = record.client()
    log = Log.objects.get(number=1)
    fact = Fact.objects.get(log=1, type="certificate.issued", subject="BW0000002")
    page = visitor.get(f"/statement/{text_id(bytes(fact.id))}", follow=True).text
    for said in (
        "certificate.issued",
        "BW0000002",
        "kp:BW/authority",
        "signed, public, not witnessed",
        "2025-05-02",
    ):
        assert said in page
    raw = visitor.get(f"/log/1/{fact.idx}.cose")
    assert "immutable" in raw.headers["Cache-Control"]
    proof = visitor.get(f"/log/1/{fact.idx}.proof")
    read = tlog_proof.TlogProof.parse(proof.content)
    assert read.verify_entry(raw.content, log.vkey).checkpoint.size == record.office.knowledge.logs[1].size
    for wrong in (
        "/log/1/999999",
        "/log/9/0",
        "/log/1/99999999999999999999.cose",
        "/statement/abc",
        "/log?log=77",
    ):
        assert visitor.get(wrong).status_code == 404, wrong


def test_older_entries_are_a_page_away(record: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_views, "PAGE", 10)
    visitor = record.client()
    first = visitor.get("/log?log=2").text
    older = re.search(r'href="(\?log=2&amp;before=\d+)">Older', first)
    assert older is not None
    second = visitor.get("/log" + older[1].replace("&amp;", "&")).text
    indices = [int(i) for i in re.findall(r'href="/log/2/(\d+)"', first)]
    assert indices == sorted(indices, reverse=True)
    assert int(re.findall(r'href="/log/2/(\d+)"', second)[0]) == indices[-1] - 1
    assert visitor.get("/log?before=x").status_code == 200


def test_the_register_answers_by_date_with_clause_and_source(record: Site) -> None:
    visitor = record.client()
    then = visitor.get("/register/CF?on=2014-01-01").text
    assert "not in good standing" in then
    assert "AD-CAR-2013" in then
    assert "Source:" in then
    listed = visitor.get("/register?on=2014-01-01").text
    assert re.search(r"CF</a>.*?not in good standing", listed, re.DOTALL)
    assert "year-month-day" in visitor.get("/register?on=yesterday").text
    assert visitor.get("/register/XX").status_code == 404


def test_a_participant_s_certificates_are_counted_by_state(record: Site) -> None:
    page = record.client().get("/register/BW").text
    for word in ("Received", "Validated for export", "Issued"):
        assert re.search(rf'{word}</th><td class="number">1<', page), word


def test_the_contact_for_faults_is_named_only_if_there_is_one(
    record: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = record.client()
    assert visitor.get("/.well-known/security.txt").status_code == 404
    monkeypatch.setenv("ADAMAS_SECURITY_CONTACT", "mailto:faults@office.example")
    lines = dict(line.split(": ") for line in visitor.get("/.well-known/security.txt").text.splitlines())
    assert lines["Contact"] == "mailto:faults@office.example"
    assert datetime.datetime.fromisoformat(lines["Expires"]).year == 2025


def test_no_page_reads_all_certificates(record: Site) -> None:
    """Each query of a public page goes by an index or reads a table of few rows."""
    visitor = record.client()
    connection = connections["default"]
    if connection.vendor != "sqlite":
        pytest.skip("the plan is told in another way")
    for page in PAGES:
        state.forget()
        with CaptureQueriesContext(connection) as asked:
            visitor.get(page)
        for query in asked.captured_queries:
            if not query["sql"].startswith("SELECT"):
                continue
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}".replace("%", "%%"))
                plan = " ; ".join(row[3] for row in cursor.fetchall())
            for table in ("certification_certificate", "log_fact", "adamas_entries"):
                assert f"SCAN {table}" not in plan, (page, query["sql"], plan)


# Below: tests with an installation of their own; after them the shared one is no more the site that is served.


def test_a_missing_pillar_is_said_on_every_page(site: Site) -> None:
    site.office.publish(witnesses=False)
    cosigned(site, "government", "industry")
    visitor = site.client()
    for page in ("/", "/log", "/register", "/status", "/findings", "/data", "/v", "/no-such-page"):
        text = visitor.get(page).text
        assert "NOT cosigned by: civil" in text, page
    status = visitor.get("/status").text
    assert (status.count(">MISSING<"), status.count(">yes<")) == (1, 2)
    assert "civil" in visitor.get("/log/1/0").text
    cosigned(site, "government", "industry", "civil")
    assert "cosigned by every pillar" in visitor.get("/").text
    assert "NOT cosigned" not in visitor.get("/").text


def cosigned(site: Site, *pillars: str) -> None:
    """Puts cosignatures of these pillars' witnesses on the newest checkpoint, under a policy that asks for three."""
    every = ("government", "industry", "civil")
    signers = {
        p: Ed25519Cosigner(f"{p}.example", SoftwareSigner.from_seed(p[:1].encode() * 32)) for p in every
    }
    lines = [f"witness {p}/1 {signers[p].vkey}\ngroup {p} any {p}/1" for p in every]
    log = Log.objects.get(number=1)
    note = notes.parse(bytes(log.checkpoint or b""))
    made = [signers[p].cosign(note.text, site.clock.now).note_signature for p in pillars]
    log.checkpoint = note.with_signatures(made).to_bytes()
    log.policy = "\n".join([*lines, "group pillars all government industry civil", "quorum pillars", ""])
    log.save()
    state.forget()


def test_findings_and_forgeries_name_clause_and_evidence(site: Site) -> None:
    Finding.objects.create(
        scope="number:BW0000007", n=0, code="admission.late", clause="III(b)", severity="finding",
        sentence="It came <b>late</b>.", field="", subject="BW0000007", evidence="a" * 52,
    )  # fmt: skip
    visitor = site.client()
    page = visitor.get("/findings?participant=BW").text
    assert "It came &lt;b&gt;late&lt;/b&gt;." in page
    assert "III(b)" in page
    assert f"/statement/{'a' * 52}" in page
    assert "BW0000007" not in visitor.get("/findings?participant=AE").text
    assert aftercare.forgeries() == []
    assert "No forged paper" in visitor.get("/forgeries").text

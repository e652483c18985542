"""The page of the audit trail: who reads which lines, narrowed how, paged both ways, and as CSV."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from django.db import connection
from django.test import Client
from tests.office.site import Site

from adamas.office.people import audit, trail
from adamas.office.people.models import Act, Membership, User

pytestmark = pytest.mark.database
PATH = "/people/audit"


def rows(client: Client, query: str = "") -> list[list[str]]:
    page = client.get(f"{PATH}{query}")
    assert page.status_code == 200, page.text
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in body.split("<tr>")[1:]]
    return [[" ".join(html.unescape(re.sub(r"<[^>]+>", "", cell)).split()) for cell in row] for row in cells]


def link(client: Client, query: str, text: str) -> str:
    found = re.search(rf'<a href="(\?[^"]*)">{text}</a>', client.get(f"{PATH}{query}").text)
    return html.unescape(found[1]) if found else ""


def fill(who: Membership, count: int, *, start: int = 0, **fields: object) -> None:
    """Lines two to a second, so that a page ends in the middle of one."""
    Act.objects.bulk_create(
        Act(
            at=start + n // 2,
            organisation=who.organisation,
            user=who.user,
            act="application.save",
            subject=f"application {n}",
            **fields,
        )
        for n in range(count)
    )


def test_who_reads_which_lines(site: Site) -> None:
    issuing, other = site.membership("issuing"), site.membership("approving")
    abroad = site.membership("issuing", "ae-authority")
    audit.record(issuing, "certificate.issued", "BW0000001", to="AE")
    audit.record(other, "certificate.approved", "BW0000001")
    audit.record(abroad, "certificate.issued", "AE0000001")
    for role in ("administrator", "auditor"):
        acts = [(row[1], row[2], row[3], row[4]) for row in rows(site.client(role, "bw-authority"))]
        assert acts == [
            (
                f"{other.user.name} {other.officer}",
                "Approved the exact statement of a certificate",
                "BW0000001",
                "",
            ),
            (
                f"{issuing.user.name} {issuing.officer}",
                "Signed and issued a certificate",
                "BW0000001",
                "to: AE",
            ),
        ]
    assert [row[2] for row in rows(site.client("issuing"))] == ["Signed and issued a certificate"], (
        "own acts only"
    )
    assert rows(site.client("customs", "bw-customs")) == []
    assert "You did nothing here yet" in site.client("customs", "bw-customs").get(PATH).text
    assert rows(site.client("issuing"), f"?person={other.user_id}") == rows(site.client("issuing"))
    assert rows(site.client("auditor", "bw-authority"), "?subject=AE0000001") == []


def test_an_exporter_sees_what_is_done_with_its_papers_but_not_by_whom(site: Site) -> None:
    from tests.office.issuing.test_story import GOOD

    exporter, officer = (
        site.client("exporter", "okavango"),
        site.client("issuing", "bw-authority", officer="is-1"),
    )
    number = exporter.post("/issuing/new", {**GOOD, "act": "save"}).headers["Location"].rsplit("/", 1)[1]
    paper = io.BytesIO(b"%PDF-1.7 hello")
    paper.name = "invoice.pdf"
    exporter.post(f"/issuing/application/{number}/attach", {"file": paper})
    exporter.post(
        f"/issuing/application/{number}", {**GOOD, "act": "submit", "declared": "1", "version": "1"}
    )
    officer.post(f"/issuing/review/{number}/take")
    from adamas.office.issuing.models import Attachment

    officer.get(f"/issuing/application/{number}/paper/{Attachment.objects.get().pk}")
    officer.post(f"/issuing/review/{number}/ask", {"why": "Which mine?", "text": "Which mine?"})
    okavango = site.membership("exporter", "okavango").organisation
    told = Act.objects.filter(organisation=okavango, source__slug="bw-authority")
    acts = ["application.take", "attachment.read", "application.ask"]
    assert list(told.order_by("pk").values_list("act", "officer", "user")) == [
        (a, "is-1", None) for a in acts
    ]
    shown = [(row[1], row[2]) for row in rows(exporter)][:4]
    assert shown == [
        ("Ministry of Minerals of Botswana is-1", "Asked the exporter for more"),
        ("Ministry of Minerals of Botswana is-1", "Opened an exporter's paper"),
        ("Ministry of Minerals of Botswana is-1", "Took an application for review"),
        ("Exporter ex-1 of okavango ex-1", "Submitted an application"),
    ]
    assert rows(site.client("exporter", "chobe")) == []
    audit.record(site.membership("issuing"), "application.prepare", f"application {number}")
    assert not Act.objects.filter(organisation=okavango, act="application.prepare").exists(), (
        "no deliberation"
    )
    assert not Act.objects.filter(organisation__slug="chobe").exclude(user=None).exists()


def test_what_is_tried_with_the_account_of_one_who_left_stands_where_the_person_was(site: Site) -> None:
    gone = site.membership("approving", "bw-authority")
    Membership.objects.filter(user=gone.user).update(active=False)
    audit.record_of_person(gone.user, "sign.failed", attempt=1)
    nobody = User.objects.create_user("nobody@example.org", name="Nobody")
    audit.record_of_person(nobody, "sign.failed", attempt=1)
    audit.record_of_office("BW", "desk.joined", "test.example/log/desk")
    trails = Act.objects.order_by("pk").values_list("act", "organisation__slug", "user__name")
    assert list(trails) == [
        ("sign.failed", "bw-authority", gone.user.name),
        ("sign.failed", None, "Nobody"),
        ("desk.joined", "bw-authority", None),
    ]
    assert [row[1] for row in rows(site.client("auditor", "bw-authority"))] == [
        "The office's own programs",
        gone.user.name,
    ]


def test_narrowing_by_person_act_subject_and_day(site: Site) -> None:
    issuing, approving = site.membership("issuing"), site.membership("approving")
    day = 86_400
    site.clock.now = 20_000 * day + 5  # 2024-10-04
    audit.record(issuing, "certificate.issued", "BW0000001")
    site.clock.now += day
    audit.record(approving, "certificate.approved", "BW0000002")
    client = site.client("auditor", "bw-authority")
    for query, subjects in (
        (f"?person={issuing.user_id}", ["BW0000001"]),
        ("?act=certificate.approved", ["BW0000002"]),
        ("?subject=BW0000001", ["BW0000001"]),
        ("?start=2024-10-05", ["BW0000002"]),
        ("?end=2024-10-04", ["BW0000001"]),
        ("?start=2024-10-04&end=2024-10-05", ["BW0000002", "BW0000001"]),
        (f"?person={issuing.user_id}&act=certificate.approved", []),
    ):
        assert [row[3] for row in rows(client, query)] == subjects, query
    assert "No line fits" in client.get(f"{PATH}?subject=nothing").text
    for wrong in ("?start=yesterday", "?act=not.one", "?person=x", "?end=2024-13-01"):
        answer = client.get(f"{PATH}{wrong}")
        assert answer.status_code == 422
        assert 'class="error"' in answer.text
    assert client.get(f"{PATH}?after=x~y&before=%00").status_code == 200


def test_pages_lead_there_and_back_and_lose_nothing(site: Site) -> None:
    fill(site.membership("issuing"), 120)
    client = site.client("auditor", "bw-authority")
    seen, query = [], ""
    while True:
        seen.append([row[3] for row in rows(client, query)])
        if not (query := link(client, query, "Older ones")):
            break
        last = query
    assert [len(page) for page in seen] == [50, 50, 20]
    assert [subject for page in seen for subject in page] == [
        f"application {n}" for n in reversed(range(120))
    ]
    back = link(client, last, "Newer ones")
    assert [row[3] for row in rows(client, back)] == seen[1]
    again = link(client, back, "Newer ones")
    assert [row[3] for row in rows(client, again)] == seen[0]
    assert not link(client, again, "Newer ones")
    narrowed = "?start=1970-01-01&end=1970-01-01&act=application.save"
    older = link(client, narrowed, "Older ones")
    assert [row[3] for row in rows(client, older)] == seen[1]
    assert [row[3] for row in rows(client, link(client, older, "Newer ones"))] == seen[0]
    assert rows(client, "?start=1970-01-02&after=9~9") == []


def test_what_a_desk_adds_later_stands_where_it_belongs(site: Site) -> None:
    who = site.membership("issuing")
    fill(who, 2, start=1_000)
    fill(who, 1, start=500)
    assert [row[3] for row in rows(site.client("auditor", "bw-authority"))] == [
        "application 1",
        "application 0",
        "application 0",
    ]


def test_the_download_is_whole_runs_no_formula_and_says_who_made_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = site.membership("issuing")
    fill(who, 5)
    site.clock.now += 60
    audit.record(who, "sheet.taken", "=HYPERLINK(1)", rows=3)
    client = site.client("auditor", "bw-authority")
    monkeypatch.setattr(trail, "_MANY", 2)
    text = b"".join(client.get(f"{PATH}.csv?person={who.user_id}").streaming_content).decode()
    header, *lines = csv.reader(io.StringIO(text))
    assert tuple(header) == trail.COLUMNS
    assert [line[7] for line in lines] == [
        "'=HYPERLINK(1)",
        *(f"application {n}" for n in reversed(range(5))),
    ]
    assert lines[0][0] == "2025-03-03T11:07:40Z"
    assert lines[0][1:3] == [who.user.name, who.officer]
    assert lines[0][5:7] == ["sheet.taken", "Uploaded a spreadsheet"]
    made = Act.objects.get(act="audit.downloaded")
    assert (made.user, made.details) == (
        site.user("auditor", "bw-authority"),
        {"filter": {"person": str(who.user_id)}},
    )
    monkeypatch.setattr(trail, "MOST", 3)
    refused = client.get(f"{PATH}.csv")
    assert refused.status_code == 422
    assert "More than 3 lines fit" in refused.text
    own = b"".join(site.client("customs", "bw-customs").get(f"{PATH}.csv").streaming_content).decode()
    assert "application" not in own


def plan(query) -> str:
    """How the database finds a page: on PostgreSQL with the choice forced that a large table brings about."""
    if connection.vendor == "sqlite":
        return query.explain()
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_sort = off")
        cursor.execute("SET enable_bitmapscan = off")
    return query.explain()


def test_every_way_of_narrowing_has_its_index(shared_site: Site) -> None:
    """So that a page of a million lines costs what a page of ten does: no scan, and no sorting."""
    who = shared_site.membership("auditor", "bw-authority")
    desk = shared_site.membership("issuing")
    cases = (
        (who, trail.Wanted(), "act_trail"),
        (who, trail.Wanted(start=5, end=9), "act_trail"),
        (who, trail.Wanted(person=3), "act_person"),
        (who, trail.Wanted(act="sign.in"), "act_kind"),
        (who, trail.Wanted(person=3, act="sign.in", start=1, end=9), "act_person_kind"),
        (who, trail.Wanted(subject="BW0000001", start=1, end=9), "act_about"),
        (desk, trail.Wanted(), "act_person"),
    )
    for membership, wanted, index in cases:
        for part in (
            trail._down(membership, wanted),
            trail._down(membership, wanted, (7, 7)),
            trail._up(membership, wanted, (3, 3)),
        ):
            told = plan(part[:51])
            assert re.search(rf"(INDEX|using|on) {index}\b", told), told
            assert "TEMP B-TREE" not in told, told
            assert not re.search(r"(SCAN|Seq Scan on) people_act\b", told), told

"""Sheets that exporters send: every mess is told by row and column, good rows become drafts, nothing is lost."""

from __future__ import annotations

import io
import time
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.office.site import Site

from adamas.office.issuing import sheets
from adamas.office.issuing.models import Application, Upload

HEAD = ["consignment", "to", "importer", "origin", "hs", "carats", "value", "wanted", "note"]
ROW = ["A", "AE", "Deira Trading FZE", "BW", "7102.31", 12.5, 5600, None, None]


def book(rows: list[list[object]], change=None) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Parcels"
    for row in [HEAD, *rows]:
        sheet.append(row)
    if change:
        change(sheet)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def send(site: Site, data: bytes, name: str = "march.xlsx", **more: str):
    client = site.client("exporter", "okavango")
    file = SimpleUploadedFile(name, data, "application/octet-stream")
    answer = client.post("/issuing/sheet", {"file": file, **more})
    return client, answer


def test_the_template_comes_back_filled(site: Site):
    client = site.client("exporter", "okavango")
    answer = client.get("/issuing/sheet/template.xlsx")
    assert answer["Content-Disposition"].startswith("attachment")
    made = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert made.sheetnames == ["Parcels", "Instructions"]
    head = [cell.value for cell in made["Parcels"][1]]
    for column, value in {
        "consignment": "A",
        "to": "AE",
        "importer": "Deira",
        "origin": "BW",
        "hs": 7102.1,
    }.items():
        made["Parcels"].cell(2, head.index(column) + 1, value)
    made["Parcels"].cell(2, head.index("carats") + 1, 0.1)
    made["Parcels"].cell(2, head.index("value") + 1, 90.1)
    out = io.BytesIO()
    made.save(out)
    client, answer = send(site, out.getvalue())
    page = client.get(answer.url).content.decode()
    assert "No row has errors" in page
    kept = Application.objects.get()
    assert kept.cells["parcels"] == [{"hs": "7102.10", "carats": "0.1", "value": "90.1"}]
    client.post("/issuing/submit", {"pk": kept.pk, "declared": "1"})
    kept.refresh_from_db()
    assert kept.state == "submitted"


def test_forty_parcels_make_one_certificate(site: Site):
    rows = [["B", "AE", "Deira", "BW", "7102.31", n + 0.25, 100 * n + 1, None, None] for n in range(1, 41)]
    for row in rows[1:]:
        row[1:4] = [None, None, None]  # what all share stands once
    client, answer = send(site, book(rows))
    kept = Application.objects.get()
    assert (kept.parcels, kept.carats, kept.to) == (40, 83_000, "AE")
    page = client.get(f"/issuing/application/{kept.pk}")
    assert len(page.content) < 60_000
    client.post("/issuing/submit", {"pk": kept.pk, "declared": "1"})
    kept.refresh_from_db()
    assert kept.state == "submitted"
    assert answer.status_code == 302


def test_every_mess_is_told_by_row_and_column(site: Site):
    rows = [
        list(ROW),
        ["A", "ZA", None, None, "7102.31", "12,50", 100, None, None],  # 3: other destination, decimal comma
        ["C", "AE", "Deira", "BW", "7102.99", 1.234, 0, "03/04/2025", None],  # 4: all wrong
        ["D", "AE", "Deira", "BW", "7102.21", 3, 90, None, None],  # 5: hidden
        ["E", "AE", "Deira", "BW", "7102.21", 3, 90, None, None],  # 6 and 7: merged
        ["E", None, None, None, "7102.21", 4, 80, None, None],
        ["F", "AE", "Deira", "BW", "7102.31", 5, 70, None, '=HYPERLINK("http://evil")'],
    ]

    def mess(sheet) -> None:
        sheet.row_dimensions[5].hidden = True
        sheet.merge_cells("B6:B7")
        sheet["I8"].data_type = "s"

    client, answer = send(site, book(rows, mess))
    page = client.get(answer.url).content.decode()
    kept = Upload.objects.get()
    told = {(row, field) for row, field, *_ in kept.problems}
    assert told >= {
        (3, "to"),
        (3, "carats"),
        (4, "hs"),
        (4, "carats"),
        (4, "value"),
        (4, "wanted"),
        (5, ""),
        (7, "to"),
    }
    for words in (
        "has a comma",
        "row is hidden",
        "are merged",
        "not a date",
        "Another row of this consignment",
    ):
        assert words in page
    drafts = {item.reference: item for item in Application.objects.all()}
    assert set(drafts) == {"A", "D", "E", "F"}, (
        "a consignment without any good row stays in the file of bad rows"
    )
    assert drafts["A"].cells["parcels"][1]["carats"] == "12,50", "the bad row is in the draft as it was typed"
    bad = client.get(f"/issuing/sheet/{kept.pk}/rejected.csv")
    text = bad.content.decode("utf-8-sig")
    assert "7102.99" in text
    assert "reason" in text.splitlines()[0]
    assert len(text.splitlines()) == 1 + 3
    assert bad["X-Content-Type-Options"] == "nosniff"


def test_the_same_file_twice_asks(site: Site):
    data = book([ROW])
    send(site, data)
    _, answer = send(site, data)
    assert answer.status_code == 422
    assert "uploaded already" in answer.content.decode()
    assert Application.objects.count() == 1
    send(site, data, again="on")
    assert Application.objects.count() == 2


def test_formulas_are_text_in_what_goes_out(site: Site):
    rows = [
        [f"{sign}cmd|' /C calc'!A0", "AE", "Deira", "BW", "nonsense", 1, 1, None, None] for sign in "=+-@"
    ]

    def plain(sheet) -> None:
        for line in range(2, 6):
            sheet.cell(line, 1).data_type = "s"

    client, _ = send(site, book(rows, plain))
    text = client.get(f"/issuing/sheet/{Upload.objects.get().pk}/rejected.csv").content.decode("utf-8-sig")
    for line in text.splitlines()[1:]:
        assert line.lstrip('"').startswith("'"), line


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return out.getvalue()


def entity(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w") as made:
        for item in given.namelist():
            content = given.read(item)
            if item.endswith("sheet1.xml"):
                content = content.replace(b"<?xml", b"", 1)
                content = (
                    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
                    + content[content.index(b"<worksheet") :].replace(b"Deira Trading FZE", b"&e;")
                )
            elif item.endswith("sharedStrings.xml"):
                content = (
                    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
                    + content[content.index(b"<sst") :].replace(b"Deira Trading FZE", b"&e;")
                )
            made.writestr(item, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.xlsx", bomb()),
        ("entity.xlsx", entity(book([ROW]))),
        ("torn.xlsx", book([ROW])[:900]),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("empty.xlsx", b""),
        ("latin.csv", "to;importer\nAE;M\xfcller".encode("latin-1")),
        ("<script>alert(1)</script>.csv", b"unknown;columns\n1;2"),
        ("../../etc/passwd.csv", b"to\n"),
    ],
)
def test_hostile_files_are_refused_in_words(shared_site: Site, name: str, data: bytes):
    _, answer = send(shared_site, data, name)
    page = answer.content.decode()
    assert answer.status_code in (200, 422), page
    assert "root:" not in page
    assert "<script>alert" not in page
    if answer.status_code == 422:
        assert 'class="refuse"' in page
    assert not any("root:" in item.cells["importer"] for item in Application.objects.all())


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_ten_thousand_rows_with_every_mess(site: Site):
    """Of ten rows one each has a decimal comma, a date as text, a wrong HS code, thousands as elsewhere, a country by
    name, is hidden, is merged with the next: nothing is guessed, every one is told by row and column."""
    rows = [[f"C{n}", *ROW[1:]] for n in range(10_000)]
    for place, column, text in (
        (1, 5, "1,5"), (2, 7, "03/04/2025"), (3, 4, "7102.99"), (4, 6, "1.234,50"), (5, 3, "Bostwana"),
    ):  # fmt: skip
        for row in rows[place::10]:
            row[column] = text

    def mess(sheet) -> None:
        for line in range(8, 10_000, 10):
            sheet.row_dimensions[line].hidden = True
        for line in range(9, 8_000, 10):
            sheet.merge_cells(f"I{line}:I{line + 1}")

    data = book(rows, mess)
    start = time.process_time()  # others may work on this machine meanwhile
    client, answer = send(site, data)
    took = time.process_time() - start
    page = client.get(answer.url)
    assert len(page.content) < 100_000
    kept = Upload.objects.get()
    assert kept.drafts == 4_200
    assert len({problem[0] for problem in kept.problems}) == 6_800, "hidden rows are told and taken"
    assert "5800 rows have errors" in page.content.decode()
    assert took < 25
    text = client.get(f"/issuing/sheet/{kept.pk}/rejected.csv").content.decode("utf-8-sig")
    assert len(text.splitlines()) == 5_801
    for mess_ in ("1,5", "03/04/2025", "7102.99", "1.234,50", "Bostwana"):
        assert text.count(mess_) >= 1_000, "what was typed comes back as it was"
    listed = client.get("/issuing/")
    assert len(listed.content) < 60_000
    assert "Older ones" in listed.content.decode()


def test_a_sheet_is_read_without_the_office():
    found = sheets.read("x.csv", b"to,importer,origin,hs,carats,value\nAE,D,BW,710231,1,1\n", "2025-03-03")
    assert [group.good for group in found.consignments] == [1]

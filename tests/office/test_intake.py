"""Files of many rows, as people and attackers make them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamas.office import formulas
from adamas.office.intake import IntakeError, RowProblem, read, write_rejected

KNOWN = ("number", "to", "carats", "value", "note")
NUMBERS = ("carats", "value")


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(folder: Path, name: str, content: str | bytes, **options: str) -> IntakeError:
    with pytest.raises(IntakeError) as caught:
        read(file(folder, name, content), known=KNOWN, numbers=NUMBERS, **options)
    assert caught.value.exit_code == 65
    return caught.value


def workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    """The smallest real .xlsx: cells are ready XML (``<c …>``), since a test needs dates and fractions
    exactly.
    """
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        names = list(sheets)
        z.writestr(
            "[Content_Types].xml",
            head + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        z.writestr(
            "_rels/.rels",
            head + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        z.writestr(
            "xl/workbook.xml",
            head
            + f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>'
            + "".join(f'<sheet name="{n}" sheetId="{i}" r:id="s{i}"/>' for i, n in enumerate(names, 1))
            + "</sheets></workbook>",
        )
        z.writestr(
            "xl/_rels/workbook.xml.rels",
            head
            + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            + "".join(
                f'<Relationship Id="s{i}" Type="{rel}/worksheet" Target="worksheets/s{i}.xml"/>'
                for i in range(1, len(names) + 1)
            )
            + f'<Relationship Id="st" Type="{rel}/styles" Target="styles.xml"/></Relationships>',
        )
        z.writestr(
            "xl/styles.xml",
            head
            + f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
            "</styleSheet>",
        )
        for i, rows in enumerate(sheets.values(), 1):
            body = ""
            for r, cells in enumerate(rows, 1):
                placed = (c.format(ref=f"{chr(65 + k)}{r}") for k, c in enumerate(cells) if c)
                body += f'<row r="{r}">{"".join(placed)}</row>'
            z.writestr(
                f"xl/worksheets/s{i}.xml",
                head + f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
            )
    return out.getvalue()


def text_cell(text: str) -> str:
    return f'<c r="{{ref}}" t="inlineStr"><is><t>{text}</t></is></c>'


def number_cell(number: str, style: int = 0) -> str:
    return f'<c r="{{ref}}" s="{style}"><v>{number}</v></c>'


# --- CSV


def test_rows_are_numbered_as_the_person_sees_them(tmp_path: Path) -> None:
    sheet = read(file(tmp_path, "a.csv", 'number,note\nBW1,"two\nlines"\n\nBW2,x\n'), known=KNOWN)
    assert [(r.number, r.cells["number"]) for r in sheet.rows] == [(2, "BW1"), (5, "BW2")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_byte_order_mark_and_the_separators_of_every_excel(tmp_path: Path, separator: str) -> None:
    rows = "\ufeff" + separator.join(["Number", "Carats"]) + "\r\n" + separator.join(["BW1", "1.50"]) + "\r\n"
    sheet = read(file(tmp_path, "a.csv", rows), known=KNOWN, numbers=NUMBERS)
    assert sheet.rows[0].cells == {"number": "BW1", "carats": "1.50"}
    assert not sheet.problems


def test_latin_1_is_refused_with_the_line_and_what_to_do(tmp_path: Path) -> None:
    error = refused(tmp_path, "a.csv", "number,note\nBW1,ok\nBW2,caf\xe9\n".encode("latin-1"))
    assert error.code == "intake.encoding"
    assert "Line 3" in error.sentence
    assert "0xe9" in error.sentence
    assert "UTF-8" in str(error.advice)


def test_utf_16_and_zero_bytes_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "a.csv", "number\nBW1\n".encode("utf-16")).code == "intake.encoding"
    assert refused(tmp_path, "b.csv", "number\nBW\x001\n").code == "intake.encoding"


@pytest.mark.parametrize("text", ["1234,50", "1.234,50", "1 234,50", "0,5", "1,234"])
def test_a_decimal_comma_is_refused_by_row_and_field(tmp_path: Path, text: str) -> None:
    sheet = read(file(tmp_path, "a.csv", f"number;carats\nBW1;{text}\n"), known=KNOWN, numbers=NUMBERS)
    (problem,) = sheet.problems
    assert (problem.row, problem.field, problem.code) == (2, "carats", "intake.decimal-comma")
    assert text in problem.sentence
    assert "point" in problem.sentence


def test_a_comma_in_a_note_is_no_number(tmp_path: Path) -> None:
    assert not read(
        file(tmp_path, "a.csv", 'number,note\nBW1,"1,5"\n'), known=KNOWN, numbers=NUMBERS
    ).problems


def test_a_misspelt_column_is_refused_with_the_nearest(tmp_path: Path) -> None:
    error = refused(tmp_path, "a.csv", "number,carat\nBW1,1\n")
    assert error.code == "intake.unknown-column"
    assert "'carats'" in str(error.advice)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("number,number\n1,2\n", "intake.header"),
        ("number,,to\n1,2,3\n", "intake.header"),
        ("number,to\n", "intake.empty"),
        ("   \n", "intake.empty"),
        ('number,to\n"open,2\n', "intake.csv"),
    ],
)
def test_files_that_are_wrong_as_a_whole(tmp_path: Path, content: str, code: str) -> None:
    assert refused(tmp_path, "a.csv", content).code == code


def test_a_row_with_too_many_cells_is_a_problem_of_that_row_only(tmp_path: Path) -> None:
    sheet = read(file(tmp_path, "a.csv", "number,to\nBW1,AE\nBW2,AE,x\nBW3\n"), known=KNOWN)
    assert [(p.row, p.code) for p in sheet.problems] == [(3, "intake.cells")]
    assert [r.number for r in sheet.rows] == [2, 4]
    assert sheet.total == 3


# --- XLSX


def test_a_workbook_gives_text_as_its_owner_sees_it(tmp_path: Path) -> None:
    data = workbook(
        {
            "Rows": [
                [text_cell("number"), text_cell("carats"), text_cell("value"), text_cell("note")],
                [
                    text_cell("BW1"),
                    number_cell("0.30000000000000004"),
                    number_cell("1200"),
                    number_cell("45720", style=1),
                ],
            ],
            "Empty": [],
        }
    )
    sheet = read(file(tmp_path, "a.xlsx", data), known=KNOWN, numbers=NUMBERS)
    assert sheet.rows[0].cells == {"number": "BW1", "carats": "0.3", "value": "1200", "note": "2025-03-04"}


def test_two_filled_sheets_need_a_choice(tmp_path: Path) -> None:
    rows = [[text_cell("number")], [text_cell("BW1")]]
    data = workbook({"One": rows, "Two": rows})
    assert refused(tmp_path, "a.xlsx", data).code == "intake.sheet"
    assert read(tmp_path / "a.xlsx", known=KNOWN, sheet="Two").rows[0].cells["number"] == "BW1"
    assert refused(tmp_path, "a.xlsx", data, sheet="Three").code == "intake.sheet"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    assert refused(tmp_path, "a.xlsx", out.getvalue()).code == "intake.bomb"


def test_old_damaged_and_locked_workbooks_have_a_sentence(tmp_path: Path) -> None:
    assert refused(tmp_path, "a.xlsx", b"\xd0\xcf\x11\xe0" + b"x" * 100).code == "intake.old-excel"
    assert refused(tmp_path, "a.xls", b"\xd0\xcf\x11\xe0" + b"x" * 100).code == "intake.old-excel"
    assert refused(tmp_path, "b.xlsx", b"PK\x03\x04 not really").code == "intake.xlsx"
    assert refused(tmp_path, "c.xlsx", workbook({"A": [[text_cell("number")]]})[:-40]).code == "intake.xlsx"


# --- JSON and YAML


def test_json_numbers_stay_the_text_that_was_typed(tmp_path: Path) -> None:
    sheet = read(
        file(tmp_path, "a.json", '{"number":"BW1","carats":12.10,"value":1e3,"note":true}'),
        known=KNOWN,
        numbers=NUMBERS,
    )
    assert sheet.rows[0].cells == {"number": "BW1", "carats": "12.10", "value": "1e3", "note": "true"}


def test_yaml_keeps_norway_and_dates_as_text(tmp_path: Path) -> None:
    sheet = read(
        file(
            tmp_path,
            "a.yaml",
            "certificates:\n- number: NO1\n  to: NO\n  note: 2025-03-04\n  carats: 1_0.5\n",
        ),
        known=KNOWN,
    )
    assert sheet.rows[0].cells == {"number": "NO1", "to": "NO", "note": "2025-03-04", "carats": "1_0.5"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.json", '{"number":"a","number":"b"}', "intake.json"),
        ("a.json", '{"carats":NaN}', "intake.json"),
        ("a.json", "[1", "intake.json"),
        ("a.json", '"text"', "intake.shape"),
        ("a.json", "[" * 100_000, "intake.depth"),
        ("a.json", '[{"numbr":"a"}]', "intake.unknown-column"),
        ("a.yaml", "a: &x [1]\nb: *x\n", "intake.yaml"),
        ("a.yaml", "number: a\nnumber: b\n", "intake.yaml"),
        ("a.yaml", "number: [\n", "intake.yaml"),
        ("a.yaml", "- " * 1000 + "x", "intake.depth"),
        ("a.yaml", "number: !!python/object/apply:os.system [true]\n", None),
        ("a.pdf", "x", "intake.kind"),
    ],
)
def test_lists_that_are_wrong(tmp_path: Path, name: str, content: str, code: str | None) -> None:
    if code is None:
        assert read(file(tmp_path, name, content), known=KNOWN).rows[0].cells == {"number": ["true"]}
    else:
        assert refused(tmp_path, name, content).code == code


def test_an_entry_that_is_no_object_is_a_problem_of_that_entry(tmp_path: Path) -> None:
    sheet = read(file(tmp_path, "a.json", '[{"number":"BW1"}, 7]'), known=KNOWN)
    assert [(p.row, p.code) for p in sheet.problems] == [(2, "intake.shape")]


# --- the file of rejected rows


def test_rejected_rows_come_back_with_reasons_and_can_be_read_again(tmp_path: Path) -> None:
    source = file(tmp_path, "a.csv", 'number,carats,note\nBW1,1.00,ok\nBW2,"1,0",x\nBW3,2,=HYPERLINK(1)\n')
    sheet = read(source, known=KNOWN, numbers=NUMBERS)
    problems = [*sheet.problems, RowProblem(4, "number", "x", "=cmd is no number")]
    target = tmp_path / "rejected.csv"
    assert write_rejected(target, sheet, problems) == 2
    rows = list(csv.reader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["number", "carats", "note", "reason"]
    assert rows[1][:3] == ["BW2", "1,0", "x"]
    assert rows[2][2] == "'=HYPERLINK(1)"
    again = read(target, known=KNOWN, numbers=NUMBERS)
    assert again.rows[1].cells == {"number": "BW3", "carats": "2", "note": "=HYPERLINK(1)"}
    with pytest.raises(FileExistsError):
        write_rejected(target, sheet, problems)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
        min_size=1,
        max_size=4,
    )
)
def test_no_cell_of_a_rejected_file_is_a_formula_and_nothing_is_lost(cells: list[str]) -> None:
    for cell in cells:
        written = formulas.harmless(cell)
        starts = written.startswith(formulas.BEGINS)
        assert not starts or formulas.NUMBER.fullmatch(written)
        if not cell.startswith("'"):
            assert formulas.meant(written) == cell


@given(st.binary(max_size=300), st.sampled_from([".csv", ".json", ".yaml", ".xlsx"]))
def test_any_bytes_give_rows_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, ending: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"fuzz{ending}"
    path.write_bytes(data)
    with contextlib.suppress(IntakeError):
        read(path, numbers=NUMBERS)


def test_ten_thousand_rows_give_every_problem_at_once(tmp_path: Path) -> None:
    lines = [f"BW{i:07},AE," + ('"1,5"' if i % 50 == 0 else "1.50") for i in range(10_000)]
    sheet = read(
        file(tmp_path, "a.csv", "number,to,carats\n" + "\n".join(lines)), known=KNOWN, numbers=NUMBERS
    )
    assert len(sheet.rows) == 10_000
    assert [p.row for p in sheet.problems] == [i + 2 for i in range(0, 10_000, 50)]
    assert json.dumps(sheet.rows[1].cells)

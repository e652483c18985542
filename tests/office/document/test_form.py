"""On a pre-printed form every field lands where somebody measured it, and nothing is cut."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.office.document.conftest import Proven, pdftotext

from adamas.office.document import form
from adamas.office.document.attached import bundle_in
from adamas.office.document.certificate import render
from adamas.office.document.content import CertificateContent
from adamas.office.errors import DocumentError

TOML = """
name = "Botswana, series 2025"
page = [210, 297]

[fields.number]
at = [150, 55]
size = [45, 8]
points = 14

[fields.exporter]
at = [20, 80]
size = [80, 20]

[fields.carats]
at = [20, 120]
size = [40, 6]
align = "right"

[fields.qr]
at = [160, 10]
size = [34, 34]
"""
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<')


@pytest.fixture
def table() -> dict[str, Any]:
    import tomllib

    return tomllib.loads(TOML)


def places(pdf: bytes, folder: Path) -> dict[str, tuple[float, float, float, float]]:
    """Word → its box in mm."""
    found = WORD.findall(pdftotext(pdf, folder, "-bbox"))
    return {word: tuple(float(v) / 72 * 25.4 for v in box) for *box, word in found}  # type: ignore[misc]


def test_each_field_lands_at_its_place(
    content: CertificateContent, proven: Proven, table: dict[str, Any], tmp_path: Path
) -> None:
    made = form.parse(table)
    pdf = render(content, form=made, bundle=proven.bundle)
    found = places(pdf, tmp_path)
    left, top, _, bottom = found["BW0000001"]
    assert left == pytest.approx(150, abs=0.6)
    assert 52 <= top <= 55  # where the font's tallest letters would begin
    assert bottom <= 63
    assert found["Okavango"][0] == pytest.approx(20, abs=0.6)
    assert found["1,244.54"][2] == pytest.approx(60, abs=0.6)
    assert "Kimberley" not in found  # only the data
    assert bundle_in(pdf) == proven.bundle
    moved = places(render(content, form=made.moved(1.5, -2)), tmp_path)
    assert moved["BW0000001"][0] - left == pytest.approx(1.5, abs=0.05)
    assert moved["BW0000001"][1] - top == pytest.approx(-2, abs=0.05)


def test_a_text_that_does_not_fit_is_refused_and_never_cut(
    content: CertificateContent, table: dict[str, Any]
) -> None:
    with pytest.raises(DocumentError) as told:
        render(replace(content, exporter="Long name " * 200), form=form.parse(table))
    assert (told.value.code, told.value.where) == ("form.too-long", "fields.exporter")
    assert render(replace(content, exporter="Long name " * 12), form=form.parse(table))


def test_the_calibration_sheet_shows_each_box_and_rulers(table: dict[str, Any], tmp_path: Path) -> None:
    found = places(form.parse(table).calibration(), tmp_path)
    assert {"number", "exporter", "carats", "qr"} <= found.keys()
    assert found["exporter"][0] == pytest.approx(20.6, abs=0.3)
    assert found["exporter"][1] == pytest.approx(80.6, abs=0.8)
    assert {"100", "200", "290"} <= found.keys()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fields": {}}, "form.field"),
        ({"fields": {"colour": {"at": [1, 1], "size": [1, 1]}}}, "form.field"),
        ({"fields": {"number": {"at": [200, 1], "size": [20, 5]}}}, "form.place"),
        ({"fields": {"number": {"at": [-1, 1], "size": [20, 5]}}}, "form.place"),
        ({"fields": {"number": {"at": ["1", 1], "size": [20, 5]}}}, "form.place"),
        ({"fields": {"number": {"at": [float("nan"), 1], "size": [20, 5]}}}, "form.place"),
        ({"fields": {"number": {"size": [20, 5]}}}, "form.place"),
        ({"fields": {"number": 3}}, "form.field"),
        ({"fields": {"number": {"at": [1, 1], "size": [20, 5], "points": True}}}, "form.field"),
        ({"fields": {"number": {"at": [1, 1], "size": [20, 5], "align": "#panic()"}}}, "form.field"),
        ({"fields": {"qr": {"at": [1, 1], "size": [25, 25]}}}, "form.place"),
        ({"fields": {"qr": {"at": [1, 1], "size": [34, 30]}}}, "form.place"),
        ({"page": [10_000_000, 1]}, "form.place"),
        ({"offset": [100, 0]}, "form.place"),
    ],
)
def test_a_form_that_cannot_be_is_refused(table: dict[str, Any], change: dict[str, Any], code: str) -> None:
    with pytest.raises(DocumentError) as told:
        form.parse({**deepcopy(table), **change})
    assert told.value.code == code


def test_a_file_that_is_no_form(tmp_path: Path) -> None:
    file = tmp_path / "form.toml"
    file.write_bytes(b"\xff not toml")
    with pytest.raises(DocumentError) as told:
        form.load(file)
    assert told.value.code == "form.toml"


def test_a_file_that_is_no_form_by_its_length_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "form.toml"
    file.write_text(TOML + "#" * form.MAX_BYTES)
    with pytest.raises(DocumentError, match="more than 20,000 bytes"):
        form.load(file)

"""What the paper shows and what the file is: PDF/A-3a in every language, whatever people are called."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from tests.office.document.conftest import Proven, parcels, pdftotext, run, tool, with_names

from adamas.analysis.verify import verify_bundle
from adamas.office.document.attached import bundle_in
from adamas.office.document.certificate import render
from adamas.office.document.content import CertificateContent
from adamas.office.document.text import LANGUAGES, words
from adamas.office.errors import DocumentError

SIZE = 200_000
ON_EVERY_PAPER = (
    "title",
    "number",
    "authority",
    "issued",
    "expires",
    "exporter",
    "importer",
    "origin",
    "destination",
    "parcel",
    "hs",
    "carats",
    "value",
    "total",
    "count",
    "seals",
    "tamper",
    "validation",
    "confirmation",
    "scan",
    "attached",
)


def squeezed(text: str) -> str:
    """Letters and digits alone, in one form: extraction keeps neither lines nor presentation forms nor order of marks."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if unicodedata.category(c)[0] in "LN")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_prints_everything_that_annex_i_asks(
    content: CertificateContent, proven: Proven, tmp_path: Path, language: str
) -> None:
    pdf = render(content, language=language, bundle=proven.bundle)
    assert len(pdf) < SIZE
    out = squeezed(pdftotext(pdf, tmp_path))
    said = (
        "BW0000001",
        "Department of Mines",
        "Botswana (BW)",
        "2025-03-03",
        "2025-05-02",
        "Okavango Stones (Pty) Ltd",
        "Deira Trading FZE",
        "United Arab Emirates",
        "7102.31",
        "1,234.56",
        "50,000.00",
        "1,244.54",
        "50,123.45",
        "S-1, S-2",
    )
    for text in (*said, words("en")["statement"], *(words("en")[key] for key in ON_EVERY_PAPER)):
        assert squeezed(text) in out, text
    if language == "ar":  # extracted line by line, so word by word
        wanted = [w for key in ("statement", *ON_EVERY_PAPER) for w in words("ar")[key].split()]
    else:
        wanted = [words(language)[key] for key in ("statement", *ON_EVERY_PAPER)]
    for text in wanted:
        assert squeezed(text) in out, text
    assert "□" not in pdftotext(pdf, tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_words_of_a_language_are_there_and_can_be_printed(language: str) -> None:
    from adamas.office.document.text import printable

    assert words(language).keys() == words("en").keys()
    for text in words(language).values():
        assert printable(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("which", ["plain", "sealed"])
def test_the_file_is_pdf_a_3a_before_and_after_sealing(
    content: CertificateContent, proven: Proven, sealed: bytes, tmp_path: Path, which: str
) -> None:
    pdf = render(content, language="fr", bundle=proven.bundle) if which == "plain" else sealed
    assert len(pdf) < SIZE
    file = tmp_path / "c.pdf"
    file.write_bytes(pdf)
    assert "No syntax or stream encoding errors" in run(tool("qpdf", "qpdf"), "--check", file)
    told = run(tool("pdfinfo", "poppler-utils"), file)
    assert "PDF version:     1.7" in told
    assert "CreationDate:    Mon Mar  3" in told
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        with opened.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
            assert meta["dc:title"] == "Kimberley Process Certificate BW0000001"
        root = opened.Root
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert "/DestOutputProfile" in root.OutputIntents[0]
        assert root.MarkInfo.Marked is True
        assert str(root.Lang) == "en"
        (spec,) = root.AF
        assert str(spec.UF) == "BW0000001.adamas"
        assert spec.AFRelationship == "/Data"
        assert spec.EF.F.Subtype == "/application/vnd.adamas.bundle+cbor"
        fonts = [obj for obj in opened.objects if isinstance(obj, pikepdf.Dictionary) and "/FontName" in obj]
        assert fonts
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
    assert bundle_in(pdf) == proven.bundle
    assert verify_bundle(bundle_in(pdf), trust=proven.trust).status == "valid"


def test_the_same_content_gives_the_same_bytes(content: CertificateContent) -> None:
    assert render(content, language="ar") == render(content, language="ar")


def test_a_paper_without_its_proof_says_so(content: CertificateContent, tmp_path: Path) -> None:
    pdf = render(content, language="pt")
    assert "Proof not yet attached" in pdftotext(pdf, tmp_path)
    with pytest.raises(DocumentError) as told:
        bundle_in(pdf)
    assert (told.value.code, told.value.exit_code) == ("document.no-bundle", 2)


def test_synthetic_data_cannot_be_mistaken(content: CertificateContent, tmp_path: Path) -> None:
    out = pdftotext(render(replace(content, synthetic=True), language="fr"), tmp_path)
    assert out.count("NOT A CERTIFICATE") == 2
    assert "SYNTHETIC" not in pdftotext(render(content, language="fr"), tmp_path)


@pytest.mark.parametrize(
    "names",
    [
        (
            '#strong[x] $a^2$ *b* _c_ `d` <e> @f = g \\ "h" // i',
            '#panic("no") #read("/etc/passwd") #import "x"',
        ),
        ("😀 💎 ไทย हिन्दी", "safe\u202egnp.exe\u2066 \u200f\u200etail"),
        ("شركة دبي للماس (م.م.ح) رقم 12، دبي", "株式会社 北京钻石有限公司"),
        ("W" * 200, "Długa, Łódź; ǃXóõ; Ñandú; Ωμέγα; Ёлка"),
        ("Zalgo" + "\u0301" * 300, "two\nlines\r\nand\ta tab\x00\x07\u2028end"),
        ("x" * 5_000, ""),
        ("\u200b\u00ad", "\ud800 lone"),
    ],
    ids=["markup", "unprintable", "arabic", "long", "marks", "endless", "nothing"],
)
def test_names_are_data_whatever_stands_in_them(
    content: CertificateContent, tmp_path: Path, names: tuple[str, str]
) -> None:
    pdf = render(with_names(content, names), language="ar")
    out = pdftotext(pdf, tmp_path)
    assert "BW0000001" in out
    if names[0].startswith("#"):
        assert all(squeezed(name) in squeezed(out) for name in names)
    for control in "\u202e\u2066\u200f\x07":
        assert control not in out


def test_what_cannot_be_printed_is_marked_and_explained(content: CertificateContent, tmp_path: Path) -> None:
    out = pdftotext(render(with_names(content, ("Gem 💎 ไทย", "x")), language="en"), tmp_path)
    assert "Gem □ □□□" in out
    assert words("en")["unprintable"][2:] in out


def test_many_parcels_are_summed_and_listed(content: CertificateContent, tmp_path: Path) -> None:
    many = replace(
        content,
        parcels=parcels(120),
        count=120,
        origin=(("BW", "Botswana"), ("ZA", "South Africa")),
        shares=(70, 30),
        exporter="A very long name " * 40,
        seals=tuple(f"SEAL-{n:04}" for n in range(200)),
    )
    pdf = render(many, language="ru")
    out = pdftotext(pdf, tmp_path, "-layout")
    pages = out.split("\f")
    assert "mixed origin" in pages[0]
    assert "Botswana (BW) 70 %" in pages[0]
    assert "SEAL-0199" not in pages[0]
    assert "SEAL-0199" in out
    assert squeezed("A very long name " * 40) in squeezed("".join(pages[1:]))
    for parcel in many.parcels:
        assert f"{parcel.value // 100:,}.{parcel.value % 100:02}" in "".join(pages[1:])
    assert squeezed("191.40") in squeezed(pages[0])  # 120 × 1.00 and 0.00 to 1.19


@pytest.mark.slow
def test_nothing_stands_on_the_folds(content: CertificateContent, proven: Proven, tmp_path: Path) -> None:
    """Folded in three, the creases at 99 and 198 mm cross neither text, nor line, nor code."""
    file = tmp_path / "c.pdf"
    longest = replace(
        with_names(content, ("Exporter " * 30, "Importer " * 30)),
        parcels=parcels(4),
        synthetic=True,
        corrected=True,
        technical="t" * 40,
    )
    for language in ("ar", "ru"):
        file.write_bytes(render(longest, language=language, bundle=proven.bundle))
        run(tool("pdftoppm", "poppler-utils"), "-r", "100", "-png", "-l", "1", file, tmp_path / "p")
        (page,) = tmp_path.glob("p-*.png")
        with Image.open(page) as image:
            mm = image.height / 297
            assert all(r == g == b for _, (r, g, b) in image.getcolors(1 << 20) or ())  # black on white only
            grey = image.convert("L")
            for fold in (99, 198):
                left, top, right, bottom = (round(v * mm) for v in (10, fold - 3, 200, fold + 3))
                band = grey.crop((left, top, right, bottom))
                assert band.getextrema() == (255, 255), (language, fold)
        page.unlink()


def test_an_unknown_language_is_refused(content: CertificateContent) -> None:
    with pytest.raises(DocumentError, match="Certificates are printed in English and one of"):
        render(content, language="xx")


def test_a_bundle_that_is_too_large_is_refused(content: CertificateContent) -> None:
    with pytest.raises(DocumentError) as told:
        render(content, bundle=bytes(200_000))
    assert told.value.code == "document.bundle"

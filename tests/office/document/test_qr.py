"""The code is read by two programs from what printers and scanners make of it, and by nobody from anything else."""

from __future__ import annotations

import io
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from tests.office.document.conftest import Proven, run, tool

from adamas.office.document import qr
from adamas.office.document.certificate import render
from adamas.office.document.content import CertificateContent
from adamas.office.errors import DocumentError

LARGEST = random.Random(1).randbytes(560)
"""As many bytes as the statement of an issued certificate may have."""


def scanned(pdf: bytes, folder: Path, dpi: int) -> Image.Image:
    file = folder / "c.pdf"
    file.write_bytes(pdf)
    run(tool("pdftoppm", "poppler-utils"), "-r", str(dpi), "-gray", "-png", "-l", "1", file, folder / "p")
    (page,) = folder.glob("p-*.png")
    with Image.open(page) as image:
        image.load()
        return image


def smudged(image: Image.Image, share: float) -> Image.Image:
    """A grey patch over a share of the code's area, in its middle."""
    dpi = image.height / 297 * 25.4
    side, x, y = (v / 25.4 * dpi for v in (36 * share**0.5, 160 + 18, 10.5 + 18))
    ImageDraw.Draw(image).rectangle((x - side / 2, y - side / 2, x + side / 2, y + side / 2), fill=96)
    return image


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def zbar(image: bytes, folder: Path) -> str:
    file = folder / "z.png"
    file.write_bytes(image)
    return run(tool("zbarimg", "zbar-tools"), "-q", "--raw", "-Sdisable", "-Sqrcode.enable", file).strip()


@pytest.mark.slow
@pytest.mark.parametrize("dpi", [300, 200])
@pytest.mark.parametrize("smudge", [0, 0.05])
def test_zxing_and_zbar_read_the_page(
    content: CertificateContent, tmp_path: Path, dpi: int, smudge: float
) -> None:
    """A 300 dpi rendering, and a 200 dpi grey scan turned by 3°; each also with 5 % of the code smudged."""
    image = scanned(render(replace(content, statement=LARGEST)), tmp_path, dpi)
    if smudge:
        image = smudged(image, smudge)
    if dpi == 200:
        image = image.rotate(3, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert qr.scan(png(image)) == LARGEST
    assert zbar(png(image), tmp_path) == qr.content(content.address, LARGEST)


@pytest.mark.slow
def test_the_folded_upper_third_is_enough(content: CertificateContent, tmp_path: Path) -> None:
    image = smudged(scanned(render(replace(content, statement=LARGEST)), tmp_path, 200), 0.05)
    third = image.crop((0, 0, image.width, image.height // 3))
    turned = png(third.rotate(3, Image.Resampling.BICUBIC, expand=True, fillcolor=255))
    assert qr.scan(turned) == LARGEST
    assert zbar(turned, tmp_path) == qr.content(content.address, LARGEST)


@pytest.mark.slow
def test_a_photograph_is_read_too(content: CertificateContent, proven: Proven, tmp_path: Path) -> None:
    image = scanned(render(content, language="zh"), tmp_path, 150).rotate(
        -7, Image.Resampling.BILINEAR, expand=True, fillcolor=200
    )
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=70)
    assert qr.scan(out.getvalue()) == proven.statement


def test_the_code_is_as_large_as_promised(proven: Proven) -> None:
    code = qr.draw("https://office.example", LARGEST)
    assert code.modules <= 97
    assert code.side() / code.modules >= qr.MIN_MODULE
    with pytest.raises(DocumentError) as told:
        qr.draw("https://office.example", bytes(1_500)).side()
    assert told.value.code == "qr.size"
    with pytest.raises(DocumentError):
        qr.draw("https://office.example", bytes(5_000))


def test_the_statement_stands_behind_the_number_sign(proven: Proven) -> None:
    text = qr.content("https://office.example/", proven.statement)
    assert text.startswith("https://office.example/v#2K")
    assert qr.read_text(text) == qr.read_text(text.lower()) == proven.statement
    assert qr.read_text(text.partition("#")[2]) == proven.statement


@pytest.mark.parametrize(
    "text",
    ["", "https://office.example/v", "https://x/v#", "hello", "A" * 17 + "!", "1" * 40, "#" + "A" * 200_000],
)
def test_other_codes_are_not_taken_for_ours(text: str) -> None:
    with pytest.raises(DocumentError) as told:
        qr.read_text(text)
    assert told.value.code == "qr.content"


def _code(text: str) -> Image.Image:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    grid = made.to_image(scale=4)
    view = memoryview(grid)
    return Image.frombytes("L", (view.shape[1], view.shape[0]), bytes(view))  # type: ignore[index]


def test_pictures_that_show_no_certificate() -> None:
    cases = {
        "qr.none": png(Image.new("L", (200, 200), 255)),
        "qr.content": png(_code("https://phishing.example/v?BW0000001")),
        "qr.image": b"\x89PNG\r\n\x1a\n" + bytes(100),
    }
    for code, data in cases.items():
        with pytest.raises(DocumentError) as told:
            qr.scan(data)
        assert told.value.code == code
    both = Image.new("L", (1400, 700), 255)
    for n, raw in enumerate((bytes(range(100)), bytes(range(100, 200)))):
        both.paste(_code(qr.content("https://office.example", raw)), (n * 700, 0))
    with pytest.raises(DocumentError) as told:
        qr.scan(png(both))
    assert told.value.code == "qr.several"


def test_a_picture_that_unfolds_without_end_is_refused() -> None:
    """A small file of a very large picture."""
    bomb = png(Image.new("1", (9_000, 9_000)))
    assert len(bomb) < 100_000
    with pytest.raises(DocumentError) as told:
        qr.scan(bomb)
    assert told.value.code == "qr.image"


def test_zbar_is_asked_in_earnest(tmp_path: Path) -> None:
    """A blank page makes zbarimg fail, so the tests above do not pass by accident."""
    with pytest.raises(subprocess.CalledProcessError):
        zbar(png(Image.new("L", (200, 200), 255)), tmp_path)

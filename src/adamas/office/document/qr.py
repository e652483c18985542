"""The QR code of a certificate: the signed statement itself, so that a phone can check it (docs/formats/document.md).

Content: the address of the verify page in byte mode, ``#``, then the statement in base32, upper case, which goes into
an alphanumeric segment. What follows ``#`` never reaches a server.

    qr.size qr.none qr.several qr.content qr.image
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass
from typing import Any

from adamas.office.errors import DocumentError

LEVEL = "M"
MIN_MODULE = 0.3
"""Millimetres of the smallest square that a 200 dpi scan still tells apart."""
MAX_SIDE = 36.0
MIN_SIDE = 30.0
QUIET = 4
"""Modules of white around the code."""
PATH = "/v#"
NO_ADDRESS = "adamas:"
"""Stands for the office's address where it has none: only a scanner of ours can read such a code."""
MAX_IMAGE = 25_000_000
MAX_PIXELS = 80_000_000
_BASE32 = re.compile(r"[A-Z2-7]{16,96000}")


@dataclass(frozen=True, slots=True)
class Code:
    """A drawn code: ``modules`` on each side without the quiet zone; ``svg`` with ``modules`` × ``modules`` units."""

    modules: int
    svg: str

    def side(self, limit: float = MAX_SIDE) -> float:
        """Millimetres of a side: as large as allowed. Raises DocumentError ``qr.size`` for modules too small."""
        if limit / self.modules < MIN_MODULE:
            raise DocumentError(
                "qr.size",
                f"The statement does not fit a QR code of {limit:g} mm: its squares would be smaller than "
                f"{MIN_MODULE} mm.",
                where=f"{self.modules} squares a side",
                advice="A longer proof travels as a file.",
            )
        return limit


def content(address: str, statement: bytes) -> str:
    """The text of the code."""
    letters = base64.b32encode(statement).decode("ascii").rstrip("=")
    return f"{(address or NO_ADDRESS).rstrip('/')}{PATH}{letters}"


def draw(address: str, statement: bytes) -> Code:
    """The code as one path, so that no renderer leaves seams. Raises DocumentError ``qr.size``."""
    import zxingcpp

    try:
        made: Any = zxingcpp.create_barcode(
            content(address, statement), zxingcpp.BarcodeFormat.QRCode, ec_level=LEVEL
        )
    except (ValueError, RuntimeError) as error:
        raise DocumentError(
            "qr.size", "The statement does not fit a QR code.", where=f"{len(statement)} bytes"
        ) from error
    grid: Any = memoryview(made.to_image(scale=1, add_quiet_zones=False))
    size: int = grid.shape[0]
    parts = []
    for y in range(size):
        x = 0
        while x < size:
            start = x
            while x < size and grid[y, x] == 0:
                x += 1
            if x > start:
                parts.append(f"M{start} {y}h{x - start}v1h{start - x}z")
            x += 1
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {size} {size}">'
        f'<path fill="#000" d="{"".join(parts)}"/></svg>'
    )
    return Code(size, svg)


def svg(address: str, statement: bytes) -> str:
    """The code as SVG, without the quiet zone of :data:`QUIET` modules that must stay white around it."""
    return draw(address, statement).svg


def read_text(text: str) -> bytes:
    """The statement in the text of a code, as a hand scanner types it. Raises DocumentError ``qr.content``.

    Only the form is read here; whether the bytes are a statement is the verifier's to say.
    """
    letters = text.strip().rpartition("#")[2].upper()
    if _BASE32.fullmatch(letters):
        try:
            return base64.b32decode(letters + "=" * (-len(letters) % 8))
        except (binascii.Error, ValueError):
            pass
    raise DocumentError(
        "qr.content",
        "The code is not that of a certificate: it holds no statement.",
        advice="A code that a sticker covers, or of another paper, reads like this.",
    )


def scan(image: bytes) -> bytes:
    """The statement in the QR code of a photograph or scan (PNG, JPEG).

    Raises DocumentError ``qr.image`` (no image, too large), ``qr.none``, ``qr.several`` (different certificates) or
    ``qr.content``.
    """
    texts = _texts(image)
    if not texts:
        error = DocumentError(
            "qr.none",
            "No QR code can be read in the image.",
            advice="Take it again: flat, sharp, in good light, the code at least a third of the picture's width.",
        )
        error.exit_code = 2
        raise error
    found: set[bytes] = set()
    wrong: DocumentError | None = None
    for text in texts:
        try:
            found.add(read_text(text))
        except DocumentError as error:
            wrong = error
    if len(found) > 1:
        raise DocumentError(
            "qr.several",
            "The image shows codes of different certificates.",
            advice="Take one certificate at a time.",
        )
    if found:
        return found.pop()
    assert wrong is not None
    raise wrong


def _texts(image: bytes) -> list[str]:
    import zxingcpp

    picture = _picture(image)
    for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
        codes = zxingcpp.read_barcodes(
            picture,
            formats=zxingcpp.barcode_formats_from_str("QRCode"),
            text_mode=zxingcpp.TextMode.Plain,
            binarizer=binarizer,
        )
        if codes:
            return [code.text for code in codes]
    return []


def _picture(image: bytes) -> Any:
    from PIL import Image, UnidentifiedImageError

    sentence = "The file is not a PNG or JPEG picture that can be read."
    if len(image) > MAX_IMAGE:
        raise DocumentError(
            "qr.image", f"The picture has more than {MAX_IMAGE // 1_000_000} MB.", where="file"
        )
    try:
        with Image.open(io.BytesIO(image), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise DocumentError(
                    "qr.image",
                    f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels.",
                    where="file",
                )
            if opened.mode in ("RGBA", "LA", "PA", "P"):
                flat = Image.new("RGBA", opened.size, "white")
                flat.alpha_composite(opened.convert("RGBA"))
                return flat.convert("L")
            return opened.convert("L")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DocumentError("qr.image", sentence, where="file") from error

"""Printing only the data onto a pre-printed security form, whose places somebody measured with a ruler.

    name = "Botswana, series 2025"
    page = [210, 297]                       # mm
    offset = [0.0, 0.0]                     # mm to the right and down: what the calibration sheet shows for a printer

    [fields.number]
    at = [150, 32]                          # mm from the left and upper edge of the paper
    size = [45, 8]                          # mm
    points = 14                             # largest size of letters; smaller where the text needs it
    align = "left"                          # or center, right

    [fields.qr]
    at = [160, 10]
    size = [36, 36]                         # square, 30 to 36 mm

A field that is not named is not printed (it may be written by hand, or printed on the form already). A text that
does not fit is refused, never cut.

    form.toml form.field form.place form.too-long
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adamas.office.document import qr
from adamas.office.document.text import shown
from adamas.office.errors import DocumentError

if TYPE_CHECKING:
    from adamas.office.document.content import CertificateContent

FIELDS = (
    "number",
    "authority",
    "issued",
    "expires",
    "exporter",
    "importer",
    "origin",
    "destination",
    "parcels",
    "hs",
    "carats",
    "value",
    "seals",
    "officers",
    "validated",
    "technical",
    "replaces",
    "qr",
)
"""Everything that a form may have a place for."""
ALIGNMENTS = ("left", "center", "right")
MIN_POINTS = 5
MAX_BYTES = 20_000
"""A form with every field and much to say about each has 4,000."""
_TOO_LONG = re.compile(r"too long: ([a-z]+)")


@dataclass(frozen=True, slots=True)
class Box:
    """A field's place in mm, the size of its letters in points, and on which side the text stands."""

    x: float
    y: float
    width: float
    height: float
    points: float = 10
    align: str = "left"


@dataclass(frozen=True, slots=True)
class SecurityForm:
    """A pre-printed form: page in mm, the printer's offset in mm, and the fields with their places."""

    name: str
    width: float
    height: float
    fields: Mapping[str, Box]
    offset: tuple[float, float] = (0.0, 0.0)

    def moved(self, right: float, down: float) -> SecurityForm:
        """The same form for a printer that needs a further offset (mm)."""
        return replace(self, offset=(self.offset[0] + right, self.offset[1] + down))

    def fill(self, content: CertificateContent, data: Mapping[str, Any]) -> bytes:
        """The PDF with the data alone. Raises DocumentError ``form.too-long`` for a text that its box cannot hold."""
        from adamas.office.document.certificate import figure, typeset

        texts = {
            "number": content.number,
            "authority": content.authority,
            "issued": content.issued,
            "expires": content.expires,
            "exporter": content.exporter,
            "importer": content.importer,
            "origin": data["origin"]["t"] if not content.mixed else f"mixed origin: {data['origin']['t']}",
            "destination": data["destination"]["t"],
            "parcels": f"{content.count:,}",
            "hs": ", ".join(f"{p.hs[:4]}.{p.hs[4:]}" for _, p in content.by_code),
            "carats": figure(content.carats),
            "value": figure(content.value),
            "seals": ", ".join(content.seals),
            "officers": ", ".join(content.officers),
            "validated": content.validated or "",
            "technical": content.technical or "",
            "replaces": content.replaces or "",
        }
        if "qr" in self.fields:
            qr.draw(content.address, content.statement).side(self.fields["qr"].width)
        boxes = [
            {**_box(name, box), "text": None if name == "qr" else shown(texts[name])}
            for name, box in self.fields.items()
            if name == "qr" or texts[name]
        ]
        page = {"width": self.width, "height": self.height, "offset": list(self.offset)}
        try:
            return typeset("form", {**data, **page, "boxes": boxes})
        except DocumentError as error:
            found = _TOO_LONG.search(error.sentence)
            if found is None:
                raise
            raise DocumentError(
                "form.too-long",
                f"The {found[1]} does not fit its place on the form, even in letters of {MIN_POINTS} points.",
                where=f"fields.{found[1]}",
                advice="Give the field more room, or print on plain paper.",
            ) from error

    def calibration(self) -> bytes:
        """A sheet to print on plain paper and hold against the form: rulers, crosses, and the box of each field."""
        from adamas.office.document.certificate import typeset

        data = {
            "title": f"Calibration sheet: {shown(self.name)['t']}",
            "author": "Adamas",
            "description": "Print at 100 %, lay it on the form, and measure how far the crosses are off.",
            "day": {"year": 2025, "month": 1, "day": 1},
            "bundle": None,
            "name": shown(self.name),
            "width": self.width,
            "height": self.height,
            "offset": list(self.offset),
            "boxes": [_box(name, box) for name, box in self.fields.items()],
        }
        return typeset("calibration", data)


def _box(name: str, box: Box) -> dict[str, Any]:
    sizes = [
        size
        for size in (box.points, box.points * 0.85, box.points * 0.7, box.points * 0.55)
        if size > MIN_POINTS
    ]
    return {
        "name": name,
        "x": box.x,
        "y": box.y,
        "w": box.width,
        "h": box.height,
        "align": box.align,
        "sizes": [*sizes, MIN_POINTS],
    }


def load(file: Path) -> SecurityForm:
    """The form that a TOML file describes. Raises DocumentError as :func:`read` does."""
    with file.open("rb") as opened:
        return read(opened.read(MAX_BYTES + 1), str(file))


def read(data: bytes, where: str = "form") -> SecurityForm:
    """The form that TOML describes. Raises DocumentError ``form.toml``, ``form.field``, ``form.place``."""
    if len(data) > MAX_BYTES:
        raise DocumentError(
            "form.toml", f"The form cannot be read: it has more than {MAX_BYTES:,} bytes.", where=where
        )
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise DocumentError("form.toml", f"The form cannot be read: {error}.", where=where) from error
    return parse(table, where)


def parse(table: Mapping[str, Any], where: str = "form") -> SecurityForm:
    """The form that a table describes; see the head of this module."""
    fields = table.get("fields")
    if not isinstance(fields, dict) or not fields:
        raise DocumentError("form.field", "The form names no field.", where=where)
    width, height = _pair(table.get("page", [210, 297]), f"{where}: page")
    if not (50 <= width <= 500 and 50 <= height <= 500):
        raise DocumentError("form.place", "A page has sides of 50 to 500 mm.", where=f"{where}: page")
    boxes: dict[str, Box] = {}
    for name, given in fields.items():
        place = f"{where}: fields.{name}"
        if name not in FIELDS:
            raise DocumentError(
                "form.field",
                f"There is no field {name!r}.",
                where=place,
                advice=f"There are {', '.join(FIELDS)}.",
            )
        boxes[name] = _parse_box(name, given, width, height, place)
    offset = _pair(table.get("offset", [0, 0]), f"{where}: offset")
    if max(map(abs, offset)) > 30:
        raise DocumentError("form.place", "An offset is of at most 30 mm.", where=f"{where}: offset")
    return SecurityForm(str(table.get("name", "security form")), width, height, boxes, offset)


def _parse_box(name: str, given: Any, width: float, height: float, where: str) -> Box:
    if not isinstance(given, dict):
        raise DocumentError("form.field", "A field is a table with `at` and `size`.", where=where)
    x, y = _pair(given.get("at"), where)
    w, h = _pair(given.get("size"), where)
    if min(x, y) < 0 or min(w, h) <= 0 or x + w > width or y + h > height:
        raise DocumentError("form.place", "The field does not lie on the page.", where=where)
    if name == "qr" and (w != h or not qr.MIN_SIDE <= w <= qr.MAX_SIDE):
        raise DocumentError(
            "form.place",
            f"The QR code is a square of {qr.MIN_SIDE:g} to {qr.MAX_SIDE:g} mm.",
            where=where,
        )
    points, align = given.get("points", 10), given.get("align", "left")
    if type(points) not in (int, float) or not MIN_POINTS <= points <= 40 or align not in ALIGNMENTS:
        raise DocumentError(
            "form.field",
            f"`points` is a number from {MIN_POINTS} to 40; `align` is left, center or right.",
            where=where,
        )
    return Box(x, y, w, h, float(points), align)


def _pair(value: Any, where: str) -> tuple[float, float]:
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(type(v) in (int, float) and abs(v) < 10_000 for v in value)
    ):
        return float(value[0]), float(value[1])
    raise DocumentError(
        "form.place", "Two numbers of millimetres are wanted, such as [150, 32].", where=where
    )

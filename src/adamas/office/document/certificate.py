"""A certificate as PDF/A-3a: on plain paper, or only its data for a pre-printed security form.

One typst compiler for each template is kept; what is printed goes in as JSON, so no text of anybody is markup. The
same content gives the same bytes: the document's date is the day of issue.

    document.language document.newer document.typeset document.bundle qr.size form.*
"""

from __future__ import annotations

import json
import threading
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from adamas.ledger.bundle import EXTENSION
from adamas.office.document import qr, text
from adamas.office.document.content import CertificateContent
from adamas.office.document.text import LANGUAGES, UNPRINTABLE, printable, shown, words
from adamas.office.errors import DocumentError
from adamas.scheme.values import Parcel

if TYPE_CHECKING:
    from adamas.office.document.form import SecurityForm

STANDARD = "a-3a"
ROWS = 4
"""Parcels that the first page lists one by one; more are summed by HS code there and listed on the next page."""
LIMIT = 240
"""Characters of a name on the first page; a longer one is printed whole on the next."""
MAX_BUNDLE = 150_000
"""Bytes of a bundle that is attached: with it the file stays below 250 kB."""
_TEMPLATES = text.HERE / "templates"
_turn = threading.Lock()


def render(
    content: CertificateContent,
    *,
    language: str = "en",
    bundle: bytes | None = None,
    form: SecurityForm | None = None,
) -> bytes:
    """The PDF. ``language`` is printed beside English; ``bundle`` is attached; ``form`` prints only the data.

    Without a bundle the paper says that the proof is not attached yet. Raises DocumentError.
    """
    if language not in LANGUAGES:
        raise DocumentError(
            "document.language",
            f"Certificates are printed in English and one of {', '.join(LANGUAGES[1:])}; {language!r} is none of them.",
            where="language",
        )
    if bundle is not None and len(bundle) > MAX_BUNDLE:
        raise DocumentError(
            "document.bundle",
            f"The bundle has {len(bundle):,} bytes; up to {MAX_BUNDLE:,} can be attached.",
            advice="Send it as a file beside the paper.",
        )
    data = _data(content, language, bundle)
    if form is not None:
        return form.fill(content, data)
    return typeset("certificate", data)


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """A template filled with data. Raises DocumentError ``document.typeset`` for what cannot be set in type."""
    import typst

    given = {"data": json.dumps(data, ensure_ascii=False)}
    with _turn:
        try:
            made = _compiler(template).compile(format="pdf", sys_inputs=given, pdf_standards=[STANDARD])
        except typst.TypstError as error:
            raise DocumentError(
                "document.typeset", f"The page cannot be set: {error.message}.", where=template
            ) from error
    assert isinstance(made, bytes)
    return made


@cache
def _compiler(template: str) -> Any:
    import typst

    return typst.Compiler(
        str(_TEMPLATES / f"{template}.typ"),
        root=str(_TEMPLATES),
        font_paths=[str(text.FONTS)],
        ignore_system_fonts=True,
    )


def _data(content: CertificateContent, language: str, bundle: bytes | None) -> dict[str, Any]:
    code = qr.draw(content.address, content.statement)
    code.side()
    single = len(content.parcels) <= ROWS
    seals = ", ".join(content.seals)
    full = [
        (key, shown(value))
        for key, value in (("exporter", content.exporter), ("importer", content.importer), ("seals", seals))
        if len(printable(value)) > LIMIT
    ]
    rows = (
        [_row(str(n), parcel) for n, parcel in enumerate(content.parcels, 1)]
        if single
        else [_row(f"{count:,}", parcel) for count, parcel in content.by_code]
    )
    data: dict[str, Any] = {
        "title": f"{words('en')['title']} {content.number}",
        "author": printable(content.authority),
        "description": words("en")["statement"],
        "day": _day(content.issued),
        "en": words("en"),
        "xx": None if language == "en" else words(language),
        "language": language,
        "rtl": language == "ar",
        "synthetic": content.synthetic,
        "number": content.number,
        "number_text": shown(content.number),
        "authority": shown(
            f"{content.authority} · {content.participant_name} ({content.participant})", LIMIT
        ),
        "issued": shown(content.issued),
        "expires": shown(content.expires),
        "exporter": shown(content.exporter, LIMIT),
        "importer": shown(content.importer, LIMIT),
        "mixed": content.mixed,
        "origin": shown(_origin(content)),
        "destination": shown(f"{content.to_name} ({content.to})"),
        "first": "parcel" if single else "parcels",
        "rows": rows,
        "parcels": [] if single else [_row(str(n), p) for n, p in enumerate(content.parcels, 1)],
        "carats": figure(content.carats),
        "value": figure(content.value),
        "count": f"{content.count:,}",
        "seals": shown(seals, LIMIT),
        "tamper": content.tamper_resistant,
        "officers": shown(", ".join(content.officers)),
        "technical": shown(content.technical) if content.technical else None,
        "replaces": shown(content.replaces) if content.replaces else None,
        "corrected": content.corrected,
        "validated": content.validated,
        "statement_id": content.statement_id,
        "address": shown(f"{content.address}{qr.PATH[:-1]}" if content.address else ""),
        "qr": code.svg,
        "qr_alt": f"QR code: the signed statement of certificate {content.number}",
        "file": f"{content.number}{EXTENSION}",
        "attachment": f"The proof of certificate {content.number}: docs/formats/bundle.md",
        "bundle": None if bundle is None else list(bundle),
        "full": full,
        "annex": bool(full) or not single,
    }
    data["unprintable"] = UNPRINTABLE in json.dumps(
        {key: value for key, value in data.items() if key not in ("en", "xx", "qr")}, ensure_ascii=False
    )
    return data


def figure(hundredths: int) -> str:
    """123456 → ``1,234.56``: carats and dollars as they are printed."""
    return f"{hundredths // 100:,}.{hundredths % 100:02d}"


def _row(first: str, parcel: Parcel) -> list[str]:
    return [first, f"{parcel.hs[:4]}.{parcel.hs[4:]}", figure(parcel.carats), figure(parcel.value)]


def _origin(content: CertificateContent) -> str:
    shares = content.shares or (None,) * len(content.origin)
    parts = [
        f"{name} ({code})" + (f" {share} %" if share is not None else "")
        for (code, name), share in zip(content.origin, shares, strict=True)
    ]
    return ", ".join(parts)


def _day(day: str) -> dict[str, int]:
    found = date.fromisoformat(day)
    return {"year": found.year, "month": found.month, "day": found.day}

"""What a scanner, a person or a file gives, read: a certificate's number, and the statement or bundle it came with.

Input may be the text of a QR code (address, ``#``, base32; or the base32 alone), a number as people type it, a bundle
(``*.adamas``), a statement's own bytes, a PDF with its bundle attached, or a photograph of a code. Only the form is
read here; what it is worth is :mod:`adamas.office.arrival.answer`'s matter.

    scan.empty scan.unread scan.file scan.type
"""

from __future__ import annotations

from dataclasses import dataclass

from adamas.errors import AdamasError
from adamas.ledger import bundle as bundles
from adamas.ledger import statement as statements
from adamas.ledger.statement import Statement
from adamas.office.arrival.errors import Unread
from adamas.office.document import attached, qr
from adamas.office.web.uploads import Upload
from adamas.scheme.values import parse_number

MAX_TEXT = 20_000
_LONGEST_NUMBER = 40
_ISSUED = "certificate.issued"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was read. ``statement`` is what the paper itself carries, not what is logged; ``bundle`` its proof."""

    number: str
    way: str  # number, code, bundle, statement
    statement: Statement | None = None
    bundle: bytes | None = None


def read_text(text: str) -> Scanned:
    """Reads what was typed, or what a hand scanner typed. Raises Unread."""
    text = text.strip()
    if not text:
        raise Unread(
            "scan.empty",
            "Nothing was scanned or typed.",
            where="text",
            advice="Scan the code on the certificate, or type its number.",
        )
    if len(text) > MAX_TEXT:
        raise Unread("scan.unread", "This is longer than any certificate's code.", where="text")
    if len(text) <= _LONGEST_NUMBER and "#" not in text:
        try:
            return Scanned(str(parse_number(text)), "number")
        except AdamasError as error:
            raise Unread(
                "scan.unread", error.sentence, where="text", clause=error.clause, advice=error.advice
            ) from error
    try:
        return _of_statement(qr.read_text(text), "code")
    except AdamasError as error:
        raise Unread("scan.unread", error.sentence, where="text", advice=error.advice) from error


def read_file(upload: Upload) -> Scanned:
    """Reads an uploaded file. Raises Unread."""
    data = upload.data
    try:
        if upload.kind == "pdf":
            return _of_bundle(attached.bundle_in(data))
        if upload.kind in ("png", "jpg"):
            return _of_statement(qr.scan(data), "code")
        if data[:1] == b"\xd2":
            return _of_statement(data, "statement")
        return _of_bundle(data)
    except Unread:
        raise
    except AdamasError as error:
        advice = (
            error.advice or "Take the certificate's PDF, its .adamas file, or a sharp picture of the code."
        )
        raise Unread("scan.file", error.sentence, where="file", advice=advice) from error


def _of_bundle(data: bytes) -> Scanned:
    found = _of_statement(bundles.parse(data).entry.raw, "bundle")
    return Scanned(found.number, "bundle", found.statement, data)


def _of_statement(raw: bytes, way: str) -> Scanned:
    st = statements.parse(raw)
    if st.type != _ISSUED:
        raise Unread(
            "scan.type",
            f"This is the statement {st.type}, not a certificate.",
            where="text" if way == "code" else "file",
        )
    return Scanned(st.subject, way, st)

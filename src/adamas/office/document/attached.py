"""The bundle in a PDF: read from its Associated Files, with limits, whoever made the file.

document.pdf document.no-bundle document.bundles
"""

from __future__ import annotations

import io
import zlib
from typing import Any

from adamas.ledger.bundle import EXTENSION, MAX_SIZE
from adamas.office.errors import DocumentError

MAX_PDF = 25_000_000
MAX_FILES = 64


def bundle_in(pdf: bytes) -> bytes:
    """The bytes of the one ``*.adamas`` file that is attached; nothing in them is verified.

    Raises DocumentError ``document.pdf`` (no PDF, too large, encrypted), ``document.no-bundle`` (exit code 2: it may
    have been printed before the log was published), ``document.bundles`` (several that differ).
    """
    import pikepdf

    if len(pdf) > MAX_PDF:
        raise DocumentError("document.pdf", f"The PDF has more than {MAX_PDF // 1_000_000} MB.", where="file")
    try:
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            found = {data for name, data in _attached(opened) if name.lower().endswith(EXTENSION)}
    except (pikepdf.PdfError, pikepdf.PasswordError) as error:
        raise DocumentError(
            "document.pdf", "The file is not a PDF that can be read.", where="file"
        ) from error
    except (RuntimeError, ValueError, TypeError, KeyError, AttributeError, zlib.error) as error:
        raise DocumentError("document.pdf", "The PDF is damaged where files are attached.") from error
    if not found:
        missing = DocumentError(
            "document.no-bundle",
            "No bundle is attached to this PDF: it proves nothing by itself.",
            advice="Scan its QR code, or ask the issuing authority for the bundle.",
        )
        missing.exit_code = 2
        raise missing
    if len(found) > 1:
        raise DocumentError(
            "document.bundles",
            "The PDF carries several bundles that differ: which one counts, nobody can tell.",
        )
    return found.pop()


def _attached(opened: Any) -> list[tuple[str, bytes]]:
    """Name and bytes of each attachment, by the file's list and by the names of embedded files."""
    specs: list[Any] = []
    associated = opened.Root.get("/AF")
    if associated is not None:
        specs += list(associated)[:MAX_FILES]
    specs += [opened.attachments[name].obj for name in list(opened.attachments.keys())[:MAX_FILES]]
    found = []
    for spec in specs:
        name = str(spec.get("/UF", spec.get("/F", "")))
        files = spec.get("/EF")
        stream = None if files is None else files.get("/UF", files.get("/F"))
        if stream is not None and name.lower().endswith(EXTENSION):
            found.append((name, _inflated(stream)))
    return found


def _inflated(stream: Any) -> bytes:
    """The stream's bytes, at most a little more than a bundle may have, however far it would unfold."""
    import pikepdf

    raw = bytes(stream.read_raw_bytes())
    filters: Any = stream.get("/Filter")
    names: list[str] = []
    if isinstance(filters, pikepdf.Array):
        names = list(map(str, list(filters)))
    elif filters is not None:
        names = [str(filters)]
    if len(names) > 1 or stream.get("/DecodeParms") is not None or names not in ([], ["/FlateDecode"]):
        raise ValueError("an unusual filter")
    data = zlib.decompressobj().decompress(raw, MAX_SIZE + 1) if names else raw
    return data[: MAX_SIZE + 1]

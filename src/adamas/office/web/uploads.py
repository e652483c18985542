"""Files that people send: bounded in size, named safely, of a kind that their content shows."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from django.core.files.uploadedfile import UploadedFile

from adamas.office.errors import OfficeError

MAX_BYTES = 10 * 1024 * 1024
_KINDS = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "xlsx": (b"PK\x03\x04",),
}
"""Kind → how its content begins. Text kinds (csv, json, cbor) have no such mark and are judged by their readers."""


class UploadError(OfficeError):
    """A file that is not taken (upload.*)."""

    exit_code = 65


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as taken: a safe name for people, its bytes, its kind (``pdf``, ``png``, …)."""

    name: str
    data: bytes
    kind: str


def read(file: UploadedFile, *, max_bytes: int = MAX_BYTES, kinds: tuple[str, ...] = ()) -> Upload:
    """Takes an uploaded file. Raises UploadError ``upload.size``, ``upload.empty``, ``upload.kind``."""
    name = safe_name(file.name or "")
    size = file.size or 0
    if size > max_bytes:
        raise UploadError(
            "upload.size",
            f"The file has {size:,} bytes; at most {max_bytes:,} are taken.",
            where=name,
            advice="Make it smaller, or split it.",
        )
    data = file.read(max_bytes + 1)
    if not data:
        raise UploadError("upload.empty", "The file is empty.", where=name)
    kind = kind_of(name, data)
    if kinds and kind not in kinds:
        raise UploadError(
            "upload.kind",
            f"The file is not one of: {', '.join(kinds)}.",
            where=name,
            advice="What counts is the content, not the ending of the name.",
        )
    return Upload(name, data, kind)


def kind_of(name: str, data: bytes) -> str:
    """The kind that the content shows; for content without a mark, the ending of the name."""
    for kind, marks in _KINDS.items():
        if data.startswith(marks):
            return kind
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    return "unknown" if ending in _KINDS else ending


def safe_name(name: str) -> str:
    """The last part of a file name without control and direction characters, at most 120 characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    if len(kept) > 120:
        stem, dot, ending = kept.rpartition(".")
        kept = stem[: 119 - len(ending[:10])] + dot + ending[:10] if dot else kept[:120]
    return kept or "file"

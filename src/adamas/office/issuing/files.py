"""Files that people attached, in the office's folder under the digest of their content: no name of theirs is a path."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
from pathlib import Path

from adamas.office.issuing.errors import IssuingError
from adamas.office.web import site
from adamas.office.web.uploads import Upload, UploadError

FOLDER = "files"
MAX_PIXELS = 40_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}
"""Kinds that may be attached, and what they are served as."""


def keep(data: bytes) -> str:
    """Keeps bytes and gives their digest (SHA-256, hexadecimal). The same bytes are kept once."""
    name = hashlib.sha256(data).hexdigest()
    place = _place(name)
    if not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).replace(place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return name


def read(digest: str) -> bytes:
    """The bytes of a digest. Raises IssuingError ``issuing.no-file``, ``issuing.file-damaged``."""
    try:
        data = _place(digest).read_bytes()
    except OSError:
        raise IssuingError("issuing.no-file", "The file is not in the office's folder any more.") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise IssuingError("issuing.file-damaged", "The file was changed on the disk; it is not shown.")
    return data


def cleaned(upload: Upload) -> Upload:
    """The upload without what its owner may not know is in it: pictures are made anew from their pixels.

    Place, camera, comments, previews and hidden text of a picture are gone. Raises UploadError ``upload.picture``.
    """
    if upload.kind not in ("png", "jpg"):
        return upload
    return Upload(upload.name, clean_picture(upload.data, upload.kind), upload.kind)


def clean_picture(data: bytes, kind: str) -> bytes:
    """A picture made anew from its pixels, upright. Raises UploadError ``upload.picture``."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as given:
            if given.width * given.height > MAX_PIXELS:
                raise UploadError(
                    "upload.picture",
                    f"The picture has {given.width:,} × {given.height:,} points, too many to be looked at.",
                    advice="Make it smaller.",
                )
            upright = ImageOps.exif_transpose(given)
            mode = "RGBA" if kind == "png" and "A" in upright.getbands() else "RGB"
            pixels = upright.convert(mode)
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        raise UploadError("upload.picture", "The picture is damaged, or is none.") from error
    fresh = Image.new(pixels.mode, pixels.size)
    fresh.paste(pixels)
    out = io.BytesIO()
    if kind == "png":
        fresh.save(out, "PNG")
    else:
        fresh.save(out, "JPEG", quality=88)
    return out.getvalue()


def _place(digest: str) -> Path:
    if _DIGEST.fullmatch(digest) is None:
        raise IssuingError("issuing.no-file", "That is not the digest of a file.")
    return site.office().home.path / FOLDER / digest[:2] / digest

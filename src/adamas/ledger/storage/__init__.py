"""Where a published log lives: a folder that any web server serves, or an S3 bucket.

A published log has two kinds of file. Almost all are *immutable*: a tile or bundle is written once and never
changes. One, ``checkpoint``, *moves*. So a storage needs only two ways of writing, and both must be atomic
and durable when they return: `create` (put if nothing is there) and `swap` (replace if it is still what I
saw). With these two, any number of publishers may run at once and none can harm the log.

Paths are relative, with ``/``: ``checkpoint``, ``tile/0/x001/067.p/8``. Names that begin with a dot are the
storage's own. Folder and S3 share no base class: they agree on this protocol, and one test class holds both
to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import parse_qs, unquote, urlsplit

from adamas.ledger.errors import StorageError
from adamas.ledger.storage.folder import FolderStorage

__all__ = ["CONFLICT", "DIFFERENT", "FolderStorage", "Storage", "open_storage"]

CONFLICT = "storage.conflict"
"""Code of the error that `Storage.swap` raises when somebody else was first."""

DIFFERENT = "storage.different"
"""Code of the error that `Storage.create` raises when other bytes are already published under that path."""


@runtime_checkable
class Storage(Protocol):
    """The published files of one log. Every method raises `StorageError` when the place itself fails."""

    def get(self, path: str) -> bytes | None:
        """The bytes at ``path``, or None if there is no such file."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is a file at ``path``."""
        ...

    def list(self, prefix: str = "") -> Iterator[str]:
        """Every path that begins with ``prefix``, in no promised order."""
        ...

    def create(self, path: str, data: bytes) -> None:
        """Puts an immutable file; durable on return. The same bytes already there are fine, others raise
        ``storage.different``.
        """
        ...

    def create_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        """`create` for many files at less cost; all are durable on return. After an error any subset may be
        there.
        """
        ...

    def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
        """Replaces ``path`` if it still holds ``expected`` (None: does not exist), else raises
        ``storage.conflict``.

        Readers see the old bytes or the new ones, never a mixture; durable on return.
        """
        ...


def open_storage(url: str | Path) -> Storage:
    """A storage by its address: a plain path, ``file:///…``, or ``s3://bucket/prefix?endpoint=…&region=…``.

    S3 credentials come from the environment (``AWS_ACCESS_KEY_ID`` …), never from the address.
    """
    text = str(url)
    parts = urlsplit(text)
    if parts.scheme == "s3":
        from adamas.ledger.storage.s3 import S3Storage

        options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        return S3Storage(parts.netloc, unquote(parts.path).strip("/"), **options)
    if parts.scheme == "file":
        return FolderStorage(Path(unquote(parts.path)))
    if "://" in text:
        raise StorageError(
            "storage.scheme",
            f"A log cannot be published to {parts.scheme}://.",
            where=text,
            advice="Give a folder or s3://bucket/prefix.",
        )
    return FolderStorage(Path(text))

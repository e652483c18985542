"""A published log in an S3 bucket, or in anything that speaks S3 with conditional writes.

`create` is a PUT with ``If-None-Match: *``; `swap` is a GET (bytes and e-tag) and a PUT with ``If-Match``.
Not every server honours these headers, and one that ignores them would let two publishers overwrite each
other: so the first write probes both once, on a scratch object, and refuses to publish where they are
ignored. An S3 PUT is atomic and durable when it is answered; nothing half-written is ever seen.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from adamas.ledger.errors import StorageError

# A bucket that is not there is told by Python's own FileNotFoundError.
_FAILURES = (BaseError, OSError)
PARALLEL_WRITES = 8
"""Uploads under way at once in `S3Storage.create_all`: enough to hide the round trip, few enough for a poor
line.
"""
_AT_ONCE = 64
"""Files taken together: bounds what is held in memory when they are made as they are read."""


class S3Storage:
    """Objects of ``bucket`` below ``prefix``. Credentials come from the environment. See
    `adamas.ledger.storage.Storage`.
    """

    def __init__(
        self, bucket: str, prefix: str = "", *, endpoint: str | None = None, region: str | None = None
    ) -> None:
        config: dict[str, Any] = {}
        if region:
            config["region"] = region
        if endpoint:
            config["endpoint"] = endpoint
            config["virtual_hosted_style_request"] = False
        options: Any = {"allow_http": True} if endpoint and endpoint.startswith("http://") else {}
        self._store = S3Store(bucket, prefix=prefix or None, client_options=options, **config)
        self._where = f"s3://{bucket}/{prefix}"
        self._probed = False

    def __repr__(self) -> str:
        return f"S3Storage({self._where!r})"

    def get(self, path: str) -> bytes | None:
        """The bytes at ``path``, or None."""
        return self._get(path)[0]

    def _get(self, path: str) -> tuple[bytes | None, str | None]:
        try:
            answer = obstore.get(self._store, path)
            return bytes(answer.bytes()), answer.meta["e_tag"]
        except FileNotFoundError:
            return None, None
        except BaseError as error:
            raise self._explain(error, path) from error

    def exists(self, path: str) -> bool:
        """Whether there is an object at ``path``."""
        try:
            obstore.head(self._store, path)
        except FileNotFoundError:
            return False
        except BaseError as error:
            raise self._explain(error, path) from error
        return True

    def list(self, prefix: str = "") -> Iterator[str]:
        """Every published path that begins with ``prefix``."""
        # The store lists whole path segments only; the rest of the prefix is compared here.
        folder = prefix.rpartition("/")[0]
        try:
            for objects in obstore.list(self._store, folder or None):
                for found in objects:
                    path = found["path"]
                    if path.startswith(prefix) and not path.startswith("."):
                        yield path
        except BaseError as error:
            raise self._explain(error, prefix) from error

    def create(self, path: str, data: bytes) -> None:
        """Puts an immutable object."""
        self._probe()
        try:
            obstore.put(self._store, path, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            found = self.get(path)
            if found != data:
                raise StorageError(
                    "storage.different",
                    f"{path} is already published with other bytes.",
                    where=f"{self._where}/{path}",
                    advice="A published file never changes. Run fsck on the log.",
                ) from None
        except _FAILURES as error:
            raise self._explain(error, path) from error

    def create_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Puts many immutable objects, several at a time."""
        self._probe()
        with ThreadPoolExecutor(PARALLEL_WRITES) as pool:
            left = iter(files)
            while some := tuple(islice(left, _AT_ONCE)):
                for _ in pool.map(lambda file: self.create(*file), some):
                    pass

    def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
        """Replaces ``path`` if it still holds ``expected``."""
        self._probe()
        found, e_tag = self._get(path)
        try:
            if found != expected:
                raise self._conflict(path)
            if found is None:
                obstore.put(self._store, path, data, mode="create", use_multipart=False)
            else:
                obstore.put(self._store, path, data, mode={"e_tag": e_tag}, use_multipart=False)
        except (AlreadyExistsError, PreconditionError) as error:
            raise self._conflict(path) from error
        except _FAILURES as error:
            raise self._explain(error, path) from error

    def _probe(self) -> None:
        """Once, before the first write: does this server refuse what it should refuse?"""
        if self._probed:
            return
        scratch = f".probe/{secrets.token_hex(8)}"
        ignored = []
        try:
            obstore.put(self._store, scratch, b"1", mode="create", use_multipart=False)
            for header, mode in (("If-None-Match", "create"), ("If-Match", {"e_tag": '"0"'})):
                try:
                    obstore.put(self._store, scratch, b"2", mode=mode, use_multipart=False)  # type: ignore[arg-type]
                    ignored.append(header)
                except (AlreadyExistsError, PreconditionError):
                    pass
            obstore.delete(self._store, scratch)
        except _FAILURES as error:
            raise self._explain(error, scratch) from error
        if ignored:
            raise StorageError(
                "storage.unconditional",
                f"This S3 server ignores {' and '.join(ignored)}.",
                where=self._where,
                advice="Two publishers could overwrite each other here. Publish to a folder, or to a server "
                "that honours conditional writes.",
            )
        self._probed = True

    def _conflict(self, path: str) -> StorageError:
        return StorageError(
            "storage.conflict",
            f"{path} was changed by another process.",
            where=f"{self._where}/{path}",
            advice="Read it again and start from there.",
        )

    def _explain(self, error: Exception, path: str) -> StorageError:
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return StorageError(
            "storage.failed",
            f"The bucket did not take or give {path}: {first_line}",
            where=self._where,
            advice="Check the address, the credentials and the line.",
        )

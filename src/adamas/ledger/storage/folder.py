"""A published log in a folder.

How a file becomes durable (the system calls, in order):

    create   open(.tmp/x)  write  fsync  link(.tmp/x, path)  unlink(.tmp/x)  fsync(directory of path)
    swap     flock(.lock)  read path  open(.tmp/x)  write  fsync  rename(.tmp/x, path)  fsync(directory)

A crash before ``link`` or ``rename`` leaves litter in ``.tmp`` and nothing else; after it the file is whole,
since its bytes were synced before it got its name. ``link`` refuses to replace, so an immutable file cannot
be overwritten even by a second publisher. The directory is synced so that the *name* survives a power cut
too, up to the first parent that existed before. What fsync cannot promise: a disk that lies about its cache,
and network folders without locks.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path, PurePosixPath

from adamas.ledger.errors import StorageError

_PARALLEL_WRITES = 8
_AT_ONCE = 64
"""Files handed to the threads together: bounds what is held in memory when ``files`` is made as it is read."""
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}
_CAUSES = {
    errno.ENOSPC: ("storage.full", "Free some space, then publish again; nothing acknowledged is lost."),
    errno.EDQUOT: ("storage.full", "Raise the quota, then publish again; nothing acknowledged is lost."),
    errno.EFBIG: ("storage.full", "Raise the limit on file size and publish again."),
    errno.EROFS: ("storage.read-only", "Mount the disk for writing, then publish again."),
    errno.EACCES: ("storage.read-only", "Let this user write to the folder, then publish again."),
    errno.EPERM: ("storage.read-only", "Let this user write to the folder, then publish again."),
}


class FolderStorage:
    """Files below ``directory``, made on the first write. See `adamas.ledger.storage.Storage`."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)

    def __repr__(self) -> str:
        return f"FolderStorage({str(self.directory)!r})"

    def get(self, path: str) -> bytes | None:
        """The bytes at ``path``, or None."""
        try:
            return self._place(path).read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            return None
        except OSError as error:
            raise _explain(error, path) from error

    def exists(self, path: str) -> bool:
        """Whether there is a file at ``path``."""
        return self._place(path).is_file()

    def list(self, prefix: str = "") -> Iterator[str]:
        """Every published path that begins with ``prefix``."""
        start = self.directory / prefix.rpartition("/")[0]
        for folder, folders, names in os.walk(start):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = Path(folder, name).relative_to(self.directory).as_posix()
                if not name.startswith(".") and path.startswith(prefix):
                    yield path

    def create(self, path: str, data: bytes) -> None:
        """Puts an immutable file (module docstring)."""
        self.create_all([(path, data)])

    def create_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Puts many immutable files, several at a time, and syncs each directory once, at the end."""
        directories: set[Path] = set()
        left = iter(files)
        while some := tuple(islice(left, _AT_ONCE)):
            directories |= self._create_some(some)
        for directory in sorted(directories):
            try:
                _sync(directory)
            except OSError as error:
                raise _explain(error, str(directory)) from error

    def _create_some(self, files: Sequence[tuple[str, bytes]]) -> set[Path]:
        # A sync waits for the disk, and a disk takes several at once: one thread would leave it idle.
        if len(files) == 1:
            return self._create(*files[0])
        with ThreadPoolExecutor(_PARALLEL_WRITES) as pool:
            return set().union(*pool.map(lambda file: self._create(*file), files))

    def _create(self, path: str, data: bytes) -> set[Path]:
        """Links one synced file into place; returns the directories whose names must be synced still."""
        place = self._place(path)
        try:
            try:
                found = place.read_bytes()
            except FileNotFoundError:
                changed = self._make_parents(place)
                with self._temporary(data) as temporary:
                    try:
                        os.link(temporary, place)
                    except FileExistsError:
                        self._same(path, place.read_bytes(), data)
                    except OSError as error:
                        if error.errno not in _NO_LINKS:
                            raise
                        self._rename_if_absent(path, temporary, place, data)
                return changed
        except OSError as error:
            raise _explain(error, path) from error
        self._same(path, found, data)
        # A process that died between link and fsync left names unsynced: sync them before relying on them.
        return self._make_parents(place)

    def _rename_if_absent(self, path: str, temporary: Path, place: Path, data: bytes) -> None:
        """For file systems without hard links: under the lock, so that no second publisher comes between."""
        with self._lock():
            if place.exists():
                self._same(path, place.read_bytes(), data)
            else:
                temporary.rename(place)

    def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
        """Replaces ``path`` if it still holds ``expected`` (module docstring)."""
        place = self._place(path)
        try:
            changed = self._make_parents(place)
            with self._lock():
                if self.get(path) != expected:
                    raise StorageError(
                        "storage.conflict",
                        f"{path} was changed by another process.",
                        where=str(place),
                        advice="Read it again and start from there.",
                    )
                with self._temporary(data) as temporary:
                    temporary.rename(place)
                for directory in changed:
                    _sync(directory)
        except OSError as error:
            raise _explain(error, path) from error

    def _place(self, path: str) -> Path:
        parts = PurePosixPath(path).parts
        plain = str(PurePosixPath(path)) == path and not any(part.startswith((".", "/")) for part in parts)
        if not parts or not plain:
            raise StorageError("storage.path", f"{path!r} is not the path of a published file.", where=path)
        return self.directory.joinpath(*parts)

    def _make_parents(self, place: Path) -> set[Path]:
        """Makes the missing directories; returns all whose entries must be synced: those of the storage, whoever
        made them, and above it those that were not there.
        """
        changed = set()
        directory = place.parent
        while directory != directory.parent:
            changed.add(directory)
            if not directory.is_relative_to(self.directory) and directory.is_dir():
                break
            directory = directory.parent
        place.parent.mkdir(parents=True, exist_ok=True)
        return changed

    @contextlib.contextmanager
    def _temporary(self, data: bytes) -> Iterator[Path]:
        """A synced file without a published name, gone at the end unless it was renamed."""
        folder = self.directory / ".tmp"
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / secrets.token_hex(8)
        try:
            with temporary.open("xb", buffering=0) as file:
                view = memoryview(data)
                while view:
                    view = view[file.write(view) :]
                os.fsync(file.fileno())
            yield temporary
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """One swap at a time among all processes; the system releases it if the holder dies."""
        with (self.directory / ".lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @staticmethod
    def _same(path: str, found: bytes, data: bytes) -> None:
        if found != data:
            raise StorageError(
                "storage.different",
                f"{path} is already published with other bytes ({len(found)} there, {len(data)} to write).",
                where=path,
                advice="A published file never changes. Run fsck on the log before anything else: either the file "
                "was damaged, or the database is not the one that published it.",
            )


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _explain(error: OSError, path: str) -> StorageError:
    code, advice = _CAUSES.get(error.errno or 0, ("storage.failed", "Look at the disk, then publish again."))
    return StorageError(
        code,
        f"{path} could not be stored or read: {error.strerror or error}.",
        where=str(error.filename or path),
        advice=advice,
    )

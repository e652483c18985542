"""A full disk, a read-only one, a locked database, a limit on file size: named, nothing half done, and it goes on."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.network.world import Log

from adamas.ledger.errors import PublishError, StorageError
from adamas.ledger.fsck import check_log
from adamas.ledger.publisher import Publisher
from adamas.ledger.sqlite_entries import GroupCommit, SqliteEntries
from adamas.ledger.storage import FolderStorage

LOG = Log()


def some(start: int, end: int) -> list[bytes]:
    return [f"statement {number} ".encode() + b"x" * 500 for number in range(start, end)]


def publisher(entries: SqliteEntries, folder: Path) -> Publisher:
    return Publisher(LOG.origin, LOG.key, FolderStorage(folder), entries.read, entries.size)


def files(folder: Path) -> dict[str, bytes]:
    storage = FolderStorage(folder)
    return {path: storage.get(path) or b"" for path in storage.list()}


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(StorageError) as error:
        work()
    assert error.value.advice
    return error.value.code


class Disk:
    """A small disk of its own, in memory: it can be full for real, and read-only also for root."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def mount(self, options: str) -> bool:
        again = "remount," if os.path.ismount(self.place) else ""
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", again + options, "adamas-test", str(self.place)],
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    def fill(self) -> None:
        with (self.place / "others").open("wb", buffering=0) as file, suppress(OSError):
            for size in (65_536, 4_096):
                while file.write(b"\0" * size) == size:
                    pass

    def clear(self) -> None:
        (self.place / "others").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir()
    found = Disk(place)
    if os.geteuid() or not found.mount("size=4m"):
        pytest.skip("a disk of its own needs root and the right to mount")
    yield found
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# ── publishing ──────────────────────────────────────────────────────────────────────────────────────────────


def publishing_fails_and_goes_on(
    tmp_path: Path, folder: Path, harm: Callable[[], None], mend: Callable[[], None], code: str
) -> None:
    with SqliteEntries(tmp_path / "log.db", LOG.origin) as entries:
        entries.append(some(0, 300))
        publisher(entries, folder).publish()
        entries.append(some(300, 900))
        before = files(folder)
        harm()
        assert code_of(publisher(entries, folder).publish) == code
        after = files(folder)
        assert before.items() <= after.items(), "what was out is not what it was"
        mend()
        assert not check_log(FolderStorage(folder), LOG.vkey)
        assert publisher(entries, folder).publish().size == 900
        assert not check_log(FolderStorage(folder), LOG.vkey)
        assert after.keys() <= files(folder).keys()
        assert not list((folder / ".tmp").iterdir())


def test_publishing_to_a_full_disk(tmp_path: Path, disk: Disk) -> None:
    publishing_fails_and_goes_on(tmp_path, disk.place / "public", disk.fill, disk.clear, "storage.full")


def test_publishing_to_a_read_only_disk(tmp_path: Path, disk: Disk) -> None:
    publishing_fails_and_goes_on(
        tmp_path,
        disk.place / "public",
        lambda: _done(disk.mount("ro")),
        lambda: _done(disk.mount("rw,size=4m")),
        "storage.read-only",
    )


def test_publishing_beyond_a_limit_on_file_size(tmp_path: Path) -> None:
    limit = files_up_to(100_000)
    publishing_fails_and_goes_on(
        tmp_path,
        tmp_path / "public",
        limit.__enter__,
        lambda: _done(not limit.__exit__(None, None, None)),
        "storage.full",
    )


def _done(right: bool) -> None:
    assert right


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("permissions do not bind root; the read-only disk is tested instead")
    folder = tmp_path / "public"
    folder.mkdir(mode=0o500)
    with SqliteEntries(tmp_path / "log.db", LOG.origin) as entries:
        entries.append(some(0, 3))
        assert code_of(publisher(entries, folder).publish) == "storage.read-only"


# ── appending ───────────────────────────────────────────────────────────────────────────────────────────────


def appending_fails_and_goes_on(
    entries: SqliteEntries, harm: Callable[[], object], mend: Callable[[], object], code: str
) -> None:
    entries.append(some(0, 10))
    harm()
    assert code_of(lambda: entries.append(some(10, 2_000))) == code
    assert (entries.size(), entries.read(0, 5_000)) == (10, some(0, 10))
    mend()
    assert entries.append(some(10, 2_000)) == 10
    assert entries.read(0, 5_000) == some(0, 2_000)
    with sqlite3.connect(entries.path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


def test_appending_to_a_full_disk(disk: Disk) -> None:
    with SqliteEntries(disk.place / "log.db") as entries:
        appending_fails_and_goes_on(entries, disk.fill, disk.clear, "entries.full")


def test_a_database_that_may_not_grow(tmp_path: Path) -> None:
    with SqliteEntries(tmp_path / "log.db") as entries:
        limit = entries._writer.execute
        appending_fails_and_goes_on(
            entries,
            lambda: limit("PRAGMA max_page_count = 20"),
            lambda: limit("PRAGMA max_page_count = 1000000"),
            "entries.full",
        )


def test_appending_to_a_read_only_disk(disk: Disk) -> None:
    with SqliteEntries(disk.place / "log.db") as entries:
        entries.append(some(0, 10))
    assert disk.mount("ro")
    assert code_of(lambda: SqliteEntries(disk.place / "log.db")) == "entries.read-only"
    assert disk.mount("rw")
    with SqliteEntries(disk.place / "log.db") as entries:
        assert entries.append(some(10, 20)) == 10


def test_a_database_that_another_program_holds(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    with SqliteEntries(tmp_path / "log.db", timeout=0.05) as entries:
        appending_fails_and_goes_on(
            entries,
            lambda: holder.execute("BEGIN IMMEDIATE"),
            lambda: holder.execute("ROLLBACK"),
            "entries.locked",
        )
    holder.close()


def test_every_caller_of_a_group_is_told_and_the_next_group_is_written(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    with SqliteEntries(tmp_path / "log.db", timeout=0.05) as entries:
        group, codes = GroupCommit(entries), []
        holder.execute("BEGIN IMMEDIATE")

        def call(raw: bytes) -> None:
            try:
                group.append(raw)
            except StorageError as error:
                codes.append(error.code)

        threads = [threading.Thread(target=call, args=(raw,)) for raw in some(0, 8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert codes == ["entries.locked"] * 8
        holder.execute("ROLLBACK")
        assert [group.append(raw) for raw in some(0, 3)] == [0, 1, 2]
    holder.close()


# ── what others left behind ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("left", [b"", b"\0" * 31, b"\0" * 6_016], ids=("empty", "short", "zeros"))
def test_a_half_written_tile_that_a_power_cut_left(tmp_path: Path, left: bytes) -> None:
    """A disk that lies about its cache may keep a name and lose the bytes."""
    folder = tmp_path / "public"
    with SqliteEntries(tmp_path / "log.db", LOG.origin) as entries:
        entries.append(some(0, 300))
        publisher(entries, folder).publish()
        half = folder / "tile/0/001.p/188"
        assert half.parent.is_dir()
        half.write_bytes(left)
        entries.append(some(300, 444))
        before = files(folder)
        with pytest.raises((PublishError, StorageError), match=r"tile/0/001\.p/188"):
            publisher(entries, folder).publish()
        assert files(folder)["checkpoint"] == before["checkpoint"]
        assert publisher(entries, folder).mend() == ["tile/0/001.p/188"]
        assert publisher(entries, folder).publish().size == 444
    assert not check_log(FolderStorage(folder), LOG.vkey)

"""What stands beside a mirror's checkpoint: a receipt of its root or none (another would accuse the log falsely)."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
from tests.network.world import Log, path_of, response, serving

from adamas.ledger.errors import MirrorError, StorageError
from adamas.ledger.mirror import mirror
from adamas.ledger.storage import FolderStorage


@pytest.fixture
def log() -> Log:
    return Log(40)


def receipt(folder: Path) -> bytes | None:
    file = folder / "checkpoint.cose"
    return file.read_bytes() if file.exists() else None


def test_a_mirror_that_dies_between_the_two_has_none(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, copy = tmp_path / "public", tmp_path / "copy"
    log.publish(public, 20)
    mirror(str(public), copy, log.vkey)
    assert receipt(copy) == receipt(public)
    log.publish(public)
    create = FolderStorage.create

    def dies(self: FolderStorage, path: str, data: bytes) -> None:
        if path == "checkpoint.cose":
            raise StorageError("storage.failed", "The power is gone.")
        create(self, path, data)

    with monkeypatch.context() as patch:
        patch.setattr(FolderStorage, "create", dies)
        with pytest.raises(StorageError):
            mirror(str(public), copy, log.vkey)
    assert (copy / "checkpoint").read_bytes() == (public / "checkpoint").read_bytes()
    assert receipt(copy) is None
    mirror(str(public), copy, log.vkey)
    assert receipt(copy) == receipt(public)


def test_one_that_comes_a_moment_later_is_waited_for(log: Log, tmp_path: Path) -> None:
    public, copy = tmp_path / "public", tmp_path / "copy"
    log.publish(public, 20)
    old = receipt(public)
    log.publish(public)
    new = receipt(public)
    assert old is not None
    assert new is not None
    (public / "checkpoint.cose").write_bytes(old)

    def publish() -> None:
        time.sleep(0.05)
        (public / "checkpoint.cose").write_bytes(new)

    publisher = threading.Thread(target=publish)
    publisher.start()
    mirror(str(public), copy, log.vkey)
    publisher.join()
    assert receipt(copy) == new


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "401 Unauthorized"])
def test_a_log_without_receipts_is_mirrored_all_the_same(log: Log, tmp_path: Path, status: str) -> None:
    public = tmp_path / "public"
    log.publish(public)

    def handle(connection: socket.socket, request: bytes) -> None:
        file = public / path_of(request).removeprefix("/")
        missing = file.name == "checkpoint.cose" or not file.exists()
        connection.sendall(response(b"", status) if missing else response(file.read_bytes()))

    with serving(handle) as url:
        assert mirror(url, tmp_path / "copy", log.vkey).new == log.size
    assert receipt(tmp_path / "copy") is None


def test_the_root_of_no_entries_is_checked_too(tmp_path: Path) -> None:
    log = Log()
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "checkpoint").write_bytes(log.note(0, bytes(32)))
    with pytest.raises(MirrorError) as refused:
        mirror(str(tmp_path / "public"), tmp_path / "copy", log.vkey)
    assert refused.value.code == "mirror.root"
    assert not (tmp_path / "copy").exists()

"""Folder and bucket hold to one protocol: immutable files, one that moves, no half measures."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import missing
from tests.ledger.published import KEY, ORIGIN, VKEY, entry

from adamas.ledger.errors import StorageError
from adamas.ledger.fsck import check_log
from adamas.ledger.publisher import Publisher
from adamas.ledger.storage import FolderStorage, Storage, open_storage

BUCKET = "adamas-test"
_count = iter(range(1000))


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a real S3 endpoint with one bucket; it lives in a thread of the tests."""
    try:
        import boto3
        from moto.server import ThreadedMotoServer
    except ImportError:
        missing("an S3 server", "pip install 'moto[server]' boto3")
    kept = dict(os.environ)
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _, port = server.get_host_and_port()
    endpoint = f"http://127.0.0.1:{port}"
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=BUCKET)
    yield endpoint
    server.stop()
    os.environ.clear()
    os.environ.update(kept)


Open = Callable[[], Storage]


@pytest.fixture(params=["folder", "s3"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same empty place anew each time, as another process would."""
    if request.param == "folder":
        return lambda: FolderStorage(tmp_path / "not" / "there" / "yet")
    endpoint = request.getfixturevalue("s3")
    url = f"s3://{BUCKET}/log%20{next(_count)}/x?endpoint={endpoint}&region=us-east-1"
    return lambda: open_storage(url)


@pytest.fixture
def storage(another: Open) -> Storage:
    return another()


def code(call: Callable[[], object]) -> str:
    with pytest.raises(StorageError) as error:
        call()
    return error.value.code


class TestEveryStorage:
    def test_what_is_not_there(self, storage: Storage) -> None:
        assert storage.get("checkpoint") is None
        assert not storage.exists("tile/0/000")
        assert list(storage.list()) == []

    def test_an_immutable_file_is_written_once(self, storage: Storage, another: Open) -> None:
        storage.create("tile/0/000", b"one")
        another().create("tile/0/000", b"one")
        assert code(lambda: another().create("tile/0/000", b"two")) == "storage.different"
        assert another().get("tile/0/000") == b"one"

    def test_many_files_at_once(self, storage: Storage, another: Open) -> None:
        files = {f"tile/entries/x{i:03d}/000.p/{i}": bytes([i]) * i for i in range(1, 24)}
        storage.create_all(iter(files.items()))
        again = another()
        assert sorted(again.list()) == sorted(files)
        assert all(again.get(path) == data for path, data in files.items())
        again.create_all(files.items())
        assert code(lambda: again.create_all([*files.items(), ("tile/entries/x001/000.p/1", b"?")])) == (
            "storage.different"
        )

    def test_swapping_by_what_was_seen(self, storage: Storage, another: Open) -> None:
        storage.swap("checkpoint", b"1", None)
        assert code(lambda: another().swap("checkpoint", b"x", None)) == "storage.conflict"
        another().swap("checkpoint", b"2", b"1")
        assert code(lambda: storage.swap("checkpoint", b"3", b"1")) == "storage.conflict"
        assert storage.get("checkpoint") == b"2"
        storage.swap("checkpoint", b"2", b"2")

    def test_listing_by_prefix(self, storage: Storage) -> None:
        storage.create_all([("tile/0/000", b"a"), ("tile/0/001", b"b"), ("tile/1/000", b"c")])
        storage.swap("checkpoint", b"d", None)
        assert sorted(storage.list("tile/0/00")) == ["tile/0/000", "tile/0/001"]
        assert sorted(storage.list("tile/0/001")) == ["tile/0/001"]
        assert sorted(storage.list()) == ["checkpoint", "tile/0/000", "tile/0/001", "tile/1/000"]

    def test_one_of_many_swaps_wins(self, another: Open) -> None:
        won: list[int] = []
        lost: list[str] = []
        start = threading.Barrier(6)

        def race(number: int) -> None:
            place = another()
            start.wait()
            try:
                place.swap("checkpoint", b"%d" % number, None)
                won.append(number)
            except StorageError as error:
                lost.append(error.code)

        threads = [threading.Thread(target=race, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert lost == ["storage.conflict"] * 5
        assert [b"%d" % number for number in won] == [another().get("checkpoint")]

    def test_a_log_is_published_there_and_is_whole(self, storage: Storage, another: Open) -> None:
        entries = [entry(i) for i in range(3)]
        publisher = Publisher(ORIGIN, KEY, storage, lambda a, b: entries[a:b], lambda: len(entries))
        publisher.publish()
        entries += [entry(i) for i in range(3, 300)]
        publisher.publish()
        assert check_log(another(), VKEY) == []
        storage.swap("tile/entries/000", b"\0\1x", storage.get("tile/entries/000"))
        assert [f.path for f in check_log(another(), VKEY)] == ["tile/entries/000"]


def test_paths_that_leave_the_folder_are_refused(tmp_path: Path) -> None:
    place = FolderStorage(tmp_path / "log")
    for path in ("../x", "/etc/x", "a/../../x", "", ".lock", ".tmp/x", "a//b"):
        assert code(lambda path=path: place.create(path, b"x")) == "storage.path"
    assert list(tmp_path.iterdir()) == []


def test_litter_of_a_crash_is_never_published(tmp_path: Path) -> None:
    place = FolderStorage(tmp_path)
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "0123456789abcdef").write_bytes(b"half")
    place.create("tile/0/000", b"whole")
    assert list(place.list()) == ["tile/0/000"]
    assert [p.name for p in (tmp_path / ".tmp").iterdir()] == ["0123456789abcdef"]


def test_folders_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    place = FolderStorage(tmp_path)
    place.create("tile/0/000", b"one")
    place.create("tile/0/000", b"one")
    assert code(lambda: place.create("tile/0/000", b"two")) == "storage.different"


def test_bytes_are_synced_before_they_get_a_name_and_the_name_before_it_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, link, rename = os.fsync, os.link, Path.rename

    def synced(handle: int) -> None:
        calls.append(
            "sync " + os.path.relpath(os.readlink(f"/proc/self/fd/{handle}"), tmp_path).split("/")[0]
        )
        fsync(handle)

    def linked(old: Path, new: Path) -> None:
        calls.append("name")
        link(old, new)

    def renamed(self: Path, new: Path) -> Path:
        calls.append("name")
        return rename(self, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    monkeypatch.setattr(Path, "rename", renamed)
    place = FolderStorage(tmp_path)
    place.create("tile/0/000", b"x")
    assert calls[:2] == ["sync .tmp", "name"]
    assert {"sync tile", "sync ."} <= set(calls[2:])
    calls.clear()
    place.swap("checkpoint", b"x", None)
    assert calls[:2] == ["sync .tmp", "name"]
    assert "sync ." in calls[2:]


def test_servers_that_ignore_conditions_are_refused(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import obstore

    put = obstore.put
    monkeypatch.setattr(obstore, "put", lambda store, path, data, **_: put(store, path, data))
    place = open_storage(f"s3://{BUCKET}/careless?endpoint={s3}&region=us-east-1")
    assert code(lambda: place.create("tile/0/000", b"x")) == "storage.unconditional"


def test_a_bucket_that_is_not_there_and_a_line_that_is_down(s3: str) -> None:
    place = open_storage(f"s3://nobody/log?endpoint={s3}&region=us-east-1")
    assert code(lambda: place.create("tile/0/000", b"x")) == "storage.failed"


def test_addresses(tmp_path: Path) -> None:
    assert open_storage(tmp_path / "a").directory == tmp_path / "a"  # type: ignore[attr-defined]
    assert open_storage((tmp_path / "a b").as_uri()).directory == tmp_path / "a b"  # type: ignore[attr-defined]
    assert code(lambda: open_storage("ftp://example.org/log")) == "storage.scheme"

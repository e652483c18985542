"""Publishing: the tree is right, only ever grows, and two publishers, crashes and witnesses cannot spoil it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.published import (
    COSIGNERS,
    KEY,
    ORIGIN,
    POLICY,
    VKEY,
    Log,
    Memory,
    cosign,
    entry,
    line,
    published,
)

from adamas.ledger import merkle, note, receipt
from adamas.ledger.checkpoint import open_checkpoint
from adamas.ledger.errors import PublishError, StorageError
from adamas.ledger.fsck import check_log
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.publisher import Cosign, Publisher
from adamas.ledger.storage import CONFLICT, FolderStorage
from adamas.ledger.tiles import TileReader, new_bundles, new_tiles


def refused(log: Log) -> str:
    before = dict(log.storage.files)
    with pytest.raises(PublishError) as error:
        log.publisher.publish(cosign)
    assert log.storage.files == before
    return error.value.code


def lines(log: Log) -> set[str]:
    return {s.name for s in note.parse(log.storage.files["checkpoint"]).signatures}


@given(st.lists(st.integers(0, 700), min_size=1, max_size=4).map(sorted))
def test_however_it_grew_the_tree_is_that_of_its_entries(sizes: list[int]) -> None:
    log, before = Log(), 0
    wanted = {"checkpoint", "checkpoint.cose"}
    for size in sizes:
        log.grow(size)
        checkpoint = log.publisher.publish()
        wanted |= {str(p) for p in (*new_tiles(before, size), *new_bundles(before, size))}
        before = size
        assert set(log.storage.files) == wanted
        assert checkpoint.root == merkle.root([merkle.leaf_hash(e) for e in log.entries])
    reader = TileReader(log.storage.get, size, trusted_root=checkpoint.root)
    assert list(reader.entries(0, size)) == log.entries


def test_publishing_again_changes_no_byte() -> None:
    log = published(600)
    before = dict(log.storage.files)
    log.publisher.publish(cosign)
    Log(log.entries, log.storage).publisher.publish()
    assert log.storage.files == before
    # A second publisher elsewhere, from the same entries, makes the same files.
    assert published(600).storage.files == before


def test_the_receipt_signature_is_of_the_published_root() -> None:
    log = published(10, 300)
    checkpoint, _ = open_checkpoint(log.storage.files["checkpoint"], VKEY)
    path = TileReader(log.storage.get, 300).inclusion_proof(7)
    proof = receipt.inclusion_receipt(log.storage.files["checkpoint.cose"], 300, 7, path)
    assert receipt.verify_receipt(proof, merkle.leaf_hash(entry(7)), KEY.public_key) == checkpoint.root


# ── what is out is never taken back ─────────────────────────────────────────────────────────────────────────


def test_a_shorter_database_is_refused() -> None:
    log = published(300)
    del log.entries[299]
    assert refused(log) == "publish.behind"


@pytest.mark.parametrize("size", [255, 256, 600])
@pytest.mark.parametrize("more", [0, 1])
def test_another_database_is_refused(size: int, more: int) -> None:
    log = published(size)
    log.entries[size - 1] = b"another"
    log.grow(size + more)
    assert refused(log) == "publish.diverged"


def test_another_logs_place_is_refused() -> None:
    log = published(3)
    other = SoftwareSigner.from_seed(b"o" * 32)
    for origin, key in ((ORIGIN, other), ("log.example/AE", KEY)):
        publisher = Publisher(origin, key, log.storage, lambda a, b: log.entries[a:b], lambda: 3)
        with pytest.raises(PublishError) as error:
            publisher.publish()
        assert error.value.code == "publish.signature"


@pytest.mark.parametrize("path", ["tile/0/002.p/88", "tile/1/000.p/2", "checkpoint"])
@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
def test_damage_at_the_edge_stops_the_publisher(path: str, harm: str) -> None:
    log = published(600)
    log.grow(601)
    data = log.storage.files[path]
    if harm == "gone" and path == "checkpoint":
        # Without it nothing is out; what comes again is the same tree, grown.
        del log.storage.files[path]
        assert log.publisher.publish().size == 601
        assert check_log(log.storage, VKEY) == []
        return
    if harm == "gone":
        del log.storage.files[path]
    else:
        log.storage.files[path] = data[:40] if harm == "cut" else bytes([data[0] ^ 1]) + data[1:]
    assert refused(log) == ("publish.signature" if path == "checkpoint" else "publish.damaged")


def test_entries_that_vanish_while_publishing_are_not_papered_over() -> None:
    log = published(10)
    log.grow(20)
    publisher = Publisher(ORIGIN, KEY, log.storage, lambda a, b: log.entries[a : min(b, 15)], lambda: 20)
    with pytest.raises(PublishError) as error:
        publisher.publish()
    assert error.value.code == "publish.behind"
    assert open_checkpoint(log.storage.files["checkpoint"], VKEY)[0].size == 10


# ── several at once, and none to the end ────────────────────────────────────────────────────────────────────


def test_many_publishers_at_once(tmp_path: Path) -> None:
    durable = [entry(i) for i in range(400)]
    size = 0
    seen: list[int] = []
    errors: list[BaseException] = []

    def work() -> None:
        storage = FolderStorage(tmp_path)
        publisher = Publisher(ORIGIN, KEY, storage, lambda a, b: durable[a:b], lambda: size)
        try:
            while size < 400:
                publisher.publish()
                seen.append(open_checkpoint(storage.get("checkpoint") or b"", VKEY)[0].size)
            publisher.publish()
        except StorageError as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    while size < 400:
        size = min(size + 17, 400)
        threads[0].join(0.01)
    for thread in threads:
        thread.join()
    assert [e for e in errors if getattr(e, "code", "") != "publish.busy"] == []
    storage = FolderStorage(tmp_path)
    assert open_checkpoint(storage.get("checkpoint") or b"", VKEY)[0].size == 400
    assert check_log(storage, VKEY) == []
    assert seen


class Dying(Memory):
    """A place whose publisher dies just before or after its nth write."""

    def __init__(self, files: dict[str, bytes], writes: int, *, after: bool) -> None:
        super().__init__()
        self.files, self._left, self._after = files, writes, after

    def _write(self, path: str, data: bytes) -> None:
        self._left -= 1
        if self._left < 0 and not self._after:
            raise KeyboardInterrupt
        self.files[path] = data
        if self._left < 0:
            raise KeyboardInterrupt

    def create(self, path: str, data: bytes) -> None:
        if path not in self.files:
            self._write(path, data)
        super().create(path, data)

    def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
        assert self.files.get(path) == expected
        self._write(path, data)


@pytest.mark.parametrize("after", [False, True])
def test_a_publisher_that_dies_at_any_write_leaves_a_log_that_the_next_one_completes(after: bool) -> None:
    wanted = published(300, 600).storage.files
    for writes in range(8):
        begun = published(300)
        storage = Dying(begun.storage.files, writes, after=after)
        log = Log(begun.entries, storage)
        log.grow(600)
        try:
            log.publisher.publish()
            assert writes == 7
        except KeyboardInterrupt:
            # The receipt may be one step behind; nothing else is wrong at any moment.
            assert {f.path for f in check_log(storage, VKEY, policy=POLICY)} <= {"checkpoint.cose"}
        again = Log(begun.entries)
        again.storage.files.update(storage.files)
        again.grow(600)
        again.publisher.publish(cosign)
        assert again.storage.files == wanted


def test_a_slow_publisher_does_not_set_the_receipt_back() -> None:
    log = published(5)
    fast = Log(log.entries, log.storage)

    class Slow(Memory):
        """Between this publisher's checkpoint and its receipt another one publishes more."""

        def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
            super().swap(path, data, expected)
            if path == "checkpoint":
                fast.grow(9)
                fast.publisher.publish()

    slow = Slow()
    slow.files = log.storage.files
    Log([entry(i) for i in range(7)], slow).publisher.publish()
    assert open_checkpoint(log.storage.files["checkpoint"], VKEY)[0].size == 9
    assert check_log(log.storage, VKEY) == []


def test_who_is_always_late_gives_up_and_says_so() -> None:
    class Busy(Memory):
        def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
            raise StorageError(CONFLICT, "somebody was first")

    with pytest.raises(PublishError) as error:
        Log([b"x"], Busy()).publisher.publish()
    assert error.value.code == "publish.busy"


# ── witnesses ───────────────────────────────────────────────────────────────────────────────────────────────


def line_of(number: int) -> Cosign:
    return lambda given, _: given + line(number, note.parse(given).text)


def test_late_cosignatures_are_added_and_none_is_ever_lost() -> None:
    log = published()
    log.grow(3)
    log.publisher.publish()
    assert lines(log) == {ORIGIN}
    log.publisher.publish(line_of(0))
    assert lines(log) == {ORIGIN, COSIGNERS[0].verifier.name}
    log.publisher.publish(line_of(1))
    assert len(lines(log)) == 3
    log.publisher.publish(lambda given, _: given)
    log.publisher.publish()
    log.publisher.publish(lambda given, _: b"".join(given.splitlines(keepends=True)[:5]))
    assert len(lines(log)) == 3
    assert check_log(log.storage, VKEY, policy=POLICY) == []


def test_two_publishers_with_a_witness_each_keep_both_lines() -> None:
    log = published()
    log.grow(3)

    class Racing(Memory):
        raced = False

        def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
            if path == "checkpoint" and not self.raced:
                self.raced = True
                Log(log.entries, log.storage).publisher.publish(line_of(0))
            super().swap(path, data, expected)

    racing = Racing()
    racing.files = log.storage.files
    Log(log.entries, racing).publisher.publish(line_of(1))
    assert len(lines(log)) == 3


def test_the_callback_is_told_what_was_out_before() -> None:
    log, told = published(5), []

    def ask(given: bytes, before: int) -> bytes:
        told.append((open_checkpoint(given, VKEY)[0].size, before))
        return given

    log.grow(8)
    log.publisher.publish(ask)
    log.publisher.publish(ask)
    assert told == [(8, 5), (8, 8)]


def test_a_callback_cannot_change_the_checkpoint() -> None:
    log = published(5)
    other = published(4).storage.files["checkpoint"]
    log.publisher.publish(lambda _given, _: other)
    assert open_checkpoint(log.storage.files["checkpoint"], VKEY)[0].size == 5
    assert check_log(log.storage, VKEY, policy=POLICY) == []


def test_a_cosignature_that_the_disk_damaged_is_replaced() -> None:
    log = published(5)
    good = log.storage.files["checkpoint"]
    whole = next(s for s in note.parse(good).signatures if s.name == COSIGNERS[0].verifier.name)
    bad = note.NoteSignature(whole.name, whole.key_id, bytes(len(whole.signature))).line
    log.storage.files["checkpoint"] = good.replace(whole.line.encode(), bad.encode())
    assert [f.code for f in check_log(log.storage, VKEY, policy=POLICY)] == ["fsck.cosignature"]
    text = note.parse(good).text
    log.publisher.publish(lambda given, _: text.encode() + b"\n" + whole.line.encode())
    assert check_log(log.storage, VKEY, policy=POLICY) == []

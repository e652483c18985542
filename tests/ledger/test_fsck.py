"""fsck: any bit that flips in what is published is found, in the file where it is, about the entries it touches."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.published import COSIGNERS, KEY, ORIGIN, POLICY, TIME, VKEY, Log, Memory, cosign, published

from adamas.ledger.errors import PublishError, StorageError
from adamas.ledger.fsck import Fault, check_log
from adamas.ledger.publisher import Publisher
from adamas.ledger.storage import FolderStorage
from adamas.ledger.tiles import WIDTH

SMALL = published(2, 5)
MIDDLE = published(3, 259, 600)


@pytest.fixture(scope="module")
def large() -> Log:
    """Three levels of tiles, full and partial ones on each."""
    return published(66_000)


def damaged(log: Log, path: str, data: bytes | None) -> list[Fault]:
    storage = Memory()
    storage.files = dict(log.storage.files)
    if data is None:
        del storage.files[path]
    else:
        storage.files[path] = data
    return check_log(storage, VKEY, policy=POLICY)


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_whole_logs_have_no_faults(large: Log) -> None:
    for log in (SMALL, MIDDLE, large, published(0), published(256), published(256, 512)):
        assert check_log(log.storage, VKEY, policy=POLICY) == []


@given(st.data())
def test_any_flipped_bit_is_named_by_its_file_and_no_other_is(data: st.DataObject) -> None:
    files = MIDDLE.storage.files
    path = data.draw(st.sampled_from(sorted(files)))
    bit = data.draw(st.integers(0, 8 * len(files[path]) - 1))
    faults = damaged(MIDDLE, path, flipped(files[path], bit))
    assert {fault.path for fault in faults} == {path}


@pytest.mark.slow
def test_every_bit_of_every_file() -> None:
    for path, data in SMALL.storage.files.items():
        # A post-quantum cosignature is 26,000 bits of one kind: of the checkpoint every eleventh.
        for bit in range(0, 8 * len(data), 11 if path == "checkpoint" else 1):
            faults = damaged(SMALL, path, flipped(data, bit))
            assert {fault.path for fault in faults} == {path}, (path, bit)


@given(st.data())
def test_a_file_that_is_cut_off_is_named(data: st.DataObject) -> None:
    files = MIDDLE.storage.files
    path = data.draw(st.sampled_from(sorted(files)))
    length = data.draw(st.integers(0, len(files[path]) - 1))
    assert {f.path for f in damaged(MIDDLE, path, files[path][:length])} == {path}


def test_a_file_that_is_gone_is_named() -> None:
    for path in MIDDLE.storage.files:
        faults = damaged(MIDDLE, path, None)
        if path.endswith((".p/88", ".p/2")) or ".p/" not in path:
            assert [(f.path, f.code) for f in faults] == [(path, "fsck.missing")]
        else:
            assert faults == [], f"{path} is of an earlier size and may go"


@pytest.mark.parametrize(
    ("path", "at", "span"),
    [
        ("tile/0/001", 32 * 7, (263, 264)),
        ("tile/0/002.p/88", 32 * 87 + 31, (599, 600)),
        ("tile/1/000.p/2", 32, (256, 512)),
        ("tile/entries/002.p/88", 3, (512, 513)),
    ],
)
def test_the_entries_that_a_fault_touches(path: str, at: int, span: tuple[int, int]) -> None:
    (fault,) = damaged(MIDDLE, path, flipped(MIDDLE.storage.files[path], 8 * at))
    assert (fault.path, fault.range) == (path, span)


@pytest.mark.parametrize("path", ["tile/0/003", "tile/1/000", "tile/2/000.p/1", "tile/entries/100"])
def test_faults_at_every_level_of_a_large_tree(large: Log, path: str) -> None:
    data = large.storage.files[path]
    faults = damaged(large, path, flipped(data, 8 * (len(data) - 1)))
    assert [fault.path for fault in faults] == [path]


def test_two_damaged_files_are_both_named() -> None:
    storage = Memory()
    storage.files = dict(MIDDLE.storage.files)
    for path in ("tile/0/001", "tile/1/000.p/2", "tile/entries/000"):
        storage.files[path] = flipped(storage.files[path], 8 * 40)
    assert {f.path for f in check_log(storage, VKEY)} == {"tile/0/001", "tile/1/000.p/2", "tile/entries/000"}


def test_an_entry_changed_together_with_its_tiles_is_found_by_the_signed_root() -> None:
    other = Log()
    other.grow(600)
    other.entries[10] = b"rewritten"
    other.publisher.publish()
    storage = Memory()
    storage.files = {
        **other.storage.files,
        **{p: MIDDLE.storage.files[p] for p in ("checkpoint", "checkpoint.cose")},
    }
    assert "fsck.root" in {f.code for f in check_log(storage, VKEY)}
    # Only the leaf tile and the bundle: the tile above knows better.
    storage.files = dict(MIDDLE.storage.files)
    for path in ("tile/0/000", "tile/entries/000"):
        storage.files[path] = other.storage.files[path]
    (fault,) = check_log(storage, VKEY)
    assert (fault.path, fault.range) == ("tile/0/000", (0, 256))


def test_cosignatures_are_judged_by_the_policy() -> None:
    note = SMALL.storage.files["checkpoint"]
    body = note.decode().partition("\n\n")[0] + "\n"
    stranger = COSIGNERS[0].cosign(body.replace("\n5\n", "\n6\n"), TIME).line.encode()
    lines = note.splitlines(keepends=True)
    replaced = b"".join(stranger if b"government" in line else line for line in lines)
    assert [f.code for f in damaged(SMALL, "checkpoint", replaced)] == ["fsck.cosignature"]
    unknown = note.replace(b"government.example/w ", b"somebody.example/w ")
    assert [f.code for f in damaged(SMALL, "checkpoint", unknown)] == ["fsck.cosignature"]


def test_strays_and_kept_checkpoints() -> None:
    assert [f.code for f in damaged(SMALL, "tile/0/0000", b"x")] == ["fsck.stray"]
    note = SMALL.storage.files["checkpoint"]
    assert damaged(SMALL, "checkpoints/5", note) == []
    assert [f.path for f in damaged(SMALL, "checkpoints/4", note)] == ["checkpoints/4"]
    assert [f.path for f in damaged(SMALL, "checkpoints/5", note.replace(b"\n5\n", b"\n6\n"))] == [
        "checkpoints/5"
    ]


def test_what_is_not_published_yet_is_left_alone() -> None:
    assert damaged(SMALL, "tile/0/000.p/9", b"half of it") == []


def test_the_publisher_refuses_damage_and_mends_it_from_the_entries(tmp_path: Path) -> None:
    entries = MIDDLE.entries[:600]
    storage = FolderStorage(tmp_path)
    publisher = Publisher(ORIGIN, KEY, storage, lambda a, b: entries[a:b], lambda: len(entries))
    publisher.publish(cosign)
    before = {path: storage.get(path) for path in storage.list()}
    assert publisher.mend() == []
    half = tmp_path / "tile/0/002.p/88"
    half.write_bytes(half.read_bytes()[:100])
    (tmp_path / "tile/entries/001").write_bytes(b"")
    (tmp_path / "tile/1/000.p/2").unlink()
    entries.append(b"one more")
    with pytest.raises(PublishError) as refused:
        publisher.publish()
    assert refused.value.code == "publish.damaged"
    assert sorted(publisher.mend()) == ["tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/001"]
    assert check_log(storage, VKEY, policy=POLICY) == []
    assert {path: storage.get(path) for path in storage.list()} == before
    assert publisher.publish().size == 601


@given(st.data())
def test_whatever_is_damaged_but_the_checkpoint_is_mended_to_the_byte(data: st.DataObject) -> None:
    log = published(3, 259, 600)
    before = dict(log.storage.files)
    harmed = data.draw(st.sets(st.sampled_from(sorted(before.keys() - {"checkpoint"})), max_size=4))
    for path in harmed:
        log.storage.files[path] = before[path][: data.draw(st.integers(0, len(before[path]) - 1))]
    assert set(log.publisher.mend()) == harmed
    assert log.storage.files == before


def test_a_half_written_file_of_the_coming_tree_stops_the_publisher_until_mended() -> None:
    log = published(5)
    log.storage.files["tile/0/000.p/6"] = b"half"
    log.grow(6)
    with pytest.raises(StorageError) as refused:
        log.publisher.publish()
    assert (refused.value.code, refused.value.where) == ("storage.different", "tile/0/000.p/6")
    assert log.publisher.mend() == ["tile/0/000.p/6"]
    assert log.publisher.publish().size == 6


def test_mending_never_writes_from_another_database() -> None:
    log = published(600)
    before = dict(log.storage.files)
    log.entries[3] = b"another"
    with pytest.raises(PublishError) as refused:
        log.publisher.mend()
    assert refused.value.code == "publish.diverged"
    assert log.storage.files == before


def test_full_tiles_stand_in_for_partial_ones_that_were_removed() -> None:
    log = published(100, 300)
    for path in [p for p in log.storage.files if p.endswith(".p/100")]:
        del log.storage.files[path]
    assert check_log(log.storage, VKEY) == []
    ahead = published(100)
    ahead.storage.files.update({p: d for p, d in log.storage.files.items() if p.startswith("tile/")})
    assert check_log(ahead.storage, VKEY) == []
    assert len(log.storage.files["tile/0/000"]) == 32 * WIDTH

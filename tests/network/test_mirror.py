"""A mirror takes nothing on trust, keeps what it had whatever happens, and is itself a published log."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.network.world import Log, listed, signers

from adamas.errors import AdamasError
from adamas.ledger import merkle, splitview
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, open_checkpoint, parse, sign_checkpoint
from adamas.ledger.errors import LogBehind, MirrorError, NoteError, SplitView, StorageError, TileError
from adamas.ledger.mirror import mirror
from adamas.ledger.note import Note
from adamas.ledger.policy import Policy
from adamas.ledger.tiles import TileReader, new_bundles, new_tiles

SIZE = 1_100
"""Four full tiles and one of width 76, and one level above."""


@pytest.fixture(autouse=True, scope="module")
def quick_disk() -> Iterator[None]:
    """No sync: what a power cut does is not asked here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _file: None)
        yield


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Log, Path]:
    log, folder = Log(SIZE), tmp_path_factory.mktemp("log")
    log.publish(folder)
    return log, folder


@pytest.fixture
def source(published: tuple[Log, Path], tmp_path: Path) -> tuple[Log, Path]:
    """A copy of the published log that a test may damage."""
    log, folder = published
    return log, Path(shutil.copytree(folder, tmp_path / "source"))


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder but the storage's own names."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def flip(file: Path, at: int | None = None) -> None:
    """Turns one bit round, in the middle if no place is given."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 0x10
    file.write_bytes(data)


def policy(*, url: str = "") -> Policy:
    lines = [f"witness civil/{i} {w.key.vkey}{url}" for i, w in enumerate(listed(None))]
    return Policy.parse("\n".join([*lines, "group civil all civil/0 civil/1", "quorum civil", ""]))


def cosigned(note: bytes, time: int = 1_750_000_000, *, keys: int = 2) -> bytes:
    opened = notes.parse(note)
    made = [signer.cosign(opened.text, time).note_signature for signer in signers()[:keys]]
    return opened.with_signatures(made).to_bytes()


# ── a faithful copy ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_mirror_is_the_published_log_again_and_can_be_mirrored_itself(
    published: tuple[Log, Path], tmp_path: Path
) -> None:
    log, folder = published
    first, second = tmp_path / "first", tmp_path / "second"
    seen: list[tuple[int, int]] = []
    result = mirror(str(folder), first, log.vkey, progress=lambda done, total: seen.append((done, total)))
    assert (result.checkpoint, result.new, result.policy) == (parse(log.note())[0], SIZE, None)
    assert seen[-1] == (SIZE, SIZE)
    own = {"vkey": f"{log.vkey}\n".encode(), f"checkpoints/{SIZE}": log.note()}
    assert files(first) == files(folder) | own
    mirror(first.as_uri(), second, log.vkey)
    assert files(second) == files(first)


@pytest.mark.slow
@settings(max_examples=5)
@given(steps=st.lists(st.integers(0, 600), min_size=1, max_size=4))
def test_however_often_it_catches_up_every_file_of_the_last_size_is_there(
    steps: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("steps")
    log = Log()
    for step in steps:
        log.add(step)
        log.publish(place / "log")
        before = parse(log.note())[0].size - step
        assert mirror(str(place / "log"), place / "copy", log.vkey).new == log.size - before
    there = files(place / "copy")
    wanted = [str(path) for path in (*new_tiles(0, log.size), *new_bundles(0, log.size))]
    assert [path for path in wanted if path not in there] == []
    reader = TileReader(there.get, log.size, trusted_root=log.root())
    assert list(reader.entries(0, log.size)) == log.entries
    assert {int(path.split("/")[1]) for path in there if path.startswith("checkpoints/")} == {
        sum(steps[: i + 1]) for i in range(len(steps))
    }


def test_a_partial_tile_that_is_gone_is_found_in_the_full_one(
    source: tuple[Log, Path], tmp_path: Path
) -> None:
    """The log grew between the reading of its checkpoint and that of its tiles, and tidied up."""
    log, folder = source
    old = (folder / "checkpoint").read_bytes()
    log = Log(SIZE + 300)
    log.publish(folder)
    for partial_tiles in list(folder.rglob("004.p")):
        shutil.rmtree(partial_tiles)
    (folder / "checkpoint").write_bytes(old)
    result = mirror(str(folder), tmp_path / "copy", log.vkey)
    assert result.checkpoint.size == SIZE
    reader = TileReader(files(tmp_path / "copy").get, SIZE, trusted_root=log.root(SIZE))
    assert list(reader.entries(0, SIZE)) == log.entries[:SIZE]


def test_the_receipt_signature_goes_in_step_with_the_checkpoint(
    source: tuple[Log, Path], tmp_path: Path
) -> None:
    log, folder = source
    right = (folder / "checkpoint.cose").read_bytes()
    other = tmp_path / "other"
    Log(5).publish(other)
    shutil.copy(other / "checkpoint.cose", folder)
    mirror(str(folder), tmp_path / "copy", log.vkey)
    assert not (tmp_path / "copy" / "checkpoint.cose").exists(), "of another root: not taken"
    (folder / "checkpoint.cose").write_bytes(right)
    mirror(str(folder), tmp_path / "copy", log.vkey)
    assert (tmp_path / "copy" / "checkpoint.cose").read_bytes() == right


# ── witnesses ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_pillar_is_a_result_and_cosignatures_that_come_late_are_added(
    source: tuple[Log, Path], tmp_path: Path
) -> None:
    log, folder = source
    copy = tmp_path / "copy"
    result = mirror(str(folder), copy, log.vkey, policy())
    assert result.policy is not None
    assert not result.policy.satisfied
    half = cosigned(log.note(), keys=1)
    full = cosigned(half)
    for note, satisfied in ((half, False), (full, True), (log.note(), True)):
        (folder / "checkpoint").write_bytes(note)
        result = mirror(str(folder), copy, log.vkey, policy())
        assert result.policy is not None
        assert result.policy.satisfied is satisfied
    assert (copy / "checkpoint").read_bytes() == full
    assert (copy / f"checkpoints/{SIZE}").read_bytes() == full


def test_a_line_that_does_not_hold_cannot_keep_the_true_one_out(
    source: tuple[Log, Path], tmp_path: Path
) -> None:
    log, folder = source
    copy = tmp_path / "copy"
    true = notes.parse(cosigned(log.note()))
    forged = [
        notes.NoteSignature(line.name, line.key_id, bytes(len(line.signature)))
        for line in true.signatures
        if line.name != log.origin
    ]
    (folder / "checkpoint").write_bytes(notes.parse(log.note()).with_signatures(forged).to_bytes())
    mirror(str(folder), copy, log.vkey)  # without a policy nobody can tell
    with pytest.raises(NoteError):
        mirror(str(folder), copy, log.vkey, policy())
    (folder / "checkpoint").write_bytes(true.to_bytes())
    result = mirror(str(folder), copy, log.vkey, policy())
    assert result.policy is not None
    assert result.policy.satisfied
    assert (copy / "checkpoint").read_bytes() == true.to_bytes()


# ── damage on the way ───────────────────────────────────────────────────────────────────────────────────────


def test_one_bit_of_any_file_is_noticed_and_named(published: tuple[Log, Path], tmp_path: Path) -> None:
    """For each file of the log: a first copy refuses with its path, and a copy that was there stays as it was."""
    log, folder = published
    old = tmp_path / "old"
    log.publish(tmp_path / "small", 300)
    for number, path in enumerate(path for path in files(folder) if path != "checkpoint.cose"):
        source = Path(shutil.copytree(folder, tmp_path / f"source{number}"))
        flip(source / path)
        with pytest.raises((TileError, NoteError)) as caught:
            mirror(str(source), tmp_path / f"copy{number}", log.vkey)
        if path != "checkpoint":
            assert path in str(caught.value.where), caught.value
        assert not (tmp_path / f"copy{number}" / "checkpoint").exists()
        mirror(str(tmp_path / "small"), old, log.vkey)
        before = {name: data for name, data in files(old).items() if "checkpoint" in name}
        # What the old copy has already is read from there: the same bit need not matter to it.
        try:
            mirror(str(source), old, log.vkey)
        except (TileError, NoteError):
            assert {name: data for name, data in files(old).items() if "checkpoint" in name} == before
        else:
            assert TileReader(files(old).get, SIZE, trusted_root=log.root()).root() == log.root()
        shutil.rmtree(old)


@pytest.mark.parametrize("path", ["tile/0/001", "tile/entries/002", "tile/1/000.p/4", "tile/0/004.p/76"])
def test_half_a_tile_and_no_tile(source: tuple[Log, Path], tmp_path: Path, path: str) -> None:
    log, folder = source
    whole = (folder / path).read_bytes()
    (folder / path).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TileError) as broken:
        mirror(str(folder), tmp_path / "copy", log.vkey)
    assert broken.value.code == "tile.broken"
    assert path in str(broken.value.where)
    (folder / path).unlink()
    with pytest.raises(TileError) as missing:
        mirror(str(folder), tmp_path / "copy", log.vkey)
    assert missing.value.code == "tile.missing"
    assert path in str(missing.value.where)
    (folder / path).write_bytes(whole)
    assert mirror(str(folder), tmp_path / "copy", log.vkey).new == SIZE


def test_entries_that_were_exchanged_are_named_by_index(source: tuple[Log, Path], tmp_path: Path) -> None:
    log, folder = source
    bundle = folder / "tile/entries/001"
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 300", b"entry 999"))
    with pytest.raises(TileError, match="does not hash") as caught:
        mirror(str(folder), tmp_path / "copy", log.vkey)
    assert caught.value.code == "tile.entry"
    assert "index 300" in str(caught.value.where)


class StoppedError(Exception):
    """Stands for whatever may break a copy off."""


def test_a_copy_that_was_broken_off_goes_on_and_mends_what_was_damaged_meanwhile(
    source: tuple[Log, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, folder = source
    copy = tmp_path / "copy"
    monkeypatch.setattr("adamas.ledger.copying.BATCH", 2)

    def stop(done: int, _total: int) -> None:
        if done >= SIZE:
            raise StoppedError

    with pytest.raises(StoppedError):
        mirror(str(folder), copy, log.vkey, progress=stop)
    assert not (copy / "checkpoint").exists()
    kept = sorted(path for path in files(copy) if path.startswith("tile/"))
    assert len(kept) >= 4
    for path in kept:
        flip(copy / path)
    fetched: list[str] = []

    class Counting(mirror.__globals__["Fetcher"]):  # type: ignore[misc]
        def get(self, path: str, **options: int) -> bytes | None:
            fetched.append(path)
            found: bytes | None = super().get(path, **options)
            return found

    monkeypatch.setattr("adamas.ledger.mirror.Fetcher", Counting)
    assert mirror(str(folder), copy, log.vkey).checkpoint.size == SIZE
    assert set(kept) <= set(fetched), "each damaged file was fetched anew"
    assert {path: files(copy)[path] for path in kept} == {path: files(folder)[path] for path in kept}
    (copy / "checkpoint").unlink()
    fetched.clear()
    mirror(str(folder), copy, log.vkey)
    assert [path for path in fetched if path.startswith("tile/")] == [], "what is sound is not fetched again"


def test_no_place_to_write(published: tuple[Log, Path], tmp_path: Path) -> None:
    log, folder = published
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        mirror(str(folder), tmp_path / "file" / "copy", log.vkey)


# ── another log, or none ────────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_the_logs_own_checkpoint_is_refused(source: tuple[Log, Path], tmp_path: Path) -> None:
    log, folder = source
    copy = tmp_path / "copy"
    body = notes.parse(log.note()).text
    elsewhere = Log(SIZE, origin="log.example/elsewhere")
    stranger = Log(SIZE, seed=7)
    for note in (
        b"",
        b"\xff\n",
        body.encode(),
        f"{body}\n".encode(),
        Note(body, notes.parse(stranger.note()).signatures).to_bytes(),
        stranger.note(),
        elsewhere.note(),
        log.note()[:-3],
    ):
        (folder / "checkpoint").write_bytes(note)
        with pytest.raises(NoteError):
            mirror(str(folder), copy, log.vkey)
        assert files(copy) == {}
    (folder / "checkpoint").unlink()
    with pytest.raises(MirrorError) as caught:
        mirror(str(folder), copy, log.vkey)
    assert caught.value.code == "mirror.empty"


def test_a_folder_with_a_copy_of_another_log_is_left_alone(
    published: tuple[Log, Path], tmp_path: Path
) -> None:
    log, folder = published
    other = Log(10, origin="log.example/other", seed=3)
    other.publish(tmp_path / "other")
    mirror(str(tmp_path / "other"), tmp_path / "copy", other.vkey)
    before = files(tmp_path / "copy")
    with pytest.raises(MirrorError) as caught:
        mirror(str(folder), tmp_path / "copy", log.vkey)
    assert caught.value.code == "mirror.key"
    assert files(tmp_path / "copy") == before


# ── two histories ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("size", "kind"),
    [(SIZE, splitview.SAME_SIZE), (SIZE + 200, splitview.PREFIX), (SIZE - 200, splitview.PREFIX)],
)
def test_a_fork_is_found_with_evidence_that_convicts_without_us(
    published: tuple[Log, Path], tmp_path: Path, size: int, kind: str
) -> None:
    log, folder = published
    copy = tmp_path / "copy"
    mirror(str(folder), copy, log.vkey)
    before = files(copy)
    log.forked(700, size).publish(tmp_path / "fork")
    for _ in range(2):
        with pytest.raises(SplitView) as caught:
            mirror(str(tmp_path / "fork"), copy, log.vkey)
    evidence = sorted((copy / splitview.FOLDER).iterdir())
    assert [str(file) for file in evidence] == [caught.value.where], "found twice, kept once"
    assert {path: data for path, data in files(copy).items() if splitview.FOLDER not in path} == before
    explained = splitview.explain(evidence[0], [log.verifier])
    assert explained.proven
    assert explained.evidence.kind == kind
    assert {checkpoint.size for checkpoint in explained.evidence.checkpoints()} == {SIZE, size}
    # The copy is as good as before, and goes on with the true log.
    assert mirror(str(folder), copy, log.vkey).new == 0


def test_a_fork_without_its_tiles_is_no_reason_to_go_along(
    published: tuple[Log, Path], tmp_path: Path
) -> None:
    """A larger checkpoint of another history whose tiles are the true ones: nothing to prove it with, nothing taken."""
    log, folder = published
    copy = tmp_path / "copy"
    mirror(str(folder), copy, log.vkey)
    before = files(copy)
    grown = Log(SIZE + 50)
    grown.publish(tmp_path / "grown")
    (tmp_path / "grown" / "checkpoint").write_bytes(log.forked(700, SIZE + 50).note())
    with pytest.raises(TileError, match="do not lead to the root"):
        mirror(str(tmp_path / "grown"), copy, log.vkey)
    assert files(copy) == before


def test_a_log_that_shrinks_is_told_and_changes_nothing(published: tuple[Log, Path], tmp_path: Path) -> None:
    log, folder = published
    copy = tmp_path / "copy"
    mirror(str(folder), copy, log.vkey)
    before = files(copy)
    for size in (0, 1, 256, SIZE - 1):
        place = tmp_path / f"small{size}"
        log.publish(place, size)
        with pytest.raises(LogBehind) as caught:
            mirror(str(place), copy, log.vkey)
        assert caught.value.code == "mirror.behind"
        assert files(copy) == before
    empty = sign_checkpoint(Checkpoint(log.origin, 0, bytes(32)), log.key)
    (tmp_path / "small0" / "checkpoint").write_bytes(empty)
    with pytest.raises(AdamasError):  # an empty tree has one root
        mirror(str(tmp_path / "small0"), copy, log.vkey)
    assert {path: data for path, data in files(copy).items() if splitview.FOLDER not in path} == before


def test_an_empty_log_can_be_mirrored_and_grows(tmp_path: Path) -> None:
    log = Log()
    log.publish(tmp_path / "log")
    assert mirror(str(tmp_path / "log"), tmp_path / "copy", log.vkey).checkpoint.root == merkle.EMPTY_ROOT
    log.add(3)
    log.publish(tmp_path / "log")
    assert mirror(str(tmp_path / "log"), tmp_path / "copy", log.vkey).new == 3
    assert open_checkpoint((tmp_path / "copy" / "checkpoint").read_bytes(), log.vkey)[0].size == 3


@pytest.mark.slow
def test_a_tree_of_three_levels(tmp_path: Path) -> None:
    log = Log(70_000)
    log.publish(tmp_path / "log", 65_500)
    mirror(str(tmp_path / "log"), tmp_path / "copy", log.vkey)
    log.publish(tmp_path / "log")
    copied = partial(mirror, str(tmp_path / "log"), tmp_path / "copy", log.vkey)
    assert copied().new == 4_500
    assert {"tile/2/000.p/1", "tile/1/000", "tile/1/001.p/17", "tile/0/273.p/112"} <= set(
        files(tmp_path / "copy")
    )
    assert copied().new == 0

"""Whatever happens to the files of a mirror is named, with the place, and never stops the audit."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.analysis.test_audit import AS_OF, said
from tests.analysis.world import Log, World, make_world, signer, write_log

from adamas.analysis.audit import audit
from adamas.analysis.report import Report
from adamas.ledger.checkpoint import Checkpoint, sign_checkpoint
from adamas.ledger.tiles import decode_bundle, encode_bundle

BW = "adamas.example-log-BW"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """Logs with full tiles: Botswana's has 533 entries."""
    folder = tmp_path_factory.mktemp("logs")
    world = make_world()
    for n in range(265):
        world.salts += 1
        world.validate(world.issue(f"BW{n + 1:07d}", "AE", day=n // 50), day=n // 50)
    world.publish(folder)
    return world, folder


def again(published: tuple[World, Path], folder: Path) -> Report:
    return audit([folder], published[0].trust, as_of=AS_OF, rules=False)


class Damage:
    """Changes a file for the time of a test."""

    def __init__(self, file: Path) -> None:
        self.file, self.data = file, file.read_bytes()

    def __enter__(self) -> Damage:
        return self

    def flip(self, bit: int) -> None:
        """Turns one bit round."""
        data = bytearray(self.data)
        data[bit // 8] ^= 1 << bit % 8
        self.file.write_bytes(data)

    def __exit__(self, *_: object) -> None:
        self.file.write_bytes(self.data)


def test_a_flipped_bit_in_any_file_is_named(published: tuple[World, Path]) -> None:
    draws = random.Random(7)
    folder = published[1]
    assert not again(published, folder / BW).faults
    for file in sorted(file for file in (folder / BW).rglob("*") if file.is_file()):
        with Damage(file) as damage:
            damage.flip(draws.randrange(8 * len(damage.data)))
            report = again(published, folder / BW)
            assert report.exit_code != 0
            if "tile" in file.parts:
                assert any(fault.index is not None for fault in report.faults), file


def test_an_altered_entry_is_named_by_its_index(published: tuple[World, Path]) -> None:
    file = published[1] / BW / "tile/entries/001"
    with Damage(file) as damage:
        entries = decode_bundle(damage.data)
        entries[44] = entries[44][:-3] + bytes(3)
        file.write_bytes(encode_bundle(entries))
        assert said(again(published, published[1])) == {("BW", 256 + 44, "tile.entry")}


def test_an_altered_hash_tile_is_named_and_its_entries_are_believed(published: tuple[World, Path]) -> None:
    file = published[1] / BW / "tile/0/001"
    with Damage(file) as damage:
        damage.flip(8 * 32 * 17)
        assert said(again(published, published[1])) == {("BW", 256 + 17, "tile.altered")}


def test_an_altered_tile_above_is_named(published: tuple[World, Path]) -> None:
    file = published[1] / BW / "tile/1/000.p/2"
    with Damage(file) as damage:
        damage.flip(8 * 32 * 1)
        assert ("BW", 256, "tile.altered") in said(again(published, published[1]))


def test_entry_and_tile_altered_together_are_caught_by_the_root(published: tuple[World, Path]) -> None:
    """Somebody who rewrites history in the mirror makes both agree, and the root gives it away."""
    world, folder = published
    log = world.offices["BW"]
    place = folder / BW
    kept = {file: file.read_bytes() for file in place.rglob("*") if file.is_file()}
    entries = [*log.entries[:400], log.entries[401], *log.entries[401:]]
    write_log(place, log.origin, entries)
    for name in ("checkpoint", "checkpoint.cose"):
        (place / name).write_bytes(kept[place / name])
    try:
        assert ("BW", None, "audit.root") in said(again(published, folder))
    finally:
        for file, data in kept.items():
            file.write_bytes(data)


@pytest.mark.parametrize(
    "name", ["tile/entries/001", "tile/0/001", "tile/1/000.p/2", "tile/entries/002.p/21"]
)
def test_a_missing_tile_is_named(published: tuple[World, Path], name: str) -> None:
    file = published[1] / BW / name
    with Damage(file):
        file.unlink()
        report = again(published, published[1])
        assert {(f.code, f.subject) for f in report.faults if f.code.startswith("tile")} == {
            ("tile.missing", name)
        }


@pytest.mark.parametrize("data", [b"", b"x" * 100_000])
def test_half_written_files_are_named(published: tuple[World, Path], data: bytes) -> None:
    for name in ("tile/entries/001", "tile/0/001", "checkpoint", "vkey", "checkpoint.cose"):
        file = published[1] / BW / name
        with Damage(file):
            file.write_bytes(data)
            assert again(published, published[1] / BW).exit_code not in (0, 2), name


def test_a_hidden_fork_between_two_mirrors_is_found_at_its_first_entry(
    published: tuple[World, Path], tmp_path: Path
) -> None:
    world, folder = published
    log = world.offices["BW"]
    write_log(make(tmp_path / "same"), log.origin, log.entries[:500])
    assert said(audit([folder, tmp_path], world.trust, as_of=AS_OF, rules=False)) == set()
    other = Log(log.origin, log.operator, [*log.entries[:450], log.entries[451], *log.entries[452:520]])
    write_log(make(tmp_path / "fork"), other.origin, other.entries)
    report = audit([folder, tmp_path], world.trust, as_of=AS_OF, rules=False)
    forks = [fault for fault in report.faults if fault.code == "audit.fork"]
    assert len(forks) == 2  # beside the main copy, and beside the shorter honest one
    assert {fault.index for fault in forks} == {450}
    assert all("both signed" in fault.sentence for fault in forks)


def make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def test_a_checkpoint_that_claims_more_entries_than_there_are_ends(published: tuple[World, Path]) -> None:
    """Somebody with the log's key signs a size of a quadrillion: the audit names what is missing, and ends."""
    world, folder = published
    log = world.offices["BW"]
    file = folder / BW / "checkpoint"
    with Damage(file):
        head = Checkpoint(log.origin, 10**15, bytes(32))
        file.write_bytes(sign_checkpoint(head, signer(f"log {log.origin}")))
        report = again(published, folder / BW)
        assert ("BW", 768, "tile.missing") in said(report)
        assert report.statements == 768

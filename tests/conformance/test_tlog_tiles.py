"""Tiles as Go's tlog, Tessera and Sunlight publish them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from adamas.ledger import checkpoint, merkle, note, tiles
from adamas.ledger.cosignature import WitnessKey
from adamas.ledger.errors import TileError
from adamas.ledger.note import VerifierKey
from adamas.ledger.tiles import TileReader

TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "vectors" / "tlog-tiles"


def _fetch(base: Path) -> Any:
    def fetch(path: str) -> bytes | None:
        file = base / path
        return file.read_bytes() if file.is_file() else None

    return fetch


def test_paths_of_go_but_for_their_height(folder: Path) -> None:
    """Go's older form names the tile height in the path; the rest of it is spelt as in tlog-tiles."""
    cases = json.loads((folder / "tile-paths-golang-mod.json").read_text())
    for case in cases["cases"]:
        _, _, rest = case["path"].split("/", 2)
        path = f"tile/{rest.replace('data/', 'entries/')}"
        parsed = tiles.parse_path(path)
        assert (parsed.level, parsed.index) == (case["level"], case["index"])
        assert parsed.width == (case["width"] if ".p/" in path else 256)
        assert str(parsed) == path
    for path in cases["invalid"]:
        with pytest.raises(TileError):
            tiles.parse_path(path)
        _, _, rest = path.split("/", 2)
        with pytest.raises(TileError):
            tiles.parse_path(f"tile/{rest}")


def test_new_tiles_are_as_many_as_go_counts(folder: Path) -> None:
    cases = json.loads((folder / "tile-paths-golang-mod.json").read_text())["new_tiles_height10"]
    # Go leaves out the tiles that are not yet full only when nothing of them is new, as we do.
    for case in cases:
        grown = tiles.new_tiles(case["old"], case["new"], height=10)
        assert len(grown) == case["count"], case


def test_the_whole_log_of_tessera(folder: Path) -> None:
    log = folder / "tessera-log"
    fetch = _fetch(log)
    heads = []
    for size in range(16):
        name = f"checkpoint.{size}"
        head, _ = checkpoint.open_checkpoint((log / name).read_bytes(), TESSERA_KEY)
        assert head.size == size
        heads.append(head)
    newest = TileReader(fetch, 15, trusted_root=heads[15].root)
    leaves = newest.leaf_hashes(0, 15)
    for head in heads:
        reader = TileReader(fetch, head.size, trusted_root=head.root)
        assert reader.root() == head.root
        assert merkle.root(leaves[: head.size]) == head.root
        if head.size:
            entries = list(reader.entries(0, head.size))
            assert [merkle.leaf_hash(entry) for entry in entries] == leaves[: head.size]
            width = head.size
            assert tiles.encode_bundle(entries) == fetch(tiles.entries_path(0, width))
            assert tiles.encode_tile(leaves[:width]) == fetch(tiles.tile_path(0, 0, width))
        for index in range(head.size):
            proof = newest.inclusion_proof(index, head.size)
            merkle.verify_inclusion(index, head.size, leaves[index], proof, head.root)
        proof = newest.consistency_proof(head.size)
        merkle.verify_consistency(head.size, 15, head.root, heads[15].root, proof)


def test_tiles_of_a_real_log_have_the_right_shape(folder: Path) -> None:
    """Navigli 2025h2: four level 0 tiles without a checkpoint, so nothing to verify them by; the partial one
    begins the full.
    """
    fetch = _fetch(folder / "static-ct-navigli2025h2")
    hashes = []
    for index in range(4):
        data = fetch(tiles.tile_path(0, index))
        assert data is not None
        hashes += tiles.decode_tile(data, 256)
    partial = fetch(tiles.tile_path(0, 3, 10))
    assert partial is not None
    assert tiles.decode_tile(partial, 10) == hashes[768:778]
    tree = merkle.CompactRange()
    tree.extend(hashes)
    assert tree.root() == merkle.root(hashes)


def test_a_mirror_of_sunlight_leads_to_its_cosigned_root(folder: Path) -> None:
    """300 leaves, cosigned by the mirror alone. Its entry bundles are placeholders of the source, so they
    must be refused.
    """
    witness = folder / "sunlight-skylight" / "witness"
    key = json.loads((witness / "mirror" / "mirror.v0.json").read_text())["verifier_keys"][0]
    (log,) = [path for path in (witness / "mirror").iterdir() if path.is_dir()]
    head, whole = checkpoint.parse((log / "checkpoint").read_bytes())
    found = WitnessKey.parse(key).find(whole)
    assert found is not None
    assert found.time == int.from_bytes(base64.b64decode("AAAAAGlUZ4A="), "big")
    reader = TileReader(_fetch(log), head.size, trusted_root=head.root)
    proof = reader.inclusion_proof(123)
    merkle.verify_inclusion(123, head.size, reader.leaf_hash(123), proof, head.root)
    with pytest.raises(TileError):
        list(reader.entries(0, 300))


def test_the_tree_head_of_sunlight_verifies_with_its_rfc_6962_key(folder: Path) -> None:
    """Its tiles are placeholders of some twenty bytes (the source tests a web server with them): refused by
    their size.
    """
    tree = folder / "sunlight-skylight" / "tree"
    description = json.loads((tree / "log.v3.json").read_text())
    key = VerifierKey.make(
        description["description"], note.RFC6962_TREE_HEAD, base64.b64decode(description["key"])
    )
    head, _ = checkpoint.open_checkpoint((tree / "checkpoint").read_bytes(), key)
    assert head.size == 300
    with pytest.raises(TileError) as refused:
        TileReader(_fetch(tree), head.size, trusted_root=head.root).leaf_hash(299)
    assert refused.value.code == "tile.broken"

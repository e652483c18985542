"""Inclusion proofs in a tree of a million leaves, from tiles in a local folder.

``proof`` is what a server of proofs does: one reader, which keeps some tiles, and leaves drawn at random.
``proof-alone`` opens a new reader for each proof, as a single call of the command line does. Every tile read is
checked against the root. Beside them stands the proof from all leaf hashes in memory, which is what one does
without tiles.
"""

from __future__ import annotations

import hashlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from adamas.ledger import merkle
from adamas.ledger.tiles import WIDTH, TileReader, encode_tile, new_tiles
from benchmarks.figure import Figure

NAMES = ("proof", "proof-alone")
SIZE = 1_000_000
RUNS = 500


def run(only: str | None) -> list[Figure]:
    """Milliseconds a proof."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="adamas-bench-") as place:
        folder = Path(place)
        leaves, root = _publish(folder)

        def fetch(path: str) -> bytes | None:
            try:
                return (folder / path).read_bytes()
            except FileNotFoundError:
                return None

        reader = TileReader(fetch, SIZE, trusted_root=root)
        whole = _seconds(lambda index: merkle.inclusion_proof(leaves, index), leaves, root, 3) * 1e3
        told = f"from all leaves in memory, {whole:,.0f} ms"
        if only in (None, "proof"):
            each = _seconds(reader.inclusion_proof, leaves, root, RUNS) * 1e3
            figures.append(Figure("proof", each, "ms", told, each / whole, "< 1 ms", each < 1))
        if only in (None, "proof-alone"):
            alone = _seconds(
                lambda index: TileReader(fetch, SIZE, trusted_root=root).inclusion_proof(index),
                leaves,
                root,
                RUNS,
            )
            figures.append(Figure("proof-alone", alone * 1e3, "ms", told, alone * 1e3 / whole))
    return figures


def _publish(folder: Path) -> tuple[list[bytes], bytes]:
    """Writes the hash tiles of a made-up tree; gives its leaves and root."""
    leaves = [hashlib.sha256(b"\x00" + n.to_bytes(8, "big")).digest() for n in range(SIZE)]
    levels = [leaves]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        full = range(0, len(below) // WIDTH * WIDTH, WIDTH)
        levels.append([merkle.root(below[i : i + WIDTH]) for i in full])
    for tile in new_tiles(0, SIZE):
        path = folder / str(tile)
        path.parent.mkdir(parents=True, exist_ok=True)
        low = tile.index * WIDTH
        path.write_bytes(encode_tile(levels[tile.level][low : low + tile.width]))
    return leaves, TileReader(lambda path: (folder / path).read_bytes(), SIZE).root()


def _seconds(prove: Callable[[int], list[bytes]], leaves: list[bytes], root: bytes, runs: int) -> float:
    """Median time of a proof of a leaf drawn at random; each proof is verified."""
    draws = random.Random(11)
    times = []
    for _ in range(runs):
        index = draws.randrange(SIZE)
        begun = time.perf_counter()
        proof = prove(index)
        times.append(time.perf_counter() - begun)
        merkle.verify_inclusion(index, SIZE, leaves[index], proof, root)
    return statistics.median(times)

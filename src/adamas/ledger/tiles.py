"""Tiles and entry bundles: a log as static files (C2SP tlog-tiles), and proofs read back from them.

    tile/<level>/<index>[.p/<width>]   up to 256 hashes: leaves at level 0, above it the roots of full tiles
    tile/entries/<index>[.p/<width>]   up to 256 entries, each after its length in two big-endian bytes

An index is written in groups of three digits, all but the last after an x: 1234067 is ``x001/x234/067``.
Partial tiles (``.p``) hold the right edge of a tree of some size. Worked example: a tree of 70,000 has tiles
0 to 272 full and 273 of width 112 at level 0, tile 0 full and 1 of width 17 at level 1, and tile 0 of width 1
at level 2.

    tile.path tile.missing tile.broken tile.entry-size tile.range tile.root tile.entry
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from adamas.ledger import merkle
from adamas.ledger.errors import ProofError, TileError
from adamas.ledger.merkle import HASH_SIZE, Range

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAX_LEVEL = 63
MAX_ENTRY = 0xFFFF
"""Bytes of one entry: what two bytes of length can say."""
ENTRIES = -1
"""The level by which entry bundles go in a TilePath."""
_CLAUSE = "C2SP tlog-tiles"
_NUMBER = re.compile(r"0|[1-9][0-9]*")
_INDEX = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}")


class TileMissing(TileError):  # noqa: N818 (named like TileBroken and KeyRefused: what happened)
    """A tile or bundle that the tree's size requires is not there."""


class TileBroken(TileError):  # noqa: N818
    """A tile or bundle that is of the wrong size, or that does not hash to what stands above it."""


@dataclass(frozen=True, slots=True, order=True)
class TilePath:
    """Which tile: ``level`` 0 to 63 (or ENTRIES), ``index`` in the level, ``width`` 1 to 256."""

    level: int
    index: int
    width: int = WIDTH

    def __str__(self) -> str:
        if self.level == ENTRIES:
            return entries_path(self.index, self.width)
        return tile_path(self.level, self.index, self.width)

    @property
    def full(self) -> TilePath:
        """The full tile at the same place."""
        return TilePath(self.level, self.index)


def _index_path(index: int, width: int) -> str:
    if index < 0 or not 1 <= width <= WIDTH:
        raise TileError("tile.path", f"There is no tile {index} of width {width}.", clause=_CLAUSE)
    path = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        path = f"x{index % 1000:03d}/{path}"
    return path if width == WIDTH else f"{path}.p/{width}"


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The path of a hash tile below the log's prefix. Raises TileError ``tile.path``."""
    if not 0 <= level <= MAX_LEVEL:
        raise TileError("tile.path", f"There is no tile level {level}.", clause=_CLAUSE)
    return f"tile/{level}/{_index_path(index, width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """The path of an entry bundle below the log's prefix. Raises TileError ``tile.path``."""
    return f"tile/entries/{_index_path(index, width)}"


def parse_path(path: str) -> TilePath:
    """Reads a tile's or bundle's path, in its one spelling. Raises TileError ``tile.path``."""
    try:
        kind, level, rest = path.split("/", 2)
        place, partial, width = rest.partition(".p/")
        if (
            kind == "tile"
            and (level == "entries" or (_NUMBER.fullmatch(level) and int(level) <= MAX_LEVEL))
            and _INDEX.fullmatch(place)
            and len(place) < 100
            and (not partial or (_NUMBER.fullmatch(width) and 1 <= int(width) < WIDTH))
        ):
            parsed = TilePath(
                ENTRIES if level == "entries" else int(level),
                int(place.replace("x", "").replace("/", "")),
                int(width) if partial else WIDTH,
            )
            if str(parsed) == path:
                return parsed
    except ValueError:
        pass
    raise TileError("tile.path", f"“{path[:100]}” is no path of a tile.", clause=_CLAUSE)


def new_tiles(old_size: int, new_size: int, *, height: int = HEIGHT) -> list[TilePath]:
    """The hash tiles to write when a tree grows: all that are new, full or wider.

    ``height`` 8 is that of tlog-tiles.
    """
    if not 0 <= old_size <= new_size:
        raise TileError("tile.range", f"A tree cannot grow from {old_size} to {new_size} leaves.")
    tiles: list[TilePath] = []
    level = 0
    while new_size >> (height * level):
        old, new = old_size >> (height * level), new_size >> (height * level)
        if old != new:
            tiles += [TilePath(level, index, 1 << height) for index in range(old >> height, new >> height)]
            width = new & ((1 << height) - 1)
            if width:
                tiles.append(TilePath(level, new >> height, width))
        level += 1
    return tiles


def new_bundles(old_size: int, new_size: int) -> list[TilePath]:
    """The entry bundles to write when a tree grows; each goes with the level 0 tile of the same index and
    width.
    """
    return [TilePath(ENTRIES, t.index, t.width) for t in new_tiles(old_size, new_size) if t.level == 0]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """One to 256 entries as a bundle. Raises TileError ``tile.entry-size`` or ``tile.range``."""
    if not 1 <= len(entries) <= WIDTH:
        raise TileError(
            "tile.range", f"A bundle has 1 to {WIDTH} entries, not {len(entries)}.", clause=_CLAUSE
        )
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise TileError(
                "tile.entry-size", f"An entry of {len(entry):,} bytes does not fit a bundle.", clause=_CLAUSE
            )
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises TileBroken if it is cut off, empty or has more than 256 entries."""
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at < end:
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > end or at > end:
            raise TileBroken(
                "tile.broken", f"The bundle is cut off in its entry {len(entries)}.", clause=_CLAUSE
            )
        entries.append(data[start:at])
        if len(entries) > WIDTH:
            raise TileBroken("tile.broken", f"The bundle has more than {WIDTH} entries.", clause=_CLAUSE)
    if not entries:
        raise TileBroken("tile.broken", "The bundle is empty.", clause=_CLAUSE)
    return entries


def encode_tile(hashes: Sequence[bytes]) -> bytes:
    """One to 256 hashes as a tile. Raises TileError ``tile.range``."""
    if not 1 <= len(hashes) <= WIDTH or any(len(h) != HASH_SIZE for h in hashes):
        raise TileError("tile.range", f"A tile has 1 to {WIDTH} hashes of 32 bytes.", clause=_CLAUSE)
    return b"".join(hashes)


def decode_tile(data: bytes, width: int) -> list[bytes]:
    """The first ``width`` hashes of a tile of that width or more. Raises TileBroken for any other length."""
    if len(data) % HASH_SIZE or not width * HASH_SIZE <= len(data) <= WIDTH * HASH_SIZE:
        raise TileBroken(
            "tile.broken",
            f"A tile of {width} hashes has {width * HASH_SIZE:,} bytes, not {len(data):,}.",
            clause=_CLAUSE,
        )
    return [data[i : i + HASH_SIZE] for i in range(0, width * HASH_SIZE, HASH_SIZE)]


class TileReader:
    """Reads hashes, entries and proofs of a tree of ``size`` leaves from its published tiles.

    ``fetch`` returns the bytes at a path, or None. A partial tile that is gone is looked for in the full tile
    at the same place. With ``trusted_root`` nothing read is taken on trust: the partial tiles are checked
    against it, and every full tile against the hash that stands for it above. Without it only sizes are
    checked, and ``root()`` tells what the tiles lead to. Raises TileMissing and TileBroken. Not for several
    threads at once.
    """

    def __init__(
        self,
        fetch: Callable[[str], bytes | None],
        size: int,
        *,
        trusted_root: bytes | None = None,
        cached_tiles: int = 256,
    ) -> None:
        if not 0 <= size <= merkle.MAX_SIZE:
            raise TileError("tile.range", f"{size} is no size of a tree.")
        self._fetch = fetch
        self.size = size
        self._trusted_root = trusted_root
        self._edge: dict[int, list[list[bytes]]] = {}
        self._cache: OrderedDict[tuple[int, int], list[list[bytes]]] = OrderedDict()
        self._cached_tiles = max(cached_tiles, 8)

    def leaf_hash(self, index: int) -> bytes:
        """The hash of leaf ``index``."""
        self._check_index(index)
        return self._node(0, index)

    def leaf_hashes(self, start: int, end: int) -> list[bytes]:
        """The hashes of the leaves [start, end)."""
        self._check_range(start, end)
        found: list[bytes] = []
        while start < end:
            tile, offset = divmod(start, WIDTH)
            piece = self._levels(0, tile)[0][offset : offset + end - start]
            found += piece
            start += len(piece)
        return found

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The entries [start, end) in order, each checked against its leaf hash.

        Raises TileBroken ``tile.entry``.
        """
        self._check_range(start, end)
        while start < end:
            index, offset = divmod(start, WIDTH)
            bundle = self.bundle(index)
            piece = bundle[offset : offset + end - start]
            yield from piece
            start += len(piece)

    def bundle(self, index: int) -> list[bytes]:
        """All entries of bundle ``index`` that the tree has, checked against the level 0 tile."""
        width = self._width(0, index)
        path = TilePath(ENTRIES, index, width)
        try:
            entries = decode_bundle(self._bytes(path))
        except TileBroken as error:
            raise TileBroken(error.code, error.sentence, where=str(path), clause=_CLAUSE) from None
        if len(entries) < width:
            raise TileBroken(
                "tile.broken",
                f"The bundle has {len(entries)} entries where {width} are needed.",
                where=str(path),
                clause=_CLAUSE,
            )
        del entries[width:]
        leaves = self._levels(0, index)[0]
        hashes = [merkle.leaf_hash(entry) for entry in entries]
        if hashes != leaves:
            offset = next(
                i for i, (ours, theirs) in enumerate(zip(hashes, leaves, strict=True)) if ours != theirs
            )
            raise TileBroken(
                "tile.entry",
                "The entry does not hash to its leaf in the tree.",
                where=f"{path}, index {index * WIDTH + offset}",
                clause=_CLAUSE,
            )
        return entries

    def tile(self, path: TilePath) -> list[bytes]:
        """The hashes of a tile, as many as the tree has there, checked like all that is read here."""
        self._check_range(path.index * WIDTH << (HEIGHT * path.level), self.size)
        return self._levels(path.level, path.index)[0]

    def root(self) -> bytes:
        """The root that the tiles lead to."""
        if not self.size:
            return merkle.EMPTY_ROOT
        return self.range_root(0, self.size)

    def peaks(self) -> list[bytes]:
        """The roots of the tree's complete subtrees, largest first, as ``merkle.CompactRange`` takes them."""
        return [self._subtree(low, high) for low, high in merkle.complete_subtrees(0, self.size)]

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """The audit path of leaf ``index`` in the tree of ``size`` leaves (this one's, if not given)."""
        size = self._older(size)
        if not 0 <= index < size:
            raise ProofError("proof.index", f"There is no leaf {index} in a tree of {size}.")
        return self._range_roots(merkle.inclusion_ranges(index, 0, size))

    def consistency_proof(self, m: int, n: int | None = None) -> list[bytes]:
        """The proof that the tree of ``m`` leaves begins the tree of ``n`` (this one, if not given)."""
        n = self._older(n)
        if not 0 <= m <= n:
            raise ProofError("proof.size", f"A tree of {m} leaves cannot begin a tree of {n}.")
        return self._range_roots(merkle.consistency_ranges(0, m, n)) if m else []

    def range_root(self, start: int, end: int) -> bytes:
        """The root over the leaves [start, end), as it stands in proofs (``start`` aligned to the width)."""
        self._check_range(start, end)
        return merkle.fold([self._subtree(low, high) for low, high in merkle.complete_subtrees(start, end)])

    def _range_roots(self, ranges: Sequence[Range]) -> list[bytes]:
        return [self.range_root(low, high) for low, high in ranges]

    def _subtree(self, start: int, end: int) -> bytes:
        """The root of a complete aligned subtree: one hash inside one tile."""
        return self._node((end - start).bit_length() - 1, start)

    def _node(self, height: int, start: int) -> bytes:
        level, inner = divmod(height, HEIGHT)
        tile, offset = divmod(start >> (HEIGHT * level), WIDTH)
        levels = self._levels(level, tile)
        while len(levels) <= inner:
            levels.append(merkle.pair_up(levels[-1]))
        return levels[inner][offset >> inner]

    def _levels(self, level: int, index: int) -> list[list[bytes]]:
        """A tile's hashes and, as far as they were asked for, the tree levels above them inside the tile."""
        width = self._width(level, index)
        if width < WIDTH:
            return self._edge_tile(TilePath(level, index, width))
        levels = self._cache.get((level, index))
        if levels is not None:
            self._cache.move_to_end((level, index))
            return levels
        path = TilePath(level, index)
        hashes = self._load(path)
        if (
            self._trusted_root is not None
            and merkle.root(hashes) != self._levels(level + 1, index // WIDTH)[0][index % WIDTH]
        ):
            raise TileBroken(
                "tile.root",
                "The tile does not hash to what the tile above says of it.",
                where=str(path),
                clause=_CLAUSE,
            )
        self._cache[level, index] = levels = [hashes]
        if len(self._cache) > self._cached_tiles:
            self._cache.popitem(last=False)
        return levels

    def _edge_tile(self, path: TilePath) -> list[list[bytes]]:
        """A partial tile.

        No tile stands above these: together they make the root, and are checked by it at first use.

        They are kept for the reader's life (one a level), so that what was checked is what is used.
        """
        if self._trusted_root is not None and not self._edge:
            edge = {
                level: [self._load(TilePath(level, (self.size >> (HEIGHT * level)) >> HEIGHT, width))]
                for level in range(MAX_LEVEL // HEIGHT + 1)
                if (width := (self.size >> (HEIGHT * level)) % WIDTH)
            }
            peaks = [
                merkle.root(edge[level][0][low:high])
                for level in sorted(edge, reverse=True)
                for low, high in merkle.complete_subtrees(0, len(edge[level][0]))
            ]
            if merkle.fold(peaks) != self._trusted_root:
                raise TileBroken(
                    "tile.root",
                    f"The tiles of the right edge do not lead to the root of {self.size} leaves.",
                    where=", ".join(
                        str(TilePath(level, (self.size >> (HEIGHT * level)) >> HEIGHT, len(edge[level][0])))
                        for level in sorted(edge)
                    ),
                    clause=_CLAUSE,
                    advice="One of them was altered; compare with another mirror.",
                )
            self._edge = edge
        if path.level not in self._edge:
            self._edge[path.level] = [self._load(path)]
        return self._edge[path.level]

    def _load(self, path: TilePath) -> list[bytes]:
        try:
            return decode_tile(self._bytes(path), path.width)
        except TileBroken as error:
            raise TileBroken(error.code, error.sentence, where=str(path), clause=_CLAUSE) from None

    def _bytes(self, path: TilePath) -> bytes:
        data = self._fetch(str(path))
        if data is None and path.width < WIDTH:
            data = self._fetch(str(path.full))
        if data is None:
            raise TileMissing(
                "tile.missing", "A tile that the tree needs is not there.", where=str(path), clause=_CLAUSE
            )
        return data

    def _width(self, level: int, index: int) -> int:
        """How many hashes of tile ``index`` the tree has at ``level``."""
        return min((self.size >> (HEIGHT * level)) - index * WIDTH, WIDTH)

    def _older(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise ProofError(
                "proof.size", f"A proof in a tree of {size} leaves is asked, {self.size} are published."
            )
        return size

    def _check_index(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise ProofError("proof.index", f"There is no leaf {index} in a tree of {self.size}.")

    def _check_range(self, start: int, end: int) -> None:
        if not 0 <= start <= end <= self.size:
            raise TileError("tile.range", f"[{start}, {end}) is outside a tree of {self.size} leaves.")

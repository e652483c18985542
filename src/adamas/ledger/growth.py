"""Growing a tree in tiles: entries go in, the files of the larger tree come out, with flat memory.

Only full tiles and full bundles are complete for good; the partial ones of the right edge are cut when a tree of a
certain size is to be published (:meth:`Growth.edge`). The cutter holds at most 255 hashes of each level and 255
entries, whatever the size of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from adamas.ledger import merkle
from adamas.ledger.tiles import ENTRIES, HEIGHT, WIDTH, TilePath, TileReader, encode_bundle, encode_tile

File = tuple[str, bytes]


class Growth:
    """A tree of ``size`` leaves at its right edge, to be extended.

    ``edge`` has for each level the hashes of its incomplete tile, ``entries`` the entries of the incomplete bundle.
    """

    def __init__(
        self, size: int = 0, hashes: Sequence[list[bytes]] = (), entries: Sequence[bytes] = ()
    ) -> None:
        self.size = size
        self._hashes = [list(level) for level in hashes]
        self._entries = list(entries)

    @classmethod
    def resume(cls, reader: TileReader, entries: Callable[[int, int], Sequence[bytes]]) -> Growth:
        """The edge of a published tree. ``entries`` gives those of its last bundle; they are checked against the tree.
        Raises TileError, and ValueError if an entry does not hash to its leaf.
        """
        size, hashes, level = reader.size, [], 0
        while size >> (HEIGHT * level):
            nodes = size >> (HEIGHT * level)
            span = 1 << (HEIGHT * level)
            hashes.append(
                [reader.range_root(i * span, (i + 1) * span) for i in range(nodes - nodes % WIDTH, nodes)]
            )
            level += 1
        # The last bundle also if it is full: another database with as many entries must not pass.
        start = (size - 1) // WIDTH * WIDTH if size else 0
        held = list(entries(start, size))
        if [merkle.leaf_hash(entry) for entry in held] != reader.leaf_hashes(start, size):
            raise ValueError("the entries of the last bundle are not those of the tree")
        if size % WIDTH == 0:
            held = []
        return cls(size, hashes, held)

    def extend(self, entries: Sequence[bytes]) -> Iterator[File]:
        """Adds entries; yields the tiles and bundles that become full, in an order in which each can be relied on."""
        for entry in entries:
            self._entries.append(entry)
            if len(self._entries) == WIDTH:
                yield str(TilePath(ENTRIES, self.size // WIDTH)), encode_bundle(self._entries)
                yield from self._add([merkle.leaf_hash(one) for one in self._entries[self._known() :]])
                self._entries = []
            self.size += 1

    def edge(self) -> Iterator[File]:
        """The partial tiles and the partial bundle of the tree as it is now."""
        if self._entries:
            yield str(TilePath(ENTRIES, self.size // WIDTH, len(self._entries))), encode_bundle(self._entries)
        yield from self._add([merkle.leaf_hash(one) for one in self._entries[self._known() :]])
        for level, hashes in enumerate(self._hashes):
            if hashes:
                index = (self.size >> (HEIGHT * level)) // WIDTH
                yield str(TilePath(level, index, len(hashes))), encode_tile(hashes)

    def root(self) -> bytes:
        """The root of the tree as it is now; after :meth:`edge` was read to its end."""
        peaks = [
            merkle.root(hashes[low:high])
            for hashes in reversed(self._hashes)
            for low, high in merkle.complete_subtrees(0, len(hashes))
        ]
        return merkle.fold(peaks)

    def _known(self) -> int:
        """How many of the entries held have their hash in the edge already."""
        return len(self._hashes[0]) if self._hashes else 0

    def _add(self, leaves: Sequence[bytes]) -> Iterator[File]:
        """Adds leaf hashes, never past the end of a tile; yields the tiles that become full."""
        level, fresh = 0, list(leaves)
        while fresh:
            if level == len(self._hashes):
                self._hashes.append([])
            hashes = self._hashes[level]
            hashes += fresh
            if len(hashes) < WIDTH:
                return
            index = self.size // WIDTH >> (HEIGHT * level)
            yield str(TilePath(level, index)), encode_tile(hashes)
            fresh = [merkle.root(hashes)]
            hashes.clear()
            level += 1

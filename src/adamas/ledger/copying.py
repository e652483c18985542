"""Copying a published tree, file by file, each verified before it is written; memory does not grow with the log.

A batch is eight bundles with their tiles. While one is verified, the next is on its way over up to eight lines, and
files of those before are being synced by other threads. What an earlier try left is read from the folder and
verified all the same; what is damaged there is fetched and mended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice

from adamas.ledger.checkpoint import Checkpoint
from adamas.ledger.errors import StorageError
from adamas.ledger.fetch import Fetcher
from adamas.ledger.merkle import HASH_SIZE
from adamas.ledger.storage import DIFFERENT, FolderStorage
from adamas.ledger.tiles import (
    ENTRIES,
    HEIGHT,
    MAX_ENTRY,
    WIDTH,
    TileBroken,
    TilePath,
    TileReader,
    encode_bundle,
    encode_tile,
)

THREADS = 8
"""Files that are fetched at once."""
WRITERS = 3
"""Batches that are written at once; a batch's files are synced side by side by the storage."""
BATCH = 8
"""Bundles that are verified together."""
UNWRITTEN = 64_000_000
"""Bytes that may wait for the disk."""
_TILE_LIMIT = HASH_SIZE * WIDTH
_BUNDLE_LIMIT = WIDTH * (2 + MAX_ENTRY)

File = tuple[str, bytes]
Progress = Callable[[int, int], None]


def limit_of(path: str) -> int:
    """The most bytes that a tile or bundle may have."""
    return _BUNDLE_LIMIT if path.startswith("tile/entries/") else _TILE_LIMIT


def copy_tree(
    place: FolderStorage, fetch: Fetcher, old_size: int, new: Checkpoint, progress: Progress | None = None
) -> None:
    """Writes the tiles and bundles that the tree of ``new`` has and that of ``old_size`` leaves has not.

    All are durable on return. Raises TileError for what does not verify, MirrorError (``fetch.*``), StorageError.
    """
    lines, disk = ThreadPoolExecutor(THREADS), ThreadPoolExecutor(WRITERS)
    try:
        source, writer = _Source(place, fetch, new, lines), _Writer(place, disk)
        for batch, following in _with_next(_parts(_grown(0, old_size, new.size), BATCH)):
            writer.write(source.pairs(batch, following), source.damaged)
            if progress is not None:
                progress(min((batch[-1].index + 1) * WIDTH, new.size), new.size)
        level = 1
        while new.size >> (HEIGHT * level):
            for part in _parts(_grown(level, old_size, new.size), BATCH * THREADS):
                writer.write(source.tiles(part), source.damaged)
            level += 1
        writer.finish()
    finally:
        lines.shutdown(cancel_futures=True)
        disk.shutdown(cancel_futures=True)


def _grown(level: int, old_size: int, new_size: int) -> Iterator[TilePath]:
    """The tiles of a level that are new or wider in the larger tree, one by one."""
    old, new = old_size >> (HEIGHT * level), new_size >> (HEIGHT * level)
    for index in range(old // WIDTH, new // WIDTH):
        yield TilePath(level, index)
    if new % WIDTH and new > old:
        yield TilePath(level, new // WIDTH, new % WIDTH)


class _Source:
    """Verified files of the log, from the folder where it has them, and else from where it is published."""

    def __init__(
        self, place: FolderStorage, fetch: Fetcher, new: Checkpoint, pool: ThreadPoolExecutor
    ) -> None:
        self._place, self._fetch, self._new, self._pool = place, fetch, new, pool
        self._coming: dict[str, Future[tuple[bytes | None, bool]]] = {}
        self._own: set[str] = set()
        self._raw: dict[str, bytes] = {}
        self.damaged: set[str] = set()
        self._reader = self._open()

    def _open(self) -> TileReader:
        return TileReader(self._get, self._new.size, trusted_root=self._new.root, cached_tiles=4 * BATCH)

    def pairs(self, tiles: Sequence[TilePath], following: Sequence[TilePath]) -> list[File]:
        """Some tiles of level 0 with their bundles; those ``following`` are sent for meanwhile."""
        for tile in (*tiles, *following):
            self._expect(str(tile))
            self._expect(str(TilePath(ENTRIES, tile.index, tile.width)))
        return self._verified(lambda: [file for tile in tiles for file in self._pair(tile)])

    def tiles(self, paths: Sequence[TilePath]) -> list[File]:
        """Some tiles of higher levels."""
        return self._verified(lambda: [self._tile(path) for path in paths])

    def _pair(self, tile: TilePath) -> tuple[File, File]:
        path = str(TilePath(ENTRIES, tile.index, tile.width))
        entries = self._reader.bundle(tile.index)
        raw = self._raw.pop(path, b"")
        if len(raw) != 2 * len(entries) + sum(map(len, entries)):  # it came from a wider bundle
            raw = encode_bundle(entries)
        return (path, raw), self._tile(tile)

    def _tile(self, path: TilePath) -> File:
        name = str(path)
        hashes = self._reader.tile(path)
        raw = self._raw.pop(name, b"")
        return name, raw if len(raw) == HASH_SIZE * len(hashes) else encode_tile(hashes)

    def _verified(self, read: Callable[[], list[File]]) -> list[File]:
        """Reads; as long as something is broken and we had files of our own in it, again without those."""
        while True:
            self._own.clear()
            self._raw.clear()
            try:
                return read()
            except TileBroken:
                if self._own <= self.damaged:
                    raise
            self.damaged |= self._own
            self._coming.clear()
            self._reader = self._open()

    def _expect(self, path: str) -> None:
        # A folder is read as quickly as a thread is asked to read it.
        if path not in self._coming and not self._fetch.local:
            self._coming[path] = self._pool.submit(self._read, path)

    def _get(self, path: str) -> bytes | None:
        coming = self._coming.pop(path, None)
        data, own = coming.result() if coming is not None else self._read(path)
        if own:
            self._own.add(path)
        if data is not None:
            self._raw[path] = data
        return data

    def _read(self, path: str) -> tuple[bytes | None, bool]:
        """The bytes at a path, and whether they are our own."""
        if path not in self.damaged:
            here = self._place.get(path)
            if here is not None:
                return here, True
        return self._fetch.get(path, limit=limit_of(path)), False


class _Writer:
    """Writes verified files beside the reading."""

    def __init__(self, place: FolderStorage, pool: ThreadPoolExecutor) -> None:
        self._place, self._pool = place, pool
        self._writing: dict[Future[None], int] = {}

    def write(self, files: Sequence[File], damaged: Iterable[str]) -> None:
        """Hands files over; waits while too much is waiting already. Raises the StorageError of an earlier one."""
        bad = set(damaged)
        size = sum(len(data) for _, data in files)
        while self._writing and sum(self._writing.values()) + size > UNWRITTEN:
            self._collect()
        self._writing[self._pool.submit(self._store, files, bad)] = size
        if len(self._writing) > 4 * WRITERS:
            self._collect()

    def finish(self) -> None:
        """Returns when all is durable."""
        while self._writing:
            self._collect()

    def _collect(self) -> None:
        done, _ = wait(self._writing, return_when="FIRST_COMPLETED")
        for future in done:
            del self._writing[future]
            future.result()

    def _store(self, files: Sequence[File], damaged: set[str]) -> None:
        if not any(path in damaged for path, _ in files):
            try:
                self._place.create_all(files)
            except StorageError as error:
                if error.code != DIFFERENT:
                    raise
            else:
                return
        for path, data in files:
            before = self._place.get(path)
            if before is not None and before != data:
                self._place.swap(path, data, before)
            else:
                self._place.create(path, data)


def _parts(items: Iterator[TilePath], count: int) -> Iterator[list[TilePath]]:
    while part := list(islice(items, count)):
        yield part


def _with_next(parts: Iterator[list[TilePath]]) -> Iterator[tuple[list[TilePath], list[TilePath]]]:
    """Each part with the one after it (none after the last)."""
    part = next(parts, None)
    while part is not None:
        after = next(parts, None)
        yield part, after or []
        part = after

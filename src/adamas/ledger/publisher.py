"""Publishing: durable entries become tiles, bundles and a signed checkpoint that anyone can fetch.

The order, and why a crash between any two steps harms nothing:

    1. full and partial tiles and bundles of the new tree      immutable, durable, nobody looks at them yet
    2. the checkpoint is signed                                Ed25519: the same bytes each time
    3. witnesses cosign                                        they may remember a size that is not out yet
    4. `checkpoint` is swapped                                 from here on the new tree is public
    5. `checkpoint.cose`                                       the receipt signature of the same root

Whoever starts again reads what is out, checks that the entries still lead to it, and does the same steps:
immutable files are there already with the same bytes. What is published was read from committed
transactions, so nothing is published that is not durable. Two publishers at once meet at the swap: one
wins, the other sees it and goes on from there.

A published file never changes, so one that the disk has damaged stops the publisher (``publish.damaged``,
``storage.different``) rather than being written over in silence; `Publisher.mend` puts it back once the
entries are known to lead to the root that was signed.

    publish.behind publish.diverged publish.signature publish.damaged publish.busy
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from adamas.ledger.errors import LedgerError, NoteError, PublishError, StorageError, TileError
from adamas.ledger.growth import File, Growth
from adamas.ledger.keys import Signer
from adamas.ledger.merkle import EMPTY_ROOT, HASH_SIZE
from adamas.ledger.note import Note, NoteSigner
from adamas.ledger.receipt import sign_root
from adamas.ledger.storage import CONFLICT, Storage
from adamas.ledger.tiles import ENTRIES, WIDTH, TilePath, TileReader, decode_bundle, encode_bundle, parse_path

BATCH = 8_192
"""Entries read at once."""
CHECKPOINT, RECEIPT = "checkpoint", "checkpoint.cose"
_TURNS = 20
Cosign = Callable[[bytes, int], bytes]
"""Takes a signed checkpoint and the size published before; gives it back with the witnesses' lines that came."""


class Publisher:
    """Publishes one log. ``read(start, end)`` and ``size()`` look at durable (committed) entries only."""

    def __init__(
        self,
        origin: str,
        log_key: Signer,
        storage: Storage,
        read: Callable[[int, int], Sequence[bytes]],
        size: Callable[[], int],
    ) -> None:
        self.origin = origin
        self._signer = NoteSigner(origin, log_key)
        self._key = log_key
        self._storage = storage
        self._read = read
        self._size = size

    def publish(self, cosign: Cosign | None = None) -> Checkpoint:
        """Publishes every entry that is durable now; asks witnesses by ``cosign``, also again for what is
        out already.

        Raises PublishError if what is out is damaged or no beginning of the log, StorageError if the place
        fails.
        """
        for _ in range(_TURNS):
            try:
                return self._turn(cosign)
            except StorageError as error:
                if error.code != CONFLICT:
                    raise
        raise PublishError(
            "publish.busy", "Other publishers of this log were always first.", advice="Try again."
        )

    def mend(self) -> list[str]:
        """Puts damaged and missing tiles, bundles and `checkpoint.cose` back from the entries; their paths.

        Only if the entries lead to the published root: else nothing is touched and PublishError
        ``publish.diverged`` says so. Reads everything that is published.
        """
        old, note = self._published(self._storage.get(CHECKPOINT))
        size = self._durable(old)
        growth = Growth()
        for _ in self._files(growth, old.size):
            pass  # first only the root is wanted
        if growth.root() != old.root:
            raise self._diverged(old)
        mended: list[str] = []
        partials = self._partials()
        growth = Growth()
        for path, data in self._files(growth, old.size):
            self._put_back(path, data, mended)
            for narrower, begins in _narrower(path, data, partials):
                self._put_back(narrower, begins, mended)
        for path, data in self._files(growth, size):
            if self._storage.exists(path):
                # Nobody was promised these yet; left as they are they would stop the next publication.
                self._put_back(path, data, mended)
        if note is not None and self._storage.get(RECEIPT) != self._sign_root(old):
            self._receipt(old)
            mended.append(RECEIPT)
        return mended

    def _put_back(self, path: str, data: bytes, mended: list[str]) -> None:
        found = self._storage.get(path)
        if found != data:
            self._storage.swap(path, data, found)
            mended.append(path)

    def _partials(self) -> dict[tuple[int, int], list[int]]:
        """The widths of all partial tiles and bundles that are there, by level and index."""
        widths: dict[tuple[int, int], list[int]] = {}
        for path in self._storage.list("tile/"):
            with suppress(TileError):
                tile = parse_path(path)
                if tile.width < WIDTH:
                    widths.setdefault((tile.level, tile.index), []).append(tile.width)
        return widths

    def _turn(self, cosign: Cosign | None) -> Checkpoint:
        published = self._storage.get(CHECKPOINT)
        old, note = self._published(published)
        size = self._durable(old)
        growth = self._resume(old)
        new, signed = old, note
        if signed is None or size > old.size:
            self._storage.create_all(self._files(growth, size))
            new = Checkpoint(self.origin, size, growth.root())
            signed = notes.parse(sign_checkpoint(new, self._signer))
        if cosign is not None:
            signed = self._with_lines(signed, notes.parse(cosign(signed.to_bytes(), old.size)))
        data = signed.to_bytes()
        if data != published:
            self._storage.swap(CHECKPOINT, data, published)
        self._receipt(new)
        return new

    def _published(self, data: bytes | None) -> tuple[Checkpoint, Note | None]:
        if data is None:
            return Checkpoint(self.origin, 0, EMPTY_ROOT), None
        try:
            return open_checkpoint(data, self._signer.vkey, origin=self.origin)
        except NoteError as error:
            raise PublishError(
                "publish.signature",
                f"The checkpoint that is out is not one of this log and key: {error.sentence}",
                where=self.origin,
                advice="Is this the right place to publish to? If so, the file was altered: put it back from a mirror.",
            ) from error

    def _durable(self, old: Checkpoint) -> int:
        size = self._size()
        if old.size > size:
            raise PublishError(
                "publish.behind",
                f"{old.size:,} entries are published, and only {size:,} are in the database.",
                where=self.origin,
                advice="The database is older than what is out: restore a newer backup, or the published entries.",
            )
        return size

    def _resume(self, old: Checkpoint) -> Growth:
        """The right edge of what is out, checked against the signed root and against the newest entries."""
        try:
            return Growth.resume(TileReader(self._storage.get, old.size, trusted_root=old.root), self._read)
        except ValueError:
            raise self._diverged(old) from None
        except StorageError:
            raise
        except LedgerError as error:
            raise PublishError(
                "publish.damaged",
                f"What is published cannot be continued: {error.sentence}",
                where=error.where or self.origin,
                advice="Run `adamas log fsck`; mend the log from its entries, or put the file back from a mirror.",
            ) from error

    def _diverged(self, old: Checkpoint) -> PublishError:
        return PublishError(
            "publish.diverged",
            f"The database's entries before {old.size:,} are not those that are published.",
            where=self.origin,
            advice="It is another database, or a restored one in which other statements were logged since.",
        )

    def _files(self, growth: Growth, size: int) -> Iterator[File]:
        """The files by which the tree grows to ``size`` leaves, made while the entries are read."""
        while growth.size < size:
            start, end = growth.size, min(growth.size + BATCH, size)
            raws = self._read(start, end)
            if len(raws) != end - start:
                raise PublishError(
                    "publish.behind",
                    f"Of the entries {start:,} to {end:,} only {len(raws):,} are in the database.",
                    where=self.origin,
                    advice="The database was damaged: restore it from a backup, or from the published log.",
                )
            yield from growth.extend(raws)
        yield from growth.edge()

    def _with_lines(self, note: Note, answer: Note) -> Note:
        """The note with the witnesses' lines of ``answer``. A line that is out is never lost; the witnesses'
        newer word under the same key takes its place (that is how one that the disk damaged is mended).
        """
        if answer.text != note.text:
            return note
        mine = (self._signer.name, self._signer.key_id)
        lines = {(s.name, s.key_id): s for s in note.signatures}
        lines.update({key: s for s in answer.signatures if (key := (s.name, s.key_id)) != mine})
        return Note(note.text, tuple(lines.values()))

    def _sign_root(self, checkpoint: Checkpoint) -> bytes:
        return sign_root(self._key, self.origin, checkpoint.size, checkpoint.root)

    def _receipt(self, checkpoint: Checkpoint) -> None:
        """Brings ``checkpoint.cose`` in step with what is out, also where another publisher was faster.

        Whoever writes looks again afterwards, so the last to write has written of the last checkpoint.
        """
        for _ in range(_TURNS):
            wanted = self._sign_root(checkpoint)
            there = self._storage.get(RECEIPT)
            try:
                if there != wanted:
                    self._storage.swap(RECEIPT, wanted, there)
            except StorageError as error:
                if error.code != CONFLICT:
                    raise
            else:
                now, _ = self._published(self._storage.get(CHECKPOINT))
                if now == checkpoint:
                    return
                checkpoint = now


def _narrower(path: str, data: bytes, partials: Mapping[tuple[int, int], Sequence[int]]) -> Iterator[File]:
    """The partial files of earlier sizes at the same place, as they should be."""
    tile = parse_path(path)
    for width in partials.get((tile.level, tile.index), ()):
        if width < tile.width:
            begins = (
                encode_bundle(decode_bundle(data)[:width])
                if tile.level == ENTRIES
                else data[: width * HASH_SIZE]
            )
            yield str(TilePath(tile.level, tile.index, width)), begins

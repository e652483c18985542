"""Publishing: durable entries become tiles, bundles and a signed checkpoint that anyone can fetch.

The order, and why a crash between any two steps harms nothing:

    1. full and partial tiles and bundles of the new tree      immutable, durable, nobody looks at them yet
    2. the checkpoint is signed                                Ed25519: the same bytes each time
    3. witnesses cosign                                        they may remember a size that is not out yet
    4. `checkpoint` is swapped                                 from here on the new tree is public
    5. `checkpoint.cose`                                       the receipt signature of the same root

Whoever starts again reads what is out, checks that the entries still lead to it, and does the same steps: immutable
files are there already with the same bytes. What is published was read from committed transactions, so nothing is
published that is not durable. Two publishers at once meet at the swap: one wins, the other sees it and goes on from
there.

    publish.behind publish.diverged publish.signature publish.busy
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from adamas.ledger.errors import LedgerError, NoteError, PublishError, StorageError
from adamas.ledger.growth import File, Growth
from adamas.ledger.keys import Signer
from adamas.ledger.note import Note, NoteSigner
from adamas.ledger.receipt import sign_root
from adamas.ledger.storage import CONFLICT, Storage
from adamas.ledger.tiles import TileReader

BATCH = 8_192
"""Entries read at once."""
CHECKPOINT, RECEIPT = "checkpoint", "checkpoint.cose"
_TURNS = 20
Cosign = Callable[[bytes, int], bytes]
"""Takes a signed checkpoint and the size published before; gives it back with the witnesses' lines that came."""


class Publisher:
    """Publishes one log. ``read(start, end)`` and ``size()`` look at durable entries only."""

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
        """Publishes every entry that is durable now; asks witnesses by ``cosign``, also again for what is out already.

        Raises PublishError if what is out is not a beginning of the log, StorageError if the place fails.
        """
        for _ in range(_TURNS):
            try:
                return self._turn(cosign)
            except StorageError as error:
                if error.code != CONFLICT:
                    raise
        raise PublishError("publish.busy", "Other publishers of this log were always first.", advice="Try again.")

    def _turn(self, cosign: Cosign | None) -> Checkpoint:
        published = self._storage.get(CHECKPOINT)
        old, note = self._published(published)
        size = self._size()
        if old.size > size:
            raise PublishError(
                "publish.behind",
                f"{old.size:,} entries are published, and only {size:,} are in the database.",
                where=self.origin,
                advice="The database is older than what is out: restore a newer backup, or the published entries.",
            )
        new, signed = old, note
        if signed is None or size > old.size:
            new = Checkpoint(self.origin, size, self._grow(old, size))
            signed = notes.parse(sign_checkpoint(new, self._signer))
        if cosign is not None:
            signed = signed.with_signatures(notes.parse(cosign(signed.to_bytes(), old.size)).signatures)
        data = signed.to_bytes()
        if data != published:
            self._storage.swap(CHECKPOINT, data, published)
        self._receipt(new)
        return new

    def _published(self, data: bytes | None) -> tuple[Checkpoint, Note | None]:
        from adamas.ledger.merkle import EMPTY_ROOT

        if data is None:
            return Checkpoint(self.origin, 0, EMPTY_ROOT), None
        try:
            checkpoint, _ = open_checkpoint(data, self._signer.vkey, origin=self.origin)
        except NoteError as error:
            raise PublishError(
                "publish.signature",
                f"The checkpoint that is out is not one of this log and key: {error.sentence}",
                where=self.origin,
                advice="Is this the right place to publish to? If so, the file was altered: compare with a mirror.",
            ) from error
        return checkpoint, notes.parse(data)

    def _grow(self, old: Checkpoint, size: int) -> bytes:
        """Writes the files of the tree of ``size`` leaves; its root."""
        reader = TileReader(self._storage.get, old.size, trusted_root=old.root)
        try:
            growth = Growth.resume(reader, self._read)
        except ValueError:
            raise PublishError(
                "publish.diverged",
                f"The database's entries before {old.size:,} are not those that are published.",
                where=self.origin,
                advice="It is another database, or a restored one in which other statements were logged since.",
            ) from None
        except LedgerError as error:
            raise PublishError(
                "publish.damaged",
                f"What is published cannot be continued: {error.sentence}",
                where=error.where or self.origin,
                advice="Run `adamas log check`; put the file back from a mirror, then publish again.",
            ) from error
        start = old.size
        while start < size:
            end = min(start + BATCH, size)
            raws = self._read(start, end)
            if len(raws) != end - start:
                raise PublishError("publish.behind", f"Entries {start:,} to {end:,} are missing from the database.")
            files: Iterator[File] = growth.extend(raws)
            self._storage.create_all(chain(files, growth.edge()) if end == size else files)
            start = end
        return growth.root()

    def _receipt(self, checkpoint: Checkpoint) -> None:
        """Brings ``checkpoint.cose`` in step; one that a slower publisher would set back is left as it is."""
        wanted = sign_root(self._key, self.origin, checkpoint.size, checkpoint.root)
        there = self._storage.get(RECEIPT)
        if there != wanted:
            try:
                self._storage.swap(RECEIPT, wanted, there)
            except StorageError as error:
                if error.code != CONFLICT:
                    raise

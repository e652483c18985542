"""A mirror: another's log, copied and verified on the way, and itself a published log in the same layout.

    checkpoint              the log's newest signed checkpoint that was verified here; written last
    checkpoint.cose         the log's receipt signature of the same root, if it publishes one
    checkpoints/<size>      each checkpoint that was mirrored: when which part was witnessed
    vkey                    the log's verifier key
    tile/…                  tiles and entry bundles
    split-view/*.txt        evidence, if the log ever showed two histories

Nothing is taken on trust: tiles are checked against the signed root, entries against their tiles, and the tree against
the checkpoint held before. A copy that was broken off goes on where it was: what is on disk is verified like what comes
over the line, and fetched again only if it is missing or damaged.

    mirror.empty mirror.behind mirror.split-view mirror.damaged mirror.key
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from adamas.ledger import note as notes
from adamas.ledger import splitview
from adamas.ledger.checkpoint import Checkpoint, open_checkpoint
from adamas.ledger.errors import LedgerError, MirrorError, SplitView, StorageError
from adamas.ledger.fetch import Fetcher
from adamas.ledger.growth import File, Growth
from adamas.ledger.note import VerifierKey
from adamas.ledger.policy import CheckpointResult, Policy
from adamas.ledger.receipt import parse as parse_receipt
from adamas.ledger.storage import FolderStorage
from adamas.ledger.tiles import WIDTH, TileBroken, TileReader

BATCH = 16 * WIDTH
CHECKPOINT, RECEIPT, VKEY, HISTORY = "checkpoint", "checkpoint.cose", "vkey", "checkpoints"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class MirrorResult:
    """What a mirror has now: its checkpoint, how many entries were new, and what the policy says (None: none given)."""

    checkpoint: Checkpoint
    new: int
    policy: CheckpointResult | None = None


def mirror(
    url: str, directory: Path | str, vkey: str, policy: Policy | None = None, progress: Progress | None = None
) -> MirrorResult:
    """Copies a log, or catches up with it. ``progress(done, total)`` counts entries.

    Raises MirrorError (``fetch.*`` too), TileError for a file that does not verify, NoteError for a checkpoint that
    is not the log's, SplitView when two signed checkpoints exclude one another (the evidence is saved first).
    """
    key = VerifierKey.parse(vkey)
    place = FolderStorage(directory)
    with Fetcher(url) as fetch:
        data = fetch.get(CHECKPOINT)
        if data is None:
            raise MirrorError("mirror.empty", "No log is published there yet.", where=url)
        checkpoint, _ = open_checkpoint(data, key, origin=key.name)
        held = _held(place, key)
        result = policy.evaluate_checkpoint(data) if policy is not None else None
        if held is not None:
            _compare(place, fetch, key, held, data, checkpoint)
        if held is not None and checkpoint.size <= held[0].size:
            _keep_signatures(place, held, data, checkpoint)
            return MirrorResult(held[0], 0, result)
        old = held[0].size if held else 0
        _copy(place, fetch, held[0] if held else None, checkpoint, progress)
        receipt = fetch.get(RECEIPT)
    _finish(place, key, data, held[1] if held else None, checkpoint, receipt)
    return MirrorResult(checkpoint, checkpoint.size - old, result)


Held = tuple[Checkpoint, bytes]


def _held(place: FolderStorage, key: VerifierKey) -> Held | None:
    data = place.get(CHECKPOINT)
    if data is None:
        return None
    try:
        return open_checkpoint(data, key, origin=key.name)[0], data
    except LedgerError as error:
        raise MirrorError(
            "mirror.key",
            f"This folder holds something else than a copy of {key.name} with this key: {error.sentence}",
            where=str(place.directory),
            advice="Mirror into another folder.",
        ) from error


def _compare(
    place: FolderStorage, fetch: Fetcher, key: VerifierKey, held: Held, data: bytes, checkpoint: Checkpoint
) -> None:
    """Raises SplitView unless one of the two signed trees begins the other."""
    ours, note = held
    if checkpoint.size == ours.size:
        if checkpoint.root != ours.root:
            _convict(place, splitview.of_same_size(note, data, [key], found_by="a mirror", found_at=int(time.time())))
        return
    if checkpoint.size > ours.size:
        smaller, larger, root, get = note, data, ours.root, fetch.get
        reader = TileReader(get, checkpoint.size, trusted_root=checkpoint.root)
        size = ours.size
    else:
        smaller, larger, root = data, note, checkpoint.root
        reader = TileReader(place.get, ours.size, trusted_root=ours.root)
        size = checkpoint.size
    if not size:
        return
    prefix = reader.range_root(0, size)
    if prefix != root:
        evidence = splitview.of_prefix(
            smaller, larger, prefix, reader.consistency_proof(size), [key], found_by="a mirror", found_at=int(time.time())
        )
        _convict(place, evidence)


def _convict(place: FolderStorage, evidence: splitview.Evidence) -> None:
    """Saves the evidence, then raises SplitView."""
    file = splitview.save(place.directory, evidence)
    first, second = evidence.checkpoints()
    raise SplitView(
        "mirror.split-view",
        f"The log {first.origin} signed two histories: one of {first.size:,} entries, and one of {second.size:,} that "
        "does not agree with it.",
        where=str(file),
        advice="Keep that file and show it: adamas witness split-view FILE. Nothing of this mirror was changed.",
    )


def _keep_signatures(place: FolderStorage, held: Held, data: bytes, checkpoint: Checkpoint) -> None:
    """A checkpoint of the same size may have more cosignatures by now; an older one changes nothing."""
    ours, note = held
    if checkpoint.size != ours.size:
        return
    merged = notes.parse(note).with_signatures(notes.parse(data).signatures).to_bytes()
    if merged != note:
        place.swap(CHECKPOINT, merged, note)
        _remember(place, checkpoint.size, merged)


def _copy(
    place: FolderStorage, fetch: Fetcher, old: Checkpoint | None, new: Checkpoint, progress: Progress | None
) -> None:
    """Writes every tile and bundle of the new tree that is not here yet."""
    size = old.size if old else 0
    own = TileReader(place.get, size, trusted_root=old.root if old else None)
    try:
        growth = Growth.resume(own, lambda start, end: list(own.entries(start, end)))
    except LedgerError as error:
        raise MirrorError(
            "mirror.damaged",
            f"The copy held here is damaged: {error.sentence}",
            where=f"{place.directory}: {error.where}",
            advice="Mirror into a new folder, or put the damaged file back.",
        ) from error
    source = _Source(place, fetch, new)
    while growth.size < new.size:
        entries = source.entries(growth.size, min(growth.size - growth.size % WIDTH + BATCH, new.size))
        files = growth.extend(entries)
        _write(place, files)
        if growth.size == new.size:
            _write(place, growth.edge())
        if progress is not None:
            progress(growth.size, new.size)
    if new.size > size and growth.root() != new.root:
        raise MirrorError("mirror.damaged", "The copy does not lead to the signed root.", where=str(place.directory))


class _Source:
    """Verified entries of the log: full tiles and bundles that an earlier try left here are read from here.

    What was read here and does not verify was damaged here: it is fetched then.
    """

    def __init__(self, place: FolderStorage, fetch: Fetcher, new: Checkpoint) -> None:
        self._place, self._fetch = place, fetch
        self._use_own = True
        self._used_own = False
        self._new = new
        self._reader = self._open()

    def _open(self) -> TileReader:
        return TileReader(self._get, self._new.size, trusted_root=self._new.root)

    def entries(self, start: int, end: int) -> list[bytes]:
        """The entries [start, end). Raises TileError, MirrorError."""
        try:
            return list(self._reader.entries(start, end))
        except TileBroken:
            if not self._used_own:
                raise
        self._use_own, self._used_own, self._reader = False, False, self._open()
        return list(self._reader.entries(start, end))

    def _get(self, path: str) -> bytes | None:
        if self._use_own and ".p/" not in path:
            here = self._place.get(path)
            if here is not None:
                self._used_own = True
                return here
        return self._fetch.get(path)


def _write(place: FolderStorage, files: Iterable[File]) -> None:
    """Writes verified files; one that is here with other bytes was damaged here, and is mended."""
    held = []
    for path, data in files:
        before = place.get(path)
        if before is not None and before != data:
            place.swap(path, data, before)
        elif before is None:
            held.append((path, data))
    place.create_all(held)


def _finish(
    place: FolderStorage, key: VerifierKey, data: bytes, before: bytes | None, new: Checkpoint, receipt: bytes | None
) -> None:
    with contextlib.suppress(StorageError):
        place.create(VKEY, f"{key.vkey}\n".encode())
    _remember(place, new.size, data)
    place.swap(CHECKPOINT, data, before)
    if receipt is not None and _signs(receipt, new, key):
        place.swap(RECEIPT, receipt, place.get(RECEIPT))


def _remember(place: FolderStorage, size: int, note: bytes) -> None:
    path = f"{HISTORY}/{size}"
    before = place.get(path)
    if before != note:
        place.swap(path, note, before)


def _signs(receipt: bytes, checkpoint: Checkpoint, key: VerifierKey) -> bool:
    try:
        return parse_receipt(receipt).signs(checkpoint.root, key.public_key)
    except LedgerError:
        return False

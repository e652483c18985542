"""A mirror: another's log, copied and verified on the way, and itself a published log in the same layout.

    checkpoint              the log's newest signed checkpoint that was verified here; written last
    checkpoint.cose         the log's receipt signature of the same root, if it publishes one
    checkpoints/<size>      each checkpoint that was mirrored: when which part was witnessed
    vkey                    the log's verifier key
    tile/…                  tiles and entry bundles
    split-view/*.txt        evidence, if the log ever showed two histories

Nothing is taken on trust: tiles are checked against the signed root, entries against their tiles, and the tree
against the checkpoint held before. A copy that was broken off goes on where it was: what is on disk is verified like
what comes over the line, and fetched again only if it is missing or damaged.

The order of writing: tiles and bundles, ``vkey``, ``checkpoints/<size>``, ``checkpoint``, ``checkpoint.cose``; each
is durable before the next. So whoever reads ``checkpoint`` finds all that it speaks of, at any moment.

    mirror.empty mirror.root mirror.behind mirror.split-view mirror.key
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adamas.ledger import note as notes
from adamas.ledger import splitview
from adamas.ledger.checkpoint import Checkpoint, open_checkpoint
from adamas.ledger.copying import Progress, copy_tree, limit_of
from adamas.ledger.errors import LedgerError, LogBehind, MirrorError, SplitView, StorageError
from adamas.ledger.fetch import Fetcher
from adamas.ledger.merkle import EMPTY_ROOT
from adamas.ledger.note import VerifierKey
from adamas.ledger.policy import CheckpointResult, Policy
from adamas.ledger.receipt import parse as parse_receipt
from adamas.ledger.storage import FolderStorage
from adamas.ledger.tiles import TileReader

CHECKPOINT, RECEIPT, VKEY, HISTORY = "checkpoint", "checkpoint.cose", "vkey", "checkpoints"
MAX_RECEIPT = 64 * 1024
_RECEIPT_WAITS = (0.1, 0.2, 0.0)
"""Seconds between looks at a receipt that is not of the checkpoint yet."""


@dataclass(frozen=True, slots=True)
class MirrorResult:
    """What a mirror has now: its checkpoint, how many entries were new, and what the policy says (None: none given)."""

    checkpoint: Checkpoint
    new: int
    policy: CheckpointResult | None = None


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A signed checkpoint, read, and its bytes."""

    checkpoint: Checkpoint
    note: bytes


def mirror(
    url: str, directory: Path | str, vkey: str, policy: Policy | None = None, progress: Progress | None = None
) -> MirrorResult:
    """Copies a log, or catches up with it. ``progress(done, total)`` counts entries.

    Raises MirrorError (``fetch.*`` too), TileError for a file that does not verify, NoteError for a checkpoint that
    is not the log's or has a cosignature that does not hold, SplitView when two signed checkpoints exclude one another
    (the evidence is saved first), StorageError if the disk fails. Whatever is raised, what the mirror had before it
    still has.
    """
    key = VerifierKey.parse(vkey)
    place = FolderStorage(directory)
    held = _held(place, key)
    with Fetcher(url) as fetch:
        shown = _shown(fetch, key)
        if held is not None:
            _compare(place, fetch, key, held, shown)
        result = policy.evaluate_checkpoint(shown.note) if policy is not None else None
        old = held.checkpoint.size if held is not None else 0
        if held is not None and shown.checkpoint.size == old:
            note = _merged(held.note, shown.note, policy)
            result = policy.evaluate_checkpoint(note) if policy is not None else None
        else:
            copy_tree(place, fetch, old, shown.checkpoint, progress)
            note = shown.note
        _drop_receipt(place, key, shown.checkpoint)
        _write(place, key, note, held, shown.checkpoint)
        _take_receipt(place, fetch, key, shown.checkpoint)
    return MirrorResult(shown.checkpoint, shown.checkpoint.size - old, result)


def _held(place: FolderStorage, key: VerifierKey) -> _Sighting | None:
    note = place.get(CHECKPOINT)
    if note is None:
        return None
    try:
        return _Sighting(open_checkpoint(note, key, origin=key.name)[0], note)
    except LedgerError as error:
        raise MirrorError(
            "mirror.key",
            f"This folder holds something else than a copy of {key.name} with this key: {error.sentence}",
            where=str(place.directory),
            advice="Mirror into another folder.",
        ) from error


def _shown(fetch: Fetcher, key: VerifierKey) -> _Sighting:
    note = fetch.get(CHECKPOINT, limit=notes.MAX_SIZE)
    if note is None:
        raise MirrorError("mirror.empty", "No log is published there yet.", where=fetch.url)
    checkpoint = open_checkpoint(note, key, origin=key.name)[0]
    if not checkpoint.size and checkpoint.root != EMPTY_ROOT:
        # No tile would ever contradict it, and what grows from there could not be compared with it.
        raise MirrorError(
            "mirror.root",
            "The log signed a root for no entries that is not that of an empty tree.",
            where=fetch.url,
            advice="Keep the checkpoint and ask the log's operator.",
        )
    return _Sighting(checkpoint, note)


def _compare(
    place: FolderStorage, fetch: Fetcher, key: VerifierKey, held: _Sighting, shown: _Sighting
) -> None:
    """Raises SplitView unless one of the two signed trees begins the other; LogBehind if the one shown is smaller."""
    ours, theirs = held.checkpoint, shown.checkpoint
    if theirs.size == ours.size:
        if theirs.root != ours.root:
            evidence = splitview.of_same_size(
                held.note, shown.note, [key], found_by="a mirror", found_at=int(time.time())
            )
            _convict(place, evidence)
        return
    if theirs.size > ours.size:
        smaller, larger = held, shown
        reader = TileReader(
            lambda path: fetch.get(path, limit=limit_of(path)), theirs.size, trusted_root=theirs.root
        )
    else:
        smaller, larger = shown, held
        reader = TileReader(place.get, ours.size, trusted_root=ours.root)
    size, root = smaller.checkpoint.size, smaller.checkpoint.root
    prefix = reader.range_root(0, size) if size else EMPTY_ROOT
    if prefix != root:
        _convict(place, _of_prefix(smaller, larger, prefix, reader.consistency_proof(size), key))
    if theirs.size < ours.size:
        raise LogBehind(
            "mirror.behind",
            f"The log shows {theirs.size:,} entries; {ours.size:,} were here before, and nothing in them is disproved.",
            where=fetch.url,
            advice="An old copy is served there, or the log was set back. Try again later; if it stays so, ask the "
            "operator. What is held here stays as it is.",
        )


def _of_prefix(
    smaller: _Sighting, larger: _Sighting, prefix: bytes, proof: Sequence[bytes], key: VerifierKey
) -> splitview.Evidence:
    return splitview.of_prefix(
        smaller.note, larger.note, prefix, proof, [key], found_by="a mirror", found_at=int(time.time())
    )


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


def _merged(held: bytes, shown: bytes, policy: Policy | None) -> bytes:
    """One checkpoint with the signature lines of both copies: cosignatures that came late are added.

    A line that stands in the way of another (it does not hold, or there are too many) loses against what is shown now.
    """
    merged = notes.parse(held).with_signatures(notes.parse(shown).signatures).to_bytes()
    try:
        notes.parse(merged)
        if policy is not None:
            policy.evaluate_checkpoint(merged)
    except LedgerError:
        return shown
    return merged


def _write(
    place: FolderStorage, key: VerifierKey, note: bytes, held: _Sighting | None, checkpoint: Checkpoint
) -> None:
    with contextlib.suppress(StorageError):
        # Made for readers of the folder alone; one that is there and differs is left to who put it there.
        place.create(VKEY, f"{key.vkey}\n".encode())
    history = f"{HISTORY}/{checkpoint.size}"
    for path, before in (
        (history, place.get(history)),
        (CHECKPOINT, held.note if held is not None else None),
    ):
        if before != note:
            place.swap(path, note, before)


def _drop_receipt(place: FolderStorage, key: VerifierKey, checkpoint: Checkpoint) -> None:
    """Removes a receipt of another root before the checkpoint is swapped: an auditor would accuse the log of it."""
    held = place.get(RECEIPT)
    if held is not None and not _signs(held, checkpoint, key):
        (place.directory / RECEIPT).unlink(missing_ok=True)


def _take_receipt(place: FolderStorage, fetch: Fetcher, key: VerifierKey, checkpoint: Checkpoint) -> None:
    """Takes the log's receipt signature of the same root, if it publishes one.

    A publisher writes it a moment after the checkpoint, so one that is not in step yet is waited for, not long. It is
    no part of what a log must publish: a server that refuses it (some say 403 for what they have not) is no fault.
    """
    if place.get(RECEIPT) is not None:
        return
    for wait in _RECEIPT_WAITS:
        try:
            receipt = fetch.get(RECEIPT, limit=MAX_RECEIPT)
        except MirrorError:
            return
        if receipt is None:
            return
        if _signs(receipt, checkpoint, key):
            place.create(RECEIPT, receipt)
            return
        time.sleep(wait)


def _signs(receipt: bytes, checkpoint: Checkpoint, key: VerifierKey) -> bool:
    try:
        return parse_receipt(receipt).signs(checkpoint.root, key.public_key)
    except LedgerError:
        return False

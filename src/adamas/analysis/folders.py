"""Published logs in folders, as a mirror keeps them: the checkpoint, its signature, its witnesses, and the tiles.

    checkpoint            the signed note            checkpoint.cose       the log's COSE signature over its root
    tile/…                tiles and entry bundles    vkey                  the log's verifier key, one line
    checkpoints/<size>    earlier cosigned notes     split-view/*.txt      evidence of two histories
                          (optional)                                       (optional)

Nothing here raises for what a folder says: what is wrong is kept as a remark and the audit goes on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from adamas.analysis.errors import AuditError
from adamas.analysis.trust import Trust
from adamas.errors import AdamasError
from adamas.ledger import checkpoint as checkpoints
from adamas.ledger import note as notes
from adamas.ledger import receipt
from adamas.ledger.checkpoint import Checkpoint
from adamas.ledger.note import Note, VerifierKey
from adamas.ledger.policy import Policy
from adamas.ledger.tiles import WIDTH, TileReader, entries_path, parse_path

CHECKPOINT = "checkpoint"
RECEIPT = "checkpoint.cose"
VKEY = "vkey"
EARLIER = "checkpoints"
EVIDENCE = "split-view"
_MAX_FILE = 256 * (2 + 0xFFFF)
_DEPTH = 2
_FEW = 64
"""Bundles at the end that are named one by one if they are missing; more are named together."""


class Sightings:
    """When witnesses had cosigned how much of a log: pairs of size and unix seconds."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        """The earliest time for each size also holds for every smaller one."""
        self._sizes: list[int] = []
        self._times: list[int] = []
        earliest: int | None = None
        for size, seconds in sorted(pairs, reverse=True):
            earliest = seconds if earliest is None else min(earliest, seconds)
            self._sizes.append(-size)
            self._times.append(earliest)

    def witnessed_at(self, index: int) -> int | None:
        """The earliest time at which the policy held for a checkpoint with entry ``index``; None if not known."""
        place = bisect_left(self._sizes, -index)  # the last of the sizes, falling, that is above the index
        return self._times[place - 1] if place else None


@dataclass(slots=True)
class LogFolder:
    """One log as a folder shows it. ``remarks`` are (code, sentence) of what is wrong with its checkpoint."""

    path: Path
    note: Note
    checkpoint: Checkpoint
    key: VerifierKey | None
    signed: bool
    remarks: list[tuple[str, str]] = field(default_factory=list)
    pillars: dict[str, bool] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    witnessed_at: int | None = None

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.checkpoint.origin

    @property
    def size(self) -> int:
        """Number of entries that the checkpoint speaks of."""
        return self.checkpoint.size

    def read(self, path: str) -> bytes | None:
        """The bytes of a file of the log, None if it is not there."""
        return read_file(self.path, path)

    def reader(self) -> TileReader:
        """Its tiles, each read checked against the root of the checkpoint."""
        return TileReader(self.read, self.size, trusted_root=self.checkpoint.root)

    def witness(self, policy: Policy) -> None:
        """Applies a witness policy to the checkpoint."""
        times: dict[str, int] = {}
        for name, witness in policy.witnesses.items():
            try:
                cosignature = witness.key.find(self.note)
            except AdamasError as error:
                self.remarks.append(
                    ("audit.cosignature", f"The cosignature of {name} does not hold: {error.sentence}")
                )
                continue
            if cosignature is not None:
                times[name] = cosignature.time
        result = policy.evaluate(times)
        self.pillars, self.missing = result.groups, result.missing
        if result.satisfied and times:
            self.witnessed_at = max(times.values())

    def latest(self) -> list[tuple[int, int]]:
        """The checkpoint's size and when it was witnessed, if it was."""
        return [] if self.witnessed_at is None else [(self.size, self.witnessed_at)]

    def earlier(self, policy: Policy, tree: LogFolder) -> list[tuple[int, int]]:
        """The sizes and times of the earlier checkpoints that are kept here, of this log's ``tree`` alone."""
        folder = self.path / EARLIER
        if self.key is None or not folder.is_dir():
            return []
        reader = tree.reader()
        found = []
        for file in sorted(folder.iterdir()):
            try:
                known, note = checkpoints.open_checkpoint(file.read_bytes(), self.key)
                result = policy.evaluate_checkpoint(note)
                good = result.satisfied and result.times and known.size <= tree.size
                if good and prefix_root(reader, known.size) == known.root:
                    found.append((known.size, max(result.times.values())))
            except (AdamasError, OSError):
                continue  # hearsay beside the log: only what holds is of use
        return found

    def held(self) -> int:
        """How many entries the bundles here go up to, at most the size: a checkpoint may claim any size."""
        last = -(-self.size // WIDTH) - 1
        if last < 0 or bundle_of(self.path, last, self.size - last * WIDTH) is not None:
            return self.size
        top = -1
        for file in (self.path / "tile" / "entries").rglob("*"):
            try:
                top = max(top, parse_path(file.relative_to(self.path).as_posix()).index)
            except AdamasError:
                continue
        return self.size if last - top <= _FEW else (top + 1) * WIDTH


def prefix_root(reader: TileReader, size: int) -> bytes:
    """The root of a tree's first ``size`` leaves. Raises TileError."""
    if size == reader.size:
        return reader.root()
    return reader.range_root(0, size) if size else TileReader(lambda _: None, 0).root()


def read_file(folder: Path, path: str) -> bytes | None:
    """A file below a folder, None if it is not there (or cannot be read: the auditor names it as missing)."""
    try:
        with (folder / path).open("rb") as file:
            return file.read(_MAX_FILE + 1)
    except OSError:
        return None


def find(places: Iterable[Path | str]) -> list[Path]:
    """The folders of logs among ``places`` and below them. Raises AuditError ``audit.no-log``."""
    found: dict[Path, None] = {}
    for place in map(Path, places):
        inside = list(_below(place, _DEPTH))
        if not inside:
            raise AuditError(
                "audit.no-log",
                "There is no published log in this folder: a file “checkpoint” is missing.",
                where=str(place),
                advice="Name the folder of a mirror, or one that holds several.",
            )
        found.update(dict.fromkeys(inside))
    return list(found)


def _below(folder: Path, depth: int) -> Iterator[Path]:
    if (folder / CHECKPOINT).is_file():
        yield folder
    elif depth and folder.is_dir():
        for child in sorted(folder.iterdir()):
            if child.is_dir() and not child.is_symlink():
                yield from _below(child, depth - 1)


def open_folder(path: Path, trust: Trust | None) -> LogFolder:
    """Reads a log's checkpoint and verifies its signature as far as a key is known.

    The key is the one that the trust file names for the origin, else that of the file ``vkey``. Raises AuditError
    ``audit.checkpoint`` if there is nothing that could be read at all.
    """
    data = read_file(path, CHECKPOINT) or b""
    try:
        checkpoint, note = checkpoints.parse(data)
    except AdamasError as error:
        raise AuditError(
            "audit.checkpoint", f"The checkpoint cannot be read: {error.sentence}", where=str(path)
        ) from error
    keys, remarks = _keys(path, checkpoint.origin, trust)
    signed = False
    for key in keys:
        try:
            checkpoints.open_checkpoint(note, key)
        except AdamasError:
            continue
        signed = True
        keys = [key]
        break
    if keys and not signed:
        remarks.append(
            ("audit.checkpoint", f"The checkpoint is not signed by the key of {checkpoint.origin}.")
        )
    if not keys:
        remarks.append(
            (
                "audit.no-log-key",
                f"No verifier key of {checkpoint.origin} is known: put it into the trust file.",
            )
        )
    if signed and not _receipt_holds(path, checkpoint, keys[0]):
        sentence = f"The COSE receipt in {RECEIPT} is not the log's over the root of its checkpoint."
        remarks.append(("audit.receipt", sentence))
    return LogFolder(path, note, checkpoint, keys[0] if keys else None, signed, remarks)


def _receipt_holds(path: Path, checkpoint: Checkpoint, key: VerifierKey) -> bool:
    """Whether the COSE signature over the root holds; a log need not publish one."""
    data = read_file(path, RECEIPT)
    if data is None:
        return True
    try:
        signature = receipt.parse(data)
    except AdamasError:
        return False
    return signature.issuer == checkpoint.origin and signature.signs(checkpoint.root, key.public_key)


def _keys(path: Path, origin: str, trust: Trust | None) -> tuple[list[VerifierKey], list[tuple[str, str]]]:
    remarks: list[tuple[str, str]] = []
    named = []
    for vkey in trust.logs if trust else ():
        try:
            key = notes.parse_key(vkey)
        except AdamasError as error:
            remarks.append(
                ("audit.trust", f"A verifier key of the trust file cannot be read: {error.sentence}")
            )
            continue
        if key.name == origin:
            named.append(key)
    if named:
        return named, remarks
    text = read_file(path, VKEY)
    if text is None:
        return [], remarks
    try:
        key = notes.parse_key(text.decode("utf-8", "replace").strip())
    except AdamasError as error:
        return [], [*remarks, ("audit.vkey", f"The file {VKEY} is no verifier key: {error.sentence}")]
    return ([key] if key.name == origin else []), remarks


def bundle_of(folder: Path, index: int, width: int) -> bytes | None:
    """An entry bundle: the one of just this width, or the full one that came later."""
    data = read_file(folder, entries_path(index, width))
    return read_file(folder, entries_path(index)) if data is None and width < WIDTH else data

"""Is what is published whole? Everything is derived again from the published bytes alone.

The checkpoint's signature vouches for one root, and the root for every tile: each full tile must hash to what
the tile above says of it, the partial ones of the right edge together to the root, and every entry to its
place in a level 0 tile. Where two files contradict each other, what stands above decides which of them is
damaged: so one flipped bit is one fault, named by its file and by the entries that it touches, and not a
cascade. Only where both are damaged beyond that are both named.

Checked too: partial tiles of earlier sizes (they begin the wider ones), `checkpoint.cose`, earlier checkpoints
that a mirror keeps, and with a policy the witnesses' lines. Files of a larger tree than the checkpoint's are
not published yet and are left alone.

What cannot be told from the files: whether the entries are true, and whether another checkpoint was shown to
somebody else; witnesses and mirrors tell that.

    fsck.checkpoint fsck.receipt fsck.cosignature fsck.missing fsck.unread fsck.tile fsck.bundle fsck.entry
    fsck.root fsck.stray
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from adamas.ledger import merkle, receipt
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, open_checkpoint
from adamas.ledger.errors import LedgerError, NoteError, StorageError, TileError
from adamas.ledger.merkle import HASH_SIZE
from adamas.ledger.note import Note, VerifierKey
from adamas.ledger.policy import Policy
from adamas.ledger.storage import Storage
from adamas.ledger.tiles import ENTRIES, HEIGHT, MAX_LEVEL, WIDTH, TilePath, decode_bundle, parse_path

_CHECKPOINT, _RECEIPT, _EARLIER = "checkpoint", "checkpoint.cose", "checkpoints/"
_DOUBTS = 8
"""Contradictions between two files that are decided by trying each combination against the hash above."""
Hashes = Sequence[bytes | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: in which file, about which entries [start, end), a stable code, a sentence."""

    path: str
    range: tuple[int, int]
    code: str
    sentence: str


def check_log(storage: Storage, vkey: str, *, policy: Policy | None = None) -> list[Fault]:
    """Every fault in what the log with this verifier key published in ``storage``; [] if it is whole.

    With ``policy`` the checkpoint's other lines must be good cosignatures of its witnesses. Memory stays
    flat. Raises StorageError if the place cannot be listed, NoteError if ``vkey`` is none.
    """
    return list(_Check(storage, notes.parse_key(vkey), policy).run())


class _Check:
    def __init__(self, storage: Storage, key: VerifierKey, policy: Policy | None) -> None:
        self._storage = storage
        self._key = key
        self._policy = policy
        self._size = 0
        self._faults: list[Fault] = []
        self._partials: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def run(self) -> list[Fault]:
        earlier = self._list()
        data = self._get(_CHECKPOINT, 0, 0)
        checkpoint = self._open(_CHECKPOINT, data) if data is not None else None
        for path in earlier:
            self._earlier(path)
        if checkpoint is not None:
            self._size = checkpoint[0].size
            self._lines(checkpoint[1])
            self._receipt(checkpoint[0])
            if self._size:
                self._edge(checkpoint[0].root)
        return self._faults

    def _say(self, path: str, start: int, end: int, code: str, sentence: str) -> None:
        self._faults.append(Fault(path, (start, min(end, self._size)), code, sentence))

    def _get(self, path: str, start: int, end: int) -> bytes | None:
        """The bytes of a file that must be there; None, and a fault, if they are not."""
        try:
            data = self._storage.get(path)
        except StorageError as error:
            self._say(path, start, end, "fsck.unread", error.sentence)
            return None
        if data is None:
            self._say(path, start, end, "fsck.missing", "The file is not there.")
        return data

    # ── what is no tile ─────────────────────────────────────────────────────────────────────────────────

    def _list(self) -> list[str]:
        """Takes stock of partial tiles and strays; the earlier checkpoints that are kept."""
        earlier = []
        for path in self._storage.list():
            if path.startswith(_EARLIER):
                earlier.append(path)
            elif path.startswith("tile/"):
                try:
                    tile = parse_path(path)
                except TileError as error:
                    self._say(path, 0, 0, "fsck.stray", error.sentence)
                    continue
                if tile.width < WIDTH:
                    self._partials[tile.level, tile.index].append(tile.width)
        return sorted(earlier)

    def _open(self, path: str, data: bytes) -> tuple[Checkpoint, Note] | None:
        try:
            checkpoint, note = open_checkpoint(data, self._key)
        except NoteError as error:
            self._say(path, 0, 0, "fsck.checkpoint", error.sentence)
            return None
        if (
            len({(s.name, s.key_id) for s in note.signatures}) < len(note.signatures)
            or note.to_bytes() != data
        ):
            self._say(path, 0, 0, "fsck.checkpoint", "A signature line stands there twice, or is misspelt.")
        return checkpoint, note

    def _earlier(self, path: str) -> None:
        data = self._get(path, 0, 0)
        opened = self._open(path, data) if data is not None else None
        if opened is not None and path != f"{_EARLIER}{opened[0].size}":
            self._say(path, 0, 0, "fsck.checkpoint", f"It is the checkpoint of {opened[0].size:,} entries.")

    def _lines(self, note: Note) -> None:
        if self._policy is None:
            return
        known = {(self._key.name, self._key.id)}
        for witness in self._policy.witnesses.values():
            known.add((witness.key.key.name, witness.key.key.id))
            try:
                witness.key.find(note)
            except LedgerError as error:
                self._say(_CHECKPOINT, 0, self._size, "fsck.cosignature", error.sentence)
        for line in note.signatures:
            if (line.name, line.key_id) not in known:
                sentence = f"A line is signed by {line.name}, whom the policy does not know."
                self._say(_CHECKPOINT, 0, self._size, "fsck.cosignature", sentence)

    def _receipt(self, checkpoint: Checkpoint) -> None:
        data = self._get(_RECEIPT, 0, self._size)
        if data is None:
            return
        wrong = ""
        try:
            parsed = receipt.parse(data)
            if parsed.issuer != checkpoint.origin or parsed.inclusion or parsed.consistency:
                wrong = "It is not this log's bare signature over a root."
            elif not parsed.signs(checkpoint.root, self._key.public_key):
                wrong = "The log's key did not sign the checkpoint's root here."
        except LedgerError as error:
            wrong = error.sentence
        if wrong:
            self._say(_RECEIPT, 0, self._size, "fsck.receipt", wrong)

    # ── the tree, from the root down ────────────────────────────────────────────────────────────────────

    def _edge(self, root: bytes) -> None:
        """The partial tiles, which together make the root; then everything below them."""
        places = [
            TilePath(level, (self._size >> (HEIGHT * level)) >> HEIGHT, width)
            for level in range(MAX_LEVEL // HEIGHT, -1, -1)
            if (width := (self._size >> (HEIGHT * level)) % WIDTH)
        ]

        def combine(hashes: Sequence[bytes]) -> bytes:
            peaks, at = [], 0
            for place in places:
                for low, high in merkle.complete_subtrees(0, place.width):
                    peaks.append(merkle.root(hashes[at + low : at + high]))
                at += place.width
            return merkle.fold(peaks)

        said: list[bytes | None] = []
        below: list[bytes | None] = []
        for place in places:
            said += self._tile(place) or [None] * place.width
        if (known := _all(said)) is not None and combine(known) == root:
            below = list(said)  # the usual case: what is below need not be asked
        else:
            for place in places:
                below += self._below(place)
        truth = _decide(said, below, combine, root)
        if (known := _all(truth)) is not None and combine(known) != root:
            sentence = "What is published does not lead to the root that the log signed."
            self._say(_CHECKPOINT, 0, self._size, "fsck.root", sentence)
        at = 0
        for place in places:
            end = at + place.width
            self._judge(place, said[at:end], truth[at:end])
            self._descend(place, truth[at:end])
            at = end

    def _descend(self, place: TilePath, truth: Hashes) -> None:
        """Checks what is below a tile whose hashes are known (None: that one is not)."""
        self._narrower(place, truth)
        if place.level == 0:
            self._entries(place, truth)
            return
        for offset, expected in enumerate(truth):
            child = TilePath(place.level - 1, place.index * WIDTH + offset)
            said: Hashes = self._tile(child) or [None] * WIDTH
            known = _all(said)
            if known is None or merkle.root(known) != expected:
                said_below = _decide(said, self._below(child), merkle.root, expected)
                self._judge(child, said, said_below)
                known = _all(said_below)
                if expected is not None and known is not None and merkle.root(known) != expected:
                    sentence = "It agrees with what is below it, and not with the tile above."
                    self._say(str(child), *self._span(child), "fsck.tile", sentence)
                self._descend(child, said_below)
            else:
                self._descend(child, known)

    def _tile(self, place: TilePath) -> list[bytes] | None:
        """A tile's hashes as they are published, and its narrower forms checked; None, and a fault, if there
        are not as many as there should be.
        """
        path, (start, end) = self._path(place), self._span(place)
        data = self._get(path, start, end)
        if data is None:
            return None
        if len(data) != HASH_SIZE * parse_path(path).width:
            sentence = f"It has {len(data):,} bytes, not {HASH_SIZE * parse_path(path).width:,}."
            self._say(path, start, end, "fsck.tile", sentence)
            return None
        return [data[i : i + HASH_SIZE] for i in range(0, place.width * HASH_SIZE, HASH_SIZE)]

    def _path(self, place: TilePath) -> str:
        """Where a tile is to be read: a partial one whose full form is out may have been removed."""
        if place.width < WIDTH and place.width not in self._partials[place.level, place.index]:
            try:
                if self._storage.exists(str(place.full)):
                    return str(place.full)
            except StorageError:
                pass  # reading the partial one will say what is wrong
        return str(place)

    def _span(self, place: TilePath) -> tuple[int, int]:
        level = max(place.level, 0)
        return (place.index * WIDTH) << (HEIGHT * level), (place.index * WIDTH + place.width) << (
            HEIGHT * level
        )

    def _below(self, place: TilePath) -> Hashes:
        """What a tile's hashes should be by what is published one level down; says nothing."""
        quiet = _Check(self._storage, self._key, None)
        quiet._size, quiet._partials = self._size, self._partials
        if place.level == 0:
            entries = quiet._bundle(TilePath(ENTRIES, place.index, place.width))
            return [None] * place.width if entries is None else [merkle.leaf_hash(entry) for entry in entries]
        found: list[bytes | None] = []
        for offset in range(place.width):
            hashes = quiet._tile(TilePath(place.level - 1, place.index * WIDTH + offset))
            found.append(None if hashes is None else merkle.root(hashes))
        return found

    def _judge(self, place: TilePath, said: Hashes, truth: Hashes) -> None:
        """Names a tile whose hashes are not the true ones, or of which that cannot be told."""
        wrong = [i for i, (a, b) in enumerate(zip(said, truth, strict=True)) if a is not None and a != b]
        if wrong:
            start = (place.index * WIDTH + wrong[0]) << (HEIGHT * place.level)
            end = (place.index * WIDTH + wrong[-1] + 1) << (HEIGHT * place.level)
            sentence = (
                "It and what is below it contradict each other, and neither leads to the hash above."
                if any(truth[i] is None for i in wrong)
                else f"Not the tree's: {len(wrong)} of its {place.width} hashes."
            )
            self._say(self._path(place), start, end, "fsck.tile", sentence)

    def _narrower(self, place: TilePath, truth: Hashes) -> None:
        """The partial forms of earlier sizes at the same place: they begin with the same hashes."""
        for width in sorted(self._partials.get((place.level, place.index), ())):
            begins = _all(truth[:width])
            if width < place.width and begins is not None:
                old = TilePath(place.level, place.index, width)
                data = self._get(str(old), *self._span(old))
                if data is not None and data != b"".join(begins):
                    sentence = "It does not begin as the tree does there."
                    self._say(str(old), *self._span(old), "fsck.tile", sentence)

    # ── entries ─────────────────────────────────────────────────────────────────────────────────────────

    def _bundle(self, bundle: TilePath) -> list[bytes] | None:
        """The entries of a bundle, as many as the tree has there; None, and a fault, if they cannot be had."""
        path, (start, end) = self._path(bundle), self._span(bundle)
        data = self._get(path, start, end)
        if data is None:
            return None
        try:
            entries = decode_bundle(data)
        except TileError as error:
            self._say(path, start, end, "fsck.bundle", error.sentence)
            return None
        if len(entries) != parse_path(path).width:
            sentence = f"It has {len(entries)} entries, not {parse_path(path).width}."
            self._say(path, start, end, "fsck.bundle", sentence)
            return None
        return entries[: bundle.width]

    def _entries(self, place: TilePath, truth: Hashes) -> None:
        """The bundles at a level 0 tile's place, that of the tree's own size and those of earlier ones."""
        widths = [w for w in self._partials.get((ENTRIES, place.index), ()) if w < place.width]
        for width in (*sorted(widths), place.width):
            bundle = TilePath(ENTRIES, place.index, width)
            for offset, entry in enumerate(self._bundle(bundle) or ()):
                leaf = truth[offset]
                if leaf is not None and merkle.leaf_hash(entry) != leaf:
                    index = place.index * WIDTH + offset
                    sentence = f"Entry {index:,} is not the one that was logged there."
                    self._say(self._path(bundle), index, index + 1, "fsck.entry", sentence)


def _all(hashes: Hashes) -> list[bytes] | None:
    """The hashes, if every one is known."""
    known = [h for h in hashes if h is not None]
    return known if len(known) == len(hashes) else None


def _decide(
    said: Hashes, below: Hashes, combine: Callable[[Sequence[bytes]], bytes], expected: bytes | None
) -> Hashes:
    """The true hashes of a tile, by what it says, by what is below it and by what stands above it.

    None where the two contradict each other (or both are missing) and the hash above does not decide.
    """
    doubts = [
        i
        for i, (a, b) in enumerate(zip(said, below, strict=True))
        if a is not None and b is not None and a != b
    ]
    first = [a if a is not None else b for a, b in zip(said, below, strict=True)]
    known = _all(first)
    if expected is not None and known is not None:
        choices = (
            product((False, True), repeat=len(doubts))
            if len(doubts) <= _DOUBTS
            else ((False,) * len(doubts), (True,) * len(doubts))
        )
        for choice in choices:
            tried = list(known)
            for position, lower in zip(doubts, choice, strict=True):
                other = below[position] if lower else said[position]
                if other is not None:
                    tried[position] = other
            if combine(tried) == expected:
                return tried
    return [None if i in doubts or h is None else h for i, h in enumerate(first)]

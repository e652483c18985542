"""The Merkle tree of RFC 9162 section 2.1, with SHA-256: hashing, proofs, and their verification.

A leaf is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right), the empty tree SHA-256 of nothing.
Functions take *leaf hashes*, never entries. A subtree [start, end) (draft-ietf-plants-merkle-tree-certs) is a
run of leaves whose start is a multiple of the smallest power of two that is not below its length: the shape
that ML-DSA cosignatures may sign.

Worked example: leaves "" and 0x00 hash to ``6e340b9c…`` and ``96a296d2…``, their tree of two to
``fac54203…``.

    proof.index proof.size proof.length proof.hash-length proof.root proof.subtree proof.range
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from adamas.ledger.errors import ProofError

HASH_SIZE = 32
MAX_SIZE = 2**63 - 1
"""The largest tree that any of our formats can name."""

_sha256 = hashlib.sha256
EMPTY_ROOT = _sha256(b"").digest()
"""The root of the tree without leaves (RFC 9162 section 2.1.1)."""

Range = tuple[int, int]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one log entry as a leaf."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours."""
    return _sha256(b"\x01" + left + right).digest()


def pair_up(hashes: Sequence[bytes]) -> list[bytes]:
    """The next level up: each two neighbours hashed; an odd one at the end is left out."""
    sha256 = _sha256
    pairs = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, level by level; a node without a neighbour moves up as it is."""
    if not hashes:
        return EMPTY_ROOT
    level: Sequence[bytes] = hashes
    while len(level) > 1:
        above = pair_up(level)
        if len(level) & 1:
            above.append(level[-1])
        level = above
    return level[0]


# ── which subtrees a proof is made of ───────────────────────────────────────────────────────────────────────


def _split(size: int) -> int:
    """The largest power of two below ``size`` (RFC 9162's k), for size > 1."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_ranges(index: int, start: int, end: int) -> list[Range]:
    """The leaf ranges whose roots prove that leaf ``index`` is in the subtree [start, end), lowest first."""
    ranges: list[Range] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    ranges.reverse()
    return ranges


def consistency_ranges(start: int, end: int, size: int) -> list[Range]:
    """The leaf ranges whose roots prove that the subtree [start, end) belongs to the tree of ``size``, lowest
    first.

    With start = 0 these are RFC 9162 section 2.1.4.1's. The subtree's own root is left out where it is a node
    of the tree.
    """
    ranges: list[Range] = []
    low, high, own = 0, size, True
    while (low, high) != (start, end):
        middle = low + _split(high - low)
        if end <= middle:
            ranges.append((middle, high))
            high = middle
        elif start >= middle:
            ranges.append((low, middle))
            low = middle
        else:
            ranges.append((low, middle))
            low = start = middle
            own = False
    if not own:
        ranges.append((start, end))
    ranges.reverse()
    return ranges


def complete_subtrees(start: int, end: int) -> list[Range]:
    """[start, end) cut into the complete aligned subtrees that it is made of, left to right."""
    pieces: list[Range] = []
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        if start:
            width = min(width, start & -start)
        pieces.append((start, start + width))
        start += width
    return pieces


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root above complete subtrees of falling size, given left to right."""
    if not peaks:
        return EMPTY_ROOT
    result = peaks[-1]
    for peak in reversed(peaks[:-1]):
        result = node_hash(peak, result)
    return result


# ── making proofs ───────────────────────────────────────────────────────────────────────────────────────────


def inclusion_proof(hashes: Sequence[bytes], index: int, size: int | None = None) -> list[bytes]:
    """The audit path of leaf ``index`` in the tree of the first ``size`` leaf hashes (all, if not given).

    Raises ProofError ``proof.index`` or ``proof.size``.
    """
    size = len(hashes) if size is None else size
    _check_held(size, len(hashes))
    _check_index(index, 0, size)
    return [root(hashes[low:high]) for low, high in inclusion_ranges(index, 0, size)]


def consistency_proof(hashes: Sequence[bytes], m: int, n: int | None = None) -> list[bytes]:
    """The proof that the tree of ``m`` leaves begins the tree of ``n``; empty for m = 0 and m = n."""
    n = len(hashes) if n is None else n
    _check_held(n, len(hashes))
    _check_sizes(m, n)
    if m == 0:
        return []
    return [root(hashes[low:high]) for low, high in consistency_ranges(0, m, n)]


def subtree_inclusion_proof(hashes: Sequence[bytes], index: int, start: int, end: int) -> list[bytes]:
    """The audit path of leaf ``index`` in the subtree [start, end)."""
    check_subtree(start, end)
    _check_held(end, len(hashes))
    _check_index(index, start, end)
    return [root(hashes[low:high]) for low, high in inclusion_ranges(index, start, end)]


def subtree_consistency_proof(
    hashes: Sequence[bytes], start: int, end: int, size: int | None = None
) -> list[bytes]:
    """The proof that the subtree [start, end) belongs to the tree of the first ``size`` leaves."""
    size = len(hashes) if size is None else size
    check_subtree(start, end)
    _check_held(size, len(hashes))
    _check_sizes(end, size)
    if start == end:
        return []
    return [root(hashes[low:high]) for low, high in consistency_ranges(start, end, size)]


def covering_subtrees(start: int, end: int) -> tuple[Range, Range]:
    """Two subtrees that together cover the leaves [start, end), and perhaps some before them; the second may
    be empty.

    The draft's way for a client that wants few signatures over a run of entries. Raises ProofError
    ``proof.range``.
    """
    if not 0 <= start <= end <= MAX_SIZE:
        raise ProofError("proof.range", f"[{start}, {end}) is no run of leaves.")
    if end - start <= 1:
        return (start, end), (end, end)
    last = end - 1
    # The bit where the paths to the first and the last leaf part: everything below it belongs to one side.
    fork = (start ^ last).bit_length() - 1
    middle = last & ~((1 << fork) - 1)
    left_bits = (middle - start - 1).bit_length()
    left = start & ~((1 << left_bits) - 1)
    return (left, middle), (middle, end)


# ── verifying proofs ────────────────────────────────────────────────────────────────────────────────────────


def check_subtree(start: int, end: int) -> None:
    """Refuses [start, end) unless it is a subtree: 0 ≤ start ≤ end, start aligned to its width.

    ``proof.subtree``.
    """
    if 0 <= start <= end <= MAX_SIZE:
        width = end - start
        alignment = 1 << (width - 1).bit_length() if width else 1
        if start % alignment == 0:
            return
    raise ProofError(
        "proof.subtree",
        f"[{start}, {end}) is no subtree.",
        clause="draft-ietf-plants-merkle-tree-certs, subtrees",
    )


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that the audit path of ``leaf`` leads to (RFC 9162 section 2.1.3.2).

    Raises ProofError ``proof.index``, ``proof.hash-length`` or ``proof.length``.
    """
    _check_index(index, 0, size)
    _check_hashes([leaf], "the leaf hash")
    _check_hashes(proof, "a hash of the proof")
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    _check_length(proof, inner + border)
    return _chain_left(_chain(leaf, proof[:inner], index), proof[inner:])


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Refuses unless ``proof`` shows leaf hash ``leaf`` at ``index`` of the tree (``size``, ``root``).

    Raises ProofError ``proof.root`` and those of root_from_inclusion.
    """
    _check_root(root_from_inclusion(index, size, leaf, proof), root)


def verify_subtree_inclusion(
    index: int, start: int, end: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Refuses unless ``proof`` shows leaf hash ``leaf`` at ``index`` of the subtree [start, end) with
    ``root``.
    """
    check_subtree(start, end)
    _check_index(index, start, end)
    _check_root(root_from_inclusion(index - start, end - start, leaf, proof), root)


def verify_consistency(m: int, n: int, root_m: bytes, root_n: bytes, proof: Sequence[bytes]) -> None:
    """Refuses unless ``proof`` shows that the tree (``m``, ``root_m``) begins the tree (``n``, ``root_n``).

    RFC 9162 section 2.1.4.2. The empty tree begins every tree, but only an empty proof with the empty tree's
    root says so; for equal sizes the proof is empty and the roots are the same. Raises ProofError.
    """
    _check_sizes(m, n)
    if m in {0, n}:
        _check_length(proof, 0)
        if m == 0:
            _check_root(EMPTY_ROOT, root_m)
        if m == n:
            _check_root(root_m, root_n)
        else:
            _check_hashes([root_n], "the newer root")
        return
    _verify_consistency(0, m, n, root_m, root_n, proof)


def root_from_consistency(m: int, n: int, root_m: bytes, proof: Sequence[bytes]) -> bytes:
    """The root of ``n`` leaves that ``proof`` leads to from the tree (``m``, ``root_m``), 0 < m ≤ n.

    Raises ProofError.
    """
    _check_sizes(m, n)
    if m == 0:
        raise ProofError("proof.size", "From the empty tree no other root follows.")
    if m == n:
        _check_length(proof, 0)
        _check_hashes([root_m], "the older root")
        return root_m
    return _root_above(0, m, n, root_m, proof)


def verify_subtree_consistency(
    start: int, end: int, size: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Refuses unless ``proof`` shows the subtree [start, end) to belong to the tree (``size``, ``root``)."""
    check_subtree(start, end)
    _check_sizes(end, size)
    if start == end:
        _check_length(proof, 0)
        _check_root(EMPTY_ROOT, subtree_root)
    elif (start, end) == (0, size):
        _check_length(proof, 0)
        _check_root(subtree_root, root)
    else:
        _verify_consistency(start, end, size, subtree_root, root, proof)


def _verify_consistency(
    start: int, end: int, size: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    _check_root(_root_above(start, end, size, subtree_root, proof), root)


def _root_above(start: int, end: int, size: int, subtree_root: bytes, proof: Sequence[bytes]) -> bytes:
    """Checks the proof against the subtree's root and returns the root of the whole tree that it leads to.

    The ranges say of each hash where it stands, so one walk serves trees and subtrees: going up from the
    lowest hash, what stands left of it belongs to both trees, what stands right of the subtree's end to the
    larger alone.
    """
    ranges = consistency_ranges(start, end, size)
    _check_length(proof, len(ranges))
    _check_hashes(proof, "a hash of the proof")
    _check_hashes([subtree_root], "the older root")
    # Where the subtree is a node of the tree its root begins the walk; else its last complete part, given
    # first, does.
    whole = not ranges or not start <= ranges[0][0] < end
    older = newer = subtree_root if whole else proof[0]
    skipped = 0 if whole else 1
    for (low, _high), sibling in zip(ranges[skipped:], proof[skipped:], strict=True):
        if low >= end:
            newer = node_hash(newer, sibling)
            continue
        newer = node_hash(sibling, newer)
        if low >= start:
            older = node_hash(sibling, older)
    _check_root(older, subtree_root)
    return newer


def _chain(seed: bytes, siblings: Sequence[bytes], index: int) -> bytes:
    for sibling in siblings:
        seed = node_hash(sibling, seed) if index & 1 else node_hash(seed, sibling)
        index >>= 1
    return seed


def _chain_left(seed: bytes, siblings: Sequence[bytes]) -> bytes:
    for sibling in siblings:
        seed = node_hash(sibling, seed)
    return seed


def _check_index(index: int, start: int, end: int) -> None:
    if not 0 <= start <= index < end <= MAX_SIZE:
        raise ProofError("proof.index", f"There is no leaf {index} among the leaves [{start}, {end}).")


def _check_sizes(m: int, n: int) -> None:
    if not 0 <= m <= n <= MAX_SIZE:
        raise ProofError("proof.size", f"A tree of {m} leaves cannot begin a tree of {n}.")


def _check_held(size: int, held: int) -> None:
    if not 0 <= size <= held:
        raise ProofError("proof.size", f"A proof in a tree of {size} leaves is asked, {held} are held.")


def _check_length(proof: Sequence[bytes], expected: int) -> None:
    if len(proof) != expected:
        raise ProofError("proof.length", f"The proof has {len(proof)} hashes where {expected} are needed.")


def _check_hashes(hashes: Iterable[bytes], what: str) -> None:
    for item in hashes:
        if len(item) != HASH_SIZE:
            raise ProofError("proof.hash-length", f"{what} has {len(item)} bytes, not 32.".capitalize())


def _check_root(calculated: bytes, expected: bytes) -> None:
    if calculated != expected:
        raise ProofError(
            "proof.root",
            f"The proof leads to root {calculated.hex()}, not to {expected.hex()}.",
            advice="The entry, the proof or the checkpoint is not of this log; keep all three as evidence.",
        )


# ── a tree that grows ───────────────────────────────────────────────────────────────────────────────────────


class CompactRange:
    """The roots of the complete subtrees of a growing tree: all that is needed to append and to know the
    root.

    Holds one hash for each one-bit of its size, so a tree of a thousand million leaves is at most 30 hashes.
    Pickles, and ``to_bytes``/``from_bytes`` keep it in a file (8 bytes of size, then the hashes, largest
    subtree first).
    """

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if not 0 <= size <= MAX_SIZE or len(peaks) != size.bit_count():
            raise ProofError(
                "proof.length", f"A tree of {size} leaves has {size.bit_count()} complete subtrees."
            )
        _check_hashes(peaks, "a subtree's root")
        self.size = size
        self._peaks = list(peaks)

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, largest first."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Adds one leaf hash."""
        peaks, size = self._peaks, self.size
        while size & 1:
            leaf = node_hash(peaks.pop(), leaf)
            size >>= 1
        peaks.append(leaf)
        self.size += 1

    def extend(
        self, leaves: Sequence[bytes], visit: Callable[[int, int, Sequence[bytes]], None] | None = None
    ) -> None:
        """Adds many leaf hashes at once, level by level.

        ``visit(level, index, hashes)`` is told every node that the batch completes: at ``level`` (0 = leaves)
        the ``hashes`` begin at ``index``. That is how tiles are cut without hashing twice.
        """
        size, old = self.size, self._peaks
        level, fresh = 0, list(leaves)
        peaks: list[bytes] = []
        while fresh or old:
            if visit is not None and fresh:
                visit(level, size, fresh)
            if size & 1:
                fresh.insert(0, old.pop())
            if len(fresh) & 1:
                peaks.append(fresh[-1])
            fresh = pair_up(fresh)
            size >>= 1
            level += 1
        peaks.reverse()
        self._peaks = peaks
        self.size += len(leaves)

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return fold(self._peaks)

    def copy(self) -> CompactRange:
        """An independent copy."""
        return CompactRange(self.size, self._peaks)

    def to_bytes(self) -> bytes:
        """Size and subtree roots, for a file."""
        return self.size.to_bytes(8, "big") + b"".join(self._peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> CompactRange:
        """Reads what ``to_bytes`` wrote. Raises ProofError ``proof.length``."""
        if len(data) < 8 or (len(data) - 8) % HASH_SIZE:
            raise ProofError("proof.length", f"{len(data)} bytes are no saved tree.")
        return cls(
            int.from_bytes(data[:8], "big"), [data[i : i + HASH_SIZE] for i in range(8, len(data), HASH_SIZE)]
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompactRange) and (self.size, self._peaks) == (other.size, other._peaks)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[object, ...]:
        return (CompactRange, (self.size, tuple(self._peaks)))

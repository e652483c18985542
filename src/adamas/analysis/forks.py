"""Two histories of one log: copies of the same origin that cannot both be its tree, and evidence kept of them."""

from __future__ import annotations

from itertools import combinations

from adamas.analysis.folders import EVIDENCE, LogFolder, prefix_root
from adamas.analysis.report import REFUSE, Fault, Report
from adamas.errors import AdamasError
from adamas.ledger import splitview
from adamas.ledger.tiles import WIDTH, TileReader

_CLAUSE = "formats, Log: a log shows one history"


def compare(folders: list[LogFolder], report: Report) -> None:
    """Names every pair of copies of one log that contradict each other, and every kept evidence that holds."""
    for one, other in combinations(folders, 2):
        if one.origin == other.origin:
            smaller, larger = sorted((one, other), key=lambda folder: folder.size)
            fault = _fork(smaller, larger)
            if fault is not None:
                report.add([fault])
    for folder in folders:
        for file in sorted((folder.path / EVIDENCE).glob("*.txt")):
            fault = _evidence(folder, file.name)
            if fault is not None:
                report.add([fault])


def _fork(smaller: LogFolder, larger: LogFolder) -> Fault | None:
    try:
        prefix = prefix_root(larger.reader(), smaller.size)
    except AdamasError:
        return None  # the broken tiles are named elsewhere
    if prefix == smaller.checkpoint.root:
        return None
    index = _first_difference(smaller, larger)
    signed = "both signed by its key" if smaller.signed and larger.signed else "not both signed"
    where = "at a place that its tiles do not tell" if index is None else f"from entry {index:,} on"
    sentence = (
        f"{larger.origin} shows two histories, {signed}: they differ {where} ({smaller.path} with {smaller.size:,} "
        f"entries, {larger.path} with {larger.size:,})."
    )
    return Fault(larger.origin, index, "audit.fork", _CLAUSE, REFUSE, sentence, str(smaller.path))


def _first_difference(smaller: LogFolder, larger: LogFolder) -> int | None:
    one, other = smaller.reader(), larger.reader()
    try:
        start = _differing_tile(one, other, smaller.size)
        end = min(start + WIDTH, smaller.size)
        pairs = zip(one.leaf_hashes(start, end), other.leaf_hashes(start, end), strict=True)
        return next((start + n for n, (a, b) in enumerate(pairs) if a != b), None)
    except AdamasError:
        return None


def _differing_tile(one: TileReader, other: TileReader, size: int) -> int:
    """The first entry of the first level 0 tile that differs; halves the range at each step."""
    low, high = 0, -(-size // WIDTH)
    while high - low > 1:
        middle = (low + high) // 2
        if prefix_root(one, middle * WIDTH) == prefix_root(other, middle * WIDTH):
            low = middle
        else:
            high = middle
    return low * WIDTH


def _evidence(folder: LogFolder, name: str) -> Fault | None:
    if folder.key is None:
        return None
    try:
        explained = splitview.explain(folder.path / EVIDENCE / name, [folder.key])
    except (AdamasError, OSError):
        return None
    if not explained.proven:
        return None
    return Fault(
        folder.origin,
        None,
        "audit.split-view",
        _CLAUSE,
        REFUSE,
        " ".join(explained.sentences),
        str(folder.path / EVIDENCE / name),
    )

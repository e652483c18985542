"""The tree above the entries: every hash tile, and the root against the checkpoint."""

from __future__ import annotations

from adamas.analysis.audit_work import TILES, AuditedFolder
from adamas.analysis.folders import read_file
from adamas.analysis.report import REFUSE, Fault
from adamas.ledger import merkle
from adamas.ledger.tiles import HEIGHT, WIDTH, tile_path


def tree_faults(log: AuditedFolder, roots: list[bytes], hashes: list[bytes]) -> list[Fault]:
    """The tiles above the leaves against the entries, and the root against the checkpoint."""
    if log.held < log.size:
        sentence = f"Entries {log.held:,} to {log.size - 1:,} are not here: the tree cannot be worked out."
        return [Fault(log.origin, log.held, "tile.missing", TILES, REFUSE, sentence, str(log.path))]
    faults: list[Fault] = []
    level = 0
    nodes = roots
    peaks = _peaks(hashes)
    while True:
        level += 1
        full, rest = divmod(len(nodes), WIDTH)
        for index in range(full + (1 if rest else 0)):
            part = nodes[index * WIDTH : (index + 1) * WIDTH]
            faults += _hash_tile(log, level, index, part)
        peaks = _peaks(nodes[full * WIDTH :]) + peaks
        if not full:
            break
        nodes = [merkle.root(nodes[i * WIDTH : (i + 1) * WIDTH]) for i in range(full)]
    root = merkle.fold(peaks) if peaks else merkle.EMPTY_ROOT
    if root != log.root:
        faults.append(
            Fault(
                log.origin,
                None,
                "audit.root",
                "RFC 9162 section 2.1",
                REFUSE,
                f"The entries lead to the root {root.hex()[:16]}…, the checkpoint says {log.root.hex()[:16]}….",
                str(log.path),
            )
        )
    return faults


def _peaks(hashes: list[bytes]) -> list[bytes]:
    """The roots of the complete subtrees over a partial tile, largest first."""
    return [merkle.root(hashes[low:high]) for low, high in merkle.complete_subtrees(0, len(hashes))]


def _hash_tile(log: AuditedFolder, level: int, index: int, expected: list[bytes]) -> list[Fault]:
    path = tile_path(level, index, len(expected))
    data = read_file(log.path, path)
    if data is None and len(expected) < WIDTH:
        data = read_file(log.path, tile_path(level, index))
    first = index * WIDTH << (HEIGHT * level)
    if data is None:
        return [
            Fault(log.origin, first, "tile.missing", TILES, REFUSE, f"The tile {path} is not there.", path)
        ]
    if data[: len(expected) * merkle.HASH_SIZE] == b"".join(expected) and len(data) % merkle.HASH_SIZE == 0:
        return []
    given = [data[i : i + merkle.HASH_SIZE] for i in range(0, len(data), merkle.HASH_SIZE)]
    place = next((n for n, h in enumerate(expected) if n >= len(given) or given[n] != h), 0)
    return [
        Fault(
            log.origin,
            first + (place << (HEIGHT * level)),
            "tile.altered",
            TILES,
            REFUSE,
            f"The tile {path} was altered: it is not what the entries below it hash to.",
            path,
        )
    ]

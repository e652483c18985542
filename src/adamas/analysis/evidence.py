"""The log's side of a bundle, verified: checkpoint, cosignatures, receipt, proofs, and the history of keys.

Bundles of one log share its genesis, its key statements and often its checkpoint, so what was verified of these bytes
is remembered (each of these functions depends on its arguments alone, and a bounded number of results is kept).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from adamas.errors import AdamasError
from adamas.ledger import checkpoint as checkpoints
from adamas.ledger import merkle, receipt
from adamas.ledger import statement as statements
from adamas.ledger.bundle import BundledLog
from adamas.ledger.checkpoint import Checkpoint
from adamas.ledger.keyhistory import Genesis, KeyHistory
from adamas.ledger.note import Note, VerifierKey
from adamas.ledger.policy import Policy
from adamas.ledger.statement import Statement
from adamas.ledger.types import LEDGER_TYPES

_LOGS, _STATEMENTS = 64, 1024


class Broken(AdamasError):  # noqa: N818 - what happened to a step of the verification; becomes a remark
    """A step of the verification that does not hold."""


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Who cosigned and when (unix seconds, 0: no time stated), and what the policy says of that.

    ``strangers`` tells whether the note has a signature twice, or of a key that the policy does not name.
    """

    times: dict[str, int]
    groups: dict[str, bool]
    missing: tuple[str, ...]
    strangers: bool

    @property
    def witnessed_at(self) -> int | None:
        """When the last of them had cosigned; None while the policy is not satisfied."""
        return max((t for t in self.times.values() if t), default=None) if not self.missing else None


NOBODY = Witnesses({}, {}, (), False)


@lru_cache(maxsize=4 * _LOGS)
def key_of(vkey: str) -> VerifierKey:
    """A log's verifier key. Raises NoteError."""
    return VerifierKey.parse(vkey)


@lru_cache(maxsize=_LOGS)
def opened(vkey: str, checkpoint: bytes, signature: bytes) -> tuple[VerifierKey, Checkpoint, Note]:
    """A log's checkpoint, its signature and the COSE signature over the same root verified. Raises AdamasError."""
    key = key_of(vkey)
    head, note = checkpoints.open_checkpoint(checkpoint, key)
    root = receipt.parse(signature)
    if (
        root.issuer != head.origin
        or root.inclusion
        or root.consistency
        or not root.signs(head.root, key.public_key)
    ):
        sentence = "The COSE receipt is not the log's over the root of the checkpoint."
        raise Broken("verify.receipt", sentence)
    return key, head, note


@lru_cache(maxsize=16)
def read_policy(text: str) -> Policy:
    """A witness policy. Raises NoteError."""
    return Policy.parse(text)


@lru_cache(maxsize=_LOGS)
def witnesses(vkey: str, checkpoint: bytes, policy: str) -> Witnesses:
    """The cosignatures on a checkpoint. Raises NoteError for one of a known key that does not hold."""
    log_key, (_, note), rules = key_of(vkey), checkpoints.parse(checkpoint), read_policy(policy)
    times: dict[str, int] = {}
    known = {(log_key.name, log_key.id)}
    for name, witness in rules.witnesses.items():
        known.add((witness.key.key.name, witness.key.key.id))
        cosignature = witness.key.find(note)
        if cosignature is not None:
            times[name] = cosignature.time
    lines = [(s.name, s.key_id) for s in note.signatures]
    strangers = len(set(lines)) < len(lines) or not known.issuperset(lines)
    result = rules.evaluate(times)
    return Witnesses(times, result.groups, tuple(result.missing), strangers)


@lru_cache(maxsize=_STATEMENTS)
def parsed(raw: bytes) -> Statement:
    """A statement, read strictly. Raises StatementError."""
    return statements.parse(raw)


@lru_cache(maxsize=_STATEMENTS)
def holds(raw: bytes, public_key: bytes) -> bool:
    """Whether the key signed these bytes."""
    return statements.verify(parsed(raw), public_key)


@lru_cache(maxsize=_LOGS)
def genesis_of(raw: bytes) -> tuple[Genesis, bytes] | None:
    """What a genesis says and the key that signed it, if it is one and its signature holds."""
    st = parsed(raw)
    probe = KeyHistory()
    probe.apply(0, st)
    key = probe.public_key(st.kid)
    if key is None or probe.genesis is None or not holds(raw, key):
        return None
    return probe.genesis, key


@lru_cache(maxsize=_STATEMENTS)
def _included(index: int, size: int, leaf: bytes, path: tuple[bytes, ...], root: bytes) -> None:
    """The leaf stands in the tree. Raises ProofError (which is not remembered)."""
    merkle.verify_inclusion(index, size, leaf, path, root)


def entries_of(log: BundledLog, head: Checkpoint) -> list[tuple[int, Statement]]:
    """The statements of a bundled log, each proven to stand in the tree. Raises AdamasError."""
    read = []
    for entry in log.entries:
        st = parsed(entry.raw)
        _included(entry.index, head.size, st.id, entry.path, head.root)
        read.append((entry.index, st))
    return read


def history_of(entries: list[tuple[int, Statement]], origin: str, witnessed_at: int | None) -> KeyHistory:
    """The key history of a bundled log; every signature is verified. Raises Broken."""
    history, kids = _folded(
        tuple((index, st.raw) for index, st in entries if st.type in LEDGER_TYPES), origin, witnessed_at
    )
    for index, st in entries:
        if st.type in LEDGER_TYPES:
            continue
        if st.kid in kids:  # an act of the registry waits for its endorsements: fold all of them, kept apart
            return _fold([(n, one.raw) for n, one in entries], witnessed_at)
        _check_signature(history, index, st)
    return history


def _check_signature(history: KeyHistory, index: int, st: Statement) -> None:
    key = history.public_key(st.kid)
    if key is None:
        sentence = f"Entry {index} ({st.type}) is signed with a key whose enrolment is not here."
        raise Broken("verify.unknown-key", sentence)
    if not holds(st.raw, key):
        raise Broken("verify.signature", f"Entry {index} ({st.type}) has a signature that does not hold.")


@lru_cache(maxsize=_LOGS)
def _folded(
    entries: tuple[tuple[int, bytes], ...], origin: str, witnessed_at: int | None
) -> tuple[KeyHistory, frozenset[bytes]]:
    """The history that a genesis and key statements make, and the short names of the registry's roots in it."""
    begun = genesis_of(entries[0][1]) if entries and entries[0][0] == 0 else None
    if begun is None or begun[0].origin != origin:
        raise Broken("verify.genesis", "The log's genesis is not in the bundle, or does not hold.")
    history = _fold(entries, witnessed_at)
    return history, frozenset(kid for kid, key in history.keys.items() if key.purpose == "root")


def _fold(
    entries: list[tuple[int, bytes]] | tuple[tuple[int, bytes], ...], witnessed_at: int | None
) -> KeyHistory:
    history = KeyHistory()
    for index, raw in entries:
        st = parsed(raw)
        if index:
            _check_signature(history, index, st)
        history.apply(index, st, witnessed_at)
    return history


def forget() -> None:
    """Forgets all that was verified before (for measuring)."""
    for remembered in (key_of, opened, read_policy, witnesses, parsed, holds, genesis_of, _included, _folded):
        remembered.cache_clear()

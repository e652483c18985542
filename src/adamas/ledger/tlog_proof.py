"""One file that proves that an entry is in a log and who witnessed it (C2SP tlog-proof); verifies with no
network.

    c2sp.org/tlog-proof@v1
    extra <base64>          optional, not authenticated
    index <decimal>
    <base64 hash>           the audit path, leaf's sibling first
    …
    <empty line>
    <the checkpoint, verbatim>

    tlog-proof.header tlog-proof.extra tlog-proof.index tlog-proof.hash tlog-proof.structure tlog-proof.size
    tlog-proof.quorum
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adamas.ledger import checkpoint as checkpoints
from adamas.ledger import merkle
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint
from adamas.ledger.errors import NoteError, ProofError
from adamas.ledger.note import VerifierKey
from adamas.ledger.policy import Policy

HEADER = "c2sp.org/tlog-proof@v1"
EXTENSION = ".tlog-proof"
"""What a file of this kind is called."""
MAX_LINE = 65_535
MAX_SIZE = notes.MAX_SIZE + 200_000
MAX_HASHES = 63
"""A tree of at most 2^63 leaves has no longer path."""
_CLAUSE = "C2SP tlog-proof"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The proof as read: leaf ``index``, audit path, signed checkpoint, and ``extra`` bytes that nothing
    vouches for.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def format(self) -> bytes:
        """The proof as a file. Raises ProofError if a part cannot stand in one."""
        if not 0 <= self.index <= merkle.MAX_SIZE:
            raise ProofError("tlog-proof.index", f"{self.index} is no index.", clause=_CLAUSE)
        if len(self.hashes) > MAX_HASHES or any(len(h) != merkle.HASH_SIZE for h in self.hashes):
            raise ProofError(
                "tlog-proof.hash", "The path is too long, or a hash is not of 32 bytes.", clause=_CLAUSE
            )
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {notes.encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [notes.encode_base64(h) for h in self.hashes]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Reads the container strictly; the checkpoint inside is not looked at yet.

        Raises ProofError ``tlog-proof.*``.
        """
        if len(data) > MAX_SIZE:
            raise ProofError(
                "tlog-proof.size", f"A proof of {len(data):,} bytes is larger than allowed.", clause=_CLAUSE
            )
        head, gap, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise ProofError(
                "tlog-proof.structure", "The proof has octets that are not ASCII.", clause=_CLAUSE
            ) from None
        if lines.pop(0) != HEADER:
            raise ProofError("tlog-proof.header", f"The first line is not “{HEADER}”.", clause=_CLAUSE)
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = _base64(lines.pop(0)[6:], "tlog-proof.extra")
        if not lines or not lines[0].startswith("index "):
            raise ProofError("tlog-proof.index", "The index line is missing.", clause=_CLAUSE)
        try:
            index = checkpoints.parse_decimal(lines.pop(0)[6:])
        except NoteError:
            raise ProofError(
                "tlog-proof.index", "The index is not a decimal without leading zeros.", clause=_CLAUSE
            ) from None
        if len(lines) > MAX_HASHES:
            raise ProofError("tlog-proof.hash", f"No path has more than {MAX_HASHES} hashes.", clause=_CLAUSE)
        hashes = tuple(_base64(line, "tlog-proof.hash") for line in lines)
        if any(len(h) != merkle.HASH_SIZE for h in hashes):
            raise ProofError("tlog-proof.hash", "A hash of the path is not of 32 bytes.", clause=_CLAUSE)
        if not gap or not checkpoint:
            raise ProofError(
                "tlog-proof.structure", "No checkpoint follows after an empty line.", clause=_CLAUSE
            )
        return cls(index, hashes, checkpoint, extra)

    def verify(
        self,
        leaf_hash: bytes,
        log_key: VerifierKey | str,
        policy: Policy | None = None,
        *,
        origin: str | None = None,
    ) -> Verified:
        """Checks all of it for the leaf: the log's signature, the path, and the policy's quorum of witnesses.

        Raises NoteError or ProofError for what does not hold, and ProofError ``tlog-proof.quorum`` with the
        missing groups if too few witnesses signed; no policy means that no witness is asked.
        """
        checkpoint, note = checkpoints.open_checkpoint(self.checkpoint, log_key, origin=origin)
        merkle.verify_inclusion(self.index, checkpoint.size, leaf_hash, self.hashes, checkpoint.root)
        times: dict[str, int] = {}
        if policy is not None:
            result = policy.evaluate_checkpoint(note)
            if not result.satisfied:
                raise ProofError(
                    "tlog-proof.quorum",
                    f"Too few witnesses signed the checkpoint: missing {', '.join(result.missing)}.",
                    clause="C2SP tlog-policy",
                )
            times = result.times
        return Verified(checkpoint, times)

    def verify_entry(
        self,
        entry: bytes,
        log_key: VerifierKey | str,
        policy: Policy | None = None,
        *,
        origin: str | None = None,
    ) -> Verified:
        """``verify`` for the entry's bytes."""
        return self.verify(merkle.leaf_hash(entry), log_key, policy, origin=origin)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a proof led to: the log's checkpoint, and when which witness (by its policy name) signed it."""

    checkpoint: Checkpoint
    times: dict[str, int]


def make(index: int, hashes: Sequence[bytes], checkpoint: bytes, extra: bytes | None = None) -> bytes:
    """A proof file from its parts."""
    return TlogProof(index, tuple(hashes), checkpoint, extra).format()


def _base64(text: str, code: str) -> bytes:
    if len(text) > MAX_LINE:
        raise ProofError(code, "A line is too long.", clause=_CLAUSE)
    try:
        return notes.decode_base64(text)
    except NoteError as error:
        raise ProofError(code, error.sentence, clause=_CLAUSE) from None

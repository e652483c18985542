"""Every refusal of the ledger, as a tree.

LedgerError
├── StatementError      bytes that are no statement (cbor.*, cose.*, statement.*, hidden.*, pedersen.*)
├── KeyRefused          a key that may not be used or cannot be opened (key.*, keystore.*, pkcs11.*)
├── ProofError          a Merkle proof, receipt or root that does not hold (proof.*, receipt.*)
├── NoteError           a signed note, checkpoint, cosignature or policy (note.*, checkpoint.*, policy.*)
├── TileError           a tile or entry bundle that is missing or broken (tile.*)
├── StorageError        the place where entries or tiles are kept (storage.*, entries.*)
│   └── PublishError    a checkpoint that may not be published (publish.*)
├── WitnessError        a witness refused, lied or was silent (witness.*)
│   └── WitnessFault    a witness's own settings, memory, socket or clock (witness.*)
├── MirrorError         another's log cannot be copied or followed (mirror.*, fetch.*)
│   ├── SplitView       a log that shows two histories; the evidence is saved (mirror.split-view)
│   └── LogBehind       a log that shows less than it did before (mirror.behind)
└── BundleError         a bundle file that cannot be read (bundle.*)
"""

from __future__ import annotations

from adamas.errors import AdamasError


class LedgerError(AdamasError):
    """Anything that the ledger refuses."""


class StatementError(LedgerError):
    """Bytes that are not a well-formed statement, or a payload that its type does not allow."""


class KeyRefused(LedgerError):  # noqa: N818 — what happened, and KeyError is Python's
    """A key that is malformed, unsafe, unknown, ended, or cannot be opened."""


class ProofError(LedgerError):
    """A Merkle proof, receipt or root that does not hold."""


class NoteError(LedgerError):
    """A signed note, checkpoint, cosignature, verifier key or policy that is malformed or not signed as
    asked.
    """


class TileError(LedgerError):
    """A tile or entry bundle that is missing, of the wrong size, or does not hash to its parent."""


class StorageError(LedgerError):
    """The disk, bucket or database that keeps entries and tiles refused or failed."""

    exit_code = 74


class PublishError(StorageError):
    """A checkpoint that may not be published: smaller than, or inconsistent with, the one already out."""


class WitnessError(LedgerError):
    """A witness refused, answered wrongly, or did not answer."""


class WitnessFault(WitnessError):  # noqa: N818 (what it has, not what it says)
    """A witness that cannot serve: its settings, its memory, its socket or its clock. Nothing was signed."""

    exit_code = 74


class MirrorError(LedgerError):
    """Another office's log cannot be fetched, or does not verify."""


class SplitView(MirrorError):  # noqa: N818 — the name of the evidence
    """A log signed two checkpoints that cannot both be true."""


class LogBehind(MirrorError):  # noqa: N818 — what happened
    """A log, or the copy of it that is served, shows fewer entries than before, and contradicts none of them."""

    exit_code = 75


class BundleError(LedgerError):
    """A bundle file that cannot be read."""

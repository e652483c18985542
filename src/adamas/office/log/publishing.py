"""Publishing the office's own log: tiles, checkpoint, and the cosignatures of the pillars' witnesses.

A witness that is away does not stop the log: the checkpoint goes out with the cosignatures there are, and says by
itself which pillar is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connections, transaction

from adamas.ledger.checkpoint import Checkpoint
from adamas.ledger.entries import EntryLog
from adamas.ledger.fsck import Fault, check_log
from adamas.ledger.policy import Policy, PolicyResult
from adamas.ledger.publisher import Publisher
from adamas.ledger.storage import Storage, open_storage
from adamas.ledger.tiles import TileReader
from adamas.ledger.witness.client import cosign
from adamas.office.database import failures
from adamas.office.log.follow import record_sighting
from adamas.office.log.knowledge import OWN

if TYPE_CHECKING:
    from adamas.office.opening import Office


@dataclass(slots=True)
class Published:
    """The checkpoint that is out, what the policy says of its cosignatures, and which witnesses failed and why."""

    checkpoint: Checkpoint
    policy: PolicyResult | None = None
    failures: dict[str, str] = field(default_factory=dict)
    witnessed_at: int | None = None


def publish(office: Office, *, witnesses: bool = True, timeout: float = 5.0) -> Published:
    """Publishes what is durable and asks the witnesses of policy.txt. Raises StorageError, PublishError."""
    config = office.config
    storage = open_storage(office.home.publish_to)
    failed: dict[str, str] = {}
    policy = Policy.parse(config.policy) if config.policy else None
    asked = [w for w in policy.witnesses.values() if w.url] if policy and witnesses else []

    def gather(note: bytes, before: int) -> bytes:
        from adamas.ledger.checkpoint import parse

        size = parse(note)[0].size
        reader = TileReader(storage.get, size)
        result = cosign(note, asked, reader.consistency_proof, old_size=before, timeout=timeout)
        failed.update(result.failures)
        return result.note

    publisher = _publisher(office, storage)
    with failures():
        checkpoint = publisher.publish(cosign=gather if asked else None)
    outcome = Published(checkpoint, failures=failed)
    _record(office, storage, outcome, policy)
    return outcome


def check(office: Office) -> list[Fault]:
    """Every fault in the published files of the office's own log. Raises StorageError."""
    config = office.config
    policy = Policy.parse(config.policy) if config.policy else None
    return check_log(open_storage(office.home.publish_to), office.log.vkey, policy=policy)


def mend(office: Office) -> list[str]:
    """Puts damaged or missing files back from the office's entries; their paths. Raises as `publish` does."""
    with failures():
        return _publisher(office, open_storage(office.home.publish_to)).mend()


def _publisher(office: Office, storage: Storage) -> Publisher:
    return Publisher(office.config.origin, office.log_signer(), storage, _read(office), _size(office))


def _record(office: Office, storage: Storage, outcome: Published, policy: Policy | None) -> None:
    note = storage.get("checkpoint")
    if note is None:
        return
    if policy is not None:
        outcome.policy = policy.evaluate_checkpoint(note)
    with failures(), transaction.atomic(using=office.alias):
        log = office.log
        log.policy = office.config.policy
        outcome.witnessed_at = record_sighting(office.alias, log, note, office.now())


def _read(office: Office):  # type: ignore[no-untyped-def]
    def read(start: int, end: int) -> list[bytes]:
        with connections[office.alias].cursor() as cursor:
            return EntryLog(OWN).read(cursor, start, end)

    return read


def _size(office: Office):  # type: ignore[no-untyped-def]
    def size() -> int:
        if connections[office.alias].in_atomic_block:
            # Its own uncommitted entries would look durable here.
            raise RuntimeError("publish after the transaction is committed, not inside it")
        with connections[office.alias].cursor() as cursor:
            return EntryLog(OWN).size(cursor)

    return size

"""One file that verifies with no network, for ever: a statement and all that it rests on (``*.adamas``).

    [ "adamas-bundle", 1, body: bstr, SHA-256(body): bstr ]                     deterministic CBOR
    body = { "logs": [ log, … ],       the first log holds the statement, others what was said of it elsewhere
             "statement": uint,        its place among the entries of the first log, from 0
             "disclosures": [ bstr ],  the hidden fields that the holder shows
             "policy": text,           the witness policy, C2SP tlog-policy
             ? "registry": bstr }      the genesis of the registry that the logs name
    log  = { "vkey": text,             the log's verifier key, C2SP signed-note
             "checkpoint": bstr,       signed note with its cosignatures
             "receipt": bstr,          the log's COSE signature over the same root: a receipt without proofs
             "entries": [ [index, path: bstr, statement: bstr], … ] }            by index; entry 0 is the genesis

``path`` is the audit path of the entry in the checkpoint's tree, hashes of 32 bytes from the leaf's sibling up, one
after the other. :func:`receipt_of` and :func:`tlog_proof_of` make each entry's RFC 9942 receipt and C2SP tlog-proof
from these parts, so nothing stands twice in the file. The digest at the end finds damage in
transport; it is no proof of anything, since whoever alters the body can write another.

    bundle.cbor bundle.size bundle.format bundle.newer bundle.checksum bundle.shape bundle.limit
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adamas.ledger import cbor
from adamas.ledger.errors import BundleError, StatementError

FORMAT = "adamas-bundle"
VERSION = 1
EXTENSION = ".adamas"
MAX_SIZE = 2_000_000
"""Bytes of a bundle; an ordinary one has 10 to 40 kB."""
MAX_LOGS = 32
MAX_ENTRIES = 2_000
MAX_DISCLOSURES = 32
MAX_PATH = 63
_HASH = 32
_DOC = "docs/formats/bundle.md"


@dataclass(frozen=True, slots=True)
class BundledEntry:
    """One statement (its bytes) at ``index`` of its log, with its audit path."""

    index: int
    path: tuple[bytes, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class BundledLog:
    """One log as far as the bundle needs it. ``checkpoint`` is the signed note, ``receipt`` the COSE signature."""

    vkey: str
    checkpoint: bytes
    receipt: bytes
    entries: tuple[BundledEntry, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle, read; nothing in it is verified yet (:mod:`adamas.analysis.verify` does that)."""

    logs: tuple[BundledLog, ...]
    statement: int
    disclosures: tuple[bytes, ...] = ()
    policy: str = ""
    registry: bytes | None = None

    @property
    def entry(self) -> BundledEntry:
        """The entry that the bundle is about."""
        return self.logs[0].entries[self.statement]

    def to_bytes(self) -> bytes:
        """The file. Raises BundleError for parts that may not stand in one."""
        body: dict[str, Any] = {
            "logs": [
                {
                    "vkey": log.vkey,
                    "checkpoint": log.checkpoint,
                    "receipt": log.receipt,
                    "entries": [[e.index, b"".join(e.path), e.raw] for e in log.entries],
                }
                for log in self.logs
            ],
            "statement": self.statement,
            "disclosures": list(self.disclosures),
            "policy": self.policy,
        }
        if self.registry is not None:
            body["registry"] = self.registry
        data = seal(cbor.encode(body))
        parse(data)
        return data


def seal(body: bytes) -> bytes:
    """The file around an encoded body."""
    return cbor.encode([FORMAT, VERSION, body, hashlib.sha256(body).digest()])


def parse(data: bytes) -> Bundle:
    """Reads a bundle strictly and verifies nothing. Raises BundleError with a ``bundle.*`` code.

    Safe on any bytes: sizes and counts are limited before anything is kept. A file of a newer edition has
    the code ``bundle.newer`` and exit code 2: this program cannot tell.
    """
    outer = _decode(data)
    if type(outer) is not list or len(outer) != 4 or outer[0] != FORMAT:
        raise BundleError("bundle.format", "The file is not a bundle.", clause=_DOC)
    _, version, body, digest = outer
    if type(version) is not int or version < 1 or type(body) is not bytes or type(digest) is not bytes:
        raise BundleError("bundle.format", "The file is not a bundle.", clause=_DOC)
    if hashlib.sha256(body).digest() != digest:
        raise BundleError(
            "bundle.checksum",
            "The file was damaged: its digest does not match.",
            clause=_DOC,
            advice="Fetch it again from where it came.",
        )
    if version > VERSION:
        error = BundleError(
            "bundle.newer",
            f"The bundle is of edition {version}; this program reads {VERSION}.",
            advice="Use a newer adamas.",
        )
        error.exit_code = 2
        raise error
    return _body(_decode(body))


def _decode(data: bytes) -> Any:
    if len(data) > MAX_SIZE:
        raise BundleError("bundle.size", f"{len(data):,} bytes are more than the {MAX_SIZE:,} of a bundle.")
    try:
        return cbor.decode(data, max_size=MAX_SIZE)
    except StatementError as error:
        raise BundleError("bundle.cbor", error.sentence, where=error.code, clause=_DOC) from None


def _body(body: Any) -> Bundle:
    _keys(body, {"logs", "statement", "disclosures", "policy"}, {"registry"}, "body")
    logs, place, disclosures = body["logs"], body["statement"], body["disclosures"]
    policy, registry = body["policy"], body.get("registry")
    if type(logs) is not list or type(disclosures) is not list or type(policy) is not str:
        raise _shape("A part of the bundle is of the wrong type.", "body")
    if not 1 <= len(logs) <= MAX_LOGS or len(disclosures) > MAX_DISCLOSURES:
        raise BundleError("bundle.limit", "The bundle has no log, or more logs or disclosures than allowed.")
    if any(type(item) is not bytes for item in disclosures):
        raise _shape("A disclosure is not a byte string.", "disclosures")
    if "registry" in body and type(registry) is not bytes:
        raise _shape("The registry's genesis is not a byte string.", "registry")
    read = tuple(_log(log, n) for n, log in enumerate(logs))
    if type(place) is not int or not 0 <= place < len(read[0].entries):
        raise _shape("The statement is not among the entries of the first log.", "statement")
    if sum(len(log.entries) for log in read) > MAX_ENTRIES:
        raise BundleError("bundle.limit", f"The bundle has more than {MAX_ENTRIES:,} entries.")
    return Bundle(read, place, tuple(disclosures), policy, registry)


def _log(log: Any, number: int) -> BundledLog:
    where = f"logs[{number}]"
    _keys(log, {"vkey", "checkpoint", "receipt", "entries"}, set(), where)
    vkey, checkpoint, receipt, entries = log["vkey"], log["checkpoint"], log["receipt"], log["entries"]
    if (
        type(vkey) is not str
        or type(checkpoint) is not bytes
        or type(receipt) is not bytes
        or type(entries) is not list
        or not entries
    ):
        raise _shape("A part of the log is missing or of the wrong type.", where)
    read: list[BundledEntry] = []
    last = -1
    for entry in entries:
        if (
            type(entry) is not list
            or len(entry) != 3
            or type(entry[0]) is not int
            or type(entry[1]) is not bytes
            or type(entry[2]) is not bytes
        ):
            raise _shape("An entry is not [index, path, statement].", where)
        index, path, raw = entry
        if index <= last or index >= 1 << 63:
            raise _shape("The entries are not in order of their index, each once.", where)
        if len(path) % _HASH or len(path) > MAX_PATH * _HASH:
            raise _shape("An audit path is not of whole hashes, or too long.", where)
        last = index
        read.append(BundledEntry(index, tuple(path[i : i + _HASH] for i in range(0, len(path), _HASH)), raw))
    return BundledLog(vkey, checkpoint, receipt, tuple(read))


def _keys(value: Any, wanted: set[str], optional: set[str], where: str) -> None:
    if type(value) is not dict or not wanted <= value.keys() <= wanted | optional:
        raise _shape(f"The keys must be {', '.join(sorted(wanted))}.", where)


def _shape(sentence: str, where: str) -> BundleError:
    return BundleError("bundle.shape", sentence, where=where, clause=_DOC)


def receipt_of(bundle: Bundle, log: int = 0, entry: int | None = None) -> bytes:
    """The RFC 9942 receipt of one entry (of the bundle's statement, if none is named). Raises ProofError, NoteError."""
    from adamas.ledger import checkpoint, receipt

    part, chosen = _chosen(bundle, log, entry)
    size = checkpoint.parse(part.checkpoint)[0].size
    return receipt.inclusion_receipt(part.receipt, size, chosen.index, chosen.path)


def tlog_proof_of(bundle: Bundle, log: int = 0, entry: int | None = None) -> bytes:
    """The C2SP tlog-proof of one entry (of the bundle's statement, if none is named). Raises ProofError."""
    from adamas.ledger import tlog_proof

    part, chosen = _chosen(bundle, log, entry)
    return tlog_proof.make(chosen.index, chosen.path, part.checkpoint)


def _chosen(bundle: Bundle, log: int, entry: int | None) -> tuple[BundledLog, BundledEntry]:
    part: Sequence[BundledEntry] = bundle.logs[log].entries
    return bundle.logs[log], bundle.entry if entry is None and log == 0 else part[entry or 0]

"""Gathering cosignatures: all witnesses are asked at once, and none can hold the log up or put words into its
mouth.

Each is asked with the size that it most likely has; one that has another answers 409 and says which, and is asked once
more. What comes back is verified with the key that we know, and only then counts. A witness that is silent, slow,
refuses or lies is named with a sentence; the others count all the same.

    witness.silent witness.refused witness.lied
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus

from adamas.errors import AdamasError
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import parse, parse_decimal
from adamas.ledger.cosignature import WitnessKey
from adamas.ledger.errors import LedgerError, WitnessError
from adamas.ledger.fetch import Answer, Client
from adamas.ledger.note import Note, NoteSignature
from adamas.ledger.policy import Witness
from adamas.ledger.witness import request as requests

MAX_ANSWER = 64 * 1024
_WORDS = 300
"""Characters that are repeated of what a witness says."""
_GRACE = 0.25
"""Seconds above the timeout, so that the request's own deadline, which explains itself better, comes first."""

Proof = Callable[[int], Sequence[bytes]]
"""The consistency proof from a smaller size to the checkpoint's. Called from one thread at a time."""


@dataclass(frozen=True, slots=True)
class GatherResult:
    """The checkpoint with the lines that were verified, those lines, and why a witness (by its name) gave none."""

    note: bytes
    lines: tuple[NoteSignature, ...] = ()
    failures: dict[str, str] = field(default_factory=dict)


def cosign(
    note: bytes,
    witnesses: Iterable[Witness],
    consistency_proof: Proof,
    *,
    old_size: int = 0,
    timeout: float = 5.0,
) -> GatherResult:
    """Asks every witness of a policy that has an address for its cosignatures of a signed checkpoint.

    ``old_size`` is what most of them are likely to have cosigned last. Witness lines that the note has and that hold
    are not asked for again. Returns within about ``timeout`` seconds, whatever the witnesses do.
    """
    opened = notes.parse(note)
    size = parse(note)[0].size
    servers: dict[str, list[WitnessKey]] = {}
    for witness in witnesses:
        if witness.url is not None and not _has(opened, witness.key):
            servers.setdefault(witness.url.rstrip("/"), []).append(witness.key)
    if not servers:
        return GatherResult(note)
    first = min(old_size, size)
    proof = _Proofs(consistency_proof)
    proof(first)  # a log that cannot prove its own growth says so at once, and does not blame the witnesses
    lines: list[NoteSignature] = []
    failures: dict[str, str] = {}
    end = time.monotonic() + timeout
    pool = ThreadPoolExecutor(len(servers), thread_name_prefix="witness")
    try:
        asked = {url: pool.submit(_converse, url, first, size, proof, note, end) for url in servers}
        for url, keys in servers.items():
            try:
                found, wanting = _verified(opened, keys, _settled(asked[url], end, url))
            except AdamasError as error:
                found, wanting = [], error.sentence
            lines += found
            if wanting:
                failures[keys[0].name] = wanting
    finally:
        # Not waited for: what a resolver or a connection that is being made may take is not in our hands.
        pool.shutdown(wait=False, cancel_futures=True)
    return GatherResult(opened.with_signatures(lines).to_bytes(), tuple(lines), failures)


class _Proofs:
    """Each consistency proof is made once, and by one thread at a time."""

    def __init__(self, make: Proof) -> None:
        self._make = make
        self._made: dict[int, Sequence[bytes]] = {}
        self._lock = threading.Lock()

    def __call__(self, old: int) -> Sequence[bytes]:
        with self._lock:
            if old not in self._made:
                self._made[old] = self._make(old)
            return self._made[old]


def _has(note: Note, key: WitnessKey) -> bool:
    try:
        return key.find(note) is not None
    except LedgerError:
        return False


def _settled(asked: Future[Answer], end: float, url: str) -> Answer:
    """What the witness answered. Raises AdamasError, ``witness.silent`` once the time is over."""
    try:
        return asked.result(max(end - time.monotonic(), 0.0) + _GRACE)
    except TimeoutError:
        raise _silent(url) from None


def _converse(url: str, old: int, size: int, proof: Proof, note: bytes, end: float) -> Answer:
    """Asks, and once more from the size that the witness names if it has another (409)."""
    answer = _ask(url, old, proof(old), note, end)
    if answer.status != HTTPStatus.CONFLICT:
        return answer
    try:
        held = parse_decimal(answer.body.decode("ascii").removesuffix("\n"))
    except (LedgerError, UnicodeDecodeError):
        raise WitnessError("witness.lied", "It answered 409 without a size.", where=url) from None
    if held > size:
        raise WitnessError(
            "witness.refused",
            f"It has cosigned {held:,} entries of this log; the checkpoint has {size:,}.",
            where=url,
        )
    return _ask(url, held, proof(held), note, end)


def _silent(url: str) -> WitnessError:
    return WitnessError("witness.silent", "It did not answer in time.", where=url)


def _ask(url: str, old: int, proof: Sequence[bytes], note: bytes, end: float) -> Answer:
    left = end - time.monotonic()
    if left <= 0:
        raise _silent(url)
    client = Client(url, connections=1, step_timeout=left)
    try:
        return client.request(
            "POST",
            "add-checkpoint",
            body=requests.encode(old, proof, note),
            headers={"Content-Type": "application/octet-stream"},
            limit=MAX_ANSWER,
            seconds=left,
        )
    finally:
        client.close()


def _verified(note: Note, keys: Sequence[WitnessKey], answer: Answer) -> tuple[list[NoteSignature], str]:
    """The lines of an answer that are cosignatures of these keys, and a sentence if one is wanting.

    Lines of keys that we do not know are passed over. Raises WitnessError.
    """
    if answer.status != HTTPStatus.OK:
        said = answer.body.decode("utf-8", "replace").strip()
        words = "".join(c if c.isprintable() else " " for c in said[:_WORDS])
        raise WitnessError("witness.refused", f"It refused ({answer.status}): {words}")
    try:
        text = answer.body.decode()
        given = Note(
            note.text, tuple(NoteSignature.parse(line) for line in text.removesuffix("\n").split("\n"))
        )
        found = [cosignature for key in keys if (cosignature := key.find(given)) is not None]
    except (LedgerError, UnicodeDecodeError) as error:
        why = error.sentence if isinstance(error, LedgerError) else "It is no text."
        raise WitnessError(
            "witness.lied", f"Its answer is no cosignature of this checkpoint. {why}"
        ) from None
    if not all(cosignature.time for cosignature in found):
        raise WitnessError("witness.lied", "Its cosignature states no time.")
    if not found:
        raise WitnessError("witness.lied", "Its answer has no cosignature of the key that we know.")
    wanting = f"It signed with {len(found)} of its {len(keys)} keys." if len(found) < len(keys) else ""
    return [cosignature.note_signature for cosignature in found], wanting

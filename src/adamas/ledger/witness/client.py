"""Gathering cosignatures: all witnesses are asked at once, and none can hold the log up or put words into its mouth.

Each is asked with the size that it most likely has; one that has another answers 409 and says which, and is asked once
more. What comes back is verified with the key that we know, and only then counts. A witness that is silent, slow,
refuses or lies is named with a sentence; the others count all the same.

    witness.silent witness.refused witness.lied
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

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
    proofs: dict[int, Sequence[bytes]] = {}

    def proof(old: int) -> Sequence[bytes]:
        if old not in proofs:
            proofs[old] = consistency_proof(old)
        return proofs[old]

    first = min(old_size, size)
    proof(first)
    lines: list[NoteSignature] = []
    failures: dict[str, str] = {}
    end = time.monotonic() + timeout
    with ThreadPoolExecutor(len(servers)) as pool:
        asked = {url: pool.submit(_ask, url, first, proofs[first], note, end) for url in servers}
        answers = {url: _settled(future.result) for url, future in asked.items()}
        for url, answer in answers.items():
            if isinstance(answer, Answer) and answer.status == 409:
                answers[url] = _settled(partial(_again, url, answer, size, proof, note, end))
    for url, keys in servers.items():
        answer = answers[url]
        try:
            if not isinstance(answer, Answer):
                raise answer
            lines += _verified(opened, keys, answer)
        except AdamasError as error:
            failures[keys[0].name] = f"{error.sentence}"
    return GatherResult(opened.with_signatures(lines).to_bytes(), tuple(lines), failures)


def _has(note: Note, key: WitnessKey) -> bool:
    try:
        return key.find(note) is not None
    except LedgerError:
        return False


def _settled(work: Callable[[], Answer]) -> Answer | AdamasError:
    try:
        return work()
    except AdamasError as error:
        return error


def _ask(url: str, old: int, proof: Sequence[bytes], note: bytes, end: float) -> Answer:
    left = end - time.monotonic()
    if left <= 0:
        raise WitnessError("witness.silent", "It did not answer in time.", where=url)
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


def _again(url: str, answer: Answer, size: int, proof: Proof, note: bytes, end: float) -> Answer:
    """Asks once more from the size that the witness says it has."""
    try:
        held = parse_decimal(answer.body.decode("ascii").removesuffix("\n"))
    except (LedgerError, UnicodeDecodeError):
        raise WitnessError("witness.lied", "It answered 409 without a size.", where=url) from None
    if held > size:
        raise WitnessError(
            "witness.refused", f"It has cosigned {held:,} entries of this log; the checkpoint has {size:,}.", where=url
        )
    return _ask(url, held, proof(held), note, end)


def _verified(note: Note, keys: Sequence[WitnessKey], answer: Answer) -> list[NoteSignature]:
    """The lines of an answer that are cosignatures of these keys. Raises WitnessError."""
    if answer.status != 200:
        said = answer.body.decode("utf-8", "replace").strip()
        words = "".join(c if c.isprintable() else " " for c in said[:_WORDS])
        raise WitnessError("witness.refused", f"It refused ({answer.status}): {words}")
    try:
        text = answer.body.decode()
        given = Note(note.text, tuple(NoteSignature.parse(line) for line in text.removesuffix("\n").split("\n")))
        found = [cosignature for key in keys if (cosignature := key.find(given)) is not None]
    except (LedgerError, UnicodeDecodeError) as error:
        why = error.sentence if isinstance(error, LedgerError) else "it is no text."
        raise WitnessError("witness.lied", f"Its answer is no cosignature of this checkpoint: {why}") from None
    if not found:
        raise WitnessError("witness.lied", "Its answer has no cosignature of the key that we know.")
    return [cosignature.note_signature for cosignature in found]

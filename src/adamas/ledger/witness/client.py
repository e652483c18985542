"""Gathering cosignatures: all witnesses are asked at once, and none can hold the log up or put words into its mouth.

Each is asked with the size that it most likely has; one that has another answers 409 and says which, and is asked once
more. What comes back is verified with the key that we know, and only then counts. A witness that is silent, slow,
refuses or lies is named with a sentence; the others count all the same. When the time is over it is over: what still
hangs is left behind in its thread, cut off by its own deadline.

    witness.silent witness.refused witness.lied
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

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
"""The consistency proof from a smaller size to the checkpoint's. Called in the thread that called ``cosign``."""


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
    are not asked for again; one that does not hold is dropped. Returns within ``timeout`` seconds, whatever the
    witnesses do. Raises NoteError if ``note`` is no checkpoint; a witness's fault is never raised.
    """
    opened = notes.parse(note)
    size = parse(note)[0].size
    servers: dict[str, list[WitnessKey]] = {}
    for witness in witnesses:
        if witness.url is not None:
            held = _held(opened, witness.key)
            if held is None:
                servers.setdefault(witness.url.rstrip("/"), []).append(witness.key)
                opened = _without(opened, witness.key)
    gathering = _Gathering(opened, size, consistency_proof, time.monotonic() + timeout)
    answers = gathering.ask(servers, min(old_size, size))
    lines: list[NoteSignature] = []
    failures: dict[str, str] = {}
    for url, keys in servers.items():
        answer = answers.get(url)
        if answer is None:
            answer = WitnessError("witness.silent", f"It did not answer within {timeout:g} seconds.")
        found, why = _taken(opened, keys, answer)
        lines += found
        if why:
            name = keys[0].name
            failures[name if name not in failures else f"{name} at {url}"] = why
    return GatherResult(opened.with_signatures(lines).to_bytes(), tuple(lines), failures)


def _held(note: Note, key: WitnessKey) -> NoteSignature | None:
    try:
        cosignature = key.find(note)
    except LedgerError:
        return None
    return cosignature.note_signature if cosignature is not None else None


def _without(note: Note, key: WitnessKey) -> Note:
    """The note less lines under a key's name and id: they do not hold, and would stand in the way of those that do."""
    left = tuple(s for s in note.signatures if (s.name, s.key_id) != (key.key.name, key.key.id))
    return Note(note.text, left)


class _Gathering:
    """One round of questions. Answers come in by a queue, so that one wait bounds all of them."""

    def __init__(self, note: Note, size: int, proof: Proof, end: float) -> None:
        self._note = note.to_bytes()
        self._size = size
        self._proof = proof
        self._proofs: dict[int, Sequence[bytes] | AdamasError] = {}
        self._end = end
        self._came: queue.SimpleQueue[tuple[str, Answer | AdamasError]] = queue.SimpleQueue()

    def ask(self, urls: Iterable[str], old_size: int) -> dict[str, Answer | AdamasError]:
        """Each witness's last word, by address; those that did not speak in time are left out."""
        waiting = set(urls)
        for url in sorted(waiting):
            self._send(url, old_size)
        again: set[str] = set()
        answers: dict[str, Answer | AdamasError] = {}
        while waiting:
            try:
                url, answer = self._came.get(timeout=max(self._end - time.monotonic(), 0))
            except queue.Empty:
                break
            if isinstance(answer, Answer) and answer.status == 409:
                size = _named_size(answer)
                if url not in again and isinstance(size, int) and size <= self._size:
                    again.add(url)
                    self._send(url, size)
                    continue
                answer = self._conflict(size)
            waiting.discard(url)
            answers[url] = answer
        return answers

    def _send(self, url: str, old_size: int) -> None:
        if old_size not in self._proofs:
            try:
                self._proofs[old_size] = self._proof(old_size)
            except AdamasError as error:
                self._proofs[old_size] = error
        proof = self._proofs[old_size]
        if isinstance(proof, AdamasError):
            why = (
                f"It has cosigned {old_size:,} entries, and no proof can be made from there: {proof.sentence}"
            )
            self._came.put((url, WitnessError("witness.refused", why)))
            return
        body = requests.encode(old_size, proof, self._note)
        # A daemon: one that hangs where no deadline reaches (looking a name up) does not keep the program.
        threading.Thread(target=self._post, args=(url, body), daemon=True, name=f"cosign {url}").start()

    def _post(self, url: str, body: bytes) -> None:
        answer: Answer | AdamasError
        try:
            answer = _post(url, body, self._end - time.monotonic())
        except AdamasError as error:
            answer = error
        self._came.put((url, answer))

    def _conflict(self, size: int | WitnessError) -> WitnessError:
        if isinstance(size, WitnessError):
            return size
        if size > self._size:
            return WitnessError(
                "witness.refused",
                f"It has cosigned {size:,} entries of this log already; the checkpoint has {self._size:,}.",
            )
        return WitnessError("witness.lied", "It names another size each time that it is asked.")


def _post(url: str, body: bytes, seconds: float) -> Answer:
    if seconds <= 0:
        raise WitnessError("witness.silent", "It did not answer in time.", where=url)
    client = Client(url, connections=1, step_timeout=seconds)
    try:
        return client.request(
            "POST",
            "add-checkpoint",
            body=body,
            headers={"Content-Type": "application/octet-stream"},
            limit=MAX_ANSWER,
            seconds=seconds,
        )
    finally:
        client.close()


def _named_size(answer: Answer) -> int | WitnessError:
    """The size in a 409, or what is wrong with it."""
    try:
        return parse_decimal(answer.body.decode("ascii").removesuffix("\n"))
    except (LedgerError, UnicodeDecodeError):
        return WitnessError("witness.lied", "It answered 409 without a size.")


def _taken(
    note: Note, keys: Sequence[WitnessKey], answer: Answer | AdamasError
) -> tuple[list[NoteSignature], str]:
    """The lines of an answer that are cosignatures of these keys, and what is wrong with it ("": nothing)."""
    if isinstance(answer, AdamasError):
        return [], answer.sentence
    if answer.status != 200:
        return [], f"It refused ({answer.status}): {_reason(answer)}"
    try:
        text = answer.body.decode()
        if not text.endswith("\n"):
            return [], "Its answer is cut off."
        given = Note(
            note.text, tuple(NoteSignature.parse(line) for line in text.removesuffix("\n").split("\n"))
        )
    except (LedgerError, UnicodeDecodeError) as error:
        why = error.sentence if isinstance(error, LedgerError) else "it is no text."
        return [], f"Its answer is no list of signatures: {why}"
    found: list[NoteSignature] = []
    for key in keys:
        try:
            cosignature = key.find(given)
        except LedgerError as error:
            return [], f"It lied: {error.sentence}"
        if cosignature is not None and cosignature.time > 0:
            found.append(cosignature.note_signature)
    if not found:
        return [], "Its answer has no cosignature of the key that we know."
    if len(found) < len(keys):
        return found, f"It gave {len(found)} of the {len(keys)} cosignatures that we know keys of."
    return found, ""


def _reason(answer: Answer) -> str:
    """A refusal's sentence: the detail of a problem document, or the text; short, and safe to print."""
    said = answer.body.decode("utf-8", "replace").strip()
    if answer.media_type == "application/problem+json":
        try:
            said = str(json.loads(said)["detail"])
        except (ValueError, KeyError, TypeError, RecursionError):
            said = "(a problem document that cannot be read)"
    return "".join(c if c.isprintable() else " " for c in said[:_WORDS])

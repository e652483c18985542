"""The add-checkpoint request: how its body is read, and whether a witness may cosign (C2SP tlog-witness).

    old <size>
    <base64 of a hash>          0 to 63 consistency proof lines
    <empty line>
    <checkpoint, a signed note>

Every line ends in a newline, and nothing else. The order of the checks is that of the text: 400 for what
cannot be read, 404 unknown log, 403 signatures, 400 an old size above the new one, 409 an old size that is
not ours, 422 trees that do not fit. Reading and deciding touch neither disk nor clock.

    witness.request witness.checkpoint witness.too-large witness.unknown-log witness.signature
    witness.extension witness.old-size witness.conflict witness.empty-root witness.proof witness.root
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adamas.ledger import merkle
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, parse_body, parse_decimal
from adamas.ledger.errors import NoteError, ProofError, WitnessError
from adamas.ledger.note import Note, VerifierKey

MAX_PROOF = 63
"""Hashes in a proof: the specification's limit, and enough for any tree of 2^63 leaves."""
MAX_BODY = 512 * 1024
"""Bytes of a request: a hundred post-quantum signatures and a full proof fit."""
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
_CLAUSE = "C2SP tlog-witness, add-checkpoint"


class Refused(WitnessError):  # noqa: N818 (named like SplitView and TileMissing: what happened)
    """A request that the witness does not cosign: an HTTP status, and the body that says why."""

    def __init__(self, status: int, code: str, sentence: str, *, body: str | None = None) -> None:
        super().__init__(code, sentence, clause=_CLAUSE)
        self.status = status
        self.body = f"{sentence}\n" if body is None else body
        self.media_type = TEXT_TYPE if body is None else SIZE_TYPE


@dataclass(frozen=True, slots=True)
class Request:
    """An add-checkpoint request, read; no signature is verified yet."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


def parse(body: bytes) -> Request:
    """Reads a request body. Raises Refused with status 400, 403 for a signature line that is no base64, 413
    for a body above MAX_BODY.

    Lines of the proof are taken by their base64 alone: a hash of another length is a proof that does not hold.
    """
    if len(body) > MAX_BODY:
        raise too_large()
    head, empty_line, note_bytes = body.partition(b"\n\n")
    if not empty_line:
        raise _invalid("no empty line parts the proof from the checkpoint.")
    first, *proof_lines = head.split(b"\n")
    keyword, space, size = first.partition(b" ")
    if keyword != b"old" or not space:
        raise _invalid("the first line is not “old” and a size.")
    if len(proof_lines) > MAX_PROOF:
        raise _invalid(f"there are more than {MAX_PROOF} lines of proof.")
    try:
        old_size = parse_decimal(size.decode("ascii"))
        proof = tuple(notes.decode_base64(line.decode("ascii")) for line in proof_lines)
    except (NoteError, UnicodeDecodeError):
        raise _invalid("the old size or a line of the proof is malformed.") from None
    try:
        note = notes.parse(note_bytes)
    except NoteError as error:
        if error.code == "note.base64":
            # A signature whose last bits are not zero is one that no key can have made: to other witnesses
            # it reads as a signature that does not hold.
            raise Refused(403, "witness.signature", f"invalid signature: {error.sentence}") from None
        raise _invalid(f"the checkpoint is no signed note: {error.sentence}") from None
    try:
        checkpoint = parse_body(note.text)
    except NoteError as error:
        raise Refused(400, "witness.checkpoint", f"invalid checkpoint: {error.sentence}") from None
    return Request(old_size, proof, note, checkpoint)


def encode(old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """A request body, as a client sends it."""
    lines = [f"old {old_size}", *(notes.encode_base64(item) for item in proof), "", ""]
    return "\n".join(lines).encode() + note


def verify_log(request: Request, keys: Sequence[VerifierKey]) -> tuple[notes.NoteSignature, ...]:
    """The log's own signatures on the checkpoint, all verified.

    Signatures of unknown keys are ignored. Raises Refused 403 if no key of the log signed, or if any line
    under the name and id of one does not hold, even beside another that does.
    """
    held: list[notes.NoteSignature] = []
    for signature in request.note.signatures:
        for key in keys:
            if (key.name, key.id) != (signature.name, signature.key_id):
                continue
            if not key.verify(request.note.text, signature.signature):
                raise Refused(
                    403, "witness.signature", f"invalid signature: that of {key.name} does not hold."
                )
            if (signature.name, signature.key_id) not in {(s.name, s.key_id) for s in held}:
                held.append(signature)
    if not held:
        raise Refused(
            403, "witness.signature", "invalid signature: no key of this log signed the checkpoint."
        )
    return tuple(held)


def check_form(request: Request) -> None:
    """Refuses (400) an old size above the new one, and extension lines.

    A witness may cosign extension lines without reading them; this one does not put its name to what it did
    not read.
    """
    if request.checkpoint.extensions:
        raise Refused(
            400, "witness.extension", "invalid checkpoint: this witness cosigns no extension lines."
        )
    if request.old_size > request.checkpoint.size:
        raise Refused(
            400,
            "witness.old-size",
            f"invalid input: the old size {request.old_size} is above {request.checkpoint.size}.",
        )


def decide(request: Request, stored_size: int, stored_root: bytes) -> None:
    """Refuses (409, 422) unless the checkpoint extends the stored tree, which is empty if none was cosigned
    yet.
    """
    new = request.checkpoint
    if request.old_size != stored_size:
        raise Refused(
            409, "witness.conflict", "The old size is not the one last cosigned.", body=f"{stored_size}\n"
        )
    if new.size == 0 and new.root != merkle.EMPTY_ROOT:
        raise Refused(
            422, "witness.empty-root", "The root of a tree of size 0 is not that of the empty tree."
        )
    if new.size == stored_size and new.root != stored_root:
        raise Refused(422, "witness.root", "The log signed another root for this size before: a split view.")
    try:
        merkle.verify_consistency(stored_size, new.size, stored_root, new.root, request.proof)
    except ProofError as error:
        raise Refused(
            422, "witness.proof", f"The consistency proof does not hold: {error.sentence}"
        ) from None


def too_large() -> Refused:
    """The refusal of a body above MAX_BODY."""
    return Refused(413, "witness.too-large", f"invalid input: a request has at most {MAX_BODY:,} bytes.")


def _invalid(sentence: str) -> Refused:
    return Refused(400, "witness.request", f"invalid input: {sentence}")

"""Split views: two checkpoints that one log signed and that cannot both be true, kept as evidence.

Two ways of being impossible:

    same-size   both speak of the same number of leaves and name different roots
    prefix      the larger tree's first m leaves have another root than the one signed for m leaves;
                a consistency proof from that other root to the larger checkpoint goes with it

Both are decided by arithmetic on what the log itself signed: whoever reads the file needs the log's public
key and nobody's word. The file is text: sentences for people, both notes, and a machine part (one line of
JSON) from which all the rest is made again on reading, so that what is read is what is proven.

    splitview.file splitview.not-proven splitview.altered
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adamas.ledger import merkle
from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, parse_body
from adamas.ledger.cosignature import WitnessKey
from adamas.ledger.errors import MirrorError, NoteError, ProofError
from adamas.ledger.note import VerifierKey

FOLDER = "split-view"
"""Where evidence goes, below a mirror, an office or a witness's state."""
SAME_SIZE = "same-size"
PREFIX = "prefix"
MAX_FILE = 4_000_000
_FIRST_LINE = "Evidence of a split view (adamas/split-view/v1)\n"
_MACHINE = "\n===== machine part: one line of JSON, from which everything above is made =====\n"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two signed checkpoints of one log, ``first`` not larger than ``second``, and why they exclude one
    another.

    ``prefix_root`` and ``proof`` are of kind ``prefix``: the root of the first m leaves of the second tree,
    and its consistency proof. ``found_by`` and ``found_at`` (POSIX seconds) are hearsay: the finder's note to
    the reader.
    """

    kind: str
    log_keys: tuple[VerifierKey, ...]
    first: bytes
    second: bytes
    prefix_root: bytes = b""
    proof: tuple[bytes, ...] = ()
    found_by: str = ""
    found_at: int = 0

    def checkpoints(self) -> tuple[Checkpoint, Checkpoint]:
        """Both checkpoints, read, nothing verified. Raises NoteError."""
        return parse_body(notes.parse(self.first).text), parse_body(notes.parse(self.second).text)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What evidence proves, in sentences; ``proven`` only if every step was verified just now."""

    proven: bool
    origin: str
    sentences: tuple[str, ...]
    evidence: Evidence

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def of_same_size(
    first: bytes, second: bytes, log_keys: Sequence[VerifierKey], *, found_by: str = "", found_at: int = 0
) -> Evidence:
    """Evidence from two checkpoints of one size with different roots.

    Raises MirrorError ``splitview.not-proven`` if they are no such thing.
    """
    evidence = Evidence(SAME_SIZE, tuple(log_keys), first, second, found_by=found_by, found_at=found_at)
    _prove(evidence, evidence.log_keys)
    return evidence


def of_prefix(
    smaller: bytes,
    larger: bytes,
    prefix_root: bytes,
    proof: Sequence[bytes],
    log_keys: Sequence[VerifierKey],
    *,
    found_by: str = "",
    found_at: int = 0,
) -> Evidence:
    """Evidence that the tree of ``larger`` does not begin with that of ``smaller``.

    ``prefix_root`` is the root of the larger tree's first leaves, as many as the smaller has, and ``proof``
    its consistency proof. Raises MirrorError ``splitview.not-proven``.
    """
    evidence = Evidence(
        PREFIX, tuple(log_keys), smaller, larger, prefix_root, tuple(proof), found_by, found_at
    )
    _prove(evidence, evidence.log_keys)
    return evidence


def _prove(evidence: Evidence, keys: Sequence[VerifierKey]) -> tuple[str, list[str]]:
    """Every step, verified;

    returns the origin and the sentences. Raises MirrorError ``splitview.not-proven``.
    """
    try:
        found = [notes.open(data, keys) for data in (evidence.first, evidence.second)]
        one, two = (parse_body(opened.text) for opened in found)
    except NoteError as error:
        raise _not_proven(f"A checkpoint is not signed by the log's key: {error.sentence}") from None
    if one.origin != two.origin:
        raise _not_proven(f"They are of two logs, “{one.origin}” and “{two.origin}”.")
    signers = ", ".join(sorted({f"{s.name}+{s.key_id.hex()}" for opened in found for s in opened.verified}))
    said = [
        f"The log “{one.origin}” signed two checkpoints that cannot both be true.",
        f"First: {one.size:,} entries with root {notes.encode_base64(one.root)}.",
        f"Second: {two.size:,} entries with root {notes.encode_base64(two.root)}.",
        f"Both signatures hold, made with the key {signers}.",
    ]
    if evidence.kind == SAME_SIZE:
        if one.size != two.size or one.root == two.root:
            raise _not_proven("The two checkpoints do not name different roots for one size.")
        said.append("A tree of a given size has one root: the log showed two histories of the same length.")
    elif evidence.kind == PREFIX:
        try:
            merkle.verify_consistency(one.size, two.size, evidence.prefix_root, two.root, evidence.proof)
        except ProofError as error:
            raise _not_proven(f"The proof inside the evidence does not hold: {error.sentence}") from None
        if one.size == 0 or evidence.prefix_root == one.root:
            raise _not_proven("The second checkpoint's tree begins with the first one's: there is no fork.")
        said += [
            f"The first {one.size:,} entries of the second tree have root "
            f"{notes.encode_base64(evidence.prefix_root)}, and {len(evidence.proof)} hashes prove it.",
            "So entries that the first checkpoint covered were changed or removed afterwards.",
        ]
    else:
        raise _not_proven(f"Nothing is known of evidence of the kind “{evidence.kind[:40]}”.")
    said.append("Nobody else can have made this: it needs the log's private key, twice.")
    return one.origin, said


def _not_proven(sentence: str) -> MirrorError:
    return MirrorError(
        "splitview.not-proven",
        sentence,
        advice="Keep both checkpoints all the same, and ask the log's operator and its witnesses.",
    )


def save(folder: Path | str, evidence: Evidence) -> Path:
    """Writes the evidence below ``folder``/split-view; the same evidence found again keeps its first file.

    Raises MirrorError ``splitview.not-proven`` for what proves nothing, ``splitview.file`` if the disk
    refuses.
    """
    text = render(evidence)
    one, two = evidence.checkpoints()
    digest = hashlib.sha256(b"\0".join(sorted((_text(evidence.first), _text(evidence.second))))).hexdigest()[
        :16
    ]
    place = Path(folder) / FOLDER / f"{one.size}-{two.size}-{digest}.txt"
    if place.exists():
        return place
    temporary = place.with_name(f".{secrets.token_hex(8)}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(place)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise MirrorError(
            "splitview.file",
            f"The evidence of a split view could not be written: {error.strerror}.",
            where=str(place),
            advice="Free space or permissions are wanting; the log will be refused again until it is kept.",
        ) from None
    return place


def _text(note: bytes) -> bytes:
    return notes.parse(note).text.encode()


def render(evidence: Evidence) -> str:
    """The whole file. Raises MirrorError ``splitview.not-proven``."""
    _, said = _prove(evidence, evidence.log_keys)
    when = (
        f" at {datetime.fromtimestamp(evidence.found_at, UTC):%Y-%m-%d %H:%M:%S} UTC"
        if evidence.found_at
        else ""
    )
    machine = {
        "v": 1,
        "kind": evidence.kind,
        "log_keys": [key.vkey for key in evidence.log_keys],
        "first": evidence.first.decode(),
        "second": evidence.second.decode(),
        "prefix_root": notes.encode_base64(evidence.prefix_root),
        "proof": [notes.encode_base64(item) for item in evidence.proof],
        "found_by": evidence.found_by,
        "found_at": evidence.found_at,
    }
    return "".join(
        (
            _FIRST_LINE,
            "\n",
            *(f"{sentence}\n" for sentence in said),
            f"Found by {evidence.found_by or 'unknown'}{when} (the finder's word, not proven here).\n",
            "Check that the key is this log's: adamas witness split-view FILE verifies all of it anew.\n",
            "\n===== first checkpoint =====\n",
            evidence.first.decode(),
            "\n===== second checkpoint =====\n",
            evidence.second.decode(),
            _MACHINE,
            json.dumps(machine, ensure_ascii=False, sort_keys=True),
            "\n",
        )
    )


def load(path: Path | str) -> Evidence:
    """Reads an evidence file and verifies all of it with the keys that it names.

    Raises MirrorError ``splitview.file`` if it cannot be read, ``splitview.altered`` if its text and its
    machine part differ, ``splitview.not-proven`` if it proves nothing.
    """
    place = Path(path)
    try:
        with place.open("rb") as file:
            data = file.read(MAX_FILE + 1)
        text = data.decode()
        if len(data) > MAX_FILE or not text.startswith(_FIRST_LINE):
            raise ValueError
        machine = json.loads(text.rpartition(_MACHINE)[2])
        evidence = Evidence(
            kind=str(machine["kind"]),
            log_keys=tuple(VerifierKey.parse(str(vkey)) for vkey in machine["log_keys"]),
            first=str(machine["first"]).encode(),
            second=str(machine["second"]).encode(),
            prefix_root=base64.b64decode(machine["prefix_root"]),
            proof=tuple(base64.b64decode(item) for item in machine["proof"]),
            found_by=str(machine["found_by"]),
            found_at=int(machine["found_at"]),
        )
    except OSError as error:
        raise MirrorError(
            "splitview.file", f"The file cannot be read: {error.strerror}.", where=str(place)
        ) from None
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, NoteError):
        raise MirrorError(
            "splitview.file", "This is no evidence of a split view.", where=str(place)
        ) from None
    try:
        rendered = render(evidence)
    except (ValueError, OverflowError, OSError):
        raise MirrorError(
            "splitview.file", "This is no evidence of a split view.", where=str(place)
        ) from None
    if rendered != text:
        raise MirrorError(
            "splitview.altered",
            "The text for people is not what the machine part says.",
            where=str(place),
            advice="Somebody edited the file; get it again from who found it.",
        )
    return evidence


def explain(
    path: Path | str,
    log_keys: Sequence[VerifierKey] = (),
    witness_keys: Sequence[WitnessKey] = (),
) -> Explanation:
    """Verifies the evidence in a file anew and says in sentences what it proves.

    ``log_keys`` are keys that the reader knows to be the log's; without them the keys named in the file are
    used, and the explanation says so. ``witness_keys`` add who cosigned which side. Raises MirrorError as
    ``load``.
    """
    evidence = load(path)
    origin, said = _prove(evidence, log_keys or evidence.log_keys)
    if not log_keys:
        said.append(
            "The key was taken from the file itself: compare it with the one that the log's genesis names."
        )
    for name, data in (("first", evidence.first), ("second", evidence.second)):
        note = notes.parse(data)
        for key in witness_keys:
            try:
                cosignature = key.find(note)
            except NoteError:
                said.append(f"A line under the name {key.name} on the {name} checkpoint does not hold.")
                continue
            if cosignature is not None:
                when = (
                    f" at {datetime.fromtimestamp(cosignature.time, UTC):%Y-%m-%d %H:%M:%S} UTC"
                    if 0 < cosignature.time < 1 << 36
                    else ""
                )
                said.append(f"The witness {key.name} cosigned the {name} checkpoint{when}.")
    return Explanation(True, origin, tuple(said), evidence)

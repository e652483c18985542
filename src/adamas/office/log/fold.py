"""What an office knows of each log: its key history, folded entry by entry, and hence the standing of every
statement.

The fold of one log depends on that log alone, so it is the same whatever else has arrived, and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adamas import shapes
from adamas.errors import AdamasError
from adamas.ledger import statement as statements
from adamas.ledger.keyhistory import KeyHistory
from adamas.ledger.statement import Statement
from adamas.office import curve
from adamas.office.log.catalogue import CATALOGUE, HISTORY_TYPES, ROOT_TYPES

VALID, DOUBTFUL, INVALID = "valid", "doubtful", "invalid"
PENDING, NEWER, UNKNOWN, UNREADABLE = "pending", "newer", "unknown", "unreadable"
EFFECTIVE = frozenset({VALID, DOUBTFUL})


@dataclass(slots=True)
class Entry:
    """One entry of a log with what the fold says of it. ``st`` is None when the bytes are no statement."""

    idx: int
    raw: bytes
    id: bytes
    st: Statement | None
    standing: str = VALID
    effective: int | None = None
    code: str = ""
    sentence: str = ""
    after: int | None = None


@dataclass(slots=True)
class Folded:
    """Outcome of folding some entries: the entries, and the statements that took effect, in order.

    An act of the registry may be an earlier entry than these: it takes effect when the last endorsement
    comes.
    """

    entries: list[Entry]
    effects: list[tuple[int, Statement]] = field(default_factory=list)
    compromised: list[str] = field(
        default_factory=list
    )  # kids (hex) whose earlier statements must be judged anew


@dataclass(slots=True)
class LogState:
    """The key history of one log up to ``size`` entries, and when which part of it is known to have existed."""

    number: int
    origin: str
    role: str
    history: KeyHistory = field(default_factory=KeyHistory)
    size: int = 0
    latest: int | None = None  # latest time (seconds) claimed by an effective entry so far
    sightings: list[tuple[int, int]] = field(default_factory=list)  # (size, seconds)

    def witnessed_at(self, idx: int) -> int | None:
        """The earliest time (seconds) at which witnesses had cosigned a checkpoint that holds entry ``idx``."""
        return min((seconds for size, seconds in self.sightings if size > idx), default=None)

    def descendants(self, kids: Sequence[str]) -> list[str]:
        """These keys (hexadecimal kids) and all that they enrolled, sorted.

        Their times of enrolment become those of the witnesses, where they are known.
        """
        found = {bytes.fromhex(kid) for kid in kids}
        before = 0
        while found and len(found) != before:
            before = len(found)
            for kid, key in self.history.keys.items():
                if key.enrolled_by in found:
                    found.add(kid)
                    key.enrolled_at = self.witnessed_at(key.enrolled) or key.enrolled_at
        return sorted(kid.hex() for kid in found)

    def judge(self, st: Statement, idx: int, *, checked: bool = False) -> tuple[str, str, str]:
        """(standing, code, sentence) of a statement at a place, its signature taken as good.

        A payload that its type does not allow is invalid: no rule and no record ever sees it. ``checked``
        says that the payload is known to be of its type's shape.
        """
        key = self.history.keys.get(st.kid)
        witnessed = None if key is None or key.plain else self.witnessed_at(idx)
        verdict = self.history.judge(st, idx, witnessed)
        if verdict.status == INVALID:
            return INVALID, verdict.code, verdict.sentence
        if st.version > statements.VERSION:
            return NEWER, "statement.newer", f"Edition {st.version}; this program knows {statements.VERSION}."
        st_type = CATALOGUE.get(st.type)
        if st_type is None:
            return UNKNOWN, "statement.unknown-type", f"This program does not know the type {st.type}."
        if not checked:
            for problem in shapes.check(st_type, st.payload):
                return INVALID, f"form.{problem.code}", problem.sentence
        return verdict.status, verdict.code, verdict.sentence


def read(raws: Sequence[bytes], first: int) -> list[Entry]:
    """Parses entries; what cannot be read is kept, and says why."""
    entries = []
    for idx, raw in enumerate(raws, first):
        try:
            st = statements.parse(raw)
        except AdamasError as error:
            unread = Entry(idx, raw, statements.leaf_id(raw), None, UNREADABLE)
            unread.code, unread.sentence = error.code, error.sentence
            entries.append(unread)
        else:
            entries.append(Entry(idx, raw, st.id, st))
    return entries


class Fold:
    """Judges the next entries of a log and moves its key history on. ``state`` is changed in place.

    Two steps, so that the signatures of ordinary statements are verified beside other work: the first folds the key
    history (verifying at once what changes it, since the next entry may depend on it), :meth:`finish` takes the
    verdicts. Folds of one log are begun, and finished, in the order of the entries. ``signed_here`` says that this
    process has just made the signatures, and checked the payloads.
    """

    def __init__(self, state: LogState, entries: list[Entry], *, signed_here: bool = False) -> None:
        self.state = state
        self._outcome = Folded(entries)
        self._finished = False
        self._later: list[Entry] = []
        checks: list[curve.Check] = []
        public_key = state.history.public_key
        for entry in entries:
            st = entry.st
            if st is None:
                continue
            if st.type in HISTORY_TYPES:
                _fold_act(state, entry, st, self._outcome)
                continue
            key = public_key(st.kid)
            if key is None:
                _unknown(entry, st)
                continue
            entry.standing, entry.code, entry.sentence = state.judge(st, entry.idx, checked=signed_here)
            if entry.standing in EFFECTIVE:
                entry.effective = entry.idx
            if not signed_here:
                self._later.append(entry)
                checks.append((key, st.signature, st.to_be_signed()))
        self._verdicts = curve.verify(checks)
        state.size += len(entries)

    def finish(self) -> Folded:
        """Takes the verdicts on signatures; then each entry's standing is known. Asking again gives the same."""
        if self._finished:
            return self._outcome
        self._finished = True
        for entry, holds in zip(self._later, self._verdicts, strict=True):
            if not holds:
                _forged(entry)
        state = self.state
        for entry in self._outcome.entries:
            entry.after = state.latest
            if entry.st is not None and entry.standing in EFFECTIVE:
                at = entry.st.issued_at
                state.latest = at if state.latest is None else max(state.latest, at)
        return self._outcome


def _fold_act(state: LogState, entry: Entry, st: Statement, outcome: Folded) -> None:
    """One statement that the key history must see: a genesis, a key's change, an act of the registry, an
    endorsement.
    """
    history = state.history
    key = history.public_key(st.kid) or _own_key(st, entry.idx)
    if key is None or not statements.verify(st, key):
        _forged(entry) if key else _unknown(entry, st)
        return
    if not entry.idx and st.type == "log.genesis":
        entry.standing, entry.code, entry.sentence = VALID, "", ""
    else:
        entry.standing, entry.code, entry.sentence = state.judge(st, entry.idx)
    signer = history.keys.get(st.kid)
    if st.type in ROOT_TYPES and (signer is None or signer.purpose != "root"):
        entry.standing, entry.code = INVALID, "act.not-root"
        entry.sentence = f"Only a root of the registry may sign {st.type}."
        return
    if entry.standing == INVALID:
        return
    problems = len(history.problems)
    taken = history.apply(entry.idx, st)
    for problem in history.problems[problems:]:
        entry.standing, entry.code, entry.sentence = INVALID, problem.code, problem.sentence
    if not taken and entry.standing in EFFECTIVE and st.type != "act.endorsed":
        entry.standing = PENDING
    for act in taken:
        outcome.effects.append((entry.idx, act))
        if act.id == st.id:
            entry.effective = entry.idx
        if act.type == "key.compromised":
            outcome.compromised.append(act.subject)


def _own_key(st: Statement, idx: int) -> bytes | None:
    """The key of a genesis stands in itself: it is the first root."""
    if idx or st.type != "log.genesis":
        return None
    probe = KeyHistory()
    probe.apply(0, st)
    return probe.public_key(st.kid)


def _forged(entry: Entry) -> None:
    entry.standing, entry.effective, entry.code = INVALID, None, "statement.signature"
    entry.sentence = "The signature is not the key's over these bytes."


def _unknown(entry: Entry, st: Statement) -> None:
    entry.standing, entry.effective, entry.code = INVALID, None, "key.unknown"
    entry.sentence = f"No key {st.kid.hex()} was enrolled in this log before this entry."

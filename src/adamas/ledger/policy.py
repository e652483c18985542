"""Which witnesses must have cosigned before a checkpoint is believed (C2SP tlog-policy).

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <member> …      members are named above, and are in one group at most
    quorum <name>|none                       exactly once

Ours has a group for each pillar and asks for all three:

    group government any …
    group industry any …
    group civil any …
    group pillars all government industry civil
    quorum pillars

The file is octets: names are opaque and compared byte by byte (kept here as text with surrogate escapes),
only tab and space part words, only newline ends a line.

    policy.octet policy.line policy.name policy.duplicate policy.unknown-name policy.threshold policy.quorum
    policy.size policy.key policy.log
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adamas.ledger import note as notes
from adamas.ledger.checkpoint import Checkpoint, parse_body
from adamas.ledger.cosignature import Cosignature, WitnessKey
from adamas.ledger.errors import NoteError
from adamas.ledger.note import Note, VerifierKey

NONE = "none"
MAX_SIZE = 1_000_000
"""Bytes of a policy file: hundreds of post-quantum keys."""
_CLAUSE = "C2SP tlog-policy"
_FORBIDDEN = re.compile(rb"[^\x09\x0a\x20-\x7e\x80-\xff]")
_WHITESPACE = re.compile(r"[ \t]+")
_THRESHOLD = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose checkpoints are accepted."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness under the name that this file gives it."""

    name: str
    key: WitnessKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """At least ``threshold`` of ``members`` (witnesses or groups)."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """Whether the quorum is reached; which groups are; and the groups (or witnesses) for want of which it is
    not.
    """

    satisfied: bool
    groups: dict[str, bool]
    missing: list[str]


@dataclass(frozen=True, slots=True)
class CheckpointResult(PolicyResult):
    """The same for one checkpoint, with what was verified on it.

    ``log`` is the origin of the listed log that signed (None if the policy lists no logs: the caller knows
    the log then); ``times`` gives each verified witness's POSIX second, by its name in the policy (0: it
    stated none).
    """

    checkpoint: Checkpoint
    log: str | None
    times: dict[str, int]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file, read. Equal files give equal policies."""

    logs: tuple[Log, ...]
    witnesses: Mapping[str, Witness]
    groups: Mapping[str, Group]
    quorum: str
    text: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str | bytes) -> Policy:
        """Reads a policy file. Raises NoteError with a ``policy.*`` code and the line's number.

        A witness's plain Ed25519 key (type 1) is read as its cosignature key, since published lists still
        print it so; the same key twice is refused, as the specification asks, though some programs let it
        pass.
        """
        data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        return _Reader().read(data)

    def evaluate(self, verified: Iterable[str]) -> PolicyResult:
        """What follows if the witnesses of these policy names have cosigned.

        Names that are no witness are ignored.
        """
        state = dict.fromkeys(self.witnesses, False)
        for name in verified:
            if name in state:
                state[name] = True
        for group in self.groups.values():
            state[group.name] = sum(state[member] for member in group.members) >= group.threshold
        satisfied = self.quorum == NONE or state[self.quorum]
        missing = [] if satisfied else self._missing(self.quorum, state)
        return PolicyResult(satisfied, {name: state[name] for name in self.groups}, missing)

    def _missing(self, name: str, state: Mapping[str, bool]) -> list[str]:
        """The lowest groups that lack a cosignature, so that a pillar is named rather than the quorum above
        it.
        """
        group = self.groups.get(name)
        if group is None or not any(member in self.groups for member in group.members):
            return [name]
        found: list[str] = []
        for member in group.members:
            if not state[member]:
                found += self._missing(member, state)
        return found

    def evaluate_checkpoint(self, data: bytes | Note) -> CheckpointResult:
        """Verifies log and witness signatures on a checkpoint and applies the quorum to those that hold.

        A quorum not reached is a result, not an error. Raises NoteError for a malformed note, for a signature
        of a known key that does not hold, and ``policy.log`` if logs are listed and none of them signed.
        """
        note = data if isinstance(data, Note) else notes.parse(data)
        checkpoint = parse_body(note.text)
        log = self._signing_log(note, checkpoint)
        times: dict[str, int] = {}
        for name, witness in self.witnesses.items():
            cosignature: Cosignature | None = witness.key.find(note)
            if cosignature is not None:
                times[name] = cosignature.time
        result = self.evaluate(times)
        return CheckpointResult(result.satisfied, result.groups, result.missing, checkpoint, log, times)

    def _signing_log(self, note: Note, checkpoint: Checkpoint) -> str | None:
        if not self.logs:
            return None
        keys = [log.key for log in self.logs if log.key.name == checkpoint.origin]
        for signature in note.signatures:
            for key in keys:
                if (key.name, key.id) == (signature.name, signature.key_id):
                    if not key.verify(note.text, signature.signature):
                        raise NoteError(
                            "note.bad-signature",
                            f"The signature of the log {key.name} does not hold.",
                            where=f"key {key.name}+{key.id.hex()}",
                            clause=_CLAUSE,
                        )
                    return checkpoint.origin
        raise NoteError(
            "policy.log",
            f"No log that the policy lists signed this checkpoint of “{checkpoint.origin}”.",
            clause=_CLAUSE,
        )


class _Reader:
    """Reads line by line; names must be defined above where they are used."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self.grouped: set[str] = set()
        self.log_keys: set[bytes] = set()
        self.witness_keys: set[bytes] = set()
        self.line = 0

    def read(self, data: bytes) -> Policy:
        if len(data) > MAX_SIZE:
            raise NoteError(
                "policy.size", f"A policy of {len(data):,} bytes is larger than the {MAX_SIZE:,} allowed."
            )
        for line in data.split(b"\n"):
            self.line += 1
            wrong = _FORBIDDEN.search(line)
            if wrong:
                raise self._error(
                    "policy.octet", f"The octet 0x{wrong.group()[0]:02x} may not stand in a policy."
                )
            words = [w for w in _WHITESPACE.split(line.decode("utf-8", "surrogateescape")) if w]
            if words and not words[0].startswith("#"):
                self._statement(words[0], words[1:])
        if self.quorum is None:
            raise NoteError(
                "policy.quorum",
                "The policy has no quorum line.",
                clause=_CLAUSE,
                advice="End it with “quorum NAME”, or “quorum none” if no witness is needed.",
            )
        return Policy(
            tuple(self.logs),
            self.witnesses,
            self.groups,
            self.quorum,
            data.decode("utf-8", "surrogateescape"),
        )

    def _statement(self, keyword: str, words: list[str]) -> None:
        if keyword == "log":
            self._log(words)
        elif keyword == "witness":
            self._witness(words)
        elif keyword == "group":
            self._group(words)
        elif keyword == "quorum":
            self._quorum(words)
        else:
            raise self._error("policy.line", f"“{_shown(keyword)}” begins no line of a policy.")

    def _log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise self._error("policy.line", "A log line has a key and perhaps a URL.")
        key = self._key(words[0])
        if not key.supported:
            raise self._error("policy.key", f"A log's key of type {key.type} is not supported.")
        if key.public_key in self.log_keys:
            raise self._error("policy.duplicate", f"The key of log {key.name} is listed twice.")
        self.log_keys.add(key.public_key)
        self.logs.append(Log(key, words[1] if len(words) == 2 else None))

    def _witness(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise self._error("policy.line", "A witness line has a name, a key and perhaps a URL.")
        self._define(words[0])
        try:
            key = WitnessKey(self._key(words[1]))
        except NoteError as error:
            raise self._error(error.code, error.sentence) from None
        if key.key.public_key in self.witness_keys:
            raise self._error("policy.duplicate", f"The key of witness {_shown(words[0])} is listed twice.")
        self.witness_keys.add(key.key.public_key)
        self.witnesses[words[0]] = Witness(words[0], key, words[2] if len(words) == 3 else None)

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise self._error(
                "policy.line", "A group line has a name, all, any or a number, and at least one member."
            )
        name, rule, members = words[0], words[1], words[2:]
        self._define(name)
        for member in members:
            self._known(member)
            if member in self.grouped:
                raise self._error("policy.duplicate", f"“{_shown(member)}” is a member of a group already.")
            self.grouped.add(member)
        if rule == "all":
            threshold = len(members)
        elif rule == "any":
            threshold = 1
        elif _THRESHOLD.fullmatch(rule) and int(rule) <= len(members):
            threshold = int(rule)
        else:
            raise self._error(
                "policy.threshold", f"“{_shown(rule)}” is not all, any or a number from 1 to {len(members)}."
            )
        self.groups[name] = Group(name, threshold, tuple(members))

    def _quorum(self, words: list[str]) -> None:
        if len(words) != 1:
            raise self._error("policy.line", "A quorum line has one name.")
        if self.quorum is not None:
            raise self._error("policy.quorum", "The policy has two quorum lines.")
        if words[0] != NONE:
            self._known(words[0])
        self.quorum = words[0]

    def _define(self, name: str) -> None:
        if name == NONE:
            raise self._error("policy.name", "“none” is kept for the quorum and names no witness or group.")
        if name in self.witnesses or name in self.groups:
            raise self._error("policy.duplicate", f"“{_shown(name)}” is defined twice.")

    def _known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise self._error("policy.unknown-name", f"“{_shown(name)}” is not defined above.")

    def _key(self, word: str) -> VerifierKey:
        try:
            return VerifierKey.parse(word)
        except NoteError as error:
            raise self._error(error.code, error.sentence) from None

    def _error(self, code: str, sentence: str) -> NoteError:
        return NoteError(code, sentence, where=f"line {self.line}", clause=_CLAUSE)


def _shown(name: str) -> str:
    """An opaque name as it can be printed."""
    return name[:60].encode("utf-8", "surrogateescape").decode("utf-8", "replace")

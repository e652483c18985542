"""The life of keys, read from the log itself: who may speak with which key, from which entry to which.

Feed every entry of one log in order to :meth:`KeyHistory.apply` (signatures already verified); ask
:meth:`KeyHistory.judge` about a statement at its place. The answer depends on that log alone.

- Entry 0 is ``log.genesis``: the registry's roots (one key a holder) and how many of them an act needs.
- An act signed by a root waits until ``threshold`` different roots are on record for it (the signer counts,
  the others sign ``act.endorsed``); it takes effect at that entry. An endorsement may come before its act.
- A holder with a valid key may enrol its next key, for itself or a name below it, and retire its own keys or
  declare them compromised, without the registry. A recovery key does only that, and only the registry
  or another recovery key of the same holder enrols one: who stole a signing key cannot lock the holder out.
- A retired key signs nothing after that entry. A compromised one: what was witnessed by ``since`` stands,
  what comes after the declaration falls, what lies between is doubtful, and so are the
  keys that it enrolled in that time and all that they signed.

    key.unknown key.not-yet key.retired key.compromised key.doubtful key.not-holder key.purpose
    key.genesis-only key.kid key.subject key.bad-point key.duplicate key.not-yours key.recovery key.ended
    genesis.missing genesis.place genesis.shape genesis.roots genesis.signer act.shape act.not-root
    act.endorsed-twice act.roots-left
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import NamedTuple

from adamas.ledger import ed25519
from adamas.ledger.errors import KeyRefused
from adamas.ledger.keys import kid_of
from adamas.ledger.statement import Statement
from adamas.ledger.types import LEDGER_TYPES
from adamas.shapes import check

_VALID, _DOUBTFUL, _INVALID = "valid", "doubtful", "invalid"
_KEY_TYPES = frozenset({"key.enrolled", "key.retired", "key.compromised"})
_REGISTRY = "the registry"


class Root(NamedTuple):
    """One root of the registry, as the genesis names it."""

    public_key: bytes
    pillar: str
    holder: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A statement that changed nothing although it meant to: log index, stable code, sentence."""

    index: int
    code: str
    sentence: str


class Verdict(NamedTuple):
    """What a key's history says of a statement at its place: ``valid``, ``doubtful`` or ``invalid``, and
    why.
    """

    status: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Genesis:
    """Entry 0 of a log. ``registry`` is the id of the registry's genesis, None where this log is the
    registry.
    """

    id: bytes
    origin: str
    operator: str
    roots: tuple[Root, ...]
    threshold: int
    policy: str
    registry: bytes | None


@dataclass(slots=True)
class Key:
    """One key's life. Indices are places in the log; ``enrolled_at`` is the time of the enrolment, in unix
    seconds: the witnesses' if known, else the claimed one.
    """

    public_key: bytes
    holder: str
    purpose: str  # statement, log, recovery, root or genesis
    enrolled: int
    enrolled_at: int = 0
    enrolled_by: bytes | None = None  # kid of the holder's key that enrolled it; None: the registry
    retired: int | None = None
    compromised: int | None = None
    since: int | None = None

    @property
    def plain(self) -> bool:
        """Whether an ordinary statement after the enrolment needs no further thought."""
        return (
            self.purpose == "statement"
            and self.retired is None
            and self.compromised is None
            and self.enrolled_by is None
        )


@dataclass(slots=True)
class _Pending:
    """An act of the registry that waits for roots: ``roots`` are the holders on record, each with its key."""

    act: Statement | None = None
    roots: dict[str, bytes] = field(default_factory=dict)


VALID = Verdict(_VALID, "key.valid", "The key was its holder's at this place in the log.")


class KeyHistory:
    """The keys of one log up to the last entry applied. Picklable; see the module's text for the rules."""

    def __init__(self) -> None:
        self.genesis: Genesis | None = None
        self.keys: dict[bytes, Key] = {}
        self.problems: list[Problem] = []
        self._roots: dict[str, str] = {}  # holder of a root → its pillar
        self._pending: dict[bytes, _Pending] = {}
        self._done: set[bytes] = set()

    def public_key(self, kid: bytes) -> bytes | None:
        """The 32 bytes of the key with this short name, whatever has become of it; None if never enrolled."""
        key = self.keys.get(kid)
        return None if key is None else key.public_key

    def holder(self, kid: bytes) -> str | None:
        """Who speaks, or spoke, with this key."""
        key = self.keys.get(kid)
        return None if key is None else key.holder

    def snapshot(self) -> KeyHistory:
        """An independent copy."""
        copy: KeyHistory = pickle.loads(pickle.dumps(self))  # noqa: S301 — bytes made in the line itself
        return copy

    def pending(self) -> list[tuple[Statement, int]]:
        """Acts of the registry that wait, each with the number of roots still wanted."""
        threshold = self.genesis.threshold if self.genesis else 0
        return [(p.act, threshold - len(p.roots)) for p in self._pending.values() if p.act is not None]

    def judge(self, st: Statement, index: int, witnessed_at: int | None = None) -> Verdict:
        """Whether the key that signed ``st`` was its holder's at ``index``. The signature is checked
        elsewhere.

        ``witnessed_at``: earliest time (unix seconds) at which a checkpoint with this entry had its
        cosignatures, None if not known.
        """
        key = self.keys.get(st.kid)
        if key is None:
            return Verdict(_INVALID, "key.unknown", f"No key {st.kid.hex()} is enrolled in this log.")
        issuer, holder = st.issuer, key.holder
        if issuer != holder and not issuer.startswith(holder + "/"):
            return Verdict(
                _INVALID,
                "key.not-holder",
                f"The key is {holder}'s, and the statement says that it is {issuer}'s.",
            )
        if index > key.enrolled and key.plain:
            return VALID
        return self._judge_further(key, st, index, witnessed_at)

    def _judge_further(self, key: Key, st: Statement, index: int, witnessed_at: int | None) -> Verdict:
        if index <= key.enrolled and not (index == 0 and st.type == "log.genesis"):
            return Verdict(
                _INVALID,
                "key.not-yet",
                f"The key was enrolled at entry {key.enrolled}, not before entry {index}.",
            )
        if key.purpose == "genesis" and index > 0:
            return Verdict(
                _INVALID, "key.genesis-only", "The key signed the genesis and may sign nothing else."
            )
        if key.purpose == "log" or (key.purpose == "recovery" and st.type not in _KEY_TYPES):
            return Verdict(
                _INVALID, "key.purpose", f"A key with the purpose “{key.purpose}” may not sign {st.type}."
            )
        if key.retired is not None and index > key.retired:
            return Verdict(_INVALID, "key.retired", f"The key was retired at entry {key.retired}.")
        if key.compromised is not None and index > key.compromised:
            return Verdict(
                _INVALID, "key.compromised", f"The key was declared compromised at entry {key.compromised}."
            )
        since = self._doubt(key)
        if since is not None and (witnessed_at is None or witnessed_at > since):
            return Verdict(
                _DOUBTFUL,
                "key.doubtful",
                f"The key may have been in other hands since {since} (unix seconds), and no witness saw this "
                "statement by then.",
            )
        return VALID

    def _doubt(self, key: Key) -> int | None:
        """The time after which what ``key`` signed is doubtful: its own loss, or that of a key that brought
        it.
        """
        doubt: int | None = key.since
        child, parent = key, self._parent(key)
        while parent is not None:  # an enrolment is later than its parent's, so this ends
            lost = parent.since
            if lost is not None and child.enrolled_at > lost and (doubt is None or lost < doubt):
                doubt = lost
            child, parent = parent, self._parent(parent)
        return doubt

    def _parent(self, key: Key) -> Key | None:
        return None if key.enrolled_by is None else self.keys[key.enrolled_by]

    def apply(self, index: int, st: Statement, witnessed_at: int | None = None) -> list[Statement]:
        """Takes in the entry at ``index``; gives the statements that take effect there.

        That is ``[st]`` for an ordinary statement, nothing for an act of the registry that lacks roots, and
        the act itself when an endorsement completes it. Never raises: what is wrong is added to
        :attr:`problems`. The caller has verified the signature with :meth:`public_key` (of a genesis: with
        the key in it). Whether an ordinary statement's key was valid is :meth:`judge`'s answer.
        """
        if index == 0 or self.genesis is None:
            return self._begin(index, st)
        kind = st.type
        key = self.keys.get(st.kid)
        rooted = key is not None and key.purpose == "root"
        if not rooted and kind not in LEDGER_TYPES:
            return [st]
        if kind == "log.genesis":
            return self._problem(index, "genesis.place", "A genesis is the first entry of a log, or none.")
        verdict = self.judge(st, index, witnessed_at)
        if verdict.status == _INVALID:
            return self._problem(index, verdict.code, verdict.sentence)
        st_type = LEDGER_TYPES.get(kind)
        for fault in check(st_type, st.payload) if st_type else ():
            return self._problem(index, "act.shape", fault.sentence)
        if kind == "act.endorsed":
            return self._endorse(index, st, rooted, witnessed_at)
        if rooted:
            return self._act(index, st, witnessed_at)
        if kind in _KEY_TYPES:
            return self._change(index, st, st, key, witnessed_at)
        return self._problem(index, "act.not-root", f"Only a root of the registry may sign {kind}.")

    def _problem(self, index: int, code: str, sentence: str) -> list[Statement]:
        self.problems.append(Problem(index, code, sentence))
        return []

    def _begin(self, index: int, st: Statement) -> list[Statement]:
        if index != 0 and self.problems:
            return []  # said once, at the entry where it began
        if index != 0 or st.type != "log.genesis" or self.genesis is not None:
            return self._problem(index, "genesis.missing", "A log begins with its genesis, at entry 0.")
        payload = st.payload
        for fault in check(LEDGER_TYPES.get("log.genesis"), payload):  # type: ignore[arg-type]
            return self._problem(index, "genesis.shape", fault.sentence)
        roots = tuple(Root(root["key"], root["pillar"], root["holder"]) for root in payload["roots"])
        kids = {kid_of(root.public_key) for root in roots}
        holders = {root.holder for root in roots}
        if len(kids) < len(roots) or len(holders) < len(roots) or not 1 <= payload["threshold"] <= len(roots):
            return self._problem(
                index,
                "genesis.roots",
                "Roots have one key and one holder each, and the threshold is among them.",
            )
        operator_key: bytes | None = payload.get("key")
        try:
            for public_key in (
                *(root.public_key for root in roots),
                *((operator_key,) if operator_key else ()),
            ):
                ed25519.check_public_key(public_key)
        except KeyRefused as error:
            return self._problem(index, error.code, error.sentence)
        signers = {kid_of(root.public_key): root.holder for root in roots}
        if operator_key:
            signers.setdefault(kid_of(operator_key), payload["operator"])
        if signers.get(st.kid) != st.issuer:
            return self._problem(
                index,
                "genesis.signer",
                "The genesis is signed neither by one of its roots nor with its own key.",
            )
        self.genesis = Genesis(
            st.id,
            st.subject,
            payload["operator"],
            roots,
            payload["threshold"],
            payload.get("policy", ""),
            st.refs.get("registry"),
        )
        for root in roots:
            self.keys[kid_of(root.public_key)] = Key(root.public_key, root.holder, "root", 0, st.issued_at)
            self._roots[root.holder] = root.pillar
        if operator_key and kid_of(operator_key) not in self.keys:
            self.keys[kid_of(operator_key)] = Key(
                operator_key, payload["operator"], "genesis", 0, st.issued_at
            )
        return [st]

    def _act(self, index: int, st: Statement, witnessed_at: int | None) -> list[Statement]:
        if st.id in self._done:
            return self._problem(index, "act.endorsed-twice", "The act has taken effect before.")
        waiting = self._pending.setdefault(st.id, _Pending())
        waiting.act = st
        waiting.roots[self.keys[st.kid].holder] = st.kid
        return self._complete(index, st.id, witnessed_at)

    def _endorse(self, index: int, st: Statement, rooted: bool, witnessed_at: int | None) -> list[Statement]:
        if not rooted:
            return self._problem(
                index, "act.not-root", f"{st.issuer} is no root of the registry: it endorses nothing."
            )
        act = st.refs["act"]
        if act in self._done:
            return []
        waiting = self._pending.setdefault(act, _Pending())
        holder = self.keys[st.kid].holder
        if holder in waiting.roots and self._usable(waiting.roots[holder]):
            return self._problem(index, "act.endorsed-twice", f"{holder} is on record for this act already.")
        waiting.roots[holder] = st.kid
        return self._complete(index, act, witnessed_at)

    def _complete(self, index: int, identity: bytes, witnessed_at: int | None) -> list[Statement]:
        waiting = self._pending[identity]
        if waiting.act is None or self.genesis is None:
            return []
        if sum(self._usable(kid) for kid in waiting.roots.values()) < self.genesis.threshold:
            return []
        del self._pending[identity]
        self._done.add(identity)
        if waiting.act.type in _KEY_TYPES:
            return self._change(index, waiting.act, waiting.act, None, witnessed_at)
        return [waiting.act]

    def _usable(self, kid: bytes) -> bool:
        key = self.keys[kid]
        return key.retired is None and key.compromised is None

    def _change(
        self, index: int, st: Statement, effect: Statement, by: Key | None, witnessed_at: int | None
    ) -> list[Statement]:
        """A change of keys by the registry (``by`` None) or by a holder's key."""
        payload = st.payload
        if st.type == "key.enrolled":
            return self._enrol(index, st, by, witnessed_at)
        try:
            kid = bytes.fromhex(st.subject)
        except ValueError:
            kid = b""
        key = self.keys.get(kid)
        if key is None or payload.get("kid", kid) != kid or st.subject != kid.hex():
            return self._problem(index, "key.unknown", f"No key {st.subject} is enrolled in this log.")
        if by is not None and (by.holder != key.holder or key.purpose == "root"):
            return self._problem(
                index, "key.not-yours", f"The key {st.subject} is {key.holder}'s, not {by.holder}'s."
            )
        if by is not None and key.purpose == "recovery" and by.purpose != "recovery":
            return self._problem(
                index, "key.recovery", "A recovery key is ended by the registry or a recovery key."
            )
        if key.purpose == "root" and self._last_root(kid):
            return self._problem(index, "act.roots-left", "Fewer roots than the threshold would be left.")
        if st.type == "key.retired":
            if key.retired is not None or key.compromised is not None:
                return self._problem(index, "key.ended", f"The key {st.subject} was ended before.")
            key.retired = index
        else:
            since = payload["since"]
            key.since = since if key.since is None else min(key.since, since)
            key.compromised = index if key.compromised is None else key.compromised
        return [effect]

    def _last_root(self, kid: bytes) -> bool:
        holders = {
            key.holder
            for other, key in self.keys.items()
            if key.purpose == "root" and other != kid and self._usable(other)
        }
        return self.genesis is not None and len(holders) < self.genesis.threshold

    def _enrol(self, index: int, st: Statement, by: Key | None, witnessed_at: int | None) -> list[Statement]:
        payload = st.payload
        public_key, kid, holder, purpose = (payload[name] for name in ("key", "kid", "holder", "purpose"))
        if kid_of(public_key) != kid:
            return self._problem(index, "key.kid", "The short name is not that of the key.")
        if st.subject != kid.hex():
            return self._problem(
                index, "key.subject", "The subject is not the key's short name in hexadecimal."
            )
        try:
            ed25519.check_public_key(public_key)
        except KeyRefused as error:
            return self._problem(index, error.code, error.sentence)
        known = self.keys.get(kid)
        if known is not None and known.purpose != "genesis":
            code = "key.duplicate" if self._usable(kid) else "key.ended"
            state = "enrolled already" if self._usable(kid) else "ended: it is never enrolled again"
            return self._problem(index, code, f"The key {st.subject} is {state}.")
        if by is not None:
            if holder != by.holder and not holder.startswith(by.holder + "/"):
                return self._problem(index, "key.not-yours", f"{by.holder} may not enrol a key for {holder}.")
            if purpose == "recovery" and by.purpose != "recovery":
                return self._problem(
                    index, "key.recovery", "A recovery key is enrolled by the registry or a recovery key."
                )
        if holder in self._roots and by is None and purpose == "statement":
            purpose = "root"  # the next key of a root: agreed by the others, it counts for the same holder
        self.keys[kid] = Key(
            public_key,
            holder,
            purpose,
            index,
            st.issued_at if witnessed_at is None else witnessed_at,
            None if by is None else st.kid,
        )
        return [st]

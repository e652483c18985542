"""Verification of one bundle with no network: what it proves, and what it does not.

The order of the steps is that of docs/formats/bundle.md. Nothing here raises for what a bundle says: whatever
is wrong becomes a sentence in :attr:`Verification.problems` (not valid, exit code 1), whatever cannot be told for want of
something in :attr:`Verification.missing` (exit code 2). Only the scheme's fold is imported beside the ledger, and late,
so that a cold ``adamas verify`` stays quick.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from adamas.analysis.trust import Trust, fingerprint
from adamas.errors import AdamasError
from adamas.ledger import bundle as bundles
from adamas.ledger import checkpoint as checkpoints
from adamas.ledger import hidden, merkle, receipt
from adamas.ledger import statement as statements
from adamas.ledger.bundle import Bundle, BundledLog
from adamas.ledger.checkpoint import Checkpoint
from adamas.ledger.keyhistory import Genesis, KeyHistory
from adamas.ledger.note import Note, VerifierKey
from adamas.ledger.policy import Policy
from adamas.ledger.statement import Statement

VALID, INVALID, UNKNOWN = "valid", "not valid", "cannot tell"
_EXIT = {VALID: 0, INVALID: 1, UNKNOWN: 2}
_NO_LONGER_COUNTS = frozenset(
    {"void", "lost", "stolen", "replaced", "refused", "seized", "expired", "overdue"}
)

NOT_PROVEN = (
    "That what was signed is true: the log proves who said what, and by when.",
    "That the parcel or paper before you is the one spoken of: compare number, seals and weights.",
    "That nothing was said after the checkpoint: ask the office, or fetch a newer bundle.",
    "That the bundle holds everything said until then: its maker chose the statements; an audit of the logs tells.",
    "That the Participants were in good standing and all rules were kept: an audit of the logs tells.",
)
"""What no bundle can prove."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is wrong or missing: stable code and sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Who said it. ``claimed_at`` is the issuer's own time (unix s); ``key`` what the key's history says."""

    id: str
    type: str
    issuer: str
    subject: str
    claimed_at: int
    kid: str
    key: str


@dataclass(frozen=True, slots=True)
class Logged:
    """One log of the bundle: place of the statement in it (None for other logs), size, witnesses and times.

    ``pillars`` tells of each group of the policy whether it witnessed; ``times`` when which witness did (unix s).
    """

    origin: str
    index: int | None
    size: int
    root: str
    pillars: dict[str, bool]
    missing: tuple[str, ...]
    times: dict[str, int]

    @property
    def witnessed_at(self) -> int | None:
        """The time by which all that witnessed had done so, unix seconds."""
        stated = [t for t in self.times.values() if t]
        return max(stated, default=None)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where the certificate stands by the bundle's statements, on the day ``as_of``; ``steps`` in order."""

    number: str
    state: str
    as_of: str
    steps: tuple[tuple[str, str, str], ...]
    waiting: int
    findings: tuple[str, ...]
    expires: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The whole answer. ``exit_code`` is 0 valid, 1 not valid, 2 cannot tell."""

    status: str
    signed: Signed | None = None
    logs: tuple[Logged, ...] = ()
    trust: str = ""
    lifecycle: Lifecycle | None = None
    disclosed: dict[str, Any] = field(default_factory=dict)
    undisclosed: int = 0
    problems: tuple[Remark, ...] = ()
    missing: tuple[Remark, ...] = ()
    not_proven: tuple[str, ...] = NOT_PROVEN

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        return _EXIT[self.status]

    @property
    def logged(self) -> Logged | None:
        """The log that holds the statement."""
        return self.logs[0] if self.logs else None

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values; byte strings as hexadecimal, times as ISO 8601 UTC."""
        signed = self.signed
        return {
            "status": self.status,
            "exit_code": self.exit_code,
            "signed": None
            if signed is None
            else {
                "id": signed.id,
                "type": signed.type,
                "issuer": signed.issuer,
                "subject": signed.subject,
                "claimed_at": _utc(signed.claimed_at),
                "kid": signed.kid,
                "key": signed.key,
            },
            "logs": [
                {
                    "origin": log.origin,
                    "index": log.index,
                    "size": log.size,
                    "root": log.root,
                    "pillars": log.pillars,
                    "missing": list(log.missing),
                    "witnesses": {name: _utc(t) if t else None for name, t in log.times.items()},
                }
                for log in self.logs
            ],
            "trust": self.trust,
            "lifecycle": None
            if self.lifecycle is None
            else {
                "number": self.lifecycle.number,
                "state": self.lifecycle.state,
                "as_of": self.lifecycle.as_of,
                "expires": self.lifecycle.expires,
                "steps": [list(step) for step in self.lifecycle.steps],
                "waiting": self.lifecycle.waiting,
                "findings": list(self.lifecycle.findings),
            },
            "disclosed": _plain(self.disclosed),
            "undisclosed": self.undisclosed,
            "problems": [{"code": r.code, "sentence": r.sentence} for r in self.problems],
            "missing": [{"code": r.code, "sentence": r.sentence} for r in self.missing],
            "not_proven": list(self.not_proven),
        }

    def sentences(self) -> list[tuple[str, str]]:
        """The answer for people: (heading, sentence), in reading order."""
        said = [("result", self._result())]
        if self.signed is not None:
            s = self.signed
            said.append(
                ("signed", f"{s.type} about {s.subject}, by {s.issuer}, claimed at {_utc(s.claimed_at)}. {s.key}")
            )
        for log in self.logs:
            place = "Another log that speaks of it" if log.index is None else f"Entry {log.index:,}"
            said.append(("logged", f"{place}: {log.origin}, {log.size:,} entries, root {log.root[:16]}…"))
            said.append(("witnessed", _witnessed(log)))
        if self.trust:
            said.append(("trusting", self.trust))
        if self.lifecycle is not None:
            life = self.lifecycle
            done = "; ".join(f"{event} {day} by {who}" for event, day, who in life.steps)
            waiting = f"; {life.waiting} statements wait for others that are not here" if life.waiting else ""
            said.append(("lifecycle", f"{life.number} is {life.state} as of {life.as_of} ({done}{waiting})."))
        if self.disclosed:
            said.append(("disclosed", ", ".join(f"{name}: {_short(v)}" for name, v in self.disclosed.items())))
        if self.undisclosed:
            said.append(("disclosed", f"{self.undisclosed} hidden fields are not shown in this bundle."))
        said += [("problem", r.sentence) for r in self.problems]
        said += [("missing", r.sentence) for r in self.missing]
        said += [("not proven", sentence) for sentence in self.not_proven]
        return said

    def _result(self) -> str:
        if self.status == VALID:
            return "Valid: signed, logged and witnessed as below."
        first = (self.problems or self.missing)[0].sentence
        return f"{'Not valid' if self.status == INVALID else 'Cannot tell'}: {first}"


def _witnessed(log: Logged) -> str:
    who = ", ".join(f"{name} at {_utc(t)}" if t else name for name, t in log.times.items()) or "nobody"
    pillars = ", ".join(f"{name} {'yes' if seen else 'NO'}" for name, seen in log.pillars.items())
    lack = f" Missing: {', '.join(log.missing)}." if log.missing else ""
    return f"By {who}." + (f" Groups: {pillars}." if pillars else "") + lack


def verify_bundle(data: bytes | Bundle, *, trust: Trust | None = None, now: int | None = None) -> Verification:
    """Everything that can be said of a bundle offline. Never raises for what the bundle holds.

    ``trust`` fixes the registry (see :mod:`adamas.analysis.trust`); without it the best answer is "cannot
    tell", since anybody can make a registry of his own. ``now`` (unix seconds) asks for the state of the
    certificate on that day instead of the checkpoint's, so that expiry shows.
    """
    try:
        bundle = bundles.parse(data) if isinstance(data, bytes) else data
    except AdamasError as error:
        remark = Remark(error.code, str(error))
        if error.exit_code == 2:
            return Verification(UNKNOWN, missing=(remark,))
        return Verification(INVALID, problems=(remark,))
    return _Verifier(bundle, trust, now).run()


@dataclass(slots=True)
class _Part:
    """One log of the bundle once it is verified."""

    history: KeyHistory
    checkpoint: Checkpoint
    logged: Logged
    statements: list[tuple[int, Statement]]


class _Verifier:
    """One verification; collects remarks instead of stopping, as far as it makes sense to go on."""

    def __init__(self, bundle: Bundle, trust: Trust | None, now: int | None) -> None:
        self.bundle = bundle
        self.trust = trust
        self.now = now
        self.problems: list[Remark] = []
        self.missing: list[Remark] = []
        self.trusting = ""

    def run(self) -> Verification:
        """All steps, in order."""
        parts: list[_Part] = []
        registry = self._registry()
        policy = self._policy(registry)
        for number, log in enumerate(self.bundle.logs):
            try:
                parts.append(self._log(log, number, policy))
            except AdamasError as error:
                self.problems.append(Remark(error.code, f"Log {number + 1} of the bundle: {error}"))
        if len(parts) < len(self.bundle.logs):
            return Verification(INVALID, problems=tuple(self.problems))
        self._anchor(registry, parts, policy)
        index, st = parts[0].statements[self.bundle.statement]
        signed, good = self._signed(parts[0], index, st)
        disclosed = self._disclosed(st)
        lifecycle = self._lifecycle(parts, st) if good else None
        undisclosed = len(st.hidden) - len(self.bundle.disclosures)
        status = INVALID if self.problems else UNKNOWN if self.missing else VALID
        not_proven = list(NOT_PROVEN)
        if undisclosed > 0:
            not_proven.append(f"What the {undisclosed} hidden fields say that are not shown here.")
        if st.sealed and "amounts" not in disclosed:
            not_proven.append("The sealed quantities: their openings are not shown here.")
        if lifecycle is not None and len(parts) == 1 and lifecycle.state in ("issued", "validated", "shipped"):
            not_proven.append("That the destination has not confirmed or refused it: its log is not in this bundle.")
        return Verification(
            status,
            signed,
            tuple(part.logged for part in parts),
            self.trusting,
            lifecycle,
            disclosed,
            max(undisclosed, 0),
            tuple(self.problems),
            tuple(self.missing),
            tuple(not_proven),
        )

    def _registry(self) -> tuple[Genesis, bytes] | None:
        """The registry's genesis, read from its own bytes, and its id; None if the bundle has none."""
        raw = self.bundle.registry
        if raw is None:
            return None
        try:
            st = statements.parse(raw)
        except AdamasError as error:
            self.problems.append(Remark(error.code, f"The registry's genesis: {error}"))
            return None
        genesis = _genesis(st)
        if genesis is None or genesis.registry is not None:
            self.problems.append(Remark("verify.registry", "The registry's genesis does not hold."))
            return None
        return genesis, st.id

    def _policy(self, registry: tuple[Genesis, bytes] | None) -> Policy | None:
        """The witness policy: the verifier's own, else that of the registry's genesis, else the bundle's."""
        text = self.bundle.policy
        if self.trust is not None and self.trust.policy is not None:
            text = self.trust.policy
        elif registry is not None and registry[0].policy:
            text = registry[0].policy
        elif text:
            self.missing.append(
                Remark("verify.policy", "The witnesses are those that the bundle itself names: nobody else vouches for them.")
            )
        if not text:
            self.missing.append(Remark("verify.policy", "No witness policy is known: nobody need have witnessed this."))
            return None
        try:
            return _read_policy(text)
        except AdamasError as error:
            self.problems.append(Remark(error.code, f"The witness policy: {error}"))
            return None

    def _log(self, log: BundledLog, number: int, policy: Policy | None) -> _Part:
        key = VerifierKey.parse(log.vkey)
        checkpoint, note = checkpoints.open_checkpoint(log.checkpoint, key)
        times, groups, missing = self._witnesses(note, key, policy)
        signature = receipt.parse(log.receipt)
        if (
            signature.issuer != checkpoint.origin
            or signature.inclusion
            or signature.consistency
            or not signature.signs(checkpoint.root, key.public_key)
        ):
            raise _Broken("verify.receipt", "The COSE receipt is not the log's over the root of the checkpoint.")
        read: list[tuple[int, Statement]] = []
        for entry in log.entries:
            st = statements.parse(entry.raw)
            merkle.verify_inclusion(entry.index, checkpoint.size, st.id, entry.path, checkpoint.root)
            read.append((entry.index, st))
        stated = [t for t in times.values() if t]
        witnessed_at = max(stated, default=None) if not missing else None
        history = _history(read, checkpoint.origin, witnessed_at)
        index = read[self.bundle.statement][0] if number == 0 else None
        logged = Logged(
            checkpoint.origin, index, checkpoint.size, checkpoint.root.hex(), groups, tuple(missing), times
        )
        if missing:
            self.missing.append(
                Remark("verify.witness", f"{checkpoint.origin}: not witnessed by {', '.join(missing)}.")
            )
        return _Part(history, checkpoint, logged, read)

    def _witnesses(
        self, note: Note, log_key: VerifierKey, policy: Policy | None
    ) -> tuple[dict[str, int], dict[str, bool], list[str]]:
        """Who cosigned and when. A line of a key that the policy does not know is refused: nothing unread stays."""
        if policy is None:
            return {}, {}, []
        times: dict[str, int] = {}
        known = {(log_key.name, log_key.id)}
        for name, witness in policy.witnesses.items():
            known.add((witness.key.key.name, witness.key.key.id))
            cosignature = witness.key.find(note)
            if cosignature is not None:
                times[name] = cosignature.time
        lines = [(s.name, s.key_id) for s in note.signatures]
        if len(set(lines)) < len(lines) or not known.issuperset(lines):
            own = self.trust is not None and self.trust.policy is not None
            if not own:
                raise _Broken(
                    "verify.cosignature", "The checkpoint has a signature twice, or of a key that the policy does not name."
                )
        result = policy.evaluate(times)
        return times, result.groups, result.missing

    def _anchor(
        self, registry: tuple[Genesis, bytes] | None, parts: list[_Part], policy: Policy | None
    ) -> None:
        """Whose word all this is in the end: the registry's roots, and whether the verifier knows them."""
        named: set[bytes] = set()
        for part in parts:
            genesis = part.history.genesis
            assert genesis is not None
            named.add(genesis.registry or genesis.id)
            if registry is not None and (genesis.roots, genesis.threshold) != (
                registry[0].roots,
                registry[0].threshold,
            ):
                self.problems.append(
                    Remark("verify.roots", f"{genesis.origin} names other root keys than the registry.")
                )
            self._log_key(part)
        if len(named) > 1:
            self.problems.append(Remark("verify.registry", "The logs of the bundle belong to different registries."))
        root = named.pop()
        if registry is not None and registry[1] != root:
            self.problems.append(Remark("verify.registry", "The registry in the bundle is not the one that the logs name."))
        if self.trust is None:
            self.trusting = f"The roots that the bundle itself names, fingerprint {fingerprint(root)}."
            self.missing.append(
                Remark(
                    "verify.trust",
                    "No trust file was given: anybody can make a registry, keys and witnesses of his own. Compare the "
                    f"fingerprint {fingerprint(root)} with a published one, or use --trust.",
                )
            )
        elif self.trust.registry != root:
            self.problems.append(
                Remark("verify.trust", "The bundle rests on another registry than the one you trust: " + fingerprint(root) + ".")
            )
        else:
            self.trusting = f"The registry {fingerprint(root)}, as your trust file says."
            if registry is None and any(part.history.genesis and part.history.genesis.registry for part in parts):
                self.missing.append(
                    Remark("verify.registry", "The registry's genesis is not in the bundle: its root keys cannot be compared.")
                )

    def _log_key(self, part: _Part) -> None:
        if self.trust is None or not self.trust.logs:
            return
        vkey = next(log.vkey for log in self.bundle.logs if VerifierKey.parse(log.vkey).name == part.logged.origin)
        key = VerifierKey.parse(vkey)
        if not any(_same_key(key, VerifierKey.parse(given)) for given in self.trust.logs):
            self.problems.append(
                Remark("verify.log-key", f"{key.name} is signed with a key that your trust file does not name.")
            )

    def _signed(self, part: _Part, index: int, st: Statement) -> tuple[Signed, bool]:
        verdict = part.history.judge(st, index, part.logged.witnessed_at if not part.logged.missing else None)
        if verdict.status == "invalid":
            self.problems.append(Remark(verdict.code, verdict.sentence))
        elif verdict.status == "doubtful":
            self.missing.append(Remark(verdict.code, verdict.sentence))
        good = self._meaning(st)
        signed = Signed(
            st.text_id, st.type, st.issuer, st.subject, st.issued_at, st.kid.hex(), verdict.sentence
        )
        return signed, good and verdict.status != "invalid"

    def _meaning(self, st: Statement) -> bool:
        """Whether this program can say what the statement means."""
        from adamas import shapes
        from adamas.analysis.catalogue import CATALOGUE

        if st.version > statements.VERSION:
            self.missing.append(
                Remark("verify.newer", f"The statement is of edition {st.version}, this program knows {statements.VERSION}.")
            )
            return False
        st_type = CATALOGUE.get(st.type)
        if st_type is None:
            self.missing.append(Remark("verify.unknown-type", f"This program does not know the type {st.type}."))
            return False
        faults = shapes.check(st_type, st.payload)
        self.problems += [Remark(f"verify.{fault.code}", fault.sentence) for fault in faults]
        return not faults

    def _disclosed(self, st: Statement) -> dict[str, Any]:
        try:
            shown = hidden.reveal(st, self.bundle.disclosures)
            if "amounts" in shown and st.sealed:
                _check_openings(shown["amounts"], st.sealed)
        except AdamasError as error:
            self.problems.append(Remark(error.code, str(error)))
            return {}
        return shown

    def _lifecycle(self, parts: list[_Part], main: Statement) -> Lifecycle | None:
        from adamas.analysis.catalogue import CERTIFICATE_TYPES
        from adamas.scheme import certificates
        from adamas.scheme.facts import Fact

        if main.type not in CERTIFICATE_TYPES:
            return None
        facts = []
        for part in parts:
            witnessed_at = part.logged.witnessed_at if not part.logged.missing else None
            for index, st in part.statements:
                if st.subject != main.subject or st.type not in CERTIFICATE_TYPES or not self._shaped(st):
                    continue
                standing = part.history.judge(st, index, witnessed_at).status
                facts.append(
                    Fact(
                        st.id, st.type, st.issuer, st.subject, st.issued_at, st.payload, part.logged.origin, index,
                        witnessed_at, standing,  # type: ignore[arg-type]
                    )
                )  # fmt: skip
        record = certificates.record_of(facts)
        day = _day(self.now if self.now is not None else parts[0].logged.witnessed_at or main.issued_at)
        state = str(certificates.status(record, day))
        if main.type == "certificate.issued" and record.issued_id != main.id:
            self.problems.append(
                Remark("verify.number-reused", f"Another statement holds the number {main.subject}: this one does not count.")
            )
        if state in _NO_LONGER_COUNTS:
            self.problems.append(
                Remark("verify.state", f"Certificate {main.subject} is {state} as of {day}: no shipment may travel on it.")
            )
        steps = tuple((step.event, step.day, step.issuer) for step in record.history if step.legal)
        return Lifecycle(
            main.subject, state, day, steps, len(record.waiting), tuple(f.sentence for f in record.findings), record.expires
        )

    def _shaped(self, st: Statement) -> bool:
        from adamas import shapes
        from adamas.analysis.catalogue import CATALOGUE

        st_type = CATALOGUE.get(st.type)
        return st.version <= statements.VERSION and st_type is not None and not shapes.check(st_type, st.payload)


class _Broken(AdamasError):
    """A step of the verification that does not hold; becomes a remark."""


def _history(entries: list[tuple[int, Statement]], origin: str, witnessed_at: int | None) -> KeyHistory:
    """The key history from the entries of a bundle; every signature is verified on the way."""
    index, first = entries[0]
    if index != 0 or _genesis(first) is None or first.subject != origin:
        raise _Broken("verify.genesis", "The log's genesis is not in the bundle, or does not hold.")
    history = KeyHistory()
    for index, st in entries:
        key = history.public_key(st.kid) if index else own_key(st)
        if key is None or not statements.verify(st, key):
            code = "verify.unknown-key" if key is None else "verify.signature"
            why = "is signed with a key whose enrolment is not here" if key is None else "has a signature that does not hold"
            raise _Broken(code, f"Entry {index} ({st.type}) {why}.")
        history.apply(index, st, witnessed_at)
    return history


def own_key(st: Statement) -> bytes | None:
    """The key with which a genesis is signed: it stands in the genesis itself."""
    probe = KeyHistory()
    probe.apply(0, st)
    return probe.public_key(st.kid)


def _genesis(st: Statement) -> Genesis | None:
    """What a genesis says, if it is one and its signature holds."""
    probe = KeyHistory()
    probe.apply(0, st)
    key = probe.public_key(st.kid)
    return probe.genesis if key is not None and statements.verify(st, key) else None


def _same_key(one: VerifierKey, other: VerifierKey) -> bool:
    return (one.name, one.type, one.public_key) == (other.name, other.type, other.public_key)


@lru_cache(maxsize=16)
def _read_policy(text: str) -> Policy:
    return Policy.parse(text)


def _check_openings(amounts: Any, sealed: dict[str, bytes]) -> None:
    """Whether disclosed amounts open the sealed quantities. Raises a remark."""
    from adamas.ledger import pedersen

    if type(amounts) is not dict:
        raise _Broken("verify.opening", "The disclosed amounts are not openings.")
    for name, opening in amounts.items():
        if name not in sealed or type(opening) is not list or len(opening) != 2:
            raise _Broken("verify.opening", f"The disclosed amount {name!r} is not an opening.")
        if not pedersen.verify(sealed[name], pedersen.Opening(opening[0], opening[1])):
            raise _Broken("verify.opening", f"The disclosed amount {name!r} does not open the sealed quantity.")


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(seconds: int) -> str:
    return _utc(seconds)[:10]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _short(value: Any) -> str:
    text = str(_plain(value))
    return text if len(text) <= 160 else text[:157] + "…"

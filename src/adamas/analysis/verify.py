"""Verification of one bundle with no network: what it proves, and what it does not.

The order of the steps is that of docs/formats/bundle.md. Nothing here raises for what a bundle says: whatever
is wrong becomes a sentence in :attr:`Verification.problems` (not valid, exit code 1), whatever cannot be told
for want of something in :attr:`Verification.missing` (exit code 2). Only the scheme's fold is imported beside the
ledger, and late, so that a cold ``adamas verify`` stays quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adamas.analysis import evidence
from adamas.analysis.evidence import NOBODY, Broken
from adamas.analysis.trust import Trust, fingerprint
from adamas.analysis.verification import (
    INVALID,
    NOT_PROVEN,
    UNKNOWN,
    VALID,
    Lifecycle,
    Logged,
    Remark,
    Signed,
    Verification,
    day_of,
)
from adamas.errors import AdamasError
from adamas.ledger import bundle as bundles
from adamas.ledger import hidden
from adamas.ledger import statement as statements
from adamas.ledger.bundle import Bundle, BundledLog
from adamas.ledger.checkpoint import Checkpoint
from adamas.ledger.keyhistory import Genesis, KeyHistory
from adamas.ledger.note import VerifierKey
from adamas.ledger.statement import Statement

_NO_LONGER_COUNTS = frozenset(
    {"void", "lost", "stolen", "replaced", "refused", "seized", "expired", "overdue"}
)


def verify_bundle(
    data: bytes | Bundle, *, trust: Trust | None = None, now: int | None = None
) -> Verification:
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
        if (
            lifecycle is not None
            and len(parts) == 1
            and lifecycle.state in ("issued", "validated", "shipped")
        ):
            not_proven.append(
                "That the destination has not confirmed or refused it: its log is not in this bundle."
            )
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
            found = evidence.genesis_of(raw)
        except AdamasError as error:
            self.problems.append(Remark(error.code, f"The registry's genesis: {error}"))
            return None
        if found is None or found[0].registry is not None:
            self.problems.append(Remark("verify.registry", "The registry's genesis does not hold."))
            return None
        return found[0], found[0].id

    def _policy(self, registry: tuple[Genesis, bytes] | None) -> str | None:
        """The witness policy: the verifier's own, else that of the registry's genesis, else the bundle's."""
        text = self.bundle.policy
        if self.trust is not None and self.trust.policy is not None:
            text = self.trust.policy
        elif registry is not None and registry[0].policy:
            if text and text != registry[0].policy:
                sentence = "The bundle names other witnesses than the registry."
                self.problems.append(Remark("verify.policy", sentence))
            text = registry[0].policy
        elif text:
            self.missing.append(
                Remark(
                    "verify.policy",
                    "The witnesses are those that the bundle itself names: nobody else vouches for them.",
                )
            )
        if not text:
            self.missing.append(
                Remark("verify.policy", "No witness policy is known: nobody need have witnessed this.")
            )
            return None
        try:
            evidence.read_policy(text)
        except AdamasError as error:
            self.problems.append(Remark(error.code, f"The witness policy: {error}"))
            return None
        return text

    def _log(self, log: BundledLog, number: int, policy: str | None) -> _Part:
        _, head, _ = evidence.opened(log.vkey, log.checkpoint, log.receipt)
        seen = NOBODY if policy is None else evidence.witnesses(log.vkey, log.checkpoint, policy)
        if seen.strangers and (self.trust is None or self.trust.policy is None):
            # nothing unread stays in a bundle, unless the verifier brings a policy of his own
            sentence = "The checkpoint has a signature twice, or of a key that the policy does not name."
            raise Broken("verify.cosignature", sentence)
        read = evidence.entries_of(log, head)
        history = evidence.history_of(read, head.origin, seen.witnessed_at)
        index = read[self.bundle.statement][0] if number == 0 else None
        logged = Logged(head.origin, index, head.size, head.root.hex(), seen.groups, seen.missing, seen.times)
        if seen.missing:
            sentence = f"{head.origin}: not witnessed by {', '.join(seen.missing)}."
            self.missing.append(Remark("verify.witness", sentence))
        return _Part(history, head, logged, read)

    def _anchor(self, registry: tuple[Genesis, bytes] | None, parts: list[_Part], policy: str | None) -> None:
        """Whose word all this is in the end: the registry's roots, and whether the verifier knows them."""
        named: list[bytes] = []  # of the first log first, so that an answer is the same each time
        for part in parts:
            genesis = part.history.genesis
            assert genesis is not None
            named.append(genesis.registry or genesis.id)
            if registry is not None and (genesis.roots, genesis.threshold) != (
                registry[0].roots,
                registry[0].threshold,
            ):
                self.problems.append(
                    Remark("verify.roots", f"{genesis.origin} names other root keys than the registry.")
                )
            self._log_key(part)
        if len(set(named)) > 1:
            self.problems.append(
                Remark("verify.registry", "The logs of the bundle belong to different registries.")
            )
        root = named[0]
        if registry is not None and registry[1] != root:
            self.problems.append(
                Remark("verify.registry", "The registry in the bundle is not the one that the logs name.")
            )
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
                Remark(
                    "verify.trust",
                    "The bundle rests on another registry than the one you trust: " + fingerprint(root) + ".",
                )
            )
        else:
            self.trusting = f"The registry {fingerprint(root)}, as your trust file says."
            if registry is None and any(
                part.history.genesis and part.history.genesis.registry for part in parts
            ):
                self.missing.append(
                    Remark(
                        "verify.registry",
                        "The registry's genesis is not in the bundle: its root keys cannot be compared.",
                    )
                )

    def _log_key(self, part: _Part) -> None:
        if self.trust is None or not self.trust.logs:
            return
        vkey = next(
            log.vkey for log in self.bundle.logs if evidence.key_of(log.vkey).name == part.logged.origin
        )
        key = evidence.key_of(vkey)
        if not any(_same_key(key, evidence.key_of(given)) for given in self.trust.logs):
            self.problems.append(
                Remark(
                    "verify.log-key", f"{key.name} is signed with a key that your trust file does not name."
                )
            )

    def _signed(self, part: _Part, index: int, st: Statement) -> tuple[Signed, bool]:
        verdict = part.history.judge(st, index, part.logged.witnessed_at if not part.logged.missing else None)
        if verdict.status == "invalid":
            self.problems.append(Remark(verdict.code, verdict.sentence))
        elif verdict.status == "doubtful":
            self.missing.append(Remark(verdict.code, verdict.sentence))
        for act, wanted in part.history.pending():
            if act.id == st.id:
                sentence = f"The act has not taken effect by what is shown here: {wanted} more roots must endorse it."
                self.missing.append(Remark("verify.pending", sentence))
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
                Remark(
                    "verify.newer",
                    f"The statement is of edition {st.version}, this program knows {statements.VERSION}.",
                )
            )
            return False
        st_type = CATALOGUE.get(st.type)
        if st_type is None:
            self.missing.append(
                Remark("verify.unknown-type", f"This program does not know the type {st.type}.")
            )
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
                verdict = part.history.judge(st, index, witnessed_at)
                standing = verdict.status
                if standing == "invalid":  # whoever makes a bundle leaves such statements out
                    self.missing.append(
                        Remark(
                            verdict.code,
                            f"{st.type} in {part.logged.origin} cannot be judged: {verdict.sentence}",
                        )
                    )
                facts.append(
                    Fact(
                        st.id,
                        st.type,
                        st.issuer,
                        st.subject,
                        st.issued_at,
                        st.payload,
                        part.logged.origin,
                        index,
                        witnessed_at,
                        standing,  # type: ignore[arg-type]
                    )
                )
        record = certificates.record_of(facts)
        day = day_of(self.now if self.now is not None else parts[0].logged.witnessed_at or main.issued_at)
        state = str(certificates.status(record, day))
        if main.type == "certificate.issued" and record.issued_id != main.id:
            self.problems.append(
                Remark(
                    "verify.number-reused",
                    f"Another statement holds the number {main.subject}: this one does not count.",
                )
            )
        if state in _NO_LONGER_COUNTS:
            self.problems.append(
                Remark(
                    "verify.state",
                    f"Certificate {main.subject} is {state} as of {day}: no shipment may travel on it.",
                )
            )
        steps = tuple((step.event, step.day, step.issuer) for step in record.history if step.legal)
        return Lifecycle(
            main.subject,
            state,
            day,
            steps,
            len(record.waiting),
            tuple(f.sentence for f in record.findings),
            record.expires,
        )

    def _shaped(self, st: Statement) -> bool:
        from adamas import shapes
        from adamas.analysis.catalogue import CATALOGUE

        st_type = CATALOGUE.get(st.type)
        return (
            st.version <= statements.VERSION and st_type is not None and not shapes.check(st_type, st.payload)
        )


def _same_key(one: VerifierKey, other: VerifierKey) -> bool:
    return (one.name, one.type, one.public_key) == (other.name, other.type, other.public_key)


def _check_openings(amounts: Any, sealed: dict[str, bytes]) -> None:
    """Whether disclosed amounts open the sealed quantities. Raises a remark."""
    from adamas.ledger import pedersen

    if type(amounts) is not dict:
        raise Broken("verify.opening", "The disclosed amounts are not openings.")
    for name, opening in amounts.items():
        if name not in sealed or type(opening) is not list or len(opening) != 2:
            raise Broken("verify.opening", f"The disclosed amount {name!r} is not an opening.")
        if not pedersen.verify(sealed[name], pedersen.Opening(opening[0], opening[1])):
            raise Broken(
                "verify.opening", f"The disclosed amount {name!r} does not open the sealed quantity."
            )

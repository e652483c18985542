"""Each log against the registry: its genesis, its copies of key statements, and keys that the registry has ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adamas.analysis.report import FINDING, REFUSE, Fault
from adamas.analysis.state import EFFECTIVE, LogState
from adamas.analysis.trust import Trust, fingerprint

_SAID = EFFECTIVE | {"pending"}
_CLAUSE = "docs/decisions, registry and key copies"


def check(
    states: Sequence[LogState], origins: Sequence[str], registry: int | None, trust: Trust | None
) -> list[Fault]:
    """What contradicts the registry in any log. ``registry`` is the place of its log, None if it is not here."""
    faults: list[Fault] = []
    charter = states[registry] if registry is not None else None
    for number, (state, origin) in enumerate(zip(states, origins, strict=True)):
        faults += _genesis(state, origin, charter, trust)
        if charter is not None and number != registry:
            faults += _copies(state, origin, charter)
    return faults


def _genesis(state: LogState, origin: str, charter: LogState | None, trust: Trust | None) -> Iterator[Fault]:
    genesis = state.history.genesis
    if genesis is None:
        why = (
            state.history.problems[0].sentence
            if state.history.problems
            else "Its first entry is no genesis that holds."
        )
        yield Fault(origin, 0, "audit.genesis", _CLAUSE, REFUSE, f"The log has no genesis. {why}", origin)
        return
    if genesis.origin != origin:
        yield Fault(
            origin,
            0,
            "audit.genesis",
            _CLAUSE,
            REFUSE,
            f"The genesis is that of {genesis.origin}.",
            genesis.origin,
        )
    named = genesis.registry or genesis.id
    wanted = charter.history.genesis if charter is not None else None
    expected = wanted.id if wanted is not None else (trust.registry if trust is not None else None)
    if expected is not None and named != expected:
        sentence = f"The log rests on the registry {fingerprint(named)}, not on {fingerprint(expected)}."
        yield Fault(origin, 0, "audit.registry", _CLAUSE, REFUSE, sentence, genesis.operator)
    elif wanted is not None and (genesis.roots, genesis.threshold) != (wanted.roots, wanted.threshold):
        sentence = "The genesis names other root keys, or another threshold, than the registry."
        yield Fault(origin, 0, "audit.roots", _CLAUSE, REFUSE, sentence, genesis.operator)


def _copies(state: LogState, origin: str, charter: LogState) -> Iterator[Fault]:
    held = {st.id for st in charter.statements.values()}
    for index, st in state.statements.items():
        signer = state.history.keys.get(st.kid)
        rooted = index and signer is not None and signer.purpose == "root"
        if rooted and st.id not in held and state.acts[index].status in _SAID:
            sentence = f"{st.type} of {st.subject}, signed by {st.issuer}, is not in the registry's log."
            yield Fault(origin, index, "audit.copy", _CLAUSE, REFUSE, sentence, st.subject)
    for kid, key in charter.history.keys.items():
        mine = state.history.keys.get(kid)
        if mine is None or mine.public_key != key.public_key:
            continue
        for what, at_registry, here in (
            ("compromised", key.compromised, mine.compromised),
            ("retired", key.retired, mine.retired),
        ):
            if at_registry is not None and here is None:
                sentence = (
                    f"The registry has on record (entry {at_registry:,}) that the key {kid.hex()} of {key.holder} is "
                    f"{what}; this log has no copy of that and takes the key as good."
                )
                yield Fault(origin, None, "audit.copy-missing", _CLAUSE, FINDING, sentence, key.holder)

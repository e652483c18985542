"""Making a bundle: one statement, what was said about its subject elsewhere, and all that these rest on.

The parts are taken from published folders (an office's own and its copies of others, or mirrors), so that what the
bundle shows is what the public can fetch. Into it go only statements that hold at their place; the statements
about keys are those, and only those, on which these rest.

    prove.not-found prove.not-published prove.unsigned prove.receipt prove.invalid prove.key prove.disclosure
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adamas.analysis import audit_work as work
from adamas.analysis.audit_work import AuditedFolder
from adamas.analysis.catalogue import CERTIFICATE_TYPES, LEDGER_NAMES
from adamas.analysis.errors import ProveError
from adamas.analysis.folders import RECEIPT, LogFolder, bundle_of, find, open_folder
from adamas.analysis.state import EFFECTIVE, LogState, fold
from adamas.analysis.trust import Trust
from adamas.errors import AdamasError
from adamas.ledger import hidden, receipt
from adamas.ledger import statement as statements
from adamas.ledger.bundle import Bundle, BundledEntry, BundledLog
from adamas.ledger.note import Note
from adamas.ledger.policy import Policy
from adamas.ledger.statement import Statement
from adamas.ledger.tiles import WIDTH, TileReader, decode_bundle
from adamas.scheme.certificates import record_of
from adamas.scheme.facts import Fact

_KEY_TYPES = frozenset({"key.enrolled", "key.retired", "key.compromised"})
Places = Mapping[str, Sequence[int]]
"""Origin → indices of the entries that matter, where an index of them is at hand."""


@dataclass(slots=True)
class _Log:
    """One log as far as the proof needs it: statements about keys, and those about the subject that hold."""

    folder: LogFolder
    reader: TileReader
    state: LogState
    about: dict[int, Statement] = field(default_factory=dict)


def prove(
    subject: str,
    places: Iterable[Path | str],
    trust: Trust | None = None,
    *,
    disclosures: Sequence[bytes] = (),
    policy: str = "",
    known: Places | None = None,
) -> bytes:
    """The bundle of a certificate number, or of one statement by its id (52 letters).

    ``places`` are folders of published logs; ``disclosures`` the hidden fields to show (each must belong to the
    statement); ``policy`` the witness policy, used where the registry's genesis names none; ``known`` the places of
    the entries that matter, so that the logs need not be searched. Raises ProveError and AuditError ``audit.no-log``.
    """
    folders = [open_folder(path, trust) for path in find(places)]
    logs = [_read(folder, subject, known) for folder in folders]
    home, index, main = _main(logs, subject)
    if main.subject != subject and main.type in CERTIFICATE_TYPES:  # asked for by its id
        logs = [_read(folder, main.subject, known) for folder in folders]
        home = next(log for log in logs if log.folder.path == home.folder.path)
    try:
        hidden.reveal(main, disclosures)
    except AdamasError as error:
        raise ProveError(
            "prove.disclosure", f"A disclosure does not belong to it: {error.sentence}"
        ) from error
    registry = _registry(home, logs)
    genesis = registry.state.history.genesis if registry else home.state.history.genesis
    named = genesis.policy if genesis else ""
    others = [log for log in logs if log is not home and log.about and _same_registry(log, home)]
    bundled = [_bundled(log, _chosen(log, main), named or policy) for log in (home, *others)]
    place = next(n for n, entry in enumerate(bundled[0].entries) if entry.index == index)
    raw = next(iter(registry.reader.entries(0, 1))) if registry else None
    return Bundle(tuple(bundled), place, tuple(disclosures), named or policy, raw).to_bytes()


def _read(folder: LogFolder, subject: str, known: Places | None) -> _Log:
    log = AuditedFolder(folder.path, folder.origin, folder.size, folder.checkpoint.root, folder.held())
    bundles = range(-(-log.held // WIDTH))
    wanted = None if known is None else {index // WIDTH for index in known.get(folder.origin, ())} | {0}
    entries = []
    for number in bundles if wanted is None else sorted(wanted & set(bundles)):
        entries += _interesting(log, number, subject)
    state = fold([(index, raw) for index, raw in entries if index == 0 or _is_ledger(raw)], lambda _: None)
    found = _Log(folder, folder.reader(), state)
    for index, raw in entries:
        _take(found, index, raw, subject)
    return found


def _is_ledger(raw: bytes) -> bool:
    try:
        return statements.parse(raw).type in LEDGER_NAMES
    except AdamasError:
        return False


def _interesting(log: AuditedFolder, number: int, subject: str) -> list[tuple[int, bytes]]:
    """The entries of a bundle that speak of keys, or (by their bytes) of the subject or the id."""
    data = bundle_of(log.path, number, work.width_of(log.size, number))
    word = subject.encode()
    identity = _identity(subject)
    if data is None or (identity is None and word not in data and not work.concerns_keys(data)):
        return []
    try:
        entries = decode_bundle(data)[: work.width_of(log.size, number)]
    except AdamasError:
        return []
    return [
        (number * WIDTH + n, raw)
        for n, raw in enumerate(entries)
        if (identity is not None and statements.leaf_id(raw) == identity)
        or word in raw
        or work.concerns_keys(raw)
    ]


def _identity(subject: str) -> bytes | None:
    try:
        return statements.parse_id(subject)
    except AdamasError:
        return None


def _take(log: _Log, index: int, raw: bytes, subject: str) -> None:
    """Keeps a statement about the subject if it holds at its place."""
    try:
        st = statements.parse(raw)
    except AdamasError:
        return
    if st.subject != subject and st.id != _identity(subject):
        return
    act = log.state.acts.get(index)
    status = None if act is None else act.status
    if status is None:
        key = log.state.history.public_key(st.kid)
        if key is None or not statements.verify(st, key):
            return
        status = log.state.history.judge(st, index, None).status
    if status in EFFECTIVE:
        log.about[index] = st


def _main(logs: list[_Log], subject: str) -> tuple[_Log, int, Statement]:
    """The statement that the bundle is about: the one with this id, or the issue that counts for the number."""
    about = [(log, index, st) for log in logs for index, st in sorted(log.about.items())]
    identity = _identity(subject)
    if identity is None:
        record = record_of(
            Fact(st.id, st.type, st.issuer, st.subject, st.issued_at, st.payload, log.folder.origin, index)
            for log, index, st in about
            if st.type in CERTIFICATE_TYPES
        )
        identity = record.issued_id or (about[0][2].id if len(about) == 1 else None)
    for log, index, st in about:
        if st.id == identity:
            return log, index, st
    raise ProveError(
        "prove.not-found",
        f"No statement about {subject} that holds is in the logs here.",
        where=", ".join(log.folder.origin for log in logs),
        advice="If it was logged just now, publish first; if it is in another office's log, follow or mirror that.",
    )


def _registry(home: _Log, logs: list[_Log]) -> _Log | None:
    genesis = home.state.history.genesis
    if genesis is None:
        return None
    wanted = genesis.registry or genesis.id
    return next((log for log in logs if _genesis_id(log) == wanted), None)


def _genesis_id(log: _Log) -> bytes | None:
    return log.state.history.genesis.id if log.state.history.genesis else None


def _same_registry(log: _Log, home: _Log) -> bool:
    one, other = log.state.history.genesis, home.state.history.genesis
    return one is not None and other is not None and (one.registry or one.id) == (other.registry or other.id)


def _chosen(log: _Log, main: Statement) -> dict[int, Statement]:
    """The statements of a log that go into the bundle: about the subject, and all that their keys rest on."""
    about = {
        n: st for n, st in log.about.items() if st.subject == main.subject and st.type in CERTIFICATE_TYPES
    }
    about |= {n: st for n, st in log.about.items() if st.id == main.id}
    acts = {n: st for n, st in log.state.statements.items() if log.state.acts[n].status in EFFECTIVE}
    kids = {st.kid for st in about.values()}
    chosen = {0} & acts.keys()
    size = -1
    while size != len(chosen):
        size = len(chosen)
        chosen |= {
            n for n, st in acts.items() if st.type in _KEY_TYPES and st.subject in {kid.hex() for kid in kids}
        }
        ids = {acts[n].id for n in chosen} | {st.id for st in about.values()}
        chosen |= {n for n, st in acts.items() if st.type == "act.endorsed" and st.refs["act"] in ids}
        kids |= {acts[n].kid for n in chosen}
    return about | {n: acts[n] for n in chosen}


def _bundled(log: _Log, chosen: dict[int, Statement], policy: str) -> BundledLog:
    folder = log.folder
    if folder.key is None or not folder.signed:
        raise ProveError(
            "prove.unsigned",
            f"The checkpoint of {folder.origin} is not signed by a key that is known here.",
            where=str(folder.path),
            advice="Name a trust file that gives the log's verifier key.",
        )
    signature = folder.read(RECEIPT)
    if signature is None or not _signs(signature, folder):
        raise ProveError(
            "prove.receipt",
            f"The log's COSE signature over its root (checkpoint.cose) is not here for {folder.size:,} entries.",
            where=str(folder.path),
            advice="Publish, or mirror, again.",
        )
    entries = tuple(
        BundledEntry(index, tuple(log.reader.inclusion_proof(index)), st.raw)
        for index, st in sorted(chosen.items())
    )
    return BundledLog(folder.key.vkey, _named_only(folder, policy).to_bytes(), signature, entries)


def _signs(signature: bytes, folder: LogFolder) -> bool:
    assert folder.key is not None
    try:
        return receipt.parse(signature).signs(folder.checkpoint.root, folder.key.public_key)
    except AdamasError:
        return False


def _named_only(folder: LogFolder, policy: str) -> Note:
    """The note with the log's signature and those of witnesses that the policy names: nothing unread stays in."""
    assert folder.key is not None
    known = {(folder.key.name, folder.key.id)}
    if policy:
        known |= {(w.key.key.name, w.key.key.id) for w in Policy.parse(policy).witnesses.values()}
    lines = []
    for line in folder.note.signatures:
        if (line.name, line.key_id) in known:
            lines.append(line)
            known.discard((line.name, line.key_id))
    return Note(folder.note.text, tuple(lines))

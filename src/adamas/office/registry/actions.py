"""What the registry desk can do: acts of the registry (k of n roots), keys, and their copies in an office's log.

An act is signed by one root and endorsed by others; it takes effect at the entry where the last one needed is on
record. :func:`act` signs with the roots whose keys this office holds, as many as are needed; where a pillar keeps its
root elsewhere, it follows the registry and endorses with :func:`endorse`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

from adamas.ledger import cbor
from adamas.ledger import statement as statements
from adamas.ledger.entries import EntryLog
from adamas.ledger.keys import kid_of
from adamas.office.batch import Accepted, BatchResult, Draft, Made, lock, run
from adamas.office.database import failures
from adamas.office.errors import OfficeError
from adamas.office.log.fold import read
from adamas.office.log.knowledge import OWN
from adamas.scheme import history
from adamas.scheme.admission import RULES

if TYPE_CHECKING:
    from adamas.office.opening import Office

Act = tuple[str, Mapping[str, Any]]
"""Subject and payload (with its ``type``) of an act of the registry."""

_KEY_TYPES = ("key.enrolled", "key.retired", "key.compromised")


def act(office: Office, acts: Sequence[Act]) -> BatchResult:
    """Logs acts of the registry and their endorsements. Raises OfficeError ``registry.roots``, BatchRefused."""
    roots = _roots(office)
    drafts = [
        Draft(row, subject, _digest("act", roots[0], subject, payload), _says(roots[0], payload))
        for row, (subject, payload) in enumerate(acts)
    ]
    done = run(office, "act", drafts)
    for root in roots[1:]:
        endorse(office, done.ids, holder=root)
    return done


def endorse(office: Office, acts: Sequence[bytes], *, holder: str) -> BatchResult:
    """A root (``kp:registry/<pillar>``) agrees to acts, by their statement ids."""
    drafts = []
    for row, identity in enumerate(acts):
        subject = statements.text_id(identity)
        payload = {"v": 1, "type": "act.endorsed", "refs": {"act": identity}}
        drafts.append(
            Draft(row, subject, _digest("endorse", holder, subject, payload), _says(holder, payload))
        )
    return run(office, "endorse", drafts)


def admit_history(office: Office, *, authorities: bool = True) -> BatchResult:
    """Enters the real register up to 2025 (scheme.history), and a standard authority for each Participant."""
    acts = [(entry.subject, entry.payload) for entry in history.registry_acts()]
    if authorities:
        codes = sorted({subject for subject, payload in acts if payload["type"] == "participant.admitted"})
        acts += [(entry.subject, entry.payload) for code in codes for entry in history.authority_acts(code)]
    return act(office, acts)


def enrol_keys(
    office: Office, keys: Iterable[tuple[str, bytes]], *, purpose: str = "statement"
) -> BatchResult:
    """Enrols keys: pairs of holder (``kp:BW/authority``) and public key (32 bytes)."""
    return act(office, [_enrolment(holder, key, purpose) for holder, key in keys])


def retire_key(office: Office, kid: bytes, *, issuer: str | None = None) -> BatchResult:
    """Ends a key from the next entry on: by the registry, or by its holder (``issuer``) with an earlier valid key."""
    return _end(office, kid, {"v": 1, "type": "key.retired", "kid": kid}, issuer)


def compromise_key(
    office: Office, kid: bytes, since: int, *, note: str = "", issuer: str | None = None
) -> BatchResult:
    """Declares that a key may be in other hands since a time (seconds since 1970)."""
    payload: dict[str, Any] = {"v": 1, "type": "key.compromised", "kid": kid, "since": since}
    if note:
        payload["note"] = note
    return _end(office, kid, payload, issuer)


def renew_key(office: Office, holder: str) -> BatchResult:
    """Makes the holder's next key and enrols it with the present one; the present one is retired apart."""
    present = office.signer(holder)
    following = office.make_key(holder, use=False)
    subject, payload = _enrolment(holder, following.public_key, "statement")
    done = run(
        office,
        "renew",
        [Draft(0, subject, _digest("renew", holder, subject, payload), _says(holder, payload))],
    )
    office.use_newest(holder)
    return done if present.kid != following.kid else BatchResult()


def enrol_next(office: Office, holder: str, public_key: bytes) -> BatchResult:
    """Enrols a further key of a holder, which is kept elsewhere, with the holder's present one."""
    subject, payload = _enrolment(holder, public_key, "statement")
    digest = _digest("renew", holder, subject, payload)
    return run(office, "renew", [Draft(0, subject, digest, _says(holder, payload))])


def enrol_witness(
    office: Office, name: str, *, pillar: str, holder: str, vkeys: Sequence[str], url: str | None = None
) -> BatchResult:
    """Puts a witness of a pillar on record."""
    payload: dict[str, Any] = {"v": 1, "type": "witness.enrolled", "pillar": pillar, "holder": holder}
    payload["vkeys"] = list(vkeys)
    if url:
        payload["url"] = url
    return act(office, [(name, payload)])


def adopt_rulebook(office: Office, *, edition: str, day: str) -> BatchResult:
    """Logs the digest of the admission rules in force, so that a finding can be recomputed under them."""
    payload = {
        "v": 1,
        "type": "rulebook.adopted",
        "digest": rulebook_digest(),
        "edition": edition,
        "from": day,
    }
    return act(office, [("rulebook", payload)])


def rulebook_digest() -> bytes:
    """SHA-256 over the descriptions of all admission rules in deterministic CBOR, in their order."""
    described = [
        [r.code, r.clause, r.title, r.severity, r.field, r.sentence, list(r.types), r.since, r.until]
        for r, _ in RULES
    ]
    return hashlib.sha256(cbor.encode(described)).digest()


def adopt_keys(office: Office, *, holders: Iterable[str] = (), origin: str | None = None) -> BatchResult:
    """Copies from the followed registry, byte for byte, the key statements on which this office's log relies.

    Those are the lives of the keys of its operator, of its Participants' authorities, of ``holders`` and of the roots,
    each with its endorsements, in the registry's order. What is in the own log already is not copied again. With
    ``origin`` they are copied from another followed log that has copied them itself (an offline desk takes its
    authority's). Raises OfficeError ``registry.not-followed``.
    """
    config = office.config
    wanted = {config.operator, *(office.authority(code) for code in config.participants), *holders}
    with failures(), office.changing(), transaction.atomic(using=office.alias):  # noqa: SIM117
        with connections[office.alias].cursor() as cursor:
            lock(cursor, connections[office.alias].vendor)
            office.knowledge.refresh()
            registry = office.knowledge.registry()
            if origin is not None:
                registry = next((s for s in office.knowledge.logs.values() if s.origin == origin), None)
            if registry is None or registry.number == OWN:
                raise OfficeError(
                    "registry.not-followed",
                    "This office does not follow a registry yet.",
                    advice="Follow its log first: adamas follow URL --role registry.",
                )
            chosen = _key_statements(cursor, registry.number, wanted)
            own = EntryLog(OWN)
            new = [raw for identity, raw in chosen if own.index_of(cursor, identity) is None]
            state = office.knowledge.logs[OWN]
            entries = read(new, state.size)
            if new:
                own.append(cursor, new)
                office.projector.project(state, entries)
    accepted = [
        Accepted(row, entry.st.subject if entry.st else "", entry.id, entry.idx)
        for row, entry in enumerate(entries)
    ]
    return BatchResult(tuple(accepted))


def _key_statements(cursor: Any, registry: int, holders: set[str]) -> list[tuple[bytes, bytes]]:
    """(id, bytes) of the key statements about these holders and the roots, and of their endorsements."""
    cursor.execute(
        'SELECT f.id, f.type, f.subject, e.raw FROM "log_fact" f'
        ' JOIN "adamas_entries" e ON e.log = f.log AND e.idx = f.idx'
        " WHERE f.log = %s AND f.standing IN ('valid', 'doubtful') AND f.type IN (%s, %s, %s, 'act.endorsed')"
        " ORDER BY f.idx",
        [registry, *_KEY_TYPES],
    )
    acts: set[bytes] = set()
    kids: set[str] = set()
    read_all = [
        (bytes(identity), kind, subject, bytes(raw)) for identity, kind, subject, raw in cursor.fetchall()
    ]
    for identity, kind, subject, raw in read_all:
        if kind == "key.enrolled":
            holder = statements.parse(raw).payload["holder"]
            if holder.startswith("kp:registry/") or any(
                holder == wanted or holder.startswith(wanted + "/") for wanted in holders
            ):
                acts.add(identity)
                kids.add(subject)
        elif kind in _KEY_TYPES and (subject in kids or _is_root(cursor, registry, subject)):
            acts.add(identity)
    named = {statements.text_id(identity) for identity in acts}
    return [
        (identity, raw)
        for identity, kind, subject, raw in read_all
        if identity in acts or (kind == "act.endorsed" and subject in named)
    ]


def _is_root(cursor: Any, registry: int, kid: str) -> bool:
    cursor.execute(
        "SELECT 1 FROM registry_key WHERE log = %s AND kid = %s AND purpose = 'root'", [registry, kid]
    )
    return cursor.fetchone() is not None


def _end(office: Office, kid: bytes, payload: Mapping[str, Any], issuer: str | None) -> BatchResult:
    subject = kid.hex()
    if issuer is None:
        return act(office, [(subject, payload)])
    digest = _digest("key", issuer, subject, payload)
    return run(office, "key", [Draft(0, subject, digest, _says(issuer, payload))])


def _enrolment(holder: str, key: bytes, purpose: str) -> Act:
    kid = kid_of(key)
    payload = {"v": 1, "type": "key.enrolled", "key": key, "kid": kid, "holder": holder, "purpose": purpose}
    return kid.hex(), payload


def _roots(office: Office) -> list[str]:
    """Holders of roots whose keys are here, as many as an act needs."""
    office.knowledge.refresh()
    genesis = office.knowledge.logs[OWN].history.genesis
    if genesis is None or office.config.kind != "registry":
        raise OfficeError("registry.not-here", "Acts of the registry are logged in the registry's own log.")
    held = [root.holder for root in genesis.roots if office.find_signer(root.holder) is not None]
    if not held:
        raise OfficeError("registry.roots", "This office holds no root key of the registry.")
    return held[: genesis.threshold]


def _says(issuer: str, payload: Mapping[str, Any]) -> Any:
    return lambda _: Made(issuer, payload)


def _digest(action: str, issuer: str, subject: str, payload: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(cbor.encode([action, issuer, subject, dict(payload)])).digest()

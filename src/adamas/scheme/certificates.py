"""A certificate's record: what the statements about one number add up to.

``record_of`` is a pure function of the *set* of facts: they are put into one canonical order (a fact after
those that it refers to, then by claimed time, then by id) and folded through
:data:`adamas.scheme.lifecycle.TRANSITIONS`. A fact whose reference is not in the set waits, and is listed. A
move that the table does not have, or that somebody signs who may not, changes nothing and is a finding. No
order of arrival gives another record (a property test shuffles).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from adamas.scheme.facts import Fact, distinct
from adamas.scheme.findings import Finding
from adamas.scheme.lifecycle import CONFIRMATION_DAYS, EVENT_OF_TYPE, EVENT_OF_WHY, EVENTS, TRANSITIONS, State
from adamas.scheme.values import holder_of, ordinal

INTERNAL_REFS = frozenset({"certificate", "validation", "dispatch", "correction", "receipt"})
"""References to statements about the same certificate; others (``replaces``, ``replacement``) point
elsewhere."""

FORMER_CODES = {"EC": "EU"}
"""Codes on older papers: the European Community's certificates carried EC (LAW-EU-A4)."""

SIGNING_ROLES = frozenset({"authority", "customs"})
_DAY_FIELD = {
    "issue": "issued",
    "validate": "validated",
    "dispatch": "dispatched",
    "receive": "received",
    "refuse": "refused",
    "return": "returned",
    "seize": "seized",
    "lose": "revoked",
    "steal": "revoked",
    "void": "revoked",
    "replace": "replaced",
    "correct": "corrected",
    "confirm": "confirmed",
    "report": "reported",
}


class Step(NamedTuple):
    """One fact in a certificate's history; ``legal`` is False where it changed nothing."""

    id: bytes
    type: str
    event: str
    issuer: str
    day: str
    at: int
    before: State
    after: State
    legal: bool


@dataclass(frozen=True)
class CertificateRecord:
    """All that the public statements say about one certificate. Days are ISO texts; quantities stay sealed.

    ``pending`` holds corrections that the importing authority has not put on record: id and payload.
    ``latest`` is the canonical key of the fact that counts last. No slots: records are made from a
    dictionary at one stroke (audits).
    """

    number: str
    state: State = State.ABSENT
    participant: str = ""
    to: str = ""
    issuer: str = ""
    issued_id: bytes | None = None
    issued: str = ""
    expires: str = ""
    hs: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    shares: tuple[int, ...] = ()
    parcels: int = 0
    officers: tuple[str, ...] = ()
    technical: str | None = None
    replaces: bytes | None = None
    sealed_carats: bytes | None = None
    sealed_value: bytes | None = None
    validated: str | None = None
    dispatched: str | None = None
    received: str | None = None
    received_id: bytes | None = None
    agrees: str | None = None
    seals: str | None = None
    found_carats: bytes | None = None
    found_value: bytes | None = None
    found_parcels: int | None = None
    refused: str | None = None
    returned: str | None = None
    seized: str | None = None
    revoked: str | None = None
    replaced_by: str | None = None
    forgeries: int = 0
    corrections: tuple[bytes, ...] = ()
    pending: tuple[tuple[bytes, Any], ...] = ()
    history: tuple[Step, ...] = ()
    waiting: tuple[bytes, ...] = ()
    findings: tuple[Finding, ...] = ()
    latest: tuple[int, bytes] = (0, b"")

    @property
    def confirmation_due(self) -> int | None:
        """Number of the day on which an import confirmation is due; None where none is expected."""
        if self.state not in (State.VALIDATED, State.SHIPPED) or not self.expires:
            return None
        return ordinal(self.expires) + CONFIRMATION_DAYS


_Draft = dict[str, Any]
_EMPTY: _Draft = vars(CertificateRecord(""))


def issuing_participant(number: str) -> str:
    """The Participant that a number's first two letters name (old codes included)."""
    code = number[:2]
    return FORMER_CODES.get(code, code)


def event_of(fact: Fact) -> str | None:
    """The lifecycle event that a fact is; None for a type that is no event of a certificate."""
    event = EVENT_OF_TYPE.get(fact.type)
    if event == "void":
        why = fact.payload.get("why")
        return EVENT_OF_WHY.get(why, "void") if isinstance(why, str) else "void"
    return event


def status(record: CertificateRecord, today: str) -> State:
    """The state on a day, with what only the calendar says: expired, or confirmation overdue."""
    state = record.state
    if state not in (State.ISSUED, State.VALIDATED, State.SHIPPED) or today <= record.expires:
        return state
    due = record.confirmation_due
    if due is not None and ordinal(today) > due:
        return State.OVERDUE
    return State.EXPIRED


def objection(record: CertificateRecord, fact: Fact) -> Finding | None:
    """Why a fact may not move this record, or None. The fold and the admission rules both ask here."""
    return _objection(record.number, record.state, record.issued_id, record.to, fact, event_of(fact))


def _objection(
    number: str, state: State, issued_id: bytes | None, to: str, fact: Fact, event: str | None
) -> Finding | None:
    if event is None:
        return None
    holder = holder_of(fact.issuer)
    who = EVENTS[event][0]
    if (
        holder.role not in SIGNING_ROLES
        or (who == "exporter" and holder.participant != issuing_participant(number))
        or (who == "importer" and to and holder.participant != to)
        or (who == "either" and to and holder.participant not in (to, issuing_participant(number)))
    ):
        right = {
            "exporter": f"the authority of {issuing_participant(number)}",
            "importer": f"the authority of the destination {to}",
            "either": f"the authority of {issuing_participant(number)} or of {to}",
        }.get(who, "an authority of a Participant")
        code, clause = "admission.wrong-authority", "IV(b); Annex I A, issuing authority"
        sentence = f"{fact.issuer} may not {event} certificate {number}: only {right} may."
        return Finding(code, clause, "refuse", sentence, "iss", number, (fact.id,))
    if event == "issue":
        if issued_id is None or issued_id == fact.id:
            return None
        sentence = f"Number {number} was already used for another certificate."
        return Finding(
            "admission.number-reused",
            "Annex I A, numbering",
            "refuse",
            sentence,
            "sub",
            number,
            (issued_id, fact.id),
        )
    reference = fact.payload.get("refs", {}).get("certificate") if event != "report" else None
    if reference is not None and issued_id is not None and reference != issued_id:
        sentence = (
            f"The statement refers to another certificate statement than the one that counts for {number}."
        )
        return Finding(
            "admission.other-certificate",
            "Annex I A, numbering",
            "refuse",
            sentence,
            "refs",
            number,
            (fact.id,),
        )
    if (state, event) in TRANSITIONS:
        return None
    return _illegal(number, state, event, fact)


def _illegal(number: str, state: State, event: str, fact: Fact) -> Finding:
    code, clause = "admission.illegal-move", "the life of a certificate (lifecycle table)"
    sentence = f"Certificate {number} is {state}: it cannot be moved by “{event}”."
    if event == "receive" and state is State.RECEIVED:
        code, clause = "admission.second-confirmation", "III(b), bullet 2"
        sentence = f"The arrival of {number} was already confirmed; a certificate is confirmed once."
    elif event in ("validate", "dispatch", "receive", "correct", "confirm") and state in _ENDED:
        code, clause = "admission.certificate-void", "II(a); III(b), bullet 1"
        sentence = f"Certificate {number} is {state}: no shipment may travel on it."
    elif event in ("receive", "dispatch", "refuse") and state is State.ISSUED:
        code, clause = "admission.not-validated", "III(a); III(b), bullet 1"
        sentence = f"Certificate {number} was issued but never validated by the exporting authority."
    return Finding(code, clause, "refuse", sentence, "type", number, (fact.id,))


_ENDED = frozenset({State.VOID, State.REPLACED, State.LOST, State.STOLEN, State.RETURNED})


def _key(fact: Fact) -> tuple[int, bytes]:
    return (fact.at, fact.id)


def _missing(fact: Fact, known: Iterable[bytes]) -> bool:
    refs = fact.payload.get("refs")
    if not refs:
        return False
    return any(target not in known for name, target in refs.items() if name in INTERNAL_REFS)


def canonical_order(facts: Iterable[Fact]) -> tuple[list[Fact], list[Fact]]:
    """Facts in the order in which they count, and those that wait for a fact that is not in the set."""
    waiting = sorted(distinct(facts).values(), key=_key)
    ordered: list[Fact] = []
    known: set[bytes] = set()
    while waiting:
        held: list[Fact] = []
        for place, fact in enumerate(waiting):
            if _missing(fact, known):
                held.append(fact)
                continue
            ordered.append(fact)
            known.add(fact.id)
            if held:  # it may set free one that was passed over: start again with the smallest
                held.extend(waiting[place + 1 :])
                break
        else:
            return ordered, held
        waiting = held
    return ordered, []


def record_of(facts: Iterable[Fact]) -> CertificateRecord:
    """The record of one certificate from all facts about its number, in whatever order they are given.

    The facts must share one subject. Facts whose key is invalid, or whose payload has not the shape of its
    type, change nothing (the admission rules name them); an empty set gives an absent certificate.
    """
    ordered, waiting = canonical_order(facts)
    number = ordered[0].subject if ordered else (waiting[0].subject if waiting else "")
    draft = _blank(number)
    for fact in ordered:
        _apply(draft, fact)
    return put_waiting(_record(draft), waiting)


def put_waiting(record: CertificateRecord, waiting: list[Fact]) -> CertificateRecord:
    """The record with the list of facts that wait for others."""
    if not waiting:
        return record
    draft = vars(record).copy()
    draft["waiting"] = tuple(sorted(fact.id for fact in waiting))
    draft["latest"] = max(record.latest, *(_key(fact) for fact in waiting))
    return _record(draft)


def in_order(record: CertificateRecord, fact: Fact) -> bool:
    """Whether ``extend`` may be used: the fact counts after all others, and nothing waits that it could set
    free."""
    return not record.waiting and _key(fact) > record.latest


def extend(record: CertificateRecord, fact: Fact) -> CertificateRecord:
    """The record with one fact more; equal to ``record_of`` of all. Only where :func:`in_order` holds
    (``ValueError``)."""
    if not in_order(record, fact):
        raise ValueError("the fact does not come last in canonical order: use record_of")
    if _missing(fact, {step.id for step in record.history}):
        return put_waiting(record, [fact])
    return advance(record, fact)


def advance(record: CertificateRecord, fact: Fact) -> CertificateRecord:
    """The record after the next fact of :func:`canonical_order`. For those who walk that order themselves."""
    draft = vars(record).copy()
    _apply(draft, fact)
    return _record(draft)


def _blank(number: str) -> _Draft:
    draft = _EMPTY.copy()
    draft["number"] = number
    return draft


def _record(draft: _Draft) -> CertificateRecord:
    record = object.__new__(CertificateRecord)
    record.__dict__.update(draft)
    return record


def _apply(draft: _Draft, fact: Fact) -> None:
    key = (fact.at, fact.id)
    draft["latest"] = max(draft["latest"], key)
    event = event_of(fact)
    if event is None:
        return
    before: State = draft["state"]
    payload = fact.payload
    day = payload.get(_DAY_FIELD[event], "")
    finding = None
    counts = fact.standing != "invalid" and isinstance(day, str)
    if counts:
        finding = _objection(draft["number"], before, draft["issued_id"], draft["to"], fact, event)
        counts = finding is None and (event != "issue" or _issue(draft, fact))
    if not counts:
        step = Step(fact.id, fact.type, event, fact.issuer, day, fact.at, before, before, False)
        draft["history"] = (*draft["history"], step)
        if finding is not None:
            draft["findings"] = (*draft["findings"], finding)
        return
    after = TRANSITIONS[before, event].to
    draft["state"] = after
    step = Step(fact.id, fact.type, event, fact.issuer, day, fact.at, before, after, True)
    draft["history"] = (*draft["history"], step)
    if event == "receive":
        sealed = payload.get("sealed", {})
        draft["received"] = day
        draft["received_id"] = fact.id
        draft["agrees"] = payload.get("agrees")
        draft["seals"] = payload.get("seals")
        draft["found_carats"] = sealed.get("carats")
        draft["found_value"] = sealed.get("value")
        draft["found_parcels"] = payload.get("parcels")
    elif event == "validate":
        draft["validated"] = day
    elif event == "dispatch":
        draft["dispatched"] = day
    elif event == "correct":
        draft["pending"] = (*draft["pending"], (fact.id, payload))
    elif event == "confirm":
        _correct(draft, payload)
    elif event == "replace":
        draft["replaced_by"] = payload.get("by")
    elif event in ("refuse", "return", "seize"):
        draft[{"refuse": "refused", "return": "returned", "seize": "seized"}[event]] = day
    elif event == "report":
        draft["forgeries"] += 1
    elif event != "issue":
        draft["revoked"] = day


def _issue(draft: _Draft, fact: Fact) -> bool:
    """Take the certificate's content; False if the payload has not the shape that its type asks for."""
    payload = fact.payload
    try:
        ordinal(payload["expires"])
        content = {
            "to": payload["to"],
            "issued": payload["issued"],
            "expires": payload["expires"],
            "hs": tuple(payload["hs"]),
            "origin": tuple(payload["origin"]),
            "parcels": payload["parcels"],
            "officers": tuple(payload["officers"]),
            "shares": tuple(payload.get("shares", ())),
        }
    except (KeyError, TypeError, ValueError):
        return False
    sealed = payload.get("sealed", {})
    draft.update(content)
    draft["participant"] = issuing_participant(draft["number"])
    draft["issuer"] = fact.issuer
    draft["issued_id"] = fact.id
    draft["technical"] = payload.get("technical")
    draft["replaces"] = payload.get("refs", {}).get("replaces")
    draft["sealed_carats"] = sealed.get("carats")
    draft["sealed_value"] = sealed.get("value")
    return True


def _correct(draft: _Draft, payload: Any) -> None:
    """A correction counts once the importing authority has put it on record too (AD-KPC-AMEND)."""
    wanted = payload.get("refs", {}).get("correction")
    for correction, changes in draft["pending"]:
        if correction != wanted:
            continue
        for name in ("hs", "origin", "shares"):
            if isinstance(changes.get(name), list):
                draft[name] = tuple(changes[name])
        for name in ("parcels", "expires"):
            if name in changes:
                draft[name] = changes[name]
        sealed = changes.get("sealed", {})
        draft["sealed_carats"] = sealed.get("carats", draft["sealed_carats"])
        draft["sealed_value"] = sealed.get("value", draft["sealed_value"])
        draft["corrections"] = (*draft["corrections"], correction)
        draft["pending"] = tuple(entry for entry in draft["pending"] if entry[0] != correction)

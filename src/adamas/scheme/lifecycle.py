"""The life of a certificate as one table: state × event → state, with the clause and who may do it.

``TRANSITIONS`` is the whole of it: what is not in the table is an illegal move. ``CLOCK`` holds what only
time does (nobody signs it): expiry, and a confirmation that is overdue. ``lifecycle_markdown`` prints both
into the documentation.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where a certificate stands."""

    ABSENT = "absent"
    ISSUED = "issued"
    VALIDATED = "validated"
    SHIPPED = "shipped"
    RECEIVED = "received"
    REFUSED = "refused"
    RETURNED = "returned"
    SEIZED = "seized"
    LOST = "lost"
    STOLEN = "stolen"
    VOID = "void"
    REPLACED = "replaced"
    EXPIRED = "expired"
    OVERDUE = "overdue"


class Move(NamedTuple):
    """One allowed move: the state after it, and the clause it rests on."""

    to: State
    clause: str


EVENTS: dict[str, tuple[str, str]] = {
    "issue": ("exporter", "the exporting authority issues the certificate"),
    "validate": ("exporter", "the exporting authority validates it: goods checked and sealed"),
    "dispatch": ("exporter", "the sealed shipment leaves"),
    "receive": ("importer", "the importing authority confirms what it found"),
    "refuse": ("importer", "the importing authority does not admit the shipment"),
    "return": ("either", "the shipment goes back to the exporting Participant"),
    "seize": ("any", "an authority on the way, or at either end, takes the shipment"),
    "lose": ("exporter", "the exporting authority declares the certificate lost"),
    "steal": ("exporter", "the exporting authority declares the certificate stolen"),
    "void": ("exporter", "the exporting authority withdraws the certificate"),
    "replace": ("exporter", "the exporting authority names the certificate that takes its place"),
    "correct": ("exporter", "the exporting authority states the right data"),
    "confirm": ("importer", "the importing authority puts the correction on record"),
    "report": ("any", "an authority reports a forged copy"),
}
"""Event → who may sign it (by Participant: exporter = number's code, importer = destination) and what it
means."""

EVENT_OF_TYPE: dict[str, str] = {
    "certificate.issued": "issue",
    "certificate.validated": "validate",
    "shipment.dispatched": "dispatch",
    "shipment.received": "receive",
    "shipment.refused": "refuse",
    "shipment.returned": "return",
    "shipment.seized": "seize",
    "certificate.revoked": "void",
    "certificate.replaced": "replace",
    "certificate.corrected": "correct",
    "correction.confirmed": "confirm",
    "forgery.reported": "report",
}
"""Statement type → event; ``certificate.revoked`` means lose, steal or void by its field ``why``."""

EVENT_OF_WHY = {"lost": "lose", "stolen": "steal", "void": "void"}

_A = State
_VALID = "III(a); Annex I A, validation"
_IMPORT = "III(b), bullets 1 and 2"
_AMEND = "AD-KPC-AMEND"
_CLEAR = "V(f); AD-KPC-EXPIRED"
_DETAIN = "LAW-EU-5-1 (detention); III(b), bullet 1"
_TECH = "AD-TECHCERT"


def _table() -> dict[tuple[State, str], Move]:
    table: dict[tuple[State, str], Move] = {
        (_A.ABSENT, "issue"): Move(_A.ISSUED, "II(a); Annex I A"),
        (_A.ISSUED, "validate"): Move(_A.VALIDATED, _VALID),
        (_A.VALIDATED, "dispatch"): Move(_A.SHIPPED, "II(a); IV(c)"),
        (_A.SHIPPED, "return"): Move(_A.RETURNED, "III(b), bullet 1; V(f)"),
        (_A.REFUSED, "return"): Move(_A.RETURNED, "V(f)"),
        (_A.REFUSED, "receive"): Move(_A.RECEIVED, _CLEAR),
        (_A.RECEIVED, "return"): Move(_A.RETURNED, _TECH),
        (_A.SEIZED, "return"): Move(_A.RETURNED, _TECH),
        (_A.SEIZED, "receive"): Move(_A.RECEIVED, _CLEAR),
    }
    for state in (
        _A.VALIDATED,
        _A.SHIPPED,
    ):  # a message of departure is recommended, not required (Annex II, 19)
        table[state, "receive"] = Move(_A.RECEIVED, _IMPORT)
        table[state, "refuse"] = Move(_A.REFUSED, _DETAIN)
    for state in (_A.ISSUED, _A.VALIDATED, _A.SHIPPED):
        table[state, "lose"] = Move(_A.LOST, "V(f)")
        table[state, "steal"] = Move(_A.STOLEN, "V(f)")
        table[state, "void"] = Move(_A.VOID, _AMEND)
    for state in (_A.ISSUED, _A.VALIDATED, _A.SHIPPED, _A.REFUSED, _A.LOST, _A.STOLEN, _A.VOID):
        table[state, "replace"] = Move(_A.REPLACED, f"{_AMEND}; V(f)")
    for state in (_A.ISSUED, _A.VALIDATED, _A.SHIPPED, _A.REFUSED, _A.RECEIVED):
        table[state, "correct"] = Move(state, _AMEND)
        table[state, "confirm"] = Move(state, _AMEND)
    # Goods that travel on a paper which no longer counts are stopped: the paper's state stays what it was.
    for state in (_A.LOST, _A.STOLEN, _A.VOID, _A.REPLACED):
        table[state, "refuse"] = Move(state, "III(b), bullet 1")
    for state in (
        _A.VALIDATED,
        _A.SHIPPED,
        _A.REFUSED,
        _A.RECEIVED,
        _A.LOST,
        _A.STOLEN,
        _A.VOID,
        _A.REPLACED,
    ):
        table[state, "seize"] = Move(_A.SEIZED, "IV(d); III(b), bullet 1")
    for state in _A:
        if state not in (_A.EXPIRED, _A.OVERDUE):
            table[state, "report"] = Move(state, "Annex I A, security; V(f)")
    return table


TRANSITIONS: dict[tuple[State, str], Move] = _table()
"""Every legal move. EXPIRED and OVERDUE never stand here: they are read off the calendar (:data:`CLOCK`)."""

CONFIRMATION_DAYS = 14
"""A confirmation is due this many days after the last day on which the goods could lawfully arrive.

The Core Document says "promptly" and sets no number (III(b), bullet 2); the only number in the sources is
the ten working days of LAW-EU-5-1, which is fourteen calendar days. They run from the day of expiry, the
latest lawful arrival, so that no slow but lawful journey is called late.
"""

CLOCK: dict[tuple[State, str], Move] = {
    (State.ISSUED, "expire"): Move(State.EXPIRED, "Annex I A, date of expiry; LAW-EU-12-5"),
    (State.VALIDATED, "expire"): Move(State.EXPIRED, "Annex I A, date of expiry"),
    (State.SHIPPED, "expire"): Move(State.EXPIRED, "Annex I A, date of expiry"),
    (State.VALIDATED, "overdue"): Move(State.OVERDUE, "III(b), bullet 2; LAW-EU-5-1"),
    (State.SHIPPED, "overdue"): Move(State.OVERDUE, "III(b), bullet 2; LAW-EU-5-1"),
}


def lifecycle_markdown() -> str:
    """Both tables in Markdown; the documentation holds this text and a test compares."""
    lines = ["| from | event | to | who | clause |", "|---|---|---|---|---|"]
    order = list(State)
    for (state, event), move in sorted(
        TRANSITIONS.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
    ):
        lines.append(f"| {state} | {event} | {move.to} | {EVENTS[event][0]} | {move.clause} |")
    for (state, event), move in CLOCK.items():
        lines.append(f"| {state} | {event} | {move.to} | the calendar | {move.clause} |")
    lines += ["", "| event | meaning |", "|---|---|"]
    lines += [f"| {event} | {meaning} |" for event, (_, meaning) in EVENTS.items()]
    return "\n".join(lines) + "\n"

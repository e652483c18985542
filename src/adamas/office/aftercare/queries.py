"""What the desk after issue, and every verification, asks of the logs: known forgeries, corrections that wait. Reads.

forgeries()                    every forgery report that counts, newest first: the public registry
forgeries(number="BW0001234")  those of one number
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections

from adamas.ledger.statement import text_id
from adamas.office.certification.models import Certificate
from adamas.office.log import reading
from adamas.office.web import site
from adamas.scheme.lifecycle import State

_TYPE = "forgery.reported"
LATEST = 1_000
"""How many certificates are looked through for what no index tells."""
_NEWEST = " ORDER BY f.at DESC, f.id LIMIT %s"
_SOURCE = 'FROM "log_fact" f JOIN "adamas_entries" e ON e.log = f.log AND e.idx = f.idx'


@dataclass(frozen=True, slots=True)
class Forgery:
    """One report as logged: the number on the forged paper, where and when it was seen, by whom, and what was said.

    ``certificate`` tells whether a true certificate of that number is known.
    """

    number: str
    at: str
    reported: str
    issuer: str
    note: str
    id: str
    standing: str
    certificate: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A correction that the importing authority has not put on record: its statement, and what it changes."""

    number: str
    participant: str
    to: str
    correction: bytes
    corrected: str
    why: str
    changes: tuple[tuple[str, Any], ...]

    @property
    def text_id(self) -> str:
        """The correction's id as people write it."""
        return text_id(self.correction)


def forgeries(*, number: str | None = None, limit: int = 500, alias: str = "default") -> list[Forgery]:
    """Forgery reports that count, newest first: all of them, or those of one number."""
    found: list[Forgery] = []
    values: list[str | int]
    seen: set[bytes] = set()
    with connections[alias].cursor() as cursor:
        if number is None:
            where, values = "f.type = %s AND f.effective IS NOT NULL" + _NEWEST, [_TYPE, limit]
        else:
            # by the subject's index: there are few statements of one number
            where = "f.subject = %s AND (f.type || '') = %s AND f.effective IS NOT NULL" + _NEWEST
            values = [number, _TYPE, limit]
        cursor.execute(f"SELECT f.id, f.subject, f.issuer, f.standing, e.raw {_SOURCE} WHERE {where}", values)
        for identity, subject, issuer, standing, raw in cursor.fetchall():
            if bytes(identity) in seen:  # one statement may stand in several logs
                continue
            seen.add(bytes(identity))
            payload = reading.payload_of(bytes(raw))
            found.append(
                Forgery(
                    subject,
                    str(payload.get("at", "")),
                    str(payload.get("reported", "")),
                    issuer,
                    str(payload.get("note", "")),
                    text_id(bytes(identity)),
                    standing,
                    "certificate" in (payload.get("refs") or {}),
                )
            )
    return found


def corrections(
    *, to: Sequence[str] = (), participants: Sequence[str] = (), limit: int = 200
) -> list[Waiting]:
    """Corrections that wait to be confirmed, for a destination's queue or an exporting side's, oldest first."""
    ends = {
        **({"to__in": list(to)} if to else {}),
        **({"participant__in": list(participants)} if participants else {}),
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(
            'SELECT DISTINCT f.subject FROM "log_fact" f WHERE f.type = %s AND f.effective IS NOT NULL',
            ["certificate.corrected"],
        )
        subjects = [subject for (subject,) in cursor.fetchall()]
    numbers: list[str] = []
    for start in range(0, len(subjects), 500):
        part = Certificate.objects.filter(number__in=subjects[start : start + 500], **ends)
        numbers += part.exclude(state__in=[State.VOID, State.REPLACED]).values_list("number", flat=True)
    found = []
    for record in site.office().records(numbers).values():
        for identity, payload in record.pending:
            changes = tuple(
                (name, payload[name])
                for name in ("hs", "origin", "shares", "parcels", "expires")
                if name in payload
            )
            found.append(
                Waiting(
                    record.number,
                    record.participant,
                    record.to,
                    identity,
                    str(payload.get("corrected", "")),
                    str(payload.get("why", "")),
                    changes,
                )
            )
    return sorted(found, key=lambda item: (item.corrected, item.number))[:limit]


def without_replacement(participant: str, limit: int = 200) -> list[Certificate]:
    """Own certificates that were declared lost or stolen and have no replacement yet, newest first."""
    found = Certificate.objects.filter(participant=participant, state__in=[State.LOST, State.STOLEN])
    return list(found.order_by("-revoked", "number")[:limit])


def replacing(number: str, issued_id: bytes, participant: str, since: str) -> list[str]:
    """Numbers of own certificates, issued since a day, that say that they replace this one."""
    later = list(
        Certificate.objects.filter(
            participant=participant, state__in=[State.ISSUED, State.VALIDATED, State.SHIPPED]
        )
        .filter(issued__gte=since)
        .exclude(number=number)
        .order_by("-issued", "-number")
        .values_list("number", flat=True)[:300]
    )
    records = site.office().records(later)
    return [one for one in later if one in records and records[one].replaces == issued_id]


def technical(participant: str, *, latest: int = LATEST) -> list[Certificate]:
    """Technical certificates (returns, fairs) among the latest that a Participant issued, or that come to it."""
    found: list[str] = []
    for end in ("participant", "to"):
        seen = Certificate.objects.filter(**{end: participant}).order_by("-issued", "-number")
        found += [number for number, why in seen.values_list("number", "technical")[:latest] if why]
    return list(Certificate.objects.filter(number__in=found).order_by("-issued", "-number"))

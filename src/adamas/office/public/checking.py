"""What this office says of a certificate to anyone: only what the log holds, and what it does not prove.

`status` is the JSON of ``/v/status/<number>.json``, `keys` that of ``/v/keys.json`` (formats.md section 6 is the list
of public fields); `check` answers a visitor whose browser runs no script, by the same verifier as the command line.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from adamas.analysis.trust import Trust, fingerprint
from adamas.analysis.verification import INVALID, UNKNOWN, VALID, Verification
from adamas.analysis.verify import verify_bundle
from adamas.ledger.statement import text_id
from adamas.office.aftercare import queries
from adamas.office.arrival.scanning import Scanned
from adamas.office.log import places
from adamas.office.log.models import Fact, Finding
from adamas.office.opening import Office
from adamas.office.public import state
from adamas.office.public.proofs import public_bundle
from adamas.office.web import sentences, site
from adamas.scheme.certificates import CertificateRecord
from adamas.scheme.certificates import status as status_on

MAX_FORGERIES = 5_000
ENDED = frozenset(
    {"void", "lost", "stolen", "replaced", "refused", "returned", "seized", "expired", "overdue"}
)
"""States in which no shipment may travel on the certificate."""


def registry_id(office: Office) -> bytes:
    """The id of the genesis of the registry on which the office's log rests."""
    office.knowledge.refresh()
    return places.registry_id(office)


def keys(office: Office) -> dict[str, Any]:
    """The list of keys for checking a code without a line: whose each is, and until when it counts."""
    registry = registry_id(office)
    rows: dict[str, dict[str, Any]] = {}
    ends: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for number, known in sorted(office.knowledge.logs.items()):
        for kid, key in known.history.keys.items():
            row = rows.setdefault(
                kid.hex(),
                {
                    "kid": kid.hex(),
                    "key": key.public_key.hex(),
                    "holder": key.holder,
                    "purpose": key.purpose,
                    "until": None,
                    "compromised_since": None,
                },
            )
            if row["purpose"] == "genesis":  # what a later enrolment, here or in another log, makes of it
                row["purpose"], row["holder"] = key.purpose, key.holder
            if key.since is not None:
                row["compromised_since"] = min(key.since, row["compromised_since"] or key.since)
            if key.retired is not None:
                ends.setdefault((number, key.retired), []).append(row)
    for (number, index), retired in ends.items():
        at = (
            Fact.objects.using(office.alias)
            .filter(log=number, idx=index)
            .values_list("at", flat=True)
            .first()
        )
        for row in retired if at is not None else ():
            row["until"] = at if row["until"] is None else min(at, row["until"])
    return {
        "v": 1,
        "origin": office.config.origin,
        "registry": text_id(registry),
        "synced": office.now(),
        "synthetic": settings.DEMO,
        "keys": sorted(rows.values(), key=lambda row: (row["holder"], row["kid"])),
        "forgeries": sorted(
            {one.number for one in queries.forgeries(limit=MAX_FORGERIES, alias=office.alias)}
        ),
        "logs": [
            {"origin": log.origin, "size": log.size, "missing": list(log.witnessing.missing)}
            for log in state.pillars()
        ],
    }


def status(office: Office, number: str) -> dict[str, Any] | None:
    """What is public of a number, its newest proof included; None if nothing is known of it."""
    record = office.records([number]).get(number)
    if record is None:
        return None
    bundle = public_bundle(office, number) if record.issued_id else None
    return {
        "v": 1,
        "number": number,
        "synthetic": settings.DEMO,
        "asked": office.now(),
        **facts(office, record),
        "forgeries": [
            {"at": one.at, "reported": one.reported, "issuer": one.issuer, "id": one.id}
            for one in queries.forgeries(number=number, alias=office.alias)
        ],
        "bundle": base64.b64encode(bundle).decode("ascii") if bundle else None,
    }


def facts(office: Office, record: CertificateRecord) -> dict[str, Any]:
    """The public fields of a certificate (formats.md, section 6), and how far each step is witnessed."""
    steps = list(_steps(office, record))
    return {
        "state": str(status_on(record, site.today().isoformat())),
        "participant": record.participant,
        "to": record.to,
        "issuer": record.issuer,
        "issued": record.issued,
        "expires": record.expires,
        "hs": list(record.hs),
        "origin": list(record.origin),
        "shares": list(record.shares),
        "parcels": record.parcels,
        "technical": record.technical,
        "replaced_by": record.replaced_by,
        "confirmed": record.received,
        "agrees": record.agrees,
        "id": text_id(record.issued_id) if record.issued_id else None,
        "history": steps,
        "waiting": len(record.waiting),
        "findings": Finding.objects.using(office.alias).filter(subject=record.number).count(),
    }


def _steps(office: Office, record: CertificateRecord) -> Iterable[dict[str, Any]]:
    logs = {log.number: log for log in state.pillars()}
    rows = Fact.objects.using(office.alias).filter(subject=record.number)
    places_of = {bytes(ident): (log, idx) for ident, log, idx in rows.values_list("id", "log", "idx")}
    for step in record.history:
        log, idx = places_of.get(step.id, (0, -1))
        known = logs.get(log)
        yield {
            "event": step.event,
            "day": step.day,
            "issuer": step.issuer,
            "counts": step.legal,
            "id": text_id(step.id),
            "log": known.origin if known else "",
            "number": log,
            "index": idx,
            "proof": known.witnessing.of(idx) if known else "logged",
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a visitor without script. ``verification`` is that of the bundle given, or of the office's."""

    number: str
    status: str
    headline: str
    verification: Verification | None = None
    facts: dict[str, Any] | None = None
    forgeries: tuple[Any, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    sent: bool = False
    registry: str = ""


def check(office: Office, scanned: Scanned) -> Answer:
    """Judges what a visitor typed or sent, and adds what is known here of the number today."""
    number, problems, missing = scanned.number, [], []
    record = office.records([number]).get(number)
    known = record is not None and record.issued_id is not None
    own = public_bundle(office, number) if known else None
    given = scanned.bundle or own
    said: Verification | None = None
    if given is not None:
        said = verify_bundle(given, trust=Trust(registry_id(office)), now=office.now())
        problems += [remark.sentence for remark in said.problems]
        missing += [remark.sentence for remark in said.missing]
    if not known:
        missing.append(
            _("Nothing is known here of this number; it may be in a log that this office does not follow.")
        )
    elif own is None:
        missing.append(_("Its newest statements are not published yet, so there is no proof to check."))
    if known and record is not None:
        if scanned.statement is not None and scanned.statement.id != record.issued_id:
            problems.insert(
                0, _("The log holds another certificate under this number than the one you sent.")
            )
        now = str(status_on(record, site.today().isoformat()))
        if now in ENDED and not any(f" is {now} " in text for text in problems):
            problems.append(_("No shipment may travel on it: its state is “%(state)s”.") % {"state": now})
    reports = tuple(queries.forgeries(number=number, alias=office.alias))
    if reports:
        missing.append(_("Forged papers with this number are known: compare the parcel with great care."))
    verdict = INVALID if problems else UNKNOWN if missing or said is None else VALID
    return Answer(
        number,
        verdict,
        _headline(verdict, sentences.said((problems or missing or [""])[0])),
        said,
        facts(office, record) if record is not None else None,
        reports,
        tuple(Finding.objects.using(office.alias).filter(subject=number).order_by("scope", "n")[:50]),
        tuple(dict.fromkeys(problems)),
        tuple(dict.fromkeys(missing)),
        sent=scanned.way != "number",
        registry=fingerprint(registry_id(office)),
    )


def _headline(verdict: str, first: str) -> str:
    if verdict == VALID:
        return _("Valid: signed, logged and witnessed as below.")
    return (_("Not valid: %(why)s") if verdict == INVALID else _("Cannot tell: %(why)s")) % {"why": first}

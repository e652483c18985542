"""A certificate of this office as a document: its record, the private disclosures and the register's names, joined.

printing.unknown printing.state printing.not-ours printing.not-held
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connections

from adamas.errors import AdamasError
from adamas.ledger.statement import text_id
from adamas.office.certification import private
from adamas.office.database import failures
from adamas.office.document import seal_keys
from adamas.office.document.certificate import render
from adamas.office.document.content import CertificateContent
from adamas.office.errors import DocumentError
from adamas.office.log import places
from adamas.scheme.lifecycle import State
from adamas.scheme.synthetic import LABEL
from adamas.scheme.values import Carats, Parcel, UsdCents

if TYPE_CHECKING:
    from adamas.office.document.form import SecurityForm
    from adamas.office.document.seal import Sealer
    from adamas.office.opening import Office
    from adamas.scheme.certificates import CertificateRecord

DEMO = "ADAMAS_DEMO"
PRINTED = frozenset({State.ISSUED, State.VALIDATED, State.SHIPPED, State.RECEIVED})
"""States in which a paper may be made; in all others it would say what no longer counts."""
NAMES = ("parties", "goods")
LANGUAGE_OF: dict[str, str] = {
    **dict.fromkeys(("CD", "CF", "CG", "CI", "CM", "GA", "GN", "ML", "TG"), "fr"),
    **dict.fromkeys(("AO", "BR", "MZ"), "pt"),
    **dict.fromkeys(("AM", "BY", "KZ", "RU"), "ru"),
    **dict.fromkeys(("AE", "LB", "QA", "SA"), "ar"),
    "CN": "zh",
}
"""The language beside English, by Participant; English alone where none is named."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished PDF: the language beside English, whether its bundle is attached, and the level of the seal if any."""

    number: str
    pdf: bytes
    language: str
    attached: bool
    sealed: str | None


def print_certificate(
    office: Office,
    number: str,
    *,
    language: str | None = None,
    form: SecurityForm | None = None,
    sealer: Sealer | None = None,
) -> Printed:
    """The certificate as PDF with its bundle, if it is published, and sealed, if a sealer is given.

    Raises DocumentError and what :func:`content_of` raises.
    """
    content = content_of(office, number)
    chosen = language or LANGUAGE_OF.get(content.participant, "en")
    bundle = bundle_of(office, number)
    pdf = render(content, language=chosen, bundle=bundle, form=form)
    if sealer is not None:
        from adamas.office.document.seal import seal

        pdf = seal(pdf, sealer)
    return Printed(number, pdf, chosen, bundle is not None, sealer.level if sealer else None)


def sealer_of(office: Office) -> Sealer | None:
    """The office's sealer, or None where no key for sealing was made. Opens the key store."""
    from adamas.office.document.seal import Sealer

    if not seal_keys.exists(office.home.path):
        return None
    return Sealer(seal_keys.load(office.keystore, office.home.path))


def content_of(office: Office, number: str) -> CertificateContent:
    """Everything that is printed. A correction that the importing authority confirmed is printed as corrected.

    Raises DocumentError ``printing.unknown``, ``printing.state`` (void, lost, replaced, …), ``printing.not-ours``
    (another authority issued it), ``printing.not-held`` (names and quantities are not known here).
    """
    record = office.records([number]).get(number)
    if record is None or record.issued_id is None:
        raise DocumentError(
            "printing.unknown",
            f"No certificate {number} was issued here.",
            where="number",
            advice="Issue it first; only what is logged is printed.",
        )
    if record.state not in PRINTED:
        raise DocumentError(
            "printing.state",
            f"Certificate {number} is {record.state}: no paper is made of it.",
            where="number",
            clause="II(a)",
        )
    if record.participant not in office.config.participants:
        raise DocumentError(
            "printing.not-ours",
            f"Certificate {number} was issued by {record.issuer}: only that authority prints it.",
            where="number",
            clause="Annex I A, issuing authority",
        )
    shown = _shown(office, record)
    register = office.knowledge.register
    authority = register.authorities.get(record.issuer)

    def name(code: str) -> str:
        return register.names.get(code, code)

    try:
        parties, goods = shown["parties"], shown["goods"]
        parcels = tuple(Parcel(p["hs"], Carats(p["carats"]), UsdCents(p["value"])) for p in goods["parcels"])
        content = CertificateContent(
            number=number,
            participant=record.participant,
            participant_name=name(record.participant),
            authority=authority.name if authority else record.issuer,
            to=record.to,
            to_name=name(record.to),
            origin=tuple((code, name(code)) for code in record.origin),
            shares=record.shares,
            issued=record.issued,
            expires=record.expires,
            exporter=str(parties["exporter"]),
            importer=str(parties["importer"]),
            parcels=parcels,
            count=record.parcels,
            seals=tuple(map(str, goods["seals"])),
            tamper_resistant=bool(goods.get("tamper")),
            officers=record.officers,
            statement=_statement(office, record.issued_id),
            statement_id=text_id(record.issued_id),
            address=office.config.address or "",
            validated=record.validated,
            technical=record.technical,
            replaces=_replaced(office, record),
            corrected=bool(record.corrections),
        )
    except (KeyError, TypeError) as error:
        raise _not_held(number) from error
    return replace(content, synthetic=is_made_up(content.exporter, content.importer))


def is_made_up(*parties: str) -> bool:
    """Whether this is a demonstration, or the firms are named as those of one: then every paper says so."""
    return os.environ.get(DEMO) == "1" or any(mark in party for party in parties for mark in MARKS)


def bundle_of(office: Office, number: str, *, disclose: bool = True) -> bytes | None:
    """The bundle with every hidden field, since the paper shows them too, or with none; None as long as it is not
    published.
    """
    from adamas.analysis.prove import prove

    _, folders = places.folders(office)
    if not folders:
        return None
    known = places.places(office, number)
    record = office.records([number]).get(number)
    issued = record.issued_id if record else None
    held = private.of(office.alias, [number]).get(number, []) if disclose else []
    disclosures = [disclosure.raw for statement, disclosure in held if statement == issued]
    trust = places.trust_of(office)
    try:
        return prove(
            number, folders, trust, disclosures=disclosures, policy=office.config.policy, known=known
        )
    except AdamasError as error:
        if error.code in places.NO_PROOF_YET:
            return None
        raise


def _shown(office: Office, record: CertificateRecord) -> dict[str, Any]:
    with failures():
        held = private.of(office.alias, [record.number], NAMES).get(record.number, [])
    shown = {d.name: d.value for statement, d in held if statement == record.issued_id}
    if set(shown) != set(NAMES):
        raise _not_held(record.number)
    return shown


def _not_held(number: str) -> DocumentError:
    return DocumentError(
        "printing.not-held",
        f"The names, parcels and seals of {number} are not known here, so it cannot be printed.",
        where="number",
        advice="The office that issued it holds them; restore its database.",
    )


def _statement(office: Office, identity: bytes) -> bytes:
    """The signed bytes of a statement in a log that is known here."""
    with failures(), connections[office.alias].cursor() as cursor:
        cursor.execute(
            'SELECT e.raw FROM "log_fact" f JOIN "adamas_entries" e ON e.log = f.log AND e.idx = f.idx'
            " WHERE f.id = %s",
            [identity],
        )
        row = cursor.fetchone()
    assert row is not None
    return bytes(row[0])


def _replaced(office: Office, record: CertificateRecord) -> str | None:
    """The number of the certificate whose place this one takes."""
    if record.replaces is None:
        return None
    with failures(), connections[office.alias].cursor() as cursor:
        cursor.execute('SELECT subject FROM "log_fact" WHERE id = %s', [record.replaces])
        row = cursor.fetchone()
    return str(row[0]) if row else None


MARKS = (LABEL, f"({LABEL.lower()})")
"""How firms that do not exist are named: in the year of the demo, and in its office."""

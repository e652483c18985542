"""A certificate of this office as a credential: its record, the register and the published log, joined and signed.

credential.unknown credential.not-ours credential.state credential.not-published credential.not-held credential.address
credential.key credential.list
"""

from __future__ import annotations

import datetime
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.db.models import Q
from django.db.models.functions import Length

from adamas.ledger import bundle as bundles
from adamas.ledger import checkpoint as checkpoints
from adamas.ledger.keys import Signer
from adamas.ledger.statement import text_id
from adamas.office.certification import printing, private
from adamas.office.certification.models import Certificate
from adamas.office.credential import controller, securing, status_list
from adamas.office.credential.content import CredentialContent, HiddenContent, LogPlace
from adamas.office.credential.document import document_of
from adamas.office.credential.errors import CredentialAway, CredentialError
from adamas.office.credential.status_list import ListName
from adamas.office.database import failures
from adamas.scheme.certificates import issuing_participant
from adamas.scheme.values import Carats, Parcel, UsdCents

if TYPE_CHECKING:
    from adamas.office.opening import Office
    from adamas.scheme.certificates import CertificateRecord

KINDS = (securing.COSE, securing.JWT, securing.SD_JWT, securing.PLAIN)
"""Media types of the export, the one that is given if none is asked for first."""
LIST_KINDS = (securing.COSE, securing.JWT, securing.PLAIN)
ENDING = {
    securing.COSE: "vc.cose",
    securing.JWT: "vc.jwt",
    securing.SD_JWT: "vc.sd-jwt",
    securing.PLAIN: "vc.json",
}
"""How the name of a file ends, by its kind."""
LIST_HOURS = 24
"""How long a status list counts: who keeps an old one back does not hide a revocation for longer."""
_SUSPENDED = [state.value for state in status_list.SUSPENDED]


def export(office: Office, number: str, kind: str) -> bytes:
    """The credential in one of :data:`KINDS`. SD-JWT carries the hidden fields: only for those who may see them.

    Raises CredentialError, CredentialAway, and KeyRefused where the key store is closed.
    """
    record = _record(office, number)
    document = document_of(_content(office, record))
    if kind == securing.PLAIN:
        return securing.encoded(document)
    signer, method = _signer(office, record.participant)
    if kind == securing.COSE:
        return securing.cose(signer, method, document)
    if kind == securing.JWT:
        return securing.jwt(signer, method, document).encode()
    return securing.sd_jwt(signer, method, document, _hidden(office, record)).encode()


def status(office: Office, name: ListName, kind: str) -> bytes:
    """A status list in one of :data:`LIST_KINDS`, of the hour. Raises CredentialError ``credential.list``."""
    code = issuing_participant(f"{name.code}00000")
    with failures():
        ours = code in _hosted(office)
        places = _places(office.alias, str(office.home.path), _version(office), name) if ours else None
    if places is None:
        raise CredentialError("credential.list", f"There is no status list {name} here.", where="address")
    address = _address(office)
    hour = datetime.datetime.fromtimestamp(office.now(), datetime.UTC).replace(minute=0, second=0)
    until = hour + datetime.timedelta(hours=LIST_HOURS)
    times = [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in (hour, until)]
    document = status_list.document_of(
        address, controller.authority_did(address, code), name, places, times[0], times[1]
    )
    if kind == securing.PLAIN:
        return securing.encoded(document)
    signer, method = _signer(office, code)
    if kind == securing.COSE:
        return securing.cose(signer, method, document)
    return securing.jwt(signer, method, document).encode()


def authority_document(office: Office, code: str) -> dict[str, Any] | None:
    """The controller document of an authority that this office signs for; None for any other."""
    if code not in _hosted(office):
        return None
    return controller.authority_document(_address(office), code, _keys(office, code))


def office_document(office: Office) -> dict[str, Any]:
    """The office's own document."""
    return controller.office_document(_address(office), office.config.origin, _hosted(office))


def _record(office: Office, number: str) -> CertificateRecord:
    record = office.records([number]).get(number)
    if record is None or record.issued_id is None:
        raise CredentialError(
            "credential.unknown",
            f"No certificate {number} was issued here.",
            where="number",
            advice="Issue it first; only what is logged is exported.",
        )
    if record.participant not in _hosted(office):
        raise CredentialError(
            "credential.not-ours",
            f"Certificate {number} was issued by {record.issuer}: only that authority makes a credential of it.",
            where="number",
            clause="Annex I A, issuing authority",
        )
    if any(status_list.bits_of(record).values()):
        raise CredentialError(
            "credential.state",
            f"Certificate {number} is {record.state}, or was withdrawn: no credential is made of it.",
            where="number",
            clause="II(a)",
            advice="Credentials made of it earlier say so by their status list.",
        )
    return record


def _content(office: Office, record: CertificateRecord) -> CredentialContent:
    address, number = _address(office), record.number
    bundle = printing.bundle_of(office, number, disclose=False)
    if bundle is None:
        raise CredentialAway(
            "credential.not-published",
            f"The statements about {number} are not published yet, so there is no proof.",
            where="number",
            advice="Ask again in a minute.",
        )
    register = office.knowledge.register
    authority = register.authorities.get(record.issuer)
    assert record.issued_id is not None
    return CredentialContent(
        number=number,
        address=address,
        participant=record.participant,
        participant_name=register.names.get(record.participant, record.participant),
        issuer=authority.name if authority else record.issuer,
        to=record.to,
        to_name=register.names.get(record.to, record.to),
        origin=record.origin,
        shares=record.shares,
        hs=record.hs,
        parcels=record.parcels,
        issued=record.issued,
        expires=record.expires,
        statement_id=text_id(record.issued_id),
        place=_place(office, address, bundle),
        validated=record.validated,
        technical=record.technical,
        synthetic=_made_up(office, record),
    )


def _place(office: Office, address: str, bundle: bytes) -> LogPlace:
    log = bundles.parse(bundle).logs[0]
    head = checkpoints.parse(log.checkpoint)[0]
    entry = bundles.parse(bundle).entry
    number = office.knowledge.numbers[head.origin]
    return LogPlace(
        origin=head.origin,
        index=entry.index,
        size=head.size,
        root=head.root,
        digest=hashlib.sha256(entry.raw).digest(),
        address=f"{address}/log/{number}/{entry.index}.cose",
        bundle=bundle,
    )


def _hidden(office: Office, record: CertificateRecord) -> HiddenContent:
    with failures():
        held = private.of(office.alias, [record.number], ("parties", "goods")).get(record.number, [])
    shown = {d.name: d for statement, d in held if statement == record.issued_id}
    try:
        parties, goods = shown["parties"].value, shown["goods"].value
        return HiddenContent(
            exporter=str(parties["exporter"]),
            importer=str(parties["importer"]),
            parcels=tuple(
                Parcel(p["hs"], Carats(p["carats"]), UsdCents(p["value"])) for p in goods["parcels"]
            ),
            seals=tuple(map(str, goods["seals"])),
            salts={name: disclosure.salt for name, disclosure in shown.items()},
        )
    except (KeyError, TypeError) as error:
        raise CredentialAway(
            "credential.not-held",
            f"The names, parcels and seals of {record.number} are not known here.",
            where="number",
            advice="The office that issued it holds them; ask for a credential without them.",
        ) from error


def _made_up(office: Office, record: CertificateRecord) -> bool:
    with failures():
        held = private.of(office.alias, [record.number], ("parties",)).get(record.number, [])
    return printing.is_made_up(*(str(disclosure.value) for _, disclosure in held))


def _signer(office: Office, code: str) -> tuple[Signer, str]:
    """The key of an authority, and the DID URL by which others find it."""
    signer = office.find_signer(office.authority(code))
    if signer is None or signer.public_key not in _keys(office, code):
        raise CredentialAway(
            "credential.key",
            f"This office holds no key of the authority of {code} that counts today, so nobody could check it.",
            advice="Enrol a key, or ask for application/vc.",
        )
    did = controller.authority_did(_address(office), code)
    return signer, controller.method_of(did, signer.public_key)


def _keys(office: Office, code: str) -> set[bytes]:
    """Keys with which the authority signs statements: enrolled, and neither retired nor compromised."""
    office.knowledge.refresh()
    holder = office.authority(code)
    found: set[bytes] = set()
    ended: set[bytes] = set()
    for known in office.knowledge.logs.values():
        for key in known.history.keys.values():
            if key.retired is not None or key.compromised is not None:
                ended.add(key.public_key)
            elif key.holder == holder and key.purpose == "statement":
                found.add(key.public_key)
    return found - ended


def _hosted(office: Office) -> tuple[str, ...]:
    return office.config.participants


def _address(office: Office) -> str:
    address = (office.config.address or "").rstrip("/")
    controller.office_did(address)
    return address


def _version(office: Office) -> int:
    """Grows with every entry known here, so that what was read from them is read anew."""
    with connections[office.alias].cursor() as cursor:
        cursor.execute("SELECT COALESCE(SUM(size), 0) FROM adamas_heads")
        return int(cursor.fetchone()[0])


@lru_cache(maxsize=32)
def _places(alias: str, home: str, version: int, name: ListName) -> tuple[int, ...] | None:
    """The places that are set; None for a list in which no certificate has a place. Kept until something is logged."""
    there = Q()
    for low, high in name.ranges():
        there |= Q(number__gte=low, number__lte=high, digits=len(low))
    rows = Certificate.objects.using(alias).annotate(digits=Length("number")).exclude(issued_id=None)
    rows = rows.filter(there)
    if not there or not rows.exists():
        return None
    if name.purpose == status_list.REVOCATION:
        rows = rows.filter(~Q(revoked="") | ~Q(replaced_by=""))
    else:
        rows = rows.filter(state__in=_SUSPENDED)
    numbers = rows.values_list("number", flat=True)
    return tuple(status_list.place_of(number, name.purpose)[1] for number in numbers)

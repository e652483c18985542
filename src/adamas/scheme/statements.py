"""Typed commands of the certification desk and the payloads that they become.

A command is what an officer means, with quantities in the open; the payload is what is signed and public.
Quantities go into two sealed commitments, and names, parcels, seals and the openings into three hidden fields
(``parties``, ``goods``, ``amounts``), of which the payload carries only digests. Commitments and digests are
made by the ledger and handed in. Rows of files become commands in :mod:`adamas.scheme.rows`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adamas.scheme.values import Carats, Parcel, UsdCents

Payload = dict[str, Any]
Opening = tuple[int, bytes]
"""What opens a commitment: the quantity (0.01 ct or US cents) and the 32-byte blinding factor."""


@dataclass(frozen=True, slots=True)
class IssueCommand:
    """A certificate to be issued (Annex I A). ``shares`` is empty or one per cent figure for each origin."""

    number: str
    to: str
    origin: tuple[str, ...]
    parcels: tuple[Parcel, ...]
    issued: str
    expires: str
    exporter: str
    importer: str
    officer: str
    approver: str
    seals: tuple[str, ...]
    shares: tuple[int, ...] = ()
    technical: str | None = None
    replaces: str | None = None

    @property
    def carats(self) -> Carats:
        """Weight of all parcels, in 0.01 ct."""
        return Carats(sum(parcel.carats for parcel in self.parcels))

    @property
    def value(self) -> UsdCents:
        """Value of all parcels, in US cents."""
        return UsdCents(sum(parcel.value for parcel in self.parcels))

    @property
    def hs(self) -> tuple[str, ...]:
        """HS codes of the parcels, ascending, each once."""
        return tuple(sorted({parcel.hs for parcel in self.parcels}))

    @property
    def declared(self) -> Declared:
        """The private content, for the admission rules."""
        return Declared(self.carats, self.value, self.parcels, self.exporter, self.importer, self.seals)


@dataclass(frozen=True, slots=True)
class ValidateCommand:
    """The exporting authority checked and sealed the shipment (III(a))."""

    number: str
    validated: str
    officer: str


@dataclass(frozen=True, slots=True)
class DispatchCommand:
    """The shipment left; ``via`` names countries of transit (III(d))."""

    number: str
    dispatched: str
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiveCommand:
    """What the importing authority found: parcels, carats, value and the state of the seals (III(b), bullet
    2)."""

    number: str
    at: str
    received: str
    parcels: int
    carats: Carats
    value: UsdCents
    seals: str
    officer: str


@dataclass(frozen=True, slots=True)
class RefuseCommand:
    """The importing authority does not admit the shipment."""

    number: str
    at: str
    refused: str
    why: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReturnCommand:
    """The shipment goes back; ``technical`` is the number of the technical certificate that it travels on."""

    number: str
    returned: str
    why: str
    technical: str | None = None


@dataclass(frozen=True, slots=True)
class SeizeCommand:
    """An authority takes the shipment."""

    number: str
    at: str
    seized: str
    why: str


@dataclass(frozen=True, slots=True)
class RevokeCommand:
    """The certificate no longer counts: ``why`` is lost, stolen or void."""

    number: str
    revoked: str
    why: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceCommand:
    """Certificate ``by`` takes the place of ``number``."""

    number: str
    replaced: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CorrectCommand:
    """The right data; ``None`` leaves a field as it was. It counts once the importing authority confirms
    it."""

    number: str
    corrected: str
    why: str
    hs: tuple[str, ...] | None = None
    origin: tuple[str, ...] | None = None
    shares: tuple[int, ...] | None = None
    parcels: int | None = None
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class ForgeryCommand:
    """A forged paper with this number was seen."""

    number: str
    at: str
    reported: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """What is not public but known at the door: the declared content, and on arrival what was found.

    Carats in 0.01 ct, value in US cents. ``None`` means not known here. ``people`` tells who applied, who
    approved and who signs, each by whatever names a person at that office.
    """

    carats: int | None = None
    value: int | None = None
    parcels: tuple[Parcel, ...] | None = None
    exporter: str | None = None
    importer: str | None = None
    seals: tuple[str, ...] | None = None
    found_carats: int | None = None
    found_value: int | None = None
    people: tuple[str, str, str] | None = None


def _payload(
    name: str, fields: Mapping[str, Any], certificate: bytes | None = None, **refs: bytes | None
) -> Payload:
    """A payload of one type; empty optional fields are left out."""
    payload: Payload = {"v": 1, "type": name}
    payload.update((key, value) for key, value in fields.items() if value not in (None, "", []))
    all_refs = {
        key: value for key, value in {"certificate": certificate, **refs}.items() if value is not None
    }
    if all_refs:
        payload["refs"] = all_refs
    return payload


def issued_hidden(command: IssueCommand, carats: Opening, value: Opening) -> list[tuple[str, Any]]:
    """The three hidden fields of a certificate: name and value of each, for the ledger to salt and digest."""
    return [
        ("parties", {"exporter": command.exporter, "importer": command.importer}),
        (
            "goods",
            {
                "parcels": [{"hs": p.hs, "carats": p.carats, "value": p.value} for p in command.parcels],
                "seals": list(command.seals),
                "tamper": True,
            },
        ),
        ("amounts", {"carats": list(carats), "value": list(value)}),
    ]


def issued_payload(
    command: IssueCommand,
    *,
    sealed: Mapping[str, bytes],
    hidden: Sequence[bytes],
    replaces: bytes | None = None,
) -> Payload:
    """``certificate.issued``. ``sealed`` holds the commitments to carats and value, ``hidden`` the
    digests."""
    payload: Payload = {
        "v": 1,
        "type": "certificate.issued",
        "to": command.to,
        "hs": list(command.hs),
        "origin": list(command.origin),
        "issued": command.issued,
        "expires": command.expires,
        "parcels": len(command.parcels),
        "officers": [command.officer, command.approver],
        "hidden": sorted(hidden),
        "sealed": dict(sealed),
    }
    if command.shares:
        payload["shares"] = list(command.shares)
    if command.technical:
        payload["technical"] = command.technical
    if replaces is not None:
        payload["refs"] = {"replaces": replaces}
    return payload


def validated_payload(command: ValidateCommand, certificate: bytes) -> Payload:
    """``certificate.validated``; ``certificate`` is the id of the issued statement, here and below."""
    fields = {"validated": command.validated, "officer": command.officer}
    return _payload("certificate.validated", fields, certificate)


def dispatched_payload(command: DispatchCommand, certificate: bytes) -> Payload:
    """``shipment.dispatched``."""
    fields = {"dispatched": command.dispatched, "via": list(command.via)}
    return _payload("shipment.dispatched", fields, certificate)


def received_payload(
    command: ReceiveCommand,
    certificate: bytes,
    *,
    agrees: str,
    sealed: Mapping[str, bytes],
    hidden: Sequence[bytes] = (),
) -> Payload:
    """``shipment.received``. Where ``agrees`` is exact, ``sealed`` repeats the certificate's own
    commitments."""
    payload = _payload(
        "shipment.received",
        {
            "at": command.at,
            "received": command.received,
            "parcels": command.parcels,
            "seals": command.seals,
            "agrees": agrees,
            "officer": command.officer,
            "sealed": dict(sealed),
        },
        certificate,
    )
    if hidden:
        payload["hidden"] = sorted(hidden)
    return payload


def received_hidden(carats: Opening, value: Opening) -> list[tuple[str, Any]]:
    """The hidden field of a confirmation whose quantities differ: the openings of what was found."""
    return [("found", {"carats": list(carats), "value": list(value)})]


def refused_payload(command: RefuseCommand, certificate: bytes) -> Payload:
    """``shipment.refused``."""
    fields = {"at": command.at, "refused": command.refused, "why": command.why, "note": command.note}
    return _payload("shipment.refused", fields, certificate)


def returned_payload(command: ReturnCommand, certificate: bytes) -> Payload:
    """``shipment.returned``."""
    fields = {"returned": command.returned, "why": command.why, "technical": command.technical}
    return _payload("shipment.returned", fields, certificate)


def seized_payload(command: SeizeCommand, certificate: bytes) -> Payload:
    """``shipment.seized``."""
    return _payload(
        "shipment.seized", {"at": command.at, "seized": command.seized, "why": command.why}, certificate
    )


def revoked_payload(command: RevokeCommand, certificate: bytes) -> Payload:
    """``certificate.revoked``."""
    fields = {"revoked": command.revoked, "why": command.why, "note": command.note}
    return _payload("certificate.revoked", fields, certificate)


def replaced_payload(
    command: ReplaceCommand, certificate: bytes, replacement: bytes | None = None
) -> Payload:
    """``certificate.replaced``; ``replacement`` is the id of the new certificate's statement."""
    fields = {"replaced": command.replaced, "by": command.by, "why": command.why}
    return _payload("certificate.replaced", fields, certificate, replacement=replacement)


def corrected_payload(
    command: CorrectCommand,
    certificate: bytes,
    *,
    sealed: Mapping[str, bytes] | None = None,
    hidden: Sequence[bytes] = (),
) -> Payload:
    """``certificate.corrected``; ``sealed`` only where carats or value were wrong."""
    fields: dict[str, Any] = {
        "corrected": command.corrected,
        "why": command.why,
        "hs": list(command.hs) if command.hs else None,
        "origin": list(command.origin) if command.origin else None,
        "shares": list(command.shares) if command.shares else None,
        "parcels": command.parcels,
        "expires": command.expires,
        "sealed": dict(sealed) if sealed else None,
        "hidden": sorted(hidden),
    }
    return _payload("certificate.corrected", fields, certificate)


def confirmed_payload(confirmed: str, certificate: bytes, correction: bytes) -> Payload:
    """``correction.confirmed``, by the importing authority."""
    return _payload("correction.confirmed", {"confirmed": confirmed}, certificate, correction=correction)


def forgery_payload(command: ForgeryCommand, certificate: bytes | None = None) -> Payload:
    """``forgery.reported``; the number may be of no certificate at all."""
    fields = {"at": command.at, "reported": command.reported, "note": command.note}
    return _payload("forgery.reported", fields, certificate)

"""A small world for the tests: the real register, made-up facts, one certificate's whole life."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace
from typing import Any

from adamas.scheme.facts import Fact
from adamas.scheme.participants import Register
from adamas.scheme.statements import (
    DispatchCommand,
    IssueCommand,
    ReceiveCommand,
    ValidateCommand,
    dispatched_payload,
    issued_payload,
    received_payload,
    validated_payload,
)
from adamas.scheme.values import Carats, Parcel, UsdCents, ordinal

NUMBER = "BW0001234"
CARATS, VALUE = b"c" * 32, b"v" * 32
OTHER_CARATS, OTHER_VALUE = b"d" * 32, b"w" * 32
AS_OF = datetime.date(2023, 12, 31)
REGISTER = Register.from_history(authorities=True)

ISSUE = IssueCommand(
    number=NUMBER,
    to="AE",
    origin=("BW",),
    parcels=(
        Parcel("710231", Carats(1234), UsdCents(567_800)),
        Parcel("710221", Carats(900), UsdCents(9_000)),
    ),
    issued="2023-03-04",
    expires="2023-05-03",
    exporter="Exporter, Gaborone",
    importer="Importer, Dubai",
    officer="is-1",
    approver="ap-2",
    seals=("S1", "S2"),
)


def at(day: str, hour: int = 9) -> int:
    """Seconds since 1970."""
    return ordinal(day) * 86_400 + hour * 3_600


def fact(
    payload: dict[str, Any], day: str, *, by: str = "kp:BW/authority", on: str = NUMBER, **more: Any
) -> Fact:
    """A fact claimed on a day; its id follows from its content."""
    content = repr((sorted(payload.items(), key=lambda item: item[0]), day, by, on, sorted(more.items())))
    ident = hashlib.sha256(content.encode()).digest()
    return Fact(ident, payload["type"], by, on, more.pop("seconds", at(day)), payload, **more)


def issued(
    command: IssueCommand = ISSUE, *, by: str = "kp:BW/authority", day: str | None = None, **changes: Any
) -> Fact:
    """``certificate.issued``; ``changes`` overwrite fields of the payload."""
    payload = issued_payload(
        command, sealed={"carats": CARATS, "value": VALUE}, hidden=[b"a" * 32, b"b" * 32]
    )
    payload.update(changes)
    return fact(payload, day or command.issued, by=by, on=command.number)


def validated(certificate: Fact, day: str = "2023-03-05", **more: Any) -> Fact:
    """``certificate.validated``."""
    payload = validated_payload(ValidateCommand(certificate.subject, day, "va-1"), certificate.id)
    return fact(payload, day, on=certificate.subject, **more)


def dispatched(certificate: Fact, day: str = "2023-03-06", via: tuple[str, ...] = (), **more: Any) -> Fact:
    """``shipment.dispatched``."""
    payload = dispatched_payload(DispatchCommand(certificate.subject, day, via), certificate.id)
    return fact(payload, day, on=certificate.subject, **more)


def received(
    certificate: Fact,
    day: str = "2023-03-12",
    *,
    by: str = "kp:AE/authority",
    agrees: str = "exact",
    sealed: dict[str, bytes] | None = None,
    standing: str = "valid",
    **changes: Any,
) -> Fact:
    """``shipment.received``; ``changes`` overwrite fields of the payload."""
    command = ReceiveCommand(
        certificate.subject, "AE", day, 2, Carats(2134), UsdCents(576_800), "intact", "im-1"
    )
    payload = received_payload(
        command, certificate.id, agrees=agrees, sealed=sealed or {"carats": CARATS, "value": VALUE}
    )
    payload.update(changes)
    return fact(payload, day, by=by, on=certificate.subject, standing=standing)


def event(certificate: Fact, name: str, day: str, *, by: str = "kp:BW/authority", **fields: Any) -> Fact:
    """Any other event of a certificate; ``refs`` are added to the one to the certificate."""
    refs = {"certificate": certificate.id, **fields.pop("refs", {})}
    return fact({"v": 1, "type": name, **fields, "refs": refs}, day, by=by, on=certificate.subject)


def change(**fields: Any) -> IssueCommand:
    """The standard command with some fields changed."""
    return replace(ISSUE, **fields)

"""Numbers set aside for a desk that works while the line is down, on a paper that the authority signed.

    reservation.cose     in the desk's folder: it may issue these numbers and no others
    reserved/*.cose      in the authority's folder: a copy of each; it may not issue these itself

The paper is one signed statement (docs/formats/statement.md) that is in no log: its subject is the origin of the desk's
log, its payload names the numbers and the desk's key.

    reservation.missing reservation.malformed reservation.signature
    admission.not-reserved admission.reserved-elsewhere (findings at the door)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adamas.errors import AdamasError
from adamas.ledger import statement as statements
from adamas.ledger.note import VerifierKey
from adamas.ledger.statement import Statement
from adamas.office.errors import OfficeError
from adamas.scheme.findings import Finding
from adamas.scheme.values import split_number

if TYPE_CHECKING:
    from adamas.ledger.keys import Signer

FILE = "reservation.cose"
FOLDER = "reserved"
TYPE = "numbers.reserved"
CLAUSE = "Annex I A, numbering"
ISSUE = "certificate.issued"


class ReservationError(OfficeError):
    """The paper that sets numbers aside is missing or does not hold (reservation.*)."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """Serials ``first`` to ``last`` of a Participant, of one length, for the desk whose log is ``origin``."""

    origin: str
    participant: str
    digits: int
    first: int
    last: int
    holder: str
    key: bytes
    vkey: str
    statement: Statement

    def holds(self, number: str) -> bool:
        """Whether a certificate number is one of them."""
        parsed = split_number(number)
        return (
            parsed is not None
            and (parsed.code, len(parsed.digits)) == (self.participant, self.digits)
            and self.first <= parsed.serial <= self.last
        )

    @property
    def span(self) -> str:
        """The numbers for people."""
        low, high = (f"{self.participant}{n:0{self.digits}d}" for n in (self.first, self.last))
        return f"{low} to {high}"


def sign(
    signer: Signer,
    *,
    holder: str,
    now: int,
    participant: str,
    digits: int,
    first: int,
    last: int,
    key: bytes,
    vkey: str,
) -> Reserved:
    """The paper for the desk whose log has the verifier key ``vkey`` and whose statement key is ``key``."""
    payload = {
        "v": 1,
        "type": TYPE,
        "participant": participant,
        "digits": digits,
        "first": first,
        "last": last,
        "key": key,
        "vkey": vkey,
    }
    origin = VerifierKey.parse(vkey).name
    return _reserved(statements.sign(signer, issuer=holder, subject=origin, issued_at=now, payload=payload))


def read(file: Path, public_key: bytes | None = None) -> Reserved:
    """The paper in a file; with ``public_key`` only if that key signed it. Raises ReservationError."""
    try:
        found = _reserved(statements.parse(file.read_bytes()))
    except FileNotFoundError:
        raise ReservationError(
            "reservation.missing",
            "There is no reservation: this is not the folder of an offline desk.",
            where=str(file),
            advice="Make one while the line is up: adamas office --reserve N --out DIR.",
        ) from None
    except (OSError, AdamasError) as error:
        raise ReservationError(
            "reservation.malformed", f"The reservation cannot be read: {error}", where=str(file)
        ) from error
    if public_key is not None and not statements.verify(found.statement, public_key):
        raise ReservationError(
            "reservation.signature",
            "The reservation is not signed by this office: it was altered, or is another office's.",
            where=str(file),
        )
    return found


def of_desk(home: Path) -> Reserved | None:
    """The reservation that binds the office of a folder; None if it is no offline desk."""
    file = home / FILE
    return read(file) if file.exists() else None


def given(home: Path) -> list[Reserved]:
    """The reservations that the office of a folder gave to its desks."""
    return [read(file) for file in sorted((home / FOLDER).glob("*.cose"))]


class Bounds:
    """Which numbers an office may issue, by the papers in its folder. Papers are read again when one was added."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._seen: tuple[int, int] | None = None
        self._own: Reserved | None = None
        self._given: list[Reserved] = []

    def finding(self, kind: str, number: str) -> Finding | None:
        """What speaks against issuing a number here."""
        if kind != ISSUE:
            return None
        self._refresh()
        if self._own is not None:
            if self._own.holds(number):
                return None
            sentence = f"{number} is not one of the numbers set aside for this desk ({self._own.span})."
            return Finding("admission.not-reserved", CLAUSE, "refuse", sentence, "number", number)
        for reserved in self._given:
            if reserved.holds(number):
                sentence = f"{number} is set aside for the offline desk {reserved.origin} ({reserved.span})."
                return Finding("admission.reserved-elsewhere", CLAUSE, "refuse", sentence, "number", number)
        return None

    def clip(self, digits: int, first: int, last: int) -> tuple[int, int]:
        """A range of serials without those that this desk may not issue (empty: first after last)."""
        self._refresh()
        own = self._own
        if own is None:
            return first, last
        return (max(first, own.first), min(last, own.last)) if own.digits == digits else (first, first - 1)

    @property
    def own(self) -> Reserved | None:
        """The paper that binds this office, if it is an offline desk."""
        self._refresh()
        return self._own

    def _refresh(self) -> None:
        seen = (_changed(self._home / FILE), _changed(self._home / FOLDER))
        if seen != self._seen:
            self._own, self._given = of_desk(self._home), given(self._home)
            self._seen = seen


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _reserved(st: Statement) -> Reserved:
    p: Any = st.payload
    shapes = {"participant": str, "digits": int, "first": int, "last": int, "key": bytes, "vkey": str}
    if p.get("type") != TYPE or any(type(p.get(name)) is not kind for name, kind in shapes.items()):
        raise ReservationError("reservation.malformed", "The statement sets no numbers aside.")
    if VerifierKey.parse(p["vkey"]).name != st.subject or not 0 < p["first"] <= p["last"]:
        raise ReservationError("reservation.malformed", "The reservation does not fit together.")
    return Reserved(
        st.subject, p["participant"], p["digits"], p["first"], p["last"], st.issuer, p["key"], p["vkey"], st
    )

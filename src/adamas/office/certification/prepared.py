"""A certificate made ready for signing and not signed yet: what a second officer looks at and approves.

Salts, openings and commitments are fixed when it is prepared, so that the digest names one payload and no other.
An approval of the digest is an approval of these bytes: whatever is changed afterwards has another digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from adamas.errors import AdamasError
from adamas.ledger import cbor, hidden
from adamas.ledger.hidden import Disclosure
from adamas.office import curve
from adamas.office.certification import private
from adamas.office.errors import PreparedError
from adamas.scheme.findings import Finding
from adamas.scheme.statements import Declared
from adamas.scheme.values import Carats, Parcel, UsdCents

_TYPE = "adamas.prepared"
MAX_SIZE = 262_144


@dataclass(frozen=True, slots=True)
class Prepared:
    """One payload in full: issuer, subject (the certificate's number), its bytes, and what the payload hides.

    ``findings`` are remarks of the rules that do not stop it, as of the day on which it was prepared.
    """

    issuer: str
    number: str
    payload: bytes
    disclosures: tuple[Disclosure, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def digest(self) -> bytes:
        """SHA-256 of the CBOR array [issuer, subject, payload]: what an approver approves."""
        return hashlib.sha256(cbor.encode([self.issuer, self.number, self.content])).digest()

    @property
    def content(self) -> dict[str, Any]:
        """The payload as a mapping."""
        found: dict[str, Any] = cbor.decode(self.payload)
        return found

    @property
    def shown(self) -> Mapping[str, Any]:
        """Name → value of everything hidden: parties, goods, amounts."""
        return {disclosure.name: disclosure.value for disclosure in self.disclosures}

    def raw(self) -> bytes:
        """Its bytes for keeping; :func:`parse` reads them."""
        raws = [disclosure.raw for disclosure in self.disclosures]
        return cbor.encode([_TYPE, self.issuer, self.number, self.payload, raws])

    def declared(self, people: tuple[str, str, str] | None = None) -> Declared:
        """The private content for the rules, read back from what the payload commits to.

        Raises PreparedError if the disclosures are not those of the payload or do not open its commitments.
        """
        content = self.content
        if sorted(d.digest for d in self.disclosures) != list(content.get("hidden", ())):
            _refuse("prepared.hidden", "The hidden fields are not those that the statement commits to.")
        try:
            parties, goods = self.shown["parties"], self.shown["goods"]
            (opening,) = private.openings(self.disclosures)
            parcels = tuple(
                Parcel(p["hs"], Carats(p["carats"]), UsdCents(p["value"])) for p in goods["parcels"]
            )
            sealed = content["sealed"]
            pairs = [(sealed["carats"], opening["carats"]), (sealed["value"], opening["value"])]
            names = (parties["exporter"], parties["importer"], tuple(goods["seals"]))
        except (KeyError, TypeError, ValueError, AdamasError):
            _refuse("prepared.malformed", "The prepared certificate is damaged.")
        if not all(curve.open_all(pairs)):
            _refuse("prepared.hidden", "The openings do not open what the statement seals.")
        return Declared(opening["carats"].m, opening["value"].m, parcels, *names, people=people)


def parse(raw: bytes) -> Prepared:
    """Reads what :meth:`Prepared.raw` wrote. Raises PreparedError ``prepared.malformed``."""
    try:
        match cbor.decode(raw, max_size=MAX_SIZE):
            case [str(kind), str(issuer), str(number), bytes(payload), list(raws)] if kind == _TYPE:
                return Prepared(issuer, number, payload, tuple(hidden.parse(item) for item in raws))
    except (AdamasError, TypeError):
        pass
    _refuse("prepared.malformed", "The prepared certificate is damaged.")


def _refuse(code: str, sentence: str) -> NoReturn:
    raise PreparedError(code, sentence, where="digest", advice="Prepare the certificate again.")

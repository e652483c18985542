"""What is printed on a certificate: everything that Annex I (A) asks for, and what a verifier needs beside it."""

from __future__ import annotations

from dataclasses import dataclass

from adamas.scheme.values import Carats, Parcel, UsdCents


@dataclass(frozen=True, slots=True)
class CertificateContent:
    """One certificate in the open. Quantities as in :mod:`adamas.scheme.values`, days as ISO texts.

    ``origin`` are pairs of alpha-2 code and name; more than one is a mixed origin, of which ``shares`` may give per
    cents of carats in the same order. ``count`` is the number of parcels on record (it may have been corrected).
    ``statement`` are the signed bytes for the QR code, ``statement_id`` their id in letters; ``address`` is where the
    office's pages are. ``synthetic`` prints a label that nobody can overlook.
    """

    number: str
    participant: str
    participant_name: str
    authority: str
    to: str
    to_name: str
    origin: tuple[tuple[str, str], ...]
    issued: str
    expires: str
    exporter: str
    importer: str
    parcels: tuple[Parcel, ...]
    count: int
    seals: tuple[str, ...]
    officers: tuple[str, ...]
    statement: bytes
    statement_id: str
    address: str
    shares: tuple[int, ...] = ()
    tamper_resistant: bool = True
    validated: str | None = None
    technical: str | None = None
    replaces: str | None = None
    corrected: bool = False
    synthetic: bool = False

    @property
    def carats(self) -> Carats:
        """Weight of all parcels, in 0.01 ct."""
        return Carats(sum(parcel.carats for parcel in self.parcels))

    @property
    def value(self) -> UsdCents:
        """Value of all parcels, in US cents."""
        return UsdCents(sum(parcel.value for parcel in self.parcels))

    @property
    def mixed(self) -> bool:
        """Whether the shipment is of mixed origin (Annex I A)."""
        return len(self.origin) != 1

    @property
    def by_code(self) -> tuple[tuple[int, Parcel], ...]:
        """Number of parcels and their sum for each HS code, ascending."""
        codes = sorted({parcel.hs for parcel in self.parcels})
        found = []
        for code in codes:
            of_code = [parcel for parcel in self.parcels if parcel.hs == code]
            carats, value = (sum(p.carats for p in of_code), sum(p.value for p in of_code))
            found.append((len(of_code), Parcel(code, Carats(carats), UsdCents(value))))
        return tuple(found)

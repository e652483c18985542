"""What may stand in a credential: only what the log publishes. Hidden fields have no place here to leak from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adamas.scheme.values import Parcel, format_hundredths


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where the certificate's statement is logged, in the tree whose root the bundle's checkpoint signs.

    ``bundle`` is the proof with no hidden field shown (docs/formats/bundle.md); ``digest`` SHA-256 of the statement.
    """

    origin: str
    index: int
    size: int
    root: bytes
    digest: bytes
    address: str
    bundle: bytes


@dataclass(frozen=True, slots=True)
class CredentialContent:
    """The public content of one certificate. Days are ISO texts, countries codes, shares per cent by origin.

    ``address`` is where the office is reached, without a slash at its end; ``issuer`` the authority's name.
    """

    number: str
    address: str
    participant: str
    participant_name: str
    issuer: str
    to: str
    to_name: str
    origin: tuple[str, ...]
    shares: tuple[int, ...]
    hs: tuple[str, ...]
    parcels: int
    issued: str
    expires: str
    statement_id: str
    place: LogPlace
    validated: str | None = None
    technical: str | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class HiddenContent:
    """What the statement hides, for those who may see it; ``salts`` are those of its disclosures, by their name."""

    exporter: str
    importer: str
    parcels: tuple[Parcel, ...]
    seals: tuple[str, ...]
    salts: dict[str, bytes]

    def claims(self) -> tuple[tuple[str, str, Any], ...]:
        """(disclosure, name of the claim, value), each shown or kept by itself. Quantities are texts."""
        parcels = [
            {"hsCode": p.hs, "carats": format_hundredths(p.carats), "value": format_hundredths(p.value)}
            for p in self.parcels
        ]
        return (
            ("parties", "exporter", self.exporter),
            ("parties", "importer", self.importer),
            ("goods", "carats", format_hundredths(sum(p.carats for p in self.parcels))),
            ("goods", "value", format_hundredths(sum(p.value for p in self.parcels))),
            ("goods", "parcel", parcels),
            ("goods", "sealNumber", list(self.seals)),
        )

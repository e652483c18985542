"""Small values of the regime, parsed once at the border and integers from there on.

Carats are integers of 0.01 ct and money integers of US cents (trade documents carry two places); days are
ISO 8601 texts, which compare in order as texts; a Participant is an ISO 3166-1 alpha-2 code, or ``EU``.
Source: Core Document, Section I (rough diamonds) and Annex I A (number, weight, value, HS code).
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NewType

from adamas.scheme.errors import ValueRefused

Carats = NewType("Carats", int)
"""Weight in hundredths of a carat."""

UsdCents = NewType("UsdCents", int)
"""Value in US cents."""

HS_CODES: dict[str, str] = {
    "710210": "unsorted",
    "710221": "industrial, unworked or simply sawn, cleaved or bruted",
    "710231": "non-industrial, unworked or simply sawn, cleaved or bruted",
}
"""Rough diamonds, and nothing else (Section I, rough diamonds)."""

MAX_CARATS = 10**11
MAX_CENTS = 10**15
EPOCH_ORDINAL = datetime.date(1970, 1, 1).toordinal()

_DECIMAL = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2})0*)?\Z")
_NUMBER = re.compile(r"([A-Z]{2})([0-9]{5,10})\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def _hundredths(text: str, what: str, limit: int) -> int:
    match = _DECIMAL.match(text.strip())
    if match is None:
        raise ValueRefused(
            f"value.{what}",
            f"“{text}” is not a number with at most two decimals",
            clause="Annex I A, weight" if what == "carats" else "Annex I A, value",
            advice="Write digits with a point for the decimals and no separator of thousands, such as "
            "1234.56.",
        )
    number = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if number > limit:
        raise ValueRefused(f"value.{what}", f"“{text}” is more than any shipment ever held")
    return number


def parse_carats(text: str) -> Carats:
    """``"12.34"`` → 1234. Raises ``ValueRefused`` for signs, commas, exponents or a third decimal."""
    return Carats(_hundredths(text, "carats", MAX_CARATS))


def parse_usd(text: str) -> UsdCents:
    """``"12.34"`` → 1234 cents. Raises ``ValueRefused`` as :func:`parse_carats` does."""
    return UsdCents(_hundredths(text, "usd", MAX_CENTS))


def format_hundredths(number: int) -> str:
    """1234 → ``"12.34"``; for carats and for money."""
    sign, number = ("-", -number) if number < 0 else ("", number)
    return f"{sign}{number // 100}.{number % 100:02d}"


def parse_country(text: str) -> str:
    """An alpha-2 code in capitals. Whether it is a Participant is the register's to say."""
    code = text.strip().upper()
    if not _COUNTRY.match(code):
        raise ValueRefused(
            "value.country", f"“{text}” is not a two-letter country code (ISO 3166-1 alpha-2, or EU)"
        )
    return code


def parse_hs(text: str) -> str:
    """``7102.31``, ``7102 31`` or ``710231`` → ``"710231"``; only rough diamonds (Section I)."""
    code = text.strip().replace(".", "").replace(" ", "")
    if code not in HS_CODES:
        raise ValueRefused(
            "value.hs",
            f"“{text}” is not an HS code of rough diamonds (7102.10, 7102.21 or 7102.31)",
            clause="Section I, rough diamonds; Annex I A, HS code",
        )
    return code


def parse_day(text: str) -> str:
    """A day of the calendar as ``YYYY-MM-DD``."""
    day = text.strip()
    if not _DAY.match(day):
        raise ValueRefused("value.day", f"“{text}” is not a date in the form 2025-12-31")
    try:
        ordinal(day)
    except ValueError:
        raise ValueRefused("value.day", f"“{text}” is not a day of the calendar") from None
    return day


@lru_cache(maxsize=65_536)
def ordinal(day: str) -> int:
    """Number of the day (days since 1970-01-01); ``ValueError`` if the calendar has no such day."""
    return datetime.date.fromisoformat(day).toordinal() - EPOCH_ORDINAL


@lru_cache(maxsize=65_536)
def day_of(number: int) -> str:
    """The inverse of :func:`ordinal`."""
    return datetime.date.fromordinal(number + EPOCH_ORDINAL).isoformat()


def month_end(year: int, month: int) -> str:
    """Last day of a month; months beyond 12 are those of the years after (14: February of the next year)."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]}"


def day_at(seconds: int) -> str:
    """The UTC day of a time in seconds since 1970."""
    return day_of(seconds // 86_400)


@dataclass(frozen=True, slots=True, order=True)
class CertificateNumber:
    """Alpha-2 code of the issuing Participant and a serial (Annex I A, numbering): ``BW0001234``."""

    code: str
    digits: str

    @property
    def serial(self) -> int:
        """The serial as a number."""
        return int(self.digits)

    def __str__(self) -> str:
        return self.code + self.digits


@lru_cache(maxsize=65_536)
def split_number(number: str) -> CertificateNumber | None:
    """The strict form of statements: two capitals and 5–10 digits; ``None`` for anything else."""
    match = _NUMBER.match(number)
    return CertificateNumber(match[1], match[2]) if match else None


def parse_number(text: str) -> CertificateNumber:
    """As people write it: spaces, hyphens and small letters are taken out before the strict form is asked
    for."""
    found = split_number(text.strip().upper().replace(" ", "").replace("-", ""))
    if found is None:
        raise ValueRefused(
            "value.number",
            f"“{text}” is not a certificate number: two letters of the issuing Participant and 5 to 10 "
            f"digits",
            clause="Annex I A, numbering",
        )
    return found


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel of a shipment: HS code, carats (0.01 ct) and value (US cents). Section I, parcel."""

    hs: str
    carats: Carats
    value: UsdCents


@dataclass(frozen=True, slots=True)
class Holder:
    """Who signs, read from an issuer text: ``kp:BW/authority`` → Participant ``BW``, role ``authority``."""

    participant: str
    role: str


_NOBODY = Holder("", "")


@lru_cache(maxsize=16_384)
def holder_of(issuer: str) -> Holder:
    """``kp:BW/authority/gaborone`` → (BW, authority); ``kp:registry/civil`` → (registry, civil); others: two
    empty texts."""
    if not issuer.startswith("kp:"):
        return _NOBODY
    participant, _, rest = issuer[3:].partition("/")
    return Holder(participant, rest.partition("/")[0])

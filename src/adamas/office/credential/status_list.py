"""W3C Bitstring Status List (15 May 2025): whether a credential still counts, without asking about one of them.

Numbers of one authority are divided into lists of 2^18 places; a list is a string of bits, gzipped, base64url. The
place of a number is a permutation of its serial under a key that everyone can compute, so that

- it never moves, whatever becomes of the office's machine, and two numbers never share one;
- anyone can make the list anew from the log and compare (nothing in it is not in the log already);
- a place alone tells neither how many certificates there are nor which is younger.

``revocation`` is for good: void, lost, stolen, replaced. ``suspension`` may end: refused, returned or seized on the
way.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adamas.office.credential import vocabulary
from adamas.office.credential.controller import base64url
from adamas.scheme.certificates import CertificateRecord
from adamas.scheme.lifecycle import State
from adamas.scheme.values import CertificateNumber, split_number

BITS = 18
SIZE = 1 << BITS
"""Places of a list; the standard asks for 131,072 at least."""
REVOCATION, SUSPENSION = "revocation", "suspension"
PURPOSES = (REVOCATION, SUSPENSION)
SUSPENDED = frozenset({State.REFUSED, State.RETURNED, State.SEIZED})
TTL_SECONDS = 300
_DIGITS = range(5, 11)  # how long a serial may be (scheme.values)
_HALF = BITS // 2
_MASK = (1 << _HALF) - 1
_ROUNDS = 4
_NAME = re.compile(r"([A-Z]{2})-(0|[1-9][0-9]{0,5})-(revocation|suspension)")


@dataclass(frozen=True, slots=True)
class ListName:
    """Which list: letters of the numbers in it, its place among their lists, and what a bit means."""

    code: str
    block: int
    purpose: str

    def __str__(self) -> str:
        return f"{self.code}-{self.block}-{self.purpose}"

    def ranges(self) -> list[tuple[str, str]]:
        """The numbers of the list: first and last of each length."""
        found = []
        for digits in _DIGITS:
            low = max(self.block * SIZE - _before(digits), 0)
            high = min((self.block + 1) * SIZE - _before(digits), 10**digits) - 1
            if low <= high:
                found.append((f"{self.code}{low:0{digits}d}", f"{self.code}{high:0{digits}d}"))
        return found


def parse_name(text: str) -> ListName | None:
    """Reads the name of a list; None if it is none."""
    match = _NAME.fullmatch(text)
    return ListName(match[1], int(match[2]), match[3]) if match else None


def place_of(number: str, purpose: str) -> tuple[ListName, int]:
    """The list of a certificate number, and its place there."""
    found = split_number(number)
    if found is None:
        raise ValueError(f"not a certificate number: {number!r}")
    block, within = divmod(_ordinal(found), SIZE)
    return ListName(found.code, block, purpose), _scatter(found.code, block, within)


def bits_of(record: CertificateRecord) -> dict[str, bool]:
    """Purpose → whether the bit of a certificate is set.

    A revocation is not taken back: goods that were stopped on a void certificate may be released, the paper stays void.
    """
    return {
        REVOCATION: bool(record.revoked or record.replaced_by),
        SUSPENSION: record.state in SUSPENDED,
    }


def encode(places: Iterable[int]) -> str:
    """The list with these places set, as ``encodedList``: place 0 is the left-most bit."""
    bits = bytearray(SIZE // 8)
    for place in places:
        bits[place >> 3] |= 0x80 >> (place & 7)
    return "u" + base64url(gzip.compress(bytes(bits), mtime=0))


def entry(address: str, number: str, purpose: str) -> dict[str, Any]:
    """What a credential says of its place (BitstringStatusListEntry)."""
    name, place = place_of(number, purpose)
    return {
        "id": f"{address}/vc/status/{name}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(place),
        "statusListCredential": f"{address}/vc/status/{name}",
    }


def document_of(
    address: str, issuer: str, name: ListName, places: Iterable[int], since: str, until: str
) -> dict[str, Any]:
    """The list as a credential, good between two times (``2025-03-04T00:00:00Z``)."""
    url = f"{address}/vc/status/{name}"
    return {
        "@context": [vocabulary.VC],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": since,
        "validUntil": until,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": name.purpose,
            "encodedList": encode(places),
            "ttl": TTL_SECONDS * 1_000,
        },
    }


def _ordinal(number: CertificateNumber) -> int:
    """A number of its own for every serial: shorter ones first, so that 00001 and 0000001 differ."""
    return _before(len(number.digits)) + number.serial


def _before(digits: int) -> int:
    """How many serials are shorter."""
    return sum(10**shorter for shorter in _DIGITS if shorter < digits)


def _scatter(code: str, block: int, within: int) -> int:
    """A permutation of the places of a list: four Feistel rounds with SHA-256 over its two halves of nine bits."""
    key = hashlib.sha256(f"adamas/vc/status/1 {code} {block}".encode()).digest()
    left, right = within >> _HALF, within & _MASK
    for turn in range(_ROUNDS):
        digest = hashlib.sha256(key + bytes([turn]) + right.to_bytes(2, "big")).digest()
        left, right = right, left ^ (int.from_bytes(digest[:2], "big") & _MASK)
    return left << _HALF | right

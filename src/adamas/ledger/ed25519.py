"""One verdict on Ed25519 signatures, everywhere (RFC 8032, with its open questions closed).

Libraries differ on edge cases, so a rule of our own stands in front of libsodium: the public key and R are
canonical encodings of points not of small order, S is below the group order, and the equation is checked
without cofactor. A key is checked once more at enrolment: it must be a point of the prime-order subgroup.
Browsers follow the same text (docs/formats).
"""

from __future__ import annotations

from functools import lru_cache

from nacl import bindings
from nacl.exceptions import BadSignatureError

from adamas.ledger.errors import KeyRefused

KEY_SIZE = 32
SIGNATURE_SIZE = 64
_P = 2**255 - 19
# Encodings (sign bit cleared) of the points whose order divides 8, canonical ones: y = 0, 1, -1 and the two
# of order 8.
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _P - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)


def _canonical_and_large(point: bytes) -> bool:
    """Whether ``point`` is the canonical encoding of a y that is not of small order."""
    y = int.from_bytes(point, "little") & ((1 << 255) - 1)
    return y < _P and y not in _SMALL_ORDER_Y


@lru_cache(maxsize=4096)
def _usable_key(key: bytes) -> bool:
    return len(key) == KEY_SIZE and _canonical_and_large(key)


@lru_cache(maxsize=4096)
def check_public_key(key: bytes) -> None:
    """Refuses a key that may not be enrolled: wrong length, not canonical, or outside the prime-order
    subgroup.

    Raises KeyRefused ``key.length`` or ``key.bad-point``.
    """
    if len(key) != KEY_SIZE:
        raise KeyRefused("key.length", f"An Ed25519 public key has 32 bytes, this one has {len(key)}.")
    if not _canonical_and_large(key) or not bindings.crypto_core_ed25519_is_valid_point(key):
        raise KeyRefused(
            "key.bad-point",
            "The public key is not a canonical point of the prime-order subgroup of edwards25519.",
            clause="docs/formats/statement.md, keys",
            advice="Make a new key; no honest library produces such a one.",
        )


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) is the holder's over ``message``, by the one verdict. Never raises."""
    if len(signature) != SIGNATURE_SIZE or not _usable_key(public_key):
        return False
    if not _canonical_and_large(signature[:32]):
        return False
    try:
        bindings.crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True

"""Sealed quantities: Pedersen commitments C = r·G + m·H on the prime-order subgroup of edwards25519.

``m`` is the quantity (0.01 ct or US cents), ``r`` a secret random scalar. C hides m perfectly; nobody can
open it to another m without the discrete logarithm of H, which nobody knows. The sum of commitments opens
to the sums of m and of r: a total is checked against its certificates while none of them is opened.

What this does not prove: that m is true, nor that it is in a range (a total could hide a negative part): the
importing office opens every certificate that it receives.

H = hash_to_curve of RFC 9380, suite edwards25519_XMD:SHA-512_ELL2_RO_, message ``adamas/pedersen/v1/H``,
DST ``adamas-v1-pedersen-with-edwards25519_XMD:SHA-512_ELL2_RO_``. :func:`hash_to_curve` computes it; the
suite is compared with the RFC's vectors in tests/conformance/test_edwards25519.py. libsodium's
``from_uniform`` is the RFC's map and cofactor clearing, but takes the sign of x from its input's top bit
where the RFC derives it; that bit, of public values only, is computed here. All point and scalar arithmetic
with secrets is libsodium's, constant in time.

    pedersen.quantity pedersen.scalar pedersen.point
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from nacl import bindings
from nacl.exceptions import RuntimeError as SodiumError

from adamas.ledger.errors import StatementError

ORDER = 2**252 + 27742317777372353535851937790883648493
MAX_QUANTITY = 2**63 - 1
IDENTITY = b"\x01" + bytes(31)
SCALAR_SIZE = POINT_SIZE = 32
LABEL = b"adamas/pedersen/v1/H"
DST = b"adamas-v1-pedersen-with-edwards25519_XMD:SHA-512_ELL2_RO_"
H = bytes.fromhex("56135eb7f82168400d0b05e55e1bbb739c9f2624a85d9a4e2567482c1836cb38")
_ZERO = bytes(SCALAR_SIZE)


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the quantity ``m`` and the blinding scalar ``r`` (32 bytes, little-endian, <
    order).

    Raises StatementError ``pedersen.quantity`` or ``pedersen.scalar`` for anything else.
    """

    m: int
    r: bytes

    def __post_init__(self) -> None:
        if type(self.m) is not int or not 0 <= self.m <= MAX_QUANTITY:
            raise StatementError(
                "pedersen.quantity", "A sealed quantity is a whole number from 0 to 2^63 - 1."
            )
        if (
            type(self.r) is not bytes
            or len(self.r) != SCALAR_SIZE
            or int.from_bytes(self.r, "little") >= ORDER
        ):
            raise StatementError(
                "pedersen.scalar", "A blinding factor is a scalar of 32 bytes below the order."
            )


def new_opening(m: int) -> Opening:
    """An opening of ``m`` with a fresh blinding factor."""
    # 64 random bytes reduced: the bias is below 2^-250
    return Opening(m, bindings.crypto_core_ed25519_scalar_reduce(bindings.randombytes(64)))


def commit(opening: Opening) -> bytes:
    """The 32-byte commitment r·G + m·H."""
    # libsodium's multiplications refuse a zero scalar (their result would be the identity)
    blinding = IDENTITY if opening.r == _ZERO else bindings.crypto_scalarmult_ed25519_base_noclamp(opening.r)
    if opening.m == 0:
        return blinding
    quantity = bindings.crypto_scalarmult_ed25519_noclamp(opening.m.to_bytes(SCALAR_SIZE, "little"), H)
    return bindings.crypto_core_ed25519_add(blinding, quantity)


def verify(commitment: bytes, opening: Opening) -> bool:
    """Whether ``opening`` opens ``commitment``. Two equal points have one encoding, so bytes are compared."""
    return commit(opening) == commitment


def check_commitment(commitment: bytes) -> None:
    """Refuses what is no canonical point of the prime-order subgroup (the identity included, which seals 0
    openly). Raises StatementError ``pedersen.point``.
    """
    if len(commitment) != POINT_SIZE or not bindings.crypto_core_ed25519_is_valid_point(commitment):
        raise StatementError(
            "pedersen.point",
            "A sealed quantity is not a canonical point of the prime-order subgroup of edwards25519.",
            clause="docs/formats/statement.md, sealed quantities",
        )


def add_commitments(commitments: Iterable[bytes]) -> bytes:
    """The commitment to the sum. Raises StatementError ``pedersen.point`` for what is no point of the
    curve.
    """
    total = IDENTITY
    for commitment in commitments:
        try:
            total = bindings.crypto_core_ed25519_add(total, commitment)
        except (SodiumError, ValueError, TypeError) as error:
            raise StatementError(
                "pedersen.point", "A sealed quantity is no point of edwards25519."
            ) from error
    return total


def add_openings(openings: Iterable[Opening]) -> Opening:
    """The opening of the sum. Raises StatementError ``pedersen.quantity`` when the sum passes 2^63 - 1."""
    m, r = 0, _ZERO
    for opening in openings:
        m += opening.m
        r = bindings.crypto_core_ed25519_scalar_add(r, opening.r)
    return Opening(m, r)


def hash_to_curve(message: bytes, dst: bytes) -> bytes:
    """RFC 9380 section 3, suite edwards25519_XMD:SHA-512_ELL2_RO_, for public messages: the sum of two
    maps.
    """
    uniform = expand_message(message, dst, 96)
    first, second = (int.from_bytes(part, "big") % _P for part in (uniform[:48], uniform[48:]))
    return bindings.crypto_core_ed25519_add(map_to_curve(first), map_to_curve(second))


def encode_to_curve(message: bytes, dst: bytes) -> bytes:
    """RFC 9380 section 3, suite edwards25519_XMD:SHA-512_ELL2_NU_: one map (a check of the map by itself)."""
    return map_to_curve(int.from_bytes(expand_message(message, dst, 48), "big") % _P)


def expand_message(message: bytes, dst: bytes, size: int) -> bytes:
    """expand_message_xmd with SHA-512 (RFC 9380 section 5.3.1); ``dst`` of at most 255 bytes."""
    suffix = dst + bytes([len(dst)])
    first = hashlib.sha512(bytes(128) + message + size.to_bytes(2, "big") + b"\x00" + suffix).digest()
    block = hashlib.sha512(first + b"\x01" + suffix).digest()
    out = block
    for number in range(2, -(-size // 64) + 1):
        mixed = bytes(a ^ b for a, b in zip(first, block, strict=True))
        block = hashlib.sha512(mixed + bytes([number]) + suffix).digest()
        out += block
    return out[:size]


_P = 2**255 - 19
_J = 486662  # Montgomery coefficient of curve25519
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)


def map_to_curve(u: int) -> bytes:
    """map_to_curve_elligator2_edwards25519 and cofactor clearing by libsodium, with the RFC's sign (6.7.1,
    6.8.2).
    """
    return bindings.crypto_core_ed25519_from_uniform((u | _sign_of_x(u) << 255).to_bytes(32, "little"))


def _sign_of_x(u: int) -> int:
    """The sign (lowest bit) of the Edwards x that the RFC's map gives for the field element ``u``, which is
    public.
    """
    x = -_J * pow(1 + 2 * u * u, -1, _P) % _P
    y = _root(x * (x * x + _J * x + 1))
    if y is not None:
        y = y if y & 1 else -y % _P
    else:
        x = (-x - _J) % _P
        y = _root(x * (x * x + _J * x + 1)) or 0
        y = -y % _P if y & 1 else y
    scale = _root(-(_J + 2)) or 0
    scale = -scale % _P if scale & 1 else scale
    return scale * x * pow(y, -1, _P) % _P & 1 if y else 0


def _root(square: int) -> int | None:
    """A square root modulo 2^255 - 19, or None."""
    square %= _P
    root = pow(square, (_P + 3) // 8, _P)
    for candidate in (root, root * _SQRT_M1 % _P):
        if candidate * candidate % _P == square:
            return candidate
    return None

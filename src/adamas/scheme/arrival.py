"""How found quantities are compared with declared ones: exact, within tolerance, or a discrepancy.

The Core Document gives no tolerance, and none was found in the administrative decisions. Decided here (see
docs/decisions/2026-11-25-tolerance-at-arrival.md): parcels must be equal in number; weight may differ by 0.1
% or 0.05 ct a parcel, whichever is more (two scales and rounding to 0.01 ct of each stone lot); value by 5 %
(two valuers; c.i.f. beside f.o.b. alone makes a few per cent). Anything beyond is a discrepancy, to be
cleared between the two authorities (V(f); Annex II, 23).
"""

from __future__ import annotations

from typing import Literal

Agreement = Literal["exact", "within", "discrepancy"]

CARATS_PER_MILLE = 1
CARATS_PER_PARCEL = 5
VALUE_PER_CENT = 5


def carats_allowed(declared: int, parcels: int) -> int:
    """How far the found weight may be from the declared one, in 0.01 ct."""
    return max(declared * CARATS_PER_MILLE // 1000, CARATS_PER_PARCEL * parcels)


def compare(
    *, carats: int, value: int, parcels: int, found_carats: int, found_value: int, found_parcels: int
) -> Agreement:
    """Declared beside found: carats in 0.01 ct, value in US cents."""
    if found_parcels != parcels:
        return "discrepancy"
    if found_carats == carats and found_value == value:
        return "exact"
    if abs(found_carats - carats) > carats_allowed(carats, parcels):
        return "discrepancy"
    if abs(found_value - value) * 100 > value * VALUE_PER_CENT:
        return "discrepancy"
    return "within"

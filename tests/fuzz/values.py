"""Changes to values rather than to bytes: what a hostile writer of well-formed CBOR, JSON or spreadsheets
would write.
"""

from __future__ import annotations

import random
from typing import Any

ODD_TEXTS = (
    *("", " ", "0", "-1", "1e9", "NaN", "Infinity", "1.005", "1,5", "９", "٣", "\u202eBW", "=1+1", "A" * 500),
    *(
        "BW0001234",
        "AE",
        "EU",
        "7102.31",
        "7102.31:1:1",
        ";",
        ";;;",
        "::",
        "intact",
        "kp:BW/authority",
        "a" * 52,
    ),
    *("2025-02-29", "2025-13-01", "0000-00-00", "9999-12-31", "10000-01-01", "\x00", "é", "\U0010ffff"),
    *("certificate.issued", "key.enrolled", "log.genesis"),
)


def odd(rng: random.Random, depth: int = 0) -> Any:
    """Any value that deterministic CBOR can hold."""
    kind = rng.randrange(9 if depth < 3 else 7)
    if kind == 0:
        return rng.choice((None, True, False))
    if kind == 1:
        return rng.choice(
            (0, 1, -1, 100, 9_999, 2**31, 2**40, 2**63 - 1, 2**63, 2**64 - 1, -(2**64), rng.getrandbits(40))
        )
    if kind in (2, 3, 4):
        return rng.choice(ODD_TEXTS)
    if kind in (5, 6):
        return rng.randbytes(rng.choice((0, 1, 8, 16, 31, 32, 33, 64)))
    if kind == 7:
        return [odd(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(ODD_TEXTS): odd(rng, depth + 1) for _ in range(rng.randrange(4))}


def change(rng: random.Random, value: Any) -> Any:
    """``value`` with one place in it changed, taken away, doubled or swapped for something else."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        made = dict(value)
        key = rng.choice(list(made))
        act = rng.randrange(6)
        if act == 0:
            del made[key]
        elif act == 1:
            made[rng.choice(ODD_TEXTS)] = made.pop(key)
        elif act == 2:
            made[key] = odd(rng)
        else:
            made[key] = change(rng, made[key])
        return made
    if isinstance(value, list) and value and rng.random() < 0.85:
        made_list = list(value)
        place = rng.randrange(len(made_list))
        act = rng.randrange(7)
        if act == 0:
            del made_list[place]
        elif act == 1:
            made_list.insert(place, made_list[place])
        elif act == 2:
            made_list.reverse()
        elif act == 3:
            made_list[place] = odd(rng)
        else:
            made_list[place] = change(rng, made_list[place])
        return made_list
    if isinstance(value, bytes) and value and rng.random() < 0.6:
        place = rng.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1 << rng.randrange(8)]) + value[place + 1 :]
    if type(value) is int and rng.random() < 0.6:
        return max(-(2**64), min(2**64 - 1, value + rng.choice((-1, 1, -(2**32), 2**32))))
    return odd(rng)

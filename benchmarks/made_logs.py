"""Published logs of any size, made from the synthetic year without an office: a registry and three offices' logs.

The year is repeated under other numbers until there are enough statements; all copies of an event claim the same
second, so that the logs are in the order of time. Sealed quantities are random octets: an audit cannot tell.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from tests.analysis.world import NOON, World, make_world, signer

from adamas.analysis.trust import Trust
from adamas.ledger import statement as statements
from adamas.scheme import statements as scheme
from adamas.scheme.synthetic import SyntheticCertificate, SyntheticYear, synthetic_year

YEAR_SIZE = 5_000
BLOCK = 20_000
"""Serial numbers between two copies of the year."""
_OWN = ("BW", "AE")
_year: SyntheticYear | None = None


def publish(folder: Path, count: int) -> Trust:
    """Publishes logs with about ``count`` statements in all below ``folder``; gives the trust in them."""
    year = _loaded()
    world = _world(year)
    copies = max(1, round(count / (3 * len(year.certificates))))
    pieces = [(start, copies) for start in range(0, len(year.certificates), 100)]
    made: list[tuple[int, str, bytes]] = []
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for part in pool.map(_statements, pieces):
            made += part
    made.sort(key=lambda item: item[0])
    for at, code, raw in made:
        log = world.offices[code if code in _OWN else "rest"]
        log.entries.append(raw)
        log.now = at
    del made
    world.publish(folder, time=NOON + 800 * 86_400)
    return world.trust


def _loaded() -> SyntheticYear:
    global _year  # noqa: PLW0603 - made once for all sizes, and inherited by the processes that sign
    if _year is None:
        _year = synthetic_year(YEAR_SIZE)
    return _year


def _world(year: SyntheticYear) -> World:
    """Registry, and offices of which the third hosts every other Participant."""
    codes = [c for c in year.participants if c not in _OWN]
    world = make_world((*_OWN, *codes), start=NOON - 800 * 86_400, whole=True)
    rest = world.offices[codes[0]]
    for code in codes[1:]:
        log = world.offices.pop(code)
        rest.entries += log.entries[1:]
    world.offices["rest"] = world.offices.pop(codes[0])
    return world


def _statements(piece: tuple[int, int]) -> list[tuple[int, str, bytes]]:
    """(claimed time, Participant, bytes) of the statements of a hundred certificates and of their copies."""
    start, copies = piece
    found = []
    for certificate in islice(_loaded().certificates, start, start + 100):
        for copy in range(copies):
            found += list(_life(certificate, copy * BLOCK))
    return found


def _life(made: SyntheticCertificate, offset: int) -> Iterator[tuple[int, str, bytes]]:
    old = made.issue.number
    number = f"{old[:2]}{int(old[2:]) + offset:07d}"
    sender, to = old[:2], made.issue.to
    digest = hashlib.sha512(number.encode()).digest()
    sealed = {"carats": digest[:32], "value": digest[32:]}
    hidden = [hashlib.sha256(number.encode() + bytes([n])).digest() for n in range(3)]
    key, other = signer(f"kp:{sender}/authority"), signer(f"kp:{to}/authority")
    payload = scheme.issued_payload(made.issue, sealed=sealed, hidden=hidden)
    at = _noon(made.issue.issued)
    issued = statements.sign(
        key, issuer=f"kp:{sender}/authority", subject=number, issued_at=at, payload=payload
    )
    yield at, sender, issued.raw
    at = _noon(made.validate.validated) + 60
    payload = scheme.validated_payload(made.validate, issued.id)
    st = statements.sign(key, issuer=f"kp:{sender}/authority", subject=number, issued_at=at, payload=payload)
    yield at, sender, st.raw
    at = _noon(made.receive.received) + 120
    payload = scheme.received_payload(made.receive, issued.id, agrees="exact", sealed=sealed)
    payload["parcels"] = len(made.issue.parcels)
    st = statements.sign(other, issuer=f"kp:{to}/authority", subject=number, issued_at=at, payload=payload)
    yield at, to, st.raw


def _noon(day: str) -> int:
    from adamas.scheme.values import ordinal

    return ordinal(day) * 86_400 + 43_200

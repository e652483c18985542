"""RFC 9380 hash to edwards25519 (appendix J.5): both suites, from the expanded message to the point. Nothing
is skipped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from nacl import bindings

from adamas.ledger import pedersen

P = 2**255 - 19


def _suite(shared: Path, kind: str) -> dict[str, Any]:
    name = f"edwards25519_XMD-SHA-512_ELL2_{kind}_.json"
    found: dict[str, Any] = json.loads(
        (shared / "vectors" / "edwards25519" / "hash-to-curve" / name).read_text()
    )
    assert len(found["vectors"]) == 5
    return found


def _encoded(point: dict[str, str]) -> bytes:
    x, y = int(point["x"], 16), int(point["y"], 16)
    return (y | (x & 1) << 255).to_bytes(32, "little")


def test_messages_expand_to_the_published_field_elements(shared: Path) -> None:
    for kind, count in (("RO", 2), ("NU", 1)):
        suite = _suite(shared, kind)
        for vector in suite["vectors"]:
            uniform = pedersen.expand_message(vector["msg"].encode(), suite["dst"].encode(), 48 * count)
            found = [int.from_bytes(uniform[48 * i : 48 * (i + 1)], "big") % P for i in range(count)]
            assert found == [int(u, 16) for u in vector["u"]]


def test_hash_to_curve_gives_the_published_points(shared: Path) -> None:
    suite = _suite(shared, "RO")
    for vector in suite["vectors"]:
        point = pedersen.hash_to_curve(vector["msg"].encode(), suite["dst"].encode())
        assert point == _encoded(vector["P"]), vector["msg"]


def test_encode_to_curve_gives_the_published_points(shared: Path) -> None:
    suite = _suite(shared, "NU")
    for vector in suite["vectors"]:
        point = pedersen.encode_to_curve(vector["msg"].encode(), suite["dst"].encode())
        assert point == _encoded(vector["P"]), vector["msg"]


@pytest.mark.parametrize("kind", ["RO", "NU"])
def test_each_map_gives_its_point_once_the_cofactor_is_cleared(shared: Path, kind: str) -> None:
    for vector in _suite(shared, kind)["vectors"]:
        for u, name in zip(vector["u"], ("Q0", "Q1") if kind == "RO" else ("Q",), strict=True):
            mapped = _encoded(vector[name])
            for _ in range(3):  # times eight: addition holds outside the prime-order subgroup too
                mapped = bindings.crypto_core_ed25519_add(mapped, mapped)
            assert pedersen.map_to_curve(int(u, 16)) == mapped


def test_the_second_generator_is_the_hash_of_its_label() -> None:
    assert pedersen.hash_to_curve(pedersen.LABEL, pedersen.DST) == pedersen.H

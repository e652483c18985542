"""Ed25519 where libraries differ: Wycheproof, speccheck and CCTV against the one verdict of docs/formats.

The verdict: key and R canonical and not of small order, S below the group order, the equation without
cofactor; keys of mixed order are refused once, at enrolment. Nothing of the three sets is skipped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from adamas.ledger import ed25519
from adamas.ledger.errors import KeyRefused


def _load(shared: Path, name: str) -> Any:
    return json.loads((shared / "vectors" / "ed25519" / name).read_text())


def _enrolled(key: bytes) -> bool:
    try:
        ed25519.check_public_key(key)
    except KeyRefused:
        return False
    return True


def test_wycheproof(shared: Path) -> None:
    vectors = _load(shared, "wycheproof/ed25519_test.json")
    judged = 0
    for group in vectors["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        assert _enrolled(key)
        for test in group["tests"]:
            verdict = ed25519.verify(key, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
            assert verdict == (test["result"] == "valid"), test
            judged += 1
    assert judged == vectors["numberOfTests"] == 151


# Case 3 has a key and an R with a part of small order that cancels: libsodium and we accept the signature,
# and refuse the key at enrolment. Every other case is refused by one of the four conditions.
SPECCHECK = "xxxVxxxxxxxx"


def test_speccheck(shared: Path) -> None:
    cases = _load(shared, "speccheck/cases.json")
    verdicts, keys = "", ""
    for case in cases:
        key = bytes.fromhex(case["pub_key"])
        accepted = ed25519.verify(key, bytes.fromhex(case["message"]), bytes.fromhex(case["signature"]))
        verdicts += "V" if accepted else "x"
        keys += "V" if _enrolled(key) else "x"
    assert verdicts == SPECCHECK
    assert keys == "xxxxxxVVxxxx", "only the keys of cases 6 and 7 are of prime order"


def test_cctv(shared: Path) -> None:
    """Refused: low order, not canonical, residue left over (which needs the cofactor). Accepted: the rest."""
    vectors = _load(shared, "cctv/ed25519vectors.json")
    assert len(vectors) == 914
    refusing = {
        "low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R", "low_order_residue",
        "reencoded_k",
    }  # fmt: skip
    accepted = 0
    for vector in vectors:
        key, flags = bytes.fromhex(vector["key"]), set(vector["flags"] or ())
        verdict = ed25519.verify(key, vector["msg"].encode(), bytes.fromhex(vector["sig"]))
        assert verdict == (not flags & refusing), vector
        if flags & {"low_order_A", "non_canonical_A", "low_order_component_A"}:
            assert not _enrolled(key), vector
        accepted += verdict
    assert 0 < accepted < 100

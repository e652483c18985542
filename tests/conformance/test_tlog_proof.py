"""The proof container as transparency-dev/formats writes and reads it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from adamas.ledger.errors import ProofError
from adamas.ledger.tlog_proof import TlogProof

CODES = {
    "extra": "tlog-proof.extra",
    "index": "tlog-proof.index",
    "hash": "tlog-proof.hash",
    "too long": "tlog-proof.hash",
}


def test_containers_are_read_and_written_the_same(shared: Path) -> None:
    cases = json.loads((shared / "vectors" / "tlog-proof" / "tlog-proof.json").read_text())["cases"]
    assert len(cases) >= 7
    for case in cases:
        data = case["text"].encode()
        if "error" in case:
            with pytest.raises(ProofError) as refused:
                TlogProof.parse(data)
            assert refused.value.code == CODES[case["error"]], case["name"]
            continue
        proof = TlogProof.parse(data)
        assert proof.index == case["index"]
        assert proof.hashes == tuple(base64.b64decode(item) for item in case["hashes"])
        assert proof.checkpoint == case["checkpoint"].encode()
        assert proof.extra == (base64.b64decode(case["extra"]) if "extra" in case else None)
        assert proof.format() == data

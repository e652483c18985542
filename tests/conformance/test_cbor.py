"""RFC 8949 appendix A: each example is read and written as it stands, or refused for the stated reason.

Nothing is skipped. What a statement may not hold (floats, tags, integers beyond 64 bits, simple values, open
lengths, integer keys) is refused on purpose; each such refusal has the code that a reader would expect.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from adamas.ledger import cbor
from adamas.ledger.errors import StatementError


@pytest.fixture(scope="module")
def examples(shared: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shared / "vectors" / "cbor" / "appendix_a.json").read_text())
    assert len(found) == 82
    return found


def _expected_code(raw: bytes) -> str | None:
    """What the profile of a statement says to the first byte that it does not allow; None if it allows all.

    A small reader of heads of its own, so that the expectation does not come from the code under test.
    """
    major, low = raw[0] >> 5, raw[0] & 31
    if low == 31:
        return "cbor.indefinite"
    if major == 7:
        return None if low in (20, 21, 22) else "cbor.float" if low in (25, 26, 27) else "cbor.simple"
    if major == 6:
        return "cbor.bignum" if raw[0] in (0xC2, 0xC3) else "cbor.tag"
    return None


REFUSED_INSIDE = {
    "a201020304": "cbor.key-type",
    "826161bf61626163ff": "cbor.indefinite",
    "83018202039f0405ff": "cbor.indefinite",
    "83019f0203ff820405": "cbor.indefinite",
}


def test_every_example_is_read_and_written_or_refused_for_its_reason(examples: list[dict[str, Any]]) -> None:
    read, refused = 0, 0
    for example in examples:
        raw = bytes.fromhex(example["hex"])
        assert raw == base64.b64decode(example["cbor"])
        expected = REFUSED_INSIDE.get(example["hex"]) or _expected_code(raw)
        if expected is None:
            value = cbor.decode(raw)
            assert cbor.encode(value) == raw, example
            if "decoded" in example:
                assert value == example["decoded"], example
                assert cbor.encode(example["decoded"]) == raw, example
            read += 1
        else:
            with pytest.raises(StatementError) as refusal:
                cbor.decode(raw)
            assert refusal.value.code == expected, example
            refused += 1
    assert (read, refused) == (36, 46)


def test_what_a_deterministic_encoder_must_not_write_is_not_read(examples: list[dict[str, Any]]) -> None:
    for example in examples:
        if not example["roundtrip"]:
            with pytest.raises(StatementError):
                cbor.decode(bytes.fromhex(example["hex"]), labels=True, tags=frozenset(range(100)))


def test_integer_keys_are_read_where_headers_have_them(examples: list[dict[str, Any]]) -> None:
    (example,) = (item for item in examples if item["hex"] == "a201020304")
    raw = bytes.fromhex(example["hex"])
    assert cbor.decode(raw, labels=True) == {1: 2, 3: 4}
    assert cbor.encode({3: 4, 1: 2}) == raw

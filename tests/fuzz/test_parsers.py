"""Every parser under random and mutated input: a moment of it in each run, a minute in CI with new seeds
each time.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable

import pytest
from tests.fuzz.engine import MAX_SECONDS, run
from tests.fuzz.seeds import SHEET, seeds, workbook
from tests.fuzz.targets import targets

from adamas.errors import AdamasError
from adamas.ledger import bundle, cbor


def _bundle_with_a_registry_of_null() -> bytes:
    body = cbor.decode(cbor.decode(seeds().bundles[0])[2])
    return bundle.seal(cbor.encode(body | {"registry": None}))


NAMES = tuple(targets())
SHORT = 1.5 / len(NAMES)
LONG = float(os.environ.get("ADAMAS_FUZZ_SECONDS", "60")) / len(NAMES)
SEED = int(os.environ.get("ADAMAS_FUZZ_SEED") or secrets.randbits(32))

# Inputs that once came through with something else than a refusal.
FOUND = [
    ("database address", b"postgresql://u:p@h/n?sslmod"),
    ("database address", b"sqlite:///a\x00b"),
    ("office settings", b"participants = " + b"9" * 5_000),
    ("witness settings", b"name = " + b"[" * 5_000),
    ("JSON", b'[{"number": "\\ud800"}]'),
    ("JSON", b"[{" + b",".join(b'"n%d": 1' % n for n in range(40_000)) + b"}]"),
    ("XLSX", workbook(SHEET.replace(b'r="C2"', b'r="XFD1048576"'))),
    ("XLSX", workbook(SHEET.replace(b'r="A1"', b"r = 'A0009999999999999'"))),
    ("bundle", _bundle_with_a_registry_of_null()),
]


@pytest.mark.parametrize(
    ("name", "data"),
    FOUND,
    ids=[
        "parameter",
        "null byte",
        "long number",
        "deep nesting",
        "half a character",
        "many names",
        "stray cell",
        "endless row",
        "null registry",
    ],
)
def test_what_was_found_is_refused(name: str, data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(AdamasError):
        targets()[name].parse(data)
    assert time.process_time() - started < MAX_SECONDS


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_answers_and_refusals(name: str) -> None:
    assert run(targets()[name], seconds=SHORT, seed=1) > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_minute_of_it(name: str, record_property: Callable[[str, object], None]) -> None:
    """``ADAMAS_FUZZ_SEED`` repeats a run; the message of a failure has the input itself."""
    record_property("seed", SEED)
    record_property("inputs", run(targets()[name], seconds=LONG, seed=SEED))

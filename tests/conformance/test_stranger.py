"""A verifier that a stranger wrote from docs/formats (stranger.py) agrees with ours, on true bundles and on changed
ones.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import missing
from tests.fuzz.reshape import below_seal
from tests.fuzz.seeds import NUMBER, seeds

from adamas.analysis.trust import Trust
from adamas.analysis.verify import verify_bundle
from adamas.ledger import bundle, cbor, statement

LIBRARIES = Path(sys.prefix) / "judges"
NOW = 1_740_000_000
CHANGED = 60


@pytest.fixture(scope="module")
def bundles() -> dict[str, bytes]:
    """Both true bundles, one with a disclosure of another statement, and many changed below their checksum."""
    true = dict(zip(("closed", "disclosed"), seeds().bundles, strict=True))
    rng = random.Random(7)
    changed = {f"changed {n}": below_seal(rng, rng.choice(seeds().bundles)) for n in range(CHANGED)}
    body = cbor.decode(cbor.decode(true["disclosed"])[2])
    foreign = bundle.seal(cbor.encode(body | {"disclosures": [cbor.encode([bytes(16), "parties", {}])]}))
    return {**true, **changed, "foreign disclosure": foreign}


@pytest.fixture(scope="module")
def verdicts(bundles: dict[str, bytes]) -> dict[str, Any]:
    if not (LIBRARIES / "cwt").is_dir():
        missing("other people's CBOR library", "`make test` puts requirements/judges.lock into .venv/judges")
    asked = {
        "trust": statement.text_id(seeds().trust.registry),
        "bundles": {name: data.hex() for name, data in bundles.items()},
    }
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("stranger.py")), str(LIBRARIES)],
        input=json.dumps(asked), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_the_stranger_finds_the_certificate_true(verdicts: dict[str, Any]) -> None:
    assert verdicts["closed"] == {
        "type": "certificate.issued", "subject": NUMBER, "issuer": "kp:BW/authority", "shown": [],
    }  # fmt: skip
    assert verdicts["disclosed"]["shown"] == ["amounts", "goods", "parties"]
    assert "wrong" in verdicts["foreign disclosure"]


def test_no_changed_bundle_is_valid_for_one_and_not_for_the_other(
    verdicts: dict[str, Any], bundles: dict[str, bytes]
) -> None:
    """Ours may say *not valid* where the stranger sees no further than signatures: lifecycle, openings, shapes."""
    agreed = 0
    for name, data in bundles.items():
        ours = verify_bundle(data, trust=Trust(seeds().trust.registry), now=NOW)
        if ours.exit_code == 0:
            assert "wrong" not in verdicts[name], (name, verdicts[name])
        if "wrong" in verdicts[name]:
            assert ours.exit_code != 0, (name, verdicts[name])
            agreed += 1
    assert agreed > CHANGED // 2

"""Two COSE libraries of others, with the CBOR library of others, verify our statements and receipts.

cwt and pycose ask for cbor2 5 and Adamas for 6, so they live in a folder of their own
(``requirements/judges.lock``, put into ``.venv/judges`` by the Makefile) and run in a process of their own,
which imports nothing of Adamas.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import missing

from adamas.ledger import cbor, hidden, merkle, pedersen, receipt, statement
from adamas.ledger.keys import SoftwareSigner

LIBRARIES = Path(sys.prefix) / "judges"
SIGNER = SoftwareSigner.from_seed(b"\x07" * 32)
OTHER = SoftwareSigner.from_seed(b"\x08" * 32)
ORIGIN = "adamas.example/log/BW"


def _statements() -> dict[str, statement.Statement]:
    sealed = {name: pedersen.commit(pedersen.new_opening(125_000)) for name in ("carats", "value")}
    disclosures = [hidden.hide("parties", {"exporter": "A", "importer": "B"}), hidden.hide("goods", [1, 2])]
    payloads: dict[str, dict[str, Any]] = {
        "smallest": {"v": 1, "type": "x"},
        "certificate": {
            "v": 1, "type": "certificate.issued", "to": "AE", "hs": ["710231"], "origin": ["BW"],
            "issued": "2025-03-04", "expires": "2025-05-03", "parcels": 2, "officers": ["is-1", "ap-2"],
            "hidden": hidden.digests(disclosures), "sealed": sealed,
        },
        "scripts": {"v": 1, "type": "x", "note": "Кимберли 金伯利 كيمبرلي", "n": [2**63, None, True]},
        "long": {"v": 1, "type": "x", "note": "n" * 50_000},
    }  # fmt: skip
    return {
        name: statement.sign(
            SIGNER, issuer="kp:BW/authority", subject="BW0001234", issued_at=1_741_046_400, payload=payload
        )
        for name, payload in payloads.items()
    }


def _receipts(leaves: list[bytes]) -> dict[str, bytes]:
    made = {}
    for size in (1, 2, 5, 8):
        root_signature = receipt.sign_root(SIGNER, ORIGIN, size, merkle.root(leaves[:size]))
        for index in {0, size // 2, size - 1}:
            path = merkle.inclusion_proof(leaves[:size], index)
            made[f"receipt {index} of {size}"] = receipt.inclusion_receipt(root_signature, size, index, path)
    return made


def _case(raw: bytes, **more: bytes) -> dict[str, str]:
    named = {"raw": raw, "key": SIGNER.public_key, "kid": SIGNER.kid, **more}
    return {name: value.hex() for name, value in named.items()}


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    return [merkle.leaf_hash(bytes([number])) for number in range(8)]


@pytest.fixture(scope="module")
def statements() -> dict[str, statement.Statement]:
    return _statements()


@pytest.fixture(scope="module")
def verdicts(statements: dict[str, statement.Statement], leaves: list[bytes]) -> dict[str, Any]:
    if not (LIBRARIES / "cwt").is_dir():
        missing(
            "other people's COSE libraries", "`make test` puts requirements/judges.lock into .venv/judges"
        )
    cases = {name: _case(made.raw) for name, made in statements.items()}
    for name, made in _receipts(leaves).items():
        cases[name] = _case(made, leaf=leaves[int(name.split()[1])])
    good = statements["certificate"]
    cases["other key"] = _case(good.raw, key=OTHER.public_key)
    cases["other id of a key"] = _case(good.raw, kid=OTHER.kid)
    for name, part in (
        ("header", good.protected_bytes),
        ("payload", good.payload_bytes),
        ("signature", good.signature),
    ):
        place = good.raw.index(part) + len(part) - 1
        cases[f"changed {name}"] = _case(
            good.raw[:place] + bytes([good.raw[place] ^ 1]) + good.raw[place + 1 :]
        )
    cases["other leaf"] = _case(_receipts(leaves)["receipt 2 of 5"], leaf=leaves[3])
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("other_cose.py")), str(LIBRARIES)],
        input=json.dumps(cases), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_both_libraries_verify_and_read_our_statements(
    verdicts: dict[str, Any], statements: dict[str, statement.Statement]
) -> None:
    for name, made in statements.items():
        for library in ("cwt", "pycose"):
            assert verdicts[name][library] == {
                "alg": -8, "kid": made.kid.hex(), "type": "application/vnd.adamas+cbor",
                "claims": {"1": "kp:BW/authority", "2": "BW0001234", "6": 1_741_046_400},
                "payload": made.payload_bytes.hex(),
            }, (name, library)  # fmt: skip
        assert cbor.decode(made.payload_bytes) == made.payload


def test_both_libraries_verify_the_root_in_our_receipts(
    verdicts: dict[str, Any], leaves: list[bytes]
) -> None:
    for name in _receipts(leaves):
        size = int(name.split()[3])
        for library in ("cwt", "pycose"):
            said = verdicts[name][library]
            assert said.get("payload") == merkle.root(leaves[:size]).hex(), (name, said)
            assert said["claims"] == {"1": ORIGIN}


@pytest.mark.parametrize(
    "name", ["other key", "changed header", "changed payload", "changed signature", "other leaf"]
)
def test_both_libraries_refuse_what_was_changed(verdicts: dict[str, Any], name: str) -> None:
    for library in ("cwt", "pycose"):
        assert "refused" in verdicts[name][library], (name, library)


def test_the_id_of_the_key_is_found_by_the_library_that_looks_at_it(verdicts: dict[str, Any]) -> None:
    assert "refused" in verdicts["other id of a key"]["cwt"]

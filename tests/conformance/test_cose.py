"""COSE_Sign1 as the working group and GlueCOSE publish it.

Adamas speaks one profile of COSE: COSE_Sign1, Ed25519, its own four header labels. So each published message
is judged in two ways: the bytes to be signed and the EdDSA signatures must be the published ones, and as a
statement every message must be refused, for the first reason that docs/formats gives. What is outside the
profile is listed in ``vectors.py``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import cbor2
import pytest

from adamas.ledger import ed25519, hidden, statement
from adamas.ledger.errors import StatementError
from adamas.ledger.keys import SoftwareSigner

SIGN1_TAG = 18
TEXT = b"This is the content."


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "vectors" / "cose"


def _cases(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    found = [
        (str(path.relative_to(folder)), json.loads(path.read_text()))
        for path in sorted(folder.rglob("*.json"))
    ]
    assert found
    return found


def _parts(raw: bytes) -> tuple[bytes, dict[Any, Any], bytes, bytes]:
    """The four parts of a COSE_Sign1, by a lenient reader: most examples are not deterministic."""
    message = cbor2.loads(raw)
    protected, unprotected, payload, signature = (
        message.value if isinstance(message, cbor2.CBORTag) else message
    )
    return protected, dict(unprotected), payload, signature


def _sign0(case: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = case["input"].get("sign0")
    return found


def test_the_bytes_to_be_signed_are_those_of_the_working_group(folder: Path) -> None:
    judged = 0
    for name, case in _cases(folder / "cose-wg-examples"):
        sign0 = _sign0(case)
        if sign0 is None or "external" in sign0:
            continue
        protected, _, payload, _ = _parts(bytes.fromhex(case["output"]["cbor"]))
        made = statement._to_be_signed(protected, payload)
        same = made == bytes.fromhex(case["intermediates"]["ToBeSign_hex"])
        if protected == cbor2.dumps({}):
            continue  # sign-pass-01: an empty header is signed as no bytes; a statement's is never empty
        failures = case["input"].get("failures", {})
        changed = name.startswith("sign1-tests/sign-fail") and "ChangeCBORTag" not in failures
        # a failure consists in a message other than the one signed: then the bytes must differ, else be the
        # same
        assert same != changed, name
        judged += 1
    assert judged >= 12


def test_the_bytes_to_be_signed_are_those_of_gluecose(folder: Path) -> None:
    judged = 0
    for _, case in _cases(folder / "gluecose"):
        made = case.get("sign1::sign")
        if made is None or made.get("external"):
            continue
        protected = bytes.fromhex(made["protectedHeaders"]["cborHex"])
        to_be_signed = statement._to_be_signed(protected, bytes.fromhex(made["payload"]))
        assert to_be_signed.hex() == made["tbsHex"]["cborHex"]
        judged += 1
    assert judged == 6


def test_signatures_with_ed25519_are_the_same_bytes(folder: Path) -> None:
    judged = 0
    for name, case in _cases(folder / "cose-wg-examples"):
        sign0 = _sign0(case)
        if sign0 is None or sign0["key"].get("crv") != "Ed25519":
            continue
        protected, _, payload, signature = _parts(bytes.fromhex(case["output"]["cbor"]))
        signer = SoftwareSigner.from_seed(bytes.fromhex(sign0["key"]["d_hex"]))
        assert signer.public_key.hex() == sign0["key"]["x_hex"]
        message = statement._to_be_signed(protected, payload)
        assert ed25519.verify(signer.public_key, message, signature), name
        assert signer.sign(message) == signature, name
        assert not ed25519.verify(signer.public_key, message + b" ", signature), name
        judged += 1
    assert judged == 2


def test_a_signature_of_several_signers_with_ed25519_holds_too(folder: Path) -> None:
    """COSE_Sign is outside the profile; the bytes that its EdDSA signer signs are published, so judge the
    signature.
    """
    case = json.loads((folder / "cose-wg-examples" / "eddsa-examples" / "eddsa-01.json").read_text())
    (signer,) = case["input"]["sign"]["signers"]
    message = bytes.fromhex(case["intermediates"]["signers"][0]["ToBeSign_hex"])
    signature = cbor2.loads(bytes.fromhex(case["output"]["cbor"])).value[3][0][2]
    assert ed25519.verify(bytes.fromhex(signer["key"]["x_hex"]), message, signature)


def test_no_message_of_others_passes_for_a_statement(folder: Path) -> None:
    codes: dict[str, str] = {}
    messages = [(name, case["output"]["cbor"]) for name, case in _cases(folder / "cose-wg-examples")]
    for name, case in _cases(folder / "gluecose"):
        for kind, part in (("sign1::sign", "expectedOutput"), ("sign1::verify", "taggedCOSESign1")):
            if kind in case:
                messages.append((name, case[kind][part]["cborHex"]))
    for path in sorted((folder / "sd-cwt-draft" / "examples").glob("*.cbor")):
        messages.append((path.name, path.read_bytes().hex()))
    for name, written in messages:
        with pytest.raises(StatementError) as refused:
            statement.parse(bytes.fromhex(written))
        codes[name] = refused.value.code
    assert len(messages) > 60
    assert all(code.startswith(("cose.", "cbor.")) for code in codes.values()), codes
    assert codes["eddsa-examples/eddsa-sig-01.json"] == "cose.unprotected"
    assert codes["sign1-tests/sign-fail-01.json"] == "cose.not-sign1"
    assert codes["sign1-tests/sign-pass-03.json"] == "cose.not-sign1"
    assert codes["RFC8152/Appendix_C_1_4.json"] == "cose.not-sign1"


def test_a_header_that_is_critical_or_unknown_is_refused(folder: Path) -> None:
    """The working group's message, made a statement step by step: each step changes the reason."""
    case = json.loads((folder / "cose-wg-examples" / "eddsa-examples" / "eddsa-sig-01.json").read_text())
    protected, unprotected, payload, signature = _parts(bytes.fromhex(case["output"]["cbor"]))

    def reason(header: bytes, loose: dict[Any, Any]) -> str:
        with pytest.raises(StatementError) as refused:
            statement.parse(cbor2.dumps(cbor2.CBORTag(SIGN1_TAG, [header, loose, payload, signature])))
        return refused.value.code

    assert reason(protected, unprotected) == "cose.unprotected"
    assert reason(protected, {}) == "cose.header"
    assert reason(cbor2.dumps({1: -8, 2: [4], 4: b"11"}), {}) == "cose.critical"
    assert reason(b"", {}) in {"cose.header", "cbor.truncated"}


def test_the_first_disclosure_of_the_sd_cwt_draft_has_the_published_digest(folder: Path) -> None:
    examples = folder / "sd-cwt-draft" / "examples"
    raw = (examples / "first-disclosure.cborseq").read_bytes()
    assert hidden.parse(raw).digest.hex() == (examples / "first-blinded-hash.txt").read_text().strip()


def test_salted_arrays_of_the_sd_cwt_draft_are_our_disclosures_but_for_their_order(folder: Path) -> None:
    """[salt, value, name] there, [salt, name, value] here; where a claim is named by text, both orders can be
    compared.
    """
    token = cbor2.loads((folder / "sd-cwt-draft" / "examples" / "issuer_cwt.cbor").read_bytes())
    claims = token.value[1][17]
    named = [item for raw in claims if len(item := cbor2.loads(raw)) == 3 and isinstance(item[2], str)]
    assert [item[2] for item in named] == ["region", "postal_code"]
    for salt, value, name in named:
        made = hidden.hide(name, value, salt=salt)
        assert (made.salt, made.name, made.value) == (salt, name, value)
        assert hidden.parse(made.raw) == made
        assert made.digest == hashlib.sha256(cbor2.dumps([salt, name, value])).digest()
    for raw in claims:
        assert len(raw) < hidden.MAX_DISCLOSURE
        if len(cbor2.loads(raw)) == 2:  # an element of an array, which has no name: outside our form
            with pytest.raises(StatementError) as refused:
                hidden.parse(raw)
            assert refused.value.code == "hidden.malformed"

"""Signed so that other people's libraries find the key and verify; whatever is altered does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS, InvalidJWSSignature
from tests.conftest import missing
from tests.office.credential.conftest import ADDRESS, NUMBERS, Stranger, at, unbase64
from tests.office.site import Site

from adamas.ledger import cbor, statement
from adamas.ledger.errors import StatementError
from adamas.office.credential import controller, export, securing, status_list
from adamas.office.credential.errors import CredentialAway, CredentialError

LIBRARIES = Path(sys.prefix) / "judges"


def verdicts(cases: dict[str, tuple[bytes, bytes]]) -> dict[str, Any]:
    if not (LIBRARIES / "cwt").is_dir():
        missing(
            "other people's COSE libraries", "`make test` puts requirements/judges.lock into .venv/judges"
        )
    given = {name: {"raw": raw.hex(), "key": key.hex()} for name, (raw, key) in cases.items()}
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("judge.py")), str(LIBRARIES)],
        input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def kid_of(raw: bytes) -> str:
    header = cbor.decode(cbor.decode(raw[1:], labels=True)[0], labels=True)
    return header[4].decode()


def test_cose_is_verified_by_others_with_the_key_that_they_resolve(told: Site, stranger: Stranger) -> None:
    cases = {number: export.export(told.office, number, securing.COSE) for number in NUMBERS}
    cases["list"] = stranger.fetch(f"{ADDRESS}/vc/status/BW-4-revocation").content
    good = cases[NUMBERS[0]]
    keys = {kid: stranger.key(kid) for kid in map(kid_of, cases.values())}
    other = stranger.key(stranger_method(stranger, "AE"))
    asked = {name: (raw, keys[kid_of(raw)]) for name, raw in cases.items()}
    asked["other key"] = (good, other)
    step = len(good) // 60
    for place in [*range(2, len(good), step), len(good) - 1]:
        altered = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        asked[f"altered {place}"] = (altered, keys[kid_of(good)])
    said = verdicts(asked)
    for name, raw in cases.items():
        for library in ("cwt", "pycose"):
            found = said[name][library]
            assert "refused" not in found, found
            assert (found["alg"], found["type"], found["typ"]) == (
                -8,
                "application/vc",
                "application/vc+cose",
            )
            assert found["kid"] == kid_of(raw)
            issuer = json.loads(found["payload"])["issuer"]
            assert found["kid"].startswith(f"{issuer if isinstance(issuer, str) else issuer['id']}#")
    assert json.loads(said[NUMBERS[0]]["cwt"]["payload"]) == json.loads(
        export.export(told.office, NUMBERS[0], securing.PLAIN)
    )
    for name in said.keys() - cases.keys():
        assert all("refused" in found for found in said[name].values()), name


def stranger_method(stranger: Stranger, code: str) -> str:
    document = json.loads(stranger.fetch(f"{ADDRESS}/authority/{code}/did.json").content)
    return str(document["assertionMethod"][0])


def test_one_authority_does_not_speak_for_another(told: Site, stranger: Stranger) -> None:
    bw, ae = (stranger_method(stranger, code) for code in ("BW", "AE"))
    assert stranger.key(bw) != stranger.key(ae)
    foreign = f"{bw.partition('#')[0]}#{ae.partition('#')[2]}"
    with pytest.raises(AssertionError):
        stranger.key(foreign)
    office = json.loads(stranger.fetch(f"{ADDRESS}/.well-known/did.json").content)
    assert office["id"] == "did:web:office.example"
    assert "assertionMethod" not in office, "the office itself vouches for nothing"
    named = {one["serviceEndpoint"].get("did") for one in office["service"]}
    assert {bw.partition("#")[0], ae.partition("#")[0]} < named


@pytest.mark.parametrize("kind", [securing.JWT, securing.SD_JWT])
def test_jose_is_verified_by_jwcrypto(told: Site, stranger: Stranger, kind: str) -> None:
    text = export.export(told.office, NUMBERS[3], kind).decode()
    signed = text.split("~")[0]
    header = json.loads(unbase64(signed.split(".")[0]))
    assert (header["alg"], header["cty"], header["typ"]) == ("EdDSA", "vc", kind.removeprefix("application/"))
    jwk = JWK(kty="OKP", crv="Ed25519", x=controller.base64url(stranger.key(header["kid"])))
    judge = JWS()
    judge.deserialize(signed, jwk)
    payload = json.loads(judge.payload)
    assert payload["issuer"]["id"] == header["kid"].partition("#")[0]
    assert not {"vc", "vp"} & payload.keys(), "VC-JOSE-COSE 3.1.3"
    parts = signed.split(".")
    changed = controller.base64url(unbase64(parts[1]).replace(b"BW0000004", b"BW0000005"))
    with pytest.raises(InvalidJWSSignature):
        JWS().deserialize(f"{parts[0]}.{changed}.{parts[2]}", jwk)


def test_a_credential_is_never_taken_for_a_statement(told: Site) -> None:
    raw = export.export(told.office, NUMBERS[0], securing.COSE)
    with pytest.raises(StatementError) as refused:
        statement.parse(raw)
    assert refused.value.code.startswith("cose.")


@pytest.mark.parametrize(
    ("address", "did"),
    [
        ("https://office.example", "did:web:office.example"),
        ("http://localhost:8765", "did:web:localhost%3A8765"),
        ("https://gov.example/kp/office", "did:web:gov.example:kp:office"),
    ],
)
def test_the_identifier_is_where_the_office_is_reached(address: str, did: str) -> None:
    assert controller.office_did(address) == did
    assert controller.authority_did(address, "BW") == f"{did}:authority:BW"


def test_what_no_credential_is_made_of(told: Site) -> None:
    office = told.office
    for number, code in (("BW0000009", "credential.unknown"), ("ZA0000001", "credential.unknown")):
        with pytest.raises(CredentialError) as refused:
            export.export(office, number, securing.PLAIN)
        assert refused.value.code == code
    try:
        for address in (None, "", "office.example", "ftp://office.example", "https://[bad"):
            at(told, address)
            with pytest.raises(CredentialAway) as away:
                export.export(office, NUMBERS[0], securing.PLAIN)
            assert away.value.code == "credential.address"
            assert told.client().get("/.well-known/did.json").status_code == 404
            assert told.client().get("/vc/status/BW-4-revocation").status_code == 404
    finally:
        at(told)
    with pytest.raises(CredentialError):
        export.status(office, status_list.ListName("ZA", 0, "revocation"), securing.PLAIN)

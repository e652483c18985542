"""The document as outsiders judge it: the UNTP schema, the words of its contexts, and nothing that is hidden."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from tests.office.credential.conftest import ADDRESS, NUMBERS, SECRETS, WORDS, Stranger, unbase64
from tests.office.credential.terms import unknown
from tests.office.site import Site

from adamas.analysis.verify import verify_bundle
from adamas.office.credential import export, securing, vocabulary
from adamas.office.log.places import trust_of

ARTEFACTS = "vectors/untp/untp-dcc/artefacts"
HERE = Path(__file__).parent
URI = re.compile(r"[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")


def document(site: Site, number: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(export.export(site.office, number, securing.PLAIN))
    return found


@pytest.fixture(scope="module")
def contexts(shared: Path) -> dict[str, Any]:
    own = json.loads(vocabulary.CONTEXT_BYTES)
    vc = (HERE / "contexts" / "credentials-v2.jsonld").read_bytes()
    assert hashlib.sha256(vc).hexdigest().startswith("59955ced6697d61e"), "as the recommendation prints it"
    untp = json.loads((shared / ARTEFACTS / "context.jsonld").read_text())
    status = json.loads((shared / "vectors/vc/contexts/v1.jsonld").read_text())["@context"]
    for name in ("BitstringStatusListCredential", "BitstringStatusList", "BitstringStatusListEntry"):
        assert json.loads(vc)["@context"][name] == status[name], (
            "the words of status lists are those of their standard"
        )
    return {vocabulary.VC: json.loads(vc), vocabulary.UNTP_DCC: untp, f"{ADDRESS}/vc/context/v1": own}


@pytest.mark.parametrize("number", NUMBERS)
def test_the_schema_of_untp_accepts_it(told: Site, shared: Path, number: str) -> None:
    raw = (shared / ARTEFACTS / "untp-dcc-schema.json").read_bytes()
    schema, made = json.loads(raw), document(told, number)
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    assert not list(checker.iter_errors(made))
    assert made["credentialSchema"]["digestSRI"] == vocabulary.integrity(raw), "the very schema it names"
    assert made["@context"][1] == schema["properties"]["@context"]["prefixItems"][1]["const"]
    for wrong in ({"issuer": {"id": "x"}}, {"validFrom": "3 March"}, {"@context": []}):
        assert not checker.is_valid({**made, **wrong}), "the judge judges"
    assert not [uri for uri in _uris(made) if not URI.fullmatch(uri)]


def _uris(value: Any) -> list[str]:
    if isinstance(value, list):
        return [uri for item in value for uri in _uris(item)]
    if not isinstance(value, dict):
        return []
    own = [value[key] for key in ("id", "linkURL", "bundle", "statusListCredential") if key in value]
    return own + [uri for item in value.values() for uri in _uris(item)]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_word_is_one_that_a_context_defines(told: Site, contexts: dict[str, Any], number: str) -> None:
    made = document(told, number)
    assert unknown(made, contexts) == []
    text = export.export(told.office, number, securing.SD_JWT).decode()
    assert unknown(json.loads(unbase64(text.split("~")[0].split(".")[1])), contexts) == []


def test_the_judge_of_words_finds_what_is_wrong(told: Site, contexts: dict[str, Any], shared: Path) -> None:
    sample = json.loads((shared / ARTEFACTS / "untp-dcc-instance.json").read_text())
    assert unknown(sample, contexts) == [], "UNTP's own sample has no unknown word"
    made = document(told, NUMBERS[0])
    made["credentialSubject"]["kimberleyCertificate"]["colour"] = "D"
    made["evidence"][0]["type"].append("Witness")
    made["credentialSubject"]["assessment"][0]["number"] = "a word of another node"
    assert unknown(made, contexts) == [
        ".credentialSubject.assessment[0].number",
        ".credentialSubject.kimberleyCertificate.colour",
        ".evidence[0].type: Witness",
    ]
    own = {"@context": {**contexts[f"{ADDRESS}/vc/context/v1"]["@context"], "name": "urn:other"}}
    assert any(
        "name is defined anew" in one for one in unknown(made, {**contexts, f"{ADDRESS}/vc/context/v1": own})
    )


def test_a_status_list_and_the_documents_of_keys_use_known_words(
    told: Site, contexts: dict[str, Any], stranger: Stranger
) -> None:
    listed = json.loads(stranger.fetch(f"{ADDRESS}/vc/status/BW-4-revocation", "application/vc").content)
    assert unknown(listed, contexts) == []
    context = stranger.fetch(f"{ADDRESS}/vc/context/v1")
    related = document(told, NUMBERS[0])["relatedResource"][0]
    assert related == {
        "id": f"{ADDRESS}/vc/context/v1",
        "digestSRI": vocabulary.integrity(context.content),
        "mediaType": context["Content-Type"],
    }


def test_it_says_what_the_certificate_says(told: Site) -> None:
    plain, mixed, technical, _ = (document(told, number) for number in NUMBERS)
    said = plain["credentialSubject"]["kimberleyCertificate"]
    assert {name: said[name] for name in said if name not in ("id", "type")} == {
        "number": "BW0000001",
        "exportingParticipant": "BW",
        "importingParticipant": "AE",
        "countryOfOrigin": ["BW"],
        "hsCode": ["710231"],
        "parcelCount": 1,
        "dateOfIssue": "2025-03-03",
        "dateOfExpiry": "2025-05-02",
        "dateOfValidation": "2025-03-03",
    }
    assert (plain["validFrom"], plain["validUntil"]) == ("2025-03-03T00:00:00Z", "2025-05-02T23:59:59Z")
    assert plain["issuer"]["id"] == "did:web:office.example:authority:BW"
    assert plain["credentialSubject"]["issuedToParty"]["name"] == "Botswana"
    assert mixed["credentialSubject"]["kimberleyCertificate"]["shareOfOrigin"] == [50, 30, 20]
    assert technical["credentialSubject"]["kimberleyCertificate"]["technical"].startswith("Goods returned")


def test_what_is_made_up_says_so(told: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADAMAS_DEMO", "1")
    made = document(told, NUMBERS[0])
    assert made["name"].startswith("SYNTHETIC")
    assert made["credentialSubject"]["description"].startswith("SYNTHETIC")
    assert made["credentialSubject"]["kimberleyCertificate"]["synthetic"] is True


def test_the_evidence_is_the_log(told: Site, stranger: Stranger) -> None:
    made = document(told, NUMBERS[3])
    evidence, link = made["evidence"][0], made["credentialSubject"]["auditableEvidence"]
    raw = stranger.fetch(link["linkURL"]).content
    assert hashlib.sha256(raw).hexdigest() == link["hashDigest"]
    leaf = base64.b32encode(hashlib.sha256(b"\0" + raw).digest()).decode().rstrip("=").lower()
    assert evidence["statement"] == leaf
    bundle = base64.b64decode(evidence["bundle"].partition(";base64,")[2])
    assert hashlib.sha256(bundle).hexdigest() == evidence["bundleDigest"]
    answer = verify_bundle(bundle, trust=trust_of(told.office))
    assert answer.status != "not valid"
    assert answer.disclosed == {}
    note = stranger.fetch(f"{ADDRESS}/log/tiles/checkpoint").content.decode().split("\n")
    assert [evidence["logOrigin"], str(evidence["treeSize"]), evidence["rootHash"]] == note[:3]


@pytest.mark.parametrize("kind", [securing.COSE, securing.JWT, securing.PLAIN])
def test_nothing_hidden_is_in_what_is_public(told: Site, kind: str) -> None:
    raw = export.export(told.office, NUMBERS[3], kind)
    text = raw if kind != securing.JWT else unbase64(raw.decode().split(".")[1])
    inside = base64.b64decode(re.search(rb";base64,([A-Za-z0-9+/=]+)", text).group(1))
    assert b"BW0000004" in text
    assert b"BW0000004" in inside
    for word in WORDS:
        assert word.encode() not in raw + text + inside, word


def digest_of(disclosure: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest()).decode().rstrip("=")


def test_the_reader_of_disclosures_is_that_of_rfc_9901() -> None:
    example = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest_of(example) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_what_is_hidden_is_shown_one_by_one(told: Site) -> None:
    signed, *disclosures, end = export.export(told.office, NUMBERS[3], securing.SD_JWT).decode().split("~")
    assert end == ""
    payload = json.loads(unbase64(signed.split(".")[1]))
    digests = payload["credentialSubject"]["kimberleyCertificate"]["_sd"]
    shown: dict[str, Any] = {}
    for text in disclosures:
        assert digest_of(text) in digests
        salt, name, value = json.loads(unbase64(text))
        assert len(unbase64(salt)) == 16
        shown[name] = value
    assert len(digests) == len(disclosures) == len({json.loads(unbase64(d))[0] for d in disclosures})
    assert shown["exporter"] == SECRETS["exporter"]
    assert (shown["carats"], shown["value"]) == ("8084.60", "13569013.44")
    assert shown["sealNumber"] == list(SECRETS["seals"])
    assert shown["parcel"][0] == {"hsCode": "710210", "carats": "7771.23", "value": "9123456.78"}
    for word in WORDS:
        assert word.encode() not in unbase64(signed.split(".")[1]), word
    again = export.export(told.office, NUMBERS[3], securing.SD_JWT).decode()
    assert again.split("~")[1:-1] == disclosures, (
        "one certificate has one SD-JWT: two copies tell nothing more"
    )


def test_a_disclosure_gives_nothing_away_of_the_statements_own_salt(told: Site) -> None:
    from adamas.office.certification import private

    held = private.of(told.office.alias, [NUMBERS[3]])[NUMBERS[3]]
    text = export.export(told.office, NUMBERS[3], securing.SD_JWT).decode()
    salts = [json.loads(unbase64(one))[0] for one in text.split("~")[1:-1]]
    for _, disclosure in held:
        assert base64.urlsafe_b64encode(disclosure.salt).decode().rstrip("=") not in salts

"""The published CDDL and JSON Schemas, held by validators of others against real statements and broken ones.

CDDL is judged by pycddl (the Rust crate cddl). It cannot follow a ``.cbor`` inside an array, so header and payload are
judged by their own rules, and the envelope with both as plain byte strings.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pycddl
import pytest
from tests.fuzz.seeds import seeds
from tests.scheme.test_catalogue import PAYLOADS

from adamas.analysis.catalogue import CATALOGUE
from adamas.ledger import cbor, statement
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.statement import Statement
from adamas.shapes import StatementType, check

FORMATS = Path(__file__).parents[2] / "docs" / "formats"
CDDL = (FORMATS / "statements.cddl").read_text(encoding="utf-8")
SIGNER = SoftwareSigner.from_seed(bytes(32))
TYPES = tuple(CATALOGUE)


_LINE = {
    "flow": "export",
    "partner": "AE",
    "hs": "710231",
    "certificates": 5,
    "carats": 120_000,
    "value": 9_000_000,
}
_TRADE: dict[str, Any] = {
    "type": "trade.filed",
    "participant": "BW",
    "period": "2025-Q2",
    "lines": [
        {**_LINE, "carats_opening": bytes(32), "value_opening": bytes(32)},
        {**_LINE, "flow": "import", "partner": "*", "hs": "710210+710231"},
    ],
    "nil": False,
}


def _examples() -> dict[str, list[Statement]]:
    """Statements of every type: those of a small world of logs, and one of each payload that the scheme writes."""
    found: dict[str, list[Statement]] = {st_type.name: [] for st_type in TYPES}
    for raw in seeds().statements:
        st = statement.parse(raw)
        found[st.type].append(st)
    amended = next(payload for payload in PAYLOADS if payload["type"] == "return.filed")
    others: list[dict[str, Any]] = [
        {"type": "key.retired", "kid": SIGNER.kid},
        {"type": "key.compromised", "kid": SIGNER.kid, "since": 1_741_046_400, "note": "stolen\nor lost"},
        {
            "type": "witness.enrolled",
            "pillar": "civil",
            "holder": "kp:observer/x",
            "vkeys": list(seeds().vkeys[3:4]),
        },
        {
            "type": "organisation.licensed",
            "roles": ["miner", "exporter"],
            "from": "2025-01-01",
            "until": "2026-01-01",
        },
        {"type": "licence.ended", "from": "2025-06-01", "why": "withdrawn"},
        {"type": "site.registered", "name": "Orapa", "kind": "kimberlite", "from": "1971-07-01"},
        {"type": "rulebook.adopted", "digest": bytes(32), "edition": "2026-1", "from": "2026-01-01"},
        {**amended, "type": "return.amended", "refs": {"return": bytes(32)}},
        _TRADE,
        {**_TRADE, "type": "trade.amended", "refs": {"trade": bytes(32)}},
        {
            "type": "questionnaire.sent",
            "participant": "BW",
            "sent": "2025-09-01",
            "due": "2025-10-01",
            "questions": ["Why did the second quarter fall by half?"],
            "findings": [bytes(32)],
        },
        {
            "type": "questionnaire.answered",
            "answered": "2025-09-20",
            "answers": ["A mine was flooded."],
            "refs": {"questionnaire": bytes(32)},
        },
        {
            "type": "questionnaire.closed",
            "closed": "2025-10-02",
            "outcome": "accepted",
            "why": "The flood was reported at the time.",
            "refs": {"questionnaire": bytes(32), "answer": bytes(32)},
        },
        {
            "type": "attestation.made",
            "duty": "annual-report",
            "key": "2024",
            "on": "2025-03-30",
            "says": "Filed.",
        },
        {
            "type": "finding.raised",
            "rule": "admission.expired",
            "clause": "Annex I A, date of expiry",
            "rulebook": bytes(32),
            "severity": "finding",
            "as_of": "2025-03-30",
            "sentence": "The certificate had expired.",
            "evidence": [bytes(32)],
        },
    ]
    for payload in (*PAYLOADS, *others):
        if len(found[payload["type"]]) < 3:
            found[payload["type"]].append(
                statement.sign(
                    SIGNER, issuer="kp:BW/authority", subject="x", issued_at=1_741_046_400, payload=payload
                )
            )
    return found


EXAMPLES = _examples()


def _rule(name: str, text: str = CDDL) -> pycddl.Schema:
    return pycddl.Schema(f"start = {name}\n{text}")


def _accepts(schema: pycddl.Schema, value: Any) -> bool:
    try:
        schema.validate_cbor(cbor.encode(value))
    except pycddl.ValidationError:
        return False
    return True


def _name(st_type: StatementType) -> str:
    return st_type.name.replace(".", "-").replace("_", "-")


def _cddl_of(st_type: StatementType) -> str:
    return CDDL.partition(f"\n{_name(st_type)} = {{")[2].partition("\n}\n")[0]


def _schema(st_type: StatementType) -> jsonschema.Draft202012Validator:
    schema = json.loads((FORMATS / "schemas" / f"{st_type.name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def _in_json(value: Any) -> Any:
    """As the schemas say: byte strings in hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: _in_json(item) for key, item in value.items()}
    return [_in_json(item) for item in value] if isinstance(value, list) else value


def _broken(st_type: StatementType, payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Each field that must be there left out, each field of another kind, and another type's name."""
    made = [{key: value for key, value in payload.items() if key != "type"}, payload | {"type": "x.y"}]
    for one in st_type.fields:
        if one.required:
            made.append({key: value for key, value in payload.items() if key != one.name})
        if one.name in payload:
            made.append(payload | {one.name: None})
    made += [payload | {"sealed": dict.fromkeys(st_type.sealed, b"short")}] if st_type.sealed else []
    made += [payload | {"refs": {"certificate": b"short"}}, payload | {"hidden": [b"short"]}]
    return made


def test_there_is_an_example_of_every_type() -> None:
    assert [name for name, found in EXAMPLES.items() if not found] == []


@pytest.mark.parametrize("st_type", TYPES, ids=lambda st_type: st_type.name)
def test_cddl_json_schema_and_the_program_agree(st_type: StatementType) -> None:
    rule, schema = _rule(_name(st_type)), _schema(st_type)
    for st in EXAMPLES[st_type.name]:
        assert check(st_type, st.payload) == []
        rule.validate_cbor(st.payload_bytes)
        assert list(schema.iter_errors(_in_json(st.payload))) == []
    payload = EXAMPLES[st_type.name][0].payload
    extended = payload | {"colour": "D", "of-tomorrow": {"a": [1, None]}}
    assert check(st_type, extended) == []
    assert _accepts(rule, extended)
    assert schema.is_valid(_in_json(extended))
    slow = ",20000}" in _cddl_of(st_type)  # the crate compiles a long policy's bounds anew for every value
    for place, broken in enumerate(_broken(st_type, payload)):
        assert check(st_type, broken), broken
        assert (slow and place % 4) or not _accepts(rule, broken), broken
        assert not schema.is_valid(_in_json(broken)), broken


def test_cddl_of_envelope_header_and_disclosure() -> None:
    header, disclosure = _rule("header"), _rule("disclosure")
    envelope = _rule(
        "statement", CDDL.replace("bstr .cbor header", "bstr").replace("bstr .cbor payload", "bstr")
    )
    for found in EXAMPLES.values():
        for st in found:
            envelope.validate_cbor(st.raw)
            header.validate_cbor(st.protected_bytes)
    for raw in seeds().disclosures:
        disclosure.validate_cbor(raw)
    st = EXAMPLES["certificate.issued"][0]
    with pytest.raises(pycddl.ValidationError):
        envelope.validate_cbor(st.raw[1:])
    claims = {1: st.issuer, 2: st.subject, 6: st.issued_at}
    good = {1: -8, 3: statement.CONTENT_TYPE, 4: st.kid, 15: claims}
    assert _accepts(header, good)
    for bad in (good | {1: -7}, good | {3: "text/plain"}, good | {4: b"short"}, good | {15: {1: "x"}}):
        assert not _accepts(header, bad), bad


def test_the_cddl_names_every_type_once() -> None:
    for st_type in TYPES:
        assert CDDL.count(f'"type": "{st_type.name}"') == 1
        assert CDDL.count(f"\n{_name(st_type)} = {{") == 1

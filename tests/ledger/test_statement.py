"""Statements: what is signed is what is read; whatever is not the one form is refused with its code."""

from __future__ import annotations

import hashlib
import os
import pickle
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamas.ledger import cbor, statement
from adamas.ledger.errors import StatementError
from adamas.ledger.keys import SoftwareSigner

SIGNER = SoftwareSigner.from_seed(bytes(range(32)))
HEADER: dict[Any, Any] = {
    1: -8,
    3: statement.CONTENT_TYPE,
    4: SIGNER.kid,
    15: {1: "kp:BW/authority", 2: "BW0001234", 6: 1_741_046_400},
}
PAYLOAD: dict[str, Any] = {"v": 1, "to": "AE", "type": "certificate.issued"}


def made(**payload: Any) -> statement.Statement:
    return statement.sign(
        SIGNER,
        issuer="kp:BW/authority",
        subject="BW0001234",
        issued_at=1_741_046_400,
        payload={**PAYLOAD, **payload},
    )


def envelope(
    header: Any = HEADER,
    payload: Any = PAYLOAD,
    *,
    unprotected: Any = None,
    signature: Any = bytes(64),
    tag: int = 18,
) -> bytes:
    """Bytes as a careless writer might make them."""
    protected = header if isinstance(header, (bytes, str)) else cbor2.dumps(header)
    body = payload if isinstance(payload, bytes) or payload is None else cbor2.dumps(payload)
    return cbor2.dumps(cbor2.CBORTag(tag, [protected, unprotected or {}, body, signature]))


def code_of(raw: bytes) -> str:
    try:
        statement.parse(raw)
    except StatementError as error:
        return error.code
    return "accepted"


def test_what_is_signed_is_read_and_verifies() -> None:
    one = made(refs={"replaces": bytes(32)}, sealed={"carats": bytes(32)}, hidden=[bytes(32)])
    read = statement.parse(one.raw)
    assert read == one
    assert (read.issuer, read.subject, read.issued_at) == ("kp:BW/authority", "BW0001234", 1_741_046_400)
    assert (read.type, read.version, read.kid, read.alg) == ("certificate.issued", 1, SIGNER.kid, -8)
    assert (read.refs, read.sealed, read.hidden) == (
        {"replaces": bytes(32)}, {"carats": bytes(32)}, [bytes(32)],
    )  # fmt: skip
    assert statement.verify(read, SIGNER.public_key)
    assert not statement.verify(read, SoftwareSigner.from_seed(bytes(32)).public_key)


def test_the_id_is_the_leaf_hash_and_is_written_in_base32() -> None:
    one = made()
    assert one.id == hashlib.sha256(b"\x00" + one.raw).digest()
    assert len(one.text_id) == 52
    assert statement.parse_id(one.text_id) == statement.parse_id(one.text_id.upper()) == one.id


@pytest.mark.parametrize(
    "text", ["", "a", "a" * 51, "a" * 53, "1" * 52, "a" * 51 + "b", "ä" * 52, "a" * 51 + "="]
)
def test_other_texts_are_no_ids(text: str) -> None:
    with pytest.raises(StatementError) as refused:
        statement.parse_id(text)
    assert refused.value.code == "statement.id"


def test_the_signed_bytes_are_those_of_rfc_9052() -> None:
    one = made()
    assert one.to_be_signed() == cbor2.dumps(["Signature1", one.protected_bytes, b"", one.payload_bytes])


def test_an_issued_certificate_stays_under_560_bytes() -> None:
    one = made(
        hs=["710221", "710231"], origin=["BW", "ZA"], shares=[60, 40], issued="2025-03-04", expires="2025-05-03",
        parcels=2, officers=["is-1", "ap-2"], hidden=sorted(os.urandom(32) for _ in range(3)),
        sealed={"carats": bytes(32), "value": bytes(32)},
    )  # fmt: skip
    assert len(one.raw) < 560


def test_a_statement_survives_pickling() -> None:
    one = made()
    again = pickle.loads(pickle.dumps(one))
    assert again == one
    assert again.id == one.id


@pytest.mark.parametrize("alg", [-8, -19])
def test_both_names_of_the_algorithm_are_read(alg: int) -> None:
    header = cbor.encode({**HEADER, 1: alg})
    body = cbor.encode(PAYLOAD)
    signature = SIGNER.sign(cbor2.dumps(["Signature1", header, b"", body]))
    one = statement.parse(envelope(header, body, signature=signature))
    assert one.alg == alg
    assert statement.verify(one, SIGNER.public_key)


def header_without(label: int) -> dict[Any, Any]:
    return {key: value for key, value in HEADER.items() if key != label}


def claims(**changes: Any) -> dict[Any, Any]:
    told = dict(HEADER[15])
    for name, value in changes.items():
        told[{"iss": 1, "sub": 2, "iat": 6, "exp": 4}[name]] = value
    return {**HEADER, 15: dict(sorted(told.items()))}


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "cbor.truncated"),
    "another tag": (envelope(tag=17), "cose.not-sign1"),
    "no tag": (envelope()[1:], "cose.not-sign1"),
    "COSE_Sign with many signers": (envelope(tag=98), "cose.not-sign1"),
    "three parts": (cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b""])), "cose.not-sign1"),
    "a map in the tag": (cbor2.dumps(cbor2.CBORTag(18, {})), "cose.not-sign1"),
    "header as text": (envelope("header"), "cose.not-sign1"),
    "bytes after the end": (envelope() + b"\x00", "cbor.trailing"),
    "cut short": (envelope()[:-1], "cbor.truncated"),
    "tag in long form": (b"\xd8\x12" + envelope()[1:], "cbor.not-shortest"),
    "array in long form": (b"\xd2\x98\x04" + envelope()[2:], "cbor.not-shortest"),
    "array left open": (b"\xd2\x9f" + envelope()[2:] + b"\xff", "cbor.indefinite"),
    "signature in long form": (envelope()[:-66] + b"\x59\x00\x40" + bytes(64), "cbor.not-shortest"),
    "oversize": (envelope(payload={**PAYLOAD, "x": bytes(60_000)}), "cbor.size"),
    "unprotected content": (envelope(unprotected={4: b"11"}), "cose.unprotected"),
    "unprotected kid that nests": (envelope(unprotected={4: [[[[[[]]]]]]}), "cbor.depth"),
    "detached payload": (envelope(payload=None), "cose.payload"),
    "short signature": (envelope(signature=bytes(63)), "cose.signature"),
    "text as signature": (envelope(signature="x" * 64), "cose.signature"),
    "empty header": (envelope(b""), "cbor.truncated"),
    "header is a list": (envelope(b"\x80"), "cose.header"),
    "header with bytes after it": (envelope(cbor2.dumps(HEADER) + b"\x00"), "cbor.trailing"),
    "header in another order": (envelope(dict(reversed(HEADER.items()))), "cbor.order"),
    "claims in another order": (envelope({**HEADER, 15: {6: 0, 1: "a", 2: "b"}}), "cbor.order"),
    "label twice": (envelope(b"\xa2\x01\x27\x01\x27"), "cbor.duplicate-key"),
    "ES256": (envelope({**HEADER, 1: -7}), "cose.alg"),
    "algorithm by name": (envelope({**HEADER, 1: "EdDSA"}), "cose.alg"),
    "algorithm in long form": (
        envelope(cbor2.dumps(HEADER).replace(b"\x01\x27\x03", b"\x01\x38\x07\x03")), "cbor.not-shortest",
    ),
    "no algorithm": (envelope(header_without(1)), "cose.header"),
    "no kid": (envelope(header_without(4)), "cose.header"),
    "no claims": (envelope(header_without(15)), "cose.header"),
    "other content type": (envelope({**HEADER, 3: "application/cbor"}), "cose.content-type"),
    "content type by number": (envelope({**HEADER, 3: 60}), "cose.content-type"),
    "kid as text": (envelope({**HEADER, 4: "11111111"}), "cose.kid"),
    "short kid": (envelope({**HEADER, 4: b"1"}), "cose.kid"),
    "critical header": (envelope({1: -8, 2: [99], 3: HEADER[3], 4: SIGNER.kid, 15: HEADER[15], 99: 0}), "cose.critical"),
    "critical header that is known": (envelope({1: -8, 2: [1], 3: HEADER[3], 4: SIGNER.kid, 15: HEADER[15]}), "cose.critical"),
    "unknown header": (envelope({**HEADER, 99: 0}), "cose.header"),
    "key as text label": (envelope({**HEADER, "a": 0}), "cose.header"),
    "claims are a list": (envelope({**HEADER, 15: []}), "cose.claims"),
    "another claim": (envelope(claims(exp=1)), "cose.claims"),
    "empty issuer": (envelope(claims(iss="")), "cose.claims"),
    "issuer as bytes": (envelope(claims(iss=b"kp:BW")), "cose.claims"),
    "line break in the subject": (envelope(claims(sub="a\nb")), "cose.claims"),
    "direction mark in the subject": (envelope(claims(sub="a\u202eb")), "cose.claims"),
    "long subject": (envelope(claims(sub="x" * 121)), "cose.claims"),
    "time before 1970": (envelope(claims(iat=-1)), "cose.claims"),
    "time as float": (envelope(claims(iat=1.5)), "cbor.float"),
    "time as truth": (envelope(claims(iat=True)), "cose.claims"),
    "time as tag": (envelope(claims(iat=cbor2.CBORTag(1, 0))), "cbor.tag"),
    "payload is a list": (envelope(payload=b"\x80"), "cose.payload"),
    "payload with bytes after it": (envelope(payload=cbor2.dumps(PAYLOAD) + b"\xf6"), "cbor.trailing"),
    "float in the payload": (envelope(payload={**PAYLOAD, "carats": 1.5}), "cbor.float"),
    "float deep in the payload": (envelope(payload={"a": [{"b": [0.0]}], "v": 1, "type": "x"}), "cbor.float"),
    "number as key": (envelope(payload={**PAYLOAD, 1: 1}), "cbor.key-type"),
    "no edition": (envelope(payload={"type": "x"}), "statement.version"),
    "edition as truth": (envelope(payload={"v": True, "type": "x"}), "statement.version"),
    "no type": (envelope(payload={"v": 1}), "statement.type"),
    "type as number": (envelope(payload={"v": 1, "type": 1}), "statement.type"),
    "reference of 31 bytes": (envelope(payload={"v": 1, "refs": {"a": bytes(31)}, "type": "x"}), "statement.refs"),
    "references as list": (envelope(payload={"v": 1, "refs": [], "type": "x"}), "statement.refs"),
    "references as null": (envelope(payload={"v": 1, "refs": None, "type": "x"}), "statement.refs"),
    "sealed as null": (envelope(payload={"v": 1, "type": "x", "sealed": None}), "statement.sealed"),
    "hidden as null": (envelope(payload={"v": 1, "type": "x", "hidden": None}), "statement.hidden"),
    "sealed text": (envelope(payload={"v": 1, "type": "x", "sealed": {"a": "b"}}), "statement.sealed"),
    "hidden twice": (envelope(payload={"v": 1, "type": "x", "hidden": [bytes(32)] * 2}), "statement.hidden"),
    "hidden unsorted": (envelope(payload={"v": 1, "type": "x", "hidden": [b"\x01" * 32, bytes(32)]}), "statement.hidden"),
    "hidden text": (envelope(payload={"v": 1, "type": "x", "hidden": ["a" * 32]}), "statement.hidden"),
}  # fmt: skip


@pytest.mark.parametrize("defect", REFUSED)
def test_each_defect_has_its_code(defect: str) -> None:
    raw, code = REFUSED[defect]
    assert code_of(raw) == code


def test_the_careless_writer_is_otherwise_accepted() -> None:
    assert code_of(envelope()) == "accepted"


def test_a_newer_edition_is_read_and_not_written() -> None:
    assert statement.parse(envelope(payload={"v": 2, "type": "x"})).version == 2
    with pytest.raises(StatementError) as refused:
        made(v=2)
    assert refused.value.code == "statement.version"


def test_what_may_not_be_said_is_not_signed() -> None:
    with pytest.raises(StatementError) as refused:
        made(carats=1.5)
    assert refused.value.code == "cbor.float"
    with pytest.raises(StatementError) as refused:
        statement.sign(SIGNER, issuer="", subject="s", issued_at=0, payload=PAYLOAD)
    assert refused.value.code == "cose.claims"


ONE = made(refs={"replaces": bytes(32)})


@given(st.integers(0, len(ONE.raw) - 1), st.integers(1, 255))
def test_a_changed_byte_never_verifies(place: int, change: int) -> None:
    raw = bytearray(ONE.raw)
    raw[place] ^= change
    try:
        changed = statement.parse(bytes(raw))
    except StatementError:
        return
    assert not statement.verify(changed, SIGNER.public_key)
    assert changed.id != ONE.id


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xd2", b"\xd2\x84", ONE.raw[:90], ONE.raw[:-70]]))
def test_random_bytes_get_a_code_or_a_statement_of_exactly_these_bytes(data: bytes, head: bytes) -> None:
    try:
        read = statement.parse(head + data)
    except StatementError as error:
        assert error.code.partition(".")[0] in ("cbor", "cose", "statement")
    else:
        assert read.raw == head + data


@given(
    st.text(min_size=1, max_size=120).filter(str.isprintable),
    st.text(min_size=1, max_size=120).filter(str.isprintable),
    st.integers(0, statement.MAX_TIME),
    st.dictionaries(st.text(max_size=300), st.integers(0, 2**64 - 1) | st.text(max_size=300), max_size=3),
)
def test_any_names_times_and_fields_come_back(
    issuer: str, subject: str, at: int, more: dict[str, Any]
) -> None:
    fields = {
        name: value for name, value in more.items() if name not in ("v", "type", "refs", "hidden", "sealed")
    }
    one = statement.sign(
        SIGNER, issuer=issuer, subject=subject, issued_at=at, payload={**fields, "type": "x"}
    )
    read = statement.parse(one.raw)
    assert (read.issuer, read.subject, read.issued_at) == (issuer, subject, at)
    assert read.payload == {**fields, "v": 1, "type": "x"}
    assert statement.verify(read, SIGNER.public_key)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2**64 - 1) | st.binary(max_size=40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(fields=st.dictionaries(st.text(max_size=10), VALUES, max_size=5))
def test_what_signing_gives_is_what_reading_its_bytes_gives(fields: dict[str, Any]) -> None:
    """Signing does not read back what it wrote; this holds the two together, field by field."""
    try:
        one = made(**fields)
    except StatementError:
        return
    read = statement.parse(one.raw)
    names = statement.Statement.__slots__
    assert [getattr(one, name) for name in names] == [getattr(read, name) for name in names]
    assert list(one.payload) == list(read.payload)

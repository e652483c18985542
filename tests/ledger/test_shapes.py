"""Payload shapes: one table gives the check, the CDDL and the JSON Schema, and they agree."""

from __future__ import annotations

import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamas import shapes
from adamas.ledger.types import LEDGER_TYPES
from adamas.shapes import (
    Catalogue,
    Field,
    Kind,
    StatementType,
    boolean,
    check,
    country,
    date,
    digest32,
    list_of,
    map_of,
    octets,
    record_of,
    text,
    timestamp,
    uint,
)

PARCEL = StatementType(
    "parcel.weighed",
    "test",
    "A parcel was weighed.",
    "the weigher",
    "the parcel",
    fields=(
        Field("at", country(), "where"),
        Field("day", date(), "when"),
        Field("parcels", uint(max=99), "how many"),
        Field("hs", list_of(text(pattern="7102(10|21|31)"), min=1, max=3), "codes"),
        Field("seals", text(choices=("intact", "broken")), "state", False),
    ),
    hidden=(Field("goods", text(), "what was in it"),),
    sealed=("carats",),
    refs=(Field("certificate", digest32(), "the certificate"), "earlier"),
)


def payload(**changes: Any) -> dict[str, Any]:
    good = {
        "v": 1,
        "type": "parcel.weighed",
        "at": "AE",
        "day": "2025-03-04",
        "parcels": 2,
        "hs": ["710231"],
        "refs": {"certificate": bytes(32)},
        "sealed": {"carats": bytes(32)},
    }
    good.update(changes)
    return {name: value for name, value in good.items() if value is not ...}


def codes(**changes: Any) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in check(PARCEL, payload(**changes))]


def test_a_good_payload_has_no_problem_and_unknown_fields_are_kept_and_ignored() -> None:
    assert codes() == []
    assert codes(colour="D", seals="intact", v=7, hidden=[bytes(32), b"\xff" * 32]) == []


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("at", ..., "shape.missing"),
        ("at", "XX", "shape.country"),
        ("at", "ae", "shape.country"),
        ("day", "2025-02-30", "shape.date"),
        ("day", "2025-3-4", "shape.date"),
        ("day", "２０２５-03-04", "shape.date"),
        ("parcels", 100, "shape.range"),
        ("parcels", -1, "shape.range"),
        ("parcels", True, "shape.kind"),
        ("parcels", "2", "shape.kind"),
        ("hs", [], "shape.count"),
        ("hs", ["710231\n"], "shape.pattern"),
        ("hs", "710231", "shape.kind"),
        ("seals", "lost", "shape.choice"),
        ("type", "parcel.lost", "shape.type"),
        ("v", 0, "shape.version"),
        ("v", True, "shape.version"),
        ("refs", [], "shape.kind"),
        ("sealed", 1, "shape.kind"),
        ("hidden", [b"\xff" * 32, bytes(32)], "shape.hidden"),
        ("hidden", [bytes(32), bytes(32)], "shape.hidden"),
        ("hidden", [bytes(31)], "shape.hidden"),
    ],
)
def test_each_defect_is_told_with_its_field(field: str, value: Any, code: str) -> None:
    assert codes(**{field: value}) == [(field, code)]


def test_references_and_sealed_quantities_are_checked_by_name() -> None:
    assert codes(refs=...) == [("refs.certificate", "shape.missing")]
    assert codes(refs={"certificate": bytes(31)}) == [("refs.certificate", "shape.size")]
    assert codes(sealed={}) == [("sealed.carats", "shape.sealed")]
    assert codes(sealed={"carats": bytes(33)}) == [("sealed.carats", "shape.sealed")]


def test_all_problems_are_told_at_once() -> None:
    assert len(codes(at="XX", day="", parcels=-1, hs=[], refs=..., sealed=...)) == 6


def test_every_problem_has_a_sentence() -> None:
    for problem in check(PARCEL, {}):
        assert problem.sentence.endswith(".")
        assert problem.field in problem.sentence


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (boolean(), [True, False], [0, 1, None, "true"]),
        (timestamp(), [0, 1_741_046_400], [-1, 2**40, True, 1.0]),
        (octets(min=1, max=2), [b"a", b"ab"], [b"", b"abc", "a"]),
        (digest32(), [bytes(32)], [bytes(31), "a" * 32]),
        (map_of(uint(), max=1), [{}, {"a": 1}], [{"a": -1}, {1: 1}, {"a": 1, "b": 2}, []]),
        (
            record_of(Field("a", uint(), ""), Field("b", uint(), "", False)),
            [{"a": 1, "c": 0}],
            [{}, {"a": "x"}, 1],
        ),
        (text(max=2), ["a", "ab"], ["", "abc", b"a"]),
    ],
)
def test_kinds(kind: Kind, good: list[Any], bad: list[Any]) -> None:
    assert [kind.test(value) for value in good] == [None] * len(good)
    assert all(kind.test(value) for value in bad)


def test_a_catalogue_refuses_two_types_of_one_name() -> None:
    with pytest.raises(ValueError, match="twice"):
        Catalogue((PARCEL,)).merged(Catalogue((PARCEL,)))


def test_a_catalogue_finds_by_name() -> None:
    both = LEDGER_TYPES.merged(Catalogue((PARCEL,)))
    assert both.get("parcel.weighed") is PARCEL
    assert both.get("nothing") is None
    assert "key.enrolled" in both
    assert len(both) == len(list(both)) == len(LEDGER_TYPES) + 1


def in_json(value: Any) -> Any:
    """Byte strings in hexadecimal, as the schemas say."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: in_json(item) for key, item in value.items()}
    return [in_json(item) for item in value] if isinstance(value, list) else value


@given(
    st.sampled_from(["parcels", "hs", "seals", "refs", "sealed"]),
    st.one_of(
        st.just(...), st.none(), st.integers(-1, 100), st.text(max_size=8), st.sampled_from(["AE", "7102", "intact"]),
        st.binary(max_size=3), st.lists(st.sampled_from(["710231", "7", ""]), max_size=4),
        st.dictionaries(st.sampled_from(["certificate", "carats"]), st.sampled_from([bytes(32), b""])),
    ),
)  # fmt: skip
def test_the_json_schema_agrees_with_the_check(field: str, value: Any) -> None:
    changed = payload(**{field: value})
    validator = jsonschema.Draft202012Validator(shapes.json_schema(PARCEL))
    assert bool(check(PARCEL, changed)) == bool(list(validator.iter_errors(in_json(changed))))


def test_json_schemas_are_schemas() -> None:
    for st_type in (*LEDGER_TYPES, PARCEL):
        jsonschema.Draft202012Validator.check_schema(shapes.json_schema(st_type))


def test_cddl_names_every_type_and_field_and_balances() -> None:
    written = shapes.cddl(LEDGER_TYPES.merged(Catalogue((PARCEL,))))
    for st_type in LEDGER_TYPES:
        assert f'"type": "{st_type.name}"' in written
        assert all(f'"{field.name}":' in written for field in st_type.fields)
    assert '"hs": [1*3 tstr .regexp "7102(10|21|31)"]' in written
    assert '"seals": "intact" / "broken"' in written
    bare = "\n".join(line.split(";")[0] for line in written.splitlines())
    for left, right in ("{}", "[]", "()"):
        assert bare.count(left) == bare.count(right)


def test_checking_is_quick() -> None:
    good = payload()
    started = time.thread_time()  # others may work on this machine meanwhile
    for _ in range(2_000):
        check(PARCEL, good)
    assert (time.thread_time() - started) / 2_000 < 100e-6

"""Rows of files become commands, or every error of the row at once by field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamas.scheme.rows import (
    TABLES,
    parse_issue_row,
    parse_receive_row,
    parse_revoke_row,
    parse_validate_row,
)
from adamas.scheme.statements import issued_hidden, issued_payload
from adamas.scheme.synthetic import apportion
from adamas.scheme.values import format_hundredths

GOOD = {
    "number": "BW0001234", "to": "AE", "parcels": "710231:12.34:5678.00; 710221:9:90", "origin": "BW",
    "issued": "2023-03-04", "expires": "2023-05-03", "exporter": "Exporter", "importer": "Importer",
    "officer": "is-1", "approver": "ap-2", "seals": "S1; S2",
}  # fmt: skip
SINGLE = {
    **{k: v for k, v in GOOD.items() if k != "parcels"},
    "hs": "7102.31",
    "carats": "12.34",
    "value": "5678",
}


def fields(cells, parse=parse_issue_row):
    command, errors = parse(cells)
    assert (command is None) is bool(errors)
    return {error.field for error in errors}


def test_a_good_row_is_a_command():
    command, errors = parse_issue_row(GOOD)
    assert errors == []
    assert (command.carats, command.value, command.hs) == (2134, 576_800, ("710221", "710231"))
    assert command.seals == ("S1", "S2")
    assert parse_issue_row(SINGLE)[0].carats == 1234


def test_json_may_give_lists():
    cells = {
        **GOOD,
        "parcels": [
            {"hs": "710231", "carats": "12.34", "value": "5678"},
            {"hs": "710221", "carats": "9", "value": "90"},
        ],
        "seals": ["S1", "S2"],
        "origin": ["BW", "ZA"],
        "shares": ["60", "40"],
    }
    command, errors = parse_issue_row(cells)
    assert errors == []
    assert command.shares == (60, 40)
    assert command.carats == 2134


def test_every_error_of_a_row_comes_at_once():
    assert fields({**GOOD, "number": "1", "to": "Dubai", "issued": "4.3.2023", "officer": "Jane Doe",
    "seals": ""}) == {
        "number", "to", "issued", "officer", "seals",
    }  # fmt: skip


def test_an_empty_row_names_every_column_that_must_be_filled():
    assert fields({}) == {column.name for column in TABLES["issue"] if column.required} | {
        "hs",
        "carats",
        "value",
    }


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"parcels": "710231:1.234:5"}, {"parcels 1"}),
        ({"parcels": "710231:1:5; 710239:2:3; 7"}, {"parcels 2", "parcels 3"}),
        ({"hs": "710231"}, {"parcels"}),
        ({"origin": "BW; ZA", "shares": "60; 41"}, {"shares"}),
        ({"origin": "BW; ZA", "shares": "60"}, {"shares"}),
        ({"origin": "BW; ZA", "shares": "60.5; 39.5"}, {"shares"}),
        ({"colour": "fancy"}, {"colour"}),
        ({"replaces": "x"}, {"replaces"}),
    ],
)
def test_an_error_names_its_field(changes, wanted):
    assert fields({**GOOD, **changes}) == wanted


def test_other_acts_have_rows_too():
    assert parse_validate_row({"number": "BW0001234", "validated": "2023-03-05", "officer": "va-1"})[1] == []
    received = {
        "number": "BW0001234", "at": "AE", "received": "2023-03-12", "parcels": "2", "carats": "21.34",
        "value": "5768", "seals": "Intact", "officer": "im-1",
    }  # fmt: skip
    assert parse_receive_row(received)[0].seals == "intact"
    assert fields({**received, "parcels": "-2", "seals": "torn"}, parse_receive_row) == {"parcels", "seals"}
    assert fields({"number": "BW0001234", "revoked": "2023-03-12", "why": "bored"}, parse_revoke_row) == {
        "why"
    }


@given(
    st.dictionaries(
        st.sampled_from([column.name for columns in TABLES.values() for column in columns]),
        st.one_of(st.text(max_size=12), st.lists(st.text(max_size=6), max_size=3), st.none(), st.integers()),
    ),
    st.sampled_from([parse_issue_row, parse_receive_row, parse_validate_row, parse_revoke_row]),
)
def test_no_cells_break_a_parser(cells, parse):
    fields(cells, parse)


PARCELS = st.lists(
    st.tuples(st.sampled_from(["710210", "710221", "710231"]), st.integers(1, 10**9), st.integers(1, 10**12)),
    min_size=1,
    max_size=20,
)


@given(PARCELS)
def test_carats_are_conserved_from_row_to_statement(parcels):
    cell = "; ".join(f"{hs}:{format_hundredths(c)}:{format_hundredths(v)}" for hs, c, v in parcels)
    command, errors = parse_issue_row({**GOOD, "parcels": cell})
    assert errors == []
    total = sum(carats for _, carats, _ in parcels)
    hidden = dict(issued_hidden(command, (command.carats, b"r" * 32), (command.value, b"r" * 32)))
    payload = issued_payload(command, sealed={}, hidden=[])
    assert command.carats == command.declared.carats == hidden["amounts"]["carats"][0] == total
    assert sum(parcel["carats"] for parcel in hidden["goods"]["parcels"]) == total
    assert sum(parcel["value"] for parcel in hidden["goods"]["parcels"]) == hidden["amounts"]["value"][0]
    assert payload["parcels"] == len(parcels)


@given(st.integers(0, 10**12), st.lists(st.integers(1, 10**6), min_size=1, max_size=50))
def test_a_whole_is_apportioned_without_rest(total, weights):
    parts = apportion(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 0
    assert all(
        abs(part * sum(weights) - total * weight) <= sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )

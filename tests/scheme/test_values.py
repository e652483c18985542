"""Values are parsed once, strictly, and come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamas.scheme.errors import ValueRefused
from adamas.scheme.values import (
    CertificateNumber,
    day_of,
    format_hundredths,
    holder_of,
    ordinal,
    parse_carats,
    parse_country,
    parse_day,
    parse_hs,
    parse_number,
    parse_usd,
)


@given(st.integers(min_value=0, max_value=10**11))
def test_carats_survive_writing_and_reading(number):
    assert parse_carats(format_hundredths(number)) == number


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("12", 1200), ("12.3", 1230), (" 12.34 ", 1234), ("12.3400", 1234)]
)
def test_carats_are_read_as_people_write_them(text, number):
    assert parse_carats(text) == parse_usd(text) == number


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1,5", "1.234", "1e3", "NaN", "1.", ".5", "١٢", "1 000", "9" * 14]
)
def test_what_is_no_weight_is_refused_with_its_clause(text):
    with pytest.raises(ValueRefused) as refused:
        parse_carats(text)
    assert refused.value.code == "value.carats"


@pytest.mark.parametrize("text", ["2023-02-29", "2023-2-9", "20230209", "2023-13-01", "٢٠٢٣-01-01", ""])
def test_days_that_do_not_exist_are_refused(text):
    with pytest.raises(ValueRefused):
        parse_day(text)


@given(st.dates())
def test_days_have_numbers_and_back(day):
    assert day_of(ordinal(day.isoformat())) == day.isoformat()


def test_numbers_are_written_in_one_way():
    assert parse_number(" bw-000 1234 ") == CertificateNumber("BW", "0001234")
    assert parse_number("EU00001234").serial == 1234
    for wrong in ("BW", "BW12", "B10001234", "BW0001234X", "BW" + "1" * 11):
        with pytest.raises(ValueRefused):
            parse_number(wrong)


def test_only_rough_diamonds_have_an_hs_code():
    assert parse_hs("7102.31") == parse_hs("7102 31") == "710231"
    for polished in ("7102.39", "710229", "710420", ""):
        with pytest.raises(ValueRefused):
            parse_hs(polished)


def test_countries_are_two_letters():
    assert parse_country(" bw ") == "BW"
    with pytest.raises(ValueRefused):
        parse_country("BWA")


def test_the_holder_is_read_from_the_issuer():
    assert (holder_of("kp:BW/authority/gaborone").participant, holder_of("kp:BW/authority").role) == (
        "BW",
        "authority",
    )
    assert holder_of("log:example").participant == ""

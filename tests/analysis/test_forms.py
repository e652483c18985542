"""A form accepts nothing that the strict parser would not, and reads the same out of it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.world import make_world, signer

from adamas.analysis.catalogue import CATALOGUE
from adamas.analysis.forms import Form, Forms
from adamas.errors import AdamasError
from adamas.ledger import statement as statements
from adamas.ledger.statement import Statement

TYPES = frozenset(st_type.name for st_type in CATALOGUE)


def _samples() -> list[Statement]:
    world = make_world()
    issued = world.whole("BW0000001", "AE")
    mixed = world.issue("BW0000002", "AE", origin=("BW", "ZA"), shares=(24, 76))
    raws = [*world.offices["BW"].entries[3:], *world.offices["AE"].entries[3:]]
    return [issued, mixed, *(statements.parse(raw) for raw in raws)]


SAMPLES = _samples()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.type))
def test_a_form_reads_what_the_parser_reads(sample: Statement) -> None:
    form = Form(sample)
    assert form.holds(sample.raw)
    assert form.type == sample.type
    assert sample.raw[form.kid] == sample.kid
    assert sample.raw[form.issuer].decode() == sample.issuer
    assert sample.raw[form.subject].decode() == sample.subject
    assert sample.raw[form.payload] == sample.payload_bytes
    assert form.claimed_at(sample.raw) == sample.issued_at
    assert form.to_be_signed(sample.raw) == sample.to_be_signed()


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(min_value=0), st.integers(1, 255)), min_size=1, max_size=6),
)
def test_whatever_a_form_accepts_the_parser_accepts_and_says_the_same(
    sample: Statement, changes: list[tuple[int, int]]
) -> None:
    check(Form(sample), sample.raw, changes)


def check(form: Form, raw: bytes, changes: list[tuple[int, int]]) -> bool:
    """Alters bytes; True if the form holds all the same, and then the strict parser must agree."""
    data = bytearray(raw)
    for place, value in changes:
        data[place % len(data)] ^= value
    altered = bytes(data)
    if not form.holds(altered):
        return False
    read = statements.parse(altered)
    assert read.type == form.type
    assert (read.kid, read.issuer, read.subject, read.issued_at) == (
        altered[form.kid],
        altered[form.issuer].decode(),
        altered[form.subject].decode(),
        form.claimed_at(altered),
    )
    assert form.to_be_signed(altered) == read.to_be_signed()
    assert type(read.payload) is dict
    return True


def test_every_single_byte_altered_in_every_way() -> None:
    """All 255 other values of a part of the bytes: held or refused, never more than the parser allows."""
    draws = random.Random(3)
    held = sum(
        check(form, sample.raw, [(place, draws.randrange(1, 256))])
        for sample in SAMPLES[:3]
        for form in [Form(sample)]
        for place in range(len(sample.raw))
    )
    assert held > 300  # signatures, commitments and digests may be anything


def test_digests_out_of_order_have_no_form() -> None:
    sample = SAMPLES[0]
    one, two, _ = sample.hidden
    swapped = sample.raw.replace(one, b"?" * 32).replace(two, one).replace(b"?" * 32, two)
    assert not Form(sample).holds(swapped)
    with pytest.raises(AdamasError):
        statements.parse(swapped)


def test_forms_are_learned_after_some_sightings_and_only_of_known_types() -> None:
    forms = Forms(frozenset({"certificate.issued"}))
    key = signer("someone")
    for kind in ("certificate.issued", "x"):
        for n in range(9):
            made = statements.sign(
                key, issuer="kp:BW/authority", subject=f"BW{n}", issued_at=10**9 + n, payload={"type": kind}
            )
            if forms.find(made.raw) is None:
                forms.learn(made)
        assert (forms.find(made.raw) is not None) is (kind == "certificate.issued")


def test_times_of_the_next_century_but_one_are_left_to_the_parser() -> None:
    made = statements.sign(
        signer("x"),
        issuer="kp:BW/authority",
        subject="x",
        issued_at=2**33,
        payload={"type": "certificate.issued"},
    )
    with pytest.raises(KeyError):
        Form(made)


def test_texts_beyond_ascii_are_left_to_the_parser() -> None:
    made = statements.sign(
        signer("x"),
        issuer="kp:BW/authority",
        subject="é",
        issued_at=10**9,
        payload={"type": "certificate.issued"},
    )
    forms = Forms(TYPES)
    for _ in range(9):
        forms.learn(made)
    assert forms.find(made.raw) is None

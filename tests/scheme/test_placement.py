"""No clause of the scheme is missing, and no citation is made up."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from adamas.scheme import lifecycle
from adamas.scheme.admission import RULES
from adamas.scheme.clauses import by_id, cited, clauses
from adamas.scheme.duties import DUTIES
from adamas.scheme.duties.duty import Event, Within
from adamas.scheme.errors import DataError
from adamas.scheme.placement import BUILT, DEFINED, placement, unplaced

SHARED = Path(__file__).resolve().parents[3] / "shared" / "kp" / "rulebook.yaml"


def test_every_clause_that_asks_for_a_rule_or_an_attestation_has_one():
    assert unplaced() == []
    assert len(placement()) == 202


def test_a_clause_that_nothing_stands_behind_is_found(monkeypatch):
    import adamas.scheme.placement as module

    monkeypatch.setattr(module, "DUTIES", tuple(d for d in DUTIES if d.code != "specimen"))
    placement.cache_clear()
    try:
        assert "CD-II-d" in {clause.id for clause in unplaced()}
    finally:
        placement.cache_clear()


def test_every_citation_of_the_program_is_of_a_clause_that_exists():
    moves = {**lifecycle.TRANSITIONS, **lifecycle.CLOCK}.values()
    for citation in [d.clause for d, _ in RULES] + [m.clause for m in moves] + [d.clause for d in DUTIES]:
        assert cited(citation)


@pytest.mark.parametrize(
    ("citation", "ids"),
    [
        ("III(b), bullets 1 and 2", ("CD-III-b-1", "CD-III-b-2")),
        ("LAW-EU-5-1 (detention); III(b), bullet 1", ("LAW-EU-5-1", "CD-III-b-1")),
        ("Annex II, 9–11", ("CD-A2-09", "CD-A2-10", "CD-A2-11")),
        ("Section I, parcel of mixed origin", ("CD-I-parcel-mixed",)),
        ("AD-DAQ", ("AD-DAQ-1", "AD-DAQ-2", "AD-DAQ-3")),
    ],
)
def test_citations_are_read_as_people_write_them(citation, ids):
    assert cited(citation) == ids


@pytest.mark.parametrize("citation", ["III(z)", "", "Annex II, 25–29", "AD-NONE", "IV(a); XX"])
def test_a_citation_of_nothing_is_refused(citation):
    with pytest.raises(DataError, match="is no clause"):
        cited(citation)


def test_what_is_built_in_names_a_place_that_exists():
    for ident, where in {**BUILT, **DEFINED}.items():
        assert ident in by_id()
        path = where.split(":")[0]
        try:
            importlib.import_module(path)
        except ModuleNotFoundError:
            module, _, name = path.rpartition(".")
            assert hasattr(importlib.import_module(module), name), where


def test_duties_follow_duties_that_exist():
    codes = [duty.code for duty in DUTIES]
    assert len(set(codes)) == len(codes)
    events = {duty.code for duty in DUTIES if isinstance(duty.rhythm, Event | Within)}
    for duty in DUTIES:
        assert duty.since < duty.until
        if isinstance(duty.rhythm, Within):
            assert duty.rhythm.after in events


def test_the_packaged_clauses_are_those_of_the_source():
    if not SHARED.exists():
        pytest.skip("the source of the clauses is not beside this checkout")
    yaml = pytest.importorskip("yaml")
    source = yaml.safe_load(SHARED.read_text())["clauses"]
    assert [(c.id, c.kind, c.paraphrase) for c in clauses()] == [
        (row["id"], row["kind"], row["paraphrase"]) for row in source
    ]

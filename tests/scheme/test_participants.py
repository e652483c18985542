"""Who was in good standing when: the real register, by date, whatever the order of its facts."""

import json
import random

import pytest
from tests.scheme.world import REGISTER, fact

from adamas.scheme.history import authority_acts, registry_acts
from adamas.scheme.participants import Register
from adamas.scheme.values import parse_number

CASES = [
    ("BW", "2003-08-30", False, "early"),
    ("BW", "2003-08-31", True, "good"),
    ("CG", "2004-07-08", True, "good"),
    ("CG", "2004-07-09", False, "left"),
    ("CG", "2007-11-07", False, "left"),
    ("CG", "2007-11-08", True, "good"),
    ("CI", "2005-11-20", True, "restricted"),
    ("CI", "2005-12-15", False, "un_embargo"),
    ("CI", "2014-04-28", False, "un_embargo"),
    ("CI", "2014-04-29", True, "good"),
    ("LR", "2006-06-01", False, "un_embargo"),
    ("LR", "2007-05-01", False, "absent"),
    ("LR", "2007-05-03", True, "good"),
    ("CF", "2013-05-22", True, "good"),
    ("CF", "2013-05-23", False, "suspended"),
    ("CF", "2015-07-17", True, "restricted"),
    ("CF", "2024-11-14", True, "restricted"),
    ("CF", "2024-11-15", True, "good"),
    ("VE", "2010-01-01", False, "self_suspended"),
    ("VE", "2016-11-17", True, "good"),
    ("GB", "2019-01-01", False, "covered"),
    ("GB", "2021-01-01", True, "good"),
    ("HU", "2004-04-30", True, "good"),
    ("HU", "2004-05-01", False, "covered"),
    ("BE", "2023-01-01", False, "covered"),
    ("HK", "2023-01-01", False, "covered"),
    ("TW", "2023-01-01", True, "good"),
    ("GH", "2007-01-01", True, "restricted"),
    ("ZW", "2010-01-01", True, "restricted"),
    ("QA", "2021-11-11", False, "absent"),
    ("KE", "2015-07-17", False, "absent"),
    ("UZ", "2024-11-15", True, "good"),
]


@pytest.mark.parametrize(("country", "day", "good", "kind"), CASES)
def test_standing_by_date(country, day, good, kind):
    standing = REGISTER.standing(country, day)
    assert (standing.good, standing.kind) == (good, kind)
    assert standing.why.endswith(".")
    assert standing.clause


def test_sixty_participants_cover_eighty_six_countries():
    day = "2025-06-01"
    participants = REGISTER.participants_on(day)
    states = [code for code in REGISTER.covers("EU", day) if code not in ("GL",)]
    assert len(participants) == 60
    assert len(participants) - 1 + len(states) == 86
    assert "TW" not in participants


def test_the_refusal_names_whom_to_write_instead():
    standing = REGISTER.standing("BE", "2023-01-01")
    assert standing.covered_by == "EU"
    assert "EU" in standing.why


def test_observers_sit_in_their_pillars():
    assert REGISTER.observers["wdc"].pillar == "industry"
    assert REGISTER.observers["kp-csc"].pillar == "civil"


def test_the_register_does_not_depend_on_the_order_of_its_facts():
    facts = [act.as_fact(place) for place, act in enumerate(registry_acts())]
    expected = Register.from_history()
    for seed in range(3):
        shuffled = [*facts, *facts[:10]]
        random.Random(seed).shuffle(shuffled)
        register = Register()
        for one in shuffled:
            register.apply(one)
        for country, day, _, _ in CASES:
            assert register.standing(country, day) == expected.standing(country, day)


def test_a_new_measure_gates_trade_on_its_day_and_not_before():
    register = Register.from_history()
    assert register.standing("AO", "2023-05-01").good
    payload = {
        "v": 1, "type": "measure.imposed", "measure": "AO-1", "kind": "suspended", "from": "2023-05-01",
        "clause": "AD-INTERIM-2",
    }  # fmt: skip
    register.apply(fact(payload, "2023-04-20", by="kp:registry/government", on="AO"))
    assert register.standing("AO", "2023-04-30").good
    assert not register.standing("AO", "2023-05-01").good
    lifted = {"v": 1, "type": "measure.lifted", "measure": "AO-1", "from": "2023-09-01"}
    register.apply(fact(lifted, "2023-08-20", by="kp:registry/government", on="AO"))
    assert not register.standing("AO", "2023-08-31").good
    assert register.standing("AO", "2023-09-01").good


def test_an_act_whose_key_was_invalid_changes_nothing():
    register = Register.from_history()
    payload = {"v": 1, "type": "participant.left", "from": "2020-01-01", "why": "removed"}
    register.apply(fact(payload, "2020-01-01", by="kp:registry/government", on="BW", standing="invalid"))
    assert register.standing("BW", "2023-01-01").good


def test_nobody_but_the_registry_speaks_of_participants_and_only_an_own_authority_licenses():
    register = Register.from_history()
    left = {"v": 1, "type": "participant.left", "from": "2020-01-01", "why": "removed"}
    register.apply(fact(left, "2020-01-01", by="kp:ZW/authority", on="BW"))
    licence = {"v": 1, "type": "organisation.licensed", "roles": ["exporter"], "from": "2020-01-01"}
    register.apply(fact(licence, "2020-01-01", by="kp:ZW/authority", on="kp:BW/org/a"))
    register.apply(fact({**left, "from": 7}, "2020-01-01", by="kp:registry/civil", on="BW"))
    assert register.standing("BW", "2023-01-01").good
    assert register.licences == {}


def test_sub_offices_belong_to_their_authority_and_share_its_numbers():
    assert REGISTER.authority("kp:BW/authority/gaborone").issuer == "kp:BW/authority"
    assert REGISTER.authority("kp:BW/org/x") is None
    (span,) = REGISTER.number_ranges("kp:BW/authority")
    assert span.holds(parse_number("BW0001234"), "2023-01-01")
    assert not span.holds(parse_number("BW00001234"), "2023-01-01")
    assert not span.holds(parse_number("ZA0001234"), "2023-01-01")


def test_licences_hold_for_their_time_and_role():
    register = Register.from_history()
    payload = {"v": 1, "type": "organisation.licensed", "roles": ["exporter"], "from": "2023-01-01"}
    register.apply(fact(payload, "2023-01-01", on="kp:BW/org/a"))
    ended = {"v": 1, "type": "licence.ended", "from": "2023-06-01", "why": "withdrawn"}
    register.apply(fact(ended, "2023-05-01", on="kp:BW/org/a"))
    assert register.licensed("kp:BW/org/a", "exporter", "2023-05-31")
    assert not register.licensed("kp:BW/org/a", "importer", "2023-05-31")
    assert not register.licensed("kp:BW/org/a", "exporter", "2023-06-01")


def test_every_stop_and_restriction_of_the_source_became_a_measure(shared):
    source = json.loads((shared / "kp" / "participants.json").read_text())
    wanted = {
        (entry["iso2"], episode["type"])
        for entry in source["participants"]
        for episode in entry["episodes"]
        if episode["type"] in ("suspended", "self_suspended", "restricted", "un_embargo")
    }
    found = {(act.subject, act.payload["kind"]) for act in registry_acts() if act.type == "measure.imposed"}
    assert found == wanted


def test_an_authority_comes_with_its_numbers():
    designated, assigned = authority_acts("NA", digits=8)
    assert designated.subject == assigned.subject == "kp:NA/authority"
    assert assigned.payload["last"] == 99_999_999

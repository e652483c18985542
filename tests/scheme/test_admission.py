"""Each admission rule, by the fault that it names; and a good certificate, on which none of them speaks."""

from __future__ import annotations

import dataclasses
import datetime
import itertools

import pytest
from tests.scheme.world import (
    AS_OF,
    CARATS,
    ISSUE,
    NUMBER,
    OTHER_CARATS,
    OTHER_VALUE,
    REGISTER,
    VALUE,
    at,
    change,
    dispatched,
    event,
    fact,
    issued,
    received,
    validated,
)

from adamas.scheme.admission import RULES, judge, overdue, refusals, supervise
from adamas.scheme.certificates import CertificateRecord, record_of
from adamas.scheme.facts import Fact
from adamas.scheme.history import authority_acts
from adamas.scheme.participants import Register
from adamas.scheme.returns import production_returns
from adamas.scheme.statements import Declared
from adamas.scheme.values import Carats, Parcel, UsdCents

CERTIFICATE = issued()
VALIDATED = validated(CERTIFICATE)
DISPATCHED = dispatched(CERTIFICATE)
RECEIVED = received(CERTIFICATE)
OPEN = record_of([CERTIFICATE])
READY = record_of([CERTIFICATE, VALIDATED])
DONE = record_of([CERTIFICATE, VALIDATED, RECEIVED])
VOID = record_of(
    [
        CERTIFICATE,
        VALIDATED,
        event(CERTIFICATE, "certificate.revoked", "2023-03-08", revoked="2023-03-08", why="void"),
    ]
)
CF = change(number="CF0000001", origin=("CF",), issued="2014-02-03", expires="2014-04-03")
TESTED: set[str] = set()


def codes(
    one: Fact, record: CertificateRecord | None = None, declared: Declared | None = None, **more: object
) -> list[str]:
    """Short codes of all findings."""
    findings = judge(one, record, more.pop("register", REGISTER), AS_OF, declared, **more)
    for finding in findings:
        assert finding.sentence.endswith(".")
        assert "{" not in finding.sentence
        assert finding.clause
        assert one.id in finding.evidence
    found = [finding.code.removeprefix("admission.") for finding in findings]
    TESTED.update(found)
    return found


def test_a_good_certificate_and_its_journey_have_no_findings():
    assert codes(CERTIFICATE, CertificateRecord(NUMBER), ISSUE.declared) == []
    assert codes(VALIDATED, OPEN) == []
    assert codes(DISPATCHED, READY) == []
    found = dataclasses.replace(ISSUE.declared, found_carats=2134, found_value=576_800)
    assert codes(RECEIVED, READY, found) == []


ISSUING = [
    ("number-form", issued(change(number="BW-1"))),
    ("number-out-of-range", issued(change(number="BW123456"))),
    ("wrong-authority exporter-not-participant number-out-of-range", issued(change(number="KE0000001"))),
    ("wrong-authority number-out-of-range", issued(by="kp:ZA/authority")),
    ("no-authority", issued(by="kp:BW/customs")),
    ("exporter-suspended", issued(CF, by="kp:CF/authority")),
    (
        "exporter-restricted",
        issued(dataclasses.replace(CF, issued="2019-01-03", expires="2019-03-01"), by="kp:CF/authority"),
    ),
    ("destination-not-participant", issued(change(to="KE"))),
    ("destination-not-participant", issued(change(to="BE"))),
    ("destination-suspended", issued(change(to="CF", issued="2014-01-01", expires="2014-02-01"))),
    ("to-itself", issued(change(to="BW"))),
    ("expiry-before-issue", issued(change(expires="2023-03-04"))),
    ("validity-long", issued(change(expires="2023-12-04"))),
    ("issued-in-future", issued(day="2023-02-20")),
    ("issued-long-past", issued(day="2023-04-20")),
    ("future", issued(change(issued="2024-03-04", expires="2024-05-01"))),
    ("hs", issued(hs=["710231", "710221"])),
    ("parcel-count", issued(parcels=0)),
    ("two-officers", issued(officers=["is-1", "is-1"])),
    ("two-officers", issued(officers=["is-1"])),
    ("origin", issued(origin=["BW", "ZA", "BW"])),
    ("shares", issued(origin=["BW", "ZA"], shares=[60, 41])),
    ("shares", issued(origin=["BW", "ZA"], shares=[100, 0])),
    ("origin-embargoed", issued(change(origin=("BW", "CI"), issued="2010-01-01", expires="2010-02-01"))),
    ("origin-stopped", issued(change(origin=("BW", "CF"), issued="2014-01-01", expires="2014-02-01"))),
    ("origin-no-producer", issued(change(origin=("AE",)))),
    ("technical-reason", issued(technical="x")),
    ("key-invalid", dataclasses.replace(CERTIFICATE, standing="invalid")),
    ("key-doubtful", dataclasses.replace(CERTIFICATE, standing="doubtful")),
    ("backdated", dataclasses.replace(CERTIFICATE, witnessed_at=at("2023-03-20"))),
]


@pytest.mark.parametrize(
    ("wanted", "one"), ISSUING, ids=[f"{place}-{case[0].split()[0]}" for place, case in enumerate(ISSUING)]
)
def test_a_fault_at_issue_is_named(wanted, one):
    found = codes(one, CertificateRecord(one.subject))
    assert sorted(found) == sorted(wanted.split())


def test_an_eu_certificate_is_valid_for_two_months_at_most():
    one = change(number="EU0000001", to="AE", origin=("BW",), expires="2023-05-10")
    findings = judge(issued(one, by="kp:EU/authority"), CertificateRecord(one.number), REGISTER, AS_OF)
    assert [(finding.code, finding.clause, finding.severity) for finding in findings] == [
        ("admission.validity-long", "LAW-EU-12-5", "finding")
    ]


def test_a_backdated_entry_shows_in_the_order_of_its_log():
    assert codes(CERTIFICATE, log_time=at("2023-03-10")) == []
    assert codes(CERTIFICATE, log_time=at("2023-06-10")) == ["backdated"]


PRIVATE = [
    ("quantities parcel-sum", {"parcels": (Parcel("710231", Carats(0), UsdCents(5)), ISSUE.parcels[1])}),
    ("quantities parcel-sum", {"parcels": (Parcel("710231", Carats(1234), UsdCents(0)), ISSUE.parcels[1])}),
    ("parcel-sum", {"parcels": ISSUE.parcels[:1]}),
    ("parcel-sum", {"carats": 2135}),
    ("parcel-sum", {"value": 1}),
    ("parcel-sum", {"parcels": (ISSUE.parcels[0], ISSUE.parcels[0])}),
    ("parties", {"exporter": " "}),
    ("parties", {"importer": ""}),
    ("no-seal", {"seals": ()}),
]


@pytest.mark.parametrize(("wanted", "changes"), PRIVATE)
def test_a_fault_in_what_is_hidden_is_named_at_the_door(wanted, changes):
    declared = dataclasses.replace(ISSUE.declared, **changes)
    assert codes(CERTIFICATE, CertificateRecord(NUMBER), declared) == wanted.split()


OTHER = {"carats": OTHER_CARATS, "value": OTHER_VALUE}
SENDER_LEFT = Register.from_history(authorities=True)
SENDER_LEFT.apply(
    fact(
        {"v": 1, "type": "measure.imposed", "measure": "BW-x", "kind": "suspended", "from": "2023-03-10",
        "clause": "AD"}, "2023-03-10", by="kp:registry/government", on="BW",
    )
)  # fmt: skip

JOURNEY = [
    ("number-reused", issued(change(importer="another"), parcels=3), OPEN),
    ("not-validated", RECEIVED, OPEN),
    ("certificate-void", RECEIVED, VOID),
    ("certificate-void", DISPATCHED, VOID),
    ("second-confirmation", received(CERTIFICATE, "2023-03-15"), DONE),
    ("illegal-move", validated(CERTIFICATE, "2023-03-06"), READY),
    ("other-certificate", dispatched(issued(change(to="IN"))), READY),
    ("wrong-authority not-destination", received(CERTIFICATE, by="kp:IN/authority", at="IN"), READY),
    ("not-destination", received(CERTIFICATE, at="IN"), READY),
    ("waiting", RECEIVED, None),
    ("event-in-future", validated(CERTIFICATE, "2023-03-09", seconds=at("2023-03-05")), OPEN),
    ("before-issue", validated(CERTIFICATE, "2023-03-03"), OPEN),
    ("before-validation", dispatched(CERTIFICATE, "2023-03-04"), READY),
    ("expired", received(CERTIFICATE, "2023-05-04"), READY),
    ("expired", dispatched(CERTIFICATE, "2023-06-04"), READY),
    ("not-exact", received(CERTIFICATE, sealed=OTHER), READY),
    ("exact-parcels", received(CERTIFICATE, parcels=1), READY),
    ("same-commitments", received(CERTIFICATE, agrees="within"), READY),
    ("discrepancy", received(CERTIFICATE, agrees="discrepancy", sealed=OTHER), READY),
    ("seals", received(CERTIFICATE, seals="broken"), READY),
    ("transit", dispatched(CERTIFICATE, via=("CH", "AE")), READY),
    (
        "replacement-number",
        fact(
            {
                "v": 1,
                "type": "certificate.replaced",
                "replaced": "2023-03-09",
                "by": "ZA0000001",
                "why": "lost",
                "refs": {"certificate": CERTIFICATE.id},
            },
            "2023-03-09",
        ),
        READY,
    ),
    ("empty-correction", event(CERTIFICATE, "certificate.corrected", "2023-03-09", corrected="2023-03-09",
    why="?"), READY), (
        "unknown-correction",
        event(
            CERTIFICATE, "correction.confirmed", "2023-03-09", by="kp:AE/authority", confirmed="2023-03-09",
            refs={"correction": b"x" * 32},
        ),
        READY,
    ),
    (
        "seizer-standing no-authority",
        event(CERTIFICATE, "shipment.seized", "2023-03-09", by="kp:KE/authority", at="KE",
        seized="2023-03-09", why="x"), READY,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "one", "record"),
    JOURNEY,
    ids=[f"{place}-{case[0].split()[0]}" for place, case in enumerate(JOURNEY)],
)
def test_a_fault_on_the_journey_is_named(wanted, one, record):
    assert sorted(codes(one, record)) == sorted(wanted.split())


def test_a_suspension_while_goods_travel_asks_for_an_answer():
    assert codes(RECEIVED, READY, register=SENDER_LEFT) == ["sender-stopped-in-transit"]


def test_a_suspended_importer_cannot_confirm():
    register = Register.from_history(authorities=True)
    payload = {
        "v": 1,
        "type": "measure.imposed",
        "measure": "m",
        "kind": "suspended",
        "from": "2023-03-10",
        "clause": "AD",
    }
    register.apply(fact(payload, "2023-03-10", by="kp:registry/government", on="AE"))
    assert codes(RECEIVED, READY, register=register) == ["receiver-standing"]


@pytest.mark.parametrize(
    ("carats", "value", "parcels", "right"),
    [
        (2134, 576_800, 2, "exact"),
        (2144, 576_800, 2, "within"),
        (2145, 576_800, 2, "discrepancy"),
        (2134, 605_640, 2, "within"),
        (2134, 605_641, 2, "discrepancy"),
        (2134, 576_800, 1, "discrepancy"),
    ],
)
def test_the_office_must_call_what_it_found_by_its_right_name(carats, value, parcels, right):
    for stated in ("exact", "within", "discrepancy"):
        sealed = {"carats": CARATS, "value": VALUE} if stated == "exact" else OTHER
        one = received(CERTIFICATE, agrees=stated, sealed=sealed, parcels=parcels)
        found = dataclasses.replace(ISSUE.declared, found_carats=carats, found_value=value)
        assert ("tolerance" in codes(one, READY, found)) is (stated != right)


REGISTRY_ACT = {"v": 1, "type": "participant.left", "from": "2023-01-01", "why": "removed"}
LICENCE = {"v": 1, "type": "organisation.licensed", "roles": ["exporter"], "from": "2023-01-01"}
A_RETURN = production_returns()[-1].payload()


@pytest.mark.parametrize(
    ("payload", "by", "subject", "good"),
    [
        (REGISTRY_ACT, "kp:registry/civil", "BW", True),
        (REGISTRY_ACT, "kp:BW/authority", "BW", False),
        (LICENCE, "kp:BW/authority", "kp:BW/org/x", True),
        (LICENCE, "kp:ZA/authority", "kp:BW/org/x", False),
        (LICENCE, "kp:BW/org/x", "kp:BW/org/x", False),
        (A_RETURN, "kp:transcriber", "r", True),
        (A_RETURN, f"kp:{A_RETURN['participant']}/authority", "r", True),
        (A_RETURN, "kp:observer/wdc", "r", False),
        (A_RETURN, "kp:EU/authority", "r", False),
    ],
)
def test_who_may_sign_what(payload, by, subject, good):
    found = codes(fact(payload, "2023-01-01", by=by, on=subject))
    assert ("issuer-not-allowed" not in found) is good


RETURNS = {
    "v": 1,
    "type": "return.filed",
    "participant": "BW",
    "period": "2022-H1",
    "kind": "all",
    "carats": 5,
    "value": 7,
    "nil": False,
}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, []),
        ({"filed": at("2022-08-31", 23)}, []),
        ({"filed": at("2022-09-01", 0)}, ["return-late"]),
        ({"filed": at("2022-06-30")}, ["return-too-early"]),
        ({"nil": True}, ["return-nil"]),
        ({"value": 0}, ["return-no-value"]),
        ({"participant": "QA", "period": "2020-H1"}, ["return-not-participant"]),
    ],
)
def test_a_fault_in_a_return_is_named(changes, wanted):
    one = fact({**RETURNS, **changes}, "2023-01-01", by="kp:transcriber", on="BW/production/2022-H1")
    assert codes(one) == wanted


def test_a_payload_of_the_wrong_shape_is_refused_field_by_field():
    payload = {**CERTIFICATE.payload, "to": "Dubai", "issued": "2023-02-30"}
    del payload["officers"]
    findings = judge(fact(payload, "2023-03-04"), None, REGISTER, AS_OF)
    assert {finding.field for finding in findings} == {"to", "issued", "officers"}
    assert len(refusals(findings)) == 3


def test_a_type_that_is_not_the_schemes_has_no_rules():
    assert judge(fact({"v": 1, "type": "tea.served"}, "2023-03-04"), None, REGISTER, AS_OF) == []


def test_a_confirmation_that_does_not_come_is_overdue_from_the_fifteenth_day():
    assert overdue(READY, datetime.date(2023, 5, 17)) is None
    finding = overdue(READY, datetime.date(2023, 5, 18))
    assert (finding.code, finding.evidence) == ("admission.overdue", (CERTIFICATE.id,))
    assert "AE" in finding.sentence
    assert overdue(DONE, AS_OF) is None


def test_supervision_finds_the_same_whatever_the_order():
    facts = [
        CERTIFICATE,
        VALIDATED,
        RECEIVED,
        received(CERTIFICATE, "2023-03-20"),
        issued(change(to="IN"), day="2023-03-06"),
    ]
    results = {tuple(supervise(order, REGISTER, AS_OF)[1]) for order in itertools.permutations(facts)}
    assert len(results) == 1
    assert [finding.code for finding in results.pop()] == [
        "admission.number-reused",
        "admission.second-confirmation",
    ]


def test_supervision_shows_a_confirmation_that_waits():
    record, findings = supervise([RECEIVED], REGISTER, AS_OF)
    assert record.waiting == (RECEIVED.id,)
    assert [(finding.code, finding.severity) for finding in findings] == [("admission.waiting", "note")]


def test_an_authority_that_is_not_designated_yet_cannot_issue():
    register = Register.from_history()
    for act in authority_acts("BW", day="2023-06-01"):
        register.apply(act.as_fact())
    assert codes(CERTIFICATE, register=register) == ["no-authority", "number-out-of-range"]


def test_every_rule_has_a_clause_and_a_sentence_and_a_code_of_its_own():
    keys = [(description.code, description.types) for description, _ in RULES]
    assert len(keys) == len(set(keys))
    for description, function in RULES:
        assert description.clause
        assert description.sentence.endswith((".", "{why}"))
        assert function.__doc__


def test_every_clause_that_is_cited_by_id_stands_in_the_rulebook_of_facts(shared):
    text = (shared / "kp" / "rulebook.yaml").read_text()
    for description, _ in RULES:
        for clause in description.clause.split(";"):
            name = clause.strip().split(" ")[0]
            if name.startswith(("AD-", "LAW-", "CD-")):
                assert f"id: {name}," in text, name

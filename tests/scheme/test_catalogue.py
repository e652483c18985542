"""What the scheme writes has the shape that its catalogue publishes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.scheme.world import ISSUE, NUMBER, change

from adamas.scheme import statements as s
from adamas.scheme.admission import RULES
from adamas.scheme.catalogue import SCHEME_TYPES
from adamas.scheme.history import authority_acts, registry_acts
from adamas.scheme.lifecycle import EVENT_OF_TYPE, EVENTS, TRANSITIONS, lifecycle_markdown
from adamas.scheme.returns import production_returns
from adamas.scheme.rows import columns_markdown
from adamas.scheme.rulebook import rulebook_bytes, rulebook_digest, rules_markdown
from adamas.shapes import check

ID, SEALED = b"i" * 32, {"carats": b"c" * 32, "value": b"v" * 32}
DOCS = Path(__file__).resolve().parents[2] / "docs" / "scheme"

PAYLOADS = [
    s.issued_payload(ISSUE, sealed=SEALED, hidden=[b"b" * 32, b"a" * 32]),
    s.issued_payload(
        change(origin=("BW", "ZA"), shares=(60, 40), technical="fair in Antwerp"), sealed=SEALED, hidden=[],
        replaces=ID
    ),
    s.validated_payload(s.ValidateCommand(NUMBER, "2023-03-05", "va-1"), ID),
    s.dispatched_payload(s.DispatchCommand(NUMBER, "2023-03-05"), ID),
    s.dispatched_payload(s.DispatchCommand(NUMBER, "2023-03-05", ("CH",)), ID),
    s.received_payload(
        s.ReceiveCommand(NUMBER, "AE", "2023-03-12", 2, 1, 1, "intact", "im-1"), ID,
        agrees="within", sealed=SEALED, hidden=[b"a" * 32],
    ),
    s.refused_payload(s.RefuseCommand(NUMBER, "AE", "2023-03-12", "seals"), ID),
    s.returned_payload(s.ReturnCommand(NUMBER, "2023-03-12", "not ordered", "AE0000001"), ID),
    s.seized_payload(s.SeizeCommand(NUMBER, "AE", "2023-03-12", "no import licence"), ID),
    s.revoked_payload(s.RevokeCommand(NUMBER, "2023-03-12", "lost", "in the post"), ID),
    s.replaced_payload(s.ReplaceCommand(NUMBER, "2023-03-12", "BW0001235", "lost"), ID, ID),
    s.corrected_payload(s.CorrectCommand(NUMBER, "2023-03-12", "typing", hs=("710231",), parcels=3), ID,
    sealed=SEALED), s.confirmed_payload("2023-03-13", ID, ID),
    s.forgery_payload(s.ForgeryCommand(NUMBER, "IN", "2023-03-12")),
    *[act.payload for act in registry_acts()],
    *[act.payload for act in authority_acts("BW")],
    *[entry.payload() for entry in production_returns()[::40]],
]  # fmt: skip


def test_every_payload_that_is_built_has_the_shape_of_its_type():
    for payload in PAYLOADS:
        assert check(SCHEME_TYPES.get(payload["type"]), payload) == [], payload


def test_every_event_of_a_certificate_has_a_type_and_every_type_an_event():
    certification = {shape.name for shape in SCHEME_TYPES if shape.desk == "certification"}
    assert set(EVENT_OF_TYPE) == certification
    assert {event for _, event in TRANSITIONS} == set(EVENTS)


def test_rules_look_only_at_types_that_exist():
    names = {shape.name for shape in SCHEME_TYPES}
    for description, _ in RULES:
        assert set(description.types) <= names


def test_the_rulebook_has_one_digest_until_a_rule_changes():
    assert len(rulebook_digest()) == 32
    assert rulebook_bytes() == rulebook_bytes()
    assert rulebook_digest().hex() == "d7f0de6b35dee08025130ecb69ae28b4563ad66e805bdad30983e326cfe0eb32"


@pytest.mark.parametrize(
    ("name", "title", "made"),
    [
        ("lifecycle.md", "The life of a certificate", lifecycle_markdown),
        ("rules.md", "Admission rules", rules_markdown),
        ("columns.md", "Columns of files", columns_markdown),
    ],
)
def test_the_documentation_holds_the_generated_tables(name, title, made):
    text = (
        f"# {title}\n\nGenerated from the code: `ADAMAS_WRITE_DOCS=1 pytest "
        f"tests/scheme/test_catalogue.py` writes it anew.\n\n{made()}"
    )
    if os.environ.get("ADAMAS_WRITE_DOCS") == "1":
        DOCS.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text)
    assert (DOCS / name).read_text() == text

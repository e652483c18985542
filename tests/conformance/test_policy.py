"""Policy files of transparency-dev/formats, read by the text of C2SP tlog-policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adamas.ledger.cosignature import Ed25519Cosigner
from adamas.ledger.errors import NoteError
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.policy import Policy

# The source reads these; the text says that the same witness key may not be listed twice, so we refuse them.
# With the repeated key replaced by another their thresholds are the stated ones (below).
TEXT_REFUSES_REPEATED_KEYS = {"group numerical", "group all", "group any"}
CODES = {
    "policy file must define a quorum": "policy.quorum",
    'quorum component "unknown" not found': "policy.unknown-name",
    "duplicate component name": "policy.duplicate",
    "invalid threshold": "policy.threshold",
    "invalid group name": "policy.name",
}


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((shared / "vectors" / "witness" / "policy.json").read_text())[
        "cases"
    ]
    assert len(loaded) >= 8
    return loaded


def _without_repetition(policy: str) -> str:
    """The same policy, the source's third witness having a key of its own."""
    another = Ed25519Cosigner("example.com", SoftwareSigner.from_seed(bytes(32))).vkey
    lines = policy.split("\n")
    for i, line in enumerate(lines):
        if line.strip().startswith("witness w3 "):
            lines[i] = f"witness w3 {another}"
    return "\n".join(lines)


def test_faulty_policies_are_refused_for_the_stated_reason(cases: list[dict[str, Any]]) -> None:
    for case in cases:
        if "error" not in case:
            continue
        with pytest.raises(NoteError) as refused:
            Policy.parse(_without_repetition(case["policy"]))
        assert refused.value.code == CODES[case["error"]], case["name"]


def test_policies_that_repeat_a_key_are_refused_as_the_text_asks(cases: list[dict[str, Any]]) -> None:
    refused_for = {}
    for case in cases:
        if "threshold" in case:
            with pytest.raises(NoteError) as refused:
                Policy.parse(case["policy"])
            refused_for[case["name"]] = (refused.value.code, refused.value.where)
    assert set(refused_for) == TEXT_REFUSES_REPEATED_KEYS
    assert set(refused_for.values()) == {("policy.duplicate", "line 4")}


def test_the_same_policies_without_repetition_have_the_stated_threshold(cases: list[dict[str, Any]]) -> None:
    for case in cases:
        if "threshold" not in case:
            continue
        policy = Policy.parse(_without_repetition(case["policy"]))
        group = policy.groups[policy.quorum]
        assert group.threshold == case["threshold"], case["name"]
        members = list(group.members)
        assert policy.evaluate(members[: group.threshold]).satisfied
        assert not policy.evaluate(members[: group.threshold - 1]).satisfied

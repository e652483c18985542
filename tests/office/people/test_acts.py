"""Every act that the program writes into the trail has words, and every word belongs to a group of the page."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

import adamas.office
from adamas.office.aftercare import kinds
from adamas.office.arrival import actions as arrival
from adamas.office.arrival import threads
from adamas.office.issuing import lifecycle, stock
from adamas.office.people import acts

SOURCE = Path(adamas.office.__file__).parent


def written() -> dict[str, str]:
    """Patterns of the words that the source writes → where."""
    found: dict[str, str] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and re.match(r"audit\.(record|repeated)", ast.unparse(node.func)):
                given = node.args[0 if "repeated" in ast.unparse(node.func) else 1 : 3]
                word = next((arg for arg in given if isinstance(arg, (ast.Constant, ast.JoinedStr))), None)
                parts = word.values if isinstance(word, ast.JoinedStr) else [word] if word else []
                text = "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in parts)
                if word is not None and "." in text:
                    found[text] = f"{path.relative_to(SOURCE)}:{node.lineno}"
    return found


def test_every_act_of_the_source_has_words() -> None:
    found = written()
    assert len(found) > 40
    wordless = {
        where: text for text, where in found.items() if not any(re.fullmatch(text, w) for w in acts.WORDS)
    }
    assert not wordless


def test_acts_whose_word_is_put_together_have_words() -> None:
    made = {f"application.{act}" for _, act in lifecycle.MOVES}
    made |= {f"aftercare.{kind}.{end}" for kind in kinds.KINDS for end in ("written", "dropped", "signed")}
    made |= {f"arrival.{verdict}" for verdict in arrival.DECIDING}
    made |= {f"question.{state}" for state in (threads.OPEN, threads.ANSWERED, threads.CLOSED)}
    made |= {f"form.{end}" for end in (stock.USED, stock.SPOILED, stock.MISSING)}
    assert made <= set(acts.WORDS)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("after", "review", "In review"),
        ("roles", ["issuing", "auditor"], "Issuing officer, Auditor"),
        ("way", ["password", "totp"], "Password, Codes from an app"),
        ("digest", "ab" * 32, "abababababababab…"),
        ("before", {"name": "Old", "licence": "L-1"}, "name Old, licence L-1"),
        ("evidence", 0, ""),
        ("count", 0, "0"),
        ("why", "x" * 500, "x" * 119 + "…"),
    ],
)
def test_details_are_shown_in_few_words(name: str, value: object, shown: str) -> None:
    assert acts.detail(name, value) == shown


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_words_are_offered_by_group_and_say_different_things(language: str) -> None:
    with translation.override(language):
        offered = [act for _, group in acts.choices() for act in group]
    assert len(offered) == len(acts.WORDS) == len({text for _, text in offered})
    assert {act.partition(".")[0] for act in acts.WORDS} <= set(acts.GROUPS), "every word has a group"
    assert acts.words("of.a-later-version") == "of.a-later-version"

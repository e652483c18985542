"""Pages by hand are true to the code: every file and name that they point to exists, and so does every page."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from adamas.cli.words import WORDS

REPOSITORY = Path(__file__).parents[2]
SOURCE = REPOSITORY / "src" / "adamas"
GUIDES = [
    *(
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/tour.md",
        "docs/conformance.md",
        "docs/dependencies.md",
    ),
    *sorted(str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "docs").glob("*/*.md")),
]


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module defines at its top, and the methods of its classes as ``Class.method``."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found.update(f"{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef))
        for target in node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]:
            if isinstance(target, ast.Name):
                found.add(target.id)
    return frozenset(found)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_place_in_the_code_exists(guide: str) -> None:
    text = (REPOSITORY / guide).read_text(encoding="utf-8")
    for path, name in re.findall(r"`([a-z0-9_/]+\.py):([A-Za-z_.]+)`", text):
        assert (SOURCE / path).is_file(), path
        assert name in names_in(SOURCE / path), f"{path} has no {name}"


@pytest.mark.parametrize("guide", ["CONTRIBUTING.md", "docs/tour.md"])
def test_every_file_and_folder_named_exists(guide: str) -> None:
    text = (REPOSITORY / guide).read_text(encoding="utf-8")
    for path in re.findall(r"`([a-z_]+/[a-z0-9_/.]*)`", text):
        assert (SOURCE / path).exists() or (REPOSITORY / path).exists(), path


@pytest.mark.parametrize("guide", GUIDES)
def test_links_lead_somewhere(guide: str) -> None:
    page = REPOSITORY / guide
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{guide} links to {target}"


@pytest.mark.parametrize("guide", ["CONTRIBUTING.md", "docs/tour.md"])
def test_the_guides_point_into_the_code(guide: str) -> None:
    text = (REPOSITORY / guide).read_text(encoding="utf-8")
    assert len(re.findall(r"\.py:[A-Za-z]", text)) >= 8


@pytest.mark.parametrize("guide", GUIDES)
def test_every_word_of_the_command_line_exists(guide: str) -> None:
    text = (REPOSITORY / guide).read_text(encoding="utf-8")
    for word in re.findall(r"`adamas ([a-z]+)", text):
        assert word in WORDS, f"{guide} names adamas {word}"

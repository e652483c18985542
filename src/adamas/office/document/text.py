"""Text of other people made printable, and the printed words of each language.

Names come from outside. Layout controls are taken out (they can make a line read as another), what no bundled font
holds becomes □, and each text says which way it runs. It reaches typst as data, so that nothing in it is markup.
"""

from __future__ import annotations

import tomllib
import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FONTS = HERE / "fonts"
LANGUAGES = ("en", "fr", "pt", "ru", "ar", "zh")
UNPRINTABLE = "□"
_JOINERS = "\u200c\u200d"
_MAX_MARKS = 2
_BREAK_AFTER = 24
_ZERO_WIDTH_SPACE = "\u200b"


@cache
def words(language: str) -> dict[str, str]:
    """Key → printed text in one of :data:`LANGUAGES`."""
    found: dict[str, str] = _texts()[language]
    return found


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((HERE / "texts.toml").read_text(encoding="utf-8"))


@cache
def _coverage() -> tuple[list[int], list[int]]:
    lines = (FONTS / "coverage.txt").read_text(encoding="ascii").split()
    pairs = [line.split("-") for line in lines]
    return [int(first, 16) for first, _ in pairs], [int(last, 16) for _, last in pairs]


def covered(char: str) -> bool:
    """Whether a bundled font has the character."""
    starts, ends = _coverage()
    place = bisect_right(starts, ord(char)) - 1
    return place >= 0 and ord(char) <= ends[place]


def printable(text: str) -> str:
    """The text on one line, without controls and surrogates; what cannot be printed as □."""
    out: list[str] = []
    marks = 0
    for given in unicodedata.normalize("NFC", text):
        category = unicodedata.category(given)
        char = " " if given.isspace() or category == "Cc" else given
        if category in ("Cf", "Cs") and char not in _JOINERS:
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MAX_MARKS:
            continue
        if char == " " and (not out or out[-1] == " "):
            continue
        out.append(char if char == " " or covered(char) else UNPRINTABLE)
    return "".join(out).rstrip()


def breakable(text: str) -> str:
    """The text with places to break a line inside words that are longer than any box."""
    return " ".join(
        word
        if len(word) <= _BREAK_AFTER or _ideographic(word)
        else _ZERO_WIDTH_SPACE.join(word[n : n + _BREAK_AFTER] for n in range(0, len(word), _BREAK_AFTER))
        for word in text.split(" ")
    )


def _ideographic(word: str) -> bool:
    return sum(unicodedata.east_asian_width(char) in "WF" for char in word) * 2 > len(word)


def runs_right_to_left(text: str) -> bool:
    """Whether the first letter of the text belongs to a script that runs from right to left."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def shown(text: str, limit: int | None = None) -> dict[str, Any]:
    """A text as the templates take it: ``t`` (cut at ``limit`` with …) and ``rtl``."""
    plain = printable(text)
    if limit is not None and len(plain) > limit:
        plain = plain[: limit - 1].rstrip() + "…"
    return {"t": breakable(plain), "rtl": runs_right_to_left(plain)}

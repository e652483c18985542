"""Names of countries in the six languages of the office, by their two letters.

`countries.json` holds what the Unicode CLDR says (docs/dependencies.md), with the names that documents of the Kimberley
Process use where CLDR has a shorter one. English names of Participants come from the list of Participants itself.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from adamas.scheme import history

_FILE = Path(__file__).with_name("countries.json")


@cache
def _names() -> dict[str, dict[str, str]]:
    """Language → code → name."""
    rows: dict[str, list[str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    languages = rows.pop("")
    names = {lang: {code: row[place] for code, row in rows.items()} for place, lang in enumerate(languages)}
    names["en"] |= history.names()
    return names


@cache
def _codes() -> dict[str, str]:
    """English name of a Participant → its code."""
    return {name: code for code, name in history.names().items()}


def country_name(code: str) -> str:
    """The name in the language of the reader; the code itself if it is none."""
    names = _names()
    here = names.get(get_language() or "en", names["en"])
    return here.get(code) or names["en"].get(code, code)


def of_english_name(name: str) -> str | None:
    """The name in the language of the reader of a country that is named in English; None if it is no Participant's."""
    code = _codes().get(name)
    return None if code is None else country_name(code)

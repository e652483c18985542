"""Sentences of the rooms without Django, in the language of who reads them.

A rule, a parser or the verifier says what is wrong in English, for logs, files and the command line. At the edge
:func:`said` finds the template that such a sentence was made of (:mod:`.extract` reads them from the source), looks up
its translation, and puts the values in again. What is in no catalogue stays English. Codes and clauses are never
translated. docs/decisions/2026-11-25-sentences-in-six-languages.md says why it is done so.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, get_language_bidi, gettext

from adamas.office.web.countries import of_english_name
from adamas.office.web.sentences import said_by_desks, said_by_doors, said_by_proofs, said_by_scheme
from adamas.office.web.sentences.matching import Catalogue, fill
from adamas.office.web.sentences.words import word

LONGEST = 4_000
"""A longer text is no sentence of ours and is left as it is."""
KEPT = 400
"""The answer for a text of this length is kept for the next time; longer ones are rare and would fill the memory."""
MAX_SENTENCES = 8
"""So many sentences in a row are looked at one by one."""
SAYS = frozenset({"why", "sentence", "sentences", "error", "doc", "first", "key", "what", "last"})
"""Holes in which a sentence of ours may stand: they are looked up again."""
WORDS = frozenset(
    {"state", "event", "role", "seals", "right", "stated", "who", "verdict", "end", "what", "view"}
)
"""Holes in which a word of ours stands: a state, an event, a role."""
NAMES = frozenset({"name", "by", "participant", "to", "at", "asker", "country"})
"""Holes in which the English name of a country may stand."""

CATALOGUE = Catalogue(
    dict.fromkeys(
        [
            *said_by_scheme.TEMPLATES,
            *said_by_proofs.TEMPLATES,
            *said_by_desks.TEMPLATES,
            *said_by_doors.TEMPLATES,
        ]
    )
)
_STOPS = {"zh-hans": "。"}
_NO_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_OPEN, _CLOSE = "\u2068", "\u2069"


def said(sentence: Any) -> str:
    """A sentence, title, description or Participant's name of ours in the language of the reader; else as it is.

    Values in it are kept as they are. Between Arabic letters each is isolated (U+2068, U+2069), so that a number or a
    name does not turn the order of what stands around it; marks of direction inside such a value are left out.
    """
    text = "" if sentence is None else str(sentence)
    language = get_language() or "en"
    if language == "en" or not text or len(text) > LONGEST:
        return text
    return _kept(language, text) if len(text) <= KEPT else _in_language(language, text)


@lru_cache(maxsize=1_024)
def _kept(language: str, text: str) -> str:
    return _in_language(language, text)


def _in_language(language: str, text: str) -> str:
    return _whole(language, text, 0) or _one_by_one(language, text) or of_english_name(text) or text


def _whole(language: str, text: str, depth: int) -> str | None:
    """The text as one sentence of the catalogue; also one that was given its full stop later."""
    for given, stop in ((text, ""), (text[:-1], _STOPS.get(language, "."))):
        if stop and not text.endswith("."):
            break
        found = CATALOGUE.find(given)
        if found is None:
            continue
        template, values = found
        translated = _translated(language, template.msgid)
        if translated is None:
            return None
        shown = {name: _shown(language, name, value, depth) for name, value in values.items()}
        return fill(translated, shown) + stop
    return None


@lru_cache(maxsize=8_192)
def _translated(language: str, msgid: str) -> str | None:
    """A template in the language that is in force, which is this one; None if the catalogue has none."""
    translated = gettext(msgid)
    return None if translated == msgid else translated


def _one_by_one(language: str, text: str, depth: int = 0) -> str | None:
    """A sentence with its advice, or a few in a row: each by itself; None if none is known."""
    ends = [place + 1 for place in range(len(text) - 1) if text[place] in ".?" and text[place + 1] == " "]
    ends = ends[:MAX_SENTENCES]
    for end in reversed(ends):
        first = _whole(language, text[:end], depth)
        if first is not None:
            rest = text[end + 1 :]
            return f"{first} {_whole(language, rest, depth) or _one_by_one(language, rest, depth) or rest}"
    for end in ends:  # the first one is not ours; what follows may be
        after = _whole(language, text[end + 1 :], depth)
        if after is not None:
            return f"{text[:end]} {after}"
    return None


def _shown(language: str, name: str, value: str, depth: int) -> str:
    """What stands in a hole: our own words translated, everything else as it is."""
    name = name.rstrip("0123456789")
    if name in WORDS:
        given = word(value)
        if given is not None:
            return given
    if name in SAYS and depth < 3:
        deeper = _whole(language, value, depth + 1) or _one_by_one(language, value, depth + 1)
        if deeper is not None:
            return deeper
    if name in NAMES:
        value = of_english_name(value) or value
    if not get_language_bidi():
        return value
    if not value.isascii():
        value = value.translate(_NO_CONTROLS)
    return f"{_OPEN}{value}{_CLOSE}"

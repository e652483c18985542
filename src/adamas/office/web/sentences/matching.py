"""Finds the template that a sentence was made of, in time that grows with the sentence's length and nothing else.

No regular expression: values come from users, and an expression with several holes can take for ever on a text made
for it. The pieces of a template that are written out are searched one after the other from the left; if they are all
there in order, the text fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_HOLE = re.compile(r"\{(\w+)\}")
_KEY = 6
"""Letters at the beginning, or at the end, by which templates are looked up."""


@dataclass(frozen=True, slots=True)
class Template:
    """A msgid, its written pieces (one more than holes), the names of its holes, and how much of it is written out."""

    msgid: str
    pieces: tuple[str, ...]
    names: tuple[str, ...]
    weight: int

    @classmethod
    def of(cls, msgid: str) -> Template:
        """Takes a msgid apart."""
        parts = _HOLE.split(msgid)
        return cls(msgid, tuple(parts[::2]), tuple(parts[1::2]), sum(map(len, parts[::2])))

    def match(self, text: str) -> dict[str, str] | None:
        """The values of the holes if the text can have been made of this template."""
        head, tail = self.pieces[0], self.pieces[-1]
        if not self.names:
            return {} if text == head else None
        if len(text) < self.weight or not text.startswith(head) or not text.endswith(tail):
            return None
        place, last = len(head), len(text) - len(tail)
        values = []
        for piece in self.pieces[1:-1]:
            found = text.find(piece, place, last)
            if found < 0:
                return None
            values.append(text[place:found])
            place = found + len(piece)
        values.append(text[place:last])
        return dict(zip(self.names, values, strict=True))


class Catalogue:
    """Templates by how they begin or, if a hole comes first, by how they end."""

    def __init__(self, msgids: Iterable[str]) -> None:
        self._whole: dict[str, Template] = {}
        self._by_head: dict[str, list[Template]] = {}
        self._by_tail: dict[str, list[Template]] = {}
        self._others: list[Template] = []
        for template in sorted(map(Template.of, msgids), key=lambda one: -one.weight):
            head, tail = template.pieces[0], template.pieces[-1]
            if not template.names:
                self._whole[template.msgid] = template
            elif len(head) >= _KEY:
                self._by_head.setdefault(head[:_KEY], []).append(template)
            elif len(tail) >= _KEY:
                self._by_tail.setdefault(tail[-_KEY:], []).append(template)
            else:
                self._others.append(template)

    def __iter__(self) -> Iterator[Template]:
        """Every template."""
        yield from self._whole.values()
        for group in (*self._by_head.values(), *self._by_tail.values()):
            yield from group
        yield from self._others

    def find(self, text: str) -> tuple[Template, dict[str, str]] | None:
        """The template that fits, and the values in its holes.

        One that begins as the text does goes before one that begins with a hole: the latter may be the sentence inside
        the former. Otherwise the heavier one is meant.
        """
        whole = self._whole.get(text)
        if whole is not None:
            return whole, {}
        for template in self._by_head.get(text[:_KEY], ()):
            values = template.match(text)
            if values is not None:
                return template, values
        best: tuple[Template, dict[str, str]] | None = None
        for group in (self._by_tail.get(text[-_KEY:], ()), self._others):
            for template in group:
                if best is not None and template.weight <= best[0].weight:
                    break
                values = template.match(text)
                if values is not None:
                    best = (template, values)
                    break
        return best


def fill(template: str, values: Mapping[str, str]) -> str:
    """Puts values into the holes of a translated template; what is no hole of it stays."""
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), template)

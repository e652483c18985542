"""The clauses of the scheme: the Core Document and the administrative decisions, one entry each, with its dates.

Citations in rules are written as people write them (``III(b), bullet 2; LAW-EU-5-1``); :func:`cited` finds the
entries that are meant. What the code does for each clause is :mod:`adamas.scheme.placement`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast

from adamas.scheme import data
from adamas.scheme.errors import DataError

ClauseKind = Literal["rule", "attestation", "definition", "recommendation"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. ``start`` and ``until`` are ISO texts of day, month or year; empty for the Core Document.

    ``kind`` is what the source says can be done with it: *rule* (records show whether it is kept), *attestation*
    (somebody must state it), *definition*, *recommendation*. ``confidence`` is text (read) or recalled.
    """

    id: str
    section: str
    clause: str
    paraphrase: str
    who: tuple[str, ...]
    kind: ClauseKind
    needs: tuple[str, ...]
    start: str
    until: str
    sources: tuple[str, ...]
    confidence: str
    note: str

    @property
    def cite(self) -> str:
        """As rules cite it: ``III(c)``, ``Annex I A, weight``, ``AD-DAQ-2``."""
        if not self.id.startswith("CD-"):
            return self.id
        if self.id.startswith("CD-PRE"):
            return f"Preamble, {self.clause}"
        if self.id.startswith("CD-I-"):
            return f"Section I, {self.clause}"
        annex = re.match(r"CD-A([123])", self.id)
        if annex is None:
            return self.clause
        if annex[1] == "3":
            rest = self.clause.removeprefix("III")
            return f"Annex III{rest}" if rest != self.clause else f"Annex III, {rest}"
        return f"Annex {'I' * int(annex[1])}{',' if annex[1] == '2' else ''} {self.clause}"


@cache
def clauses() -> tuple[Clause, ...]:
    """Every clause in the order of the documents."""
    return tuple(_clause(row) for row in data.clauses()["clauses"])


@cache
def by_id() -> dict[str, Clause]:
    """Id → clause."""
    return {clause.id: clause for clause in clauses()}


@cache
def sources() -> dict[str, dict[str, str]]:
    """Key of a source → title and address."""
    return cast(dict[str, dict[str, str]], data.clauses()["sources"])


@cache
def cited(citation: str) -> tuple[str, ...]:
    """Ids of the clauses that a citation means, in its order.

    Parts are divided by semicolons; remarks in brackets after a space are left out; ``Annex II, 9–16`` and
    ``III(b), bullets 1 and 2`` mean each of them. Raises ``DataError`` (data.clause) for a part that means none:
    a rule that cites nothing real does not get into the rulebook.
    """
    found: list[str] = []
    for part in citation.split(";"):
        text = re.sub(r" \(.*?\)", "", part).strip()
        ids = _meant(text)
        if not ids:
            raise DataError("data.clause", f"“{text}” is no clause of the scheme")
        found += [ident for ident in ids if ident not in found]
    return tuple(found)


@cache
def _by_cite() -> dict[str, str]:
    table: dict[str, str] = {}
    for clause in clauses():
        table.setdefault(clause.cite.lower(), clause.id)
        table[clause.id.lower()] = clause.id
    return table


def _meant(text: str) -> list[str]:
    table = _by_cite()
    if text.lower() in table:
        return [table[text.lower()]]
    span = re.fullmatch(r"(Annex II, )(\d+)[–-](\d+)", text)
    if span is not None:
        names = [f"{span[1]}{number}" for number in range(int(span[2]), int(span[3]) + 1)]
    elif (bullets := re.fullmatch(r"(III\(b\)), bullets (\d) and (\d)", text)) is not None:
        names = [f"{bullets[1]}, bullet {number}" for number in bullets.groups()[1:]]
    elif (letters := re.fullmatch(r"(.*)\(([a-z])\)[–-]\(([a-z])\)", text)) is not None:
        names = [f"{letters[1]}({chr(code)})" for code in range(ord(letters[2]), ord(letters[3]) + 1)]
    else:
        # a whole section, decision or article stands for its parts: Annex I A, AD-DAQ
        heads = (f"{text}-", f"{text}(", f"{text},")
        return [c.id for c in clauses() if c.id.startswith(heads[0]) or c.cite.startswith(heads)]
    ids = [table.get(name.lower(), "") for name in names]
    return ids if all(ids) else []


def _clause(row: dict[str, Any]) -> Clause:
    return Clause(
        id=row["id"],
        section=row["section"],
        clause=row["clause"],
        paraphrase=row["paraphrase"],
        who=tuple(row["who"]),
        kind=row["kind"],
        needs=tuple(row["needs"]),
        start=row.get("from") or "",
        until=row.get("until") or "",
        sources=tuple(row["sources"]),
        confidence=row["confidence"],
        note=row.get("note", ""),
    )

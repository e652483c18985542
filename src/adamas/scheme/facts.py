"""A fact: an effective statement, as the scheme sees it, with its place in a log and the standing of its
key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

KeyStanding = Literal["valid", "doubtful", "invalid"]
_RANK = {"valid": 0, "doubtful": 1, "invalid": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """One statement that took effect. Two facts with one id are one fact, however often it was copied.

    ``at`` is the time claimed by the issuer and ``witnessed_at`` that of the cosigned checkpoint (seconds
    since 1970, UTC; None while no witness has spoken). ``standing`` is that of the key at this place in the
    log.
    """

    id: bytes
    type: str
    issuer: str
    subject: str
    at: int
    payload: Mapping[str, Any]
    origin: str = ""
    index: int = -1
    witnessed_at: int | None = None
    standing: KeyStanding = "valid"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def refs(self) -> Mapping[str, bytes]:
        """Statements that this one refers to: name → id."""
        refs: Mapping[str, bytes] = self.payload.get("refs") or {}
        return refs


def _copy_rank(fact: Fact) -> tuple[int, str, int]:
    return (_RANK[fact.standing], fact.origin, fact.index)


def distinct(facts: Iterable[Fact]) -> dict[bytes, Fact]:
    """Facts by id. Of several copies the one with the best standing counts, whatever came first."""
    found: dict[bytes, Fact] = {}
    for fact in facts:
        held = found.get(fact.id)
        if held is None or _copy_rank(fact) < _copy_rank(held):
            found[fact.id] = fact
    return found

"""The real register as registry acts, from the packaged facts: what a registry log is filled with on its
first day.

Dates known only by month or year are taken at their first day, with ``precision`` saying so; ``by`` means at
the latest then. An episode marked ``on_list`` only bounds a date and gives no act; ``provisional`` lists of
2003 gave no standing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from adamas.scheme import data
from adamas.scheme.facts import Fact
from adamas.scheme.participants import FIRST_DAY
from adamas.scheme.values import ordinal

TRANSCRIBED_BY = "kp:registry/government"

CLAUSES: dict[tuple[str, str], str] = {
    ("CF", "suspended"): "AD-CAR-2013",
    ("CF", "restricted"): "AD-CAR-2015-1",
    ("CI", "restricted"): "AD-COTEDIVOIRE-2005",
    ("CI", "un_embargo"): "UNSC 1643 (2005)",
    ("LR", "un_embargo"): "UNSC 1343 (2001), 1521 (2003)",
    ("GH", "restricted"): "AD-GHANA-2006",
    ("VE", "self_suspended"): "AD-SELFSUSPEND",
    ("ZW", "restricted"): "AD-MARANGE-2009",
}
"""The decision behind each measure, by Participant and kind (ids of the rulebook)."""

_PILLARS = {"industry": "industry", "civil society": "civil"}
_ALSO_COVERED = (("HK", "CN", "2003-08-31"), ("LI", "CH", "2003-08-31"), ("GL", "EU", "2003-08-31"))


@dataclass(frozen=True, slots=True)
class RegistryAct:
    """One act of the registry: statement type, subject and whole payload, and the day from which it
    counts."""

    type: str
    subject: str
    day: str
    payload: dict[str, Any]

    def as_fact(self, index: int = -1) -> Fact:
        """The act as a fact outside any log: its id is a digest of its content, not of signed bytes."""
        content = json.dumps([self.subject, self.payload], sort_keys=True, default=bytes.hex).encode()
        at = ordinal(self.day) * 86_400
        return Fact(
            hashlib.sha256(content).digest(),
            self.type,
            TRANSCRIBED_BY,
            self.subject,
            at,
            self.payload,
            index=index,
        )


def _act(type_name: str, subject: str, day: str, /, **fields: Any) -> RegistryAct:
    kept = {name: value for name, value in fields.items() if value not in (None, "")}
    return RegistryAct(type_name, subject, day, {"v": 1, "type": type_name, "from": day, **kept})


def first_day(date: str) -> str:
    """``2006-11`` → ``2006-11-01``; ``2005`` → ``2005-01-01``."""
    return date + "-01-01"[len(date) - 4 :]


def _origin(entry: dict[str, Any]) -> dict[str, Any]:
    sources = data.participants()["sources"]
    titles = "; ".join(sources[key]["title"] if key in sources else key for key in entry.get("source", ()))
    precision = entry.get("precision")
    return {
        "source": titles[:400],
        "confidence": entry.get("confidence"),
        "note": entry.get("note"),
        "precision": precision if precision != "day" else None,
    }


def _participant_acts(entry: dict[str, Any]) -> list[RegistryAct]:
    code = entry["iso2"]
    episodes = entry["episodes"]
    producer = "producer" in entry["role"]
    acts = []
    for episode in episodes:
        kind, day = episode["type"], first_day(episode["date"])
        if kind in ("founding", "admitted"):
            acts.append(
                _act(
                    "participant.admitted",
                    code,
                    day,
                    name=entry["kp_name"],
                    act=kind,
                    producer=producer or None,
                    **_origin(episode),
                )
            )
        elif kind == "removed":
            acts.append(_act("participant.left", code, day, why="removed", **_origin(episode)))
            back = next(other for other in episodes if other["type"] == "readmitted")
            acts.append(
                _act(
                    "participant.admitted",
                    code,
                    first_day(episode["until"]),
                    name=entry["kp_name"],
                    act="readmitted",
                    producer=producer or None,
                    **_origin(back),
                )
            )
        elif (code, kind) in CLAUSES:
            name = f"{code}-{day}-{kind}"
            clause = CLAUSES[code, kind]
            acts.append(
                _act("measure.imposed", code, day, measure=name, kind=kind, clause=clause, **_origin(episode))
            )
            acts.append(
                _act("measure.lifted", code, first_day(episode["until"]), measure=name, **_origin(episode))
            )
        elif kind == "covered":
            continue
    return acts


def _former_acts(entry: dict[str, Any]) -> list[RegistryAct]:
    code = entry["iso2"]
    origin = _origin({**entry, "note": entry["reason"]})
    return [
        _act(
            "participant.admitted",
            code,
            first_day(entry["admitted"]),
            name=entry["kp_name"],
            act="admitted",
            **origin,
        ),
        _act("participant.left", code, first_day(entry["until"]), why="merged", **origin),
    ]


@cache
def names() -> dict[str, str]:
    """Alpha-2 → the name of each Participant, past or present, as the Kimberley Process writes it."""
    source = data.participants()
    entries = (*source["former_participants"], *source["other_entities"], *source["participants"])
    return {entry["iso2"]: entry["kp_name"] for entry in entries}


@cache
def registry_acts() -> tuple[RegistryAct, ...]:
    """Admissions, departures, measures, covered territories and observers, in order of date.

    Before the first confirmed list nobody is a Participant, so admissions are dated at its day at the
    earliest.
    """
    content = data.participants()
    acts: list[RegistryAct] = []
    for entry in content["participants"]:
        acts += _participant_acts(entry)
        for member in entry.get("members", ()):
            acts.append(
                _act(
                    "territory.covered",
                    member["iso2"],
                    member["from"],
                    by=entry["iso2"],
                    confidence="recalled",
                )
            )
        for member in entry.get("former_members", ()):
            # the file gives the last day inside; the register wants the first day outside
            acts.append(
                _act(
                    "territory.covered", member["iso2"], member["from"], by=entry["iso2"], until="2021-01-01"
                )
            )
    for entry in content["former_participants"]:
        acts += _former_acts(entry)
    for entry in content["other_entities"]:
        acts.append(
            _act(
                "participant.admitted",
                entry["iso2"],
                FIRST_DAY,
                name=entry["kp_name"],
                act="entity",
                **_origin({**entry, "note": entry["status"]}),
            )
        )
    for country, by, day in _ALSO_COVERED:
        acts.append(_act("territory.covered", country, day, by=by, confidence="recalled"))
    for entry in content["observers"]:
        acts.append(
            _act(
                "observer.invited",
                entry["short"].lower().replace(" ", "-"),
                first_day(entry["since"]),
                name=entry["name"],
                pillar=_PILLARS.get(entry["pillar"], "independent"),
                **_origin(entry),
            )
        )
    return tuple(sorted(acts, key=lambda act: (act.day, act.type, act.subject)))


def authority_acts(
    code: str, *, day: str = FIRST_DAY, digits: int = 7, name: str | None = None
) -> tuple[RegistryAct, ...]:
    """A standard authority for a Participant, with all serials of the given length: for new registries and
    demos.

    Which authorities and ranges the real ones use is not public (rulebook, known gaps).
    """
    issuer = f"kp:{code}/authority"
    return (
        _act(
            "authority.designated",
            issuer,
            day,
            participant=code,
            name=name or f"Importing and exporting authority of {code}",
            roles=["exporting", "importing"],
        ),
        _act("range.assigned", issuer, day, code=code, digits=digits, first=1, last=10**digits - 1),
    )

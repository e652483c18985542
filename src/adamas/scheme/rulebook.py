"""The rulebook as data: its canonical bytes, their digest for ``rulebook.adopted``, and a table for the
documentation.

The digest covers the descriptions (code, clause, title, severity, field, sentence, statement types, dates),
the lifecycle table and the tolerances: what a working group adopts. It does not cover the code of the
functions; the edition of the package says which code that was.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache

from adamas.scheme import arrival, lifecycle
from adamas.scheme.admission import RULES

EDITION = "2026-11"


def rulebook_bytes() -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: the same on every machine."""
    content = {
        "edition": EDITION,
        "rules": sorted(
            (asdict(description) for description, _ in RULES), key=lambda r: (r["code"], r["clause"])
        ),
        "lifecycle": sorted(
            [state.value, event, move.to.value, move.clause, lifecycle.EVENTS[event][0]]
            for (state, event), move in lifecycle.TRANSITIONS.items()
        ),
        "clock": sorted(
            [s.value, event, move.to.value, move.clause] for (s, event), move in lifecycle.CLOCK.items()
        ),
        "tolerances": {
            "carats_per_mille": arrival.CARATS_PER_MILLE,
            "carats_per_parcel": arrival.CARATS_PER_PARCEL,
            "value_per_cent": arrival.VALUE_PER_CENT,
            "confirmation_days": lifecycle.CONFIRMATION_DAYS,
        },
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@cache
def rulebook_digest() -> bytes:
    """SHA-256 of :func:`rulebook_bytes`."""
    return hashlib.sha256(rulebook_bytes()).digest()


def rules_markdown() -> str:
    """Every rule with its clause in Markdown; the documentation holds this text and a test compares."""
    lines = ["| code | clause | what must hold | severity | statements |", "|---|---|---|---|---|"]
    for description, _ in RULES:
        types = "any" if len(description.types) > 12 else ", ".join(description.types)
        lines.append(
            f"| {description.code} | {description.clause} | {description.title} | {description.severity} | "
            f"{types} |"
        )
    return "\n".join(lines) + "\n"

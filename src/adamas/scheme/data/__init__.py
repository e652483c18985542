"""Packaged facts of the scheme: Participants, history, clauses and production returns. See SOURCES.md for
where they are from.

This is the only module of the scheme that reads files, and it reads only those of the package.
"""

from __future__ import annotations

import csv
import json
from functools import cache
from importlib.resources import files
from typing import Any

from adamas.scheme.errors import DataError


def read_text(name: str) -> str:
    """The text of one packaged file. Raises ``DataError`` if the installation lacks it."""
    try:
        return files(__package__).joinpath(name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(
            "data.missing", f"the packaged file {name} is missing", advice="Install the package again."
        ) from None


@cache
def participants() -> dict[str, Any]:
    """``participants.json``: dated episodes of every Participant, former ones, EU states, observers."""
    content: dict[str, Any] = json.loads(read_text("participants.json"))
    return content


@cache
def history() -> dict[str, Any]:
    """``history.json``: dated events 1998–2025."""
    content: dict[str, Any] = json.loads(read_text("history.json"))
    return content


@cache
def clauses() -> dict[str, Any]:
    """``clauses.json``: the 202 clauses of the Core Document and the decisions, with their sources."""
    content: dict[str, Any] = json.loads(read_text("clauses.json"))
    return content


@cache
def production_rows() -> tuple[dict[str, str], ...]:
    """``production_halfyear.csv``: 1,529 half-yearly production returns, 2003–2024, as rows of text."""
    return tuple(csv.DictReader(read_text("production_halfyear.csv").splitlines()))

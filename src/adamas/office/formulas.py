"""Cells that a spreadsheet would run as a formula, in every file that leaves the office.

What starts like a formula gets an apostrophe before it, which a spreadsheet takes for "this is text". A plain number
(`-12.50`) is left as it is: programs add such columns up, and no spreadsheet runs a number.
"""

from __future__ import annotations

import re
from typing import Any

BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; values that are no text are left."""
    if isinstance(cell, str) and cell.startswith(BEGINS) and NUMBER.fullmatch(cell) is None:
        return "'" + cell
    return cell


def meant(cell: str) -> str:
    """The text that was meant: takes off the apostrophe that :func:`harmless` put there."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(BEGINS) else cell

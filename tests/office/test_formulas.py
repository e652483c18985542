"""What every file that leaves the office says of cells that a spreadsheet would run."""

from __future__ import annotations

import pytest

from adamas.office.formulas import harmless, meant


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd|'/C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "-",
        "+1,5",
        "-1e3",
        "-١",
    ],
)
def test_a_formula_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert meant(harmless(cell)) == cell


@pytest.mark.parametrize("cell", ["-12.50", "+3", "12", "a=b", "", "'quoted", -5, -2.5, None, True])
def test_plain_numbers_and_other_values_stay(cell: object) -> None:
    assert harmless(cell) is cell

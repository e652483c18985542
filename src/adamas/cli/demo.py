"""`adamas demo`: a year of the scheme, planted faults, and one certificate checked with the network off."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adamas.cli.session import Json


def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where the demo's logs and offices go.", metavar="DIR")
    ] = Path("demo"),
    certificates: Annotated[int, typer.Option(help="How many certificates the year has.", min=100)] = 20_000,
    seed: Annotated[int, typer.Option(help="Another number, another year.")] = 2003,
    json: Json = False,
) -> int:
    """Runs a labelled synthetic year of the scheme from real totals, and finds the faults planted in it."""
    from adamas.demo.run import run

    return int(run(folder, certificates=certificates, seed=seed, json=json) or 0)

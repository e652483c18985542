"""`adamas replay`: every view computed again from the log, compared with the live ones or put in their
place.
"""

from __future__ import annotations

from typing import Annotated

import typer

from adamas.cli import desk, exits, output
from adamas.cli.session import Home, Json


def replay(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare with the live views; change nothing.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> int:
    """Rebuild every table and page from the log, or check that they are what the log says."""
    with desk.office() as office, desk.Progress("replayed") as progress:
        from adamas.office.log import replay as replaying

        done = replaying.verify(office, progress) if check else replaying.rebuild(office, progress)
    facts = {"statements": done.statements, "views": done.digests, "checked": check, "equal": True}
    word = "The live views are what the log says" if check else "Every view was written again from the log"
    output.show(
        facts,
        lambda: output.pairs(
            f"{word}: {done.statements:,} statements.",
            [(name, digest[:16] + "…") for name, digest in sorted(done.digests.items())],
        ),
    )
    return exits.OK

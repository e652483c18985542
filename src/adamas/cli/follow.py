"""`adamas follow`: a verified copy of other offices' logs, projected beside the own one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.session import Home, Json
from adamas.errors import AdamasError


def follow(
    url: Annotated[
        str | None,
        typer.Argument(help="Where a log is published. Left out: all that are followed.", metavar="[URL]"),
    ] = None,
    vkey: Annotated[
        str | None, typer.Option(help="The log's verifier key, or a file that holds it (the first time).")
    ] = None,
    role: Annotated[str, typer.Option(help="registry or office.")] = "office",
    policy: Annotated[
        Path | None,
        typer.Option(help="The witness policy that its checkpoints must satisfy.", metavar="FILE"),
    ] = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Follow another office's log, or catch up with all of them. A fork is refused, and the evidence kept.

    A log that cannot be had does not keep those after it: it is named, and the exit code tells.
    """
    if url is not None and vkey is None:
        raise exits.UsageError(
            "usage.vkey",
            "A log is followed by its key, not by its address alone.",
            advice="Give --vkey, as the log's operator and its genesis name it.",
        )
    with desk.office() as office, desk.Progress("entries") as progress:
        from adamas.office.log import follow as following
        from adamas.office.log.pillars import Witnessing, witnessing

        failed: dict[str, AdamasError] = {}
        if url is None:
            done = following.catch_up(office, progress, failed)
        else:
            text = policy.read_text(encoding="utf-8") if policy else ""
            done = [
                following.follow(office, url, key_text(vkey or ""), role=role, policy=text, progress=progress)
            ]
        ages = {age.origin: age for age in following.ages(office)}
        seen = witnessing(office)
    facts = {
        "logs": [
            {
                "origin": item.origin,
                "entries": item.size,
                "new": item.new,
                "witnessed_at": output.utc(item.witnessed_at),
                "age_seconds": ages[item.origin].seconds if item.origin in ages else None,
                "missing": list(seen.get(item.origin, Witnessing(item.origin)).missing),
            }
            for item in done
        ],
        "failed": [
            {"origin": origin, "code": error.code, "sentence": error.sentence, "where": error.where}
            for origin, error in failed.items()
        ],
    }
    output.show(facts, lambda: _show(facts))
    for origin, error in failed.items():
        output.complain(f"{origin}: {error}")
    return max((exits.of(error) for error in failed.values()), default=exits.OK, key=_gravity)


def _gravity(code: int) -> tuple[bool, int]:
    """Two histories (1) are graver than an office that is off the net."""
    return code == exits.NOT_VALID, code


def _show(facts: dict[str, Any]) -> None:
    if not facts["logs"] and not facts["failed"]:
        output.line("No log is followed. Begin with: adamas follow URL --vkey VKEY")
    for log in facts["logs"]:
        witnessed = log["witnessed_at"] or "never by the whole quorum"
        output.line(
            f"{log['origin']}: {log['entries']:,} entries, {log['new']:,} new; witnessed {witnessed}."
        )
        if log["missing"]:
            output.line(f"  The newest checkpoint is NOT cosigned by: {', '.join(log['missing'])}.")


def key_text(given: str) -> str:
    """A verifier key as typed, or the first line of the file that was named."""
    file = Path(given)
    if "+" not in given and file.is_file():
        return file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    return given

"""`adamas mirror URL DIR`: a verified copy of a log that is itself a published log; go on with it any time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adamas.cli import exits, output
from adamas.cli.session import Json
from adamas.cli.verify import TrustFile, load_trust


def mirror(
    url: Annotated[str, typer.Argument(help="The log: http(s)://…, file://… or a folder.", metavar="URL")],
    folder: Annotated[Path, typer.Argument(help="The copy; made, or caught up.", metavar="DIR")],
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            "--vkey",
            help="The log's verifier key, or a file of it; known already to a copy that exists.",
            metavar="VKEY",
        ),
    ] = None,
    trust: TrustFile = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="The witness policy; that of the trust file if left out.", metavar="FILE"),
    ] = None,
    json: Json = False,
) -> int:
    """Copy a log, or catch up with it, and verify it on the way. Exit code 2 if a pillar's witness is missing."""
    from adamas.cli.desk import Progress
    from adamas.ledger.mirror import mirror as copy
    from adamas.ledger.policy import Policy

    anchor = load_trust(trust)
    text = policy.read_text(encoding="utf-8") if policy else (anchor.policy if anchor else None)
    asked = Policy.parse(text) if text else None
    with Progress("mirroring") as progress:
        done = copy(url, folder, _key(key, folder, url, anchor), asked, progress)
    result = done.policy
    facts = {
        "log": done.checkpoint.origin,
        "size": done.checkpoint.size,
        "root": done.checkpoint.root,
        "new": done.new,
        "complete": None if result is None else result.satisfied,
        "missing": [] if result is None else list(result.missing),
        "witnessed": {}
        if result is None
        else {name: output.utc(time or None) for name, time in result.times.items()},
    }
    output.show(facts, lambda: _show(facts, folder))
    return exits.CANNOT_TELL if facts["complete"] is False else exits.OK


def _key(given: str | None, folder: Path, url: str, anchor: Any) -> str:
    """The log's key: as given, as the copy has it, or the only one of the trust file that signed what is published."""
    if given is not None:
        file = Path(given)
        return file.read_text(encoding="utf-8").strip() if "+" not in given and file.is_file() else given
    kept = folder / "vkey"
    if kept.is_file():
        return kept.read_text(encoding="utf-8").strip()
    if anchor is not None and anchor.logs:
        from adamas.ledger.checkpoint import parse
        from adamas.ledger.fetch import Fetcher
        from adamas.ledger.note import VerifierKey

        with Fetcher(url) as fetch:
            note = fetch.get("checkpoint")
        origin = parse(note)[0].origin if note else ""
        for vkey in anchor.logs:
            if VerifierKey.parse(vkey).name == origin:
                return str(vkey)
    raise exits.UsageError(
        "usage.key",
        "Whose log it is must be known beforehand.",
        advice="Give its verifier key with --key, or a trust file that lists it with --trust.",
    )


def _show(facts: dict[str, Any], folder: Path) -> None:
    output.line(
        f"{facts['log']}: {facts['size']:,} entries, {facts['new']:,} of them new, verified, in {folder}."
    )
    if facts["complete"]:
        output.line("Cosigned by every pillar that the policy asks for.")
    elif facts["complete"] is False:
        output.line(
            f"NOT cosigned by: {', '.join(facts['missing'])}. Entries are copied; they do not count yet."
        )

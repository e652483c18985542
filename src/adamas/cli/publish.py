"""`adamas publish`: what is on disk becomes public: tiles, a signed checkpoint, and the witnesses'
cosignatures.
"""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from adamas.cli import desk, exits, output
from adamas.cli.session import Home, Json, PassphraseFile


def publish(
    witnesses: Annotated[
        bool, typer.Option("--witnesses/--no-witnesses", help="Ask the witnesses of policy.txt to cosign.")
    ] = True,
    every: Annotated[
        float | None, typer.Option(help="Go on: publish every so many seconds until Ctrl-C.", min=0.2)
    ] = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Publish the log. A witness that is away does not stop it: the checkpoint then says which pillar is
    missing.

    Exit code 0 if the policy is satisfied (or there is none), 2 if a pillar is missing.
    """
    with desk.office() as office:
        if every is None:
            return _tell(office.config.origin, office.publish(witnesses=witnesses))
        if json:
            raise exits.UsageError("usage.every", "--every goes on for ever and is no JSON document.")
        while True:
            _tell(office.config.origin, office.publish(witnesses=witnesses))
            time.sleep(every)


def _tell(origin: str, done: Any) -> int:
    from adamas.ledger.note import encode_base64

    policy = done.policy
    facts = {
        "origin": origin,
        "size": done.checkpoint.size,
        "root": encode_base64(done.checkpoint.root),
        "policy": policy is not None,
        "satisfied": policy.satisfied if policy else None,
        "groups": dict(policy.groups) if policy else {},
        "missing": list(policy.missing) if policy else [],
        "failures": dict(done.failures),
        "witnessed_at": output.utc(done.witnessed_at),
    }
    output.show(facts, lambda: _show(facts))
    return exits.CANNOT_TELL if facts["missing"] else exits.OK


def _show(facts: dict[str, Any]) -> None:
    output.line(f"{facts['origin']}: {facts['size']:,} entries are public, root {facts['root']}.")
    if not facts["policy"]:
        output.line("Nobody was asked to witness: there is no policy.txt.")
    elif facts["satisfied"]:
        output.line(f"Witnessed by every pillar at {facts['witnessed_at']}.")
    else:
        output.line(f"NOT witnessed as the policy asks; missing: {', '.join(facts['missing'])}.")
    for name, why in facts["failures"].items():
        output.line(f"  witness {name}: {why}")

"""`adamas serve`: the whole office by one command: pages, jobs, publishing, following."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adamas.cli import exits, output
from adamas.cli.session import Home, Json, PassphraseFile, passphrase, session


def serve(
    folder: Annotated[
        Path | None, typer.Argument(help="With --demo: the folder of the demonstration.", metavar="[DIR]")
    ] = None,
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)] = 8000,
    bind: Annotated[str, typer.Option(help="The address to serve at.")] = "127.0.0.1",
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A reverse proxy on this machine speaks TLS for us.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say what would stop or weaken it.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve a labelled demonstration, founded if it is missing.")
    ] = False,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Serve the office: its pages, its jobs, and its log, which it publishes and has witnessed.

    Prints the address once pages are answered; ends in order on Ctrl-C or SIGTERM.
    """
    if folder is not None and not demo:
        raise exits.UsageError("usage.serve", "A folder is given with --home; DIR belongs to --demo.")
    if demo:
        from adamas.demo.office import serve_demo

        return serve_demo(folder or Path("demo-office"), host=bind, port=port, check=check)
    if check:
        return _check(bind, port, behind_proxy)
    from adamas.office.serving.serve import Wish, serve

    secret = passphrase()
    return serve(Wish(session.folder, secret, bind, port, behind_proxy))


def _check(bind: str, port: int, behind_proxy: bool) -> int:
    from adamas.office.serving.check import check, stops

    found = check(session.folder, bind, port, behind_proxy=behind_proxy, passphrase=passphrase)
    facts = {"points": [{"level": p.level, "name": p.name, "sentence": p.sentence} for p in found]}

    def human() -> None:
        for point in found:
            output.line(f"{point.level:<5} {point.name:<10} {point.sentence}")

    output.show(facts, human)
    return exits.NOT_VALID if stops(found) else exits.OK

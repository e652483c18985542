"""`adamas witness`: a server that cosigns checkpoints for a pillar, and what it found of logs with two
histories.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adamas.cli import exits, output
from adamas.cli.session import Json, PassphraseFile, passphrase, session

if TYPE_CHECKING:
    from adamas.ledger.witness.config import WitnessConfig

Folder = Annotated[Path, typer.Argument(help="The witness's folder.", metavar="DIR")]

witness = typer.Typer(
    name="witness", help="Cosign logs as an independent witness; look at evidence of two histories."
)


@witness.command("init")
def init(
    folder: Folder,
    name: Annotated[
        str, typer.Option(help="The name in its cosignatures, for good, e.g. civil.example/witness.")
    ],
    listen: Annotated[str, typer.Option(help="Address and port to serve on.")] = "127.0.0.1:8471",
    log: Annotated[
        list[str] | None, typer.Option(help="The vkey of a log to watch, or a file of them; may be repeated.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Make a witness: its two keys (Ed25519 and ML-DSA-44), its memory and its settings."""
    from adamas.ledger.keystore import KeyStore
    from adamas.ledger.witness.config import FILE_NAME, WitnessConfig, make_keys
    from adamas.ledger.witness.server import open_witness

    if (folder / FILE_NAME).exists():
        raise exits.UsageError(
            "usage.exists", "There is a witness in that folder already.", where=str(folder)
        )
    config = WitnessConfig(name, listen, folder / "witness.db", folder / "keys", _logs(log or []))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = KeyStore.create(config.keys, passphrase(new=True, purpose="witness's keys"))
    make_keys(store, name)
    made = open_witness(config, store, create=True)
    vkeys = made.vkeys
    made.state.close()
    # The settings come last: a folder without them is no witness yet, and may be removed.
    config.save(folder / FILE_NAME)
    return _tell(config, vkeys)


@witness.command("vkeys")
def vkeys(folder: Folder, passphrase_file: PassphraseFile = None, json: Json = False) -> int:
    """Print a witness's public keys, and its lines for a policy."""
    from adamas.ledger.keystore import KeyStore
    from adamas.ledger.witness.config import WitnessConfig, load_keys

    config = WitnessConfig.load(folder)
    store = KeyStore.open(config.keys, passphrase(purpose="witness's keys"))
    return _tell(config, tuple(signer.verifier.vkey for signer in load_keys(store, config.name)))


def _tell(config: WitnessConfig, keys: tuple[str, ...]) -> int:
    from adamas.ledger.witness.config import policy_lines

    lines = policy_lines(config.name.split("/")[0].split(".")[0], keys, f"http://{config.listen}")
    facts = {
        "name": config.name,
        "listen": config.listen,
        "vkeys": list(keys),
        "logs": sorted(config.logs),
        "policy_lines": lines,
    }

    def human() -> None:
        output.line(f"Witness {config.name}, to serve on {config.listen}, watching {len(config.logs)} logs.")
        output.line("Its lines for a policy (name and address may be changed):")
        output.line(lines)

    output.show(facts, human)
    return exits.OK


@witness.command("add-log")
def add_log(
    folder: Folder,
    log: Annotated[
        list[str], typer.Argument(help="The vkey of a log, or a file of them.", metavar="VKEY...")
    ],
    json: Json = False,
) -> int:
    """Watch more logs. A running server reads the list again on SIGHUP."""
    from dataclasses import replace

    from adamas.ledger.witness.config import FILE_NAME, WitnessConfig, make_logs

    config = WitnessConfig.load(folder)
    pairs = [(origin, key) for origin, keys in config.logs.items() for key in keys]
    pairs += [(origin, key) for origin, keys in _logs(log).items() for key in keys]
    config = replace(config, logs=make_logs(pairs))
    config.save(folder / FILE_NAME)
    output.show({"logs": sorted(config.logs)}, lambda: output.line(f"Watching {len(config.logs)} logs."))
    return exits.OK


def _logs(given: list[str]) -> Any:
    """Logs from vkeys, or from files with one a line (as `adamas log vkey` prints). A vkey's name is the
    origin.
    """
    from adamas.ledger.note import VerifierKey
    from adamas.ledger.witness.config import make_logs

    texts: list[str] = []
    for item in given:
        file = Path(item)
        if "+" not in item and file.exists():
            texts += [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        else:
            texts.append(item)
    keys = [VerifierKey.parse(text) for text in texts]
    return make_logs([(key.name, key) for key in keys])


@witness.command("serve")
def serve(
    folder: Folder,
    listen: Annotated[str | None, typer.Option(help="Another address than in its settings.")] = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> int:
    """Serve until Ctrl-C or SIGTERM. What was cosigned is on disk before it is answered."""
    import logging
    from dataclasses import replace

    from adamas.ledger.keystore import KeyStore
    from adamas.ledger.witness.config import WitnessConfig
    from adamas.ledger.witness.server import serve as run

    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s", level=logging.INFO)

    def read() -> WitnessConfig:
        config = WitnessConfig.load(folder)
        return replace(config, listen=listen) if listen else config

    config = read()
    store = KeyStore.open(config.keys, passphrase(purpose="witness's keys"))

    def ready(url: str) -> None:
        output.show(
            {"name": config.name, "url": url, "pid": os.getpid(), "logs": sorted(config.logs)},
            lambda: output.line(f"Witness {config.name} serves {url}, watching {len(config.logs)} logs."),
        )
        import sys

        sys.stdout.flush()

    run(config, store, ready=ready, reload=read)
    return exits.OK


@witness.command("split-view")
def split_view(
    place: Annotated[
        Path | None,
        typer.Argument(help="An evidence file, or a folder that holds some.", metavar="[FILE|DIR]"),
    ] = None,
    log: Annotated[
        list[str] | None, typer.Option(help="A vkey that you know to be the log's own; may be repeated.")
    ] = None,
    witness_key: Annotated[
        list[str] | None,
        typer.Option(help="A vkey of a witness, to see which side it cosigned; may be repeated."),
    ] = None,
    json: Json = False,
) -> int:
    """Show evidence that a log signed two histories, verified anew. Exit code 1 if there is any."""
    from adamas.ledger import splitview
    from adamas.ledger.cosignature import WitnessKey
    from adamas.ledger.note import VerifierKey

    root = place or session.folder
    files = [root] if root.is_file() else sorted(root.glob(f"**/{splitview.FOLDER}/*.txt"))
    if place is not None and not place.exists():
        raise exits.UsageError("usage.missing", "There is no such file or folder.", where=str(place))
    keys = [VerifierKey.parse(key) for key in log or ()]
    witnesses = [WitnessKey.parse(key) for key in witness_key or ()]
    found = [(file, splitview.explain(file, keys, witnesses)) for file in files]
    facts = {
        "evidence": [
            {
                "file": str(file),
                "origin": explained.origin,
                "proven": explained.proven,
                "kind": explained.evidence.kind,
                "sentences": list(explained.sentences),
                "sizes": [checkpoint.size for checkpoint in explained.evidence.checkpoints()],
                "found_by": explained.evidence.found_by or None,
                "found_at": output.utc(explained.evidence.found_at or None),
            }
            for file, explained in found
        ]
    }

    def human() -> None:
        if not found:
            output.line(f"No evidence of a split view in {root}.")
        for file, explained in found:
            output.line(f"{file}")
            for sentence in explained.sentences:
                output.line(f"  {sentence}")

    output.show(facts, human)
    return exits.NOT_VALID if found else exits.OK

"""A witness process of the demo: the program behind `adamas witness serve`, on the simulated clock."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from adamas.demo.places import COST, PASSPHRASE, Clock, Places


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def found(places: Places, pillar: str) -> tuple[tuple[str, ...], str, str]:
    """Makes a witness; its verifier keys, its address and its lines for a policy."""
    from adamas.ledger.keystore import KeyStore
    from adamas.ledger.witness.config import WitnessConfig, make_keys, policy_lines
    from adamas.ledger.witness.server import open_witness

    folder = places.witness(pillar)
    folder.mkdir(parents=True, mode=0o700)
    listen = f"127.0.0.1:{free_port()}"
    name = f"{pillar}.demo.adamas.example/witness"
    config = WitnessConfig(name, listen, folder / "witness.db", folder / "keys", {})
    store = KeyStore.create(config.keys, PASSPHRASE, cost=COST)
    make_keys(store, name)
    made = open_witness(config, store, create=True)
    made.state.close()
    config.save(folder)
    url = f"http://{listen}"
    return made.vkeys, url, policy_lines(pillar, made.vkeys, url)


def watch(places: Places, pillar: str, vkeys: list[str]) -> None:
    """Tells a witness which logs to watch."""
    from dataclasses import replace

    from adamas.ledger.note import VerifierKey
    from adamas.ledger.witness.config import WitnessConfig, make_logs

    folder = places.witness(pillar)
    keys = [VerifierKey.parse(vkey) for vkey in vkeys]
    config = replace(WitnessConfig.load(folder), logs=make_logs([(key.name, key) for key in keys]))
    config.save(folder)


def start(places: Places, pillar: str) -> subprocess.Popen[str]:
    """Starts a witness's process; it says a line when it serves."""
    program = "import sys; from adamas.demo.witness import main; main(*sys.argv[1:])"
    words = [sys.executable, "-c", program, str(places.witness(pillar)), str(places.clock.file)]
    with (places.witness(pillar) / "witness.log").open("a", encoding="utf-8") as log:
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)


def stop(process: subprocess.Popen[str]) -> None:
    """Ends a witness's process."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_ready(process: subprocess.Popen[str], seconds: float = 20) -> None:
    """Returns when the witness serves. Raises RuntimeError if it does not start."""
    end = time.monotonic() + seconds
    if process.stdout is None or not process.stdout.readline() or time.monotonic() > end:
        raise RuntimeError("a witness of the demo did not start")


def main(folder: str, clock: str) -> None:
    """Serves until SIGTERM."""
    from adamas.ledger.keystore import KeyStore
    from adamas.ledger.witness.config import WitnessConfig
    from adamas.ledger.witness.server import WitnessServer, open_witness

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config = WitnessConfig.load(folder)
    witness = open_witness(config, KeyStore.open(config.keys, PASSPHRASE), clock=Clock(Path(clock)))
    server = WitnessServer(witness, config.listen)
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    server.run()
    witness.state.close()

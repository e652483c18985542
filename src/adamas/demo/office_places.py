"""The demo office's folder, its clock while it is being founded, and its three witnesses.

demo-office/  office/  the installation that hosts Botswana, the Emirates and the European Union
              offices/registry/, witnesses/<pillar>/, passphrase.txt, people.json (in office/)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adamas.demo import witness
from adamas.demo.places import PASSPHRASE, PILLARS, REGISTRY, Places

MARK = "this-folder-is-of-adamas-demo-office"
OFFICE = "office"
HOSTED = ("BW", "AE", "EU")
OPERATOR = "kp:EU/authority"
ORIGIN = "demo.adamas.example/log/office"
REGISTRY_ORIGIN = "demo.adamas.example/registry"
DAY = 86_400


@dataclass
class Then:
    """A clock that stands where it is set: the months before today are played in seconds."""

    now: float

    def __call__(self) -> float:
        """The time, in seconds since 1970."""
        return self.now


@dataclass(frozen=True, slots=True)
class OfficePlaces(Places):
    """Where the parts of the demo office are."""

    @property
    def office(self) -> Path:
        """The installation that is served."""
        return self.home(OFFICE)

    @property
    def registry(self) -> Path:
        """The registry."""
        return self.home(REGISTRY)


def policy(places: Places) -> str:
    """The witness policy: one witness of each pillar, all three wanted. Witnesses whose port is taken get another."""
    from adamas.ledger.keystore import KeyStore
    from adamas.ledger.witness.config import WitnessConfig, policy_lines
    from adamas.ledger.witness.server import open_witness

    lines = []
    for pillar in PILLARS:
        folder = places.witness(pillar)
        config = WitnessConfig.load(folder)
        if not _free(config.listen):
            config = replace(config, listen=f"127.0.0.1:{witness.free_port()}")
            config.save(folder)
        made = open_witness(config, KeyStore.open(config.keys, PASSPHRASE))
        lines.append(policy_lines(pillar, made.vkeys, f"http://{config.listen}"))
        made.state.close()
    return "".join(lines) + f"group pillars all {' '.join(PILLARS)}\nquorum pillars\n"


@contextmanager
def witnesses(places: Places, clock: Callable[[], float]) -> Iterator[None]:
    """The three witnesses, each in a thread of this process, until the end of the block."""
    from adamas.ledger.keystore import KeyStore
    from adamas.ledger.witness.config import WitnessConfig
    from adamas.ledger.witness.server import WitnessServer, open_witness

    servers: list[Any] = []
    threads = []
    try:
        for pillar in PILLARS:
            config = WitnessConfig.load(places.witness(pillar))
            made = open_witness(config, KeyStore.open(config.keys, PASSPHRASE), clock=clock)
            server = WitnessServer(made, config.listen, threads=2)
            servers.append(server)
            threads.append(threading.Thread(target=server.run, name=pillar, daemon=True))
            threads[-1].start()
        yield
    finally:
        for server in servers:
            server.stop()
        for thread in threads:
            thread.join(5)
        for server in servers:
            with suppress(Exception):
                server.witness.state.close()


def _free(listen: str) -> bool:
    import socket

    host, _, port = listen.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError:
            return False
    return True

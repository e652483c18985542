"""A certificate as paper: set in type, bundle attached, sealed. Each round prints another certificate.

``pdf-print`` and ``pdf-p95`` are the median and 95th percentile of ``COUNT`` certificates in six languages (each with
names of its own, the bundle of a certificate that arrived and six cosignatures, one sealer), after one that warms up;
``pdf-size`` is the largest file; ``pdf-memory`` how much the process grew over ``MANY`` papers.
"""

from __future__ import annotations

import datetime
import hashlib
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.analysis import world as worlds

from adamas.analysis.prove import prove
from adamas.ledger.bundle import parse
from adamas.ledger.cosignature import MlDsaCosigner
from adamas.ledger.keystore import KeyStore
from adamas.ledger.statement import text_id
from adamas.office.document import seal_keys
from adamas.office.document.certificate import render
from adamas.office.document.content import CertificateContent
from adamas.office.document.seal import Sealer, seal
from adamas.office.document.text import LANGUAGES
from adamas.scheme.values import Carats, Parcel, UsdCents
from benchmarks.figure import Figure

NAMES = ("pdf-print", "pdf-p95", "pdf-size", "pdf-memory")
COUNT = 60
MANY = 150


def run(only: str | None) -> list[Figure]:
    """Milliseconds, bytes, and MB."""
    bundle, sealer = _bundle(), _sealer()
    seconds, sizes = [], []
    for number in range(COUNT + 1):
        begun = time.perf_counter()
        pdf = _print(number, bundle, sealer)
        seconds.append(time.perf_counter() - begun)
        sizes.append(len(pdf))
    cold, warm = seconds[0] * 1e3, sorted(seconds[1:])
    median, p95 = statistics.median(warm) * 1e3, warm[int(len(warm) * 0.95)] * 1e3
    size = max(sizes) / 1e3
    beside = f"the first of a process, {cold:.0f} ms"
    figures = [
        Figure("pdf-print", median, "ms", beside, median / cold, "< 300 ms", median < 300),
        Figure("pdf-p95", p95, "ms", beside, p95 / cold, "< 300 ms", p95 < 300),
        Figure(
            "pdf-size", size, "kB", f"its bundle, {len(bundle) / 1e3:.0f} kB", None, "< 200 kB", size < 200
        ),
    ]
    if only in (None, "pdf-memory"):
        before = _resident()
        for number in range(MANY):
            _print(COUNT + 1 + number, bundle, None)
        figures.append(Figure("pdf-memory", _resident() - before, "MB", f"over {MANY} papers"))
    return [figure for figure in figures if only in (None, figure.name)]


def _print(number: int, bundle: bytes, sealer: Sealer | None) -> bytes:
    pdf = render(_content(number, bundle), language=LANGUAGES[number % len(LANGUAGES)], bundle=bundle)
    return seal(pdf, sealer) if sealer else pdf


def _content(number: int, bundle: bytes) -> CertificateContent:
    chance = random.Random(number)
    lines = tuple(
        Parcel("710231", Carats(chance.randrange(1, 10**6)), UsdCents(chance.randrange(1, 10**9)))
        for _ in range(1 + number % 4)
    )
    return CertificateContent(
        number=f"BW{number:07}",
        participant="BW",
        participant_name="Botswana",
        authority="Importing and exporting authority of BW",
        to="AE",
        to_name="United Arab Emirates",
        origin=(("BW", "Botswana"),),
        issued="2025-03-03",
        expires="2025-05-02",
        exporter=f"SYNTHETIC exporter {number} (Pty) Ltd, Plot {chance.randrange(10**5)}, Gaborone",
        importer=f"SYNTHETIC شركة {number} للماس، برج الماس، دبي",
        parcels=lines,
        count=len(lines),
        seals=(f"S-{number}",),
        officers=("is-1", "ap-2"),
        statement=parse(bundle).entry.raw[:-8] + number.to_bytes(8, "big"),
        statement_id=text_id(number.to_bytes(32, "big")),
        address="https://office.example",
        synthetic=True,
    )


def _bundle() -> bytes:
    """Of a certificate that arrived; its checkpoints are witnessed with Ed25519 and ML-DSA-44 by three pillars."""
    kept: Any = (worlds.COSIGNERS, worlds.POLICY)
    quantum = {
        p: MlDsaCosigner(f"witness.example/{p}/pq", hashlib.sha256(p.encode()).digest())
        for p in worlds.PILLARS
    }
    both: Any = {**worlds.COSIGNERS, **{f"{p}-pq": key for p, key in quantum.items()}}
    worlds.COSIGNERS = both
    worlds.POLICY = worlds.policy_of({p: [both[p].vkey, quantum[p].vkey] for p in worlds.PILLARS})
    try:
        world = worlds.make_world()
        world.whole("BW0000001", "AE")
        with tempfile.TemporaryDirectory() as folder:
            world.publish(Path(folder), witnesses=list(both))
            return prove("BW0000001", [folder], world.trust, disclosures=world.disclosures["BW0000001"])
    finally:
        worlds.COSIGNERS, worlds.POLICY = kept


def _sealer() -> Sealer:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        store = KeyStore.create(folder / "keys", "bench", cost=2**4)
        now = datetime.datetime.now(datetime.UTC)
        seal_keys.make(store, folder, seal_keys.Identity("Benchmark", "BW"), now=now)
        return Sealer(seal_keys.load(store, folder))


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20

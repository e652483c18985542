"""A certificate with a bundle of a small world (no office, no database), and a sealer with a key of its own."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.analysis import world as worlds
from tests.conftest import missing

from adamas.analysis.prove import prove
from adamas.analysis.trust import Trust
from adamas.ledger.bundle import parse
from adamas.ledger.keystore import KeyStore
from adamas.ledger.statement import text_id
from adamas.office.document import seal_keys
from adamas.office.document.certificate import render
from adamas.office.document.content import CertificateContent
from adamas.office.document.seal import Sealer, seal
from adamas.scheme.values import Carats, Parcel, UsdCents

NUMBER = "BW0000001"
NOW = datetime.datetime.now(datetime.UTC)


def tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        missing(name, f"install Debian's {package}")
    return str(found)


def run(*words: str | Path) -> str:
    return subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True).stdout


def pdftotext(pdf: bytes, folder: Path, *more: str) -> str:
    file = folder / "text.pdf"
    file.write_bytes(pdf)
    return run(tool("pdftotext", "poppler-utils"), *more, file, "-")


@dataclass(frozen=True)
class Proven:
    """A bundle of a certificate, and what a verifier trusts."""

    bundle: bytes
    statement: bytes
    trust: Trust


@pytest.fixture(scope="session")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Proven:
    folder = tmp_path_factory.mktemp("logs")
    world = worlds.make_world()
    world.whole(NUMBER, "AE")
    world.publish(folder)
    bundle = prove(NUMBER, [folder], world.trust, disclosures=world.disclosures[NUMBER])
    return Proven(bundle, parse(bundle).entry.raw, world.trust)


@pytest.fixture(scope="session")
def content(proven: Proven) -> CertificateContent:
    return CertificateContent(
        number=NUMBER,
        participant="BW",
        participant_name="Botswana",
        authority="Department of Mines",
        to="AE",
        to_name="United Arab Emirates",
        origin=(("BW", "Botswana"),),
        issued="2025-03-03",
        expires="2025-05-02",
        exporter="Okavango Stones (Pty) Ltd, Plot 50676, Gaborone",
        importer="Deira Trading FZE, Almas Tower, Dubai",
        parcels=(
            Parcel("710231", Carats(123_456), UsdCents(5_000_000)),
            Parcel("710221", Carats(998), UsdCents(12_345)),
        ),
        count=2,
        seals=("S-1", "S-2"),
        officers=("is-1", "ap-2"),
        statement=proven.statement,
        statement_id=text_id(bytes(32)),
        address="https://office.example",
    )


def parcels(count: int) -> tuple[Parcel, ...]:
    return tuple(Parcel("710231", Carats(100 + n), UsdCents(10_000 + n)) for n in range(count))


@dataclass(frozen=True)
class SealStore:
    """A key store with a key for sealing, in a folder."""

    keys: KeyStore
    folder: Path

    def load(self) -> seal_keys.SealKey:
        return seal_keys.load(self.keys, self.folder)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> SealStore:
    folder = tmp_path_factory.mktemp("seal")
    keys = KeyStore.create(folder / "keys", "x", cost=2**4)
    seal_keys.make(keys, folder, seal_keys.Identity("Department of Mines", "BW"), now=NOW)
    return SealStore(keys, folder)


@pytest.fixture(scope="session")
def sealed(content: CertificateContent, proven: Proven, store: SealStore) -> bytes:
    return seal(render(content, language="fr", bundle=proven.bundle), Sealer(store.load()))


def with_names(content: CertificateContent, names: Iterable[str]) -> CertificateContent:
    exporter, importer = names
    return replace(content, exporter=exporter, importer=importer)

"""A small world for the office tests: a registry, and offices of Botswana and the Emirates that it enrolled.

Which engine: ADAMAS_TEST_DATABASE=sqlite (default) or postgresql. `make test` runs the tests marked `database` on
both. The world is built once a session and copied for each test: files by copying, PostgreSQL databases by template.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest
from tests import postgres

from adamas.office import database

database.ensure_django()

from django.db import connections, transaction  # noqa: E402

from adamas.ledger.entries import EntryLog  # noqa: E402
from adamas.office import founding  # noqa: E402
from adamas.office.home import Config  # noqa: E402
from adamas.office.log.follow import take_entries  # noqa: E402
from adamas.office.log.knowledge import enter  # noqa: E402
from adamas.office.log.models import Log  # noqa: E402
from adamas.office.opening import Office, open_office  # noqa: E402
from adamas.office.registry import actions as registry_acts  # noqa: E402
from adamas.scheme import history  # noqa: E402
from adamas.scheme.statements import IssueCommand, ReceiveCommand, ValidateCommand  # noqa: E402
from adamas.scheme.values import Carats, Parcel, UsdCents  # noqa: E402

ENGINE = os.environ.get("ADAMAS_TEST_DATABASE", "sqlite")
PASSPHRASE = "correct horse"
START = 1_741_000_000  # 3 March 2025
CODES = ("BW", "AE", "ZA")


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: int = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Databases:
    """Makes databases of the engine under test; a copy of another one if ``like`` is given."""

    engine: str

    def url(self, like: str | None = None) -> str:
        return "sqlite:///office.db" if self.engine == "sqlite" else postgres.database(like)

    def copy(self, home: Path) -> None:
        """Gives the copied folder of an office a copy of its database; a file was copied with it."""
        if self.engine != "sqlite":
            toml = home / "office.toml"
            text = toml.read_text()
            old = text.split('[database]\nurl = "')[1].split('"')[0]
            toml.write_text(text.replace(old, self.url(like=old)))


@dataclass
class World:
    """Three offices with one clock, each copied and opened when it is first asked for."""

    folder: Path
    template: Path
    databases: Databases
    clock: Clock = field(default_factory=Clock)
    opened: list[Office] = field(default_factory=list)

    @cached_property
    def registry(self) -> Office:
        return self._take("registry")

    @cached_property
    def bw(self) -> Office:
        return self._take("BW")

    @cached_property
    def ae(self) -> Office:
        return self._take("AE")

    @property
    def offices(self) -> tuple[Office, Office, Office]:
        return self.registry, self.bw, self.ae

    def _take(self, name: str) -> Office:
        home = self.folder / name
        shutil.copytree(self.template / name, home)
        self.databases.copy(home)
        self.opened.append(open_office(home, passphrase=PASSPHRASE, clock=self.clock))
        return self.opened[-1]

    def close(self) -> None:
        for office in self.opened:
            office.close()


@pytest.fixture(scope="session")
def databases() -> Databases:
    return Databases(ENGINE)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Path:
    """The world as it begins, closed."""
    folder = tmp_path_factory.mktemp("world")
    clock = Clock()
    registry = founding.found_registry(
        folder / "registry",
        Config("test.example/registry", "kp:registry/government", kind="registry", database=databases.url()),
        PASSPHRASE,
        clock=clock,
        cost=2**4,
    )
    registry_acts.act(registry, _acts())
    genesis = entries(registry)[0]
    made = []
    for code in ("BW", "AE"):
        config = Config(
            f"test.example/log/{code}", f"kp:{code}/authority", participants=(code,), database=databases.url()
        )
        made.append(founding.found_office(folder / code, config, PASSPHRASE, genesis, clock=clock, cost=2**4))
    registry_acts.enrol_keys(
        registry, [(o.config.operator, o.signer(o.config.operator).public_key) for o in made]
    )
    for office in made:
        feed(office, registry, role="registry")
        registry_acts.adopt_keys(office)
    for office in (registry, *made):
        office.close()
    return folder


def _acts() -> list[registry_acts.Act]:
    acts = [(a.subject, a.payload) for a in history.registry_acts() if a.subject in (*CODES, "CF", "VE")]
    acts += [(a.subject, a.payload) for code in (*CODES, "CF", "VE") for a in history.authority_acts(code)]
    return acts


@pytest.fixture
def world(template: Path, tmp_path: Path, databases: Databases) -> Iterator[World]:
    found = World(tmp_path / "w", template, databases)
    yield found
    found.close()
    shutil.rmtree(found.folder, ignore_errors=True)  # it may lie in memory


@pytest.fixture
def observer(world: World, databases: Databases) -> Callable[[str], Office]:
    """Founds further offices that only look on."""

    def found(name: str) -> Office:
        config = Config(f"test.example/log/{name}", f"kp:observer/{name}", database=databases.url())
        genesis = entries(world.registry)[0]
        return founding.found_office(
            world.folder / name, config, PASSPHRASE, genesis, clock=world.clock, cost=2**4
        )

    return found


def entries(office: Office, log: int = 1) -> list[bytes]:
    """All entries of a log that an office holds."""
    with connections[office.alias].cursor() as cursor:
        return EntryLog(log).read(cursor, 0, EntryLog(log).size(cursor))


def feed(office: Office, source: Office, *, role: str = "office", count: int | None = None) -> int:
    """Gives an office the next ``count`` entries of another's log, as following does, but without a network."""
    return feed_raw(office, source.config.origin, source.log.vkey, entries(source), role=role, count=count)


def feed_raw(
    office: Office,
    origin: str,
    vkey: str,
    raws: list[bytes],
    *,
    role: str = "office",
    count: int | None = None,
) -> int:
    alias = office.alias
    logs = Log.objects.using(alias)
    with office.changing(), transaction.atomic(using=alias):
        log = logs.filter(origin=origin).first()
        if log is None:
            log = Log(number=logs.count() + 1, origin=origin, role=role, vkey=vkey, url="x")
            enter(alias, log)
        office.knowledge.refresh()
        start = office.knowledge.logs[log.number].size
        part = raws[start:] if count is None else raws[start : start + count]
        if part:
            take_entries(office, log.number, part, start)
    return len(part)


def command(serial: int, **changes: object) -> IssueCommand:
    """A good certificate from Botswana to the Emirates."""
    fields: dict[str, object] = {
        "number": f"BW{serial:07d}",
        "to": "AE",
        "origin": ("BW",),
        "parcels": (Parcel("710231", Carats(1000 + serial), UsdCents(5_000_000 + serial)),),
        "issued": "2025-03-03",
        "expires": "2025-05-02",
        "exporter": "Okavango Stones (Pty) Ltd",
        "importer": "Deira Trading FZE",
        "officer": "is-1",
        "approver": "ap-2",
        "seals": ("S-1",),
    }
    return IssueCommand(**{**fields, **changes})  # type: ignore[arg-type]


def validation(serial: int) -> ValidateCommand:
    return ValidateCommand(f"BW{serial:07d}", "2025-03-03", "va-1")


def arrival(serial: int, **changes: object) -> ReceiveCommand:
    """An arrival that finds what :func:`command` declared."""
    fields: dict[str, object] = {
        "number": f"BW{serial:07d}",
        "at": "AE",
        "received": "2025-03-03",
        "parcels": 1,
        "carats": 1000 + serial,
        "value": 5_000_000 + serial,
        "seals": "intact",
        "officer": "re-1",
    }
    return ReceiveCommand(**{**fields, **changes})  # type: ignore[arg-type]


from tests.office.site import shared_site, site, site_template  # noqa: E402, F401 — fixtures of the office with pages

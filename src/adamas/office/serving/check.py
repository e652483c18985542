"""`adamas serve --check`: what would stop the office from being served, or weaken it, each in a sentence."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adamas.errors import AdamasError
from adamas.office import home
from adamas.office.home import Home

LOOPBACK = ("127.0.0.1", "::1", "localhost")
ROOM = 2**30
"""Bytes that should be free on the disk of the office."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing looked at: ``ok``, ``weak`` (it would run, not as it should) or ``stop``."""

    level: Literal["ok", "weak", "stop"]
    name: str
    sentence: str


def check(
    folder: Path,
    host: str,
    port: int,
    *,
    behind_proxy: bool = False,
    passphrase: Callable[[], str] | None = None,
) -> list[Point]:
    """Looks at everything; changes nothing but the tables of an older edition, as starting would."""
    try:
        place = home.load(folder)
    except AdamasError as error:
        return [Point("stop", "folder", str(error))]
    return [
        Point("ok", "folder", f"{place.config.origin} in {place.path}"),
        *_running(place),
        *_address(place, host, port, behind_proxy),
        *_database(place),
        *_keys(place, passphrase),
        *_publishing(place),
        *_mail(),
        *_disk(place),
    ]


def stops(points: list[Point]) -> bool:
    """Whether anything would stop it."""
    return any(point.level == "stop" for point in points)


def _running(place: Home) -> Iterator[Point]:
    from adamas.office.serving.serve import only_one

    try:
        only_one(place.path).close()
    except AdamasError as error:
        yield Point("stop", "running", str(error))


def _address(place: Home, host: str, port: int, behind_proxy: bool) -> Iterator[Point]:
    from adamas.office.serving.web import open_socket

    try:
        open_socket(host, port).close()
        yield Point("ok", "address", f"{host}:{port} is free.")
    except AdamasError as error:
        yield Point("stop", "address", str(error))
    if host not in LOOPBACK:
        yield Point(
            "weak",
            "address",
            f"{host} can be reached from outside without TLS: put a reverse proxy before it.",
        )
    if behind_proxy and not place.config.address:
        yield Point("stop", "address", "office.toml does not say its address, so no page of it is answered.")
    if place.config.address and not behind_proxy and place.config.address.startswith("https://"):
        yield Point("weak", "address", "The address begins with https, and --behind-proxy is not given.")


def _database(place: Home) -> Iterator[Point]:
    from adamas.office.opening import open_office

    try:
        with open_office(place.path) as office:
            size = office.log.number and _entries(office.alias)
            administrators = _administrators(office.alias)
        yield Point("ok", "database", f"It answers; {size:,} entries in the own log.")
        if not administrators:
            advice = "`adamas people first-administrator` prints a link for the first one"
            yield Point("weak", "people", f"Nobody administers an organisation here: {advice}.")
    except AdamasError as error:
        yield Point("stop", "database", str(error))
    except Exception as error:
        yield Point("stop", "database", f"It does not answer: {type(error).__name__}.")


def _entries(alias: str) -> int:
    from django.db import connections

    from adamas.ledger.entries import EntryLog
    from adamas.office.log.knowledge import OWN

    with connections[alias].cursor() as cursor:
        return EntryLog(OWN).size(cursor)


def _administrators(alias: str) -> int:
    """How many people may administer something; none where the tables of pages were never made."""
    from django.db import DatabaseError, connections, transaction

    sql = "SELECT COUNT(*) FROM people_membership WHERE role = 'administrator' AND active"
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(sql)
            return int(cursor.fetchone()[0])
    except DatabaseError:
        return 0


def _keys(place: Home, passphrase: Callable[[], str] | None) -> Iterator[Point]:
    from adamas.ledger.keystore import KeyStore

    if passphrase is None:
        return
    try:
        names = KeyStore.open(place.keys, passphrase()).names()
        yield Point("ok", "keys", f"The passphrase opens {len(names)} keys.")
    except AdamasError as error:
        yield Point("stop", "keys", str(error))
    if place.keys.exists() and place.keys.stat().st_mode & 0o077:
        yield Point("weak", "keys", f"Others may look into {place.keys}: chmod 700 it.")


def _publishing(place: Home) -> Iterator[Point]:
    if not place.config.policy:
        yield Point("weak", "witnesses", "There is no policy.txt: nobody is asked to witness the log.")
    to = place.publish_to
    if "://" not in to:
        folder = Path(to)
        there = folder if folder.exists() else folder.parent
        if not os.access(there, os.W_OK):
            yield Point("stop", "publish", f"{folder} cannot be written to.")


def _mail() -> Iterator[Point]:
    from adamas.office.web import smtp

    try:
        server = smtp.of(os.environ)
    except AdamasError as error:
        yield Point("stop", "mail", str(error))
        return
    if server != smtp.Server():
        yield Point("ok", "mail", f"Letters go out by {server.host}.")
    else:
        yield Point("weak", "mail", f"No letter goes out, links are handed over: set {smtp.VARIABLE}.")


def _disk(place: Home) -> Iterator[Point]:
    free = shutil.disk_usage(place.path).free
    level: Literal["ok", "weak"] = "ok" if free > ROOM else "weak"
    yield Point(level, "disk", f"{free // 2**20:,} MB are free.")

"""The offline desk: issuing goes on from a reserved range of numbers while the line is down, and is joined later.

    line up     reserve   numbers set aside, a small office founded in a folder, its key enrolled by the authority
    line down   serve     the desk is an office of its own: own key, own log, the same pages, on this computer only
    line up     join      the authority follows the desk's log, takes its private disclosures in, books its numbers

Joining is the same each time: what was joined is not joined again, and what a kill cut off is done by the next call.
It changes nothing in the desk's folder but what the desk itself publishes.

    offline.exists offline.outside offline.unpublished offline.not-mine offline.registry
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connections

from adamas.ledger import cbor
from adamas.office import founding, reservation
from adamas.office.certification import notice
from adamas.office.certification.models import Disclosure
from adamas.office.errors import OfficeError
from adamas.office.home import Config
from adamas.office.log import rows
from adamas.office.log.follow import copy_of
from adamas.office.log.knowledge import OWN
from adamas.office.log.models import Fact, Log
from adamas.office.opening import Office, open_office
from adamas.office.registry import actions as registry_acts
from adamas.office.reservation import Reserved

if TYPE_CHECKING:
    from adamas.ledger.keyhistory import Key


class OfflineError(OfficeError):
    """A desk that cannot be made or joined (offline.*)."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What joining brought: the desk's log, how many entries it has and were new, and its certificates.

    ``clashes`` are numbers that the authority's own log issued as well: the rules find them, people must settle them.
    """

    origin: str
    size: int
    new: int
    numbers: tuple[str, ...]
    booked: tuple[str, ...]
    clashes: tuple[str, ...]
    refused: tuple[str, ...]


Book = Callable[[Office, Office, tuple[str, ...]], tuple[str, ...]]
"""Books numbers in the authority's working papers (given the authority, the desk, the numbers); gives the new ones."""


def reserve(
    office: Office,
    out: Path,
    passphrase: str,
    *,
    participant: str,
    digits: int,
    first: int,
    last: int,
    cost: int = founding.COST,
) -> Reserved:
    """Founds the desk's folder ``out`` for serials ``first`` to ``last``, which the caller has set aside.

    Raises OfflineError, HomeError, KeyRefused, DatabaseError, MirrorError.
    """  # fmt: skip
    check_free(out)
    holder = office.authority(participant)
    signer = office.signer(holder)
    desk = _found(office, out, passphrase, participant, holder, cost)
    try:
        key = desk.signer(holder).public_key
        registry_acts.enrol_next(office, holder, key)
        office.publish(witnesses=False)
        _follow_all(office, desk)
        registry_acts.adopt_keys(desk, origin=office.config.origin)
        desk.publish(witnesses=False)
        made = reservation.sign(
            signer,
            holder=holder,
            now=office.now(),
            participant=participant,
            digits=digits,
            first=first,
            last=last,
            key=key,
            vkey=desk.log.vkey,
        )
    finally:
        desk.close()
    # The authority's copy first: from then on it does not use these numbers, whatever becomes of the desk.
    name = made.origin.rpartition("/")[2]
    _write(office.home.path / reservation.FOLDER / f"{name}.cose", made.statement.raw)
    _write(out / reservation.FILE, made.statement.raw)
    return made


def check_free(out: Path) -> None:
    """Raises OfflineError ``offline.exists`` for a folder that holds something already."""
    if out.exists() and any(out.iterdir()):
        raise OfflineError("offline.exists", "The folder is there already and is not empty.", where=str(out))


def join(office: Office, folder: Path, passphrase: str | None = None, book: Book | None = None) -> Joined:
    """Joins what the desk of a folder did. Raises OfflineError, ReservationError, MirrorError, DatabaseError.

    ``passphrase`` opens the desk's keys; it is needed only if the desk has logged what it did not publish.
    """
    reserved = _mine(office, folder)
    with open_office(folder, passphrase=passphrase) as desk:
        if desk.log.vkey != reserved.vkey:
            raise OfflineError(
                "offline.not-mine", "The log in the folder is not that of the reservation.", where=str(folder)
            )
        _publish(desk, passphrase)
        numbers = _numbers(desk, reserved)
        own = _own_issues(office, numbers)
        done = office.follow(desk.home.publish_to, reserved.vkey, policy=desk.config.policy)
        told = notice.take_in(office, hand_over(desk)) if numbers else None
        booked = book(office, desk, numbers) if book is not None else ()
    refused = tuple(f"{r.number}: {r.sentence}" for r in told.refused) if told else ()
    return Joined(done.origin, done.size, done.new, numbers, booked, own, refused)


def _found(office: Office, out: Path, passphrase: str, participant: str, holder: str, cost: int) -> Office:
    registry = _registry(office)
    given = len(reservation.given(office.home.path)) + 1
    config = office.config
    while Log.objects.using(office.alias).filter(origin=f"{config.origin}/offline-{given}").exists():
        given += 1
    made = Config(
        f"{config.origin}/offline-{given}",
        holder,
        participants=(participant,),
        address=config.address,
        policy=config.policy,
    )
    from adamas.ledger.entries import EntryLog

    with connections[office.alias].cursor() as cursor:
        (genesis,) = EntryLog(registry.number).read(cursor, 0, 1)
    return founding.found_office(out, made, passphrase, genesis, clock=office.clock, cost=cost)


def _registry(office: Office) -> Log:
    found = Log.objects.using(office.alias).filter(role="registry").first()
    if found is None or found.number == OWN:
        raise OfflineError(
            "offline.registry", "This office follows no registry, so a desk of it would know no rules.",
            advice="Follow the registry first: adamas follow URL --role registry.",
        )  # fmt: skip
    return found


def _follow_all(office: Office, desk: Office) -> None:
    """Gives the desk what the authority knows: the registry and the authority's own log, as they are now."""
    registry = _registry(office)
    own = office.log
    for log, place, url in (
        (registry, str(copy_of(office, registry.origin)), registry.url),
        (own, office.home.publish_to, office.config.publish_url or office.home.publish_to),
    ):
        role = "registry" if log.role == "registry" else "office"
        desk.follow(place, log.vkey, role=role, policy=log.policy)
        Log.objects.using(desk.alias).filter(origin=log.origin).update(url=url)


def _mine(office: Office, folder: Path) -> Reserved:
    """The folder's reservation, if a key of ours signed it and we gave it."""
    reserved = reservation.read(folder / reservation.FILE)
    office.knowledge.refresh()
    history = office.knowledge.logs[OWN].history
    key: Key | None = history.keys.get(reserved.statement.kid)
    if key is None or key.holder != office.authority(reserved.participant):
        raise OfflineError(
            "offline.not-mine",
            "The reservation of this folder was not given by this office.",
            where=str(folder),
        )
    return reservation.read(folder / reservation.FILE, key.public_key)


def _publish(desk: Office, passphrase: str | None) -> None:
    """Everything that the desk has logged must be in its published log, or it would be left behind."""
    from adamas.ledger.checkpoint import parse
    from adamas.ledger.entries import EntryLog
    from adamas.ledger.storage import open_storage

    with connections[desk.alias].cursor() as cursor:
        size = EntryLog(OWN).size(cursor)
    note = open_storage(desk.home.publish_to).get("checkpoint")
    published = parse(note)[0].size if note is not None else 0
    if passphrase is not None:
        desk.publish()
    elif published < size:
        raise OfflineError(
            "offline.unpublished",
            f"The desk has logged {size:,} entries and published {published:,}.",
            where=str(desk.home.path),
            advice="Give the passphrase of its keys, so that the rest can be published.",
        )


def _numbers(desk: Office, reserved: Reserved) -> tuple[str, ...]:
    """The certificates that the desk issued. Raises OfflineError ``offline.outside`` for one that was not its own."""
    issued = Fact.objects.using(desk.alias).filter(log=OWN, type=reservation.ISSUE).order_by("idx")
    numbers = tuple(dict.fromkeys(issued.values_list("subject", flat=True)))
    outside = [number for number in numbers if not reserved.holds(number)]
    if outside:
        raise OfflineError(
            "offline.outside",
            f"The desk issued {len(outside)} certificates with numbers that were not set aside for it"
            f" ({', '.join(outside[:5])}); nothing was joined.",
            where=str(desk.home.path),
            clause=reservation.CLAUSE,
            advice="Ask the desk what happened; to put its log on record as it is, follow it: adamas follow.",
        )
    return numbers


def _own_issues(office: Office, numbers: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for part in rows.chunks(numbers):
        own = Fact.objects.using(office.alias).filter(log=OWN, type=reservation.ISSUE, subject__in=part)
        found += own.values_list("subject", flat=True)
    return tuple(dict.fromkeys(found))


def hand_over(desk: Office) -> bytes:
    """The desk's private disclosures in the form of a notice, which checks each against its statement."""
    by_statement: dict[tuple[bytes, str], list[bytes]] = {}
    kept = Disclosure.objects.using(desk.alias).order_by("digest")
    for statement, subject, raw in kept.values_list("statement", "subject", "raw"):
        by_statement.setdefault((bytes(statement), subject), []).append(bytes(raw))
    listed = [[statement, subject, raws] for (statement, subject), raws in sorted(by_statement.items())]
    return cbor.encode({"v": 1, "type": notice.TYPE, "from": desk.config.origin, "certificates": listed})


def _write(file: Path, data: bytes) -> None:
    """Whole and on disk, or not there."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    with fresh.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

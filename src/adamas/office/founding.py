"""Founding an office or a registry: folder, keys, database, and entry 0 of its log.

    registry = found_registry(folder, config, passphrase)          # root keys of the three pillars, k of n
    office = found_office(folder, config, passphrase, genesis)     # genesis: the registry's entry 0, from its log

The office's keys count once the registry has enrolled them (:mod:`adamas.office.registry.actions`) and the office
has followed the registry and copied the enrolments (``adopt_keys``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from adamas.ledger import statement as statements
from adamas.ledger.keys import Signer
from adamas.ledger.keystore import KeyStore
from adamas.ledger.note import NoteSigner
from adamas.ledger.statement import Statement
from adamas.office import home
from adamas.office.errors import HomeError
from adamas.office.home import Config
from adamas.office.opening import LOG_KEY, Office, key_name, open_office

PILLARS = ("government", "industry", "civil")
COST = 2**16  # scrypt's N for a new key store


def found_registry(
    path: str | os.PathLike[str],
    config: Config,
    passphrase: str,
    *,
    pillars: Sequence[str] = PILLARS,
    threshold: int = 2,
    clock: Callable[[], float] = time.time,
    cost: int = COST,
) -> Office:
    """A new registry whose root keys, one a pillar, are made here; ``threshold`` of them agree to each act.

    In life each pillar keeps its own root elsewhere; then its holder endorses with its own copy of this program.
    Raises HomeError, KeyRefused, DatabaseError.
    """
    place = home.create(path, config)
    keystore = KeyStore.create(place.keys, passphrase, cost=cost)
    roots = []
    signers: list[Signer] = []
    for pillar in pillars:
        holder = f"kp:registry/{pillar}"
        signer = keystore.make(key_name(holder))
        signers.append(signer)
        roots.append({"key": signer.public_key, "pillar": pillar, "holder": holder})
    payload = {"type": "log.genesis", "operator": config.operator, "roots": roots, "threshold": threshold}
    return _begin(path, keystore, payload, signers[0], str(roots[0]["holder"]), passphrase, clock)


def found_office(
    path: str | os.PathLike[str],
    config: Config,
    passphrase: str,
    registry_genesis: bytes,
    *,
    holders: Sequence[str] = (),
    clock: Callable[[], float] = time.time,
    cost: int = COST,
) -> Office:
    """A new office under a registry, with keys for the authorities of its Participants and for ``holders``.

    ``registry_genesis`` is the statement at entry 0 of the registry's log; the office's genesis repeats its roots and
    refers to it. Raises HomeError ``home.genesis``, KeyRefused, DatabaseError.
    """
    charter = statements.parse(registry_genesis)
    if charter.type != "log.genesis" or charter.refs:
        raise HomeError("home.genesis", "The statement given is not the genesis of a registry.")
    place = home.create(path, config)
    keystore = KeyStore.create(place.keys, passphrase, cost=cost)
    # Where the operator speaks for a Participant, it is that Participant's authority here.
    authorities = [
        f"kp:{code}/authority"
        for code in config.participants
        if not config.operator.startswith(f"kp:{code}/")
    ]
    wanted = dict.fromkeys((config.operator, *authorities, *holders))
    keys = {holder: keystore.make(key_name(holder)) for holder in wanted}
    own = keys[config.operator]
    payload = {
        "type": "log.genesis",
        "operator": config.operator,
        "roots": charter.payload["roots"],
        "threshold": charter.payload["threshold"],
        "key": own.public_key,
        "refs": {"registry": charter.id},
    }
    return _begin(path, keystore, payload, own, config.operator, passphrase, clock)


def _begin(
    path: str | os.PathLike[str],
    keystore: KeyStore,
    payload: dict[str, Any],
    signer: Signer,
    issuer: str,
    passphrase: str,
    clock: Callable[[], float],
) -> Office:
    office = open_office(path, passphrase=passphrase, clock=clock)
    log_key = keystore.make(LOG_KEY)
    origin = office.config.origin
    if office.config.policy:
        payload = {**payload, "policy": office.config.policy}
    genesis = statements.sign(signer, issuer=issuer, subject=origin, issued_at=office.now(), payload=payload)
    _log_genesis(office, genesis, NoteSigner(origin, log_key).vkey)
    return office


def _log_genesis(office: Office, genesis: Statement, vkey: str) -> None:
    from django.db import connections, transaction

    from adamas.ledger.entries import EntryLog
    from adamas.office.database import failures
    from adamas.office.log.fold import read
    from adamas.office.log.knowledge import OWN, enter
    from adamas.office.log.models import Log

    role = "registry" if office.config.kind == "registry" else "own"
    with failures(), office.changing(), transaction.atomic(using=office.alias):
        log = Log(
            number=OWN,
            origin=office.config.origin,
            role=role,
            vkey=vkey,
            policy=office.config.policy,
            genesis=genesis.id,
        )
        enter(office.alias, log)
        office.knowledge.refresh()
        with connections[office.alias].cursor() as cursor:
            EntryLog(OWN).append(cursor, [genesis.raw])
        office.projector.project(office.knowledge.logs[OWN], read([genesis.raw], 0))

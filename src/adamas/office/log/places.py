"""Where an office keeps what a proof is made from: its published log, its copies of others, and an index of both."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamas.analysis.trust import Trust
    from adamas.office.opening import Office

NO_PROOF_YET = frozenset(
    {"prove.not-found", "prove.not-published", "prove.receipt", "prove.unsigned", "audit.no-log"}
)
"""Codes which say that there is nothing to prove with so far, as between signing and publishing: no fault of anyone."""


def folders(office: Office) -> tuple[list[str], list[Path]]:
    """The verifier keys of all logs known here, and the folders of those that are published."""
    from adamas.office.log.follow import copy_of
    from adamas.office.log.models import Log

    vkeys, found = [], []
    for log in Log.objects.using(office.alias).order_by("number"):
        vkeys.append(log.vkey)
        own = office.home.publish_to.removeprefix("file://")
        place = copy_of(office, log.origin) if log.url else Path(own)
        if (place / "checkpoint").is_file():
            found.append(place)
    return vkeys, found


def registry_id(office: Office) -> bytes:
    """The id of the genesis of the registry on which the office's log rests; zeros while it has no genesis."""
    from adamas.office.log.knowledge import OWN

    known = office.knowledge.logs.get(OWN)
    genesis = known.history.genesis if known else None
    return (genesis.registry or genesis.id) if genesis else bytes(32)


def trust_of(office: Office) -> Trust:
    """What the office itself trusts when it proves: its registry, and the keys of the logs known here."""
    from adamas.analysis.trust import Trust

    return Trust(registry_id(office), tuple(folders(office)[0]))


def places(office: Office, subject: str) -> dict[str, list[int]]:
    """Origin → indices of the entries about a subject (or with an id), and of those about keys."""
    from django.db.models import Q

    from adamas.errors import AdamasError
    from adamas.ledger.statement import parse_id
    from adamas.ledger.types import LEDGER_TYPES
    from adamas.office.database import failures
    from adamas.office.log.models import Fact

    wanted = Q(subject=subject) | Q(type__in=[st_type.name for st_type in LEDGER_TYPES])
    with failures():
        with contextlib.suppress(AdamasError):
            named = Fact.objects.using(office.alias).filter(id=parse_id(subject))
            wanted |= Q(subject__in=list(named.values_list("subject", flat=True)))
        office.knowledge.refresh()
        origins = office.knowledge.origins
        found: dict[str, list[int]] = {}
        for log, index in Fact.objects.using(office.alias).filter(wanted).values_list("log", "idx"):
            found.setdefault(origins[log], []).append(index)
    return found

"""Registry views: the life of keys in each log, and the registry's acts that took effect."""

from __future__ import annotations

import json
from typing import Any

from django.db import connections

from adamas.ledger.statement import Statement
from adamas.office.log import rows
from adamas.office.log.catalogue import REGISTER_TYPES
from adamas.office.log.fold import Folded
from adamas.office.registry.models import Act, Key

_OWN_FIELDS = frozenset({"v", "type", "refs", "hidden", "sealed"})


def project(alias: str, log: int, folded: Folded) -> None:
    """Takes what took effect into the views, in the caller's transaction."""
    acts = []
    place: dict[bytes, int] = {entry.id: entry.idx for entry in folded.entries}
    for index, act in folded.effects:
        if act.type == "log.genesis":
            rows.upsert(alias, Key, list(_roots(log, act)))
        elif act.type == "key.enrolled":
            rows.upsert(alias, Key, [_enrolled(log, index, act)])
        elif act.type == "key.retired":
            _update(alias, log, act.subject, "retired = %s", [index])
        elif act.type == "key.compromised":
            _update(
                alias, log, act.subject, "compromised = %s, since = %s", [index, act.payload.get("since")]
            )
        elif act.type in REGISTER_TYPES:
            idx = place.get(act.id)
            acts.append(_act(log, _place(alias, log, act) if idx is None else idx, index, act))
    rows.upsert(alias, Act, acts)


def _roots(log: int, genesis: Statement) -> list[tuple[Any, ...]]:
    from adamas.ledger.keys import kid_of

    return [
        (log, kid_of(root["key"]).hex(), root["holder"], "root", 0, None, None, None)
        for root in genesis.payload["roots"]
    ]


def _enrolled(log: int, index: int, act: Statement) -> tuple[Any, ...]:
    payload = act.payload
    return (log, act.subject, payload["holder"], payload["purpose"], index, None, None, None)


def _act(log: int, idx: int, index: int, act: Statement) -> tuple[Any, ...]:
    content = {name: value for name, value in act.payload.items() if name not in _OWN_FIELDS}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=lambda value: bytes(value).hex())
    return (log, idx, index, act.type, act.subject, str(act.payload.get("from", "")), text)


def _place(alias: str, log: int, act: Statement) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute('SELECT idx FROM "adamas_entries" WHERE log = %s AND id = %s', [log, act.id])
        return int(cursor.fetchone()[0])


def _update(alias: str, log: int, kid: str, sets: str, values: list[Any]) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(f'UPDATE "registry_key" SET {sets} WHERE log = %s AND kid = %s', [*values, log, kid])  # noqa: S608

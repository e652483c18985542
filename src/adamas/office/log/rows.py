"""Writing view rows in bulk: one compiled INSERT per table, given tuples in the order of the model's columns.

The object mapper costs more per row than the rules do, and views are written by the thousand at replay;
reading stays with it. Both engines know the same ON CONFLICT clause.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from django.db import connections, models

CHUNK = 500


@cache
def columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns of a table, in the order in which rows are given."""
    return tuple(str(field.column) for field in model._meta.concrete_fields)


@cache
def _key(model: type[models.Model]) -> tuple[str, ...]:
    primary = model._meta.pk
    names = getattr(primary, "field_names", None) or (primary.column,)
    return tuple(names)


@cache
def _insert(model: type[models.Model], replace: bool) -> str:
    names = columns(model)
    quoted = ", ".join(f'"{name}"' for name in names)
    sql = f'INSERT INTO "{model._meta.db_table}" ({quoted}) VALUES ({", ".join(["%s"] * len(names))})'  # noqa: S608
    if replace:
        key = _key(model)
        sets = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in key)
        sql += f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"
    return sql


def insert(alias: str, model: type[models.Model], rows: Sequence[tuple[Any, ...]]) -> None:
    """Adds rows, in the caller's transaction."""
    if rows:
        with connections[alias].cursor() as cursor:
            cursor.executemany(_insert(model, False), rows)


def upsert(alias: str, model: type[models.Model], rows: Sequence[tuple[Any, ...]]) -> None:
    """Adds rows, or overwrites those with the same key, in the caller's transaction."""
    if rows:
        with connections[alias].cursor() as cursor:
            cursor.executemany(_insert(model, True), rows)


def delete(alias: str, model: type[models.Model], column: str, values: Iterable[Any]) -> None:
    """Removes the rows whose ``column`` is one of ``values``."""
    with connections[alias].cursor() as cursor:
        for part in chunks(values):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "{column}" IN ({marks})', part)  # noqa: S608


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """``values`` in lists of at most ``size``, as a query can take them."""
    part: list[Any] = []
    for value in values:
        part.append(value)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def digest(alias: str, model: type[models.Model], origins: dict[int, str]) -> bytes:
    """SHA-256 over all rows of a table in canonical form, whatever the engine, its sort order, or the log
    numbers.

    A row is hashed as Python writes it (only texts, whole numbers, octets and None occur). A log is named by its
    origin, so that two offices that follow the same logs in another order agree.
    """
    names = columns(model)
    log = names.index("log") if "log" in names else None
    hashes = []
    for row in model._default_manager.using(alias).values_list(*names).iterator(chunk_size=5000):
        values: list[Any] = [bytes(v) if isinstance(v, memoryview) else v for v in row]
        if log is not None:
            values[log] = origins.get(values[log])
        hashes.append(hashlib.sha256(repr(values).encode()).digest())
    hashes.sort()
    return hashlib.sha256(b"".join(hashes)).digest()

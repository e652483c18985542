"""The rows of everything public, read in parts and in a fixed order, and written as CSV.

Only views of the logs are read, never the private tables. A row holds values of Python; empty text means: not known.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.db.models import QuerySet

from adamas.ledger.statement import text_id
from adamas.office.aftercare import queries
from adamas.office.certification.models import Certificate
from adamas.office.formulas import harmless
from adamas.office.log.models import Fact, Finding
from adamas.office.log.pillars import Witnessing, witnessing
from adamas.office.public.datasets import BY_NAME
from adamas.office.registry.models import Act
from adamas.office.statistics.models import Return
from adamas.office.web import site

_PART = 2_000
_PIECE = 60_000
_MAX_FORGERIES = 5_000
Row = tuple[Any, ...]


def rows(name: str) -> Iterator[Row]:
    """The rows of a dataset. Raises KeyError for an unknown name."""
    return _ROWS[name]()


def csv_of(name: str, *, safe: bool = True) -> Iterator[bytes]:
    """A dataset as CSV (RFC 4180, UTF-8) in pieces.

    Text that a spreadsheet would run as a formula has an apostrophe before it, unless ``safe`` is False (for programs).
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(BY_NAME[name].names)
    for row in rows(name):
        writer.writerow([harmless(cell) for cell in row] if safe else row)
        if out.tell() > _PIECE:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def _logs() -> dict[int, tuple[str, Witnessing]]:
    office = site.office()
    office.knowledge.refresh()
    said = witnessing(office)
    return {
        number: (origin, said.get(origin, Witnessing(origin)))
        for number, origin in office.knowledge.origins.items()
    }


def _read(found: QuerySet[Any, Any]) -> Iterable[Any]:
    return found.iterator(chunk_size=_PART)


def _certificates() -> Iterator[Row]:
    logs = _logs()
    own = BY_NAME["certificates"].names
    place = own.index("statement")
    columns = [name for name in own if name not in ("statement", "log", "index", "proof")]
    for row in _read(Certificate.objects.order_by("number").values_list(*columns, "issued_id", "log", "idx")):
        *cells, issued, log, idx = row
        origin, seen = logs.get(log, ("", Witnessing("")))
        cells.insert(place, text_id(bytes(issued)) if issued else "")
        yield (*cells, origin, "" if idx is None else idx, "" if idx is None else seen.of(idx))


def _statements() -> Iterator[Row]:
    logs = _logs()
    names = ("log", "idx", "id", "type", "issuer", "subject", "at", "standing")
    for log, index, identity, *rest in _read(Fact.objects.order_by("log", "idx").values_list(*names)):
        origin, seen = logs[log]
        yield origin, index, text_id(bytes(identity)), *rest, seen.of(index)


def _findings() -> Iterator[Row]:
    yield from _read(Finding.objects.order_by("scope", "n").values_list(*BY_NAME["findings"].names))


def _register() -> Iterator[Row]:
    logs = _logs()
    names = ("log", "idx", "type", "subject", "day", "content")
    for log, *rest in _read(Act.objects.order_by("log", "idx").values_list(*names)):
        yield logs[log][0], *rest


def _confirmations() -> Iterator[Row]:
    """By state, since an index begins with the destination and the state is the day's own column."""
    days = ("received", "refused", "returned", "seized")
    names = ("number", "participant", "to", "state", *days, "agrees", "seals", "received_id")
    found = Certificate.objects.filter(state__in=days).order_by("number").values_list(*names)
    for number, participant, to, state, *told, agrees, seals, received in _read(found):
        day = told[days.index(state)]
        yield number, participant, to, state, day, agrees, seals, text_id(bytes(received)) if received else ""


def _returns() -> Iterator[Row]:
    logs = _logs()
    names = ("log", "idx", "country", "kind", "period", "carats", "value", "issuer", "source")
    for log, *rest in _read(Return.objects.order_by("log", "idx").values_list(*names)):
        yield logs[log][0], *rest


def _forgeries() -> Iterator[Row]:
    for one in queries.forgeries(limit=_MAX_FORGERIES, alias=site.office().alias):
        yield one.number, one.at, one.reported, one.issuer, one.note, one.id


_ROWS: dict[str, Callable[[], Iterator[Row]]] = {
    "certificates": _certificates,
    "statements": _statements,
    "findings": _findings,
    "register": _register,
    "confirmations": _confirmations,
    "returns": _returns,
    "forgeries": _forgeries,
}
to_file = partial(csv_of, safe=False)
"""A dataset as CSV with its text as it is."""

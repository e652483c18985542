"""Objects of the desks as the API shows them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from adamas.ledger.statement import text_id
from adamas.office.api.errors import ApiError
from adamas.office.arrival.answer import Shown
from adamas.office.batch import BatchResult
from adamas.office.certification import queries
from adamas.office.certification.models import Certificate
from adamas.office.issuing import drafts, lifecycle
from adamas.office.issuing.models import Application
from adamas.office.web import site
from adamas.scheme.values import format_hundredths


def cursor(*parts: Any) -> str:
    """A place in a list as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def place(text: str, kinds: tuple[type, ...]) -> list[Any]:
    """Reads a cursor that was given out. Raises ApiError ``api.cursor``."""
    try:
        parts = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        if isinstance(parts, list) and [type(part) for part in parts] == list(kinds):
            return parts
    except (ValueError, binascii.Error, RecursionError):
        pass
    raise ApiError(
        "api.cursor", "The cursor was not given out here.", where="cursor", advice="Begin without one."
    )


def row(view: Certificate, today: str) -> dict[str, Any]:
    """A certificate in a list."""
    return {
        "number": view.number,
        "state": queries.status_of(view, today).value,
        "participant": view.participant,
        "to": view.to,
        "issued": view.issued,
        "expires": view.expires,
        "parcels": view.parcels,
        "findings": view.findings,
        "due": queries.due_day(view),
    }


def declared(shown: Shown | None) -> dict[str, Any] | None:
    """The private content of a certificate."""
    if shown is None:
        return None
    return {
        "exporter": shown.exporter,
        "importer": shown.importer,
        "parcels": [
            {
                "hs": str(parcel["hs"]),
                "carats": format_hundredths(int(parcel["carats"])),
                "value": format_hundredths(int(parcel["value"])),
            }
            for parcel in shown.parcels
        ],
        "seals": list(shown.seals),
        "carats": format_hundredths(shown.carats),
        "value": format_hundredths(shown.value),
    }


def findings(found: Iterable[Any]) -> list[dict[str, Any]]:
    """What rules say."""
    return [
        {"code": one.code, "clause": one.clause, "severity": one.severity, "sentence": one.sentence}
        for one in found
    ]


def batch(result: BatchResult) -> dict[str, Any]:
    """Rows done and refused."""
    return {
        "accepted": [
            {"number": one.subject, "statement": one.text_id, "index": one.index, "again": one.again}
            for one in result.accepted
        ],
        "refused": [{"number": one.subject, "findings": findings(one.findings)} for one in result.refused],
    }


def application_row(item: Application) -> dict[str, Any]:
    """An application in a list."""
    return {
        "id": item.pk,
        "state": item.state,
        "reference": item.reference,
        "to": item.to,
        "parcels": item.parcels,
        "carats": format_hundredths(item.carats),
        "value": format_hundredths(item.value),
        "number": item.number,
        "version": item.version,
        "changed": item.changed,
        "since": item.since,
        "late": lifecycle.overdue(item.state, item.since, site.office().now()),
    }


def application(item: Application) -> dict[str, Any]:
    """An application whole."""
    editable = item.state in lifecycle.WITH_EXPORTER
    return {
        **application_row(item),
        "cells": item.cells,
        "thread": [
            {"at": step.at, "office": step.office, "act": step.act, "text": step.text}
            for step in item.steps.order_by("pk")
        ],
        "attachments": papers(item.attachments.order_by("pk")),
        "against": findings(drafts.against(item)) if editable else [],
    }


def papers(found: Iterable[Any]) -> list[dict[str, Any]]:
    """Papers and pictures: what they are called, and the digest of their bytes."""
    return [
        {"id": one.pk, "name": one.name, "kind": one.kind, "digest": one.digest, "size": one.size}
        for one in found
    ]


def page(
    rows: list[Any], limit: int, key: Callable[[Any], str], show: Callable[[Any], Any]
) -> dict[str, Any]:
    """A page of a list, of rows of which one more than ``limit`` was asked for."""
    return {
        "items": [show(one) for one in rows[:limit]],
        "next": key(rows[limit - 1]) if len(rows) > limit else None,
    }


def before(found: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those after a cursor, in a list from the newest to the oldest."""
    if not text:
        return found
    (last,) = place(text, (int,))
    return found.filter(pk__lt=max(min(last, 2**62), 0))


def identity(raw: Any) -> str:
    """A statement's id as people write it; empty if there is none."""
    return text_id(bytes(raw)) if raw else ""

"""The record, read page by page: entries of a log, each with what was signed, by whom, and how far it is witnessed."""

from __future__ import annotations

import calendar
import datetime
from typing import Any

from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from adamas.errors import AdamasError
from adamas.ledger import tlog_proof
from adamas.ledger.checkpoint import parse as parse_checkpoint
from adamas.ledger.entries import EntryLog
from adamas.ledger.statement import parse_id, text_id
from adamas.ledger.storage import open_storage
from adamas.ledger.tiles import TileReader
from adamas.office.log.follow import copy_of
from adamas.office.log.models import Fact, Finding
from adamas.office.log.reading import payload_of
from adamas.office.people.access import public
from adamas.office.public import caching, state
from adamas.office.public.asked import day_of
from adamas.office.public.caching import shared
from adamas.office.web import site

PAGE = 50
_OWN_PARTS = frozenset({"v", "type", "refs", "hidden", "sealed"})
_LARGEST = 2**62


@public
@require_safe
@shared(5)
def log(request: HttpRequest) -> HttpResponse:
    """Entries of a log, newest first; ``?before=`` older ones, ``?on=`` those up to a day, ``?log=`` another log."""
    logs = state.pillars()
    shown = _log(logs, number(request, "log", state.OWN))
    before = min(number(request, "before", shown.size), shown.size)
    office = site.office()
    day, wrong = day_of(request)
    if request.GET.get("on") and not wrong and day < site.today().isoformat():
        before = min(before, _until(office.alias, shown.number, shown.size, day))
    rows = Fact.objects.using(office.alias).filter(log=shown.number, idx__lt=before, idx__gte=before - PAGE)
    context = {
        "logs": logs,
        "log": shown,
        "entries": [(row, shown.witnessing.of(row.idx)) for row in rows.order_by("-idx")],
        "older": before - PAGE if before > PAGE else None,
        "on": day if request.GET.get("on") else "",
        "wrong": wrong,
        "newer": min(before + PAGE, shown.size) if before < shown.size else None,
    }
    return render(request, "public/log.html", context)


def _until(alias: str, log: int, size: int, day: str) -> int:
    """How many of a log's first entries claim no later time than the end of a day (UTC).

    Each entry knows the latest time claimed before it, which never falls: so it is looked for by halves.
    """
    end = calendar.timegm(datetime.date.fromisoformat(day).timetuple()) + 86_399
    facts = Fact.objects.using(alias).filter(log=log, after__isnull=False)

    def latest(count: int) -> int:
        found = facts.filter(idx__gte=count).order_by("idx").values_list("after", flat=True).first()
        if found is None:
            last = facts.order_by("-idx").first()
            return max(last.after or 0, last.at) if last is not None else 0
        return found

    low, high = 0, size
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if latest(middle) <= end else (low, middle - 1)
    return low


@public
@require_safe
@shared(5)
def entry(request: HttpRequest, log: int, index: int) -> HttpResponse:
    """One entry: its public payload decoded, the state of its signature, and how to prove it."""
    office = site.office()
    shown = _log(state.pillars(), log)
    row = Fact.objects.using(office.alias).filter(log=log, idx=index).first() if index < _LARGEST else None
    raw = _raw(log, index)
    if row is None or raw is None:
        raise Http404
    payload = payload_of(raw) if row.standing != "unreadable" else {}
    ident = text_id(bytes(row.id))
    scope = f"entry:{shown.origin}:{index}"
    findings = Finding.objects.using(office.alias)
    about = (
        [one for one in findings.filter(subject=row.subject)[:200] if ident in one.evidence]
        if row.subject
        else []
    )
    context = {
        "log": shown,
        "row": row,
        "id": ident,
        "proof": shown.witnessing.of(index),
        "fields": [(name, plain(value)) for name, value in payload.items() if name not in _OWN_PARTS],
        "refs": [(name, text_id(bytes(value))) for name, value in (payload.get("refs") or {}).items()],
        "hidden": len(payload.get("hidden") or ()),
        "sealed": sorted(payload.get("sealed") or {}),
        "version": payload.get("v"),
        "size": len(raw),
        "findings": {(one.scope, one.n): one for one in (*findings.filter(scope=scope), *about)}.values(),
    }
    return render(request, "public/entry.html", context)


@public
@require_safe
def raw(request: HttpRequest, log: int, index: int) -> HttpResponse:
    """The bytes as logged: COSE_Sign1. They never change."""
    data = _raw(log, index)
    if data is None:
        raise Http404
    name = f"{index}.cose"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": caching.IMMUTABLE}
    return HttpResponse(data, content_type="application/cose", headers=headers)


@public
@require_safe
@shared(5, page=False)
def proof(request: HttpRequest, log: int, index: int) -> HttpResponse:
    """The C2SP tlog-proof of an entry, with the newest checkpoint and its cosignatures; 404 if not published."""
    shown = _log(state.pillars(), log)
    place = open_storage(
        str(copy_of(site.office(), shown.origin)) if shown.url else site.office().home.publish_to
    )
    note = place.get("checkpoint")
    if note is None:
        raise Http404
    head = parse_checkpoint(note)[0]
    if index >= head.size:
        raise Http404
    reader = TileReader(place.get, head.size, trusted_root=head.root)
    text = tlog_proof.make(index, reader.inclusion_proof(index), note)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@public
@require_safe
@shared(3_600, page=False)
def statement(request: HttpRequest, identity: str) -> HttpResponse:
    """To the entry that has this id, wherever it is logged first."""
    try:
        wanted = parse_id(identity)
    except AdamasError:
        raise Http404 from None
    rows = Fact.objects.using(site.office().alias).filter(id=wanted).order_by("log", "idx")
    found = rows.values_list("log", "idx").first()
    if found is None:
        raise Http404
    return HttpResponseRedirect(reverse("public:entry", args=found))


def plain(value: Any) -> Any:
    """A payload's value for people: octets in hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return "; ".join(f"{key}: {plain(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(str(plain(item)) for item in value)
    return value


def number(request: HttpRequest, name: str, default: int) -> int:
    """A whole number of the address, or the default; nobody's typing error is an error of ours."""
    text = request.GET.get(name, "")
    return min(int(text), _LARGEST) if text.isascii() and text.isdigit() and len(text) < 19 else default


def _log(logs: tuple[state.LogState, ...], number: int) -> state.LogState:
    found = next((one for one in logs if one.number == number), None)
    if found is None:
        raise Http404
    return found


def _raw(log: int, index: int) -> bytes | None:
    if index >= _LARGEST or log >= _LARGEST:
        return None
    with connections[site.office().alias].cursor() as cursor:
        found = EntryLog(log).read(cursor, index, index + 1)
    return found[0] if found else None

"""Atom feeds (RFC 4287) of the log, the register, findings and forgeries, for readers and for programs that watch.

Ids are tag URIs made of the office's origin and what the entry is about, so they stay when the address changes; times
are those that statements claim, so that the same record gives the same bytes and a conditional request costs nothing.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from adamas.ledger.statement import text_id
from adamas.office.aftercare import queries
from adamas.office.log.models import Fact, Finding
from adamas.office.opening import Office
from adamas.office.people.access import public
from adamas.office.public import state
from adamas.office.public.caching import shared
from adamas.office.registry.models import Act
from adamas.office.web import site

ENTRIES = 50
_LOOKED_AT = 1_000
"""Newest entries of each log whose findings are told."""
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry. ``key`` is stable, ``at`` in unix seconds, ``link`` a path of this office."""

    key: str
    title: str
    at: int
    link: str
    text: str
    author: str


def _log(office: Office) -> list[Item]:
    rows = Fact.objects.using(office.alias).filter(log=state.OWN).order_by("-idx")[:ENTRIES]
    return [
        Item(
            f"statement/{text_id(bytes(row.id))}",
            f"{row.type or 'unreadable'} {row.subject}".strip(),
            row.at,
            reverse("public:entry", args=(row.log, row.idx)),
            f"Entry {row.idx:,}, signed by {row.issuer or 'nobody'}; key: {row.standing}. {row.sentence}".strip(),
            row.issuer,
        )
        for row in rows
    ]


def _register(office: Office) -> list[Item]:
    rows = list(Act.objects.using(office.alias).order_by("-effective", "-idx")[:ENTRIES])
    places = {(row.log, row.idx) for row in rows}
    facts: dict[tuple[int, int], Any] = {}
    for log in {log for log, _ in places}:
        for fact in Fact.objects.using(office.alias).filter(
            log=log, idx__in=[i for n, i in places if n == log]
        ):
            facts[log, fact.idx] = fact
    return [
        Item(
            f"act/{text_id(bytes(facts[row.log, row.idx].id))}",
            f"{row.type} {row.subject}" + (f" from {row.day}" if row.day else ""),
            facts[row.log, row.idx].at,
            reverse("public:entry", args=(row.log, row.idx)),
            f"An act of the registry: {row.content}",
            facts[row.log, row.idx].issuer,
        )
        for row in rows
        if (row.log, row.idx) in facts
    ]


def _findings(office: Office) -> list[Item]:
    """Those on the subjects of the newest entries: a finding has no time of its own, but what it is about has."""
    at: dict[str, int] = {}
    facts = Fact.objects.using(office.alias)
    for log in state.pillars():
        newest = facts.filter(log=log.number, idx__gte=log.size - _LOOKED_AT).values_list("subject", "at")
        for subject, claimed in newest:
            at[subject] = max(claimed, at.get(subject, 0))
    names = list(at)
    found: list[Finding] = []
    for start in range(0, len(names), 500):
        found += Finding.objects.using(office.alias).filter(subject__in=names[start : start + 500])
    found.sort(key=lambda one: (-at[one.subject], one.scope, one.n))
    return [
        Item(
            f"finding/{one.scope}/{one.n}/{one.code}",
            f"{one.subject}: {one.code}",
            at[one.subject],
            f"{reverse('public:findings')}?subject={one.subject}",
            f"{one.sentence} ({one.clause}) Evidence: {one.evidence or 'none'}",
            "rulebook",
        )
        for one in found[:ENTRIES]
    ]


def _forgeries(office: Office) -> list[Item]:
    return [
        Item(
            f"forgery/{one.id}",
            f"Forged paper with number {one.number}",
            _noon(one.reported),
            reverse("public:statement", args=(one.id,)),
            f"Reported by {one.issuer}, seen at {one.at or 'a place not told'}. {one.note}".strip(),
            one.issuer,
        )
        for one in queries.forgeries(limit=ENTRIES, alias=office.alias)
    ]


FEEDS: dict[str, tuple[str, Callable[[Office], Sequence[Item]]]] = {
    "log": ("New entries of the log", _log),
    "register": ("Acts of the registry", _register),
    "findings": ("Findings on what was logged last", _findings),
    "forgeries": ("Known forgeries", _forgeries),
}


@public
@require_safe
@shared(60, page=False)
def feed(request: HttpRequest, name: str) -> HttpResponse:
    """One feed, or 304 if it is still what the reader has."""
    if name not in FEEDS:
        raise Http404
    title, items = FEEDS[name]
    office = site.office()
    body = atom(office, name, title, items(office), request.build_absolute_uri("/").rstrip("/"))
    return HttpResponse(body, content_type="application/atom+xml; charset=utf-8")


def atom(office: Office, name: str, title: str, items: Sequence[Item], base: str) -> bytes:
    """The document of a feed."""
    tag = f"tag:{office.config.origin.partition('/')[0]},2026:{office.config.origin.partition('/')[2]}"
    out = io.BytesIO()
    xml = SimplerXMLGenerator(out, "utf-8")
    xml.startDocument()
    xml.startElement("feed", AttributesImpl({"xmlns": _ATOM, "xml:lang": "en"}))
    xml.addQuickElement("id", f"{tag}/feed/{name}")
    xml.addQuickElement("title", _clean(f"{office.config.origin}: {title}"))
    xml.addQuickElement("updated", _time(max((item.at for item in items), default=0)))
    xml.addQuickElement(
        "link", attrs={"rel": "self", "href": f"{base}/feeds/{name}.atom", "type": "application/atom+xml"}
    )
    xml.addQuickElement("link", attrs={"rel": "alternate", "href": f"{base}/", "type": "text/html"})
    _author(xml, office.config.operator)
    for item in items:
        xml.startElement("entry", AttributesImpl({}))
        xml.addQuickElement("id", _clean(f"{tag}/{item.key}"))
        xml.addQuickElement("title", _clean(item.title))
        xml.addQuickElement("updated", _time(item.at))
        xml.addQuickElement("link", attrs={"rel": "alternate", "href": base + item.link, "type": "text/html"})
        _author(xml, item.author or office.config.operator)
        xml.addQuickElement("summary", _clean(item.text), {"type": "text"})
        xml.endElement("entry")
    xml.endElement("feed")
    xml.endDocument()
    return out.getvalue()


def _author(xml: SimplerXMLGenerator, name: str) -> None:
    xml.startElement("author", AttributesImpl({}))
    xml.addQuickElement("name", _clean(name))
    xml.endElement("author")


def _clean(text: str) -> str:
    """Without the control characters that XML cannot carry: a followed log may hold any text."""
    return "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")


def _time(seconds: int) -> str:
    latest = 253_402_300_799  # the last second that an ISO date of four digits has
    moment = datetime.datetime.fromtimestamp(min(max(seconds, 0), latest), datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _noon(day: str) -> int:
    try:
        return int(datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.UTC).timestamp())
    except ValueError:
        return 0

"""The register by date, one page for each Participant, and what the rules found: public, each with its source."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from adamas.office.aftercare import queries
from adamas.office.certification.models import Certificate
from adamas.office.log.models import Finding
from adamas.office.people.access import public
from adamas.office.public.asked import day_of
from adamas.office.public.caching import shared
from adamas.office.public.log_views import number
from adamas.office.registry.models import Act, Key
from adamas.office.web import site
from adamas.scheme.participants import Register

PAGE = 50
_CODE = re.compile(r"[A-Z]{2}")


def register() -> Register:
    """The register as the registry's log has it now."""
    office = site.office()
    office.knowledge.refresh()
    return office.knowledge.register


@public
@require_safe
@shared(60)
def index(request: HttpRequest) -> HttpResponse:
    """Participants on a day: who was in good standing, who was not and why, authorities, observers."""
    day, wrong = day_of(request)
    known = register()
    listed = set(known.participants_on(day))
    rows = []
    for code in known.codes():
        standing = known.standing(code, day)
        if code in listed or standing.kind in ("restricted", "good") or known.spells[code][0].start <= day:
            rows.append((code, known.names.get(code, code), standing, code in listed))
    authorities = [a for a in known.authorities.values() if a.start <= day < a.until]
    context = {
        "on": day,
        "wrong": wrong,
        "rows": rows,
        "good": sum(standing.good for _, _, standing, on_list in rows if on_list),
        "listed": len(listed),
        "authorities": sorted(authorities, key=lambda one: one.issuer),
        "observers": sorted(
            (one for one in known.observers.values() if one.start <= day), key=lambda one: one.name
        ),
    }
    return render(request, "public/register.html", context)


@public
@require_safe
@shared(60)
def participant(request: HttpRequest, code: str) -> HttpResponse:
    """One Participant: its history, measures, authorities and keys, its certificates by state, and findings."""
    day, wrong = day_of(request)
    known = register()
    if code not in known.spells:
        raise Http404
    office = site.office()
    alias = office.alias
    certificates = Certificate.objects.using(alias)
    measures = [
        (one, known.lifted.get((code, name))) for name, one in sorted(known.measures.get(code, {}).items())
    ]
    context = {
        "code": code,
        "name": known.names.get(code, code),
        "on": day,
        "wrong": wrong,
        "standing": known.standing(code, day),
        "producer": code in known.producers,
        "spells": known.spells[code],
        "measures": measures,
        "covers": known.covers(code, day),
        "authorities": [a for a in known.authorities.values() if a.participant == code],
        "ranges": known.ranges.get(f"kp:{code}/authority", []),
        "keys": _keys(alias, code),
        "sent": _states(certificates.filter(participant=code)),
        "taken": _states(certificates.filter(to=code)),
        "acts": Act.objects.using(alias).filter(subject=code).order_by("day", "log", "idx"),
        "findings": _of_participant(alias, code)[:PAGE],
    }
    return render(request, "public/participant.html", context)


@public
@require_safe
@shared(30)
def findings(request: HttpRequest) -> HttpResponse:
    """What the rules say against statements, each with clause and evidence; ``?participant=`` or ``?subject=``."""
    office = site.office()
    code, subject = request.GET.get("participant", ""), request.GET.get("subject", "")[:120]
    code = code if _CODE.fullmatch(code) else ""
    subject = subject if subject.isprintable() else ""  # PostgreSQL takes no zero octet
    rows = Finding.objects.using(office.alias).all()
    if subject:
        rows = rows.filter(subject=subject)
    elif code:
        rows = _of_participant(office.alias, code)
    start = number(request, "from", 0)
    start = start if start < 100_000 else 0
    found = list(rows.order_by("subject", "scope", "n")[start : start + PAGE + 1])
    context = {
        "rows": found[:PAGE],
        "code": code,
        "subject": subject,
        "older": start + PAGE if len(found) > PAGE else None,
        "newer": max(start - PAGE, 0) if start else None,
        "first": start == 0,
    }
    return render(request, "public/findings.html", context)


@public
@require_safe
@shared(30)
def forgeries(request: HttpRequest) -> HttpResponse:
    """Known forgeries: what every verification consults."""
    return render(
        request, "public/forgeries.html", {"rows": queries.forgeries(limit=500, alias=site.office().alias)}
    )


def _states(rows: Any) -> list[dict[str, Any]]:
    """How many by state; an index holds (Participant, state), so the rows themselves are not read."""
    return list(rows.values("state").annotate(count=Count("number")).order_by("state"))


def _of_participant(alias: str, code: str) -> Any:
    """Findings on certificates of a Participant: those whose number begins with its code, by the index."""
    following = code[:-1] + chr(ord(code[-1]) + 1)
    return (
        Finding.objects.using(alias)
        .filter(subject__gte=code, subject__lt=following)
        .order_by("subject", "scope", "n")
    )


def _keys(alias: str, code: str) -> list[Key]:
    rows = Key.objects.using(alias).filter(holder__gte=f"kp:{code}/", holder__lt=f"kp:{code}0")
    newest: dict[str, Key] = {}
    for row in rows.order_by(
        "-log"
    ):  # the registry's log and the own one may both have it: the first log's counts
        newest[row.kid] = row
    return sorted(newest.values(), key=lambda row: (row.holder, row.enrolled))

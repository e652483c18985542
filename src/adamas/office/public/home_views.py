"""The first page, the state of the logs, and what robots and finders of faults read."""

from __future__ import annotations

import datetime
import os

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from adamas.ledger.statement import text_id
from adamas.office.log.models import Fact, Waiting
from adamas.office.people.access import public
from adamas.office.public import checking, state
from adamas.office.public.caching import shared
from adamas.office.web import site

SHOWN = 50
CONTACT = "ADAMAS_SECURITY_CONTACT"
_ROBOTS = """\
User-agent: *
Disallow: /people/
Disallow: /account/
Disallow: /issuing/
Disallow: /arrival/
Disallow: /after/
Disallow: /api/
Disallow: /v/status/
Disallow: /v/check
Disallow: /log/tiles/
"""


@public
@require_safe
@shared(60)
def home(request: HttpRequest) -> HttpResponse:
    """What this is, three doors, and what it cannot do."""
    return render(request, "public/home.html", {"participants": site.office().config.participants})


@public
@require_safe
@shared(5)
def status(request: HttpRequest) -> HttpResponse:
    """The state of the own log and of those that are followed, and what waits for a statement not seen yet."""
    office = site.office()
    waiting = list(Waiting.objects.using(office.alias).order_by("log", "idx")[: SHOWN + 1])
    context = {
        "logs": state.pillars(),
        "config": office.config,
        "registry": text_id(checking.registry_id(office)),
        "waiting": [(one, text_id(bytes(one.missing))) for one in waiting[:SHOWN]],
        "more": len(waiting) > SHOWN,
        "pending": list(_pending(office.alias)[:SHOWN]),
        "tiles": request.build_absolute_uri("/log/tiles/"),
    }
    return render(request, "public/status.html", context)


def _pending(alias: str) -> QuerySet[Fact]:
    """Acts of the registry that too few roots have endorsed, by the index of types."""
    return Fact.objects.using(alias).filter(type__in=_ACTS, effective=None, standing="pending")


_ACTS = ("key.enrolled", "key.retired", "key.compromised", "participant.admitted", "participant.left",
         "measure.imposed", "measure.lifted", "authority.designated", "range.assigned", "rulebook.adopted")  # fmt: skip


@public
@require_safe
@shared(86_400, page=False)
def robots(request: HttpRequest) -> HttpResponse:
    """What is of no use to a search engine."""
    return HttpResponse(_ROBOTS, content_type="text/plain; charset=utf-8")


@public
@require_safe
@shared(86_400, page=False)
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a fault (RFC 9116), if the operator named an address; 404 else, for an address must be real."""
    contact = os.environ.get(CONTACT, "")
    if not contact.startswith(("mailto:", "https://", "tel:")):
        raise Http404
    expires = site.today() + datetime.timedelta(days=180)
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires.isoformat()}T00:00:00Z",
        "Preferred-Languages: en, fr",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")

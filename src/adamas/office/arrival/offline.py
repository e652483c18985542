"""Answers without a line: what is awaited here and how it stood when last fetched, kept in the browser.

The page itself says nothing of anybody, so that it may be kept; the state is fetched apart, of one Participant, and
holds nothing that is not public. How old it is stands above every answer.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from csp.decorators import csp_exempt
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from adamas.ledger.statement import text_id
from adamas.office.arrival.camera import with_camera
from adamas.office.certification import queries
from adamas.office.certification.models import Certificate
from adamas.office.issuing.answers import me
from adamas.office.log import follow
from adamas.office.people.access import needs
from adamas.office.web import site

MOST = 20_000
DAYS = 400
"""Certificates issued within this many days are kept: longer than any one is valid."""
_VERIFY = Path(__file__).resolve().parent.parent / "public" / "static" / "verify"
_OWN = ("arrival/offline.js", "adamas/adamas.css", "adamas/icon.svg")


@needs("importing", "customs")
@require_GET
@with_camera
def page(request: HttpRequest) -> HttpResponse:
    """The page that works without a line."""
    return render(request, "arrival/offline.html")


@needs("importing", "customs")
@require_GET
@never_cache
def manifest(request: HttpRequest) -> JsonResponse:
    """What the page keeps: public facts about certificates that come to this Participant."""
    membership, office = me(request), site.office()
    code, today = membership.organisation.participant, site.today().isoformat()
    rows = (
        Certificate.objects.filter(
            to=code, issued__gte=queries.day_after(today, -DAYS), issued_id__isnull=False
        )
        .order_by("-issued", "number")
        .values_list(
            "number", "state", "issued_id", "issued", "expires", "parcels", "forgeries", "replaced_by"
        )
    )
    certificates: list[list[Any]] = [
        [number, state, text_id(bytes(identity or b"")), issued, expires, parcels, forgeries, by]
        for number, state, identity, issued, expires, parcels, forgeries, by in rows[:MOST]
    ]
    known = [[age.origin, age.seconds] for age in follow.ages(office) if age.role != "registry"]
    return JsonResponse(
        {
            "v": 1,
            "membership": membership.pk,
            "participant": code,
            "made": office.now(),
            "today": today,
            "complete": len(certificates) < MOST,
            "logs": known,
            "certificates": certificates,
        }
    )


@needs("importing", "customs")
@require_GET
@csp_exempt()
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the page without a line; it answers for that page alone."""
    files = [static(name) for name in _OWN] + [static(f"verify/{name}") for name in _modules()]
    head = f"const PAGE = {reverse('arrival:offline')!r};\nconst FILES = {files!r};\n"
    text = (Path(__file__).resolve().parent / "static" / "arrival" / "worker.js").read_text(encoding="utf-8")
    answer = HttpResponse(head + text, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return answer


@cache
def _modules() -> tuple[str, ...]:
    """The modules of the browser's verifier that the page loads, and its scanner."""
    found = sorted(
        str(path.relative_to(_VERIFY))
        for path in _VERIFY.rglob("*")
        if path.suffix in (".js", ".wasm") and path.name not in ("sw.js", "page.js")
    )
    return tuple(found)

"""Certificates: lists, one whole, its bundle, its paper; and the check of a code."""

from __future__ import annotations

import base64
from typing import Any, Literal

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import File, Query, Router
from ninja.files import UploadedFile

from adamas.ledger.statement import parse_id
from adamas.office.api import schemas as s
from adamas.office.api import shown, visible
from adamas.office.api.errors import ApiError
from adamas.office.api.routes import operation
from adamas.office.api.tokens import me
from adamas.office.arrival import answer, scanning
from adamas.office.arrival.models import IMPORTING_SIDE
from adamas.office.arrival.scanning import Scanned
from adamas.office.certification import printing
from adamas.office.certification.models import Certificate
from adamas.office.issuing.answers import download
from adamas.office.issuing.lists import acts_of, matching
from adamas.office.issuing.models import FormUse, Notice
from adamas.office.log.models import Finding
from adamas.office.people import audit
from adamas.office.people.models import Membership
from adamas.office.public import checking
from adamas.office.web import site, uploads
from adamas.scheme.lifecycle import State
from adamas.scheme.values import parse_day

router = Router()
OCTETS = "application/octet-stream"
PDF = "application/pdf"
_OFFICERS = ("issuing", "importing", "customs", "auditor")


@operation(router, "GET", "/certificates", s.CertificateList, scope="read")
def list_certificates(
    request: HttpRequest,
    side: Literal["exporting", "importing"] = Query("exporting"),
    state: State | None = None,
    other: str = Query("", max_length=2, description="Only those to, or from, this Participant."),
    start: s.Day | None = None,
    end: s.Day | None = None,
    text: str = Query("", max_length=80, description="What the number, or a firm's name, has in it."),
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Lists certificates, newest first. ``side``: those that your Participant issued, or those that go there.
    ``start`` and ``end`` are days of issue. ``state`` is the one that the log gives; expired and overdue ones are found
    under the state they had."""
    who, alias = me(request), site.office().alias
    found = Certificate.objects.using(alias).exclude(issued_id=None)
    if not visible.official(who):
        found = found.filter(number__in=visible.numbers_of(who))
    elif side == "exporting":
        found = found.filter(participant=who.organisation.participant)
    else:
        found = found.filter(to=who.organisation.participant)
    found = _narrowed(who, found, side == "importing", other, text)
    for name, day in (("issued__gte", start), ("issued__lte", end)):
        if day is not None:
            found = found.filter(**{name: parse_day(day)})
    if state is not None:
        found = found.filter(state=state.value)
    if cursor:
        day, number = shown.place(cursor, (str, str))
        found = found.filter(issued__lte=day).filter(Q(issued__lt=day) | Q(number__lt=number))
    rows = list(found.order_by("-issued", "-number")[: limit + 1])
    today = site.today().isoformat()
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": [shown.row(view, today) for view in rows[:limit]],
        "next": shown.cursor(last.issued, last.number) if last else None,
    }


@operation(router, "GET", "/certificates/{number}", s.CertificateOut, scope="read")
def get_certificate(request: HttpRequest, number: str) -> Any:
    """One certificate. Record, signed statements, findings, and the declared content."""
    office, who = site.office(), me(request)
    record = visible.record(who, number)
    found = checking.facts(office, record)
    raws = visible.statements(number)
    for step in found["history"]:
        raw = raws.get(parse_id(step["id"]))
        step["statement"] = base64.b64encode(raw).decode() if raw else ""
    said = Finding.objects.using(office.alias).filter(subject=number).order_by("scope", "n")[:200]
    return {
        **found,
        "number": number,
        "findings": shown.findings(said),
        "declared": shown.declared(answer.declared(office, record)),
    }


@operation(router, "GET", "/certificates/{number}/trail", s.TrailOut, scope="read", roles=_OFFICERS)
def get_trail(request: HttpRequest, number: str) -> Any:
    """Who did what with a certificate on your side, the blank forms it was printed on, and its dispatch notice."""
    who = me(request)
    visible.record(who, number)
    names = ("at", "act", "role", "officer")
    forms = FormUse.objects.visible_to(who).filter(certificate=number).order_by("pk")
    sent = Notice.objects.visible_to(who).filter(number=number).first()
    return {
        "number": number,
        "acts": [{name: getattr(one, name) for name in names} for one in acts_of(who, number)],
        "forms": [one.form for one in forms[:50]],
        "notice": {"way": sent.way, "at": sent.at, "sent": sent.sent} if sent else None,
    }


@operation(router, "GET", "/certificates/{number}/bundle", None, scope="read", file=OCTETS)
def get_bundle(request: HttpRequest, number: str) -> HttpResponse:
    """The proof of a certificate as a bundle (.adamas). 409 while it is not published yet."""
    visible.record(me(request), number)
    raw = printing.bundle_of(site.office(), number)
    if raw is None:
        raise _not_published(number)
    return download(raw, f"{number}.adamas", OCTETS)


@operation(router, "GET", "/certificates/{number}/pdf", None, scope="read", file=PDF)
def get_pdf(
    request: HttpRequest,
    number: str,
    language: Literal["en", "fr", "pt", "ru", "ar", "zh"] | None = Query(None),
) -> HttpResponse:
    """The certificate as a PDF with its bundle attached. 404 for those that another authority issued."""
    office, who = site.office(), me(request)
    visible.record(who, number)
    made = printing.print_certificate(office, number, language=language, sealer=printing.sealer_of(office))
    audit.record(who, "certificate.printed", number)
    audit.record(me(request), "certificate.printed", number)
    return download(made.pdf, f"{number}.pdf", PDF)


@operation(router, "POST", "/check", s.CheckOut, scope="read")
def check_certificate(request: HttpRequest, body: s.CheckIn) -> Any:
    """Checks a code or a number. The answer of the arrival desk: good, or what is wrong and what to do."""
    return _checked(me(request), scanning.read_text(body.text))


@operation(router, "POST", "/check/file", s.CheckOut, scope="read")
def check_file(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """Checks a file. The certificate's PDF, its .adamas file, or a picture of its code; at most 10 MB."""
    return _checked(me(request), scanning.read_file(uploads.read(file)))


def _checked(who: Membership, scanned: Scanned) -> dict[str, Any]:
    found = answer.answer(site.office(), scanned, who.organisation.participant, site.today().isoformat())
    if found.suspicious and who.role in IMPORTING_SIDE:
        codes = [remark.code for remark in found.remarks]
        audit.record(who, "arrival.suspicion", scanned.number, way=scanned.way, codes=codes)
    mine = found.record is not None and visible.mine(who, found.record)
    return {
        "number": found.number,
        "verdict": found.verdict,
        "headline": found.headline,
        "advice": found.advice,
        "remarks": [
            {
                "code": one.code,
                "severity": one.severity,
                "sentence": one.sentence,
                "advice": one.advice,
                "clause": one.clause,
            }
            for one in found.remarks
        ],
        "state": str(found.state),
        "events": sorted(found.events),
        "known": found.known,
        "age": found.seconds,
        "declared": shown.declared(found.declared) if mine else None,
    }


def _narrowed(
    who: Membership, found: QuerySet[Certificate], inward: bool, other: str, text: str
) -> QuerySet[Certificate]:
    """Rows with the other end of the journey, and with a text in number or firm."""
    other, text = other.upper().replace("\0", ""), text.replace("\0", "").strip()
    if other:
        found = found.filter(**{"participant" if inward else "to": other})
    if text:
        found = found.filter(number__in=matching(who.organisation.participant, inward, text))
    return found


def _not_published(number: str) -> ApiError:
    error = ApiError(
        "api.not-published",
        f"The statements about {number} are not published yet, so there is no proof.",
        advice="Ask again in a minute.",
    )
    error.status = 409
    return error

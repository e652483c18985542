"""Pages about certificates: the list, one certificate, its paper, validation of export by customs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adamas.errors import AdamasError
from adamas.ledger.statement import text_id
from adamas.office.certification import private, queries
from adamas.office.certification.models import Certificate
from adamas.office.issuing import actions, forms, paper, scanned, stock
from adamas.office.issuing.answers import download, findings_of, me, told_no
from adamas.office.issuing.models import Application, FormUse, Known, Notice
from adamas.office.log.models import Finding as FindingRow
from adamas.office.people import audit
from adamas.office.people.access import needs
from adamas.office.people.models import Act, Membership
from adamas.office.web import site
from adamas.scheme.errors import ValueRefused
from adamas.scheme.lifecycle import State
from adamas.scheme.values import ordinal, parse_day

PAGE = 50
_BY_TEXT = 500
_CURSOR = re.compile(r"[0-9-]{10}~[A-Z0-9]{1,40}")
_LIKE_A_NUMBER = re.compile(r"[A-Z]{2}[0-9]+")
_LOOKING = ("issuing", "approving", "customs", "importing", "auditor", "statistics")


@needs(*_LOOKING)
@require_GET
def certificates(request: HttpRequest) -> HttpResponse:
    """Certificates of the Participant (from it, or to it), newest first, paged by key and never by offset."""
    who, form = me(request), forms.FilterForm(request.GET)
    form.is_valid()
    found, wrong = _narrowed(who, form.cleaned_data)
    cursor = request.GET.get("after", "")
    if _CURSOR.fullmatch(cursor):
        day, number = cursor.split("~")
        found = found.filter(issued__lte=day).exclude(issued=day, number__gte=number)
    rows = list(found.order_by("-issued", "-number")[: PAGE + 1])
    known = Known.objects.in_bulk([row.number for row in rows[:PAGE]])
    today = site.today().isoformat()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {
        "form": form,
        "wrong": wrong,
        "rows": [(row, queries.status_of(row, today), known.get(row.number)) for row in rows[:PAGE]],
        "after": f"{last.issued}~{last.number}" if last else "",
        "query": kept.urlencode(),
        "filtered": any(form.cleaned_data.values()),
    }
    return render(request, "issuing/certificates.html", context)


@needs(*_LOOKING)
@require_GET
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """One certificate: its record, what the rules say, its statements, what is private, and who did what."""
    who = me(request)
    view = own_certificate(who, number)
    office = site.office()
    record = office.records([number]).get(number)
    if record is None:
        raise Http404
    shown: dict[str, Any] = {}
    for statement, disclosure in private.of(office.alias, [number]).get(number, []):
        if record.issued_id == statement:
            shown[disclosure.name] = disclosure.value
    authority = who.organisation.kind == "authority" and view.participant == who.organisation.participant
    context = {
        "view": view,
        "record": record,
        "status": queries.status_of(view, site.today().isoformat()),
        "goods": shown.get("goods"),
        "parties": shown.get("parties"),
        "known": Known.objects.filter(number=number).first(),
        "steps": [(step, text_id(step.id)) for step in record.history],
        "findings": FindingRow.objects.filter(scope=f"number:{number}"),
        "acts": acts_of(who, number),
        "application": Application.objects.visible_to(who).filter(number=number).first(),
        "form": stock.next_form(view.participant) if authority and who.role == "issuing" else "",
        "forms": FormUse.objects.filter(certificate=number, participant=who.organisation.participant),
        "prints": who.role in ("issuing", "approving") and authority and shown.keys() >= {"goods", "parties"},
        "may_print_on": who.role == "issuing" and authority,
        "notice": Notice.objects.visible_to(who).filter(number=number).first(),
        "languages": paper.languages(),
    }
    return render(request, "issuing/certificate.html", context)


@needs("issuing", "approving")
@require_GET
def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The certificate as PDF on plain paper, in English and the authority's language."""
    view = issued_here(me(request), number)
    data = paper.pdf(number, request.GET.get("language", ""), view.participant)
    audit.record(request, "certificate.printed", number)
    return download(data, f"{number}.pdf", "application/pdf")


@needs("issuing")
@require_POST
def print_on(request: HttpRequest, number: str) -> HttpResponse:
    """Books a blank form, and gives the PDF that is printed onto it."""
    who = me(request)
    view = issued_here(who, number)
    form, language = request.POST.get("form", ""), request.POST.get("language", "")
    try:
        data = paper.pdf(number, language, view.participant, onto_form=True)
        actions.print_on(who, number, form)
        audit.record(who, "certificate.printed", number, form=form)
    except AdamasError as error:
        told_no(request, error)
        return redirect("issuing:certificate", number)
    return download(data, f"{number}-{form}.pdf", "application/pdf")


@needs("customs", "issuing")
@require_http_methods(["GET", "POST"])
def validation(request: HttpRequest) -> HttpResponse:
    """Validation of export, one or many at once, and the departure of validated shipments (III(a); Annex II, 19)."""
    who, today = me(request), site.today().isoformat()
    problems: list[Any] = []
    if request.method == "POST":
        numbers = [text.strip().upper() for text in request.POST.getlist("number") if text.strip()]
        typed, problems = scanned.numbers(request.POST.get("typed", ""))
        day = request.POST.get("day", "") or today
        leaves = request.POST.get("act") == "dispatch"
        try:
            parse_day(day)
            do = actions.dispatch if leaves else actions.validate
            result = do(who, [*numbers, *typed], day=day)
            problems += [finding for row in result.refused for finding in row.findings]
            done = len(result.accepted)
            if done:
                text = (
                    ngettext("%(n)d shipment left.", "%(n)d shipments left.", done)
                    if leaves
                    else ngettext(
                        "%(n)d certificate is validated.", "%(n)d certificates are validated.", done
                    )
                )
                messages.success(request, text % {"n": done})
            elif not problems:
                messages.warning(request, _("Tick or type the numbers first."))
            if not problems:
                return redirect("issuing:validation")
        except AdamasError as error:
            problems += findings_of(error)
    ticked = request.POST.getlist("number")
    left = "".join(f"{word}\n" for word in dict.fromkeys(f.subject for f in problems) if word not in ticked)
    own = Certificate.objects.filter(participant=who.organisation.participant, expires__gte=today)
    waiting = list(own.filter(state="issued").order_by("issued", "number")[: PAGE * 2 + 1])
    leaving = list(own.filter(state="validated").order_by("issued", "number")[:PAGE])
    known = Known.objects.in_bulk([view.number for view in (*waiting, *leaving)])
    seals = _seals(waiting[: PAGE * 2])
    context = {
        "waiting": [(view, known.get(view.number), seals.get(view.number)) for view in waiting[: PAGE * 2]],
        "more": len(waiting) > PAGE * 2,
        "leaving": [(view, known.get(view.number)) for view in leaving],
        "findings": problems,
        "today": today,
        "typed": left,
    }
    return render(request, "issuing/validation.html", context, status=422 if problems else 200)


def _seals(views: Sequence[Certificate]) -> dict[str, str]:
    """Seal numbers as far as they are known here: what customs hold beside the goods."""
    found = {}
    issued = {view.number: bytes(view.issued_id) for view in views if view.issued_id is not None}
    for number, held in private.of(site.office().alias, list(issued), ("goods",)).items():
        for statement, disclosure in held:
            if statement == issued.get(number):
                found[number] = ", ".join(str(seal) for seal in disclosure.value.get("seals", ()))
    return found


def own_certificate(who: Membership, number: str) -> Certificate:
    """A certificate from or to the membership's Participant; 404 for others."""
    code = who.organisation.participant
    if not number.isalnum() or len(number) > 40:
        raise Http404
    found = Certificate.objects.filter(Q(participant=code) | Q(to=code), number=number).first()
    if found is None:
        raise Http404
    return found


def issued_here(who: Membership, number: str) -> Certificate:
    """A certificate of the membership's own Participant: nobody else prints its paper; 404 for others."""
    view = own_certificate(who, number)
    if view.participant != who.organisation.participant:
        raise Http404
    return view


def _narrowed(who: Membership, wanted: dict[str, Any]) -> tuple[QuerySet[Certificate], str]:
    """The rows that a filter leaves, by one index: of the own Participant's exports, or of its imports."""
    code = who.organisation.participant
    origin, to = str(wanted.get("origin", "")).upper(), str(wanted.get("to", "")).upper()
    inward = who.role == "importing" if not (origin or to) else to == code
    found = Certificate.objects.filter(to=code) if inward else Certificate.objects.filter(participant=code)
    if inward and origin:
        found = found.filter(participant=origin)
    elif not inward and origin and origin != code:
        return Certificate.objects.none(), ""
    if not inward and to:
        found = found.filter(to=to)
    wrong = ""
    for name, lookup in (("start", "issued__gte"), ("end", "issued__lte")):
        if wanted.get(name):
            try:
                found = found.filter(**{lookup: parse_day(wanted[name])})
            except ValueRefused as error:
                wrong = error.sentence + "."
    state = wanted.get("state")
    if state == State.OVERDUE:
        found = found.filter(due__lt=ordinal(site.today().isoformat()))
    elif state:
        found = found.filter(state=state)
    text = str(wanted.get("text", "")).strip()
    if text:
        found = found.filter(number__in=matching(code, inward, text))
    return found, wrong


def matching(code: str, inward: bool, text: str) -> list[str]:
    """Numbers that begin with a text, or whose firms have it in their names as far as they are known here."""
    begin = text.upper().replace(" ", "").replace("-", "")
    if begin[:1].isdigit():
        begin = ("" if inward else code) + begin
    numbers = list(
        Certificate.objects.filter(number__gte=begin, number__lt=begin + "~").values_list(
            "number", flat=True
        )[:_BY_TEXT]
    )
    if _LIKE_A_NUMBER.fullmatch(begin):
        return numbers
    known = Known.objects.filter(Q(exporter__icontains=text) | Q(importer__icontains=text))
    known = known.filter(to=code) if inward else known.filter(participant=code)
    return [*numbers, *known.order_by("-number").values_list("number", flat=True)[:_BY_TEXT]]


def acts_of(who: Membership, number: str) -> list[Act]:
    """Who did what with a certificate, of the own organisation and of its exporters."""
    here = who.organisation.participant
    events = Act.objects.filter(subject=number, organisation__participant=here, source=None)
    return list(events.select_related("user", "organisation").order_by("at", "id")[:100])

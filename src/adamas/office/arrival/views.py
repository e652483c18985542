"""Pages of the arrival desk: scan, inspect, decide. They hold no rules: actions do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adamas.errors import AdamasError
from adamas.office.arrival import actions, scanning
from adamas.office.arrival.answer import Answer, answer
from adamas.office.arrival.camera import with_camera
from adamas.office.arrival.errors import Settled, Unread
from adamas.office.arrival.forms import DecideForm, FoundForm, PhotosForm, ScanForm
from adamas.office.arrival.models import Inspection, Photo, Question
from adamas.office.arrival.scanning import Scanned
from adamas.office.certification import queries
from adamas.office.certification.models import Certificate
from adamas.office.errors import BatchRefused
from adamas.office.issuing import files
from adamas.office.issuing.answers import download, findings_of, me
from adamas.office.people import audit
from adamas.office.people.access import get_visible, needs, stepped_up
from adamas.office.web import site, uploads
from adamas.scheme.findings import Finding

DECISIONS = {
    "confirm": actions.RECEIVED,
    "refuse": actions.REFUSED,
    "return": actions.RETURNED,
    "seize": actions.SEIZED,
}
"""Word in the address → verdict."""
EVENT_OF = {"received": "receive", "refused": "refuse", "returned": "return", "seized": "seize"}
TITLES = {
    "received": gettext_lazy("Confirm the arrival"),
    "refused": gettext_lazy("Refuse the shipment"),
    "returned": gettext_lazy("Send the shipment back"),
    "seized": gettext_lazy("Seize the shipment"),
}
DONE = {
    "received": gettext_lazy("The arrival is confirmed and logged."),
    "refused": gettext_lazy("The refusal is logged."),
    "returned": gettext_lazy("The return is logged."),
    "seized": gettext_lazy("The seizure is logged."),
}


@needs("importing", "customs")
@require_http_methods(["GET", "POST"])
@with_camera
def scan(request: HttpRequest) -> HttpResponse:
    """The answer at the parcel. Nothing is changed by scanning; a suspicion is put into the trail."""
    sent = request.POST if request.method == "POST" else request.GET if "text" in request.GET else None
    form = ScanForm(sent, request.FILES if request.method == "POST" else None)
    if sent is None:
        return render(request, "arrival/scan.html", {"form": form, "waiting": _waiting(request)})
    if not form.is_valid():
        return render(request, "arrival/scan.html", {"form": form}, status=422)
    try:
        scanned = _scanned(form)
    except AdamasError as error:
        form.add_error(
            "file" if error.where == "file" else "text",
            " ".join(filter(None, (error.sentence, error.advice))),
        )
        return render(request, "arrival/scan.html", {"form": form}, status=422)
    found = _answer(request, scanned)
    if found.suspicious:
        codes = [remark.code for remark in found.remarks]
        audit.record(request, "arrival.suspicion", scanned.number, way=scanned.way, codes=codes)
    return render(request, "arrival/answer.html", {**_context(request, found), "form": ScanForm()})


@needs("importing", "customs")
@require_GET
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """What is known of a certificate on its way to, or from, this Participant."""
    view = _visible(request, number)
    found = _answer(request, Scanned(view.number, "number"))
    return render(request, "arrival/answer.html", {**_context(request, found), "form": ScanForm()})


@needs("importing", "customs")
@require_http_methods(["GET", "POST"])
def inspect(request: HttpRequest, number: str) -> HttpResponse:
    """The form for what was found."""
    view = _destined(request, number)
    held = Inspection.objects.visible_to(me(request)).filter(number=number, verdict="").first()
    if request.method == "GET":
        form = FoundForm.of(held) if held else FoundForm()
        return _found_page(request, view, form, held)
    form = FoundForm(request.POST, request.FILES)
    if not form.is_valid():
        return _found_page(request, view, form, held, status=422)
    try:
        done = actions.inspect(me(request), number, form.found, version=form.cleaned_data["version"])
        if form.cleaned_data["photos"]:
            actions.photograph(me(request), done, form.cleaned_data["photos"])
    except Settled as error:
        held = Inspection.objects.visible_to(me(request)).filter(number=number, verdict="").first()
        return _found_page(request, view, form, held, findings=findings_of(error), status=409)
    except AdamasError as error:
        return _found_page(request, view, form, held, findings=findings_of(error), status=422)
    return redirect("arrival:inspection", done.pk)


@needs("importing", "customs")
@require_GET
def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found beside what was declared, the photographs, and what can be decided."""
    held = get_visible(Inspection, me(request), pk=pk)
    return render(request, "arrival/inspection.html", _inspection_context(request, held))


@needs("importing", "customs")
@require_POST
def photograph(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds photographs to an inspection."""
    held = get_visible(Inspection, me(request), pk=pk)
    form = PhotosForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.photograph(me(request), held, form.cleaned_data["photos"])
            return redirect("arrival:inspection", held.pk)
        except AdamasError as error:
            form.add_error("photos", error.sentence)
    context = {**_inspection_context(request, held), "photos_form": form}
    return render(request, "arrival/inspection.html", context, status=422)


@needs("importing", "customs")
@require_GET
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """One photograph."""
    found = get_visible(Photo, me(request), pk=pk)
    return download(files.read(found.digest), found.name, files.TYPES[found.kind], inline=True)


@needs("importing", "customs")
@require_POST
def remove_photograph(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a photograph away, while nothing is decided."""
    found = get_visible(Photo, me(request), pk=pk)
    held = found.inspection_id
    try:
        actions.remove_photograph(me(request), found)
    except Settled as error:
        messages.error(request, error.sentence)
    return redirect("arrival:inspection", held)


@needs("importing", "customs")
@stepped_up
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int, word: str) -> HttpResponse:
    """The page before a decision is signed: what will be said, by which clause; then the signature."""
    verdict = DECISIONS.get(word)
    if verdict is None:
        raise Http404
    if me(request).role not in actions.DECIDING[verdict]:
        raise PermissionDenied
    held = get_visible(Inspection, me(request), pk=pk)
    if held.verdict:
        messages.info(request, _("This shipment was dealt with already; nothing was signed again."))
        return redirect("arrival:inspection", held.pk)
    if request.method == "GET":
        return _decide_page(request, held, verdict, DecideForm(verdict, initial={"version": held.version}))
    form = DecideForm(verdict, request.POST)
    if not form.is_valid():
        return _decide_page(request, held, verdict, form, status=422)
    data = form.cleaned_data
    try:
        actions.decide(
            me(request),
            held,
            verdict,
            version=data["version"],
            why=data.get("why", ""),
            note=data.get("note", ""),
        )
    except Settled as error:
        messages.error(request, " ".join(filter(None, (error.sentence, error.advice))))
        return redirect("arrival:inspection", held.pk)
    except BatchRefused as error:
        return _decide_page(request, held, verdict, form, findings=findings_of(error), status=422)
    messages.success(request, str(DONE[verdict]))
    return redirect("arrival:inspection", held.pk)


def _scanned(form: ScanForm) -> Scanned:
    file = form.cleaned_data["file"]
    if file is None:
        return scanning.read_text(form.cleaned_data["text"])
    try:
        return scanning.read_file(uploads.read(file))
    except uploads.UploadError as error:
        raise Unread("scan.file", error.sentence, where="file", advice=error.advice) from error


def _answer(request: HttpRequest, scanned: Scanned) -> Answer:
    return answer(site.office(), scanned, me(request).organisation.participant, site.today().isoformat())


def _context(request: HttpRequest, found: Answer) -> dict[str, Any]:
    """What the page of an answer shows beside it: the inspection, the questions, and what to do next."""
    membership = me(request)
    mine = found.record is not None and found.record.to == membership.organisation.participant
    held = Inspection.objects.visible_to(membership).filter(number=found.number).order_by("-pk").first()
    return {
        "answer": found,
        "view": Certificate.objects.filter(number=found.number).first() if found.known else None,
        "mine": mine,
        "visible": found.record is not None
        and membership.organisation.participant in (found.record.to, found.record.participant),
        "inspection": held,
        "may_inspect": mine and bool(found.events) and (held is None or not held.verdict),
        "questions": Question.objects.visible_to(membership).filter(number=found.number).order_by("-pk")[:10],
    }


def _inspection_context(request: HttpRequest, held: Inspection) -> dict[str, Any]:
    membership = me(request)
    record = site.office().records([held.number]).get(held.number)
    found = _answer(request, Scanned(held.number, "number"))
    agrees = held.agrees or (actions.agreement(held, record) if record is not None else None)
    possible = [
        (word, TITLES[verdict])
        for word, verdict in DECISIONS.items()
        if EVENT_OF[verdict] in found.events and membership.role in actions.DECIDING[verdict]
    ]
    return {
        "inspection": held,
        "answer": found,
        "record": record,
        "declared": found.declared,
        "agrees": agrees,
        "possible": possible if not held.verdict else [],
        "photos": held.photos.order_by("pk"),
        "photos_form": PhotosForm(),
        "questions": Question.objects.visible_to(membership).filter(number=held.number).order_by("-pk"),
    }


def _found_page(
    request: HttpRequest,
    view: Certificate,
    form: FoundForm,
    held: Inspection | None,
    *,
    findings: list[Finding] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = _answer(request, Scanned(view.number, "number"))
    context = {"form": form, "view": view, "answer": found, "inspection": held, "findings": findings}
    return render(request, "arrival/inspect.html", context, status=status)


def _decide_page(
    request: HttpRequest,
    held: Inspection,
    verdict: str,
    form: DecideForm,
    *,
    findings: list[Finding] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **_inspection_context(request, held),
        "verdict": verdict,
        "title": TITLES[verdict],
        "clause": actions.CLAUSES[verdict],
        "form": form,
        "findings": findings,
        "today": site.today().isoformat(),
    }
    return render(request, "arrival/decide.html", context, status=status)


def _waiting(request: HttpRequest) -> dict[str, int]:
    """The numbers above the empty scan page: what is expected, and what is late."""
    code, today = me(request).organisation.participant, site.today().isoformat()
    return {
        "expected": queries.expected([code], today).count(),
        "overdue": queries.overdue(today, to=[code]).count(),
    }


def _visible(request: HttpRequest, number: str) -> Certificate:
    """The certificate, for either end of its journey. Raises Http404."""
    code = me(request).organisation.participant
    view = Certificate.objects.filter(number=number, issued_id__isnull=False).first()
    if view is None or code not in (view.to, view.participant):
        raise Http404
    return view


def _destined(request: HttpRequest, number: str) -> Certificate:
    """The certificate, if it comes here. Raises Http404."""
    view = _visible(request, number)
    if view.to != me(request).organisation.participant:
        raise Http404
    return view

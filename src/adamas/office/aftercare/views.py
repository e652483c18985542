"""Pages of the desk after issue: queues, acts of one certificate, the page before a signature, forgeries."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adamas.errors import AdamasError
from adamas.office.aftercare import actions, kinds, queries
from adamas.office.aftercare.errors import Settled
from adamas.office.aftercare.forms import FORMS, ActForm, ConfirmForm
from adamas.office.aftercare.models import Paper, Picture
from adamas.office.certification.models import Certificate
from adamas.office.issuing import files
from adamas.office.issuing.answers import download, findings_of, me
from adamas.office.people.access import get_visible, needs, stepped_up
from adamas.scheme.errors import ValueRefused
from adamas.scheme.findings import Finding
from adamas.scheme.values import parse_number

RECENT = 30


@needs(*kinds.ROLES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The queues: what waits for this authority, what waits for the other one, what was done."""
    membership = me(request)
    code = membership.organisation.participant
    exporting = membership.role in kinds.EXPORTING_ROLES
    mine = queries.corrections(to=[code]) if not exporting else []
    theirs = queries.corrections(participants=[code]) if exporting else []
    papers = Paper.objects.visible_to(membership).select_related("by", "signed_by").order_by("-at")
    context: dict[str, Any] = {
        "exporting": exporting,
        "to_confirm": mine,
        "unconfirmed": theirs,
        "lost": queries.without_replacement(code) if exporting else [],
        "written": papers.filter(statement__isnull=True, dropped__isnull=True)[:RECENT],
        "done": papers.filter(statement__isnull=False)[:RECENT],
        "technical": queries.technical(code)[:RECENT],
        "error": None,
    }
    if "number" in request.GET:
        try:
            number = str(parse_number(request.GET["number"][:60]))
        except ValueRefused as error:
            context["error"] = error.sentence
            return render(request, "aftercare/index.html", context, status=422)
        return redirect("aftercare:certificate", number)
    return render(request, "aftercare/index.html", context)


@needs(*kinds.ROLES)
@require_GET
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """One certificate: what became of it, and what may be done with it now, step by step."""
    view, record = _visible(request, number)
    membership = me(request)
    rows = [(kind, kinds.KINDS[kind]) for kind in actions.possible(membership, record)]
    candidates = (
        queries.replacing(number, record.issued_id, view.participant, view.issued)
        if record.issued_id is not None and view.state in ("lost", "stolen", "void")
        else []
    )
    context = {
        "view": view,
        "record": record,
        "possible": rows,
        "candidates": candidates,
        "exporting": membership.role in kinds.EXPORTING_ROLES,
        "forgeries": queries.forgeries(number=number),
        "papers": Paper.objects.visible_to(membership).filter(number=number).order_by("-at")[:RECENT],
    }
    return render(request, "aftercare/certificate.html", context)


@needs(*kinds.ROLES)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str, number: str = "") -> HttpResponse:
    """The form of one act; a good one is written down and shown again before anything is signed."""
    rule = kinds.KINDS.get(kind)
    if rule is None:
        raise Http404
    if me(request).role not in rule.roles:
        raise PermissionDenied
    view = None
    if kind != kinds.FORGERY:
        view, _record = _visible(request, number)
    form = _form(request, kind, number)
    findings: list[Finding] = []
    if request.method == "POST" and form.is_valid():
        target = form.cleaned_data["number"] if kind == kinds.FORGERY else number
        try:
            paper = actions.write(me(request), kind, target, form.cells(), form.uploads())
            return redirect("aftercare:paper", paper.pk)
        except AdamasError as error:
            findings = findings_of(error)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "rule": rule, "kind": kind, "number": number, "view": view, "findings": findings}
    return render(request, "aftercare/new.html", context, status=status)


@needs(*kinds.ROLES)
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """An act as written down: what will be said, by which clause; or what was signed."""
    return _paper_page(request, get_visible(Paper, me(request), pk=pk))


@needs(*kinds.ROLES)
@stepped_up
@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Signs an act that was shown."""
    found = get_visible(Paper, me(request), pk=pk)
    if me(request).role not in found.rule.roles:
        raise PermissionDenied
    if found.rule.destructive and found.is_open and not request.POST.get("sure"):
        sentence = _("Tick that you are sure: this cannot be taken back.")
        return _paper_page(
            request, found, [Finding("aftercare.sure", found.rule.clause, "refuse", sentence, "", "")], 422
        )
    try:
        actions.sign(me(request), found)
    except Settled as error:
        messages.error(request, error.sentence)
    except AdamasError as error:
        return _paper_page(request, found, findings_of(error), 422)
    else:
        messages.success(request, _("It is signed and logged."))
    return redirect("aftercare:paper", found.pk)


@needs(*kinds.ROLES)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Lays an act aside."""
    found = get_visible(Paper, me(request), pk=pk)
    if me(request).role not in found.rule.roles:
        raise PermissionDenied
    try:
        actions.drop(me(request), found)
        messages.success(request, _("It is laid aside; nothing was signed."))
    except Settled as error:
        messages.error(request, error.sentence)
    return redirect("aftercare:paper", found.pk)


@needs(*kinds.ROLES)
@require_GET
def forgeries(request: HttpRequest) -> HttpResponse:
    """Known forgeries, of all logs followed here, and the pictures that this authority holds."""
    own = {
        paper.number: list(paper.pictures.all())
        for paper in Paper.objects.visible_to(me(request))
        .filter(kind=kinds.FORGERY, statement__isnull=False)
        .prefetch_related("pictures")
    }
    rows = [(item, own.get(item.number, [])) for item in queries.forgeries(limit=300)]
    return render(request, "aftercare/forgeries.html", {"rows": rows})


@needs(*kinds.ROLES)
@require_GET
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture of a forged paper, for the authority that took it."""
    found = get_visible(Picture, me(request), pk=pk)
    return download(files.read(found.digest), found.name, files.TYPES[found.kind], inline=True)


def _visible(request: HttpRequest, number: str) -> tuple[Certificate, Any]:
    """A certificate that the membership may see: from its Participant, or to it. Raises Http404."""
    code = me(request).organisation.participant
    view = Certificate.objects.filter(number=number, issued_id__isnull=False).first()
    record = actions.record_of(number) if view is not None else None
    if view is None or record is None or code not in (view.participant, view.to):
        raise Http404
    return view, record


def _form(request: HttpRequest, kind: str, number: str) -> ActForm:
    sent, uploaded = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    if kind == kinds.CONFIRM:
        code = me(request).organisation.participant
        waiting = [item for item in queries.corrections(to=[code]) if item.number == number]
        return ConfirmForm(sent, waiting=waiting)
    initial = {"number": number}
    if kind == kinds.REPLACE:
        initial["by"] = request.GET.get("by", "")[:40]
        view = Certificate.objects.filter(number=number).first()
        if view is not None and view.state in ("lost", "stolen"):
            initial["why"] = view.state
    return FORMS[kind](sent, uploaded, initial=initial)


def _paper_page(
    request: HttpRequest, found: Paper, findings: list[Finding] | None = None, status: int = 200
) -> HttpResponse:
    view = Certificate.objects.filter(number=found.number, issued_id__isnull=False).first()
    labels = {name: field.label for name, field in FORMS[found.kind].base_fields.items()}
    said = [
        (labels.get(name, name), _shown(value))
        for name, value in found.cells.items()
        if value not in (None, "", [])
    ]
    context = {
        "paper": found,
        "rule": found.rule,
        "said": said,
        "view": view,
        "pictures": found.pictures.order_by("pk"),
        "findings": findings,
        "may_sign": found.is_open and me(request).role in found.rule.roles,
    }
    return render(request, "aftercare/paper.html", context, status=status)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

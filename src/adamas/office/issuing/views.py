"""Pages of the exporter: own applications, the form, papers, sheets. They hold no rules: actions do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adamas.errors import AdamasError
from adamas.office.issuing import actions, applying, files, forms, lifecycle, sheets
from adamas.office.issuing.answers import download, findings_of, me, told_no
from adamas.office.issuing.errors import ApplicationRefused, Moved
from adamas.office.issuing.models import Application, Attachment, Upload
from adamas.office.people import audit
from adamas.office.people.access import get_visible, needs
from adamas.office.web import site
from adamas.office.web.countries import country_name
from adamas.office.web.sentences import said
from adamas.scheme import history
from adamas.scheme.findings import Finding

PAGE = 50
SHOWN = 200
"""Errors of a sheet shown on the page; all are in the file of bad rows."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs("exporter")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Own applications, newest change first, paged by key."""
    own = Application.objects.visible_to(me(request)).defer("cells", "prepared")
    state = request.GET.get("state", "")
    if state in lifecycle.STATES:
        own = own.filter(state=state)
    own = own.order_by("-id")
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit():
        own = own.filter(pk__lt=int(after[:18]))
    found = list(own[: PAGE + 1])
    more = len(found) > PAGE
    context = {
        "form": forms.MineForm(request.GET),
        "applications": found[:PAGE],
        "after": found[PAGE - 1].pk if more else None,
        "state": state,
        "drafts": any(item.state in lifecycle.WITH_EXPORTER for item in found[:PAGE]),
    }
    return render(request, "issuing/mine.html", context)


@needs("exporter")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new application: typed, kept as a draft, or submitted at once."""
    if request.method == "GET":
        return _page(request, None, {}, ())
    cells = applying.clean(forms.cells_of(request.POST))
    act = request.POST.get("act", "save")
    if act == "add":
        return _page(request, None, cells, (), spare=forms.MORE)
    application = actions.begin(me(request), cells)
    if act == "submit":
        return _submit(request, application)
    messages.success(request, _("The draft is kept."))
    return redirect("issuing:application", application.pk)


@needs("exporter")
@require_http_methods(["GET", "POST"])
def application(request: HttpRequest, pk: int) -> HttpResponse:
    """One application: its form while it may be changed, its state, papers and thread."""
    found = get_visible(Application, me(request), pk=pk)
    if request.method == "GET":
        return _page(request, found, found.cells, _against(found))
    cells = _cells(request.POST, found)
    act = request.POST.get("act", "save")
    if act == "add":
        return _page(request, found, cells, (), spare=forms.MORE, typed_version=request.POST.get("version"))
    version = request.POST.get("version", "")
    try:
        actions.save(me(request), found, cells, version=int(version) if version.isdigit() else None)
    except Moved as error:
        found.refresh_from_db()
        return _page(request, found, cells, findings_of(error), status=409)
    if act == "submit":
        return _submit(request, found)
    messages.success(request, _("The draft is kept."))
    return redirect("issuing:application", found.pk)


@needs("exporter")
@require_POST
def submit_many(request: HttpRequest) -> HttpResponse:
    """Submits the drafts that were ticked; those with errors stay drafts, and are told."""
    wanted = [
        int(pk) for pk in request.POST.getlist("pk")[:PAGE] if pk.isascii() and pk.isdigit() and len(pk) < 18
    ]
    done, left = 0, []
    for found in Application.objects.visible_to(me(request)).filter(pk__in=wanted):
        try:
            actions.submit(me(request), found, declared=bool(request.POST.get("declared")))
            done += 1
        except (ApplicationRefused, Moved) as error:
            left.append(f"{found.title}: {said(error.sentence)}")
    if done:
        messages.success(
            request,
            ngettext("%(n)d application was submitted.", "%(n)d applications were submitted.", done)
            % {"n": done},
        )
    for sentence in left[:10]:
        messages.error(request, sentence)
    if not wanted:
        messages.warning(request, _("Tick the drafts that you want to submit."))
    return redirect("issuing:mine")


@needs("exporter")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an application back."""
    found = get_visible(Application, me(request), pk=pk)
    if not request.POST.get("sure"):
        messages.warning(
            request, _("Tick that you are sure: a withdrawn application cannot be taken up again.")
        )
        return redirect("issuing:application", found.pk)
    try:
        actions.withdraw(me(request), found, request.POST.get("text", ""))
        messages.success(request, _("The application is withdrawn."))
    except Moved as error:
        told_no(request, error)
    return redirect("issuing:application", found.pk)


@needs("exporter", "issuing")
@require_POST
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a message to the thread, from either side."""
    found = get_visible(Application, me(request), pk=pk)
    try:
        actions.say(me(request), found, request.POST.get("text", ""))
    except AdamasError as error:
        told_no(request, error)
    exporter = me(request).role == "exporter"
    return redirect("issuing:application" if exporter else "issuing:review", found.pk)


@needs("exporter")
@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Attaches a paper."""
    found = get_visible(Application, me(request), pk=pk)
    form = forms.AttachForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.attach(me(request), found, form.cleaned_data["file"])
            messages.success(request, _("The paper is attached."))
        except AdamasError as error:
            told_no(request, error)
    else:
        messages.error(request, _("Choose a file first."))
    return redirect("issuing:application", found.pk)


@needs("exporter", "issuing", "approving", "auditor")
@require_GET
def attachment(request: HttpRequest, pk: int, paper: int) -> HttpResponse:
    """A paper, always as a download."""
    found = get_visible(Application, me(request), pk=pk)
    item = get_paper(found, paper)
    if me(request).organisation_id != found.organisation_id:
        subject = f"application {found.pk}"
        audit.record(request, "attachment.read", subject, also=found.organisation, name=item.name)
    return download(
        files.read(item.digest), item.name, files.TYPES.get(item.kind, "application/octet-stream")
    )


@needs("exporter")
@require_POST
def detach(request: HttpRequest, pk: int, paper: int) -> HttpResponse:
    """Takes a paper off."""
    found = get_visible(Application, me(request), pk=pk)
    try:
        actions.detach(me(request), get_paper(found, paper))
    except Moved as error:
        told_no(request, error)
    return redirect("issuing:application", found.pk)


@needs("exporter")
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """Upload of a sheet; the last uploads below."""
    form = forms.SheetForm(request.POST or None, request.FILES or None)
    problem: list[Finding] = []
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.take_sheet(
                me(request), form.cleaned_data["file"], again=form.cleaned_data["again"]
            )
            return redirect("issuing:upload", kept.pk)
        except AdamasError as error:
            problem = findings_of(error)
    uploads = Upload.objects.visible_to(me(request)).defer("problems").order_by("-id")[:10]
    context = {"form": form, "findings": problem, "uploads": uploads, "columns": forms.TEMPLATE_COLUMNS}
    return render(request, "issuing/sheet.html", context, status=422 if problem else 200)


@needs("exporter")
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    return download(sheets.template(), "parcels.xlsx", XLSX)


@needs("exporter")
@require_GET
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of a sheet: drafts made, and every error by row and column."""
    kept = get_visible(Upload, me(request), pk=pk)
    names = ("row", "field", "code", "sentence", "clause")
    problems = [dict(zip(names, problem, strict=True)) for problem in kept.problems[:SHOWN]]
    bad = {problem[0] for problem in kept.problems if problem[2] not in sheets.NOTES}
    context = {
        "upload": kept,
        "problems": problems,
        "bad": len(bad),
        "hidden": len(kept.problems) - len(problems),
    }
    return render(request, "issuing/upload.html", context)


@needs("exporter")
@require_GET
def rejected(request: HttpRequest, pk: int) -> HttpResponse:
    """The bad rows with reasons, as CSV."""
    kept = get_visible(Upload, me(request), pk=pk)
    return download(actions.rejected(kept), "rejected.csv", "text/csv; charset=utf-8")


def get_paper(found: Application, paper: int) -> Attachment:
    """A paper of an application that is visible already; 404 for another's."""
    from django.shortcuts import get_object_or_404

    return get_object_or_404(Attachment, application=found, pk=paper)


def _submit(request: HttpRequest, found: Application) -> HttpResponse:
    try:
        actions.submit(me(request), found, declared=bool(request.POST.get("declared")))
    except ApplicationRefused as error:
        messages.error(request, _("The draft is kept, but not submitted: see what is to be mended."))
        return _page(request, found, found.cells, error.findings, status=422)
    except Moved as error:
        told_no(request, error)
        return redirect("issuing:application", found.pk)
    messages.success(request, _("The application is with the authority."))
    return redirect("issuing:application", found.pk)


def _cells(data: Any, found: Application) -> dict[str, Any]:
    cells = forms.cells_of(data)
    if data.get("kept") == "1":  # too many parcels for a form: they stay as they are
        cells["parcels"] = found.cells.get("parcels", [])
    return applying.clean(cells)


def _against(found: Application) -> list[Finding]:
    return actions.against(found) if found.state in lifecycle.WITH_EXPORTER else []


def _page(
    request: HttpRequest,
    found: Application | None,
    cells: dict[str, Any],
    errors: Any,
    *,
    spare: int = forms.SPARE,
    status: int = 200,
    typed_version: str | None = None,
) -> HttpResponse:
    errors = list(errors)
    parcels = cells.get("parcels", [])
    editable = found is None or found.state in lifecycle.WITH_EXPORTER
    form = forms.application_form(cells)
    form.show(errors)
    in_form = len(parcels) <= forms.FORM_ROWS
    room = max(min(spare, applying.MAX_PARCELS - len(parcels)), 0)
    reading = applying.read(cells, site.today().isoformat())
    context = {
        "application": found,
        "form": form,
        "editable": editable,
        "in_form": in_form,
        "rows": forms.parcel_rows(parcels, errors, spare=room) if in_form and editable else [],
        "parcels": parcels if not in_form or not editable else [],
        "errors": [e for e in errors if e.field not in form.fields and not e.field.startswith("parcels-")],
        "many": len(errors),
        "reading": reading,
        "hs": forms.HS_WRITTEN,
        "participants": sorted(
            ((code, country_name(code)) for code in history.names()), key=lambda item: item[1]
        ),
        "version": typed_version or (found.version if found else ""),
        "attach": forms.AttachForm(),
        "may": lifecycle.allowed(found.state, "exporter") if found else frozenset({"submit"}),
        "steps": found.steps.select_related("by") if found else [],
        "attachments": found.attachments.all() if found else [],
        "cells": cells,
    }
    return render(request, "issuing/application.html", context, status=status)

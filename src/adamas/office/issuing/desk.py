"""Pages of the officers: the queue, the review, preparing, approving, issuing. They hold no rules: actions do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adamas.errors import AdamasError
from adamas.office.certification.prepared import Prepared
from adamas.office.issuing import actions, applying, checklist, forms, lifecycle, prices
from adamas.office.issuing.answers import findings_of, me, told_no
from adamas.office.issuing.models import Application
from adamas.office.people import approval
from adamas.office.people.access import get_visible, needs, stepped_up
from adamas.office.people.models import Membership
from adamas.office.people.programs import is_program
from adamas.office.web import site
from adamas.scheme.values import HS_CODES, day_of, ordinal

PAGE = 100
_QUEUE = {
    "issuing": (
        lifecycle.SUBMITTED,
        lifecycle.REVIEW,
        lifecycle.APPROVED,
        lifecycle.PREPARED,
        lifecycle.ASKED,
    ),
    "approving": (lifecycle.PREPARED,),
    "auditor": tuple(lifecycle.SERVICE),
}


@needs("issuing", "approving", "auditor")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first in each state, with ages and what is overdue by the office's own standard."""
    who, now = me(request), site.office().now()
    visible = Application.objects.visible_to(who).defer("cells", "prepared")
    wanted = request.GET.get("state", "")
    states = (wanted,) if wanted in lifecycle.STATES and wanted != lifecycle.DRAFT else _QUEUE[who.role]
    groups: list[dict[str, Any]] = []
    late_before = lifecycle.late_before(now)
    overdue = 0
    for state in states:
        rows = list(
            visible.filter(state=state)
            .select_related("organisation", "officer", "approver")
            .order_by("since", "id")[: PAGE + 1]
        )
        if rows:
            late = {row.pk for row in rows if lifecycle.overdue(row.state, row.since, now)}
            overdue += (
                visible.filter(state=state, since__lt=late_before[state]).count()
                if state in late_before
                else 0
            )
            groups.append(
                {
                    "state": state,
                    "name": lifecycle.STATES[state],
                    "rows": rows[:PAGE],
                    "more": len(rows) > PAGE,
                    "late": late,
                    "standard": lifecycle.SERVICE.get(state, 0) // 3600,
                    "days": lifecycle.SERVICE.get(state, 0) // 86_400,
                }
            )
    counts = dict(visible.values_list("state").annotate(n=Count("id")).order_by())
    context = {
        "groups": groups,
        "counts": [
            (state, name, counts[state]) for state, name in lifecycle.STATES.items() if counts.get(state)
        ],
        "state": wanted,
        "late": overdue,
    }
    return render(request, "issuing/queue.html", context)


@needs("issuing", "approving", "auditor")
@require_GET
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One application with its checklist, the exporter's dealings, prices, papers and thread."""
    return _page(request, get_visible(Application, me(request), pk=pk))


@needs("issuing")
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an application into review."""
    return _act(request, pk, actions.take, _("The application is yours to review."))


@needs("issuing")
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends a question to the exporter."""
    text = request.POST.get("text", "")
    return _act(request, pk, lambda who, found: actions.ask(who, found, text), _("The exporter was asked."))


@needs("issuing")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuses an application for good."""
    get_visible(Application, me(request), pk=pk)
    text = request.POST.get("text", "")
    if not request.POST.get("sure"):
        messages.warning(request, _("Tick that you are sure: a refusal is final."))
        return redirect("issuing:review", pk)
    return _act(
        request, pk, lambda who, found: actions.refuse(who, found, text), _("The application is refused.")
    )


@needs("issuing")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes back what was prepared; an approval of it counts no more."""
    return _act(request, pk, actions.take_back, _("It is back in review."))


@needs("approving")
@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends what was prepared back, with the reason."""
    text = request.POST.get("text", "")
    return _act(request, pk, lambda who, found: actions.reject(who, found, text), _("It is back in review."))


@needs("issuing")
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Number, days, seals and who approves; then the certificate is ready to be approved."""
    who = me(request)
    found = get_visible(Application, who, pk=pk)
    others = actions.approvers(who, found)
    choices = [(str(other.pk), f"{other.user.name} ({other.officer})") for other in others]
    problems: list[Any] = []
    if request.method == "POST":
        form = forms.PrepareForm(request.POST, choices=choices)
        if form.is_valid():
            cleaned = form.cleaned_data
            try:
                actions.prepare(
                    who,
                    found,
                    approver=next(other for other in others if str(other.pk) == cleaned["approver"]),
                    number=cleaned["number"],
                    issued=cleaned["issued"],
                    expires=cleaned["expires"],
                    seals=[seal.strip() for seal in cleaned["seals"].split(";") if seal.strip()],
                )
                messages.success(
                    request, _("The certificate is ready; the approving officer sees it in the queue.")
                )
                return redirect("issuing:review", found.pk)
            except AdamasError as error:
                problems = findings_of(error)
    else:
        today = site.today().isoformat()
        first = {
            "issued": today,
            "expires": day_of(ordinal(today) + applying.VALID_DAYS),
            "seals": found.cells.get("seals", ""),
            "number": found.number,
        }
        form = forms.PrepareForm(initial=first, choices=choices)
    context = {
        "application": found,
        "form": form,
        "findings": problems,
        "others": others,
        "next": "" if found.number else actions.next_of(found),
    }
    return render(request, "issuing/prepare.html", context, status=422 if problems else 200)


@needs("approving")
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The exact statement in words and figures; approving it is confirmed anew by the officer's second factor."""
    return _second(request, pk, actions.approve, _("Approved. The issuing officer can sign it now."))


@needs("issuing")
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page for the issuing officer who confirms what a program prepared and is to sign."""
    return _second(request, pk, actions.confirm, _("Confirmed. The program can sign it once it is approved."))


def _second(request: HttpRequest, pk: int, do: Any, done: str) -> HttpResponse:
    """Shows what was prepared; a second factor over exactly this is asked for, then the act is done."""
    who, confirms = me(request), do is actions.confirm
    found = get_visible(Application, who, pk=pk)
    ready = actions.prepared_of(found)
    open_ = lifecycle.PREPARED, lifecycle.APPROVED if confirms else lifecycle.PREPARED
    if ready is None or found.state not in open_ or (confirms and not is_program(found.officer)):
        messages.warning(request, _("There is nothing to approve here now."))
        return redirect("issuing:review", found.pk)
    problems: list[Any] = []
    if request.method == "POST":
        try:
            shown = bytes.fromhex(request.POST.get("digest", ""))
            evidence = approval.confirm(request, shown)
            do(who, found, shown, evidence=evidence.pk)
            messages.success(request, done)
            return redirect("issuing:review", found.pk)
        except ValueError:
            raise Http404 from None
        except AdamasError as error:
            problems = findings_of(error)
            found.refresh_from_db()
            ready = actions.prepared_of(found)
            if ready is None:
                told_no(request, error)
                return redirect("issuing:review", found.pk)
    context = {
        "application": found,
        "findings": problems,
        "confirms": confirms,
        "mine": confirms or found.approver_id == who.user_id,
        "asked": approval.begin(request, ready.digest),
        **_statement(ready),
    }
    return render(request, "issuing/approve.html", context, status=422 if problems else 200)


@needs("issuing")
@stepped_up
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Signs and logs what was approved; the page asks once more, the statement is made once."""
    who = me(request)
    found = get_visible(Application, who, pk=pk)
    problems: list[Any] = []
    if request.method == "POST":
        try:
            actions.issue(who, found)
            messages.success(request, _("Certificate %(number)s is issued.") % {"number": found.number})
            return redirect("issuing:certificate", found.number)
        except AdamasError as error:
            problems = findings_of(error)
            found.refresh_from_db()
    if found.state == lifecycle.ISSUED:
        return redirect("issuing:certificate", found.number)
    ready = actions.prepared_of(found)
    if ready is None:
        messages.warning(request, _("There is nothing to issue here now."))
        return redirect("issuing:review", found.pk)
    context = {"application": found, "findings": problems, **_statement(ready)}
    return render(request, "issuing/issue.html", context, status=422 if problems else 200)


def _act(request: HttpRequest, pk: int, do: Any, done: str) -> HttpResponse:
    who: Membership = me(request)
    found = get_visible(Application, who, pk=pk)
    try:
        do(who, found)
        messages.success(request, done)
    except AdamasError as error:
        told_no(request, error)
    return redirect("issuing:review", found.pk)


def _page(request: HttpRequest, found: Application) -> HttpResponse:
    who = me(request)
    command = actions.command_of(found)
    lines = actions.review(found) if found.state not in lifecycle.ENDED else []
    ready, dealings = actions.prepared_of(found), actions.dealings(found)
    context: dict[str, Any] = {
        "application": found,
        "cells": found.cells,
        "parcels": found.cells.get("parcels", []),
        "command": command,
        "reading_errors": actions.errors_of(found) if command is None else [],
        "lines": [line for line in lines if line.result != checklist.PASSED],
        "passed": [line for line in lines if line.result == checklist.PASSED],
        "worst": checklist.worst(lines),
        "prices": prices.beside(found.participant, command) if command else [],
        "source": checklist.source,
        "dealings": dealings,
        "dealt": [(name, dealings.counts[s]) for s, name in lifecycle.STATES.items() if s in dealings.counts],
        "may": lifecycle.allowed(found.state, who.role),
        "steps": found.steps.select_related("by"),
        "attachments": found.attachments.all(),
        "late": lifecycle.overdue(found.state, found.since, site.office().now()),
        "text": forms.TextForm(),
        "mine": found.approver_id == who.user_id,
        "signs": found.officer_id == who.user_id,
        "confirms": is_program(found.officer) and not actions.confirmed(found),
    }
    if ready is not None:
        context.update(_statement(ready))
    return render(request, "issuing/review.html", context)


def _statement(ready: Prepared) -> dict[str, Any]:
    """The exact statement, in words and figures."""
    content, shown = ready.content, ready.shown
    parcels = shown["goods"]["parcels"]
    return {
        "ready": ready,
        "content": content,
        "parties": shown["parties"],
        "goods": shown["goods"],
        "seals": ", ".join(shown["goods"]["seals"]),
        "parcels": [{**parcel, "meaning": HS_CODES.get(parcel["hs"], "")} for parcel in parcels],
        "carats": sum(parcel["carats"] for parcel in parcels),
        "value": sum(parcel["value"] for parcel in parcels),
        "digest": ready.digest.hex(),
    }

"""Lists of the arrival desk: expected arrivals, confirmations due, questions and their threads."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adamas.errors import AdamasError
from adamas.office.arrival import actions, threads
from adamas.office.arrival.errors import Settled
from adamas.office.arrival.forms import AskForm, ExpectedForm, MessageForm
from adamas.office.arrival.models import IMPORTING_SIDE, Chase, Inspection, MessageFile, Question
from adamas.office.certification import queries
from adamas.office.certification.models import Certificate
from adamas.office.issuing import files
from adamas.office.issuing.answers import download, findings_of, me
from adamas.office.log import follow
from adamas.office.people.access import get_visible, needs
from adamas.office.web import site

PAGE = 100


@needs("importing", "customs")
@require_GET
def expected(request: HttpRequest) -> HttpResponse:
    """What is on its way here, as the logs say by themselves: first to expire first."""
    form = ExpectedForm(request.GET)
    data = form.cleaned_data if form.is_valid() else {}
    code, today = me(request).organisation.participant, site.today().isoformat()
    found = queries.expected([code], today, announced=bool(data.get("announced")))
    if data.get("sender"):
        found = found.filter(participant=data["sender"].upper())
    if data.get("text"):
        found = found.filter(number__startswith=data["text"].upper())
    shown, after = _page(request, found, "expires")
    context = {
        "form": form,
        "certificates": shown,
        "after": after,
        "query": _query(request),
        "total": found.count(),
        "ages": follow.ages(site.office()),
        "today": today,
        "inspected": _inspected(request, shown),
    }
    return render(request, "arrival/expected.html", context)


@needs("importing", "customs")
@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """Confirmations that are due, late ones first, with the reminders that went out."""
    code, today = me(request).organisation.participant, site.today().isoformat()
    found = queries.open_confirmations(to=[code])
    shown, after = _page(request, found, "due")
    chased = dict(
        Chase.objects.filter(number__in=[view.number for view in shown])
        .order_by("level")
        .values_list("number", "level")
    )
    rows = [
        (view, queries.due_day(view), queries.days_late(view, today), chased.get(view.number))
        for view in shown
    ]
    context = {
        "rows": rows,
        "after": after,
        "today": today,
        "overdue": queries.overdue(today, to=[code]).count(),
        "total": found.count(),
        "abroad": queries.overdue(today, participants=[code]).count(),
        "clause": queries.CLAUSE_DUE,
    }
    return render(request, "arrival/due.html", context)


@needs("importing", "customs", "issuing", "approving")
@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """Questions of both directions, open ones first, with their clocks."""
    visible = Question.objects.visible_to(me(request))
    state = request.GET.get("state", "")
    if state in (threads.OPEN, threads.ANSWERED, threads.CLOSED):
        visible = visible.filter(state=state)
    else:
        visible = visible.exclude(state=threads.CLOSED)
    rows = [(item, threads.late(item)) for item in visible.order_by("since")[:PAGE]]
    context = {"rows": rows, "state": state, "asking": me(request).role in IMPORTING_SIDE}
    return render(request, "arrival/questions.html", context)


@needs("importing", "customs", "issuing", "approving")
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """One thread; POST adds a message to it."""
    found = get_visible(Question, me(request), pk=pk)
    form = MessageForm(request.POST or None, request.FILES or None)
    if request.method == "GET":
        return _thread(request, found, form)
    if not form.is_valid():
        return _thread(request, found, form, status=422)
    try:
        data = form.cleaned_data
        threads.say(me(request), found, data["text"], data["attachments"], theirs=data["theirs"])
    except Settled as error:
        found.refresh_from_db()
        return _thread(request, found, form, error, 409)
    except AdamasError as error:
        return _thread(request, found, form, error, 422)
    messages.success(request, _("Your message is in the thread."))
    return redirect("arrival:question", found.pk)


@needs("importing", "customs")
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The asking side says that it is cleared up."""
    found = get_visible(Question, me(request), pk=pk)
    threads.close(me(request), found, request.POST.get("text", ""))
    messages.success(request, _("The question is closed."))
    return redirect("arrival:question", found.pk)


@needs("importing", "customs")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """A new question about a certificate that comes here."""
    record = actions.record_for(me(request), number)
    form = AskForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = threads.ask(me(request), record, data["about"], data["text"], data["attachments"])
            messages.success(request, _("The question is open."))
            return redirect("arrival:question", made.pk)
        except AdamasError as error:
            form.add_error(None, error.sentence)
    status = 422 if request.method == "POST" else 200
    return render(request, "arrival/ask.html", {"form": form, "record": record}, status=status)


@needs("importing", "customs", "issuing", "approving")
@require_GET
def question_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole thread as a file, for an authority that works elsewhere."""
    found = get_visible(Question, me(request), pk=pk)
    return download(threads.file(found), f"question-{found.number}-{found.pk}.json", "application/json")


@needs("importing", "customs", "issuing", "approving")
@require_GET
def message_file(request: HttpRequest, pk: int) -> HttpResponse:
    """An attachment of a message."""
    found = get_visible(MessageFile, me(request), pk=pk)
    kind = files.TYPES.get(found.kind, "application/octet-stream")
    return download(files.read(found.digest), found.name, kind)


def _thread(
    request: HttpRequest,
    found: Question,
    form: MessageForm,
    error: AdamasError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "question": found,
        "thread": found.messages.select_related("by").prefetch_related("files").order_by("pk"),
        "form": form,
        "late": threads.late(found),
        "days": threads.PERIOD_DAYS,
        "clause": threads.CLAUSE,
        "asking": me(request).role in IMPORTING_SIDE,
        "findings": findings_of(error) if error is not None else None,
    }
    return render(request, "arrival/question.html", context, status=status)


def _page(request: HttpRequest, found: QuerySet[Certificate], key: str) -> tuple[list[Certificate], str]:
    """One page of a list in the order (key, number), and the number after which the next one begins."""
    after = request.GET.get("after", "")[:40]
    if after:
        last = Certificate.objects.filter(number=after).values_list(key, flat=True).first()
        if last is not None:
            later = found.filter(**{f"{key}__gt": last}) | found.filter(**{key: last, "number__gt": after})
            found = later
    shown = list(found[: PAGE + 1])
    more = len(shown) > PAGE
    return shown[:PAGE], shown[PAGE - 1].number if more else ""


def _query(request: HttpRequest) -> str:
    """The filters of this page, for the link to the next one."""
    kept: Any = request.GET.copy()
    kept.pop("after", None)
    return str(kept.urlencode())


def _inspected(request: HttpRequest, shown: list[Certificate]) -> set[str]:
    numbers = [view.number for view in shown]
    open_ = Inspection.objects.visible_to(me(request)).filter(number__in=numbers, verdict="")
    return set(open_.values_list("number", flat=True))

"""Pages of what the desk keeps account of: blank forms, numbers set aside, dispatch notices."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from adamas.errors import AdamasError
from adamas.office.issuing import actions, forms, notices, numbers, stock
from adamas.office.issuing.answers import download, findings_of, me
from adamas.office.issuing.models import FormReceipt, FormUse, Notice, NoticeAddress, Reservation
from adamas.office.people.access import needs
from adamas.office.web import site
from adamas.scheme.values import parse_country, parse_day

PAGE = 50


@needs("issuing", "auditor")
@require_http_methods(["GET", "POST"])
def blank(request: HttpRequest) -> HttpResponse:
    """The account of blank forms: balance, receipts, and what became of forms."""
    who, today = me(request), site.today().isoformat()
    receipt: forms.ReceiptForm = forms.ReceiptForm(initial={"day": today})
    off: forms.WriteOffForm = forms.WriteOffForm()
    problems: list[Any] = []
    if request.method == "POST" and who.role == "issuing":
        try:
            if request.POST.get("act") == "off":
                off = forms.WriteOffForm(request.POST)
                if off.is_valid():
                    use = stock.write_off(who, *(off.cleaned_data[name] for name in ("form", "end", "why")))
                    messages.success(request, _("Form %(form)s is written off.") % {"form": use.form})
                    return redirect("issuing:stock")
            else:
                receipt = forms.ReceiptForm(request.POST)
                if receipt.is_valid():
                    given = receipt.cleaned_data
                    day = parse_day(given["day"])
                    made = stock.receive(who, given["first"], given["last"], day=day, note=given["note"])
                    messages.success(request, _("%(n)d forms are entered.") % {"n": made.count})
                    return redirect("issuing:stock")
        except AdamasError as error:
            problems = findings_of(error)
    uses = FormUse.objects.visible_to(who).select_related("by").order_by("-id")
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit():
        uses = uses.filter(pk__lt=int(after[:18]))
    found = list(uses[: PAGE + 1])
    context = {
        "balance": stock.balance(who.organisation.participant),
        "receipts": FormReceipt.objects.visible_to(who).select_related("by").order_by("-id")[:PAGE],
        "uses": found[:PAGE],
        "after": found[PAGE - 1].pk if len(found) > PAGE else None,
        "receipt": receipt,
        "off": off,
        "findings": problems,
        "writes": who.role == "issuing",
    }
    return render(request, "issuing/stock.html", context, status=422 if problems else 200)


@needs("issuing", "administrator")
@require_http_methods(["GET", "POST"])
def ranges(request: HttpRequest) -> HttpResponse:
    """Numbers that are set aside, and setting further ones aside."""
    who = me(request)
    form = forms.ReserveForm(request.POST or None)
    problems: list[Any] = []
    participant = who.organisation.participant
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.reserve(who, form.cleaned_data["count"], form.cleaned_data["purpose"])
            ends = numbers.ends_of(made)
            messages.success(
                request, _("%(first)s to %(last)s are set aside.") % {"first": ends[0], "last": ends[1]}
            )
            return redirect("issuing:numbers")
        except AdamasError as error:
            problems = findings_of(error)
    held = Reservation.objects.visible_to(who).order_by("-id")[:PAGE]
    context = {
        "form": form,
        "findings": problems,
        "reservations": [(item, *numbers.ends_of(item)) for item in held],
        "next": numbers.peek(participant),
    }
    return render(request, "issuing/numbers.html", context, status=422 if problems else 200)


@needs("issuing")
@require_http_methods(["GET", "POST"])
def notice_list(request: HttpRequest) -> HttpResponse:
    """Notices by importing authority: what was sent, what waits, and where it is mailed."""
    who = me(request)
    form = forms.AddressForm(request.POST or None)
    problems: list[Any] = []
    participant = who.organisation.participant
    if request.method == "POST" and form.is_valid():
        try:
            to = parse_country(form.cleaned_data["to"])
            notices.set_address(who, to, form.cleaned_data["mail"])
            messages.success(request, _("The address is kept."))
            return redirect("issuing:notices")
        except AdamasError as error:
            problems = findings_of(error)
    own = Notice.objects.visible_to(who)
    waiting = dict(own.filter(sent__isnull=True).values_list("to").annotate(n=Count("number")).order_by())
    addresses = dict(NoticeAddress.objects.filter(participant=participant).values_list("to", "mail"))
    places = [
        {
            "to": to,
            "waiting": waiting.get(to, 0),
            "mail": addresses.get(to, ""),
            "way": notices.way(participant, to),
        }
        for to in sorted({*waiting, *addresses})
    ]
    context = {
        "form": form,
        "findings": problems,
        "places": places,
        "last": own.filter(sent__isnull=False).order_by("-sent", "-number")[:20],
    }
    return render(request, "issuing/notices.html", context, status=422 if problems else 200)


@needs("issuing")
@require_POST
def notice_file(request: HttpRequest, to: str) -> HttpResponse:
    """The notice file for an importing authority: everything that was not sent yet, or one certificate."""
    who = me(request)
    wanted = [number for number in [request.POST.get("number", "")] if number]
    data = notices.file(who, to, wanted)
    day = site.today().isoformat()
    return download(data, f"notice-{who.organisation.participant}-{to}-{day}.cbor", "application/cbor")

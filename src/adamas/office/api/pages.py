"""Pages of administrators: programs that have access, and webhooks with what they were told."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adamas.errors import AdamasError
from adamas.office.api import clients as programs
from adamas.office.api import webhooks as hooks
from adamas.office.api.forms import ClientForm, WebhookForm
from adamas.office.api.models import ApiClient, Delivery, Webhook
from adamas.office.issuing.answers import findings_of, me
from adamas.office.people.access import get_visible, needs, stepped_up
from adamas.office.people.models import Membership

PAGE = 50


@needs("administrator")
@never_cache
@require_http_methods(["GET", "POST"])
@stepped_up
def clients(request: HttpRequest) -> HttpResponse:
    """Programs of the organisation; POST makes one and shows its secret, once."""
    who = me(request)
    form = ClientForm(who.organisation, request.POST or None)
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                made, context["secret"] = programs.make(who, data["name"], data["roles"], data["scopes"])
                context.update(made=made, form=ClientForm(who.organisation))
                status = 200
            except AdamasError as error:
                context["findings"] = findings_of(error)
    return _clients(request, context, status)


@needs("administrator")
@never_cache
@require_POST
@stepped_up
def client(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret for a program, or its end; both are asked for twice."""
    who = me(request)
    found = get_visible(ApiClient, who, pk=pk, ended=None)
    if not request.POST.get("sure"):
        messages.error(request, _("Tick that you are sure: a program without access stops at once."))
    elif request.POST.get("act") == "renew":
        return _clients(request, {"made": found, "secret": programs.renew(who, found)}, 200)
    else:
        programs.end(who, found)
        messages.success(request, _("The program has no access any more."))
    return redirect("apiweb:clients")


@needs("administrator")
@never_cache
@require_http_methods(["GET", "POST"])
@stepped_up
def webhooks(request: HttpRequest) -> HttpResponse:
    """Webhooks of the organisation; POST enters one and shows its secret, once."""
    who = me(request)
    form = WebhookForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made, context["secret"] = hooks.make(
                    who, form.cleaned_data["url"], form.cleaned_data["events"]
                )
                context.update(made=made, form=WebhookForm())
                status = 200
            except AdamasError as error:
                context["findings"] = findings_of(error)
    return _webhooks(request, context, status)


@needs("administrator")
@never_cache
@require_GET
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """What one webhook was told, newest first."""
    found = get_visible(Webhook, me(request), pk=pk)
    rows = found.deliveries.order_by("-id")
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit():
        rows = rows.filter(pk__lt=int(after[:18]))
    shown = list(rows[: PAGE + 1])
    context = {
        "webhook": found,
        "deliveries": shown[:PAGE],
        "after": shown[PAGE - 1].pk if len(shown) > PAGE else None,
    }
    return render(request, "apiweb/webhook.html", context)


@needs("administrator")
@never_cache
@require_POST
@stepped_up
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret for a webhook; at once, or its end, which are asked for twice."""
    who = me(request)
    found = get_visible(Webhook, who, pk=pk, ended=None)
    act, sure = request.POST.get("act"), bool(request.POST.get("sure"))
    if act == "renew" or (act == "replace" and sure):
        secret = hooks.renew(who, found, at_once=act == "replace")
        return _webhooks(request, {"made": found, "secret": secret}, 200)
    if not sure and act == "replace":
        messages.error(
            request, _("Tick that you are sure: the receiver trusts no message until it has the new one.")
        )
    elif not sure:
        messages.error(request, _("Tick that you are sure: what waits is not sent any more."))
    else:
        hooks.end(who, found)
        messages.success(request, _("The webhook has ended."))
    return redirect("apiweb:webhooks")


@needs("administrator")
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Has one message sent again."""
    found = get_visible(Delivery, me(request), pk=pk, webhook__ended=None)
    hooks.again(me(request), found)
    messages.success(request, _("The message is sent again within a minute."))
    return redirect("apiweb:webhook", found.webhook_id)


def _clients(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    who = me(request)
    found = list(
        ApiClient.objects.visible_to(who).select_related("application", "by").order_by("ended", "-pk")[:200]
    )
    roles: dict[int, list[Membership]] = {}
    for one in Membership.objects.filter(user__in=[item.user_id for item in found]):
        roles.setdefault(one.user_id, []).append(one)
    rows = [(item, roles.get(item.user_id, [])) for item in found]
    context = {"form": ClientForm(who.organisation), **context, "rows": rows}
    return render(request, "apiweb/clients.html", context, status=status)


def _webhooks(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    count = {
        name: Count("deliveries", filter=Q(deliveries__state=state))
        for name, state in (("waits", "waiting"), ("given_up", "failed"))
    }
    found = Webhook.objects.visible_to(me(request)).annotate(**count).order_by("ended", "-pk")[:200]
    return render(
        request, "apiweb/webhooks.html", {"form": WebhookForm(), **context, "webhooks": found}, status=status
    )

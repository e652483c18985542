"""The page of the audit trail, and its download. Administrators and auditors read that of their organisation; everybody
else the own lines, and exporters what authorities did with their papers."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from adamas.office.people import acts, audit, trail
from adamas.office.people.access import needs
from adamas.office.people.models import OVERSEERS, Membership, User
from adamas.office.people.roles import ROLES
from adamas.office.web import site
from adamas.scheme.errors import ValueRefused

_MOST_PEOPLE = 500


class TrailForm(forms.Form):
    """How the trail is narrowed. Nothing is required."""

    person = forms.ChoiceField(label=gettext_lazy("Person"), required=False)
    act = forms.ChoiceField(label=gettext_lazy("Act"), required=False)
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Exactly as it stands in the list, such as BW0000001."),
    )
    start = forms.CharField(label=gettext_lazy("From day (UTC)"), required=False, max_length=10)
    end = forms.CharField(label=gettext_lazy("To day (UTC)"), required=False, max_length=10)

    def __init__(self, data: Any, who: Membership) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        for name in ("start", "end"):
            fields[name].widget.attrs.update({"type": "date", "placeholder": "2025-03-04"})
        fields["act"].choices = [("", _("All")), *acts.choices()]
        if who.role in OVERSEERS:
            held = User.objects.filter(memberships__organisation=who.organisation_id).distinct()
            people = held.order_by("name", "pk")[:_MOST_PEOPLE]
            fields["person"].choices = [("", _("All")), *((str(one.pk), str(one)) for one in people)]
        else:
            del fields["person"]

    def clean_start(self) -> int | None:
        """The second with which the first day begins."""
        return self._day("start")

    def clean_end(self) -> int | None:
        """The second with which the last day ends."""
        return self._day("end", after=True)

    def wanted(self) -> trail.Wanted:
        """What is asked for, of a form that was found valid."""
        given = self.cleaned_data
        person = given.get("person")
        return trail.Wanted(
            int(person) if person else None,
            given["act"],
            given["subject"].strip(),
            given["start"],
            given["end"],
        )

    def _day(self, name: str, *, after: bool = False) -> int | None:
        text = self.cleaned_data[name].strip()
        try:
            return trail.day(text, after=after) if text else None
        except ValueRefused as error:
            raise forms.ValidationError(f"{error.sentence}.") from error


@needs(*ROLES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The trail, newest first, a page at a time."""
    return _page(request)


@needs(*ROLES)
@require_GET
def download(request: HttpRequest) -> HttpResponseBase:
    """What the page shows, all of it, as CSV; refused with a sentence if it is too much for one file."""
    who = _who(request)
    form = TrailForm(request.GET, who)
    if not form.is_valid():
        return _page(request)
    wanted = form.wanted()
    if trail.too_many(who, wanted):
        sentence = _(
            "More than %(most)s lines fit. Choose days between which there are fewer, and download again."
        )
        return _page(request, sentence % {"most": f"{trail.MOST:,}"})
    asked = {name: request.GET[name][:200] for name in form.fields if request.GET.get(name)}
    audit.record(request, "audit.downloaded", filter=asked)
    name = f"audit-{who.organisation.slug}-{site.today().isoformat()}.csv"
    answer = StreamingHttpResponse(
        trail.as_csv(who, wanted), content_type="text/csv; charset=utf-8; header=present"
    )
    answer["Content-Disposition"] = str(content_disposition_header(True, name))
    answer["Cache-Control"] = "private, no-store"
    return answer


def _page(request: HttpRequest, sentence: str = "") -> HttpResponse:
    who = _who(request)
    form = TrailForm(request.GET, who)
    shown = trail.Page()
    if valid := form.is_valid():
        key = {name: request.GET.get(name, "") for name in ("after", "before")}
        shown = trail.page(who, form.wanted(), **key)
    kept = request.GET.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    context = {
        "form": form,
        "overseer": who.role in OVERSEERS or who.role == "exporter",
        "lines": [(one, trail.details(one)) for one in shown.lines],
        "page": shown,
        "query": kept.urlencode(),
        "filtered": any(kept.get(name) for name in form.fields),
        "too_many": sentence,
        "roles": ROLES,
    }
    return render(request, "people/audit.html", context, status=200 if valid and not sentence else 422)


def _who(request: HttpRequest) -> Membership:
    return cast(Membership, request.membership)  # type: ignore[attr-defined]

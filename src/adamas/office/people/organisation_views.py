"""Organisations: one's own, and for an authority those that it founds."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from adamas.office.people import invitations, mail, members, officers, organisations
from adamas.office.people.access import get_visible, membership_of, needs, stepped_up
from adamas.office.people.errors import PeopleError
from adamas.office.people.forms import FirstForm, NewOrganisationForm, OrganisationForm
from adamas.office.people.member_views import acting, told
from adamas.office.people.models import Invitation, Membership, Organisation
from adamas.office.web import site

Form = OrganisationForm | NewOrganisationForm


@needs("administrator", "auditor")
def organisations_list(request: HttpRequest) -> HttpResponse:
    """The organisations that one may see, and for an authority's administrator the form for a new one."""
    own = acting(request)
    may = own.role == "administrator" and own.organisation.kind == "authority"
    form = NewOrganisationForm(request.POST or None) if may else None
    findings: list[PeopleError] = []
    if request.method == "POST":
        if form is None:
            findings = [PeopleError("people.not-yours", _("Only an authority makes organisations."))]
        elif form.is_valid():
            try:
                made = organisations.make(own, **form.cleaned_data)
            except PeopleError as error:
                findings = [error]
            else:
                messages.success(request, _("The organisation is there. Now invite its first administrator."))
                return HttpResponseRedirect(reverse("people:organisation", args=[made.pk]))
    found = list(Organisation.objects.visible_to(own).order_by("-active", "kind", "name"))
    working = Membership.objects.working().filter(organisation__in=found)
    counted: dict[int, set[int]] = {}
    for pk, user in working.exclude(user__email__endswith="@clients.invalid").values_list(
        "organisation", "user"
    ):
        counted.setdefault(pk, set()).add(user)
    context = {
        "rows": [(one, len(counted.get(one.pk, ()))) for one in found],
        "form": form,
        "findings": findings,
    }
    return render(
        request, "people/organisations.html", context, status=422 if request.method == "POST" else 200
    )


@needs("administrator", "auditor")
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """One organisation: its people; for who may, name, licence, its end."""
    found = get_visible(Organisation, membership_of(request), pk=pk)
    if request.method != "POST":
        return _page(request, found)
    form = OrganisationForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        organisations.change(acting(request), found, **form.cleaned_data)
    except PeopleError as error:
        return _page(request, get_visible(Organisation, membership_of(request), pk=pk), form, error)
    messages.success(request, _("It is changed."))
    return HttpResponseRedirect(reverse("people:organisation", args=[pk]))


@needs("administrator")
@require_POST
@stepped_up
@never_cache
def first(request: HttpRequest, pk: int) -> HttpResponse:
    """Invites an administrator of an organisation that the authority founded."""
    found = get_visible(Organisation, membership_of(request), pk=pk)
    form = FirstForm(request.POST)
    if not form.is_valid():
        return _page(request, found, invite=form, status=422)
    data = form.cleaned_data
    wanted = invitations.Wanted(data["email"], data["name"], ("administrator",), data["language"], found)
    try:
        sent = invitations.invite(acting(request), wanted, mail.base(request))
    except PeopleError as error:
        return _page(request, found, error=error, invite=form)
    return told(request, sent, "people:organisation", pk)


@needs("administrator")
@require_POST
@stepped_up
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends an organisation, or opens it again."""
    found = get_visible(Organisation, membership_of(request), pk=pk)
    try:
        if not found.active:
            organisations.reopen(acting(request), found)
            messages.success(request, _("The organisation is open again."))
        elif request.POST.get("sure"):
            organisations.end(acting(request), found)
            messages.success(request, _("The organisation has ended; nobody works in it any more."))
        else:
            raise PeopleError("people.unsure", _("Nothing was done: tick that you are sure."))
    except PeopleError as error:
        return _page(request, found, error=error)
    return HttpResponseRedirect(reverse("people:organisation", args=[pk]))


@needs("administrator")
@require_POST
@stepped_up
@never_cache
def let_back(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """Lets an administrator of a founded organisation back in who lost the second factor."""
    found = get_visible(Organisation, membership_of(request), pk=pk)
    held = get_visible(
        Organisation, membership_of(request), pk=pk, memberships=member, memberships__active=True
    ).memberships.get(pk=member)
    if not request.POST.get("sure"):
        return _page(
            request, found, error=PeopleError("people.unsure", _("Nothing was done: tick that you are sure."))
        )
    try:
        sent = members.let_back(acting(request), held.user, mail.base(request))
    except PeopleError as error:
        return _page(request, found, error=error)
    return told(request, sent, "people:organisation", pk)


def _page(
    request: HttpRequest,
    found: Organisation,
    form: Form | None = None,
    error: PeopleError | None = None,
    invite: FirstForm | None = None,
    status: int = 200,
) -> HttpResponse:
    own = acting(request)
    founded = organisations.founded_by(own, found)
    itself = found.pk == own.organisation_id and own.role == "administrator" and found.kind == "authority"
    facts = {"name": found.name, "licence": found.licence}
    now = site.office().now()
    open_links = Invitation.objects.waiting().filter(organisation=found, expires__gt=now, person=None)
    context = {
        "organisation": found,
        "people": members.of(found),
        "founded": founded,
        "form": (form or OrganisationForm(initial=facts)) if founded or itself else None,
        "invite": (invite or FirstForm(initial={"language": get_language()})) if founded else None,
        "waiting": list(open_links.values_list("name", flat=True)) if founded or itself else [],
        "administered": bool(officers.administrators(found)),
        "findings": [error] if error else [],
    }
    return render(request, "people/organisation.html", context, status=422 if error else status)

"""The people of one's organisation: who they are, inviting, roles, dismissal, letting back in."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from adamas.office.people import invitations, mail, members, officers, programs, roles
from adamas.office.people.access import get_visible, membership_of, needs, stepped_up
from adamas.office.people.errors import PeopleError
from adamas.office.people.forms import InviteForm
from adamas.office.people.models import Invitation, Membership
from adamas.office.web import site


def acting(request: HttpRequest) -> Membership:
    """The membership that acts; @needs has seen to it that there is one."""
    return cast(Membership, membership_of(request))


@needs("administrator", "auditor")
def members_list(request: HttpRequest) -> HttpResponse:
    """Who works here as what, and who is invited."""
    own = acting(request)
    context = {
        "people": members.of(own.organisation),
        "waiting": waiting(own),
        "may": own.role == "administrator",
    }
    return render(request, "people/members.html", context)


def waiting(membership: Membership) -> list[Invitation]:
    """Invitations that were not used, with their roles in words, the newest first; only administrators have any."""
    found = list(Invitation.objects.visible_to(membership).filter(used=None, withdrawn=None).order_by("-pk"))
    now = site.office().now()
    for one in found:
        one.words = ", ".join(str(roles.ROLES[role]) for role in one.roles)  # type: ignore[attr-defined]
        one.late = one.expires <= now  # type: ignore[attr-defined]
    return found


@needs("administrator")
@stepped_up
@never_cache
def invite(request: HttpRequest) -> HttpResponse:
    """Invites somebody to one's own organisation."""
    own = acting(request)
    form = InviteForm(own.organisation, request.POST or None, initial={"language": get_language()})
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "people/invite.html", {"form": form}, status=status)
    data = form.cleaned_data
    wanted = invitations.Wanted(data["email"], data["name"], tuple(data["roles"]), data["language"])
    try:
        sent = invitations.invite(own, wanted, mail.base(request))
    except PeopleError as error:
        return render(request, "people/invite.html", {"form": form, "findings": [error]}, status=422)
    if officers.holds_apart(set(data["roles"])):
        messages.warning(request, hint(data["name"]))
    return told(request, sent, "people:members")


@needs("administrator")
@require_POST
@stepped_up
@never_cache
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends an invitation anew."""
    invitation = get_visible(Invitation, membership_of(request), pk=pk)
    return told(request, invitations.again(acting(request), invitation, mail.base(request)), "people:members")


@needs("administrator")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an invitation back."""
    invitations.withdraw(acting(request), get_visible(Invitation, membership_of(request), pk=pk))
    messages.success(request, _("The invitation is withdrawn; its link opens nothing any more."))
    return HttpResponseRedirect(reverse("people:members"))


def told(request: HttpRequest, sent: invitations.Sent, back: str, *args: object) -> HttpResponse:
    """After inviting: back to the list, or the link shown this once, where no mail goes out."""
    if sent.token is None:
        messages.success(request, _("The letter with the link is on its way."))
        return HttpResponseRedirect(reverse(back, args=args))
    link = mail.base(request).rstrip("/") + reverse("people:invitation", kwargs={"token": sent.token})
    context = {
        "link": link,
        "asked": sent.invitation,
        "days": invitations.DAYS,
        "back": reverse(back, args=args),
    }
    return render(request, "people/link.html", context)


@needs("administrator", "auditor")
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles, and what an administrator can do about them."""
    return _member(request, _held(request, pk))


@needs("administrator")
@require_POST
@stepped_up
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives a role."""
    held = _held(request, pk)
    role = request.POST.get("role", "")
    given = members.give(acting(request), held.user, role)
    said = _("{name} is now {role} ({officer}).")
    messages.success(request, said.format(name=held.user, role=given.role_name, officer=given.officer))
    if members.person_of(held).apart and role in officers.APART:
        messages.warning(request, hint(held.user.name))
    return HttpResponseRedirect(reverse("people:member", args=[pk]))


@needs("administrator")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends one role."""
    held = _held(request, pk)
    try:
        members.end(acting(request), held)
    except PeopleError as error:
        return _member(request, held, error)
    messages.success(request, _("The role has ended."))
    own = held.user_id == acting(request).user_id
    return HttpResponseRedirect(reverse("people:home") if own else reverse("people:member", args=[pk]))


@needs("administrator")
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends all roles of a person and signs the person out."""
    held = _held(request, pk)
    if not request.POST.get("sure"):
        return _member(request, held, _unsure())
    own = acting(request)
    try:
        members.dismiss(own, held.user)
    except PeopleError as error:
        return _member(request, held, error)
    if held.user_id == own.user_id:
        logout(request)
        return HttpResponseRedirect("/")
    messages.success(request, _("{name} works here no more, and is signed out.").format(name=held.user))
    return HttpResponseRedirect(reverse("people:members"))


@needs("administrator")
@require_POST
@stepped_up
@never_cache
def let_back(request: HttpRequest, pk: int) -> HttpResponse:
    """For a person who lost the second factor: takes the old ones away, and sends or shows a link to set new ones."""
    held = _held(request, pk)
    if not request.POST.get("sure"):
        return _member(request, held, _unsure())
    try:
        sent = members.let_back(acting(request), held.user, mail.base(request))
    except PeopleError as error:
        return _member(request, held, error)
    return told(request, sent, "people:member", pk)


def hint(name: str) -> str:
    """What is said where one person holds roles that are better held by two."""
    return _(
        "{name} may now both issue and approve. For one certificate nobody does both, so there must be others."
    ).format(name=name)


def _held(request: HttpRequest, pk: int) -> Membership:
    held = get_visible(Membership, membership_of(request), pk=pk)
    if programs.is_program(held.user):
        raise Http404
    return held


def _unsure() -> PeopleError:
    return PeopleError("people.unsure", _("Nothing was done: tick that you are sure."))


def _member(request: HttpRequest, held: Membership, error: PeopleError | None = None) -> HttpResponse:
    own, person = acting(request), members.person_of(held)
    has = {m.role for m in person.held}
    free = [(r, roles.ROLES[r]) for r in roles.ROLES_OF_KIND.get(own.organisation.kind, ()) if r not in has]
    context = {
        "person": person,
        "free": free,
        "may": own.role == "administrator",
        "oneself": person.user.pk == own.user_id,
        "findings": [error] if error else [],
    }
    return render(request, "people/member.html", context, status=422 if error else 200)

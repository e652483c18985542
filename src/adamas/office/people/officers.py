"""Giving and ending roles, below who may do so: officer ids, the last administrator, the end of sessions.

An officer id (`is-1`) is given once: the next number after all that were ever given in the organisation. A person who
gets the same role there again has the same id again.
"""

from __future__ import annotations

import re

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from adamas.office.people import roles as known
from adamas.office.people.errors import LastOne, PeopleError
from adamas.office.people.models import Membership, Organisation, User
from adamas.office.web import site

APART = frozenset({"issuing", "approving"})
"""Roles that, in one person's hands, leave an organisation short: who approves is never who signs."""


def locked(organisation: int) -> Organisation:
    """The organisation, held until the transaction ends: changes of its people come one after another."""
    return Organisation.objects.select_for_update().get(pk=organisation)


def check_roles(organisation: Organisation, wanted: list[str]) -> None:
    """Raises PeopleError ``people.role``: none, or one that an organisation of this kind does not have."""
    allowed = known.ROLES_OF_KIND.get(organisation.kind, ())
    if not wanted or any(role not in allowed for role in wanted):
        names = ", ".join(str(known.ROLES[role]) for role in allowed)
        raise PeopleError(
            "people.role",
            _("People of this organisation have roles among these: {names}.").format(names=names),
            where="roles",
        )


@transaction.atomic
def grant(user: User, organisation: Organisation, role: str) -> Membership:
    """Gives a role, with its officer id; nothing changes where the person has it.

    Raises PeopleError ``people.role``.
    """
    organisation = locked(organisation.pk)
    check_roles(organisation, [role])
    held = Membership.objects.filter(user=user, organisation=organisation, role=role).first()
    if held is None:
        return Membership.objects.create(
            user=user,
            organisation=organisation,
            role=role,
            officer=_next(organisation, role),
            since=site.office().now(),
        )
    if not held.active:
        held.active, held.since = True, site.office().now()
        held.save(update_fields=["active", "since"])
    return held


def _next(organisation: Organisation, role: str) -> str:
    prefix = known.PREFIX[role]
    form = re.compile(rf"{prefix}-(\d{{1,9}})\Z")
    given = Membership.objects.filter(organisation=organisation, officer__startswith=f"{prefix}-")
    numbers = [int(m[1]) for text in given.values_list("officer", flat=True) if (m := form.match(text))]
    return f"{prefix}-{max(numbers, default=0) + 1}"


@transaction.atomic
def revoke(memberships: list[Membership], organisation: Organisation) -> None:
    """Ends roles in one organisation, all or none.

    Raises LastOne ``people.last-administrator``.
    """
    locked(organisation.pk)
    Membership.objects.filter(pk__in=[m.pk for m in memberships]).update(active=False)
    if any(m.role == "administrator" for m in memberships) and not administrators(organisation):
        raise LastOne(
            "people.last-administrator",
            _("This is the last administrator of the organisation."),
            advice=_("Make another person administrator first."),
        )


def administrators(organisation: Organisation) -> list[Membership]:
    """Those who can administer an organisation today."""
    return list(
        Membership.objects.filter(
            organisation=organisation, role="administrator", active=True, user__is_active=True
        )
        .select_related("user")
        .order_by("pk")
    )


@transaction.atomic
def end_sessions(user: User) -> None:
    """Signs a person out everywhere, at once."""
    User.objects.filter(pk=user.pk).update(generation=F("generation") + 1)
    for session in UserSession.objects.filter(user=user):
        session.end()


@transaction.atomic
def forget_factors(user: User) -> None:
    """Takes the second factor and the password away, and signs the person out: only a new link leads back."""
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(user)


def holds_apart(held: set[str]) -> bool:
    """Whether one person would hold roles that are better held by two."""
    return held >= APART


def not_offline() -> None:
    """Raises PeopleError ``people.offline`` at an offline desk: it is lent its people and gives no changes back."""
    if site.office().bounds.own is not None:
        raise PeopleError(
            "people.offline",
            _("People are looked after at the office, not at an offline desk."),
            advice=_("Do it at the office, and set numbers aside anew."),
        )

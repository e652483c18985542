"""What an administrator does with the people of an organisation: give and end roles, dismiss, let back in.

Who may let somebody back in who lost the second factor: an administrator who looks after every organisation that the
person works for; nobody does it for himself. Where a person also works elsewhere, the house does it (`adamas people
recover`), since the new factor would open the other organisation's desk too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from adamas.office.people import audit, invitations, officers, organisations, programs
from adamas.office.people.errors import PeopleError
from adamas.office.people.models import Invitation, Membership, Organisation, User
from adamas.office.web import site

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class Person:
    """One person of an organisation as the list shows it. ``held`` are the roles that count today, ``ended`` others."""

    user: User
    held: tuple[Membership, ...]
    ended: tuple[Membership, ...]
    second_factor: bool
    waits: bool

    @property
    def pk(self) -> int:
        """The membership that stands for the person in addresses: the first that was ever given."""
        return min(m.pk for m in (*self.held, *self.ended))

    @property
    def apart(self) -> bool:
        """Whether the person holds roles that are better held by two."""
        return officers.holds_apart({m.role for m in self.held})


def of(organisation: Organisation) -> list[Person]:
    """The people of an organisation, those who work there first, each by name. Programs are not among them."""
    rows = (
        Membership.objects.filter(organisation=organisation)
        .exclude(user__email__endswith=f"@{programs.DOMAIN}")
        .select_related("user", "organisation")
        .order_by("pk")
    )
    found = _people(list(rows))
    return sorted(found, key=lambda person: (not person.held, person.user.name.casefold(), person.user.pk))


def person_of(membership: Membership) -> Person:
    """The person who holds a membership, with all roles in its organisation."""
    rows = Membership.objects.filter(organisation=membership.organisation_id, user=membership.user_id)
    return _people(list(rows.select_related("user", "organisation").order_by("pk")))[0]


def _people(rows: list[Membership]) -> list[Person]:
    users = {row.user_id: row.user for row in rows}
    factors = set(
        Authenticator.objects.filter(user__in=users, type__in=SECOND_FACTORS).values_list("user", flat=True)
    )
    waits = set(Invitation.objects.waiting().filter(person__in=users).values_list("person", flat=True))
    return [
        Person(
            user,
            tuple(r for r in rows if r.user_id == pk and r.active and user.is_active),
            tuple(r for r in rows if r.user_id == pk and not (r.active and user.is_active)),
            pk in factors,
            pk in waits and not user.has_usable_password(),
        )
        for pk, user in users.items()
    ]


def give(membership: Membership, user: User, role: str) -> Membership:
    """Gives a person of one's own organisation a further role, or an ended one again. Raises PeopleError."""
    _mine(membership, user)
    with transaction.atomic():
        given = officers.grant(user, membership.organisation, role)
        audit.record(membership, "role.given", given.officer, name=user.name, role=role)
    return given


def end(membership: Membership, held: Membership) -> None:
    """Ends a role: it counts no more from the next request on. Raises PeopleError, LastOne."""
    _mine(membership, held.user)
    with transaction.atomic():
        officers.revoke([held], membership.organisation)
        audit.record(membership, "role.ended", held.officer, name=held.user.name, role=held.role)


def dismiss(membership: Membership, user: User) -> None:
    """Ends all roles of a person in the organisation; signs the person out everywhere. Raises PeopleError, LastOne."""
    _mine(membership, user)
    with transaction.atomic():
        organisation = membership.organisation
        held = list(Membership.objects.filter(organisation=organisation, user=user, active=True))
        officers.revoke(held, organisation)
        officers.end_sessions(user)
        open_links = Invitation.objects.waiting().filter(organisation=organisation, email=user.email)
        open_links.update(withdrawn=site.office().now())
        ids = [m.officer for m in held]
        audit.record(
            membership, "member.dismissed", ", ".join(ids), name=user.name, roles=[m.role for m in held]
        )


def let_back(membership: Membership, user: User, address: str = "") -> invitations.Sent:
    """For a person who lost the second factor: takes factor, password and sessions away, and sends a link by which the
    person sets both anew. Raises PeopleError ``people.self``, ``people.elsewhere``.
    """
    if user.pk == membership.user_id:
        raise PeopleError(
            "people.self",
            _("Nobody takes away the own second factor in this way."),
            advice=_("Ask another administrator, or use a recovery code."),
        )
    where = looked_after(membership, user)
    with transaction.atomic():
        made = way_back(user, where, membership.user)
        audit.record(membership, "factor.reset", _ids(user, where), name=user.name, organisation=where.slug)
        return invitations.sent(made, address)


def looked_after(membership: Membership, user: User) -> Organisation:
    """The organisation for which one may let a person back in. Raises PeopleError ``people.elsewhere``."""
    officers.not_offline()
    held = list(Membership.objects.working().filter(user=user).select_related("organisation"))
    if membership.role != "administrator" or not held or programs.is_program(user):
        raise PeopleError("people.not-yours", _("This person is not yours to look after."))
    if not all(
        m.organisation_id == membership.organisation_id
        or organisations.founded_by(membership, m.organisation)
        for m in held
    ):
        raise PeopleError(
            "people.elsewhere",
            _("This person also works for an organisation that you do not look after."),
            advice=_("Whoever runs this office lets the person back in: adamas people recover."),
        )
    own = [m.organisation for m in held if m.organisation_id == membership.organisation_id]
    return (own or [m.organisation for m in held])[0]


def way_back(user: User, organisation: Organisation, by: User | None) -> Invitation:
    """Takes factor, password and sessions of a person away and makes the invitation that leads back. In the caller's
    transaction; whoever calls records the act.
    """
    Invitation.objects.waiting().filter(person=user).update(withdrawn=site.office().now())
    officers.forget_factors(user)
    wanted = invitations.Wanted(user.email, user.name, (), user.language)
    return invitations.create(organisation, user.email, wanted, by, person=user)


def _mine(membership: Membership, user: User) -> None:
    officers.not_offline()
    there = Membership.objects.filter(organisation=membership.organisation_id, user=user).exists()
    if membership.role != "administrator" or not there or programs.is_program(user):
        raise PeopleError("people.not-yours", _("This person is not yours to look after."))


def _ids(user: User, organisation: Organisation) -> str:
    held: Iterable[str] = Membership.objects.filter(
        user=user, organisation=organisation, active=True
    ).values_list("officer", flat=True)
    return ", ".join(held)

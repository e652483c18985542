"""Letting people in: an administrator invites, the link is opened once by whom it was given to.

    sent = invite(membership, Wanted(email, name, roles, language))   # mailed; or sent.token, to be handed over once
    asked = find(token)                                               # looking does not use it up
    user = accept_new(token, name, password)                          # or accept(token, user) for who is signed in

A link holds 256 random bits, of which only the SHA-256 is kept, and opens once within seven days. A way back, for who
lost the second factor, is an invitation whose ``person`` is set (:mod:`adamas.office.people.members`).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import NoReturn

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from adamas.office.people import audit, mail, officers, organisations, programs
from adamas.office.people.errors import LinkRefused, PeopleError
from adamas.office.people.models import Invitation, Membership, Organisation, User
from adamas.office.web import site
from adamas.office.web.jobs import later

DAYS = 7
SECONDS = DAYS * 86_400
"""How long a link opens."""
MOST = 100
"""Invitations of one organisation that may wait at the same time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to invite to what. ``language`` is that of the letter; ``organisation`` if it is not one's own."""

    email: str
    name: str
    roles: tuple[str, ...]
    language: str = ""
    organisation: Organisation | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation, and the secret of its link where no mail goes out: shown once, to be handed over."""

    invitation: Invitation
    token: str | None


def invite(membership: Membership, wanted: Wanted, address: str = "") -> Sent:
    """Invites; ``address`` is where people reach the office, for the letter. Raises PeopleError."""
    officers.not_offline()
    organisation = _organisation(membership, wanted)
    organisations.check_open(organisation)
    officers.check_roles(organisation, list(wanted.roles))
    email = clean_address(wanted.email)
    with transaction.atomic():
        officers.locked(organisation.pk)
        waiting = Invitation.objects.waiting().filter(organisation=organisation, person=None)
        if waiting.filter(email=email, expires__gt=site.office().now()).exists():
            raise PeopleError(
                "people.invited",
                _("This address was invited already, and the link still opens."),
                where="email",
                advice=_("Send that invitation again, or withdraw it first."),
            )
        if waiting.count() >= MOST:
            raise PeopleError(
                "people.many", _("Too many invitations wait."), advice=_("Withdraw some of them first.")
            )
        held = Membership.objects.working().filter(organisation=organisation, user__email=email)
        if set(wanted.roles) <= set(held.values_list("role", flat=True)):
            raise PeopleError("people.member", _("This person has the role already."), where="email")
        made = create(organisation, email, wanted, membership.user)
        audit.record(
            membership,
            "invitation.made",
            f"invitation {made.pk}",
            name=made.name,
            roles=made.roles,
            organisation=organisation.slug,
        )
        return sent(made, address)


def create(
    organisation: Organisation, email: str, wanted: Wanted, by: User | None, person: User | None = None
) -> Invitation:
    """The row of an invitation, whose link nobody knows yet. In the caller's transaction."""
    now = site.office().now()
    return Invitation.objects.create(
        organisation=organisation,
        email=email,
        name=wanted.name.strip()[:120],
        language=wanted.language,
        roles=list(dict.fromkeys(wanted.roles)),
        person=person,
        secret=_hash(secrets.token_urlsafe(32)),
        by=by,
        made=now,
        expires=now + SECONDS,
    )


def sent(made: Invitation, address: str) -> Sent:
    """Has the letter sent, or gives the link's secret where no mail goes out. In the caller's transaction."""
    if mail.is_set():
        later(mail.invitation, made.pk, address or mail.base())
        return Sent(made, None)
    return Sent(made, new_link(made))


def new_link(made: Invitation) -> str | None:
    """A new secret; the one before opens nothing any more. None if the invitation was used or withdrawn."""
    token = secrets.token_urlsafe(32)
    changed = Invitation.objects.waiting().filter(pk=made.pk).update(secret=_hash(token))
    return token if changed else None


def again(membership: Membership, invitation: Invitation, address: str = "") -> Sent:
    """Sends an invitation anew, for seven days from now; the link before opens nothing any more. Raises PeopleError."""
    officers.not_offline()
    with transaction.atomic():
        expires = site.office().now() + SECONDS
        if not Invitation.objects.waiting().filter(pk=invitation.pk).update(expires=expires):
            _over()
        invitation.expires = expires
        audit.record(membership, "invitation.again", f"invitation {invitation.pk}", name=invitation.name)
        return sent(invitation, address)


def withdraw(membership: Membership, invitation: Invitation) -> None:
    """Takes an invitation back: its link opens nothing any more. Raises PeopleError if it was used."""
    with transaction.atomic():
        now = site.office().now()
        if not Invitation.objects.waiting().filter(pk=invitation.pk).update(withdrawn=now):
            _over()
        audit.record(membership, "invitation.withdrawn", f"invitation {invitation.pk}", name=invitation.name)


def find(token: str) -> Invitation:
    """The invitation that a link opens; looking does not use it up. Raises LinkRefused."""
    found = (
        Invitation.objects.waiting()
        .filter(secret=_hash(token), expires__gt=site.office().now(), organisation__active=True)
        .select_related("organisation", "by", "person")
        .first()
    )
    if found is None or (found.person is not None and found.person.has_usable_password()):
        refuse_link()
    return found


def account_of(invitation: Invitation) -> User | None:
    """The account that an invitation is for, if there is one that somebody can sign in to."""
    if invitation.person is not None:
        return None
    return User.objects.filter(email=invitation.email).first()


def accept_new(token: str, name: str, password: str | None) -> User:
    """Makes the account (or, for a way back, gives it the new password) and the roles; the link is used up. Without a
    password only a passkey will sign in.

    Raises LinkRefused; PeopleError ``people.account`` where the address has an account, which has to be signed in to.
    """
    try:
        with transaction.atomic():
            asked = _take(token)
            user = asked.person
            if user is None:
                user = User.objects.create_user(
                    asked.email,
                    password,
                    name=name.strip()[:120],
                    language=asked.language,
                    joined=site.office().now(),
                )
            else:
                user.set_password(password)
                user.save(update_fields=["password"])
            _enter(asked, user)
    except IntegrityError:
        raise PeopleError(
            "people.account",
            _("There is an account for this invitation already."),
            advice=_("Sign in to it, then open the link again."),
        ) from None
    return user


def accept(token: str, user: User) -> None:
    """Gives the roles to an account that is signed in; the link is used up.

    Raises LinkRefused; PeopleError ``people.other-account`` where the invitation is for somebody else.
    """
    with transaction.atomic():
        asked = _take(token)
        if asked.person_id is not None or asked.email != user.email:
            raise PeopleError(
                "people.other-account",
                _("This invitation is for another account than the one that is signed in."),
                advice=_("Sign out, and sign in as the person who was invited."),
            )
        _enter(asked, user)


def _take(token: str) -> Invitation:
    asked = find(token)
    officers.locked(asked.organisation_id)
    now = site.office().now()
    mine = Invitation.objects.waiting().filter(pk=asked.pk, secret=asked.secret, expires__gt=now)
    if not mine.update(used=now):  # somebody else opened it in the same second
        refuse_link()
    return asked


def _enter(asked: Invitation, user: User) -> None:
    if asked.person_id is not None:
        audit.record_of_person(user, "invitation.back", f"invitation {asked.pk}")
        return
    for role in asked.roles:
        given = officers.grant(user, asked.organisation, role)
        audit.record(given, "invitation.accepted", f"invitation {asked.pk}", officer=given.officer, role=role)


def clean_address(text: str) -> str:
    """An e-mail address in small letters. Raises PeopleError ``people.address``."""
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    if not email or len(email) > 254 or email.endswith(f"@{programs.DOMAIN}"):
        raise PeopleError("people.address", _("This is not an e-mail address."), where="email")
    return email


def _organisation(membership: Membership, wanted: Wanted) -> Organisation:
    if wanted.organisation is None or wanted.organisation.pk == membership.organisation_id:
        return membership.organisation
    if not organisations.founded_by(membership, wanted.organisation) or wanted.roles != ("administrator",):
        raise PeopleError(
            "people.not-yours",
            _("For another organisation an authority invites administrators only."),
            advice=_("Its administrator invites the others."),
        )
    return wanted.organisation


def refuse_link() -> NoReturn:
    """Raises LinkRefused, in the one sentence that all reasons share."""
    raise LinkRefused(
        "people.link",
        _("This link opens nothing: it was used, withdrawn or is too old, or it was not copied whole."),
        advice=_("Ask the administrator who invited you for a new one."),
    )


def _over() -> NoReturn:
    raise PeopleError("people.over", _("This invitation was used or withdrawn already."))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

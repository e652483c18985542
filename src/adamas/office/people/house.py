"""What only the house does, which runs the computer: the first administrator, and the way back when all are lost.

Whoever can run `adamas` on the office's computer can do this without signing in; each act stands in the trail as done
by the office itself, where the auditor reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from adamas.office.people import audit, invitations, members, officers, organisations
from adamas.office.people.errors import PeopleError
from adamas.office.people.invitations import Wanted
from adamas.office.people.models import Invitation, Membership, Organisation, User
from adamas.office.web import site


@dataclass(frozen=True, slots=True)
class Link:
    """An invitation that the house made, the secret of its link, and whether the organisation was made with it."""

    invitation: Invitation
    token: str
    founded: bool = False


def first_administrator(
    email: str, name: str, organisation: str, participant: str, language: str = "en"
) -> Link:
    """Makes the authority of a hosted Participant, if it has none, and invites its first administrator.

    Raises PeopleError: ``people.not-hosted``, ``people.has-administrator``, ``people.organisation-name``,
    ``people.address``, ``people.language``.
    """
    officers.not_offline()
    email = invitations.clean_address(email)
    _language(language)
    hosted = site.office().config.participants
    if participant not in hosted:
        raise PeopleError(
            "people.not-hosted",
            f"This office does not host {participant}.",
            where="participant",
            advice=f"It hosts {', '.join(hosted) or 'nobody'}; office.toml says so.",
        )
    with transaction.atomic():
        found = Organisation.objects.filter(kind="authority", participant=participant).order_by("pk").first()
        founded = found is None
        if found is None:
            found = _authority(organisation, participant)
        elif officers.administrators(found):
            raise PeopleError(
                "people.has-administrator",
                f"{found.name} has an administrator already, who invites the others.",
                advice="If all of them are lost: adamas people recover.",
            )
        elif organisation and organisation.strip().casefold() != found.name.casefold():
            raise PeopleError(
                "people.organisation-name",
                f"The authority of {participant} is called {found.name} here.",
                where="organisation",
                advice="Leave the name out; its administrator can change it.",
            )
        return _invited(found, email, name, language, founded=founded)


def recover(email: str, name: str, organisation: str, language: str = "en") -> Link:
    """A way in when administrators are lost. ``organisation`` is its short name, or a Participant's code for its
    authority.

    For an address with an account that works there: password, second factor and sessions are taken away and the link
    sets new ones. For any other address: an invitation as administrator. Nobody else loses anything.

    Raises PeopleError: ``people.no-organisation``, ``people.organisation-ended``, ``people.address``,
    ``people.language``.
    """
    officers.not_offline()
    email = invitations.clean_address(email)
    _language(language)
    found = _named(organisation)
    user = User.objects.filter(email=email).first()
    with transaction.atomic():
        working = Membership.objects.working().filter(user=user, organisation=found) if user else None
        if user is None or working is None or not working.exists():
            return _invited(found, email, name, language)
        made = members.way_back(user, found, None)
        audit.record_of_person(
            user, "factor.reset", f"invitation {made.pk}", name=user.name, by="adamas people"
        )
        return _link(made)


def listed() -> list[dict[str, Any]]:
    """Every organisation with its administrators: for whoever has to know whom to call."""
    return [
        {
            "organisation": one.slug,
            "name": one.name,
            "kind": one.kind,
            "participant": one.participant,
            "active": one.active,
            "administrators": [
                {
                    "name": person.user.name,
                    "email": person.user.email,
                    "second_factor": person.second_factor,
                    "last_sign_in": int(person.user.last_login.timestamp())
                    if person.user.last_login
                    else None,
                }
                for person in members.of(one)
                if any(m.role == "administrator" for m in person.held)
            ],
        }
        for one in Organisation.objects.order_by("participant", "kind", "slug")
    ]


def _authority(name: str, participant: str) -> Organisation:
    text = " ".join(name.split())[:200]
    if not text:
        raise PeopleError(
            "people.organisation-name",
            f"There is no authority of {participant} yet, and a new one needs a name.",
            where="organisation",
            advice="Give it with --organisation.",
        )
    slug = organisations.free_slug(text)
    made = Organisation.objects.create(kind="authority", participant=participant, name=text, slug=slug)
    audit.record_of_office(participant, "organisation.made", slug, name=text, by="adamas people")
    return made


def _invited(found: Organisation, email: str, name: str, language: str, *, founded: bool = False) -> Link:
    now = site.office().now()
    organisations.check_open(found)
    before = Invitation.objects.waiting().filter(organisation=found, email=email, person=None)
    before.update(withdrawn=now)
    wanted = Wanted(email, name or email.partition("@")[0], ("administrator",), language)
    made = invitations.create(found, email, wanted, None)
    audit.record_of_office(
        found.participant,
        "invitation.made",
        f"invitation {made.pk}",
        name=made.name,
        roles=made.roles,
        organisation=found.slug,
        by="adamas people",
    )
    return _link(made, founded=founded)


def _link(made: Invitation, *, founded: bool = False) -> Link:
    token = invitations.new_link(made)
    if token is None:  # it was made a moment ago in this transaction
        invitations.refuse_link()
    return Link(made, token, founded)


def _named(text: str) -> Organisation:
    found = Organisation.objects.filter(slug=text).first()
    if found is None and len(text) == 2:
        found = Organisation.objects.filter(kind="authority", participant=text.upper()).order_by("pk").first()
    if found is None:
        raise PeopleError(
            "people.no-organisation",
            f"There is no organisation {text} here.",
            where="organisation",
            advice="adamas people list shows them; adamas people first-administrator makes an authority.",
        )
    return found


def _language(language: str) -> None:
    if language not in dict(settings.LANGUAGES):
        raise PeopleError(
            "people.language",
            f"{language} is none of the languages of the pages.",
            where="language",
            advice=f"They are {', '.join(code for code, _ in settings.LANGUAGES)}.",
        )

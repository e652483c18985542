"""What an administrator does with programs: give one access, change its secret, end it. Secrets are told once.

A client acts as an account of its own that nobody can sign in to; its memberships are its roles, and its officer ids
(``api-1``) stand in statements as a person's would.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.db import transaction
from oauth2_provider.models import get_access_token_model, get_application_model

from adamas.office.api import conf
from adamas.office.api.errors import ApiError
from adamas.office.api.models import ApiClient
from adamas.office.people import audit
from adamas.office.people.models import Membership, User
from adamas.office.people.programs import DOMAIN
from adamas.office.people.roles import ROLES_OF_KIND
from adamas.office.web import site

PROGRAM_ROLES = tuple(dict.fromkeys(role for roles in conf.ROLES_OF_SCOPE.values() for role in roles))
MAX_CLIENTS = 50


def roles_for(kind: str) -> list[str]:
    """The roles that a program of an organisation of this kind may have."""
    return [role for role in ROLES_OF_KIND.get(kind, ()) if role in PROGRAM_ROLES]


def make(
    membership: Membership, name: str, roles: Sequence[str], scopes: Sequence[str]
) -> tuple[ApiClient, str]:
    """A new client and its secret, which is not kept. Raises ApiError ``api.client-*``."""
    organisation = membership.organisation
    allowed = roles_for(organisation.kind)
    if not roles or any(role not in allowed for role in roles):
        raise ApiError(
            "api.client-role",
            f"A program of this organisation has roles among {', '.join(allowed)}.",
            where="roles",
        )
    if not scopes or any(scope not in conf.SCOPES for scope in scopes):
        raise ApiError("api.client-scope", "Choose at least one scope.", where="scopes")
    if ApiClient.objects.filter(organisation=organisation, ended=None).count() >= MAX_CLIENTS:
        raise ApiError("api.client-many", f"At most {MAX_CLIENTS} clients are kept.", advice="End one first.")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        now = site.office().now()
        mark = secrets.token_hex(8)
        user = User.objects.create_user(
            f"program-{mark}@{DOMAIN}", name=f"{name[:100]} (program)", joined=now
        )
        for role in dict.fromkeys(roles):
            Membership.objects.create(
                user=user, organisation=organisation, role=role, officer=_officer(organisation.pk), since=now
            )
        model = get_application_model()
        application = model.objects.create(
            name=name[:120],
            user=user,
            client_id=f"adamas-{mark}",
            client_secret=secret,
            client_type=model.CLIENT_CONFIDENTIAL,
            authorization_grant_type=model.GRANT_CLIENT_CREDENTIALS,
        )
        client = ApiClient.objects.create(
            application=application,
            organisation=organisation,
            user=user,
            name=name[:120],
            scopes=list(dict.fromkeys(scopes)),
            by=membership.user,
            made=now,
        )
        audit.record(
            membership,
            "client.made",
            application.client_id,
            name=client.name,
            roles=list(roles),
            scopes=client.scopes,
        )
    return client, secret


def renew(membership: Membership, client: ApiClient) -> str:
    """A new secret; the old one and all tokens count no more."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        application = client.application
        application.client_secret = secret
        application.save()
        get_access_token_model().objects.filter(application=application).delete()
        audit.record(membership, "client.renewed", application.client_id)
    return secret


def end(membership: Membership, client: ApiClient) -> None:
    """Ends a client at once: its tokens, its roles, its account."""
    with transaction.atomic():
        client.ended = client.ended or site.office().now()
        client.save(update_fields=["ended"])
        get_access_token_model().objects.filter(application=client.application_id).delete()
        Membership.objects.filter(user=client.user_id).update(active=False)
        User.objects.filter(pk=client.user_id).update(is_active=False)
        audit.record(membership, "client.ended", client.application.client_id)


def _officer(organisation: int) -> str:
    held = Membership.objects.filter(organisation=organisation, officer__startswith="api-")
    used = {name[4:] for name in held.values_list("officer", flat=True)}
    number = 1
    while str(number) in used:
        number += 1
    return f"api-{number}"

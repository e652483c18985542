"""Who calls: the client of a bearer token, and in which of its roles it acts. Cookies count for nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from ninja.security import HttpBearer
from oauth2_provider.models import get_access_token_model

from adamas.office.api import conf
from adamas.office.api.errors import Forbidden, Unauthorized
from adamas.office.api.models import ApiClient
from adamas.office.people.models import Membership


@dataclass(frozen=True, slots=True)
class Caller:
    """A client with a token that counts: its scopes, and its memberships in the order of the roles' names."""

    client: ApiClient
    scopes: frozenset[str]
    memberships: tuple[Membership, ...]

    def acting(self, scope: str, roles: tuple[str, ...] = ()) -> Membership:
        """The membership that acts. Raises Forbidden."""
        if scope not in self.scopes:
            raise Forbidden("api.scope", f"The token does not have the scope “{scope}”.", where="scope")
        wanted = roles or conf.ROLES_OF_SCOPE[scope]
        for role in wanted:
            for membership in self.memberships:
                if membership.role == role:
                    return membership
        raise Forbidden("api.role", f"Your client has none of the roles {', '.join(wanted)}.", where="role")


def caller_of(request: HttpRequest) -> Caller:
    """Reads the bearer token. Raises Unauthorized."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthorized(
            "api.token",
            "A bearer token is needed.",
            advice="Get one at /api/oauth/token with your client's secret.",
        )
    digest = hashlib.sha256(token.strip().encode()).hexdigest()
    held = get_access_token_model().objects.filter(token_checksum=digest).first()
    if held is None or not held.is_valid():
        raise Unauthorized("api.token", "The token is unknown or has run out.", advice="Get a new one.")
    client = (
        ApiClient.objects.working()
        .select_related("organisation", "user")
        .filter(application=held.application_id)
        .first()
    )
    if client is None:
        raise Unauthorized("api.token", "The client of this token has no access any more.")
    memberships = Membership.objects.working().filter(
        user=client.user_id, organisation=client.organisation_id
    )
    found = tuple(memberships.select_related("user", "organisation").order_by("role"))
    return Caller(client, frozenset(held.scope.split()) & frozenset(client.scopes), found)


class Needs(HttpBearer):
    """What an operation needs: a scope, and one of some roles. Gives the operation the membership that acts."""

    def __init__(self, scope: str, *roles: str) -> None:
        super().__init__()
        self.scope = scope
        self.roles = roles

    def __call__(self, request: HttpRequest) -> Any:
        """The membership; raises Forbidden."""
        return cast(Caller, request.caller).acting(self.scope, self.roles)  # type: ignore[attr-defined]

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Not used: the door has read the token already."""
        return self(request)


def me(request: HttpRequest) -> Membership:
    """The membership that acts in an operation."""
    return cast(Membership, request.auth)  # type: ignore[attr-defined]

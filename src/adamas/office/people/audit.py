"""The audit trail: who did what, when, as what. Written in the transaction of the act: both happen or neither."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from adamas.office.people.models import Act, Membership, User
from adamas.office.web import site


def record(who: HttpRequest | Membership, act: str, subject: str = "", **details: Any) -> Act:
    """Writes one line: ``act`` is a dotted word (``application.approve``), ``subject`` what it was done to.

    ``details`` are plain JSON values: never secrets, and of persons no more than the desk needs to understand the act.
    """
    membership = who if isinstance(who, Membership) else getattr(who, "membership", None)
    user = who.user if isinstance(who, Membership) else getattr(who, "user", None)
    return Act.objects.create(
        at=site.office().now(),
        organisation_id=membership.organisation_id if membership else None,
        user=user if isinstance(user, User) else None,
        role=membership.role if membership else "",
        officer=membership.officer if membership else "",
        act=act,
        subject=subject[:200],
        details=details,
    )


def record_of_person(user: User, act: str, subject: str = "", **details: Any) -> None:
    """Writes what a person did to the own account into the trail of every organisation that the person works for."""
    organisations = Membership.objects.working().filter(user=user).values_list("organisation_id", flat=True)
    at = site.office().now()
    Act.objects.bulk_create(
        Act(at=at, organisation_id=pk, user=user, act=act, subject=subject[:200], details=details)
        for pk in dict.fromkeys(organisations)
    )

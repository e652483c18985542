"""The audit trail: who did what, when, as what. Written in the transaction of the act: both happen or neither.

A line stands in the trail of one organisation, that for which the person acted. Three acts stand in more than one:

* what a person does to the own account stands in the trail of each organisation that the person works for;
* what an authority does with the papers of an exporter stands in the exporter's trail too, by officer id, no name;
* what the office's own programs do (an offline desk that joins) stands in the trail of the Participant's authorities.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from adamas.office.people.models import Act, Membership, Organisation, User
from adamas.office.web import site

HOUR = 3_600
FIRST = 5
"""Lines that one thing that a stranger can repeat leaves in an hour; after them only the 10th, 100th, 1,000th…"""


def record(
    who: HttpRequest | Membership,
    act: str,
    subject: str = "",
    *,
    also: Organisation | None = None,
    **details: Any,
) -> None:
    """Writes one line: ``act`` is a word of :mod:`people.acts`, ``subject`` what it was done to.

    ``also`` is the organisation whose papers these are: its trail gets the line too, without the person's name, unless
    it is the person's own. ``details`` are plain JSON values: never secrets, and of persons no more than the desk needs
    to understand the act.
    """
    membership = who if isinstance(who, Membership) else getattr(who, "membership", None)
    user = who.user if isinstance(who, Membership) else getattr(who, "user", None)
    if not isinstance(membership, Membership):
        if isinstance(user, User):
            record_of_person(user, act, subject, **details)
        else:
            _write([None], act, subject, details)
        return
    fields = {"role": membership.role, "officer": membership.officer}
    own = membership.organisation_id
    _write([own], act, subject, details, user_id=membership.user_id, **fields)
    if also is not None and also.pk != own:
        _write([also.pk], act, subject, details, source_id=own, **fields)


def record_of_person(user: User, act: str, subject: str = "", **details: Any) -> None:
    """Writes what a person did to the own account (or what was tried with it) into the trail of every organisation that
    the person works for; of one who works nowhere any more, into those where it was so."""
    held = Membership.objects.filter(user=user).order_by("pk")
    organisations = list(
        Membership.objects.working().filter(user=user).values_list("organisation_id", flat=True)
    )
    organisations = organisations or list(held.values_list("organisation_id", flat=True))
    _write(list(dict.fromkeys(organisations)) or [None], act, subject, details, user=user)


def record_of_office(participant: str, act: str, subject: str = "", **details: Any) -> None:
    """Writes what this office's own programs did into the trail of the authorities of a Participant."""
    held = Organisation.objects.filter(participant=participant, kind="authority", active=True)
    _write(list(held.values_list("pk", flat=True)) or [None], act, subject, details)


def repeated(act: str, of: str) -> int | None:
    """Counts something that a stranger can do over and over; gives the count if it is one to be written down, or None.

    So a thousand wrong passwords in an hour leave eight lines and not a thousand. ``of`` is what it is done to; it is
    not kept, only a keyed digest of it for an hour.
    """
    key = (
        f"act-{salted_hmac('adamas.people.audit', f'{act} {of}').hexdigest()[:32]}-{int(time.time()) // HOUR}"
    )
    count = 1
    if not cache.add(key, 1, HOUR):
        try:
            count = int(cache.incr(key))
        except ValueError:  # it ran out between the two
            count = 1
    return count if count <= FIRST or str(count).rstrip("0") == "1" else None


def _write(
    organisations: Iterable[int | None], act: str, subject: str, details: dict[str, Any], **fields: Any
) -> None:
    at = site.office().now()
    Act.objects.bulk_create(
        Act(at=at, organisation_id=pk, act=act, subject=subject[:200], details=details, **fields)
        for pk in organisations
    )

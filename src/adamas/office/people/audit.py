"""The trail of acts: one line each, in the transaction of the act."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from adamas.office.people.models import AuditEvent, Membership
from adamas.office.web import site


def record(who: HttpRequest | Membership | None, act: str, subject: str = "", **details: Any) -> AuditEvent:
    """Writes down that ``who`` did ``act`` to ``subject``. Details are plain JSON values, without secrets."""
    membership = who if isinstance(who, Membership) else getattr(who, "membership", None)
    user = membership.user if membership else getattr(who, "user", None)
    return AuditEvent.objects.create(
        at=site.office().now(),
        user=user if user is not None and user.is_authenticated else None,
        organisation=membership.organisation if membership else None,
        role=membership.role if membership else "",
        act=act,
        subject=subject[:200],
        details=details,
    )

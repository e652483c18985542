"""What people do to their own accounts, for the audit trail: heard from the account library's signals.

Of the address only the network is written (/24, of IPv6 /48): enough to see that it was another place, no more of a
person than that. What a stranger can repeat is written a bounded number of times (:func:`audit.repeated`).
"""

from __future__ import annotations

import ipaddress
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import signals as django_auth
from django.core.exceptions import PermissionDenied
from django.dispatch import Signal
from django.http import HttpRequest

from adamas.office.people import audit, known
from adamas.office.people.models import User


class Sessions(DefaultUserSessionsAdapter):
    """Ends sessions from the list of sessions, with a trace."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        """Ends them, and writes how many of whom."""
        people = {one.user_id: one.user for one in sessions}
        super().end_sessions(sessions)
        for user in people.values():
            count = sum(one.user_id == user.pk for one in sessions)
            audit.record_of_person(user, "session.ended", count=count, **_place(context.request))


def listen() -> None:
    """Connects everything here with its signal; once, when the program starts."""
    for signal, receiver in (
        (account.user_logged_in, _signed_in),
        (django_auth.user_login_failed, _sign_in_failed),
        (django_auth.user_logged_out, _signed_out),
        (account.password_set, _password),
        (account.password_changed, _password),
        (account.password_reset, _password_reset),
        (mfa.authenticator_added, _factor_added),
        (mfa.authenticator_reset, _factor_added),
        (mfa.authenticator_removed, _factor_removed),
        (mfa.authenticator_used, _factor_used),
        (mfa.authentication_failed, _factor_failed),
    ):
        found: Signal = signal
        found.connect(receiver, dispatch_uid=f"adamas.people.{receiver.__name__}")


def _signed_in(request: HttpRequest, user: User, response: Any = None, **_: Any) -> None:
    if response is not None:
        known.remember(request, response, user.email)
    ways = [str(one.get("type") or one["method"]) for one in get_authentication_records(request, user)]
    audit.record_of_person(user, "sign.in", way=list(dict.fromkeys(ways)), **_place(request))


def _sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    email = str(credentials.get("email") or "").strip().lower()
    count = audit.repeated("sign.failed", email)  # of unknown addresses too: both take the same time
    user = User.objects.filter(email=email).first()
    if count and user:
        audit.record_of_person(user, "sign.failed", attempt=count, **_place(request))


def _signed_out(user: Any = None, **_: Any) -> None:
    if isinstance(user, User):
        audit.record_of_person(user, "sign.out")


def _password(request: HttpRequest, user: User, **_: Any) -> None:
    audit.record_of_person(user, "sign.password", **_place(request))


def _password_reset(request: HttpRequest, user: User, **_: Any) -> None:
    audit.record_of_person(user, "sign.password-reset", **_place(request))


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    act = "recovery.made" if _is_recovery(authenticator) else "factor.added"
    audit.record_of_person(user, act, **_factor(authenticator), **_place(request))


def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    act = "recovery.removed" if _is_recovery(authenticator) else "factor.removed"
    audit.record_of_person(user, act, **_factor(authenticator), **_place(request))


def _factor_used(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if _is_recovery(authenticator):
        left = len(RecoveryCodes(authenticator).get_unused_codes())
        audit.record_of_person(user, "recovery.used", left=left, **_place(request))


def _factor_failed(request: HttpRequest, user: User, **_: Any) -> None:
    count = audit.repeated("factor.failed", str(user.pk))
    if count:
        audit.record_of_person(user, "factor.failed", attempt=count, **_place(request))


def _is_recovery(authenticator: Authenticator) -> bool:
    return str(authenticator.type) == str(Authenticator.Type.RECOVERY_CODES)


def _factor(authenticator: Authenticator) -> dict[str, str]:
    """The kind of a factor and the name that its owner gave it; never more of it."""
    name = str(authenticator.data.get("name", ""))[:80]
    return {"kind": str(authenticator.type)} | ({"name": name} if name else {})


def _place(request: HttpRequest | None) -> dict[str, str]:
    """The network from which a request comes."""
    if request is None:
        return {}
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (ValueError, PermissionDenied):
        return {}
    wide = 24 if address.version == 4 else 48
    return {"network": str(ipaddress.ip_network(f"{address}/{wide}", strict=False))}

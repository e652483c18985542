"""`/demo`: the people of the demonstration, signed in by one click, and a first task for each.

Only with ADAMAS_DEMO=1, only to this computer itself, and only over a direct connection: a request that a proxy passed
on gets "not found", as everybody does elsewhere.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from adamas.office.people import audit
from adamas.office.people.access import public
from adamas.office.people.models import Membership
from adamas.office.serving.demo_tasks import OTHERS, STORY, Task
from adamas.office.web import site

FILE = "demo-people.json"
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be signed in: the membership, and what a sign-in by hand needs."""

    membership: Membership
    email: str
    password: str
    totp: str
    code: str


def here_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets only this computer in, and only in a demonstration."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO or not _direct(request):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@public
@never_cache
@here_only
def index(request: HttpRequest) -> HttpResponse:
    """People, how to sign in, and the guided tasks."""
    people = _people()
    by_place = {(p.membership.role, p.membership.organisation.slug): p for p in people}

    def told(tasks: tuple[Task, ...]) -> list[dict[str, Any]]:
        return [{"task": task, "person": by_place.get((task.role, task.organisation))} for task in tasks]

    context = {"people": people, "story": told(STORY), "others": told(OTHERS)}
    return render(request, "serving/demo.html", context)


@public
@require_POST
@here_only
def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Signs somebody of the demonstration in, with both factors as of now."""
    from django.contrib.auth import login, logout

    person = next((p for p in _people() if p.membership.pk == pk), None)
    if person is None:
        raise Http404
    logout(request)
    login(request, person.membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    now = time.time()
    request.session["account_authentication_methods"] = [
        {"method": "password", "at": now, "email": person.email},
        {"method": "mfa", "at": now, "type": "totp"},
    ]
    request.session["account_authentication_methods_user"] = str(person.membership.user_id)
    request.session["membership"] = person.membership.pk
    audit.record_of_person(person.membership.user, "sign.in", way=["demonstration"])
    url = next((s.url for t in (*STORY, *OTHERS) if _is(t, person) for s in t.steps if s.url), "/people/")
    return redirect(url)


def _is(task: Task, person: Person) -> bool:
    membership = person.membership
    return (task.role, task.organisation) == (membership.role, membership.organisation.slug)


def _people() -> list[Person]:
    file = site.office().home.path / FILE
    try:
        listed = {item["user"]: item for item in json.loads(file.read_text(encoding="utf-8"))}
    except (OSError, ValueError):
        return []
    found = Membership.objects.filter(user__in=listed, active=True).select_related("user", "organisation")
    people = []
    for membership in found.order_by("pk"):
        item = listed[membership.user_id]
        people.append(Person(membership, item["email"], item["password"], item["totp"], _code(item["totp"])))
    return people


def _code(secret: str) -> str:
    """The code that an authenticator would show now."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def _direct(request: HttpRequest) -> bool:
    if any(request.META.get(name) for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False

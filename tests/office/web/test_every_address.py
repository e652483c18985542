"""Every address of the site, from Django's own table of them, with every role and with other tenants' objects.

A new page cannot be forgotten: one that does not say who may see it fails here, and so does one whose address names an
object when tests/office/web/objects.py does not say how to make such an object.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.office.site import Site
from tests.office.web import objects
from tests.office.web.objects import OBJECTS, PROBE, World

from adamas.office.people.access import Access, access_of
from adamas.office.people.models import Membership, Organisation, User

OF_LIBRARY = {
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_signup",
    "mfa_authenticate",
    "mfa_login_webauthn",
}
"""Addresses of allauth that are for people who are not signed in (yet, or any more)."""
WITHOUT_CSRF = {"language", "verify-check", "apiweb:token", "apiweb:revoke", "apiweb:nothing"}
"""Exempt by decision: two that change nothing of anybody's, and what programs call, which have no cookies."""


SWITCHED_OFF = {"account_email"}
"""Addresses of allauth that are "not found" for everybody."""
MAY_HAVE_NONE = {"mfa_view_recovery_codes", "mfa_download_recovery_codes"}
"""Addresses that are "not found" for a person who never made what they show."""


@dataclass(frozen=True)
class Address:
    """One address: its name, the names of its parts that vary, and what it leads to."""

    name: str
    parts: frozenset[str]
    pattern: URLPattern
    access: Access | None

    def url(self, world: World) -> str:
        """The address with the object that objects.py has for it."""
        if not self.parts:
            return reverse(self.name)
        if self.access is not None and self.access.kind == "token":
            return reverse(self.name, kwargs=dict.fromkeys(self.parts, "x"))
        return reverse(self.name, kwargs=OBJECTS[self.name].kwargs(world))


def addresses() -> list[Address]:
    """All of them."""

    def below(
        patterns: list[URLPattern | URLResolver], names: tuple[str, ...], parts: frozenset[str]
    ) -> Iterator[Address]:
        for one in patterns:
            own = parts | frozenset(one.pattern.regex.groupindex)
            if isinstance(one, URLResolver):
                yield from below(one.url_patterns, (*names, one.namespace) if one.namespace else names, own)
            elif one.name != "nothing":  # the "not found" of the API
                yield Address(":".join((*names, one.name or "?")), own, one, access_of(one.callback))

    return list(below(get_resolver().url_patterns, (), frozenset()))


def of_kind(*kinds: str) -> list[Address]:
    return [one for one in addresses() if one.access is not None and one.access.kind in kinds]


@pytest.fixture(scope="module")
def world(shared_site: Site) -> World:
    return objects.build(shared_site)


@pytest.fixture(scope="module")
def people(world: World) -> dict[Membership, Client]:
    """Everybody, signed in with a second factor."""
    found: dict[Membership, Client] = {}
    for membership in Membership.objects.select_related("user", "organisation").order_by("pk"):
        if "@program" not in membership.user.email and membership.user.has_usable_password():
            client = found[membership] = world.site.client()
            client.raise_request_exception = False
            world.site.sign_in(client, membership)
            session = client.session
            proof = {"method": "mfa", "type": "totp", "at": time.time(), "reauthenticated": True}
            session["account_authentication_methods"] = [*session["account_authentication_methods"], proof]
            session.save()
    return found


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals without their page, which costs most of the time of a thousand refusals."""
    monkeypatch.setattr(
        "adamas.office.web.views.told", lambda _request, status, *_texts: HttpResponse(status=status)
    )


def tried(client: Client, method: str, url: str) -> int:
    """The status of an answer. What a request did is undone."""
    with transaction.atomic():
        answer = getattr(client, method)(url)
        transaction.set_rollback(True)
    return answer.status_code


def able(one: Address, people: dict[Membership, Client]) -> list[Membership]:
    """Those who hold a right role for an address and to whom the object in it is no secret."""
    thing, roles = OBJECTS.get(one.name), one.access.roles if one.access else frozenset()
    found = [
        membership
        for membership in people
        if (not roles or membership.role in roles) and not (thing and thing.stranger(membership))
    ]
    assert found, f"nobody may see {one.name}"
    return found


def test_every_address_says_who_may_see_it(shared_site: Site) -> None:
    silent = [one.name for one in addresses() if one.access is None]
    assert not silent, f"declare these with @needs, @public or @own_account: {silent}"
    strange = {
        one.name
        for one in of_kind("own")
        if one.pattern.callback.__module__.startswith("allauth.") and one.name in OF_LIBRARY
    } ^ OF_LIBRARY
    assert not strange, f"OF_LIBRARY names addresses that are not there: {strange}"


def test_every_address_with_an_object_has_one_to_be_tried_with(shared_site: Site) -> None:
    for one in of_kind("roles", "own", "public"):
        assert not one.parts or one.name in OBJECTS, (
            f"The address {one.name} names {sorted(one.parts)}: add to OBJECTS in tests/office/web/objects.py how such "
            "an object is made and whose it is, so that other tenants are tried with it."
        )
    gone = OBJECTS.keys() - {one.name for one in addresses()}
    assert not gone, f"OBJECTS in tests/office/web/objects.py has addresses that are no more: {sorted(gone)}"


def test_a_visitor_is_sent_to_sign_in(world: World) -> None:
    visitor = world.site.client()
    visitor.raise_request_exception = False
    wrong = []
    for name in SWITCHED_OFF:
        assert tried(visitor, "get", reverse(name)) == tried(visitor, "post", reverse(name)) == 404
    for one in of_kind("roles", "own"):
        if one.name in OF_LIBRARY | SWITCHED_OFF:
            continue
        answer = visitor.get(one.url(world))
        sent = answer.status_code == 302 and "/account/login" in answer.headers["Location"]
        if not sent and answer.status_code != 405:
            wrong.append((one.name, "GET", answer.status_code))
        if (status := tried(visitor, "post", one.url(world))) not in (302, 403, 405):
            wrong.append((one.name, "POST", status))
    assert not wrong


def test_a_program_without_a_token_is_told_so(world: World) -> None:
    visitor = world.site.client()
    visitor.raise_request_exception = False
    for one in of_kind("token"):
        for method in ("get", "post"):
            assert tried(visitor, method, one.url(world)) in (401, 405, 429), (one.name, method)


def test_public_pages_fail_for_nobody(world: World, people: dict[Membership, Client]) -> None:
    visitor = world.site.client()
    visitor.raise_request_exception = False
    wrong = []
    for one in [*of_kind("public"), *(one for one in of_kind("own") if one.name in OF_LIBRARY)]:
        for method in ("get", "post"):
            if (status := tried(visitor, method, one.url(world))) >= 500:
                wrong.append((one.name, method, status))
    assert not wrong


def let_in(world: World, people: dict[Membership, Client], *, at_most: int) -> list[tuple[str, str, int]]:
    """Addresses that a wrong role was not refused, with the role and what it was told; so many roles are tried."""
    one_of_each: dict[str, Client] = {}
    for membership, client in people.items():
        one_of_each.setdefault(membership.role, client)
    found = []
    for turn, one in enumerate(of_kind("roles")):
        wrong = sorted(one_of_each.keys() - (one.access or Access("public")).roles)
        first = turn % len(wrong) if wrong else 0  # a page of every role has no wrong one
        for role in (wrong[first:] + wrong)[: min(at_most, len(wrong))]:
            if (status := tried(one_of_each[role], "post", one.url(world))) != 403:
                found.append((one.name, role, status))
    return found


def test_a_wrong_role_is_refused(world: World, people: dict[Membership, Client], plain: None) -> None:
    assert not let_in(world, people, at_most=1)


@pytest.mark.slow
def test_every_wrong_role_is_refused(world: World, people: dict[Membership, Client], plain: None) -> None:
    assert not let_in(world, people, at_most=99)


def test_another_tenants_object_is_not_found(
    world: World, people: dict[Membership, Client], plain: None
) -> None:
    wrong, met = [], set()
    for one in of_kind("roles", "own"):
        thing = OBJECTS.get(one.name)
        if not one.parts or thing is None or thing.theirs is None:
            continue
        roles = one.access.roles if one.access and one.access.roles else {"administrator"}
        url = one.url(world)
        for membership, client in people.items():
            if membership.role not in roles or not thing.stranger(membership):
                continue
            for method in ("get", "post"):
                status = tried(client, method, url)
                met.add((one.name, status))
                if status not in (403, 404, 405):  # 403: the act in the address is another role's
                    wrong.append((one.name, method, str(membership), status))
    assert not wrong
    untold = {name for name, _ in met} - {name for name, status in met if status == 404}
    assert not untold, f"nobody was told that there is no such thing: {untold}"
    untried = {name for name, thing in OBJECTS.items() if thing.theirs is not None} - {n for n, _ in met}
    assert not untried, f"no stranger of a right role in tests/office/site.py for {untried}"


def test_a_right_role_meets_no_failure(world: World, people: dict[Membership, Client]) -> None:
    wrong, used = [], set()
    for one in of_kind("roles", "own"):
        if one.name in OF_LIBRARY | SWITCHED_OFF:
            continue
        membership = able(one, people)[0]
        used.add(membership)
        for method in ("get", "post"):
            if (status := tried(people[membership], method, one.url(world))) >= 500 or (
                status == 404 and one.name not in MAY_HAVE_NONE
            ):
                wrong.append((one.name, method, str(membership), status))
    assert not wrong
    for membership in used:
        assert people[membership].get("/people/").status_code == 200, (
            f"{membership} was signed out on the way"
        )


def test_a_form_without_its_token_does_nothing(world: World) -> None:
    exempt = {one.name for one in addresses() if getattr(one.pattern.callback, "csrf_exempt", False)}
    assert exempt - {one.name for one in of_kind("token")} <= WITHOUT_CSRF
    clients: dict[str, Client] = {}
    wrong = []
    for one in of_kind("roles", "own"):
        role = min(one.access.roles) if one.access and one.access.roles else "administrator"
        if role not in clients:
            clients[role] = world.site.client(role, csrf=True)
        answer = clients[role].post(one.url(world))
        if answer.status_code != 403 or "Your role does not allow" in answer.content.decode():
            wrong.append((one.name, answer.status_code))
    assert not wrong


def test_a_dismissed_officer_is_out_at_the_next_request(
    world: World, people: dict[Membership, Client], plain: None
) -> None:
    wrong = []
    with transaction.atomic():
        Membership.objects.update(active=False)
        for one in of_kind("roles"):
            client = people[able(one, people)[0]]
            for method in ("get", "post"):
                if (status := tried(client, method, one.url(world))) != 403:
                    wrong.append((one.name, method, status))
        transaction.set_rollback(True)
    assert not wrong


def test_texts_of_others_are_escaped_on_every_page(world: World, people: dict[Membership, Client]) -> None:
    """Names of organisations and people, fields of applications and sheets, notes, messages, file names."""
    raw, shown = [], set()
    visitor = world.site.client()
    with transaction.atomic():
        Organisation.objects.update(name=PROBE)
        User.objects.update(name=PROBE)
        for one in of_kind("roles", "own", "public"):
            if one.name in OF_LIBRARY:
                continue
            clients = {"": visitor}
            if one.access is not None and one.access.kind != "public":
                clients = {m.organisation.participant: people[m] for m in reversed(able(one, people))}
            for client in clients.values():
                answer = client.get(one.url(world))
                if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
                    continue
                page = answer.content.decode()
                if "<script>alert" in page:
                    raw.append(one.name)
                if "&lt;script&gt;alert(1)" in page:
                    shown.add(one.name)
        transaction.set_rollback(True)
    assert not raw
    must = {"application", "mine", "review", "queue", "approve", "upload"}
    assert {f"issuing:{name}" for name in must} <= shown, "the probe is on these pages, as text"
    assert {"arrival:inspection", "arrival:question", "aftercare:paper", "apiweb:clients"} <= shown
    must = {"members", "member", "organisations", "organisation", "invitation", "account"}
    assert {f"people:{name}" for name in must} <= shown

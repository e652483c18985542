"""A link lets one person in, once: not twice, not late, not withdrawn, not guessed, and not by looking at it."""

from __future__ import annotations

import hashlib
import re
import threading

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail as outbox
from django.core.cache import cache
from django.test import Client, override_settings
from tests.office.site import Site

from adamas.office.people import house, invitations, officers
from adamas.office.people import mail as letters
from adamas.office.people.errors import LinkRefused, PeopleError
from adamas.office.people.invitations import Wanted
from adamas.office.people.models import Act, Invitation, Membership, User

WORD = "seven dry rivers run"
FORM = {"name": "Nomsa Dlamini", "email": "Nomsa@Example.org", "roles": ["issuing"], "language": "en"}
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def world(shared_site: Site) -> Site:
    cache.clear()
    return shared_site


def invited(
    site: Site, email: str, *roles: str, organisation: str = "bw-authority"
) -> tuple[str, Invitation]:
    """The path of a new link, and its invitation."""
    own = site.membership("administrator", organisation)
    sent = invitations.invite(own, Wanted(email, "Somebody", roles or ("issuing",), "en"))
    assert sent.token
    return f"/people/invitation/{sent.token}", sent.invitation


def enter(client: Client, path: str, name: str = "Nomsa Dlamini", word: str = WORD):
    return client.post(path, {"name": name, "password1": word, "password2": word})


def link(page) -> str:
    found = re.search(r'value="http://localhost(/people/invitation/[^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def set_up_app(client: Client) -> None:
    """Sets up codes from an app by the page, as its QR code says."""
    page = client.get("/account/2fa/totp/activate/").content.decode()
    found = re.search(r'value="([A-Z2-7]{20,})"', page)
    assert found, page
    code = format_hotp_value(hotp_value(found[1], next(iter(yield_hotp_counters_from_time()))))
    assert client.post("/account/2fa/totp/activate/", {"code": code}).status_code == 302


def test_an_invited_officer_sets_password_and_factor_and_reaches_her_desk(world: Site):
    shown = world.client("administrator", "bw-authority").post("/people/invite", FORM)
    path = link(shown)
    token = path.rsplit("/", 1)[1]
    row = Invitation.objects.get(email="nomsa@example.org")
    assert row.secret == hashlib.sha256(token.encode()).hexdigest(), "only the hash is kept"
    her = world.client()
    for look in (her.get, her.head, her.get):
        page = look(path)
        assert page.status_code == 200, "looking, as programs that read mail do, uses nothing up"
    text = page.content.decode()
    assert "Ministry of Minerals of Botswana" in text
    assert "Issuing officer" in text
    assert world.user("administrator", "bw-authority").name in text
    assert "nomsa@example.org" not in text.lower()
    assert "no-store" in page.headers["Cache-Control"]
    assert "at least 12" in enter(her, path, word="short word").content.decode()
    assert enter(her, path).headers["Location"] == "/people/second-factor"
    for page in ("/people/", "/issuing/queue"):
        assert her.get(page).headers["Location"] == "/people/second-factor", "before anything else"
    set_up_app(her)
    assert her.get("/issuing/queue").status_code == 200
    given = Membership.objects.get(user__email="nomsa@example.org")
    assert (given.role, given.officer) == ("issuing", "is-3")
    acts = Act.objects.filter(organisation=given.organisation).values_list("act", flat=True)
    assert {"invitation.made", "invitation.accepted"} <= set(acts)


def test_a_new_person_may_have_a_passkey_and_no_password(world: Site):
    path, _ = invited(world, "keyed@example.org")
    her = world.client()
    assert her.post(path, {"passkey": "1", "name": ""}).status_code == 422
    assert her.post(path, {"passkey": "1", "name": "Keyed"}).headers["Location"] == "/people/second-factor"
    page = her.get("/people/second-factor").content.decode()
    assert "webauthn/add" in page
    assert "totp" not in page, "codes without a password would sign nobody in"
    assert her.get("/account/2fa/webauthn/add/").status_code == 200
    assert her.get("/issuing/queue").headers["Location"] == "/people/second-factor"
    assert not User.objects.get(email="keyed@example.org").has_usable_password()


def test_links_that_open_nothing_all_say_the_same(world: Site):
    used, _ = invited(world, "used@example.org")
    enter(world.client(), used)
    late, row = invited(world, "late@example.org")
    Invitation.objects.filter(pk=row.pk).update(expires=world.clock.now)
    gone, row = invited(world, "gone@example.org")
    administrator = world.client("administrator", "bw-authority")
    assert administrator.post(f"/people/invitations/{row.pk}/withdraw").status_code == 302
    older, row = invited(world, "older@example.org")
    newer = link(administrator.post(f"/people/invitations/{row.pk}/again"))
    assert world.client().get(newer).status_code == 200
    said = set()
    for path in (used, late, gone, older, f"/people/invitation/{'x' * 43}", "/people/invitation/é"):
        for answer in (world.client().get(path), enter(world.client(), path)):
            text = re.sub(r'value="/people/[^"]*"', "", answer.content.decode())
            said.add((answer.status_code, text))
    assert len(said) == 1, "nobody learns which links there were"
    assert said.pop()[0] == 404
    assert not User.objects.filter(email__in=["late@example.org", "gone@example.org"]).exists()


def test_links_cannot_be_tried_one_after_another(world: Site):
    path, _ = invited(world, "tried@example.org")
    guesser = world.client()
    for number in range(30):
        assert guesser.get(f"/people/invitation/{number}").status_code == 404
    assert guesser.get(path).status_code == 429, "the right one is refused too while it lasts"


def test_two_at_once_are_one(world: Site):
    path, row = invited(world, "twice@example.org")
    token = path.rsplit("/", 1)[1]
    ends: list[str] = []

    def come(name: str) -> None:
        from django.db import connections

        try:
            invitations.accept_new(token, name, WORD)
            ends.append("in")
        except (LinkRefused, PeopleError) as error:
            ends.append(error.code)
        finally:
            connections.close_all()

    both = [threading.Thread(target=come, args=(name,)) for name in ("A", "B")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(ends) == ["in", "people.link"]
    assert Membership.objects.filter(user__email="twice@example.org").count() == 1
    assert Invitation.objects.get(pk=row.pk).used


def test_who_has_an_account_signs_in_and_accepts(world: Site):
    customs = world.membership("customs", "bw-customs")
    path, _ = invited(world, customs.user.email.upper(), "auditor", "statistics")
    visitor = world.client().get(path).content.decode()
    assert "password1" not in visitor
    assert "/account/login/?next=" in visitor
    assert enter(world.client(), path, word="another password here").status_code == 409
    other = world.client("exporter", "okavango")
    assert "another account" in other.get(path).content.decode()
    assert other.post(path).status_code == 409
    own = world.client("customs", "bw-customs")
    assert own.post(path).headers["Location"] == "/people/"
    assert "Auditor" in own.get("/people/").content.decode() or own.get("/people/audit").status_code == 200
    assert Membership.objects.working().filter(user=customs.user).count() == 3
    assert own.get("/issuing/validation").status_code == 403, "the new role acts now"
    assert world.client("customs", "bw-customs").get("/issuing/validation").status_code == 200


def test_officer_ids_are_given_once(world: Site):
    first, _ = invited(world, "first@example.org", "statistics")
    enter(world.client(), first)
    given = Membership.objects.get(user__email="first@example.org")
    number = int(given.officer.removeprefix("st-"))
    officers.revoke([given], given.organisation)
    second, _ = invited(world, "second@example.org", "statistics")
    enter(world.client(), second)
    assert Membership.objects.get(user__email="second@example.org").officer == f"st-{number + 1}"
    assert officers.grant(given.user, given.organisation, "statistics").officer == given.officer


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "not an address"}, "people.address"),
        ({"email": "x@clients.invalid"}, "people.address"),
        ({"roles": ()}, "people.role"),
        ({"roles": ("exporter",)}, "people.role"),
        ({"email": "issuing"}, "people.address"),
    ],
)
def test_what_cannot_be_invited(world: Site, change: dict[str, object], code: str):
    wanted = {"email": "good@example.org", "name": "X", "roles": ("issuing",), **change}
    with pytest.raises(PeopleError) as caught:
        invitations.invite(world.membership("administrator", "bw-authority"), Wanted(**wanted))
    assert caught.value.code == code


def test_nobody_is_invited_twice_to_the_same(world: Site):
    own = world.membership("administrator", "bw-authority")
    invited(world, "again@example.org")
    for email in ("again@example.org", world.user("issuing", "bw-authority", "is-1").email):
        with pytest.raises(PeopleError) as caught:
            invitations.invite(own, Wanted(email, "X", ("issuing",)))
        assert caught.value.code in ("people.invited", "people.member")


def test_letters_go_by_the_queue_which_never_holds_the_secret(world: Site):
    from django_tasks_db.models import DBTaskResult

    from adamas.office.serving.jobs import Queue

    with override_settings(EMAIL_BACKEND=LOCMEM):
        outbox.outbox = []
        form = {**FORM, "email": "lettre@example.org", "language": "fr"}
        assert world.client("administrator", "bw-authority").post("/people/invite", form).status_code == 302
        queued = DBTaskResult.objects.filter(task_path__endswith="mail.invitation").latest("enqueued_at")
        assert queued.args_kwargs["args"][0] == Invitation.objects.get(email="lettre@example.org").pk
        Queue(threading.Event()).turn()
        (letter,) = outbox.outbox
        assert letter.to == ["lettre@example.org"]
        found = re.search(r"http://localhost(/people/invitation/(\S+))", letter.body)
        assert found
        assert world.client().get(found[1]).status_code == 200
        rows = DBTaskResult.objects.values_list("args_kwargs", "return_value", "traceback")
        assert found[2] not in str(list(rows)), "the queue is kept for a month"


def test_a_password_by_mail_asks_for_the_second_factor_still(world: Site):
    from adamas.office.serving.jobs import Queue

    user = world.user("auditor", "ae-authority")
    with override_settings(EMAIL_BACKEND=LOCMEM):
        outbox.outbox = []
        for email in (user.email, "nobody@example.org"):
            answer = world.client().post("/account/password/reset/", {"email": email})
            assert answer.headers["Location"] == "/account/password/reset/done/"
        Queue(threading.Event()).turn()
        (letter,) = outbox.outbox
    assert letter.to == [user.email]
    path = re.search(r"http://localhost(/account/password/reset/key/\S+)", letter.body)
    assert path
    her = world.client()
    sent = her.get(path[1], follow=True)
    form = {"password1": "eight wet rivers run", "password2": "eight wet rivers run"}
    done = her.post(sent.redirect_chain[-1][0], form)
    assert done.status_code == 302
    assert "_auth_user_id" not in her.session, "a new password signs nobody in"
    step = her.post("/account/login/", {"login": user.email, "password": "eight wet rivers run"})
    assert step.headers["Location"].startswith("/account/2fa/authenticate/")
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_without_a_mail_server_the_page_says_whom_to_ask(world: Site):
    assert "sends no mail" in world.client().get("/account/password/reset/").content.decode()
    assert not letters.is_set()


def test_the_house_lets_the_first_administrator_in_and_recovers(world: Site):
    with pytest.raises(PeopleError) as caught:
        house.first_administrator("a@example.org", "A", "", "BW")
    assert caught.value.code == "people.has-administrator"
    with pytest.raises(PeopleError) as caught:
        house.first_administrator("a@example.org", "A", "", "FR")
    assert caught.value.code == "people.not-hosted"
    made = house.recover("fresh@example.org", "Fresh", "ae")
    her = world.client()
    assert enter(her, f"/people/invitation/{made.token}").status_code == 302
    set_up_app(her)
    assert her.get("/people/members").status_code == 200
    lost = world.membership("administrator", "ae-authority")
    before = world.client("administrator", "ae-authority")
    back = house.recover(lost.user.email, "", "ae-authority")
    assert before.get("/people/members").status_code == 302, "signed out everywhere"
    assert not Authenticator.objects.filter(user=lost.user).exists()
    again = world.client()
    assert enter(again, f"/people/invitation/{back.token}").headers["Location"] == "/people/second-factor"
    assert User.objects.filter(email=lost.user.email).count() == 1
    acts = Act.objects.filter(organisation=lost.organisation)
    assert acts.filter(act="factor.reset", details__by="adamas people").exists()

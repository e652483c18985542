"""What an administrator does with people takes effect at the next request, and not beyond what is his to look after."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse
from tests.office import site as fixtures
from tests.office.conftest import PASSPHRASE
from tests.office.people.test_invitations import enter, invited, link, set_up_app
from tests.office.site import SECRET, Site

from adamas.demo import office_people as demo
from adamas.office.people import members, officers, organisations
from adamas.office.people.errors import LastOne, PeopleError
from adamas.office.people.models import Act, Membership, Organisation, User
from adamas.office.people.roles import PREFIX, ROLES, ROLES_OF_KIND


@pytest.fixture
def world(shared_site: Site) -> Site:
    cache.clear()
    return shared_site


def member(site: Site, email: str, *roles: str, organisation: str = "bw-authority") -> Membership:
    """A new person with a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP

    user = User.objects.create_user(email, name=email.split("@", maxsplit=1)[0])
    user.password = site.user("issuing", "bw-authority").password
    user.save()
    TOTP.activate(user, SECRET)
    place = Organisation.objects.get(slug=organisation)
    given = [officers.grant(user, place, role) for role in roles]
    return given[0]


def test_roles_are_those_of_the_kind_of_organisation():
    assert ROLES.keys() == PREFIX.keys()
    assert len(set(PREFIX.values())) == len(PREFIX)
    kinds = {slug: kind for slug, _, kind, _ in fixtures.ORGANISATIONS}
    assert all(role in ROLES_OF_KIND[kinds[place]] for role, place, _ in fixtures.PEOPLE)
    kinds = {slug: kind for slug, _, kind, *_ in demo.ORGANISATIONS}
    assert all(one.role in ROLES_OF_KIND[kinds[one.organisation]] for one in demo.PEOPLE)


def test_an_officer_dismissed_in_the_middle_of_her_work_is_out(world: Site):
    held = member(world, "leaver@example.org", "issuing", "statistics")
    her = world.client()
    world.sign_in(her, held)
    waiting, _ = invited(world, "leaver@example.org", "importing")
    assert her.get("/issuing/queue").status_code == 200
    administrator = world.client("administrator", "bw-authority")
    page = f"/people/members/{held.pk}"
    assert "tick that you are sure" in administrator.post(f"{page}/dismiss").content.decode()
    assert her.get("/issuing/queue").status_code == 200
    assert administrator.post(f"{page}/dismiss", {"sure": "1"}).status_code == 302
    for answer in (her.get("/issuing/queue"), her.post("/issuing/stock", {"count": "1"})):
        assert answer.status_code == 302
        assert "/account/login/" in answer.headers["Location"]
    anew = world.client()
    world.sign_in(anew, Membership.objects.get(pk=held.pk))
    assert anew.get("/issuing/queue").status_code == 403
    assert world.client().get(waiting).status_code == 404, "what was promised before counts no more"
    assert Act.objects.filter(act="member.dismissed", details__name="leaver").count() == 1
    assert "left" in administrator.get("/people/members").content.decode()


def test_a_role_counts_from_the_next_request_on_and_no_longer(world: Site):
    held = member(world, "mover@example.org", "issuing")
    his = world.client()
    world.sign_in(his, held)
    administrator = world.client("administrator", "bw-authority")
    given = administrator.post(f"/people/members/{held.pk}/give", {"role": "approving"}, follow=True)
    assert "may now both issue and approve" in given.content.decode()
    assert administrator.post(f"/people/members/{held.pk}/give", {"role": "exporter"}).status_code == 422
    assert administrator.post(f"/people/members/{held.pk}/end").status_code == 302
    assert his.get("/issuing/stock").status_code == 403, "he acts as approving officer now"
    assert his.get("/issuing/queue").status_code == 200


def test_the_last_administrator_stays(world: Site):
    own = world.membership("administrator", "ae-authority")
    client = world.client("administrator", "ae-authority")
    for act in ("end", "dismiss"):
        page = client.post(f"/people/members/{own.pk}/{act}", {"sure": "1"})
        assert page.status_code == 422
        assert "last administrator" in page.content.decode()
    second = member(world, "second@example.org", "administrator", organisation="ae-authority")
    members.dismiss(own, second.user)
    with pytest.raises(LastOne):
        members.dismiss(second, own.user)  # both pressed in the same second
    second = officers.grant(second.user, own.organisation, "administrator")
    out = client.post(f"/people/members/{own.pk}/dismiss", {"sure": "1"})
    assert out.headers["Location"] == "/"
    assert client.get("/people/members").status_code == 302
    officers.grant(own.user, own.organisation, "administrator")


def test_a_lost_second_factor_is_set_anew_by_a_link_alone(world: Site):
    held = member(world, "lost@example.org", "approving")
    thief = world.client()
    world.sign_in(thief, held)
    assert thief.get("/issuing/queue").status_code == 200
    page = f"/people/members/{held.pk}/let-back"
    slow = world.client("administrator", "bw-authority", stepped_up=False)
    assert "/reauthenticate/" in slow.post(page, {"sure": "1"}).headers["Location"]
    path = link(world.client("administrator", "bw-authority").post(page, {"sure": "1"}))
    assert thief.get("/issuing/queue").status_code == 302
    assert not Authenticator.objects.filter(user=held.user).exists()
    again = {"login": "lost@example.org", "password": fixtures.PASSWORD}
    assert world.client().post("/account/login/", again).status_code == 200, "the old password opens nothing"
    her = world.client()
    assert enter(her, path).headers["Location"] == "/people/second-factor"
    set_up_app(her)
    assert her.get("/issuing/queue").status_code == 200
    assert world.client().get(path).status_code == 404
    assert Membership.objects.get(pk=held.pk).active


def test_nobody_lets_in_whom_he_does_not_look_after(world: Site):
    both = member(world, "both@example.org", "statistics")
    officers.grant(both.user, Organisation.objects.get(slug="ae-authority"), "statistics")
    abroad = world.membership("issuing", "ae-authority")
    own = world.membership("administrator", "bw-authority")
    for user, code in (
        (both.user, "people.elsewhere"),
        (abroad.user, "people.elsewhere"),
        (own.user, "people.self"),
    ):
        with pytest.raises(PeopleError) as caught:
            members.let_back(own, user)
        assert caught.value.code == code
        assert Authenticator.objects.filter(user=user).exists()
    client = world.client("administrator", "bw-authority")
    for act in ("give", "end", "dismiss", "let-back"):
        assert client.post(f"/people/members/{abroad.pk}/{act}", {"sure": "1"}).status_code == 404
    auditor = world.client("auditor", "bw-authority")
    assert auditor.get("/people/members").status_code == 200
    assert auditor.post(f"/people/members/{both.pk}/dismiss", {"sure": "1"}).status_code == 403


def test_an_authority_founds_an_exporter_whose_administrator_invites_the_rest(world: Site):
    client = world.client("administrator", "bw-authority")
    form = {"kind": "exporter", "name": "  Letlhakane   Gems ", "licence": "BW-9"}
    made = client.post("/people/organisations", form)
    assert client.post("/people/organisations", form).status_code == 422, "the name is taken"
    firm = Organisation.objects.get(slug="letlhakane-gems")
    assert (firm.name, firm.participant) == ("Letlhakane Gems", "BW")
    page = f"/people/organisations/{firm.pk}"
    assert made.headers["Location"] == page
    path = link(
        client.post(f"{page}/invite", {"name": "Boss", "email": "boss@gems.example", "language": "en"})
    )
    boss = world.client()
    enter(boss, path, "Boss")
    set_up_app(boss)
    assert "Exporter" in boss.get("/people/invite").content.decode()
    path = link(boss.post("/people/invite", {**_exporter, "email": "clerk@gems.example"}))
    clerk = world.client()
    enter(clerk, path, "Clerk")
    set_up_app(clerk)
    assert clerk.get(reverse("issuing:mine")).status_code == 200
    assert "Make" not in boss.get("/people/organisations").content.decode()
    assert boss.post("/people/organisations", form).status_code == 422
    assert client.post(page, {"name": "Letlhakane Gems (Pty)", "licence": "BW-10"}).status_code == 302
    assert boss.post(page, {"name": "Mine", "licence": ""}).status_code == 422
    assert client.post(f"{page}/end").status_code == 422, "not without saying so"
    assert client.post(f"{page}/end", {"sure": "1"}).status_code == 302
    assert clerk.get(reverse("issuing:mine")).status_code == 403
    late = {"name": "Late", "email": "late@gems.example", "language": "en"}
    assert "has ended" in client.post(f"{page}/invite", late).content.decode()
    assert client.post(f"{page}/end").status_code == 302
    assert clerk.get(reverse("issuing:mine")).status_code == 200
    lead = officers.administrators(firm)[0]
    back = client.post(f"{page}/{lead.pk}/let-back", {"sure": "1"})
    assert enter(boss, link(back)).status_code in (200, 302, 409)
    others = world.client("administrator", "ae-authority")
    assert others.get(page).status_code == 404
    assert others.post(f"{page}/{lead.pk}/let-back", {"sure": "1"}).status_code == 404
    with pytest.raises(PeopleError):
        organisations.make(world.membership("administrator", "bw-authority"), "authority", "Another")


_exporter = {"name": "Clerk", "roles": ["exporter"], "language": "en"}


def test_ones_own_account_speaks_ones_own_language(world: Site):
    held = member(world, "langue@example.org", "auditor")
    client = world.client()
    world.sign_in(client, held)
    assert client.get("/people/account").status_code == 200
    client.post("/people/account", {"name": "Zoé", "language": "fr"})
    page = client.get("/people/account").content.decode()
    assert '<html lang="fr"' in page
    assert "Zoé" in page
    assert client.post("/people/account", {"name": "", "language": "xx"}).status_code == 422
    for path in ("password/change/", "2fa/", "sessions/", "2fa/webauthn/"):
        assert client.get(f"/account/{path}").status_code in (200, 302), path


def test_an_offline_desk_leaves_people_alone(world: Site, monkeypatch: pytest.MonkeyPatch):
    own = world.membership("administrator", "bw-authority")
    monkeypatch.setattr(type(world.office.bounds), "own", object(), raising=False)
    with pytest.raises(PeopleError) as caught:
        members.dismiss(own, own.user)
    assert caught.value.code == "people.offline"


@pytest.mark.slow
def test_the_command_line_prints_a_link(site: Site, tmp_path: Path):
    Membership.objects.filter(role="administrator").update(active=False)
    program = str(Path(sys.executable).parent / "adamas")
    home = str(site.office.home.path)
    assert "Nobody administers" in _check(program, home)
    call = [program, "people", "first-administrator", "It@Example.org", "--participant", "BW", "--json"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ADAMAS_", "DJANGO_"))}
    done = subprocess.run(
        [*call, "--home", home, "--address", "https://office.example/"],
        capture_output=True,
        text=True,
        env={**environment, "ADAMAS_CLOCK": "2025-03-03T12:00:00Z"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["email"] == "it@example.org"
    assert told["link"].startswith("https://office.example/people/inv")
    her = site.client()
    assert enter(her, told["link"].removeprefix("https://office.example")).status_code == 302
    assert Membership.objects.get(user__email="it@example.org").officer == "ad-2"
    listed = subprocess.run(
        [program, "people", "list", "--home", home],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert "it@example.org" in listed.stdout


def _check(program: str, home: str) -> str:
    call = [program, "serve", "--check", "--port", "0", "--home", home]
    return subprocess.run(
        call, capture_output=True, text=True, check=False, env={**os.environ, "ADAMAS_PASSPHRASE": PASSPHRASE}
    ).stdout

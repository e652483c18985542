"""The offline desk with its people: they sign in there, and their working papers come home."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.office.serving.people import application, issue_one
from tests.office.site import SECRET, Site

from adamas.office import database, home
from adamas.office.issuing.models import Application, Attachment, FormUse, Known, Step, Taken
from adamas.office.opening import Office, open_office
from adamas.office.people.models import Act, Membership, User
from adamas.office.serving import offline, offline_papers
from adamas.office.web import site as web_site

DESK = "desk passphrase"


@pytest.fixture
def desk(site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk of Botswana with ten numbers and its people."""
    out = site.folder / "desk"
    monkeypatch.setattr(offline, "_follow_all", _fed)
    made = offline_papers.set_aside("BW", 10, "offline desk")
    offline.reserve(
        site.office,
        out,
        DESK,
        participant="BW",
        digits=made.digits,
        first=made.first,
        last=made.last,
        cost=2**4,
    )
    assert offline_papers.lend(site.office.home, home.load(out), "BW") > 5
    return out


def _fed(office: Office, desk: Office) -> None:
    """Followed without a published registry: the fixture's office was fed, not mirrored."""
    from tests.office.conftest import entries, feed_raw

    from adamas.office.log.models import Log

    for log in Log.objects.using(office.alias).order_by("-number"):
        role = "registry" if log.role == "registry" else "office"
        feed_raw(desk, log.origin, log.vkey, entries(office, log.number), role=role)


def test_what_was_done_at_the_desk_is_at_the_office_after_joining(site: Site, desk: Path) -> None:
    main = site.office
    place = home.load(desk)
    before = Act.objects.count()
    web_site.use(web_site.open_site(desk, passphrase=DESK, clock=site.clock))
    try:
        # The officers sign in as they are used to, and get the desk's numbers.
        from allauth.mfa.models import Authenticator
        from allauth.mfa.totp.internal.auth import TOTP
        from django.test import override_settings

        from adamas.office.web import secret

        factor = Authenticator.objects.filter(type="totp").first()
        with override_settings(SECRET_KEY=secret.of(desk)):
            from allauth.mfa.adapter import get_adapter

            assert get_adapter().decrypt(factor.data["secret"]) == SECRET
            assert TOTP(factor) is not None
        number = issue_one(site)
        page = site.client("issuing", "bw-authority").get("/issuing/queue").content.decode()
        assert f"Offline desk: it issues {' to '.join(open_numbers(desk))}" in page
        waiting = application(site, "later")
        assert web_site.office().bounds.finding("certificate.issued", number) is None
        assert User.objects.filter(memberships__organisation__participant="AE").count() == 0
    finally:
        web_site.use(None)
        database.use_as_default(main.home, migrate=False)
        web_site.use(main)
    for _ in range(2):
        done = offline.join(main, desk, DESK, offline_papers.book)
    assert (done.numbers, done.booked, done.new) == ((number,), (), 0)
    paper = Application.objects.get(number=number)
    assert (paper.state, paper.applicant_id) == ("issued", site.user("exporter").pk)
    assert Application.objects.filter(state=waiting.state, reference="later").count() == 1
    assert Step.objects.filter(application=paper, act="issue").count() == 1
    assert Attachment.objects.filter(application=paper).count() == 0
    assert Taken.objects.filter(number=number).exists()
    assert Known.objects.get(number=number).exporter.startswith("Okavango")
    assert FormUse.objects.count() == 0
    issued = Act.objects.filter(act="application.issue", details__desk=place.config.origin)
    assert sorted(issued.values_list("organisation__slug", "source__slug")) == [
        ("bw-authority", None),
        ("okavango", "bw-authority"),
    ], "in the authority's trail, and in that of the exporter whose papers these are"
    assert Act.objects.count() > before
    # Neither side may use the other's numbers: here the next one is after the range set aside.
    assert issue_one(site) > max(open_numbers(desk))


def open_numbers(desk: Path) -> list[str]:
    from adamas.office.reservation import of_desk

    reserved = of_desk(desk)
    assert reserved is not None
    return [f"BW{n:07d}" for n in (reserved.first, reserved.last)]


def test_people_of_the_office_are_the_same_after_lending(site: Site, desk: Path) -> None:
    assert Membership.objects.filter(organisation__participant="AE").exists()
    with open_office(desk, clock=site.clock) as opened:
        assert opened.config.participants == ("BW",)

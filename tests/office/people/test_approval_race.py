"""Two answers at the same second, on the page: one approval, and the other is told what stands there now."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from tests.office.issuing.test_story import applied, prepared, shown
from tests.office.people.test_approval import Passkey
from tests.office.site import Site

from adamas.office.people import approval
from adamas.office.people.models import Act, Evidence, Membership

pytestmark = pytest.mark.database


def test_two_windows_of_one_officer_at_the_same_second(site: Site) -> None:
    application = applied(site)
    digest = prepared(site, application)
    key = Passkey(site.membership("approving", "bw-authority").user)
    path, start = f"/issuing/review/{application.pk}/approve", Barrier(2)
    sent = []
    for _ in range(2):
        form = shown(site, application)
        form.pop("code")
        form["credential"] = key.sign(approval.challenge(bytes.fromhex(form["nonce"]), bytes.fromhex(digest)))
        sent.append((site.client("approving", "bw-authority"), form))

    def answer(one) -> int:
        client, form = one
        start.wait(10)
        try:
            return client.post(path, form).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(answer, sent))
    application.refresh_from_db()
    assert application.state == "approved"
    assert told[0] == 302
    assert told[1] in (302, 422)
    acts = Act.objects.filter(act="certificate.approved", subject=application.number)
    assert [one.details["digest"] for one in acts] == [digest], "approved once"
    assert acts[0].details["evidence"] in Evidence.objects.values_list("pk", flat=True)


def test_the_form_of_another_officer_approves_nothing(site: Site) -> None:
    """With that officer's nonce and passkey: a question is one person's, and so is the certificate."""
    application = applied(site)
    digest = prepared(site, application)
    named = site.membership("approving", "bw-authority")
    key = Passkey(named.user)
    form = shown(site, application)
    form.pop("code")
    form["credential"] = key.sign(approval.challenge(bytes.fromhex(form["nonce"]), bytes.fromhex(digest)))
    other = site.membership("issuing", "bw-authority", "is-2")
    other = Membership.objects.create(
        user=other.user, organisation=other.organisation, role="approving", officer="ap-9"
    )
    client = site.client()
    site.sign_in(client, other)
    answer = client.post(f"/issuing/review/{application.pk}/approve", form)
    assert answer.status_code == 422
    assert "belongs to another page" in answer.text
    application.refresh_from_db()
    assert (application.state, application.approved) == ("prepared", None)
    assert not Evidence.objects.exists()

"""What has not changed is not sent again, what was changed meanwhile is not written over, and who may keep what."""

from __future__ import annotations

import gzip
import json

import pytest
from tests.office.api.test_story import FOUND, GOOD
from tests.office.arrival.test_arrival import ship
from tests.office.conftest import command

from adamas.office.certification import actions as certification
from adamas.office.issuing.models import Application
from adamas.office.public import proofs, state


def test_a_304_has_no_body_and_a_packed_answer_its_own_tag(site, program) -> None:
    firm = program("okavango", "exporter")
    for serial in range(12):
        firm.call("POST", "applications", {**GOOD, "reference": f"lot {serial}"})
    first = firm.raw("GET", "applications")
    tag = first["ETag"]
    assert tag.startswith('"')
    assert first["Cache-Control"] == "private, no-cache"
    assert {"authorization", "accept-encoding"} <= {one.strip().lower() for one in first["Vary"].split(",")}
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        same = firm.raw("GET", "applications", If_None_Match=known)
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag), known
        assert "Content-Type" not in same
    packed = firm.raw("GET", "applications", Accept_Encoding="br, gzip;q=0.5")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == first.content
    assert packed["ETag"] not in (tag, f"W/{tag}"), "other bytes, another strong tag"
    assert firm.raw("GET", "applications", If_None_Match=packed["ETag"]).status_code == 304
    assert "Content-Encoding" not in firm.raw("GET", "applications", Accept_Encoding="gzip;q=0")
    firm.call("POST", "applications", GOOD)
    assert firm.raw("GET", "applications", If_None_Match=tag).status_code == 200
    stranger = program("chobe", "exporter")
    assert stranger.raw("GET", "applications", If_None_Match=tag).status_code == 200
    assert firm.raw("GET", "applications/999", If_None_Match="*").status_code == 404
    posted = firm.raw("POST", "applications", GOOD, Accept_Encoding="gzip")
    assert (posted["Cache-Control"], "ETag" in posted, "Content-Encoding" in posted) == (
        "no-store",
        False,
        False,
    )


def test_a_change_of_what_was_changed_meanwhile_is_refused(site, program) -> None:
    firm = program("okavango", "exporter")
    draft = firm.call("POST", "applications", GOOD)[1]
    path = f"applications/{draft['id']}"
    read = firm.raw("GET", path, Accept_Encoding="gzip")
    mine = {**GOOD, "version": draft["version"], "reference": "mine"}
    assert firm.call("PUT", path, {**mine, "reference": "theirs"}, If_Match=read["ETag"])[0] == 200
    status, refused = firm.call("PUT", path, {**mine, "version": draft["version"] + 1}, If_Match=read["ETag"])
    assert (status, refused["code"], refused["title"]) == (412, "api.changed", "Changed meanwhile")
    assert firm.call("PUT", path, mine)[0] == 409, "the version in the body says it too"
    assert Application.objects.get().cells["reference"] == "theirs"
    now = firm.raw("GET", path)
    weak = firm.call("PUT", path, {**mine, "version": now.json()["version"]}, If_Match=f"W/{now['ETag']}")
    assert weak[0] == 412, "a weak tag does not say that nothing changed"
    assert firm.call("PUT", path, {**mine, "version": now.json()["version"]}, If_Match="*")[0] == 200
    assert firm.call("POST", f"{path}/submit", {"declared": True}, If_Match=now["ETag"])[0] == 412
    assert Application.objects.get().state == "draft"
    blind = program("okavango", "exporter", scopes=("apply",))
    assert blind.call("PUT", path, mine, If_Match=now["ETag"])[1]["code"] == "api.scope"


def test_an_inspection_is_mended_by_its_tag_and_a_repeated_post_comes_first(site, program) -> None:
    customs = program("ae-customs", "customs")
    path = f"arrivals/{ship(site)}/inspection"
    assert customs.call("POST", path, FOUND, If_Match='"x"')[0] == 412, "nothing is there to be mended"
    assert customs.call("POST", path, FOUND)[0] == 200
    tag = customs.raw("GET", path)["ETag"]
    less = {**FOUND, "carats": "9.00", "version": 1}
    first = customs.raw("POST", path, less, If_Match=tag, Idempotency_Key="k-1")
    assert first.status_code == 200
    again = customs.raw("POST", path, less, If_Match=tag, Idempotency_Key="k-1")
    assert (again.status_code, again.content) == (200, first.content), (
        "it was done, so its old tag is no matter"
    )
    assert customs.call("POST", path, {**FOUND, "version": 2}, If_Match=tag)[0] == 412
    assert customs.call("GET", path)[1]["carats"] == "9.00"


@pytest.fixture
def published(site):
    from django.core.cache import cache

    certification.issue(site.office, [command(1), command(2)])
    site.office.publish(witnesses=False)
    state.forget()
    cache.clear()
    return site


ADDRESSES = (
    "/v/keys.json",
    "/v/status/BW0000001.json",
    "/data/certificates.csv",
    "/data/datapackage.json",
    "/feeds/log.atom",
    "/register",
    "/api/v1/openapi.json",
)


def test_public_answers_are_asked_for_again_by_their_tag_and_packed(published) -> None:
    visitor = published.client()
    for path in ADDRESSES:
        first = visitor.get(path)
        body = first.getvalue()
        assert first.status_code == 200, path
        same = visitor.get(path, headers={"If-None-Match": first["ETag"]})
        assert (same.status_code, same.getvalue()) == (304, b""), path
        packed = visitor.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Accept-Encoding" in packed["Vary"], path
        if path.startswith("/v/status"):
            assert "Content-Encoding" not in packed
            assert (first["ETag"][:2], first["Cache-Control"]) == ("W/", "private, no-cache"), (
                "each look-up is counted"
            )
            continue
        assert "public" in first["Cache-Control"], path
        if len(body) > 900:
            data = gzip.decompress(packed.getvalue())
            assert data == body or path == "/v/keys.json", path
            assert packed["ETag"].startswith("W/"), path
    tag = visitor.get("/v/keys.json")["ETag"]
    published.clock.now += 1_200
    told = visitor.get("/v/keys.json", headers={"If-None-Match": tag})
    assert told.json()["synced"] == published.clock.now, (
        "the same keys, but the reader learns how new that is"
    )
    tags = {path: visitor.get(path)["ETag"] for path in ADDRESSES[:3]}
    certification.validate(published.office, [_validation()])
    published.office.publish(witnesses=False)
    state.forget()
    assert (
        visitor.get(ADDRESSES[1], headers={"If-None-Match": tags[ADDRESSES[1]]}).json()["state"]
        == "validated"
    )
    assert visitor.get(ADDRESSES[2], headers={"If-None-Match": tags[ADDRESSES[2]]}).status_code == 200


def _validation():
    from tests.office.conftest import validation

    return validation(1)


def test_pages_of_who_is_signed_in_are_neither_packed_nor_kept(published) -> None:
    """One who can put words into a page must not learn from its length what else is on it (BREACH)."""
    for path in ("/register", "/api/", "/api/reference/certificates", "/issuing/queue"):
        page = published.client("issuing", "bw-authority").get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in page, path
        assert "public" not in page.headers.get("Cache-Control", ""), path


def test_a_proof_is_made_once_for_each_checkpoint_and_the_store_is_bounded(published, monkeypatch) -> None:
    made = []
    prove = proofs.prove
    monkeypatch.setattr(proofs, "prove", lambda *a, **k: made.append(a[0]) or prove(*a, **k))
    proofs.forget()
    visitor = published.client()
    path = "/v/status/BW0000001.json"
    bundles = {json.loads(visitor.get(path).content)["bundle"] for _ in range(5)}
    assert (len(made), len(bundles)) == (1, 1)
    certification.validate(published.office, [_validation()])
    assert visitor.get(path).json()["bundle"] in bundles, (
        "not published yet: the proof is that of the checkpoint"
    )
    assert visitor.get(path).json()["state"] == "validated", "the state is that of now"
    assert len(made) == 1
    published.office.publish(witnesses=False)
    assert visitor.get(path).json()["bundle"] not in bundles
    assert len(made) == 2
    monkeypatch.setattr(proofs, "MOST", 2)
    for n in range(4):
        proofs._store.put(bytes([n]), b"x" * n)
    assert (len(proofs._store.kept), proofs._store.size) == (2, 5)
    monkeypatch.setattr(proofs, "MOST_BYTES", 4)
    proofs._store.put(b"9", b"xxxx")
    assert list(proofs._store.kept) == [b"9"]

"""Whether a credential still counts: lists that others decode, bits that follow the log, places that never meet."""

from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.office.conftest import arrival, command, validation
from tests.office.credential.conftest import ADDRESS, Stranger, at, expanded
from tests.office.site import Site

from adamas.office.certification import actions
from adamas.office.credential import export, securing, status_list
from adamas.office.credential.errors import CredentialError
from adamas.scheme.statements import ReplaceCommand, RevokeCommand, SeizeCommand

pytestmark = pytest.mark.database
numbers = st.from_regex(r"[A-Z]{2}[0-9]{5,10}", fullmatch=True)


@given(st.sets(st.integers(0, status_list.SIZE - 1), max_size=40))
@settings(max_examples=15)
def test_an_independent_reader_finds_the_same_places(places: set[int]) -> None:
    bits = expanded(status_list.encode(places))
    assert len(bits) == status_list.SIZE // 8 >= 16 * 1024
    assert {
        n for n in range(status_list.SIZE) if bits[n >> 3] and bits[n >> 3] >> (7 - (n & 7)) & 1
    } == places


def test_the_reader_reads_the_list_that_the_standard_prints() -> None:
    example = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert expanded(example) == bytes(16 * 1024)


@given(numbers, numbers)
def test_two_numbers_never_share_a_place(one: str, other: str) -> None:
    name, place = status_list.place_of(one, "revocation")
    assert 0 <= place < status_list.SIZE
    assert status_list.parse_name(str(name)) == name
    assert any(low <= one <= high and len(one) == len(low) for low, high in name.ranges())
    assert ((name, place) == status_list.place_of(other, "revocation")) == (one == other)


def test_places_never_move() -> None:
    for number, name, place in (
        ("BW0000001", "BW-4-revocation", 109_843),  # docs/formats/credential.md
        ("BW00000", "BW-0-revocation", 251_584),
        ("BW9999999999", "BW-42385-revocation", 14_116),
    ):
        assert status_list.place_of(number, "revocation") == (status_list.parse_name(name), place)


def test_a_list_has_room_for_all_and_places_tell_no_order() -> None:
    inside = [status_list.place_of(f"BW{serial:07d}", "revocation") for serial in range(6_000)]
    assert len(set(inside)) == len(inside)
    places = [place for name, place in inside if name == inside[0][0]]
    rising = sum(a < b for a, b in pairwise(places)) / (len(places) - 1)
    assert 0.48 < rising < 0.52, "neighbours lie anywhere"
    low = sum(place < status_list.SIZE // 2 for place in places[:4_000]) / 4_000
    assert 0.45 < low < 0.55, "few certificates are not at the beginning"


def test_bits_follow_the_log(site: Site) -> None:
    office, outside = at(site).office, Stranger(site.client())
    serials = range(1, 7)
    actions.issue(office, [command(serial) for serial in serials])
    actions.validate(office, [validation(serial) for serial in serials])
    office.publish(witnesses=False)
    held = {n: json.loads(export.export(office, f"BW{n:07d}", securing.PLAIN)) for n in serials}

    def bits() -> dict[int, str]:
        found = {n: "".join(p[0] for p in status_list.PURPOSES if outside.bit(held[n], p)) for n in serials}
        return {n: letters for n, letters in found.items() if letters}

    assert bits() == {}
    url = held[1]["credentialStatus"][0]["statusListCredential"]
    before = outside.fetch(url)
    assert outside.fetch(url, if_none_match=before["ETag"]).status_code == 304
    actions.revoke(office, [RevokeCommand("BW0000001", "2025-03-03", "void")])
    actions.revoke(office, [RevokeCommand("BW0000002", "2025-03-03", "stolen")])
    actions.replace(office, [ReplaceCommand("BW0000002", "2025-03-03", "BW0000003", "stolen")])
    actions.seize(
        office, [SeizeCommand("BW0000004", "AE", "2025-03-03", "under-declared")], authority="kp:AE/authority"
    )
    actions.receive(office, [arrival(5)])
    assert bits() == {1: "r", 2: "r", 4: "s"}
    after = outside.fetch(url, if_none_match=before["ETag"])
    assert (after.status_code, after["Cache-Control"]) == (200, "public, max-age=300")
    for serial, good in ((1, False), (2, False), (3, True), (4, False), (5, True), (6, True)):
        try:
            export.export(office, f"BW{serial:07d}", securing.PLAIN)
            assert good
        except CredentialError as error:
            assert (error.code, good) == ("credential.state", False)
    actions.seize(
        office, [SeizeCommand("BW0000001", "AE", "2025-03-03", "void paper")], authority="kp:AE/authority"
    )
    assert bits() == {1: "rs", 2: "r", 4: "s"}
    actions.receive(office, [arrival(1), arrival(4)])  # the goods are let go
    assert bits() == {1: "r", 2: "r"}, "a revocation is never taken back, a suspension may be"
    site.clock.now += 3_600
    later = json.loads(outside.fetch(url, "application/vc").content)
    assert (later["validFrom"], later["validUntil"]) == ("2025-03-03T12:00:00Z", "2025-03-04T12:00:00Z")


def test_anyone_may_ask_for_a_list_and_is_not_known_by_it(told: Site, stranger: Stranger) -> None:
    url = f"{ADDRESS}/vc/status/BW-4-suspension"
    for kind in export.LIST_KINDS:
        answer = stranger.fetch(url, kind)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer
        assert not answer.cookies
    assert stranger.fetch(url, "text/html").status_code == 406
    assert told.client().post("/vc/status/BW-4-suspension").status_code == 405
    for name in ("BW-5-revocation", "BW-4-refresh", "ZA-4-revocation", "bw-4-revocation", "BW-04-revocation",
                 "BW-999999-revocation", "BW-4-revocation%0A"):  # fmt: skip
        assert stranger.fetch(f"{ADDRESS}/vc/status/{name}").status_code == 404, name
    assert stranger.fetch(f"{ADDRESS}/authority/ZA/did.json").status_code == 404
    sample = random.Random(7).sample(range(status_list.SIZE), 3)
    assert len({status_list.encode([place]) for place in sample}) == 3

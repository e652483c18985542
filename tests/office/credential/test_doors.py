"""The doors through which a credential leaves: the API, the certificate's page, the client, the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.office.api.conftest import address, opened, program  # noqa: F401 — fixtures
from tests.office.conftest import PASSPHRASE, command
from tests.office.credential.conftest import ADDRESS, Stranger, at, unbase64
from tests.office.site import Site
from tests.program import Runner

from adamas.client import Refused
from adamas.ledger.keys import kid_of
from adamas.office.certification import actions
from adamas.office.credential import export, securing
from adamas.office.people.models import Act
from adamas.office.registry import actions as registry
from adamas.scheme.statements import RevokeCommand

VC = "certificates/BW0000001/vc"


def test_programs_choose_by_accept(site: Site, program) -> None:  # noqa: F811
    office = at(site).office
    actions.issue(office, [command(1)])
    authority = program("bw-authority", "issuing", scopes=("read",))
    status, problem = authority.call("GET", VC)
    assert (status, problem["code"]) == (409, "credential.not-published")
    office.publish(witnesses=False)
    assert authority.raw("GET", VC)["Content-Type"] == securing.COSE, "secured where nothing is asked for"
    for accept, kind in (
        ("application/vc", securing.PLAIN),
        ("application/vc+jwt;q=0.5, application/vc+cose;q=0.9", securing.COSE),
        ("application/json, application/vc+sd-jwt", securing.SD_JWT),
    ):
        answer = authority.raw("GET", VC, Accept=accept)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert answer["Vary"].startswith("Accept")
        assert "private" in answer["Cache-Control"]
    status, problem = authority.call("GET", VC, Accept="application/json")
    assert (status, problem["code"]) == (406, "api.not-acceptable")
    assert program("ae-authority", "importing").raw("GET", VC).status_code == 200, (
        "the destination holds the same office"
    )
    assert program("chobe", "exporter").call("GET", VC)[0] == 404, "another firm's is not found"
    assert program("okavango", "exporter", scopes=("apply",)).call("GET", VC)[1]["code"] == "api.scope"
    assert Act.objects.filter(act="credential.made", subject="BW0000001").count() == 5
    actions.revoke(office, [RevokeCommand("BW0000001", "2025-03-03", "lost")])
    assert authority.call("GET", VC)[1]["code"] == "credential.state"


def test_officers_save_it_from_the_certificates_page(site: Site) -> None:
    office = at(site).office
    actions.issue(office, [command(1)])
    officer = site.client("issuing", "bw-authority")
    page = officer.get("/issuing/certificate/BW0000001").content.decode()
    assert "/issuing/certificate/BW0000001/credential?hidden=1" in page
    told = officer.get("/issuing/certificate/BW0000001/credential", follow=True).content.decode()
    assert "not published yet" in told, "a refusal is a sentence on the page"
    office.publish(witnesses=False)
    plain = officer.get("/issuing/certificate/BW0000001/credential")
    assert plain["Content-Disposition"].endswith('"BW0000001.vc.cose"')
    assert b"Okavango" not in plain.content
    whole = officer.get("/issuing/certificate/BW0000001/credential?hidden=1")
    assert whole["Content-Type"] == securing.SD_JWT
    assert (
        site.client("issuing", "ae-authority").get("/issuing/certificate/BW0000001/credential").status_code
        == 404
    )
    assert (
        site.client("customs", "bw-customs").get("/issuing/certificate/BW0000001/credential").status_code
        == 403
    )


def test_the_client_and_the_command_line(site: Site, address: str, tmp_path: Path, monkeypatch) -> None:  # noqa: F811
    from adamas.cli.words import app

    actions.issue(site.office, [command(1)])
    site.office.publish(witnesses=False)
    with opened(address, "bw-authority", "issuing") as client:
        with pytest.raises(Refused) as refused:
            client.credential("BW0000001")
        assert (refused.value.status, refused.value.code) == (409, "credential.address")
        at(site)
        raw = client.credential("BW0000001")
        assert raw == export.export(site.office, "BW0000001", securing.COSE)
        assert json.loads(client.credential("BW0000001", "application/vc"))["credentialSubject"]
    toml = site.office.home.path / "office.toml"
    toml.write_text(
        toml.read_text().replace("participants", 'address = "https://office.example"\nparticipants', 1)
    )
    (tmp_path / "phrase").write_text(PASSPHRASE)
    monkeypatch.chdir(tmp_path)
    given = ["--home", str(site.office.home.path), "--passphrase-file", str(tmp_path / "phrase")]
    run = Runner().invoke(app, ["credential", "bw0000001", *given])
    assert run.exit_code == 0, run.output
    assert (tmp_path / "BW0000001.vc.cose").read_bytes() == raw
    run = Runner().invoke(app, ["credential", "BW0000001", "--as", "none", "--out", "vc.json", *given])
    assert "nobody can tell who made it" in run.output
    assert "Okavango" not in (tmp_path / "vc.json").read_text()


def test_firms_that_are_made_up_mark_it_too(site: Site) -> None:
    office = at(site).office
    actions.issue(office, [command(1, exporter="Jwaneng Rough Trading (synthetic)"), command(2)])
    office.publish(witnesses=False)
    made, other = (json.loads(export.export(office, n, securing.PLAIN)) for n in ("BW0000001", "BW0000002"))
    assert made["credentialSubject"]["kimberleyCertificate"]["synthetic"] is True
    assert "Jwaneng" not in json.dumps(made)
    assert "synthetic" not in other["credentialSubject"]["kimberleyCertificate"]


def test_a_new_key_takes_over_and_a_retired_one_is_no_longer_named(site: Site) -> None:
    office, outside = at(site).office, Stranger(site.client())
    actions.issue(office, [command(1)])
    office.publish(witnesses=False)
    old = export.export(office, "BW0000001", securing.JWT).decode()
    method = json.loads(unbase64(old.partition(".")[0]))["kid"]
    before = outside.key(method)
    registry.renew_key(office, "kp:BW/authority")
    assert outside.key(method) == before, "both count while the old one is not retired"
    new = export.export(office, "BW0000001", securing.JWT).decode()
    renewed = json.loads(unbase64(new.partition(".")[0]))["kid"]
    assert outside.key(renewed) != before
    registry.retire_key(office, kid_of(before), issuer="kp:BW/authority")
    with pytest.raises(AssertionError):
        outside.key(method)
    assert outside.key(renewed)
    assert outside.fetch(f"{ADDRESS}/vc/status/BW-4-revocation").status_code == 200

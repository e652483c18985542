"""An office that says where it is reached, and a stranger who knows nothing but what he is handed and can fetch."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client
from tests.office.conftest import command, validation
from tests.office.site import Site

from adamas.office.certification import actions
from adamas.scheme.values import Carats, Parcel, UsdCents

ADDRESS = "https://office.example"
SECRETS = {
    "exporter": "Quagga & Zebra Stones (Pty) Ltd",
    "importer": "Oryx-Handel Überlingen",
    "seals": ("SEAL-7741-Q", "SEAL-7742-Q"),
    "parcels": (
        Parcel("710210", Carats(777_123), UsdCents(912_345_678)),
        Parcel("710231", Carats(31_337), UsdCents(444_555_666)),
    ),
}
WORDS = (
    *("Quagga", "Oryx", "SEAL-77", "Überlingen", "\\u00dcberlingen"),
    *("7771.23", "777123", "313.37", "31337", "8084.60", "808460"),
    *("9123456.78", "912345678", "4445556.66", "444555666", "13569013.44", "1356901344"),
)
"""What of them must not be found in anything public: as people and as programs write it."""


def at(site: Site, address: str | None = ADDRESS) -> Site:
    """The office says where it is reached."""
    config = dataclasses.replace(site.office.config, address=address)
    site.office.home = dataclasses.replace(site.office.home, config=config)
    return site


@pytest.fixture(scope="module")
def told(shared_site: Site) -> Site:
    """Four certificates, published: plain, of mixed origin, technical, and one full of secrets."""
    commands = [
        command(1),
        command(2, origin=("BW", "NA", "ZA"), shares=(50, 30, 20)),
        command(3, technical="Goods returned for valuation"),
        command(4, **SECRETS),
    ]
    actions.issue(shared_site.office, commands)
    actions.validate(shared_site.office, [validation(1), validation(4)])
    shared_site.office.publish(witnesses=False)
    return at(shared_site)


NUMBERS = tuple(f"BW000000{serial}" for serial in (1, 2, 3, 4))


class Stranger:
    """Resolves, fetches and decodes as the standards say; uses nothing of the office."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser

    def fetch(self, url: str, accept: str = "*/*", **headers: str):
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == ADDRESS, url
        return self.browser.get(parts.path, headers={"accept": accept, **headers})

    def key(self, method: str) -> bytes:
        """did:web: the public key of a verification method, if its document lets it assert."""
        did, _, _ = method.partition("#")
        kind, way, host, *path = did.split(":")
        assert (kind, way) == ("did", "web")
        where = "/".join(path) if path else ".well-known"
        document = json.loads(self.fetch(f"https://{unquote(host)}/{where}/did.json").content)
        assert document["id"] == did
        assert method in document["assertionMethod"]
        (found,) = (one for one in document["verificationMethod"] if one["id"] == method)
        assert (found["type"], found["controller"]) == ("JsonWebKey", did)
        jwk = found["publicKeyJwk"]
        assert (jwk["kty"], jwk["crv"], "d" in jwk) == ("OKP", "Ed25519", False)
        return unbase64(jwk["x"])

    def bit(self, credential: dict[str, Any], purpose: str) -> bool:
        """Bitstring Status List, “Validate Algorithm”, but for the signature."""
        (entry,) = (one for one in credential["credentialStatus"] if one["statusPurpose"] == purpose)
        assert entry["type"] == "BitstringStatusListEntry"
        listed = json.loads(self.fetch(entry["statusListCredential"], "application/vc").content)
        assert listed["id"] == entry["statusListCredential"]
        assert listed["issuer"] == credential["issuer"]["id"]
        subject = listed["credentialSubject"]
        assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", purpose)
        bits = expanded(subject["encodedList"])
        assert len(bits) * 8 >= 131_072
        place = int(entry["statusListIndex"])
        return bool(bits[place // 8] >> (7 - place % 8) & 1)


def expanded(text: str) -> bytes:
    """“Bitstring Expansion Algorithm”: multibase u, base64url, gzip."""
    assert text[0] == "u"
    return gzip.decompress(unbase64(text[1:]))


def unbase64(text: str) -> bytes:
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture
def stranger(told: Site) -> Stranger:
    return Stranger(told.client())

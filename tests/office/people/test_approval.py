"""An approval is one person's, of one digest, once: by a code or by a passkey whose signature is over the digest."""

from __future__ import annotations

import hashlib
import json
import secrets

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.test import RequestFactory
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData
from tests.office.issuing.test_story import code
from tests.office.site import Site

from adamas.office.people import approval
from adamas.office.people.models import Evidence

DIGEST = hashlib.sha256(b"one").digest()
OTHER = hashlib.sha256(b"other").digest()
HOST = "localhost"


class Passkey:
    """An authenticator in software."""

    def __init__(self, user) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(bytes(16), self.id, public)
        self.hash = hashlib.sha256(HOST.encode()).digest()
        data = AuthenticatorData.create(self.hash, 0x45, 0, credential)
        response = {
            "clientDataJSON": websafe_encode(
                CollectedClientData.create("webauthn.create", b"x" * 32, f"http://{HOST}")
            ),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        made = {
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "type": "public-key",
            "response": response,
        }
        Authenticator.objects.create(user=user, type="webauthn", data={"name": "soft", "credential": made})

    def sign(self, challenge: bytes) -> str:
        client = CollectedClientData.create("webauthn.get", challenge, f"http://{HOST}")
        data = AuthenticatorData.create(self.hash, 0x05, 1)
        signature = self.key.sign(bytes(data) + client.hash, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
        }
        one = websafe_encode(self.id)
        return json.dumps({"id": one, "rawId": one, "type": "public-key", "response": response})


def request(site: Site, officer: str = "ap-2", **fields: str):
    from allauth.core import context

    made = RequestFactory(headers={"host": HOST}).post("/", fields)
    made.membership = site.membership("approving", officer=officer)
    made.user = made.membership.user
    context._request_var.set(made)
    return made


def test_a_code_confirms_one_digest_once(site: Site):
    asked = approval.begin(request(site), DIGEST)
    good = {"nonce": asked.nonce, "code": code()}
    for wrong, digest, reason in (
        ({**good, "code": "000000"}, DIGEST, "approval.code"),
        ({**good, "code": ""}, DIGEST, "approval.none"),
        ({**good, "nonce": "00" * 32}, DIGEST, "approval.challenge"),
        ({**good, "nonce": "xyz"}, DIGEST, "approval.challenge"),
        (good, OTHER, "approval.challenge"),
    ):
        with pytest.raises(approval.ApprovalError) as caught:
            approval.confirm(request(site, **wrong), digest)
        assert caught.value.code == reason
    with pytest.raises(approval.ApprovalError):
        approval.confirm(request(site, officer="ap-1", **good), DIGEST)
    evidence = approval.confirm(request(site, **good), DIGEST)
    assert (evidence.method, evidence.digest) == ("totp", DIGEST)
    with pytest.raises(approval.ApprovalError) as caught:
        approval.confirm(request(site, nonce=asked.nonce, code=code()), DIGEST)
    assert caught.value.code == "approval.challenge", "answered once"
    again = approval.begin(request(site), DIGEST)
    used = code()
    approval.confirm(request(site, nonce=again.nonce, code=used), DIGEST)
    third = approval.begin(request(site), DIGEST)
    with pytest.raises(approval.ApprovalError) as caught:
        approval.confirm(request(site, nonce=third.nonce, code=used), DIGEST)
    assert caught.value.code == "approval.code", "a code counts once"


def test_a_question_grows_old(site: Site):
    asked = approval.begin(request(site), DIGEST)
    site.clock.now += approval.SECONDS + 1
    with pytest.raises(approval.ApprovalError):
        approval.confirm(request(site, nonce=asked.nonce, code=code()), DIGEST)


def test_codes_cannot_be_guessed(site: Site):
    cache.clear()
    asked = approval.begin(request(site), DIGEST)
    said = []
    for _ in range(30):
        with pytest.raises(approval.ApprovalError) as caught:
            approval.confirm(request(site, nonce=asked.nonce, code="000000"), DIGEST)
        said.append(caught.value.sentence)
    assert "Too many wrong codes." in said


def test_a_passkey_signs_the_digest_itself(site: Site):
    user = site.membership("approving", officer="ap-2").user
    key = Passkey(user)
    asked = approval.begin(request(site), DIGEST)
    options = json.loads(asked.passkey)["publicKey"]
    signed = approval.challenge(bytes.fromhex(asked.nonce), DIGEST)
    assert options["challenge"] == websafe_encode(signed)
    assert [one["id"] for one in options["allowCredentials"]] == [websafe_encode(key.id)]
    stranger = Passkey(site.membership("approving", officer="ap-1").user)
    for bad in (key.sign(bytes(32)), stranger.sign(signed), "{}", "[]", "no json", key.sign(signed)[:-30]):
        with pytest.raises(approval.ApprovalError) as caught:
            approval.confirm(request(site, nonce=asked.nonce, credential=bad), DIGEST)
        assert caught.value.code == "approval.passkey"
    approval.confirm(request(site, nonce=asked.nonce, credential=key.sign(signed)), DIGEST)
    kept = Evidence.objects.get()
    assert kept.method == "passkey"
    checked = hashlib.sha256(bytes(kept.client_data)).digest()
    key.key.public_key().verify(
        bytes(kept.signature), bytes(kept.authenticator_data) + checked, ec.ECDSA(hashes.SHA256())
    )
    told = json.loads(bytes(kept.client_data))["challenge"]
    assert told == websafe_encode(approval.challenge(bytes(kept.nonce), bytes(kept.digest))), (
        "provable afterwards"
    )

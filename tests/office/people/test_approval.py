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
from adamas.office.people.models import Act, Evidence, Membership

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

    def sign(self, challenge: bytes, flags: int = 0x05, origin: str = f"http://{HOST}") -> str:
        """An answer; flags: 0x01 touched, 0x04 PIN, fingerprint or face."""
        client = CollectedClientData.create("webauthn.get", challenge, origin)
        data = AuthenticatorData.create(self.hash, flags, 1)
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


@pytest.mark.parametrize(("seconds", "good"), [(300, True), (301, False), (-60, True), (-61, False)])
def test_a_question_grows_old_and_a_clock_set_back_gives_it_no_second_life(
    site: Site, seconds: int, good: bool
):
    cache.clear()
    asked = approval.begin(request(site), DIGEST)
    site.clock.now += seconds
    if good:
        approval.confirm(request(site, nonce=asked.nonce, code=code()), DIGEST)
        return
    with pytest.raises(approval.ApprovalError) as caught:
        approval.confirm(request(site, nonce=asked.nonce, code=code()), DIGEST)
    assert caught.value.code == "approval.challenge"
    assert not Evidence.objects.exists()


def another_approver(site: Site) -> str:
    """A second approving officer of Botswana, with a second factor; gives the officer id."""
    membership = site.membership("issuing", "bw-authority", "is-2")
    Membership.objects.create(
        user=membership.user, organisation=membership.organisation, role="approving", officer="ap-9"
    )
    return "ap-9"


def test_another_person_cannot_answer_a_question(site: Site):
    cache.clear()
    mine = approval.begin(request(site), DIGEST)
    other = request(site, officer=another_approver(site), nonce=mine.nonce, code=code())
    with pytest.raises(approval.ApprovalError) as caught:
        approval.confirm(other, DIGEST)
    assert caught.value.code == "approval.challenge"
    approval.confirm(request(site, nonce=mine.nonce, code=code()), DIGEST)


def test_two_officers_at_the_same_second_answer_each_their_own(site: Site):
    cache.clear()
    nine = another_approver(site)
    first, second = approval.begin(request(site), DIGEST), approval.begin(request(site, officer=nine), DIGEST)
    assert first.nonce != second.nonce
    one = approval.confirm(request(site, nonce=first.nonce, code=code()), DIGEST)
    two = approval.confirm(request(site, officer=nine, nonce=second.nonce, code=code()), DIGEST)
    assert (one.at, one.digest) == (two.at, two.digest)
    assert one.membership != two.membership


def test_the_same_answer_sent_twice_at_once_counts_once(site: Site, monkeypatch: pytest.MonkeyPatch):
    """The second answer arrives while the first one's passkey is being checked."""
    key = Passkey(site.membership("approving", officer="ap-2").user)
    asked = approval.begin(request(site), DIGEST)
    signed = key.sign(approval.challenge(bytes.fromhex(asked.nonce), DIGEST))
    check, inner = approval._passkey, []

    def checking(*args):
        if not inner:
            inner.append(True)
            approval.confirm(request(site, nonce=asked.nonce, credential=signed), DIGEST)
        return check(*args)

    monkeypatch.setattr(approval, "_passkey", checking)
    with pytest.raises(approval.ApprovalError) as caught:
        approval.confirm(request(site, nonce=asked.nonce, credential=signed), DIGEST)
    assert (caught.value.code, caught.value.sentence) == ("approval.challenge", "This was confirmed already.")
    assert Evidence.objects.count() == 1


def test_a_passkey_that_did_not_ask_who_it_was_approves_nothing(site: Site):
    key = Passkey(site.membership("approving", officer="ap-2").user)
    asked = approval.begin(request(site), DIGEST)
    assert json.loads(asked.passkey)["publicKey"]["userVerification"] == "required"
    signed = approval.challenge(bytes.fromhex(asked.nonce), DIGEST)
    with pytest.raises(approval.ApprovalError) as caught:
        approval.confirm(request(site, nonce=asked.nonce, credential=key.sign(signed, 0x01)), DIGEST)
    assert caught.value.code == "approval.unverified"
    assert "Type the code" in (caught.value.advice or "")
    for bad in (key.sign(signed, 0x04), key.sign(signed, origin="https://evil.example")):
        with pytest.raises(approval.ApprovalError, match="did not confirm"):
            approval.confirm(request(site, nonce=asked.nonce, credential=bad), DIGEST)
    assert not Evidence.objects.exists()
    approval.confirm(request(site, nonce=asked.nonce, credential=key.sign(signed)), DIGEST)
    failed = Act.objects.filter(act="approval.failed").order_by("pk")
    reasons = [one.details["reason"] for one in failed]
    assert reasons == ["approval.unverified", "approval.passkey", "approval.passkey"]


def test_codes_cannot_be_guessed(site: Site):
    cache.clear()
    asked = approval.begin(request(site), DIGEST)
    said = []
    for _ in range(30):
        with pytest.raises(approval.ApprovalError) as caught:
            approval.confirm(request(site, nonce=asked.nonce, code="000000"), DIGEST)
        said.append(caught.value.sentence)
    assert "Too many wrong codes." in said
    failed = [one.details["attempt"] for one in Act.objects.filter(act="approval.failed").order_by("pk")]
    assert failed == [1, 2, 3, 4, 5, 10], "written down, and no flood"


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

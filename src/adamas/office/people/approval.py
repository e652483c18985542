"""Approving a digest: a question put to one person about one payload, answered once by that person's second factor.

    asked = approval.begin(request, digest)              # shown with the words and figures (includes/confirm.html)
    approval.confirm(request, digest)                    # what the form sent; before the act's own transaction, so
                                                         # that wrong codes are counted even if the act fails

With a passkey the signature is over the digest itself, since its challenge is SHA-256("adamas approval" ‖ 0 ‖ nonce ‖
digest): the evidence that is kept proves which payload was approved. The passkey has to ask for its PIN,
fingerprint or face: one that only wants to be touched approves nothing, since whoever holds it could. Without script a
code of the authenticator application is typed; the evidence then says only that.

    approval.challenge approval.code approval.passkey approval.unverified approval.none
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from fido2.webauthn import AuthenticationResponse, UserVerificationRequirement

from adamas.office.errors import OfficeError
from adamas.office.people import audit
from adamas.office.people.models import Challenge, Evidence, Membership, User
from adamas.office.web import site

SECONDS = 300
"""How long a question may be answered."""
_SLACK = 60
"""Seconds by which the clock may be set back between question and answer."""
_LABEL = b"adamas approval\0"
_SEEN = UserVerificationRequirement.REQUIRED


class ApprovalError(OfficeError):
    """The second factor did not confirm the approval (approval.*); nothing was approved."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page shows: the question's nonce, options for a passkey (JSON) if the person has one, or a code."""

    nonce: str
    passkey: str
    code: bool


def begin(request: HttpRequest, digest: bytes) -> Asked:
    """Puts the question. Older questions to the same person that were not answered in time are thrown away."""
    user, now = cast(User, request.user), site.office().now()
    Challenge.objects.filter(user=user, used=None, made__lt=now - SECONDS).delete()
    nonce = secrets.token_bytes(32)
    Challenge.objects.create(user=user, digest=digest, nonce=nonce, made=now)
    credentials = webauthn.get_credentials(user)
    passkey = ""
    if credentials:
        options, _ = webauthn.get_server().authenticate_begin(
            credentials, _SEEN, challenge=challenge(nonce, digest)
        )
        passkey = json.dumps(dict(options))
    return Asked(nonce.hex(), passkey, Authenticator.objects.filter(user=user, type="totp").exists())


def confirm(request: HttpRequest, digest: bytes) -> Evidence:
    """Takes the answer (fields ``nonce``, and ``credential`` or ``code``) and keeps the evidence.

    Raises ApprovalError: the question is another one, was answered, or is too old; the code or passkey is wrong.
    """
    user, now = cast(User, request.user), site.office().now()
    membership = cast(Membership, getattr(request, "membership", None))
    asked = _asked(user, request.POST.get("nonce", ""), digest, now)
    credential, code = request.POST.get("credential", "").strip(), request.POST.get("code", "").strip()
    if not credential and not code:
        _refuse("approval.none", "Confirm with your passkey, or type the code of your second factor.")
    try:
        proof = (
            _passkey(user, credential, challenge(bytes(asked.nonce), digest))
            if credential
            else _code(user, code)
        )
    except ApprovalError as error:
        if count := audit.repeated("approval.failed", str(user.pk)):
            audit.record(request, "approval.failed", attempt=count, reason=error.code, digest=digest.hex())
        raise
    if not Challenge.objects.filter(pk=asked.pk, used=None).update(used=now):
        _refuse("approval.challenge", "This was confirmed already.")
    return Evidence.objects.create(
        membership=membership, digest=digest, nonce=bytes(asked.nonce), at=now, **proof
    )


def challenge(nonce: bytes, digest: bytes) -> bytes:
    """What a passkey signs."""
    return hashlib.sha256(_LABEL + nonce + digest).digest()


def _asked(user: User, nonce: str, digest: bytes, now: int) -> Challenge:
    try:
        found = Challenge.objects.filter(nonce=bytes.fromhex(nonce), user=user, used=None).first()
    except ValueError:
        found = None
    if found is None or bytes(found.digest) != digest or not -_SLACK <= now - found.made <= SECONDS:
        _refuse(
            "approval.challenge",
            "The confirmation belongs to another page, is too old, or was given already.",
            "Look at what stands there now, and confirm that.",
        )
    return found


def _code(user: User, code: str) -> dict[str, Any]:
    factor = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    try:
        clear = check_rate_limit(user)
    except ValidationError:
        _refuse("approval.code", "Too many wrong codes.", "Wait five minutes.")
    if factor is None or not factor.wrap().validate_code(code):
        _refuse(
            "approval.code",
            "The code is wrong, or was used already.",
            "A code counts once: wait for the next one, or use a passkey.",
        )
    clear()
    factor.record_usage()
    return {"method": "totp"}


def _passkey(user: User, text: str, signed: bytes) -> dict[str, Any]:
    server, credentials = webauthn.get_server(), webauthn.get_credentials(user)
    _, state = server.authenticate_begin(credentials, _SEEN, challenge=signed)
    try:
        given = json.loads(text)
        answer = AuthenticationResponse.from_dict(given).response
        if not answer.authenticator_data.is_user_verified():
            _refuse(
                "approval.unverified",
                "Your passkey did not ask for a PIN, fingerprint or face, so it does not show that it was you.",
                "Type the code of your authenticator application, or set up a PIN on the passkey.",
            )
        used = server.authenticate_complete(state, credentials, given)
    except ApprovalError:
        raise
    except (
        Exception
    ) as error:  # the library and its CBOR reader raise many kinds for what a hostile browser sends
        raise ApprovalError(
            "approval.passkey", "The passkey did not confirm this.", advice="Try again, or type a code."
        ) from error
    from fido2 import cbor

    return {
        "method": "passkey",
        "credential": bytes(used.credential_id),
        "key": cbor.encode(dict(used.public_key)),
        "client_data": bytes(answer.client_data),
        "authenticator_data": bytes(answer.authenticator_data),
        "signature": bytes(answer.signature),
    }


def _refuse(code: str, sentence: str, advice: str | None = None) -> NoReturn:
    raise ApprovalError(code, sentence, where="code", clause="IV(a)", advice=advice)

"""What allauth is told: nobody signs up without an invitation, and secrets of second factors are kept encrypted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.http import HttpRequest

from adamas.office.people import known

_LABEL = b"adamas second factor"


class ByInvitation(DefaultAccountAdapter):
    """Accounts come by invitation only (:mod:`adamas.office.people.invitations`)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Counts wrong passwords of an account together, but those of a known browser by themselves."""
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{known.mark(request, str(credentials.get('email') or ''))}"


class SecondFactors(DefaultMFAAdapter):
    """Secrets of second factors are encrypted with a key made from the site's secret: a copy of the database alone
    gives nobody a code."""

    def encrypt(self, text: str) -> str:
        """The text under AES-256-GCM: base64 of nonce and ciphertext."""
        nonce = os.urandom(12)
        return base64.b64encode(nonce + AESGCM(_key()).encrypt(nonce, text.encode(), _LABEL)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text again; a text that the site's secret does not open gives an empty one, which no code matches."""
        try:
            data = base64.b64decode(encrypted_text)
            return AESGCM(_key()).decrypt(data[:12], data[12:], _LABEL).decode()
        except (InvalidTag, ValueError):
            return ""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the host of the office."""
        entity: dict[str, Any] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": "Adamas"}


def _key() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), _LABEL, hashlib.sha256)

"""Secrets of programs: how those of clients are hashed, and those of webhooks kept."""

from __future__ import annotations

import base64
import secrets

from cryptography.fernet import Fernet
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils.crypto import salted_hmac

PREFIX = "whsec_"
_SEALED = b"gAAAAA"
"""What is sealed begins so; answers of earlier versions, kept as they were, do not."""


class ProgramSecret(PBKDF2PasswordHasher):
    """For 256 random bits, which nobody guesses: slow hashing would only help those who flood the door of tokens."""

    algorithm = "pbkdf2_sha256_program"
    iterations = 5_000


def new() -> tuple[str, bytes]:
    """A webhook's secret as it is shown once (Standard Webhooks), and encrypted as it is kept."""
    shown = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    return shown, _box().encrypt(shown.encode())


def opened(kept: bytes | memoryview) -> str:
    """The secret that was kept."""
    return _box().decrypt(bytes(kept)).decode()


def sealed(answer: bytes) -> bytes:
    """An answer as it is kept for a request that comes again; it may hold a secret."""
    return _box().encrypt(answer)


def unsealed(kept: bytes) -> bytes:
    """The answer that was kept."""
    return _box().decrypt(kept) if kept.startswith(_SEALED) else kept


def _box() -> Fernet:
    """Under the site's key: a copy of the database alone signs nothing."""
    key = salted_hmac("adamas.api.webhooks", "1", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))

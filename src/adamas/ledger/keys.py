"""Keys that sign: one small interface, whatever holds the private half (memory, encrypted file, hardware
token).
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Protocol

from nacl import bindings

from adamas.ledger.errors import KeyRefused

KID_SIZE = 8


def kid_of(public_key: bytes) -> bytes:
    """The short name of a key in a statement's header: the first 8 bytes of SHA-256(public key)."""
    return hashlib.sha256(public_key).digest()[:KID_SIZE]


class Signer(Protocol):
    """Something that signs with Ed25519. ``public_key`` is 32 bytes, ``kid`` its short name."""

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        ...

    @property
    def kid(self) -> bytes:
        """8 bytes: see :func:`kid_of`."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over ``message``. Raises KeyRefused if the key cannot be used."""
        ...


class SoftwareSigner:
    """An Ed25519 key in this process's memory."""

    __slots__ = ("_secret", "kid", "public_key")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != bindings.crypto_sign_SEEDBYTES:
            raise KeyRefused("key.length", f"An Ed25519 seed has 32 bytes, this one has {len(seed)}.")
        self.public_key, self._secret = bindings.crypto_sign_seed_keypair(seed)
        self.kid = kid_of(self.public_key)

    @classmethod
    def generate(cls) -> SoftwareSigner:
        """A new key from the operating system's randomness."""
        return cls(secrets.token_bytes(bindings.crypto_sign_SEEDBYTES))

    @classmethod
    def from_seed(cls, seed: bytes) -> SoftwareSigner:
        """The key of a 32-byte seed (RFC 8032 private key)."""
        return cls(seed)

    @property
    def seed(self) -> bytes:
        """The private half, for the keystore alone."""
        return self._secret[:32]

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over ``message``."""
        return bindings.crypto_sign(message, self._secret)[:64]

    def __repr__(self) -> str:
        return f"SoftwareSigner(kid={self.kid.hex()})"

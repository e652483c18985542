"""Keys in a hardware token, through PKCS#11 (v3.0 mechanism EDDSA), behind the same interface as any other
signer.

Needs ``pip install "adamas[pkcs11]"`` and the token maker's module (for SoftHSM: ``libsofthsm2.so``). The
private half never leaves the token. A token gives the public key (CKA_EC_POINT) bare, or wrapped as an
OCTET STRING (``04 20`` and 32 bytes): both are read. The key must be known under one label.

    pkcs11.library pkcs11.token pkcs11.pin pkcs11.label pkcs11.key pkcs11.sign
"""

from __future__ import annotations

import hmac
import os
import threading
from dataclasses import dataclass, field
from typing import Any

from adamas.ledger import ed25519
from adamas.ledger.errors import KeyRefused
from adamas.ledger.keys import kid_of

# CKA_EC_PARAMS of Ed25519: the object identifier 1.3.101.112 (RFC 8410)
_ED25519_PARAMETERS = bytes.fromhex("06032b6570")
_OCTET_STRING = b"\x04\x20"


class Pkcs11Signer:
    """An Ed25519 key in a token. ``public_key`` and ``kid`` are read once; each signature is the token's
    work.

    A process is logged in to a token once, whatever the number of keys it uses there: signers of one token
    share the session and take turns. Use as a context manager, or call :meth:`close`.
    """

    def __init__(self, module: str | os.PathLike[str], token: str, pin: str, label: str) -> None:
        """Logs in to ``token`` and finds the key. Raises KeyRefused with a ``pkcs11.*`` code."""
        self._login = _login(module, token, pin)
        self._closed = False
        self.label = label
        try:
            self._private = self._find("PRIVATE_KEY")
            self.public_key = self._read_public_key()
        except BaseException:
            self.close()
            raise
        self.kid = kid_of(self.public_key)

    @classmethod
    def generate(cls, module: str | os.PathLike[str], token: str, pin: str, label: str) -> Pkcs11Signer:
        """Makes a key in the token: kept there, never extractable. Raises KeyRefused ``pkcs11.label`` if
        the label is taken.
        """
        import pkcs11

        login = _login(module, token, pin)
        session = login.session
        try:
            if any(True for _ in session.get_objects({pkcs11.Attribute.LABEL: label})):
                raise KeyRefused(
                    "pkcs11.label", f"The token holds something named {label!r} already.", where=token
                )
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC_EDWARDS, {pkcs11.Attribute.EC_PARAMS: _ED25519_PARAMETERS}, local=True
            )
            parameters.generate_keypair(
                mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                label=label,
                private_template={pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False},
            )
        except pkcs11.PKCS11Error as error:
            raise KeyRefused(
                "pkcs11.key", f"The token made no Ed25519 key ({type(error).__name__}).", where=token
            ) from error
        else:
            return cls(module, token, pin, label)
        finally:
            login.release()

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over ``message``. Raises KeyRefused ``pkcs11.sign``."""
        import pkcs11

        with self._login.turn:
            try:
                signature = bytes(self._private.sign(message, mechanism=pkcs11.Mechanism.EDDSA))
            except pkcs11.PKCS11Error as error:
                raise KeyRefused(
                    "pkcs11.sign",
                    f"The token did not sign ({type(error).__name__}).",
                    where=self.label,
                    advice="Is the token still plugged in?",
                ) from error
        if len(signature) != ed25519.SIGNATURE_SIZE:
            raise KeyRefused(
                "pkcs11.sign", f"The token's signature has {len(signature)} bytes.", where=self.label
            )
        return signature

    def close(self) -> None:
        """Ends the use of the token; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._login.release()

    def __enter__(self) -> Pkcs11Signer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Pkcs11Signer({self.label!r}, kid={self.kid.hex()})"

    def _find(self, sort: str) -> Any:
        import pkcs11

        try:
            return self._login.session.get_key(
                object_class=pkcs11.ObjectClass[sort], key_type=pkcs11.KeyType.EC_EDWARDS, label=self.label
            )
        except pkcs11.PKCS11Error as error:
            raise KeyRefused(
                "pkcs11.label",
                f"The token holds not exactly one Ed25519 key named {self.label!r} ({type(error).__name__}).",
                where=self.label,
            ) from error

    def _read_public_key(self) -> bytes:
        import pkcs11

        point = bytes(self._find("PUBLIC_KEY")[pkcs11.Attribute.EC_POINT])
        if len(point) == ed25519.KEY_SIZE + 2 and point.startswith(_OCTET_STRING):
            point = point[2:]
        try:
            ed25519.check_public_key(point)
        except KeyRefused as error:
            raise KeyRefused("pkcs11.key", f"The token's public key is no good: {error.sentence}") from error
        return point


@dataclass(slots=True)
class _Login:
    """This process's session with one token, and how many signers use it."""

    key: tuple[str, str]
    pin: str
    session: Any
    users: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def release(self) -> None:
        """One signer fewer; the last one logs out."""
        with _gate:
            self.users -= 1
            if self.users == 0:
                del _logins[self.key]
                self.session.close()


_gate = threading.Lock()
_logins: dict[tuple[str, str], _Login] = {}


def _login(module: str | os.PathLike[str], token: str, pin: str) -> _Login:
    key = (os.fspath(module), token)
    with _gate:
        login = _logins.get(key)
        if login is None:
            login = _logins[key] = _Login(key, pin, _open(key[0], token, pin))
        elif not hmac.compare_digest(login.pin.encode(), pin.encode()):
            raise KeyRefused("pkcs11.pin", "The PIN is not the one that opened the token.", where=token)
        login.users += 1
    return login


def _open(module: str, token: str, pin: str) -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise KeyRefused(
            "pkcs11.library",
            "Tokens need the library python-pkcs11.",
            advice='Run: pip install "adamas[pkcs11]"',
        ) from error
    try:
        library = pkcs11.lib(module)
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise KeyRefused("pkcs11.library", "The token's module cannot be loaded.", where=module) from error
    try:
        return library.get_token(token_label=token).open(user_pin=pin, rw=True)
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinLocked) as error:
        raise KeyRefused(
            "pkcs11.pin",
            f"The token did not accept the PIN ({type(error).__name__}).",
            where=token,
            advice="Tokens lock after a few wrong attempts.",
        ) from error
    except pkcs11.PKCS11Error as error:
        raise KeyRefused(
            "pkcs11.token", f"There is no usable token {token!r} ({type(error).__name__}).", where=token
        ) from error

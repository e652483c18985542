"""Private keys on disk: one folder, one passphrase, one encrypted file a key.

    keys/
      keystore.json      scrypt parameters, and the data key sealed under the passphrase
      <name>.key         an Ed25519 seed under the data key, with its public half in the clear
      <name>.secret      opaque bytes under the data key (seeds of ML-DSA witness keys)
      retired/           keys that sign no more; kept so that nobody makes them again

Opening costs one scrypt (about 0.1 s and 64 MB at N = 2^16, r = 8); each file is then AES-256-GCM under the
random data key, its name, sort and public key bound as associated data, so that two files cannot be
exchanged. Files are created with mode 0600 in a folder of mode 0700.

Crash story: a file is written beside its place, fsynced, linked into place (which fails if something is
there) and the folder is fsynced. Killed before the link there is at most a ``.new-*`` file that nothing
reads.

    keystore.exists keystore.missing keystore.passphrase keystore.damaged keystore.name keystore.format
    keystore.disk
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from adamas.ledger.errors import KeyRefused
from adamas.ledger.keys import SoftwareSigner

HEAD = "keystore.json"
FORMAT = "adamas keystore 1"
RETIRED = "retired"
_N, _R, _P = 2**16, 8, 1
_MAX_N = 2**20  # 1 GiB at r = 8: a foreign file may not ask for more
_NONCE_SIZE = 12
_MAX_FILE = 100_000
_PUBLIC = ("public_key", "kid")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,119}", re.ASCII)
_KEYRING_SERVICE = "adamas keystore"


class KeyStore:
    """An open key store. Make one with :meth:`create`, open it later with :meth:`open`."""

    def __init__(self, directory: Path, data_key: bytes) -> None:
        self.directory = directory
        self._cipher = AESGCM(data_key)

    @classmethod
    def create(cls, directory: str | os.PathLike[str], passphrase: str, *, cost: int = _N) -> KeyStore:
        """A new, empty store in ``directory``. ``cost`` is scrypt's N (a power of two).

        Raises KeyRefused ``keystore.exists``, ``keystore.passphrase`` (empty), ``keystore.disk``.
        """
        folder = Path(directory)
        if not passphrase:
            raise KeyRefused("keystore.passphrase", "An empty passphrase protects nothing.")
        salt, nonce, data_key = (secrets.token_bytes(size) for size in (16, _NONCE_SIZE, 32))
        sealed = AESGCM(_stretch(passphrase, salt, cost, _R, _P)).encrypt(nonce, data_key, FORMAT.encode())
        head = {
            "format": FORMAT,
            "kdf": {"name": "scrypt", "n": cost, "r": _R, "p": _P, "salt": salt.hex()},
            "nonce": nonce.hex(),
            "sealed": sealed.hex(),
        }
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _disk(folder, error) from error
        if (folder / HEAD).exists():
            raise KeyRefused("keystore.exists", "There is a key store already.", where=str(folder))
        _write(folder / HEAD, head)
        return cls(folder, data_key)

    @classmethod
    def open(cls, directory: str | os.PathLike[str], passphrase: str) -> KeyStore:
        """The store in ``directory``. Raises KeyRefused ``keystore.missing``, ``keystore.passphrase``,
        ``keystore.format``.
        """
        folder = Path(directory)
        head = _read(folder / HEAD)
        try:
            kdf = head["kdf"]
            salt, nonce, sealed = (
                bytes.fromhex(kdf["salt"]),
                *(bytes.fromhex(head[f]) for f in ("nonce", "sealed")),
            )
            n, r, p = kdf["n"], kdf["r"], kdf["p"]
            sound = (
                head["format"] == FORMAT
                and kdf["name"] == "scrypt"
                and all(type(v) is int for v in (n, r, p))
            )
            if not sound or not (2 <= n <= _MAX_N and n & (n - 1) == 0 and 1 <= r <= 16 and 1 <= p <= 4):
                raise ValueError
        except (KeyError, TypeError, ValueError):
            raise KeyRefused(
                "keystore.format",
                "The head of the key store is not of a form that this program knows.",
                where=str(folder / HEAD),
            ) from None
        try:
            data_key = AESGCM(_stretch(passphrase, salt, n, r, p)).decrypt(nonce, sealed, FORMAT.encode())
        except (InvalidTag, ValueError):
            raise KeyRefused(
                "keystore.passphrase",
                "The passphrase is not that of this key store.",
                where=str(folder),
                advice="Check the keyboard layout. A forgotten passphrase cannot be recovered: enrol a new key.",
            ) from None
        return cls(folder, data_key)

    def make(self, name: str) -> SoftwareSigner:
        """A new Ed25519 key under ``name``. Raises KeyRefused ``keystore.exists``, ``keystore.name``."""
        return self.put(name, SoftwareSigner.generate())

    def put(self, name: str, signer: SoftwareSigner) -> SoftwareSigner:
        """Keeps a key that was made elsewhere."""
        self._seal(name, "key", signer.seed, {"public_key": signer.public_key.hex(), "kid": signer.kid.hex()})
        return signer

    def load(self, name: str) -> SoftwareSigner:
        """The key of that name. Raises KeyRefused ``keystore.missing``, ``keystore.damaged``."""
        seed, public = self._unseal(name, "key")
        try:
            signer = SoftwareSigner(seed)
        except KeyRefused:
            raise self._damaged(name, "key") from None
        if public.get("public_key") != signer.public_key.hex():
            raise self._damaged(name, "key")
        return signer

    def public_key(self, name: str) -> bytes:
        """The public half, as the file claims it: no secret is opened."""
        try:
            return bytes.fromhex(_read(self._path(name, "key"))["public_key"])
        except (KeyError, TypeError, ValueError):
            raise self._damaged(name, "key") from None

    def rotate(self, name: str) -> tuple[str, SoftwareSigner]:
        """A next key for the same use, under ``name.2``, ``name.3`` …; the old one stays until it is
        retired.
        """
        base, _, number = name.rpartition(".")
        stem = base if base and number.isdecimal() else name
        taken = {*self.names(), *self.names(retired=True)}
        count = 2
        while f"{stem}.{count}" in taken:
            count += 1
        return f"{stem}.{count}", self.make(f"{stem}.{count}")

    def retire(self, name: str) -> Path:
        """Puts a key away, so that :meth:`names` and :meth:`load` no longer know it. It stays encrypted."""
        source = self._path(name, "key")
        target = self.directory / RETIRED / source.name
        if not source.exists():
            raise KeyRefused("keystore.missing", f"There is no key {name!r}.", where=str(source))
        try:
            target.parent.mkdir(mode=0o700, exist_ok=True)
            os.rename(source, target)
            _sync(target.parent)
            _sync(self.directory)
        except OSError as error:
            raise _disk(target, error) from error
        return target

    def names(self, *, retired: bool = False) -> list[str]:
        """Names of the signing keys, sorted."""
        folder = self.directory / RETIRED if retired else self.directory
        return sorted(path.name[: -len(".key")] for path in folder.glob("*.key"))

    def put_secret(self, name: str, secret: bytes) -> None:
        """Keeps opaque bytes under ``name``. Raises KeyRefused ``keystore.exists``."""
        self._seal(name, "secret", secret, {})

    def get_secret(self, name: str) -> bytes:
        """The bytes kept under ``name``. Raises KeyRefused ``keystore.missing``, ``keystore.damaged``."""
        return self._unseal(name, "secret")[0]

    def secret_names(self) -> list[str]:
        """Names of the opaque secrets, sorted."""
        return sorted(path.name[: -len(".secret")] for path in self.directory.glob("*.secret"))

    def _path(self, name: str, sort: str) -> Path:
        if _NAME.fullmatch(name) is None:
            raise KeyRefused(
                "keystore.name",
                f"{name!r} is no name for a key: letters, digits and . _ @ + - are, up to 120.",
                where=str(self.directory),
            )
        return self.directory / f"{name}.{sort}"

    def _seal(self, name: str, sort: str, secret: bytes, public: Mapping[str, str]) -> None:
        path, nonce = self._path(name, sort), secrets.token_bytes(_NONCE_SIZE)
        sealed = self._cipher.encrypt(nonce, secret, _bound(name, sort, public))
        _write(path, {"format": FORMAT, **public, "nonce": nonce.hex(), "sealed": sealed.hex()})

    def _unseal(self, name: str, sort: str) -> tuple[bytes, dict[str, str]]:
        content = _read(self._path(name, sort))
        public: dict[str, str] = {known: content[known] for known in _PUBLIC if known in content}
        try:
            nonce, sealed = bytes.fromhex(content["nonce"]), bytes.fromhex(content["sealed"])
            return self._cipher.decrypt(nonce, sealed, _bound(name, sort, public)), public
        except (KeyError, TypeError, ValueError, InvalidTag):
            raise self._damaged(name, sort) from None

    def _damaged(self, name: str, sort: str) -> KeyRefused:
        return KeyRefused(
            "keystore.damaged",
            f"The file of {name!r} was changed, exchanged, or comes from another key store.",
            where=str(self.directory / f"{name}.{sort}"),
            advice="Restore it from a copy.",
        )


def remember_passphrase(directory: str | os.PathLike[str], passphrase: str) -> bool:
    """Gives the passphrase to the operating system's keyring; False where there is none (or no
    ``keyring``).
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return False
    try:
        keyring.set_password(_KEYRING_SERVICE, str(Path(directory).resolve()), passphrase)
    except (KeyringError, RuntimeError):
        return False
    return True


def recall_passphrase(directory: str | os.PathLike[str]) -> str | None:
    """The passphrase that the operating system's keyring holds for this store, or None."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(_KEYRING_SERVICE, str(Path(directory).resolve()))
    except (KeyringError, RuntimeError):
        return None
    return found


def _stretch(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode("utf-8", "surrogatepass"))


def _bound(name: str, sort: str, public: Mapping[str, str]) -> bytes:
    return json.dumps([FORMAT, name, sort, dict(public)], sort_keys=True).encode()


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_MAX_FILE))
    except FileNotFoundError:
        raise KeyRefused(
            "keystore.missing", f"There is no {path.name} in the key store.", where=str(path)
        ) from None
    except OSError as error:
        raise _disk(path, error) from error
    except (ValueError, RecursionError):
        content = None
    if type(content) is not dict:
        raise KeyRefused("keystore.damaged", "The file is not one of a key store.", where=str(path))
    return content


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Creates ``path``, durable and complete, or leaves what is there alone."""
    temporary = path.with_name(f".new-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(json.dumps(content, indent=1).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, path)
            _sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except FileExistsError:
        raise KeyRefused(
            "keystore.exists", f"There is a {path.name} already; it is never overwritten.", where=str(path)
        ) from None
    except OSError as error:
        raise _disk(path, error) from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _disk(path: Path, error: OSError) -> KeyRefused:
    return KeyRefused(
        "keystore.disk", f"The key store cannot be read or written: {error.strerror}.", where=str(path)
    )

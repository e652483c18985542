"""The office's X.509 key for sealing documents: made here, kept encrypted, its certificate beside it.

    keys/seal.<n>.secret    the private key (RSA, 3,072 bits), under the passphrase of the key store
    seal.<n>.pem            the certificate and its chain: self-signed, or what an authority answered to a request
    seal.toml               optional: timestamp = "https://tsa.example/", roots = "roots.pem"

The newest number seals. This key signs papers only; statements have keys of their own, enrolled in the log.

    seal.none seal.certificate seal.settings
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from adamas.ledger.keystore import KeyStore
from adamas.office.errors import DocumentError

NAME = "seal"
SETTINGS = "seal.toml"
YEARS = 3
BITS = 3072
"""RSA, since a signature on a curve makes the file PDF 2.0 by ISO/TS 32002, and PDF/A-3 is PDF 1.7."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who seals: organisation as it stands in the certificate, and its country (alpha-2)."""

    name: str
    country: str | None = None

    def subject(self) -> x509.Name:
        """As an X.501 name; the common name has at most 64 characters."""
        parts = [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, self.name[:64]),
        ]
        if self.country and self.country != "EU":
            parts.insert(0, x509.NameAttribute(NameOID.COUNTRY_NAME, self.country))
        return x509.Name(parts)


@dataclass(frozen=True, slots=True)
class SealKey:
    """A private key (PKCS #8, DER), its certificate, the rest of its chain, and how it is timestamped."""

    private_key: bytes
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    timestamp: str | None = None
    roots: tuple[x509.Certificate, ...] = ()


def make(store: KeyStore, folder: Path, who: Identity, *, now: datetime.datetime) -> x509.Certificate:
    """A new key with a self-signed certificate; from now on it seals. Papers sealed before stay as they are."""
    key = rsa.generate_private_key(65537, BITS)
    certificate = (
        _described(x509.CertificateBuilder(), key)
        .subject_name(who.subject())
        .issuer_name(who.subject())
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=365 * YEARS))
        .sign(key, hashes.SHA256())
    )
    name = f"{NAME}.{_latest(store) + 1}"
    store.put_secret(name, _pkcs8(key))
    _pem(folder, name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate


def _described(builder: x509.CertificateBuilder, key: rsa.RSAPrivateKey) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
    )


def request(store: KeyStore, folder: Path) -> bytes:
    """A certificate signing request (PEM) for the newest key, for an authority that others trust already."""
    found = _newest(store, folder)
    key = serialization.load_der_private_key(found.private_key, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    made = x509.CertificateSigningRequestBuilder().subject_name(found.certificate.subject)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def install(store: KeyStore, folder: Path, pem: bytes) -> x509.Certificate:
    """Takes the certificate that an authority made for the newest key, with its chain (PEM, any order).

    Raises DocumentError ``seal.certificate`` if none of them is for that key.
    """
    found = _newest(store, folder)
    try:
        given = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise DocumentError(
            "seal.certificate", "The file holds no X.509 certificates in PEM.", where="certificate"
        ) from error
    ours = [one for one in given if _same_key(one, found.certificate)]
    if not ours:
        raise DocumentError(
            "seal.certificate",
            "None of the certificates is for the key that seals here.",
            where="certificate",
            advice="Make the request with `adamas seal request`, and install what comes back for it.",
        )
    ordered = [ours[0], *(one for one in given if one not in ours)]
    target = _pem(folder, f"{NAME}.{_latest(store)}")
    new = target.with_suffix(".new")
    new.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in ordered))
    new.replace(target)
    return ours[0]


def load(store: KeyStore, folder: Path) -> SealKey:
    """The newest key. Raises DocumentError ``seal.none`` where there is none, ``seal.settings``."""
    found = _newest(store, folder)
    timestamp, roots = _settings(folder)
    return SealKey(found.private_key, found.certificate, found.chain, timestamp, tuple(roots))


def _newest(store: KeyStore, folder: Path) -> SealKey:
    number = _latest(store)
    pem = _pem(folder, f"{NAME}.{number}")
    if not number or not pem.exists():
        raise DocumentError(
            "seal.none",
            "This office has no key for sealing documents.",
            where=str(folder),
            advice="Make one with `adamas seal make`, or print with --no-seal.",
        )
    try:
        first, *chain = x509.load_pem_x509_certificates(pem.read_bytes())
    except ValueError as error:
        raise DocumentError(
            "seal.certificate", "The seal's certificate cannot be read.", where=str(pem)
        ) from error
    return SealKey(store.get_secret(f"{NAME}.{number}"), first, tuple(chain))


def _settings(folder: Path) -> tuple[str | None, Sequence[x509.Certificate]]:
    file = folder / SETTINGS
    if not file.exists():
        return None, ()
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        timestamp, roots = table.get("timestamp"), table.get("roots")
        if timestamp is not None and not str(timestamp).startswith(("http://", "https://")):
            raise ValueError("timestamp is an http or https address")
        known = x509.load_pem_x509_certificates((folder / str(roots)).read_bytes()) if roots else []
    except (OSError, ValueError) as error:
        raise DocumentError(
            "seal.settings", f"{SETTINGS} cannot be used: {error}.", where=str(file)
        ) from error
    return timestamp, known


def _latest(store: KeyStore) -> int:
    numbers = [name.removeprefix(f"{NAME}.") for name in store.secret_names() if name.startswith(f"{NAME}.")]
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _pem(folder: Path, name: str) -> Path:
    return folder / f"{name}.pem"


def _same_key(one: x509.Certificate, other: x509.Certificate) -> bool:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    der = serialization.Encoding.DER
    return one.public_key().public_bytes(der, spki) == other.public_key().public_bytes(der, spki)


def _pkcs8(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def exists(folder: Path) -> bool:
    """Whether a key for sealing was made; no passphrase is needed to know."""
    return any(folder.glob(f"{NAME}.*.pem"))

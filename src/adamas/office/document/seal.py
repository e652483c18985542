"""The office's seal on a PDF: PAdES by pyHanko, invisible, so that the file stays PDF/A.

Level: B-B with a local key; B-T where a timestamp authority is named; B-LT where trust roots are named too, so that
certificates and revocation answers are put into the file. :func:`inspect` says who sealed a file and whether it was
changed since, and judges nobody's certificate: the office's own bundle is what proves the content.

    seal.failed seal.expired
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from adamas.office.document.seal_keys import SealKey
from adamas.office.errors import DocumentError

FIELD = "AdamasSeal"
B, T, LT = "PAdES-B-B", "PAdES-B-T", "PAdES-B-LT"


@dataclass(slots=True)
class Sealer:
    """What seals. ``timestamper`` and ``evidence`` (arguments for pyHanko's ValidationContext) may be set by tests."""

    key: SealKey
    timestamper: Any = None
    evidence: dict[str, Any] = field(default_factory=dict)
    _signer: Any = None

    @property
    def level(self) -> str:
        """The PAdES level that this sealer reaches."""
        if self.timestamper is None and self.key.timestamp is None:
            return B
        return LT if self.key.roots else T

    def signer(self) -> Any:
        """PyHanko's signer, made once."""
        if self._signer is None:
            self._signer = _local_signer(self.key)
        return self._signer


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal found in a file: whose certificate (not judged), its SHA-256, and whether the file is as it was sealed."""

    subject: str
    fingerprint: str
    sealed_at: str | None
    intact: bool

    def sentence(self) -> str:
        """For people."""
        when = f", at {self.sealed_at} by its own clock" if self.sealed_at else ""
        if not self.intact:
            return f"The file was changed after {self.subject} sealed it{when}: do not rely on what it shows."
        return (
            f"The file is as {self.subject} sealed it{when}. Whether that certificate is the authority's is not judged "
            f"here; its fingerprint is {self.fingerprint}."
        )


def seal(pdf: bytes, sealer: Sealer) -> bytes:
    """The PDF with the seal added after it. Raises DocumentError ``seal.expired``, ``seal.failed``."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

    now = datetime.now(UTC)
    if now > sealer.key.certificate.not_valid_after_utc:
        raise DocumentError(
            "seal.expired",
            f"The seal's certificate ended on {sealer.key.certificate.not_valid_after_utc.date()}.",
            advice="Make another with `adamas seal make`.",
        )
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        embed_validation_info=sealer.level == LT,
        validation_context=_context(sealer) if sealer.level == LT else None,
    )
    try:
        out = signers.PdfSigner(meta, sealer.signer(), timestamper=_timestamper(sealer)).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf))
        )
    except Exception as error:  # a timestamp authority that does not answer, a revoked certificate, …
        raise DocumentError(
            "seal.failed",
            f"The document could not be sealed ({sealer.level}): {error}.",
            advice="Print with --no-seal, or mend seal.toml.",
        ) from error
    return bytes(out.getvalue())


def inspect(pdf: bytes) -> list[Seal]:
    """The seals of a file, first one first; empty if it has none. Raises DocumentError ``document.pdf``."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        return [_inspected(one) for one in reader.embedded_regular_signatures]
    except Exception as error:
        raise DocumentError("document.pdf", "The seal of the PDF cannot be read.", where="seal") from error


def _inspected(found: Any) -> Seal:
    from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    intact, valid = validate_sig_integrity(
        found.signer_info, found.signer_cert, "data", found.compute_digest()
    )
    unchanged = False
    if intact and valid:  # else what changed may not even be readable
        found.compute_integrity_info()
        later = found.summarise_integrity_info()["diff_result"]
        unchanged = (
            isinstance(later, DiffResult) and later.modification_level <= ModificationLevel.LTA_UPDATES
        )
    at = found.self_reported_timestamp
    return Seal(
        str(found.signer_cert.subject.native.get("common_name", found.signer_cert.subject.human_friendly)),
        found.signer_cert.sha256.hex(),
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None,
        unchanged,
    )


def _local_signer(key: SealKey) -> Any:
    """PyHanko's signer with the private key read once: PyHanko would read it again for each signature."""
    from asn1crypto import keys, x509  # type: ignore[import-untyped]
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    # It comes from the key store, which seals what it holds: the slow search for planted primes may be left out.
    loaded = serialization.load_der_private_key(key.private_key, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    private: rsa.RSAPrivateKey = loaded

    class Local(signers.SimpleSigner):  # type: ignore[misc, unused-ignore]
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            if dry_run:  # only the size is wanted
                return bytes(private.key_size // 8)
            return private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    store = SimpleCertificateStore()
    store.register_multiple([x509.Certificate.load(_der(one)) for one in key.chain])
    return Local(
        signing_cert=x509.Certificate.load(_der(key.certificate)),
        signing_key=keys.PrivateKeyInfo.load(key.private_key),
        cert_registry=store,
    )


def _timestamper(sealer: Sealer) -> Any:
    if sealer.timestamper is not None or sealer.key.timestamp is None:
        return sealer.timestamper
    from pyhanko.sign.timestamps import HTTPTimeStamper

    return HTTPTimeStamper(sealer.key.timestamp, timeout=10)


def _context(sealer: Sealer) -> Any:
    from asn1crypto import x509
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=[x509.Certificate.load(_der(one)) for one in sealer.key.roots],
        other_certs=[x509.Certificate.load(_der(one)) for one in sealer.key.chain],
        **({"allow_fetching": True} if not sealer.evidence else sealer.evidence),
    )


def _der(certificate: Any) -> bytes:
    return bytes(certificate.public_bytes(serialization.Encoding.DER))


def fingerprint(key: SealKey) -> str:
    """SHA-256 of the certificate, in hexadecimal: to be published where people look for it."""
    return key.certificate.fingerprint(hashes.SHA256()).hex()

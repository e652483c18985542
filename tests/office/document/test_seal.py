"""The seal is valid for a reader that knows the authority's root, shows what was changed, and keeps its key to itself."""

from __future__ import annotations

import contextlib
import datetime
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from tests.office.document.conftest import NOW, SealStore, run, tool

from adamas.ledger.errors import KeyRefused
from adamas.ledger.keystore import KeyStore
from adamas.office.document import seal_keys
from adamas.office.document.attached import bundle_in
from adamas.office.document.certificate import render
from adamas.office.document.content import CertificateContent
from adamas.office.document.seal import LT, B, Sealer, inspect, seal
from adamas.office.errors import DocumentError

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
LATER = datetime.timedelta(days=300)


class Authority:
    """A certification authority that signs a seal's request, a timestamp key, and a list of revocations."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Root")])
        self.root = self.certify(self.name, self.key.public_key(), ca=True)
        self.stamp_key = rsa.generate_private_key(65537, 2048)
        stamp = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Timestamps")])
        self.stamp = self.certify(stamp, self.stamp_key.public_key(), use=ExtendedKeyUsageOID.TIME_STAMPING)

    def certify(
        self,
        subject: x509.Name,
        key: rsa.RSAPublicKey,
        *,
        ca: bool = False,
        use: ObjectIdentifier | None = None,
    ) -> x509.Certificate:
        usage = x509.KeyUsage(not ca, not ca and use is None, False, False, False, ca, ca, False, False)
        builder = (
            x509.CertificateBuilder(self.name, subject, key, x509.random_serial_number())
            .not_valid_before(NOW - datetime.timedelta(days=1))
            .not_valid_after(NOW + LATER)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        if use is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=True)
        return builder.sign(self.key, hashes.SHA256())

    def revocations(self) -> bytes:
        made = (
            x509.CertificateRevocationListBuilder(self.name, NOW - datetime.timedelta(hours=1), NOW + LATER)
            .add_extension(x509.CRLNumber(1), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(DER)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def certified(authority: Authority, tmp_path_factory: pytest.TempPathFactory, store: SealStore) -> SealStore:
    """A copy of the store whose key the authority certified."""
    folder = tmp_path_factory.mktemp("certified")
    shutil.copytree(store.folder, folder, dirs_exist_ok=True)
    keys = KeyStore.open(folder / "keys", "x")
    asked = x509.load_pem_x509_csr(seal_keys.request(keys, folder))
    key = asked.public_key()
    assert asked.is_signature_valid
    assert isinstance(key, rsa.RSAPublicKey)
    answer = authority.certify(asked.subject, key)
    seal_keys.install(keys, folder, authority.root.public_bytes(PEM) + answer.public_bytes(PEM))
    return SealStore(keys, folder)


def pdfsig(pdf: bytes, root: x509.Certificate, folder: Path) -> str:
    """What poppler says, which trusts the root."""
    nss = folder / "nss"
    nss.mkdir()
    (folder / "root.pem").write_bytes(root.public_bytes(PEM))
    certutil = tool("certutil", "libnss3-tools")
    run(certutil, "-N", "-d", f"sql:{nss}", "--empty-password")
    run(certutil, "-A", "-d", f"sql:{nss}", "-n", "root", "-t", "C,C,C", "-i", folder / "root.pem")
    (folder / "s.pdf").write_bytes(pdf)
    return run(tool("pdfsig", "poppler-utils"), "-nssdir", nss, folder / "s.pdf")


def test_pdfsig_finds_the_seal_valid_and_trusted(
    content: CertificateContent, certified: SealStore, authority: Authority, tmp_path: Path
) -> None:
    sealer = Sealer(certified.load())
    assert sealer.level == B
    told = pdfsig(seal(render(content), sealer), authority.root, tmp_path)
    assert "ETSI.CAdES.detached" in told
    assert "Total document signed" in told
    assert "Signature Validation: Signature is Valid." in told
    assert "Certificate Validation: Certificate is Trusted." in told


@pytest.mark.slow
def test_with_a_timestamp_authority_the_seal_outlives_its_certificate(
    content: CertificateContent, certified: SealStore, authority: Authority, tmp_path: Path
) -> None:
    """B-LT: a timestamp, and the certificates and revocations inside; still PDF/A-3a, one more revision."""
    import io

    import pikepdf
    from asn1crypto import crl, keys  # type: ignore[import-untyped]
    from asn1crypto import x509 as asn1  # type: ignore[import-untyped]
    from pyhanko.sign.timestamps import DummyTimeStamper
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    known = SimpleCertificateStore()
    known.register(asn1.Certificate.load(authority.root.public_bytes(DER)))
    private = authority.stamp_key.private_bytes(
        DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stamper = DummyTimeStamper(
        asn1.Certificate.load(authority.stamp.public_bytes(DER)),
        keys.PrivateKeyInfo.load(private),
        certs_to_embed=known,
    )
    evidence = {
        "allow_fetching": False,
        "crls": [crl.CertificateList.load(authority.revocations())],
    }
    sealer = Sealer(replace(certified.load(), roots=(authority.root,)), stamper, evidence)
    assert sealer.level == LT
    pdf = seal(render(content), sealer)
    told = pdfsig(pdf, authority.root, tmp_path)
    assert "Signature Validation: Signature is Valid." in told
    assert "Certificate Validation: Certificate is Trusted." in told
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert "/DSS" in opened.Root
        assert len(opened.Root.DSS.Certs) >= 2
        assert len(opened.Root.DSS.CRLs) == 1
        with opened.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
    assert [one.intact for one in inspect(pdf)] == [True]


@pytest.mark.slow
def test_any_change_breaks_the_seal(sealed: bytes) -> None:
    (good,) = inspect(sealed)
    assert good.intact
    assert good.subject == "Department of Mines"
    for place in range(40, sealed.rfind(b"/ByteRange"), len(sealed) // 12):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with contextlib.suppress(DocumentError):
            assert [one.intact for one in inspect(bytes(changed))] in ([False], [])


def test_another_page_put_over_the_sealed_one_is_noticed(sealed: bytes) -> None:
    """An incremental update leaves the sealed bytes alone, and shows something else."""
    import io

    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(sealed), strict=False)
    page = writer.root["/Pages"]["/Kids"][0]
    page[generic.pdf_name("/Contents")] = writer.add_object(
        generic.StreamObject(stream_data=b"0 0 595 842 re f")
    )
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    assert [one.intact for one in inspect(out.getvalue())] == [False]


def test_the_seal_leaves_the_bundle_alone(sealed: bytes, proven: object) -> None:
    assert bundle_in(sealed) == proven.bundle  # type: ignore[attr-defined]


def test_the_private_key_is_kept_encrypted(store: SealStore) -> None:
    private = store.load().private_key
    for file in store.folder.rglob("*"):
        assert not file.is_file() or (
            private not in file.read_bytes() and b"PRIVATE" not in file.read_bytes()
        )
    with pytest.raises(KeyRefused):
        KeyStore.open(store.folder / "keys", "not it")


def test_only_a_certificate_of_our_key_is_installed(
    store: SealStore, authority: Authority, tmp_path: Path
) -> None:
    shutil.copytree(store.folder, tmp_path, dirs_exist_ok=True)
    keys = KeyStore.open(tmp_path / "keys", "x")
    for pem in (authority.root.public_bytes(PEM), b"no certificate"):
        with pytest.raises(DocumentError) as told:
            seal_keys.install(keys, tmp_path, pem)
        assert told.value.code == "seal.certificate"
    assert seal_keys.load(keys, tmp_path).certificate == store.load().certificate


def test_without_a_key_or_with_an_old_one_nothing_is_sealed(
    content: CertificateContent, tmp_path: Path
) -> None:
    keys = KeyStore.create(tmp_path / "keys", "x", cost=2**4)
    assert not seal_keys.exists(tmp_path)
    with pytest.raises(DocumentError) as told:
        seal_keys.load(keys, tmp_path)
    assert told.value.code == "seal.none"
    past = NOW - datetime.timedelta(days=365 * 4)
    seal_keys.make(keys, tmp_path, seal_keys.Identity("x" * 200, "EU"), now=past)
    with pytest.raises(DocumentError) as told:
        seal(b"", Sealer(seal_keys.load(keys, tmp_path)))
    assert told.value.code == "seal.expired"


@pytest.mark.parametrize(
    "text", ["timestamp = 3", 'timestamp = "ftp://x"', 'roots = "nowhere.pem"', "not toml ="]
)
def test_settings_that_cannot_be_used_are_named(store: SealStore, tmp_path: Path, text: str) -> None:
    shutil.copytree(store.folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "seal.toml").write_text(text)
    with pytest.raises(DocumentError) as told:
        seal_keys.load(KeyStore.open(tmp_path / "keys", "x"), tmp_path)
    assert told.value.code == "seal.settings"


def test_a_timestamp_authority_that_is_away_stops_the_seal(
    content: CertificateContent, store: SealStore
) -> None:
    with pytest.raises(DocumentError) as told:
        seal(render(content), Sealer(replace(store.load(), timestamp="http://127.0.0.1:9/")))
    assert told.value.code == "seal.failed"

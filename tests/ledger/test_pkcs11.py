"""Keys in a real (software) token: SoftHSM 2 from Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import missing

from adamas.ledger import ed25519, statement
from adamas.ledger.errors import KeyRefused
from adamas.ledger.keys import kid_of
from adamas.ledger.pkcs11 import Pkcs11Signer

PIN = "123456"
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of SoftHSM's module, with a token of our own."""
    tool = shutil.which("softhsm2-util")
    found = next((path for path in MODULES if Path(path).exists()), None)
    if tool is None or found is None:
        missing("SoftHSM", "apt-get install softhsm2")
    try:
        import pkcs11  # noqa: F401
    except ImportError:
        missing("python-pkcs11", 'pip install "adamas[pkcs11]"')
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(config)
    subprocess.run(
        [str(tool), "--init-token", "--free", "--label", "adamas", "--pin", PIN, "--so-pin", PIN],
        check=True,
        capture_output=True,
    )
    yield str(found)
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(scope="module")
def signer(module: str) -> Iterator[Pkcs11Signer]:
    with Pkcs11Signer.generate(module, "adamas", PIN, "kp:BW/authority") as made:
        yield made


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(KeyRefused) as refused:
        call()
    return refused.value.code


def test_the_token_signs_as_any_other_key(signer: Pkcs11Signer) -> None:
    assert len(signer.public_key) == 32
    assert signer.kid == kid_of(signer.public_key)
    ed25519.check_public_key(signer.public_key)
    assert ed25519.verify(signer.public_key, b"message", signer.sign(b"message"))


def test_a_statement_signed_in_the_token_verifies(signer: Pkcs11Signer) -> None:
    made = statement.sign(signer, issuer="kp:BW/authority", subject="s", issued_at=0, payload={"type": "x"})
    assert statement.verify(made, signer.public_key)


def test_the_key_is_found_again_by_its_label(module: str, signer: Pkcs11Signer) -> None:
    with Pkcs11Signer(module, "adamas", PIN, "kp:BW/authority") as again:
        assert again.public_key == signer.public_key
        assert PIN not in repr(again)


def test_mistakes_have_their_codes(module: str, signer: Pkcs11Signer) -> None:
    assert refusal(lambda: Pkcs11Signer(module, "adamas", PIN, "another")) == "pkcs11.label"
    assert refusal(lambda: Pkcs11Signer.generate(module, "adamas", PIN, signer.label)) == "pkcs11.label"
    assert refusal(lambda: Pkcs11Signer(module, "other token", PIN, "a")) == "pkcs11.token"
    assert refusal(lambda: Pkcs11Signer("/nonexistent.so", "adamas", PIN, "a")) == "pkcs11.library"


def test_a_wrong_pin_is_told(module: str, signer: Pkcs11Signer) -> None:
    # a token is logged in for the whole process: another one asks
    code = (
        "import sys\nfrom adamas.ledger.errors import KeyRefused\nfrom adamas.ledger.pkcs11 import Pkcs11Signer\n"
        "try: Pkcs11Signer(sys.argv[1], 'adamas', '000000', 'kp:BW/authority')\n"
        "except KeyRefused as error: print(error.code)\n"
    )
    import sys

    told = subprocess.run([sys.executable, "-c", code, module], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "pkcs11.pin"

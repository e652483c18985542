"""Keys in memory sign as RFC 8032 says and do not show their secret."""

from __future__ import annotations

import hashlib

import pytest

from adamas.ledger.errors import KeyRefused
from adamas.ledger.keys import SoftwareSigner, kid_of


def test_rfc_8032_section_7_1_test_2() -> None:
    signer = SoftwareSigner.from_seed(
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    )
    assert signer.public_key.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_the_short_name_is_the_head_of_the_keys_hash() -> None:
    signer = SoftwareSigner.generate()
    assert signer.kid == kid_of(signer.public_key) == hashlib.sha256(signer.public_key).digest()[:8]


def test_a_new_key_is_new_and_its_secret_is_not_shown() -> None:
    one, two = SoftwareSigner.generate(), SoftwareSigner.generate()
    assert one.public_key != two.public_key
    assert one.seed.hex() not in repr(one)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_seed_has_32_bytes(size: int) -> None:
    with pytest.raises(KeyRefused) as refused:
        SoftwareSigner.from_seed(bytes(size))
    assert refused.value.code == "key.length"

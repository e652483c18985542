"""One verdict on signatures: the cases where libraries differ are in tests/conformance/test_ed25519.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamas.ledger import ed25519
from adamas.ledger.errors import KeyRefused
from adamas.ledger.keys import SoftwareSigner

SIGNER = SoftwareSigner.from_seed(bytes(range(32)))
ORDER = 2**252 + 27742317777372353535851937790883648493
P = 2**255 - 19


@given(st.binary(max_size=300))
def test_a_signature_holds_for_its_message_and_key_alone(message: bytes) -> None:
    signature = SIGNER.sign(message)
    assert ed25519.verify(SIGNER.public_key, message, signature)
    assert not ed25519.verify(SIGNER.public_key, message + b"x", signature)
    assert not ed25519.verify(SoftwareSigner.from_seed(bytes(32)).public_key, message, signature)


@given(st.integers(0, 64 * 8 - 1))
def test_no_changed_bit_verifies(bit: int) -> None:
    signature = bytearray(SIGNER.sign(b"message"))
    signature[bit // 8] ^= 1 << bit % 8
    assert not ed25519.verify(SIGNER.public_key, b"message", bytes(signature))


@given(st.binary(max_size=70), st.binary(max_size=40))
def test_any_bytes_get_an_answer(signature: bytes, key: bytes) -> None:
    assert ed25519.verify(key, b"message", signature) is False


def test_a_second_form_of_the_scalar_is_refused() -> None:
    signature = SIGNER.sign(b"message")
    s = int.from_bytes(signature[32:], "little") + ORDER
    assert not ed25519.verify(SIGNER.public_key, b"message", signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "key",
    [
        bytes(32),  # order 4
        b"\x01" + bytes(31),  # the identity
        (P - 1).to_bytes(32, "little"),  # order 2
        (P + 1).to_bytes(32, "little"),  # the identity, not canonical
        b"\xff" * 32,
        (2).to_bytes(32, "little"),  # no point at all
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),  # order 8
        # prime-order point plus one of order 8 (speccheck case 4)
        bytes.fromhex("cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d"),
    ],
)
def test_unsafe_keys_are_not_enrolled(key: bytes) -> None:
    with pytest.raises(KeyRefused) as refused:
        ed25519.check_public_key(key)
    assert refused.value.code == "key.bad-point"


@pytest.mark.parametrize("size", [0, 31, 33])
def test_keys_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(KeyRefused) as refused:
        ed25519.check_public_key(bytes(size))
    assert refused.value.code == "key.length"


def test_honest_keys_are_enrolled() -> None:
    for number in range(20):
        ed25519.check_public_key(SoftwareSigner.from_seed(number.to_bytes(32, "big")).public_key)

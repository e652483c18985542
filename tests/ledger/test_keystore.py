"""The key store: secrets are encrypted, files are private and whole, mistakes have names."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adamas.ledger import ed25519, keystore
from adamas.ledger.errors import KeyRefused
from adamas.ledger.keystore import KeyStore

COST = 2**10  # tests need no slow passphrase


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore.create(tmp_path / "keys", "correct horse", cost=COST)


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(KeyRefused) as refused:
        call()
    return refused.value.code


def test_a_key_made_is_the_key_loaded_later(store: KeyStore) -> None:
    made = store.make("kp-BW-authority")
    store.put_secret("witness-pq", b"\x07" * 32)
    again = KeyStore.open(store.directory, "correct horse")
    assert again.names() == ["kp-BW-authority"]
    assert again.secret_names() == ["witness-pq"]
    assert again.load("kp-BW-authority").public_key == again.public_key("kp-BW-authority") == made.public_key
    assert again.get_secret("witness-pq") == b"\x07" * 32
    assert ed25519.verify(made.public_key, b"m", again.load("kp-BW-authority").sign(b"m"))


def test_no_secret_is_in_the_files_and_only_the_owner_reads_them(store: KeyStore) -> None:
    seed = store.make("a").seed
    store.put_secret("b", b"opaque secret bytes")
    assert store.directory.stat().st_mode & 0o777 == 0o700
    for path in store.directory.iterdir():
        content = path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
        assert seed not in content
        assert seed.hex().encode() not in content
        assert b"opaque" not in content
        assert b"correct horse" not in content
        assert not path.name.startswith(".new-")


def test_a_wrong_passphrase_is_told_as_such(store: KeyStore) -> None:
    assert refusal(lambda: KeyStore.open(store.directory, "wrong")) == "keystore.passphrase"
    assert refusal(lambda: KeyStore.open(store.directory, "")) == "keystore.passphrase"


def test_nothing_is_overwritten(store: KeyStore) -> None:
    made = store.make("a")
    store.put_secret("s", b"1")
    assert refusal(lambda: store.make("a")) == "keystore.exists"
    assert refusal(lambda: store.put_secret("s", b"2")) == "keystore.exists"
    assert refusal(lambda: KeyStore.create(store.directory, "x", cost=COST)) == "keystore.exists"
    assert store.load("a").public_key == made.public_key


def test_what_is_missing_is_told(store: KeyStore, tmp_path: Path) -> None:
    assert refusal(lambda: store.load("none")) == "keystore.missing"
    assert refusal(lambda: store.get_secret("none")) == "keystore.missing"
    assert refusal(lambda: store.retire("none")) == "keystore.missing"
    assert refusal(lambda: KeyStore.open(tmp_path / "nowhere", "x")) == "keystore.missing"
    assert refusal(lambda: KeyStore.create(tmp_path / "empty", "")) == "keystore.passphrase"


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".hidden", "a\n", "ä", "a" * 121])
def test_names_stay_in_the_folder(store: KeyStore, name: str) -> None:
    assert refusal(lambda: store.make(name)) == "keystore.name"
    assert refusal(lambda: store.load(name)) == "keystore.name"


def test_files_cannot_be_exchanged_or_changed(store: KeyStore) -> None:
    store.make("a")
    store.make("b")
    (store.directory / "a.key").write_bytes((store.directory / "b.key").read_bytes())
    assert refusal(lambda: store.load("a")) == "keystore.damaged"


def test_every_changed_field_of_a_key_file_is_noticed(store: KeyStore) -> None:
    store.make("a")
    path = store.directory / "a.key"
    good = json.loads(path.read_bytes())
    for name in ("public_key", "kid", "nonce", "sealed"):
        digit = "0" if good[name][-1] != "0" else "1"
        for changed in (good[name][:-1] + digit, "", 7, None):
            path.write_text(json.dumps({**good, name: changed}))
            assert refusal(lambda: store.load("a")) == "keystore.damaged"
        path.write_text(json.dumps({key: value for key, value in good.items() if key != name}))
        assert refusal(lambda: store.load("a")) == "keystore.damaged"


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 90_000, b"{}"])
def test_rubbish_in_the_folder_is_named(store: KeyStore, content: bytes) -> None:
    (store.directory / "a.key").write_bytes(content)
    assert refusal(lambda: store.load("a")) == "keystore.damaged"
    (store.directory / keystore.HEAD).write_bytes(content)
    found = refusal(lambda: KeyStore.open(store.directory, "x"))
    assert found in ("keystore.damaged", "keystore.format")


@pytest.mark.parametrize(
    "change", [{"n": 2**30}, {"n": 3}, {"r": 10**6}, {"p": 10**6}, {"n": "x"}, {"name": "md5"}]
)
def test_a_foreign_head_cannot_ask_for_the_whole_memory(store: KeyStore, change: dict[str, Any]) -> None:
    path = store.directory / keystore.HEAD
    head = json.loads(path.read_bytes())
    head["kdf"].update(change)
    path.write_text(json.dumps(head))
    assert refusal(lambda: KeyStore.open(store.directory, "correct horse")) == "keystore.format"


def test_rotation_makes_the_next_key_beside_the_old_one(store: KeyStore) -> None:
    store.make("log")
    second, _ = store.rotate("log")
    third, _ = store.rotate(second)
    assert (second, third) == ("log.2", "log.3")
    store.retire(third)
    assert store.rotate("log")[0] == "log.4"
    assert store.names() == ["log", "log.2", "log.4"]


def test_a_retired_key_is_kept_and_not_loaded(store: KeyStore) -> None:
    store.make("a")
    kept = store.retire("a")
    assert kept.exists()
    assert store.names() == []
    assert store.names(retired=True) == ["a"]
    assert refusal(lambda: store.load("a")) == "keystore.missing"


def test_a_crash_before_the_link_leaves_nothing_that_is_read(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    assert refusal(lambda: store.make("a")) == "keystore.disk"
    monkeypatch.undo()
    assert store.names() == []
    assert store.make("a").public_key


def test_the_keyring_is_optional(store: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring, "set_password", lambda s, u, p: kept.__setitem__((s, u), p))
    monkeypatch.setattr(keyring, "get_password", lambda s, u: kept.get((s, u)))
    assert keystore.recall_passphrase(store.directory) is None
    assert keystore.remember_passphrase(store.directory, "correct horse")
    found = keystore.recall_passphrase(store.directory)
    assert found is not None
    assert KeyStore.open(store.directory, found)

    def none(*_: object) -> None:
        raise keyring.errors.NoKeyringError

    monkeypatch.setattr(keyring, "set_password", none)
    monkeypatch.setattr(keyring, "get_password", none)
    assert not keystore.remember_passphrase(store.directory, "x")
    assert keystore.recall_passphrase(store.directory) is None

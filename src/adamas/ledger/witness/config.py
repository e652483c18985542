"""A witness's settings and keys.

    witness.toml        name = "civil.example/witness"      the name in its cosignatures, for good
                        listen = "127.0.0.1:8471"
                        state = "witness.db"                paths are relative to this file
                        keys = "keys"                       a KeyStore, opened with the operator's passphrase
                        [[logs]]
                        origin = "adamas.example/log/BW"
                        vkey = "adamas.example/log/BW+…"    once for each key of the log

Every witness has two keys, Ed25519 (cosignature/v1) and ML-DSA-44, and signs with both each time: the first
is read by programs of today, the second holds when quantum computers can forge the first. They are made
together, and the Ed25519 key serves this name alone, since its message does not say the name.

    witness.config
"""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from adamas.ledger.cosignature import CosignatureSigner, Ed25519Cosigner, MlDsaCosigner
from adamas.ledger.errors import NoteError, WitnessFault
from adamas.ledger.keys import Signer
from adamas.ledger.note import VerifierKey, check_name

FILE_NAME = "witness.toml"
ED25519_KEY = "witness-ed25519"
ML_DSA_SEED = "witness-ml-dsa-44"
"""Names in the key store."""
_FIELDS = frozenset({"name", "listen", "state", "keys", "logs"})


class Keys(Protocol):
    """What is needed of a KeyStore."""

    def names(self) -> list[str]:
        """The keys that it has."""
        ...

    def make(self, name: str) -> Signer:
        """A new key."""
        ...

    def load(self, name: str) -> Signer:
        """A key that was made before."""
        ...

    def secret_names(self) -> list[str]:
        """The secrets that it has."""
        ...

    def put_secret(self, name: str, secret: bytes) -> None:
        """Keeps a secret."""
        ...

    def get_secret(self, name: str) -> bytes:
        """A secret that was kept before."""
        ...


@dataclass(frozen=True, slots=True)
class WitnessConfig:
    """The settings of a witness. ``logs`` gives the keys that are trusted for each origin."""

    name: str
    listen: str
    state: Path
    keys: Path
    logs: Mapping[str, tuple[VerifierKey, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | str) -> WitnessConfig:
        """Reads witness.toml (or the one in a folder). Raises WitnessFault ``witness.config``."""
        place = _file(Path(path))
        try:
            data = tomllib.loads(place.read_text(encoding="utf-8"))
        except OSError as error:
            raise _wrong(f"It cannot be read: {error.strerror}.", place) from None
        except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, numbers or nesting without end
            raise _wrong(f"It is not TOML: {error}.", place) from None
        unknown = sorted(set(data) - _FIELDS)
        if unknown:
            raise _wrong(f"“{unknown[0]}” is no setting of a witness.", place)
        name, listen = _text(data, "name", place), _text(data, "listen", place)
        try:
            check_name(name)
            logs = _logs(data.get("logs", []), place)
        except NoteError as error:
            raise _wrong(error.sentence, place) from None
        address(listen)
        folder = place.parent
        return cls(
            name,
            listen,
            folder / _text(data, "state", place, "witness.db"),
            folder / _text(data, "keys", place, "keys"),
            logs,
        )

    def save(self, path: Path | str) -> Path:
        """Writes witness.toml, whole or not at all; returns where."""
        place = _file(Path(path))
        lines = [
            f"name = {_quoted(self.name)}",
            f"listen = {_quoted(self.listen)}",
            f"state = {_quoted(_relative(self.state, place.parent))}",
            f"keys = {_quoted(_relative(self.keys, place.parent))}",
        ]
        for origin, keys in self.logs.items():
            for key in keys:
                lines += ["", "[[logs]]", f"origin = {_quoted(origin)}", f"vkey = {_quoted(key.vkey)}"]
        temporary = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
            temporary.replace(place)
        except OSError as error:
            raise _wrong(f"It cannot be written: {error.strerror}.", place) from None
        return place


def make_logs(vkeys: Iterable[tuple[str, str | VerifierKey]]) -> dict[str, tuple[VerifierKey, ...]]:
    """Trusted keys by origin, from pairs of origin and vkey; a key that is listed twice counts once.

    Raises NoteError for a malformed key, WitnessFault ``witness.config`` for a type that cannot be verified.
    """
    logs: dict[str, tuple[VerifierKey, ...]] = {}
    for origin, vkey in vkeys:
        key = vkey if isinstance(vkey, VerifierKey) else VerifierKey.parse(vkey)
        if not key.supported:
            raise WitnessFault(
                "witness.config", f"Signatures of type {key.type} cannot be verified.", where=f"log {origin}"
            )
        held = logs.get(origin, ())
        if all((key.name, key.id) != (other.name, other.id) for other in held):
            logs[origin] = (*held, key)
        elif key not in held:
            raise WitnessFault(
                "witness.config", "Two keys of this log have the same name and id.", where=f"log {origin}"
            )
    return logs


def address(listen: str) -> tuple[str, int]:
    """Host and port of a ``listen`` setting. Raises WitnessFault ``witness.config``."""
    host, _, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or len(port) > 5 or int(port) > 0xFFFF:
        raise WitnessFault("witness.config", f"“{listen}” is no address like 127.0.0.1:8471.")
    return host, int(port)


def make_keys(store: Keys, name: str) -> tuple[CosignatureSigner, ...]:
    """The two keys of the witness ``name``, made where the store lacks them, loaded where it has them."""
    names = set(store.names())
    ed25519 = store.load(ED25519_KEY) if ED25519_KEY in names else store.make(ED25519_KEY)
    if ML_DSA_SEED in store.secret_names():
        seed = store.get_secret(ML_DSA_SEED)
    else:
        seed = secrets.token_bytes(32)
        store.put_secret(ML_DSA_SEED, seed)
    return Ed25519Cosigner(name, ed25519), MlDsaCosigner(name, seed)


def load_keys(store: Keys, name: str) -> tuple[CosignatureSigner, ...]:
    """The two keys of the witness ``name``. Raises KeyRefused if the store lacks one."""
    return Ed25519Cosigner(name, store.load(ED25519_KEY)), MlDsaCosigner(name, store.get_secret(ML_DSA_SEED))


def policy_lines(label: str, vkeys: Sequence[str], url: str = "", *, rule: str = "all") -> str:
    """A witness's lines for a policy: one for each key, and a group ``label`` over them.

    With ``all`` a checkpoint counts as cosigned only with both signatures, so that what is believed today
    cannot be forged later by who breaks Ed25519 alone; with ``any`` programs that know one kind are content
    too. The group is what a pillar's group then names as its member.
    """
    end = f" {url}" if url else ""
    kinds = {0x01: "ed25519", 0x04: "ed25519", 0x06: "ml-dsa-44"}
    lines, members = [], []
    for vkey in vkeys:
        member = f"{label}/{kinds.get(VerifierKey.parse(vkey).type, 'key')}"
        members.append(member)
        lines.append(f"witness {member} {vkey}{end}\n")
    lines.append(f"group {label} {rule} {' '.join(members)}\n")
    return "".join(lines)


def _logs(listed: Any, place: Path) -> dict[str, tuple[VerifierKey, ...]]:
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise _wrong("“logs” is no list of [[logs]] tables.", place)
    for item in listed:
        if set(item) != {"origin", "vkey"}:
            raise _wrong("A [[logs]] table has an origin and a vkey, and nothing else.", place)
    return make_logs((_text(item, "origin", place), _text(item, "vkey", place)) for item in listed)


def _file(path: Path) -> Path:
    return path / FILE_NAME if path.is_dir() or path.suffix != ".toml" else path


def _text(data: Mapping[str, Any], name: str, place: Path, default: str | None = None) -> str:
    value = data.get(name, default)
    if not isinstance(value, str) or not value or "\n" in value:
        raise _wrong(f"“{name}” is missing, empty or no text.", place)
    return value


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _relative(path: Path, folder: Path) -> str:
    return os.path.relpath(path, folder) if path.is_relative_to(folder) else str(path)


def _wrong(sentence: str, place: Path) -> WitnessFault:
    return WitnessFault(
        "witness.config",
        sentence,
        where=str(place),
        advice="See docs: a witness needs name, listen, state, keys and [[logs]] with origin and vkey.",
    )

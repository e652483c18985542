"""Hidden fields: a statement carries salted digests; the holder of a disclosure shows one field and no other.

A disclosure is the array [salt (16 random bytes), name, value] in deterministic CBOR, and its digest the
SHA-256 of these bytes (the salted-array form of the SD-CWT draft). No field can be guessed, since each has
a salt of its own.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adamas.ledger import cbor
from adamas.ledger.errors import StatementError
from adamas.ledger.statement import Statement

SALT_SIZE = 16
MAX_DISCLOSURE = 16_384


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One field that may be shown: its salt, name, value, CBOR bytes and their digest."""

    salt: bytes
    name: str
    value: Any
    raw: bytes
    digest: bytes


def hide(name: str, value: Any, *, salt: bytes | None = None) -> Disclosure:
    """A new disclosure of ``value``; its digest goes into the statement, the rest is handed on in private."""
    salt = secrets.token_bytes(SALT_SIZE) if salt is None else salt
    raw = cbor.encode([salt, name, value])
    if len(salt) != SALT_SIZE or len(raw) > MAX_DISCLOSURE:
        return parse(raw)  # which says what is wrong
    return Disclosure(salt, name, value, raw, hashlib.sha256(raw).digest())


def parse(raw: bytes) -> Disclosure:
    """Reads a disclosure. Raises StatementError ``hidden.malformed`` or a ``cbor.*`` code."""
    value = cbor.decode(raw, max_size=MAX_DISCLOSURE)
    if (
        type(value) is not list
        or len(value) != 3
        or type(value[0]) is not bytes
        or len(value[0]) != SALT_SIZE
        or type(value[1]) is not str
    ):
        raise StatementError("hidden.malformed", "A disclosure is not [salt of 16 bytes, name, value].")
    return Disclosure(value[0], value[1], value[2], raw, hashlib.sha256(raw).digest())


def digests(disclosures: Iterable[Disclosure]) -> list[bytes]:
    """The sorted list that goes into a statement. Raises StatementError ``hidden.duplicate``."""
    found = sorted(d.digest for d in disclosures)
    if len(set(found)) != len(found):
        raise StatementError("hidden.duplicate", "The same disclosure is given twice.")
    return found


def reveal(statement: Statement, disclosures: Iterable[Disclosure | bytes]) -> dict[str, Any]:
    """Name → value of what is shown. Raises StatementError ``hidden.unknown-digest`` for one that is not in
    it.
    """
    allowed = set(statement.hidden)
    shown: dict[str, Any] = {}
    for item in disclosures:
        disclosure = item if isinstance(item, Disclosure) else parse(item)
        if disclosure.digest not in allowed:
            raise StatementError(
                "hidden.unknown-digest",
                f"The disclosure of {disclosure.name!r} does not belong to this statement.",
                where=disclosure.name,
            )
        if disclosure.name in shown:
            raise StatementError(
                "hidden.duplicate",
                f"The field {disclosure.name!r} is disclosed twice.",
                where=disclosure.name,
            )
        shown[disclosure.name] = disclosure.value
    return shown

"""Mutation below an envelope, a checksum or a compression, where changed bytes would find the outermost check only."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

from tests.fuzz.engine import mutate
from tests.fuzz.values import change, odd

from adamas.ledger import bundle, cbor, statement


def below_cbor(*, labels: bool = False) -> Callable[[random.Random, bytes], bytes]:
    """A value of a valid input changed, and encoded well."""

    def reshape(rng: random.Random, data: bytes) -> bytes:
        return cbor.encode(change(rng, cbor.decode(data, max_size=10**8, labels=labels)))

    return reshape


def below_envelope(rng: random.Random, data: bytes) -> bytes:
    """A statement whose payload or header is changed and well encoded."""
    parsed = statement.parse(data)
    payload, header = parsed.payload_bytes, parsed.protected_bytes
    if rng.random() < 0.7:
        payload = cbor.encode(change(rng, parsed.payload))
    else:
        header = cbor.encode({1: -8, 3: statement.CONTENT_TYPE, 4: parsed.kid, 15: odd(rng)})
    return b"\xd2\x84" + cbor.encode(header) + b"\xa0" + cbor.encode(payload) + cbor.encode(parsed.signature)


def below_seal(rng: random.Random, data: bytes) -> bytes:
    """A bundle whose body is changed and sealed again, so that the checksum does not hide the rest."""
    body = cbor.decode(cbor.decode(data, max_size=bundle.MAX_SIZE)[2], max_size=bundle.MAX_SIZE)
    if rng.random() < 0.5:
        log = rng.choice(body["logs"])
        name = rng.choice(sorted(log))
        log[name] = mutate(rng, log[name]) if isinstance(log[name], bytes) else change(rng, log[name])
    else:
        body = change(rng, body)
    return bundle.seal(cbor.encode(body))


def below_zip(rng: random.Random, data: bytes) -> bytes:
    """A workbook with one member changed and packed again."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen = rng.choice((*names, "xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"))
        for name in names:
            content = old.read(name)
            words = (
                b'r="A999999999"',
                b't="s"',
                b"<v>1e400</v>",
                b"<v>NaN</v>",
                b"<row>",
                b"&lt;",
                b"&#0;",
                b'r="XFD1048576"',
            )
            new.writestr(name, mutate(rng, content, (), words) if name == chosen else content)
    return out.getvalue()


def below_json(rng: random.Random, data: bytes) -> bytes:
    """A JSON document with one value changed."""

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return value.decode("latin-1")
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, list) else value

    return json.dumps(plain(change(rng, json.loads(data)))).encode()


def below_receipt(rng: random.Random, data: bytes) -> bytes:
    """A receipt whose header, proof or outer parts are changed and well encoded."""
    protected, unprotected, payload, signature = cbor.decode(data[1:], labels=True)
    kind = rng.random()
    if kind < 0.3:
        protected = cbor.encode(change(rng, cbor.decode(protected, labels=True)))
    elif kind < 0.7 and unprotected:
        ((label, proofs),) = unprotected.items()
        ((which, listed),) = proofs.items()
        listed = [cbor.encode(change(rng, cbor.decode(item))) for item in listed]
        unprotected = {label: {which: listed * rng.choice((1, 1, 2, 70))}}
    else:
        protected, unprotected, payload, signature = (
            change(rng, item) if rng.random() < 0.4 else item
            for item in (protected, unprotected, payload, signature)
        )
    return data[:1] + cbor.encode([protected, unprotected, payload, signature])

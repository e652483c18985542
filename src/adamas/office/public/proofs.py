"""Bundles that anyone may ask for, kept as long as nothing was published since: a crowd at the door costs one proof.

A bundle follows from the number and from the checkpoints of the published logs, so these are its name in the store.
The store is bounded, and belongs to one process; what is not published yet is remembered under the same name.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from adamas.analysis.prove import prove
from adamas.analysis.trust import Trust
from adamas.errors import AdamasError
from adamas.office.log import places
from adamas.office.opening import Office

MOST = 512
MOST_BYTES = 8 * 1024 * 1024


@dataclass
class _Store:
    kept: OrderedDict[bytes, bytes | None] = field(default_factory=OrderedDict)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: bytes) -> tuple[bool, bytes | None]:
        with self.lock:
            if key not in self.kept:
                return False, None
            self.kept.move_to_end(key)
            return True, self.kept[key]

    def put(self, key: bytes, bundle: bytes | None) -> None:
        with self.lock:
            self.size -= len(self.kept.pop(key, None) or b"")
            self.kept[key] = bundle
            self.size += len(bundle or b"")
            while len(self.kept) > MOST or self.size > MOST_BYTES:
                self.size -= len(self.kept.popitem(last=False)[1] or b"")


_store = _Store()


def forget() -> None:
    """Has every bundle made anew."""
    global _store  # noqa: PLW0603 — one process serves one office
    _store = _Store()


def public_bundle(office: Office, number: str) -> bytes | None:
    """The bundle of a number with no hidden field shown; None as long as it is not published."""
    vkeys, folders = places.folders(office)
    if not folders:
        return None
    office.knowledge.refresh()
    trust = Trust(places.registry_id(office), tuple(vkeys))
    name = hashlib.sha256()
    policy = repr(office.config.policy)
    for part in (number, policy, *vkeys, *map(str, folders)):
        name.update(f"{len(part)}:{part}".encode())
    name.update(trust.registry)
    for folder in folders:
        for file in (
            "checkpoint",
            "checkpoint.cose",
        ):  # the second follows the first, and a bundle needs both
            place = folder / file
            name.update(hashlib.sha256(place.read_bytes() if place.is_file() else b"").digest())
    key = name.digest()
    known, bundle = _store.get(key)
    if known:
        return bundle
    try:
        bundle = prove(
            number, folders, trust, policy=office.config.policy, known=places.places(office, number)
        )
    except AdamasError as error:
        if error.code not in places.NO_PROOF_YET:
            raise
    _store.put(key, bundle)
    return bundle

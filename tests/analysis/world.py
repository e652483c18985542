"""A small world of logs made without an office: a registry, two offices, three witnesses, certificates.

Everything is deterministic (seeded keys, a counter for salts), so that faults can be planted by index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adamas.analysis.trust import Trust
from adamas.ledger import checkpoint as checkpoints
from adamas.ledger import hidden, merkle, note, receipt
from adamas.ledger import statement as statements
from adamas.ledger.checkpoint import Checkpoint
from adamas.ledger.cosignature import Ed25519Cosigner
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.note import NoteSigner
from adamas.ledger.pedersen import Opening, commit
from adamas.ledger.statement import Statement
from adamas.ledger.tiles import ENTRIES, WIDTH, TilePath, encode_bundle, encode_tile, new_bundles, new_tiles
from adamas.scheme import statements as scheme
from adamas.scheme.history import authority_acts, registry_acts
from adamas.scheme.statements import IssueCommand, ReceiveCommand, ValidateCommand
from adamas.scheme.values import Carats, Parcel, UsdCents

PILLARS = ("government", "industry", "civil")
NOON = 1_735_732_800  # 2025-01-01 12:00 UTC
DAY = 86_400
_KNOWN = frozenset({"AE", "BW", "CF", "CN", "EU", "VE", "ZA"})


def signer(name: str) -> SoftwareSigner:
    """The same key for the same name, always."""
    return SoftwareSigner.from_seed(hashlib.sha256(name.encode()).digest())


COSIGNERS = {
    pillar: Ed25519Cosigner(f"witness.example/{pillar}", signer(f"witness {pillar}")) for pillar in PILLARS
}


def policy_of(vkeys: dict[str, list[str]]) -> str:
    """A witness policy: of each pillar all keys, and all pillars."""
    lines = []
    for pillar, keys in vkeys.items():
        lines += [f"witness w-{pillar}-{n} {vkey}" for n, vkey in enumerate(keys)]
        lines.append(f"group {pillar} all {' '.join(f'w-{pillar}-{n}' for n in range(len(keys)))}")
    return "\n".join([*lines, f"group pillars all {' '.join(vkeys)}", "quorum pillars", ""])


POLICY = policy_of({pillar: [COSIGNERS[pillar].vkey] for pillar in PILLARS})


def write_log(
    folder: Path,
    origin: str,
    raws: Sequence[bytes],
    *,
    witnesses: Iterable[str] = PILLARS,
    time: int = NOON + 90 * DAY,
    key: SoftwareSigner | None = None,
    earlier: dict[int, int] | None = None,
) -> bytes:
    """Publishes entries as C2SP tiles; gives the checkpoint note. ``earlier`` are cosigned sizes: size → time."""
    key = key or signer(f"log {origin}")
    leaves = [merkle.leaf_hash(raw) for raw in raws]
    levels = [leaves]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append(
            [merkle.root(below[i : i + WIDTH]) for i in range(0, len(below) // WIDTH * WIDTH, WIDTH)]
        )
    for tile in (*new_tiles(0, len(raws)), *new_bundles(0, len(raws))):
        _write(folder, tile, levels, raws)
    root = merkle.root(leaves)
    name = NoteSigner(origin, key)
    for size, when in (earlier or {}).items():
        place = folder / "checkpoints"
        place.mkdir(exist_ok=True)
        (place / str(size)).write_bytes(_note(origin, size, merkle.root(leaves[:size]), name, PILLARS, when))
    signed = _note(origin, len(raws), root, name, witnesses, time)
    (folder / "checkpoint").write_bytes(signed)
    (folder / "checkpoint.cose").write_bytes(receipt.sign_root(key, origin, len(raws), root))
    (folder / "vkey").write_text(name.vkey + "\n")
    return signed


def _note(
    origin: str, size: int, root: bytes, name: NoteSigner, witnesses: Iterable[str], time: int
) -> bytes:
    text = Checkpoint(origin, size, root).body()
    signed = note.parse(checkpoints.sign_checkpoint(Checkpoint(origin, size, root), name))
    return signed.with_signatures(
        [COSIGNERS[w].cosign(text, time).note_signature for w in witnesses]
    ).to_bytes()


def _write(folder: Path, tile: TilePath, levels: list[list[bytes]], raws: Sequence[bytes]) -> None:
    low = tile.index * WIDTH
    data = (
        encode_bundle(raws[low : low + tile.width])
        if tile.level == ENTRIES
        else encode_tile(levels[tile.level][low : low + tile.width])
    )
    path = folder / str(tile)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@dataclass
class Log:
    """The entries of one log in the making."""

    origin: str
    operator: str
    entries: list[bytes] = field(default_factory=list)
    now: int = NOON - 300 * DAY

    def say(
        self,
        issuer: str,
        subject: str,
        payload: dict[str, Any],
        *,
        at: int | None = None,
        key: SoftwareSigner | None = None,
    ) -> Statement:
        """Signs and appends a statement; the clock goes on by a second."""
        self.now = max(self.now + 1, at or 0)
        st = statements.sign(
            key or signer(issuer),
            issuer=issuer,
            subject=subject,
            issued_at=self.now if at is None else at,
            payload=payload,
        )
        self.entries.append(st.raw)
        return st

    def publish(self, folder: Path, **how: Any) -> Path:
        """Writes the log below ``folder``."""
        place = folder / self.origin.replace("/", "-")
        place.mkdir(parents=True, exist_ok=True)
        write_log(place, self.origin, self.entries, **how)
        return place


@dataclass
class World:
    """The registry, the exporter's and the importer's log. ``acts`` copies what concerns keys into an office's log."""

    registry: Log
    offices: dict[str, Log]
    key_acts: list[Statement] = field(default_factory=list)
    salts: int = 0
    disclosures: dict[str, list[bytes]] = field(default_factory=dict)

    @property
    def trust(self) -> Trust:
        """Trust in this registry."""
        return Trust(statements.leaf_id(self.registry.entries[0]))

    def act(
        self, subject: str, payload: dict[str, Any], *, copies: Sequence[Log] = (), at: int | None = None
    ) -> Statement:
        """An act of the registry with one endorsement, copied into logs if asked."""
        st = self.registry.say("kp:registry/government", subject, payload, at=at)
        also = self.registry.say(
            "kp:registry/industry", st.text_id, {"type": "act.endorsed", "refs": {"act": st.id}}
        )
        for log in copies:
            log.entries += [st.raw, also.raw]
            log.now = max(log.now, self.registry.now)
        return st

    def enrol(self, holder: str, log: Log, *, key: SoftwareSigner | None = None) -> Statement:
        """Enrols the key of a holder and copies that into the log where it signs."""
        key = key or signer(holder)
        payload = {
            "type": "key.enrolled",
            "key": key.public_key,
            "kid": key.kid,
            "holder": holder,
            "purpose": "statement",
        }
        return self.act(key.kid.hex(), payload, copies=(log,))

    def issue(
        self, number: str, to: str, *, day: int = 0, at: int | None = None, **changes: Any
    ) -> Statement:
        """A certificate issued on a day of 2025, in its own office's log."""
        fields: dict[str, Any] = {
            "number": number,
            "to": to,
            "origin": (number[:2],),
            "issued": iso(day),
            "expires": iso(day + 60),
            "parcels": (Parcel("710231", Carats(1234), UsdCents(567_890)),),
            "exporter": "SYNTHETIC exporter",
            "importer": "SYNTHETIC importer",
            "officer": "is-1",
            "approver": "ap-2",
            "seals": ("S-1",),
        }
        command = IssueCommand(**(fields | changes))
        carats, value = self._opening(command.carats), self._opening(command.value)
        sealed = {"carats": commit(carats), "value": commit(value)}
        shown = [
            hidden.hide(name, content, salt=self._random(16))
            for name, content in scheme.issued_hidden(command, (carats.m, carats.r), (value.m, value.r))
        ]
        self.disclosures[number] = [d.raw for d in shown]
        payload = scheme.issued_payload(command, sealed=sealed, hidden=hidden.digests(shown))
        return self.log_of(number[:2]).say(
            f"kp:{number[:2]}/authority",
            number,
            payload,
            at=NOON + day * DAY + self.salts if at is None else at,
        )

    def validate(self, issued: Statement, *, day: int = 1) -> Statement:
        """The exporting authority validates."""
        number = issued.subject
        payload = scheme.validated_payload(ValidateCommand(number, iso(day), "va-1"), issued.id)
        return self.log_of(number[:2]).say(issued.issuer, number, payload, at=NOON + day * DAY + self.salts)

    def receive(self, issued: Statement, *, day: int = 5, **changes: Any) -> Statement:
        """The importing authority confirms what it found: exactly what was declared, if nothing is changed."""
        number, to = issued.subject, issued.payload["to"]
        command = ReceiveCommand(number, to, iso(day), 1, Carats(1234), UsdCents(567_890), "intact", "im-1")
        payload = scheme.received_payload(command, issued.id, agrees="exact", sealed=issued.sealed) | changes
        return self.log_of(to).say(f"kp:{to}/authority", number, payload, at=NOON + day * DAY + self.salts)

    def whole(self, number: str, to: str, *, day: int = 0) -> Statement:
        """A certificate from issue to confirmation."""
        self.salts += 1
        issued = self.issue(number, to, day=day)
        self.validate(issued, day=day + 1)
        self.receive(issued, day=day + 5)
        return issued

    def log_of(self, code: str) -> Log:
        """The log of a Participant's office."""
        return self.offices[code]

    def publish(self, folder: Path, **how: Any) -> list[Path]:
        """Writes all logs; gives their folders, the registry's first."""
        logs = {id(log): log for log in (self.registry, *self.offices.values())}
        return [log.publish(folder, **how) for log in logs.values()]

    def _opening(self, quantity: int) -> Opening:
        return Opening(quantity, bytes([*self._random(31), 0]))

    def _random(self, size: int) -> bytes:
        self.salts += 1
        return hashlib.sha256(b"salt %d" % self.salts).digest()[:size]


def iso(day: int) -> str:
    """A day counted from 2025-01-01."""
    from adamas.scheme.values import day_at

    return day_at(NOON + day * DAY)


def make_world(
    codes: Sequence[str] = ("BW", "AE"), *, name: str = "", start: int = NOON - 300 * DAY, whole: bool = False
) -> World:
    """A registry with the real register (its ``whole``, or some Participants), and an office with an enrolled key
    for each of ``codes``.
    """
    roots = [
        {
            "key": signer(f"kp:registry/{pillar}").public_key,
            "pillar": pillar,
            "holder": f"kp:registry/{pillar}",
        }
        for pillar in PILLARS
    ]
    registry = Log(f"adamas.example{name}/registry", "kp:registry", now=start)
    common: dict[str, Any] = {"type": "log.genesis", "roots": roots, "threshold": 2, "policy": POLICY}
    genesis = registry.say(
        "kp:registry/government", registry.origin, {**common, "operator": registry.operator}
    )
    world = World(registry, {})
    for act in registry_acts():
        if whole or act.subject in _KNOWN:
            world.act(act.subject, dict(act.payload))
    for code in codes:
        for act in authority_acts(code):
            world.act(act.subject, dict(act.payload))
        holder = f"kp:{code}/authority"
        log = world.offices[code] = Log(f"adamas.example{name}/log/{code}", holder, now=start)
        log.say(
            holder,
            log.origin,
            {
                **common,
                "operator": holder,
                "key": signer(holder).public_key,
                "refs": {"registry": genesis.id},
            },
        )
        world.enrol(holder, log)
    return world

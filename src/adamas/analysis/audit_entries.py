"""The second pass of an audit: every entry read strictly, and judged at its place in its log."""

from __future__ import annotations

import gc
import marshal
import os
from collections import Counter
from hashlib import sha256
from typing import Any, NamedTuple
from zlib import crc32

import cbor2

from adamas import shapes
from adamas.analysis import audit_work as work
from adamas.analysis.audit_work import RULED_TYPES, TILES, Context, Task, width_of
from adamas.analysis.catalogue import CATALOGUE, HISTORY_TYPES
from adamas.analysis.folders import bundle_of, read_file
from adamas.analysis.forms import Form, Forms
from adamas.analysis.report import FINDING, NOTE, REFUSE, Fault
from adamas.analysis.state import EFFECTIVE, Standing
from adamas.errors import AdamasError
from adamas.ledger import ed25519, merkle
from adamas.ledger import statement as statements
from adamas.ledger.statement import Statement
from adamas.ledger.tiles import WIDTH, TileReader, decode_bundle, entries_path, tile_path

FORM = "docs/formats/statement.md"
PLACE = "docs/formats, validity at the place in the log"
_TYPES = {st_type.name: st_type for st_type in CATALOGUE}
_forms = Forms(frozenset(_TYPES) - HISTORY_TYPES)


class Checked(NamedTuple):
    """What became of the bundles of a task. ``hashes`` are the leaf hashes of a partial tile at the end, else empty.

    ``roots`` are the roots of the full tiles, from the entries themselves; ``latest`` the latest time claimed.
    """

    task: Task
    roots: list[bytes]
    hashes: list[bytes]
    faults: list[Fault]
    types: Counter[str]
    latest: int | None
    after: dict[int, int | None]


def check_entries(task: Task) -> Checked:
    """Reads and checks all entries of these bundles."""
    gc.disable()  # statements hold no cycles; what little there is is collected between tasks
    try:
        return _Checker(work.current(), task).run()
    finally:
        gc.enable()
        gc.collect(0)


class _Checker:
    """One task: its bundles one after another."""

    def __init__(self, context: Context, task: Task) -> None:
        self.context, self.task = context, task
        self.log = context.logs[task.log]
        self.faults: list[Fault] = []
        self.types: Counter[str] = Counter()
        self.latest: int | None = None
        self.after: dict[int, int | None] = {}
        self.facts: dict[int, list[tuple[Any, ...]]] = {}
        self.reader: TileReader | None = None
        self.usual: dict[bytes, tuple[bytes, int] | None] = {}

    def run(self) -> Checked:
        roots: list[bytes] = []
        hashes: list[bytes] = []
        for number in range(self.task.first, self.task.last):
            width = width_of(self.log.size, number)
            found = self._bundle(number, width)
            if width == WIDTH:
                roots.append(merkle.root(found))
            else:
                hashes = found
        if self.facts:
            _spill(self.context, self.facts)
        return Checked(self.task, roots, hashes, self.faults, self.types, self.latest, self.after)

    def _fault(
        self, index: int | None, code: str, clause: str, severity: str, sentence: str, subject: str = ""
    ) -> None:
        self.faults.append(Fault(self.log.origin, index, code, clause, severity, sentence, subject))

    def _bundle(self, number: int, width: int) -> list[bytes]:
        """Checks one bundle; gives its leaf hashes (those of the tile, where entries are missing)."""
        tile = self._tile(number, width)
        entries = self._entries(number, width)
        if entries is None:
            return tile or [bytes(merkle.HASH_SIZE)] * width
        hashes = [sha256(b"\x00" + raw).digest() for raw in entries]
        altered: set[int] = set()
        if tile is not None and tile != hashes:
            altered = self._mismatch(number, tile, hashes)
        if self.log.full:
            self._read(number * WIDTH, entries, hashes, altered)
        return [tile[n] if n in altered and tile else h for n, h in enumerate(hashes)] if altered else hashes

    def _read(self, base: int, entries: list[bytes], hashes: list[bytes], altered: set[int]) -> None:
        """Reads and judges the entries of a bundle; the usual ones at a glance."""
        find, standings, verify = _forms.find, self.log.standings, ed25519.verify
        for index, raw in enumerate(entries, base):
            form = find(raw)
            if form is not None and index not in standings:
                key = self._usual(raw[form.kid], raw[form.issuer])
                if (
                    key is not None
                    and index > key[1]
                    and index - base not in altered
                    and verify(key[0], form.to_be_signed(raw), raw[-64:])
                    and self._take(index, raw, form, hashes[index - base])
                ):
                    continue
            if index - base in altered:
                continue
            try:
                st = statements.parse(raw)
            except AdamasError as error:
                sentence = f"The entry is no statement: {error.sentence}"
                self._fault(index, error.code, FORM, REFUSE, sentence)
                continue
            if form is None:
                _forms.learn(st)
            self._entry(index, st)

    def _usual(self, kid: bytes, issuer: bytes) -> tuple[bytes, int] | None:
        """Public key and place of enrolment, where a statement of this key and issuer needs no further thought."""
        pair = kid + issuer
        if pair in self.usual:
            return self.usual[pair]
        key = self.log.history.keys.get(kid)
        holder = key.holder.encode() if key is not None else b""
        plain = key is not None and key.plain and (issuer == holder or issuer.startswith(holder + b"/"))
        found = self.usual[pair] = (key.public_key, key.enrolled) if key is not None and plain else None
        return found

    def _take(self, index: int, raw: bytes, form: Form, identity: bytes) -> bool:
        """Counts a statement that holds, and keeps it for the rules; False if its payload is not as its type asks."""
        kind = form.type
        at = form.claimed_at(raw)
        if self.context.rules:
            payload = raw[form.payload]
            if shapes.check(_TYPES[kind], cbor2.loads(payload)):
                return False
            if kind in RULED_TYPES and self.context.scratch is not None:
                self._keep(
                    raw[form.subject].decode(),
                    identity,
                    kind,
                    raw[form.issuer].decode(),
                    at,
                    payload,
                    index,
                    "valid",
                )
        self.types[kind] += 1
        if self.latest is None or at > self.latest:
            self.latest = at
        return True

    def _keep(
        self,
        subject: str,
        identity: bytes,
        kind: str,
        issuer: str,
        at: int,
        payload: bytes,
        index: int,
        status: str,
    ) -> None:
        """Puts a fact aside for the rules: a certificate always into the same file."""
        fact = (subject, identity, kind, issuer, at, payload, self.task.log, index, status, self.latest)
        self.facts.setdefault(crc32(subject.encode()) % self.context.shards, []).append(fact)

    def _tile(self, number: int, width: int) -> list[bytes] | None:
        path = tile_path(0, number, width)
        data = read_file(self.log.path, path)
        if data is None and width < WIDTH:
            data = read_file(self.log.path, tile_path(0, number))
        where = f"entries {number * WIDTH:,} to {number * WIDTH + width - 1:,}"
        if data is None:
            self._fault(
                number * WIDTH, "tile.missing", TILES, REFUSE, f"The hash tile of {where} is not there.", path
            )
            return None
        if (
            len(data) % merkle.HASH_SIZE
            or not width * merkle.HASH_SIZE <= len(data) <= WIDTH * merkle.HASH_SIZE
        ):
            self._fault(
                number * WIDTH,
                "tile.broken",
                TILES,
                REFUSE,
                f"The hash tile of {where} is of a wrong size.",
                path,
            )
            return None
        return [data[i : i + merkle.HASH_SIZE] for i in range(0, width * merkle.HASH_SIZE, merkle.HASH_SIZE)]

    def _entries(self, number: int, width: int) -> list[bytes] | None:
        path = entries_path(number, width)
        where = f"entries {number * WIDTH:,} to {number * WIDTH + width - 1:,}"
        data = bundle_of(self.log.path, number, width)
        if data is None:
            self._fault(
                number * WIDTH, "tile.missing", TILES, REFUSE, f"The bundle of {where} is not there.", path
            )
            return None
        try:
            entries = decode_bundle(data)
        except AdamasError as error:
            self._fault(
                number * WIDTH, error.code, TILES, REFUSE, f"The bundle of {where}: {error.sentence}", path
            )
            return None
        if len(entries) < width:
            self._fault(
                number * WIDTH,
                "tile.broken",
                TILES,
                REFUSE,
                f"The bundle of {where} has {len(entries)} entries.",
                path,
            )
            return None
        return entries[:width]

    def _mismatch(self, number: int, tile: list[bytes], hashes: list[bytes]) -> set[int]:
        """Entries and hash tile differ: whether the tree vouches for the tile tells which of them was altered.

        Gives the places of the entries that were.
        """
        places = [n for n, (one, other) in enumerate(zip(tile, hashes, strict=True)) if one != other]
        base = number * WIDTH
        if self._vouched(base, tile):
            for n in places:
                self._fault(
                    base + n,
                    "tile.entry",
                    TILES,
                    REFUSE,
                    "The entry was altered: it does not hash to its leaf in the tree.",
                    entries_path(number, len(tile)),
                )
            return set(places)
        self._fault(
            base + places[0],
            "tile.altered",
            TILES,
            REFUSE,
            f"The hash tile was altered in {len(places)} places: it is neither what the entries hash to nor what the "
            "tree says.",
            tile_path(0, number, len(tile)),
        )
        return set()

    def _vouched(self, base: int, tile: list[bytes]) -> bool:
        if self.reader is None:
            path = self.log.path
            self.reader = TileReader(
                lambda name: read_file(path, name), self.log.size, trusted_root=self.log.root
            )
        try:
            return self.reader.leaf_hashes(base, base + len(tile)) == tile
        except AdamasError:
            return False

    def _entry(self, index: int, st: Statement) -> None:
        """Judges a statement that was read strictly."""
        self.types[st.type] += 1
        act = self.log.standings.get(index)
        if act is not None:
            self.after[index] = self.latest
        standing = act if act is not None else self._judge(index, st)
        if standing is not None and standing.status not in EFFECTIVE:
            severity = NOTE if standing.status in ("pending", "newer", "unknown") else REFUSE
            self._fault(index, standing.code, PLACE, severity, standing.sentence, st.subject)
            return
        status = "valid" if standing is None else standing.status
        ruled = self.context.scratch is not None and st.type in RULED_TYPES
        if standing is not None and status == "doubtful" and not ruled:
            self._fault(index, standing.code, PLACE, FINDING, standing.sentence, st.subject)
        if ruled:
            self._keep(st.subject, st.id, st.type, st.issuer, st.issued_at, st.payload_bytes, index, status)
        if self.latest is None or st.issued_at > self.latest:
            self.latest = st.issued_at

    def _judge(self, index: int, st: Statement) -> Standing | None:
        """What is wrong with an ordinary statement at its place; None if nothing is."""
        history = self.log.history
        key = history.keys.get(st.kid)
        if key is None:
            return Standing("invalid", "key.unknown", f"No key {st.kid.hex()} was enrolled in this log.")
        if not ed25519.verify(key.public_key, st.to_be_signed(), st.signature):
            return Standing(
                "invalid", "statement.signature", "The signature is not the key's over these bytes."
            )
        verdict = history.judge(st, index, None if key.plain else self.log.sightings.witnessed_at(index))
        if verdict.status == "invalid":
            return Standing(*verdict)
        if st.version > statements.VERSION:
            return Standing(
                "newer", "statement.newer", f"Edition {st.version}; this program knows {statements.VERSION}."
            )
        st_type = CATALOGUE.get(st.type)
        if st_type is None:
            return Standing(
                "unknown", "statement.unknown-type", f"This program does not know the type {st.type}."
            )
        for problem in shapes.check(st_type, st.payload) if self.context.rules else ():
            return Standing("invalid", f"form.{problem.code}", problem.sentence)
        return None if verdict.status == "valid" else Standing(*verdict)


def _spill(context: Context, facts: dict[int, list[tuple[Any, ...]]]) -> None:
    """Appends facts to this process's files, one for each shard."""
    assert context.scratch is not None
    for shard, items in facts.items():
        file = work.files.get(shard)
        if file is None:
            file = work.files[shard] = (context.scratch / f"{shard}-{os.getpid()}").open("ab", buffering=0)
        data = marshal.dumps(items)
        file.write(len(data).to_bytes(work.LENGTH, "big") + data)

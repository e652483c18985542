"""Every parser of the program as a target, with its valid inputs and what must hold of what it accepts."""

from __future__ import annotations

import copy
import datetime
import io
import json
import random
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import zxingcpp
from PIL import Image
from tests.fuzz.engine import Target
from tests.fuzz.reshape import below_cbor, below_envelope, below_json, below_receipt, below_seal, below_zip
from tests.fuzz.seeds import NUMBER, SHEET, seeds, workbook
from tests.fuzz.values import ODD_TEXTS

from adamas.analysis import trust as trusts
from adamas.analysis.catalogue import CATALOGUE
from adamas.analysis.verify import verify_bundle
from adamas.ledger import (
    bundle,
    cbor,
    checkpoint,
    hidden,
    merkle,
    note,
    receipt,
    splitview,
    statement,
    tiles,
)
from adamas.ledger.cosignature import Cosignature, WitnessKey
from adamas.ledger.errors import LedgerError
from adamas.ledger.keyhistory import KeyHistory
from adamas.ledger.keystore import KeyStore
from adamas.ledger.note import VerifierKey
from adamas.ledger.pedersen import Opening
from adamas.ledger.policy import Policy
from adamas.ledger.tlog_proof import TlogProof
from adamas.ledger.witness import request
from adamas.ledger.witness.config import WitnessConfig
from adamas.office import database, home, intake
from adamas.office.document import attached, form, qr, seal, seal_keys
from adamas.scheme import rows, values
from adamas.scheme.admission import judge, supervise
from adamas.scheme.catalogue import SCHEME_TYPES
from adamas.scheme.facts import Fact
from adamas.scheme.participants import Register
from adamas.shapes import check

database.ensure_django()
from adamas.office.certification import notice  # noqa: E402

MEMORY = Path("/dev/shm")  # no disk is worn out by this
_FOLDER = tempfile.TemporaryDirectory(
    prefix="adamas-fuzz-", dir=MEMORY if MEMORY.is_dir() else None
)  # gone when the process ends
PLACE = Path(_FOLDER.name)
ISSUE = {
    "number": "BW0001234",
    "to": "AE",
    "parcels": "7102.31:12.34:5678.90;7102.10:1:2",
    "origin": "BW;ZA",
    "shares": "60;40",
    "issued": "2025-03-04",
    "expires": "2025-05-03",
    "exporter": "A",
    "importer": "B",
    "officer": "is-1",
    "approver": "ap-2",
    "seals": "S1;S2",
}


def _text(parse: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A parser of text, given bytes as a terminal or a form would give them."""
    return lambda data: parse(data.decode("utf-8", "surrogateescape"))


def _file(name: str, parse: Callable[[Path], Any]) -> Callable[[bytes], Any]:
    """A parser of files."""

    def call(data: bytes) -> Any:
        path = PLACE / name
        path.write_bytes(data)
        return parse(path)

    return call


def _same(write: Callable[[Any], bytes]) -> Callable[[Any, bytes], None]:
    """What was read is written back as the very same bytes."""

    def law(value: Any, data: bytes) -> None:
        assert write(value) == data

    return law


def _verified(data: bytes) -> Any:
    """verify never raises for what a bundle says: its answer is one of three exit codes."""
    said = verify_bundle(data, trust=seeds().trust, now=1_760_000_000)
    assert said.exit_code in (0, 1, 2)
    json.dumps(said.to_json())
    return said


def _nothing_new_is_valid(value: Any, data: bytes) -> None:
    """What verifies holds only statements and disclosures that were really logged (in another choice or
    order, perhaps).
    """
    if value.exit_code == 0:
        original, parsed = (bundle.parse(seeds().bundles[1]), bundle.parse(data))
        assert _raws(parsed) <= _raws(original)
        assert set(parsed.disclosures) <= set(original.disclosures)


def _raws(parsed: bundle.Bundle) -> set[bytes]:
    return {entry.raw for log in parsed.logs for entry in log.entries}


def _told(data: bytes) -> Any:
    """A statement of any type: its shape is checked, and a key history takes it, whatever it says."""
    st = statement.parse(data)
    assert st.raw == data
    shape = CATALOGUE.get(st.type)
    if shape is not None:
        check(shape, st.payload)
    history = KeyHistory()
    history.apply(0, statement.parse(_genesis()))
    history.apply(1, st)
    history.judge(st, 1, 1_760_000_000)
    return st


@cache
def _register() -> Register:
    return Register.from_history(authorities=True)


def _supervised(data: bytes) -> Any:
    """Facts about one subject, whatever they say: the record and its findings do not depend on their order."""
    listed = cbor.decode(data)
    if type(listed) is not list:
        raise LedgerError("test.shape", "Not a list of statements.")
    facts, register = [], copy.deepcopy(_register())
    for place, raw in enumerate(item for item in listed if type(item) is bytes):
        st = statement.parse(raw)
        fact = Fact(st.id, st.type, st.issuer, NUMBER, st.issued_at, st.payload, "log.example/x", place)
        register.apply(fact)
        if st.type in SCHEME_TYPES:
            judge(fact, None, register, AS_OF)
            if not check(SCHEME_TYPES.get(st.type), st.payload):
                facts.append(fact)
    record, findings = supervise(facts, register, AS_OF)
    backwards, again = supervise(facts[::-1], register, AS_OF)
    assert record == backwards
    assert sorted(map(repr, findings)) == sorted(map(repr, again))
    return record


def _below_statements(rng: random.Random, data: bytes) -> bytes:
    """Statements about a certificate in another order and choice, some with another payload."""
    listed = cbor.decode(data)
    listed = [below_envelope(rng, raw) if rng.random() < 0.3 else raw for raw in listed if rng.random() < 0.9]
    rng.shuffle(listed)
    return cbor.encode(listed)


@cache
def _genesis() -> bytes:
    return next(raw for raw in seeds().statements if statement.parse(raw).type == "log.genesis")


def _cells(parse: Callable[[rows.Cells], tuple[Any, list[rows.FieldError]]]) -> Callable[[bytes], Any]:
    """Rows never raise: a command, or what is wrong with each cell."""

    def call(data: bytes) -> Any:
        try:
            cells = _as_cells(json.loads(data.decode("utf-8", "replace")))
        except (ValueError, RecursionError):
            cells = {"number": data.decode("utf-8", "replace")}
        command, problems = parse(cells)
        assert (command is None) == bool(problems)
        return command

    return call


def _as_cells(value: Any) -> dict[str, Any]:
    """As intake gives them: text, or lists and mappings of text."""

    def text(item: Any) -> Any:
        if isinstance(item, dict):
            return {str(key): text(inner) for key, inner in item.items()}
        return [text(inner) for inner in item] if isinstance(item, list) else str(item)

    return text(value) if isinstance(value, dict) else {"number": text(value)}


def _row(act: str) -> bytes:
    """A good row of a table, as JSON."""
    cells = {column.name: ISSUE.get(column.name, "2025-03-04") for column in rows.TABLES[act]}
    more = {
        "at": "AE",
        "parcels": "2",
        "carats": "12.34",
        "value": "5678.90",
        "seals": "intact",
        "via": "CH;BE",
        "why": "lost",
    }
    return json.dumps(
        ISSUE if act == "issue" else cells | {k: v for k, v in more.items() if k in cells}
    ).encode()


def _address(data: bytes) -> Any:
    return home.database_settings(data.decode("utf-8", "replace"), PLACE)


def _notice() -> bytes:
    main = next(raw for raw in seeds().statements if statement.parse(raw).type == "certificate.issued")
    identity = statement.parse(main).id
    return cbor.encode(
        {
            "v": 1,
            "type": notice.TYPE,
            "from": "x",
            "certificates": [[identity, NUMBER, list(seeds().disclosures)]],
        }
    )


def _office_toml() -> bytes:
    config = home.Config(
        origin="adamas.example/log/BW",
        operator="kp:BW/authority",
        kind="office",
        participants=("BW",),
        policy=seeds().policy,
    )
    return config.toml().encode()


def _with_settings(policy: Path) -> Any:
    (policy.parent / home.CONFIG_NAME).write_bytes(_office_toml())
    return home.load(policy.parent)


def _witness_toml() -> bytes:
    listed = "".join(f'[[logs]]\norigin = "{v.split("+")[0]}"\nvkey = "{v}"\n' for v in seeds().vkeys[:3])
    return f'name = "civil.example/w"\nlisten = "127.0.0.1:8471"\nstate = "w.db"\nkeys = "keys"\n{listed}'.encode()


@cache
def _key_files() -> dict[str, bytes]:
    """A key store with one key: the store's own file, and the key's."""
    store = KeyStore.create(PLACE / "keys", "p", cost=2**10)
    store.make("a")
    return {path.name: path.read_bytes() for path in (PLACE / "keys").iterdir() if path.is_file()}


def _key_file(name: str) -> Callable[[bytes], Any]:
    """Opens the store with one of its files changed: a cost that a stranger wrote into it may not stop the machine."""

    def parse(data: bytes) -> Any:
        for other, content in _key_files().items():
            (PLACE / "keys" / other).write_bytes(data if other == name else content)
        return KeyStore.open(PLACE / "keys", "p").load("a")

    return parse


def _dates(data: bytes) -> Any:
    day = values.parse_day(data.decode("utf-8", "surrogateescape"))
    datetime.date.fromisoformat(day)
    return day


AS_OF = datetime.date(2026, 1, 1)
NOTE_WORDS = (
    b"\n\n",
    b"\xe2\x80\x94 ",
    b"+",
    b"\n",
    b" ",
    b"=",
    b"18446744073709551616",
    b"-1",
    b"00",
    b"\r\n",
    b"\t",
    b"/",
)
CBOR_WORDS = (
    b"\xd2\x84",
    b"\xa0",
    b"\x43\xa1\x01\x26",
    b"\xf6",
    b"\xf7",
    b"\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a",
    b"\xc2\x41\x01",
    b"\x81" * 40,
    b"\xa1\x61\x61" * 20,
    b"\xd8\x1c\x80",
    b"\xd8\x1d\x00",
    b"\xd8\x23\x61\x28",
    b"\x5f\xff",
    b"\xbf\xff",
)
PDF_WORDS = (
    b"/EmbeddedFiles",
    b"/AF",
    b"/EF",
    b"/UF",
    b"/Filter /LZWDecode",
    b"/ByteRange [0 1 2 3]",
    b"/Kids",
    b"/Parent 1 0 R",
    b"/Length 99999999999",
    b" 0 R",
    b"null",
    b"startxref",
    b"<<",
    b"[" * 400,
    b"endobj",
)
FORM = (
    b"page = [210, 297]\noffset = [0.5, -1]\n[fields.number]\nat = [150, 55]\nsize = [45, 8]\npoints = 14\n"
    b'align = "right"\n[fields.qr]\nat = [160, 10]\nsize = [34, 34]\n'
)
CSV = b"number,carats,issued\r\nBW0001234,12.34,2025-03-04\r\n"
KNOWN, NUMBERS = ("number", "carats", "issued"), ("carats",)


def _read(path: Path) -> Any:
    sheet = intake.read(path, known=KNOWN, numbers=NUMBERS)
    rejected = PLACE / "rejected.csv"
    rejected.unlink(missing_ok=True)
    intake.write_rejected(rejected, sheet, sheet.problems)
    return sheet


@cache
def targets() -> dict[str, Target]:
    """Name → target, in the order of the formats."""
    s = seeds()
    notes = (*s.checkpoints, b"text\n\n\xe2\x80\x94 name AAAAAAAA\n")
    lines = tuple(line.encode() for c in s.checkpoints for line in c.decode().split("\n\n")[1].splitlines())
    encoded = tuple(cbor.encode(statement.parse(raw).payload) for raw in s.statements)
    texts = tuple(text.encode("utf-8", "surrogatepass") for text in ODD_TEXTS)
    leaves = tuple(merkle.leaf_hash(raw) for raw in s.statements)
    grown = merkle.CompactRange()
    grown.extend(list(leaves))
    amounts = Opening(1234, bytes(31) + b"\x01")
    found = [
        Target("cbor", cbor.decode, encoded, CBOR_WORDS, _same(cbor.encode), below_cbor()),
        Target(
            "cbor with labels and tags",
            lambda data: cbor.decode(data, labels=True, tags=frozenset({18})),
            s.receipts,
            CBOR_WORDS,
            _same(cbor.encode),
        ),
        Target("statement", _told, s.statements, CBOR_WORDS, None, below_envelope),
        Target(
            "facts of a certificate",
            _supervised,
            (cbor.encode([raw for raw in s.statements if statement.parse(raw).type in SCHEME_TYPES]),),
            (),
            None,
            _below_statements,
            24_000_000,
        ),
        Target(
            "statement id",
            _text(statement.parse_id),
            (statement.text_id(leaves[0]).encode(),),
            (b"=", b"A", b"7"),
        ),
        Target("disclosure", hidden.parse, s.disclosures, CBOR_WORDS, _same(lambda d: d.raw), below_cbor()),
        Target("opening", _opened, (cbor.encode([amounts.m, amounts.r]),), CBOR_WORDS, None, below_cbor()),
        Target("signed note", note.parse, notes, NOTE_WORDS, _same(lambda n: n.to_bytes())),
        Target(
            "checkpoint",
            lambda d: checkpoint.parse(d)[0],
            s.checkpoints,
            NOTE_WORDS,
            lambda c, d: _written(c, d),
        ),
        Target(
            "verifier key",
            _text(VerifierKey.parse),
            tuple(v.encode() for v in s.vkeys),
            (b"+", *texts),
            _rewritten,
        ),
        Target(
            "witness key", _text(WitnessKey.parse), tuple(v.encode() for v in s.vkeys[3:]), (b"+", *texts)
        ),
        Target(
            "cosignature",
            _text(lambda t: Cosignature.of(note.NoteSignature.parse(t))),
            lines[1:2],
            NOTE_WORDS,
        ),
        Target(
            "witness policy",
            Policy.parse,
            (s.policy.encode(),),
            (b"group ", b"any", b"all", b"quorum ", b"none", b"\n"),
        ),
        Target("proof file", TlogProof.parse, s.proofs, NOTE_WORDS, _same(lambda p: p.format())),
        Target("receipt", receipt.parse, s.receipts, CBOR_WORDS, None, below_receipt),
        Target(
            "entry bundle",
            tiles.decode_bundle,
            s.entries,
            (b"\xff\xff", b"\x00\x00"),
            _same(tiles.encode_bundle),
        ),
        Target(
            "tile",
            lambda d: tiles.decode_tile(d, 3),
            (b"".join(leaves[:3]),),
            (),
            lambda hashes, data: _begins(tiles.encode_tile(hashes), data),
        ),
        Target(
            "tile path",
            _text(tiles.parse_path),
            (b"tile/0/x001/234.p/5", b"tile/entries/000"),
            (b"x001/", b".p/", b"tile/"),
            lambda value, data: _spelt(value, data),
        ),
        Target(
            "compact range",
            merkle.CompactRange.from_bytes,
            (grown.to_bytes(),),
            (),
            _same(lambda r: r.to_bytes()),
        ),
        Target("bundle", bundle.parse, s.bundles, CBOR_WORDS, _same(lambda b: b.to_bytes()), below_seal),
        Target(
            "verification of a bundle",
            _verified,
            s.bundles,
            CBOR_WORDS,
            _nothing_new_is_valid,
            below_seal,
            16_000_000,
        ),
        Target("witness request", request.parse, s.requests, (b"old ", *NOTE_WORDS)),
        Target(
            "evidence of a split view",
            _file("split.txt", splitview.load),
            s.evidence,
            NOTE_WORDS,
            memory=12_000_000,
        ),
        Target(
            "trust file",
            trusts.parse,
            (s.trust.to_json().encode(), s.trust.fingerprint.encode()),
            NOTE_WORDS,
            None,
            None,
        ),
        Target(
            "witness settings",
            _file("witness.toml", WitnessConfig.load),
            (_witness_toml(),),
            (b"[[", b'"""', b" = ", b"1e9"),
        ),
        *(
            Target(
                f"key store, {name}",
                _key_file(name),
                (data,),
                (b"1e9", b"16384", b'"n": '),
                None,
                below_json,
            )
            for name, data in _key_files().items()
        ),
        Target(
            "office settings",
            _file("office.toml", lambda p: home.load(p.parent)),
            (_office_toml(),),
            (b"[[", b" = ", b"'"),
        ),
        Target("office policy", _file(home.POLICY_NAME, _with_settings), (s.policy.encode(),), NOTE_WORDS),
        Target(
            "database address",
            _address,
            (b"sqlite:///office.db", b"postgresql://u:p@h:5432/n?sslmode=require"),
            (b"%", b"?", b"&", b"=", b"@", b"["),
        ),
        Target("notice", notice._read, (_notice(),), CBOR_WORDS, None, below_cbor()),
        Target("carats", _text(values.parse_carats), (b"12.34", b"0", b"100000"), texts),
        Target("US dollars", _text(values.parse_usd), (b"12.34",), texts),
        Target(
            "certificate number", _text(values.parse_number), (b"BW0001234", b"bw 0001-234"), texts, _number
        ),
        Target("country", _text(values.parse_country), (b"BW", b"eu"), texts),
        Target("HS code", _text(values.parse_hs), (b"7102.31", b"710210"), texts),
        Target("day", _dates, (b"2025-03-04",), texts),
        Target(
            "issuer",
            _text(values.holder_of),
            (b"kp:BW/authority/gaborone", b"kp:registry/civil"),
            (b"/", b":"),
        ),
        *(
            Target(
                f"row, {act}",
                _cells(getattr(rows, f"parse_{act}_row")),
                (_row(act),),
                texts,
                None,
                below_json,
            )
            for act in rows.TABLES
        ),
        Target(
            "CSV",
            _file("a.csv", _read),
            (CSV, CSV.replace(b",", b";"), b"\xef\xbb\xbf" + CSV),
            (b'"', b",", b"\r", b"\n", b"\x00", b"=1", b"\t", b"'"),
            None,
            None,
            12_000_000,
        ),
        Target(
            "XLSX",
            _file("a.xlsx", _read),
            (workbook(SHEET),),
            (b"PK\x01\x02", b"PK\x05\x06"),
            None,
            below_zip,
            24_000_000,
        ),
        Target(
            "JSON",
            _file("a.json", _read),
            (b'[{"number": "BW1", "carats": "1.5", "issued": ["x"]}]',),
            (b"[" * 900, b'{"a":' * 900, b"NaN", b"1e999", b"\\ud800", b"9" * 5_000),
            None,
            below_json,
            12_000_000,
        ),
        Target(
            "YAML",
            _file("a.yaml", _read),
            (b"- number: BW1\n  carats: 1.50\n  issued: 2025-03-04\n- {number: NO}\n",),
            (
                b"&a ",
                b"*a",
                b"!!python/object ",
                b"- " * 500,
                b"<<: ",
                b"? ",
                b": ",
                b"|\n",
                b"---\n",
                b"!!binary ",
            ),
            None,
            None,
            24_000_000,
        ),
        Target("text of a code", _typed, (qr.content("https://office.example", s.statements[0]).encode(),)),
        Target(
            "picture of a code",
            qr.scan,
            (_picture(),),
            (b"IDAT", b"IHDR", b"\xff" * 4),
            None,
            None,
            24_000_000,
        ),
        Target("PDF with a bundle", attached.bundle_in, (_paper(),), PDF_WORDS, None, None, 24_000_000),
        Target("seal of a PDF", seal.inspect, (_paper(),), PDF_WORDS, None, None, 64_000_000),
        Target(
            "security form", form.read, (FORM,), (b"nan", b"inf", b"[fields.", b"1e999", b"-0.0", b"true")
        ),
    ]
    return {target.name: target for target in found}


def _typed(data: bytes) -> bytes:
    return qr.read_text(data.decode("utf-8", "replace"))


def _picture() -> bytes:
    """A small PNG of a code."""
    code = zxingcpp.create_barcode(qr.content("", bytes(40)), zxingcpp.BarcodeFormat.QRCode)
    view = memoryview(code.to_image(scale=2))
    out = io.BytesIO()
    Image.frombytes("L", (view.shape[1], view.shape[0]), bytes(view)).save(out, "PNG")
    return out.getvalue()


@cache
def _paper() -> bytes:
    """A sealed page with a bundle attached."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["a.adamas"] = seeds().bundles[0]
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    folder = PLACE / "seal"
    store = KeyStore.create(folder / "keys", "x", cost=2**4)
    now = datetime.datetime.now(datetime.UTC)
    seal_keys.make(store, folder, seal_keys.Identity("Fuzz", "BW"), now=now)
    return seal.seal(out.getvalue(), seal.Sealer(seal_keys.load(store, folder)))


def _opened(data: bytes) -> Opening:
    value = cbor.decode(data)
    if type(value) is not list or len(value) != 2:
        raise LedgerError("test.shape", "Not a pair.")
    return Opening(*value)


def _begins(written: bytes, data: bytes) -> None:
    """A tile of more hashes may stand for one of fewer."""
    assert data.startswith(written)


def _written(head: checkpoint.Checkpoint, data: bytes) -> None:
    assert head.body().encode() + b"\n" == data[: len(head.body().encode()) + 1]


def _rewritten(key: VerifierKey, data: bytes) -> None:
    assert VerifierKey.parse(key.vkey) == key


def _spelt(path: tiles.TilePath, data: bytes) -> None:
    assert str(path).encode() == data


def _number(number: values.CertificateNumber, data: bytes) -> None:
    assert values.split_number(str(number)) == number

"""Valid input of every format, made once: a small world of logs, and files that people type."""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.analysis.world import COSIGNERS, POLICY, make_world, signer

from adamas.analysis.prove import prove
from adamas.analysis.trust import Trust
from adamas.ledger import merkle, note, receipt, splitview, tlog_proof
from adamas.ledger.checkpoint import Checkpoint, sign_checkpoint
from adamas.ledger.cosignature import MlDsaCosigner
from adamas.ledger.note import NoteSigner
from adamas.ledger.statement import parse, sign
from adamas.ledger.tiles import encode_bundle
from adamas.ledger.witness import request
from adamas.scheme.history import registry_acts

NUMBER = "BW0000001"


@dataclass(frozen=True, slots=True)
class Seeds:
    """Bytes of each format, all from one world, so that they belong together."""

    statements: tuple[bytes, ...]
    disclosures: tuple[bytes, ...]
    checkpoints: tuple[bytes, ...]
    receipts: tuple[bytes, ...]
    proofs: tuple[bytes, ...]
    bundles: tuple[bytes, ...]
    entries: tuple[bytes, ...]
    trust: Trust
    vkeys: tuple[str, ...]
    policy: str
    requests: tuple[bytes, ...]
    evidence: tuple[bytes, ...]


@cache
def seeds() -> Seeds:
    """The world of the fuzz tests (half a second, once a process)."""
    world = make_world()
    for number in (NUMBER, "BW0000002"):
        world.whole(number, "AE")
    with tempfile.TemporaryDirectory() as place:
        folders = world.publish(Path(place))
        bundles = tuple(
            prove(NUMBER, folders, world.trust, disclosures=shown, policy=policy)
            for shown, policy in (((), ""), (tuple(world.disclosures[NUMBER]), POLICY))
        )
        checkpoints = tuple((folder / "checkpoint").read_bytes() for folder in folders)
        roots = tuple((folder / "checkpoint.cose").read_bytes() for folder in folders)
        vkeys = tuple((folder / "vkey").read_text().strip() for folder in folders)
    raws = world.log_of("BW").entries
    leaves = [merkle.leaf_hash(raw) for raw in raws]
    path = merkle.inclusion_proof(leaves, 3)
    types: dict[str, bytes] = {}
    for log in (world.registry, *world.offices.values()):
        for raw in log.entries:
            types.setdefault(parse(raw).type, raw)
    for act in registry_acts():  # types of which the small world has none
        if act.type not in types:
            said = sign(
                signer("kp:registry/government"), issuer="kp:registry/government", subject=act.subject,
                issued_at=1_741_046_400, payload=dict(act.payload),
            )  # fmt: skip
            types[act.type] = said.raw
    ml_dsa = MlDsaCosigner("witness.example/pq", bytes(32))
    pq = note.parse(checkpoints[0])
    pq = pq.with_signatures([ml_dsa.cosign(pq.text, 1_741_046_400).note_signature])
    root_signature = receipt.sign_root(signer("log x"), "log.example/x", len(leaves), merkle.root(leaves))
    return Seeds(
        statements=tuple(types.values()),
        disclosures=tuple(world.disclosures[NUMBER]),
        checkpoints=(*checkpoints, pq.to_bytes()),
        receipts=(
            *roots,
            receipt.inclusion_receipt(root_signature, len(leaves), 3, path),
            receipt.consistency_receipt(root_signature, 3, len(leaves), merkle.consistency_proof(leaves, 3)),
        ),
        proofs=(
            tlog_proof.make(3, path, checkpoints[1]),
            tlog_proof.make(3, path, checkpoints[1], b"extra"),
        ),
        bundles=bundles,
        entries=(encode_bundle(raws[:8]), encode_bundle([b""]), encode_bundle([b"x" * 65_535])),
        trust=Trust(world.trust.registry, vkeys, POLICY),
        vkeys=(*vkeys, *(cosigner.vkey for cosigner in COSIGNERS.values()), ml_dsa.vkey),
        policy=f"log {vkeys[0]}\n{POLICY}",
        requests=tuple(
            request.encode(old, merkle.consistency_proof(leaves, old) if old else [], checkpoints[1])
            for old in (0, 3, len(leaves))
        ),
        evidence=(_evidence(),),
    )


def _evidence() -> bytes:
    name = NoteSigner("log.example/forked", signer("forked"))
    both = [sign_checkpoint(Checkpoint(name.name, 7, merkle.leaf_hash(bytes([n]))), name) for n in range(2)]
    found = splitview.of_same_size(
        both[0], both[1], [note.parse_key(name.vkey)], found_by="m", found_at=1_741_046_400
    )
    return splitview.render(found).encode()


def workbook(sheet: bytes, strings: bytes = b"") -> bytes:
    """The smallest .xlsx around the XML of one sheet."""
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = b"http://schemas.openxmlformats.org/package/2006/"
    members = {
        "[Content_Types].xml": b'<Types xmlns="'
        + package
        + b'content-types"><Default Extension="rels" ContentType='
        b'"application/vnd.openxmlformats-package.relationships+xml"/>'
        b'<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": b'<Relationships xmlns="'
        + package
        + b'relationships"><Relationship Id="r1" Type="'
        + relations
        + b'/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": b'<workbook xmlns="'
        + main
        + b'" xmlns:r="'
        + relations
        + b'"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="'
        + package
        + b'relationships"><Relationship Id="r1" Type="'
        + relations
        + b'/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": b'<worksheet xmlns="'
        + main
        + b'"><sheetData>'
        + sheet
        + b"</sheetData></worksheet>",
    }
    if strings:
        members["xl/sharedStrings.xml"] = strings
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 1)
    return out.getvalue()


SHEET = (
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c><c r="B1" t="inlineStr"><is><t>carats</t></is></c>'
    b'<c r="C1" t="inlineStr"><is><t>issued</t></is></c></row>'
    b'<row r="2"><c r="A2" t="inlineStr"><is><t>BW0001234</t></is></c>'
    b'<c r="B2"><v>12.34</v></c><c r="C2" t="d"><v>2025-03-04T00:00:00</v></c></row>'
)

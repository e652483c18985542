"""Pages that are made from the program say what the program says, and pages by hand name only what there is."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from adamas.cli import docs, error_codes
from adamas.ledger import hidden, merkle, note, pedersen, receipt, statement, tlog_proof
from adamas.ledger.checkpoint import Checkpoint, sign_checkpoint
from adamas.ledger.cosignature import Ed25519Cosigner
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.note import NoteSigner
from adamas.ledger.tiles import encode_bundle

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
SOURCE = REPOSITORY / "src" / "adamas"


def test_pages_are_what_the_program_says() -> None:
    """ADAMAS_WRITE_DOCS=1 writes them first, as `make docs` does."""
    if os.environ.get("ADAMAS_WRITE_DOCS"):
        docs.write(DOCS)
    pages = dict(docs.pages())
    differing = [
        name
        for name, text in pages.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    assert not differing, "run `make docs`"
    assert {f"{docs.SCHEMAS}/{path.name}" for path in (DOCS / docs.SCHEMAS).iterdir()} <= set(pages)


def test_every_code_has_a_sentence_and_stands_on_the_page() -> None:
    codes, page = error_codes.codes(), (DOCS / "errors.md").read_text(encoding="utf-8")
    assert len(codes) > 250
    for one in codes:
        assert " " in one.sentence or one.sentence == "…", one
        assert f"`{one.code}`" in page, "run `make docs`"
    known = {one.code for one in codes}
    assert {
        "cbor.float",
        "cose.critical",
        "key.bad-point",
        "note.unverified",
        "intake.bomb",
        "storage.full",
    } <= known


# The heads of these modules list the codes that their functions raise: readers of the code see them first.
LISTED = ("cbor", "statement", "pedersen", "receipt", "policy", "tlog_proof", "bundle")


@pytest.mark.parametrize("module", LISTED)
def test_the_codes_at_the_head_of_a_module_are_those_that_it_raises(module: str) -> None:
    text = (SOURCE / "ledger" / f"{module}.py").read_text(encoding="utf-8")
    area = module.replace("_", "-")
    areas = {"statement": ("cose", "statement")}.get(module, (area,))
    head, _, body = text[3:].partition('"""')
    pattern = re.compile(rf"\b(?:{'|'.join(areas)})\.[a-z0-9][a-z0-9-]*")
    said = {code for line in head.splitlines() if line.startswith("    ") for code in pattern.findall(line)}
    raised = {code for code in re.findall(r'"([a-z0-9-]+\.[a-z0-9-]+)"', body) if pattern.fullmatch(code)}
    assert raised <= said | {"statement.id"}, raised - said


@pytest.mark.parametrize("page", ["README.md", "statement.md", "bundle.md"])
def test_codes_on_pages_by_hand_exist(page: str) -> None:
    known = {one.code for one in error_codes.codes()}
    areas = {code.split(".")[0] for code in known}
    text = (DOCS / "formats" / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z0-9-]+\.[a-z0-9-]+)`", text))
    unknown = {
        code for code in named if code.split(".")[0] in areas and code not in known and code not in TYPES
    }
    assert not unknown


TYPES = {path.stem for path in (DOCS / docs.SCHEMAS).glob("*.json")} | {"checkpoint.cose"}


def test_pages_named_in_the_code_exist() -> None:
    for path in SOURCE.rglob("*.py"):
        for name in re.findall(r"docs/[a-z0-9/_.-]+\.md", path.read_text(encoding="utf-8")):
            assert (REPOSITORY / name).is_file(), f"{path.name} names {name}"


def test_the_worked_example_is_true() -> None:
    """What docs/formats/statement.md shows, made anew."""
    text = (DOCS / "formats" / "statement.md").read_text(encoding="utf-8").partition("## Worked example")[2]
    shown = "".join(text.split())
    signer = SoftwareSigner.from_seed(bytes(32))
    parties = hidden.hide("parties", {"exporter": "A", "importer": "B"}, salt=bytes(range(16)))
    payload = {
        "v": 1, "type": "certificate.validated", "validated": "2025-03-04", "officer": "va-1",
        "refs": {"certificate": bytes(32)}, "hidden": [parties.digest],
    }  # fmt: skip
    st = statement.sign(
        signer, issuer="kp:BW/authority", subject="BW0001234", issued_at=1_741_046_400, payload=payload
    )
    opening = pedersen.Opening(1234, b"\x01" + bytes(31))
    for part in (
        *(signer.public_key, signer.kid, parties.raw, parties.digest, st.protected_bytes, st.payload_bytes),
        *(st.raw, st.id, pedersen.commit(opening)),
    ):
        assert part.hex() in shown
    assert st.text_id in shown
    assert f"{len(st.raw)}bytes" in shown
    assert pedersen.H.hex() in (DOCS / "formats" / "statement.md").read_text(encoding="utf-8")


def test_the_worked_example_of_a_log_is_true() -> None:
    """What docs/formats/README.md shows, made anew."""
    text = (DOCS / "formats" / "README.md").read_text(encoding="utf-8").partition("## Worked example")[2]
    shown = "".join(text.split())
    origin = "adamas.example/log/example"
    key, witness_key = (SoftwareSigner.from_seed(bytes([n]) * 32) for n in (1, 2))
    name, witness = NoteSigner(origin, key), Ed25519Cosigner("civil.example/witness", witness_key)
    entries = [b"one", b"two", b"three"]
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    root, path = merkle.root(leaves), merkle.inclusion_proof(leaves, 1)
    head = note.parse(sign_checkpoint(Checkpoint(origin, 3, root), name))
    head = head.with_signatures([witness.cosign(head.text, 1_741_046_400).note_signature])
    proof = tlog_proof.make(1, path, head.to_bytes()).decode()
    root_signature = receipt.sign_root(key, origin, 3, root)
    for part in (
        *(*leaves, root, encode_bundle(entries), root_signature),
        receipt.inclusion_receipt(root_signature, 3, 1, path),
    ):
        assert part.hex() in shown
    assert head.to_bytes().decode().rstrip() in text
    assert proof.partition("\n\n")[0] in text
    assert f"\n{name.vkey}\n{witness.vkey}\n" in text

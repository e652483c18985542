"""Every shared vector, and what judges it: one row for each file or group of files, first match first.

A file is judged by a test, or left out for a reason that is printed in every run of the tests and in
docs/conformance.md, or it is prose beside vectors. ``test_every_vector.py`` holds the table against the
folder, so that a file that is added must be judged or left out by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

SETS = (
    "cbor",
    "cose",
    "ed25519",
    "edwards25519",
    "merkle",
    "notes",
    "tlog-proof",
    "tlog-tiles",
    "witness",
)


@dataclass(frozen=True, slots=True)
class Row:
    """``pattern`` of paths below vectors/; the tests that judge them (``file``), or why they are
    ``left_out``.

    Neither: prose, licences, schemas and diagnostic notation of vectors that are judged in their binary form.
    """

    pattern: str
    tests: tuple[str, ...] = ()
    left_out: str = ""


ROWS: tuple[Row, ...] = (
    Row("*/SOURCE.md"),
    Row("*/README.md"),
    Row("*/LICENSE"),
    Row("*.cddl"),
    Row("*.diag"),
    Row("*.edn"),
    Row("*.pretty"),
    Row("ed25519/speccheck/results.md"),
    Row("ed25519/wycheproof/eddsa_verify_schema_v1.json"),
    Row("cose/cose-wg-examples/KeySet.txt"),
    Row("cbor/appendix_a.json", ("test_cbor.py",)),
    Row("ed25519/wycheproof/ed25519_test.json", ("test_ed25519.py",)),
    Row("ed25519/speccheck/cases.json", ("test_ed25519.py",)),
    Row("ed25519/cctv/ed25519vectors.json", ("test_ed25519.py",)),
    Row(
        "ed25519/wycheproof/x25519_test.json",
        left_out="X25519 is not used yet: nothing is encrypted before the testimony desk exists",
    ),
    Row("edwards25519/*.json", ("test_edwards25519.py",)),
    Row("cose/receipts-rfc9942-draft/*.cbor", ("test_receipts.py",)),
    Row("cose/gluecose/*.json", ("test_cose.py",)),
    Row("cose/cose-wg-examples/*.json", ("test_cose.py",)),
    Row("cose/sd-cwt-draft/examples/first-*", ("test_cose.py",)),
    Row("cose/sd-cwt-draft/examples/*.cbor", ("test_cose.py",)),
    Row(
        "cose/sd-cwt-draft/examples/aead-key.txt",
        left_out="encrypted disclosures of the SD-CWT draft are not used: a disclosure is handed on in "
        "private",
    ),
    Row(
        "cose/sd-cwt-draft/examples/*_list.csv",
        left_out="salts and decoys of SD-CWT's own tokens; decoys are not used (how many fields are hidden "
        "is public)",
    ),
    Row(
        "cose/sd-cwt-draft/*.pem",
        left_out="ES384 and ES256 keys of the SD-CWT draft's tokens: statements are signed with Ed25519 only",
    ),
    Row("merkle/*.json", ("test_merkle.py",)),
    Row("notes/*.json", ("test_notes.py",)),
    Row("tlog-proof/*.json", ("test_tlog_proof.py",)),
    Row("tlog-tiles/tile-paths-golang-mod.json", ("test_tlog_tiles.py",)),
    Row("tlog-tiles/static-ct-navigli2025h2/*", ("test_tlog_tiles.py",)),
    Row("tlog-tiles/tessera-log/*", ("test_tlog_tiles.py",)),
    Row("tlog-tiles/sunlight-skylight/tree/checkpoint", ("test_tlog_tiles.py",)),
    Row("tlog-tiles/sunlight-skylight/tree/log.v3.json", ("test_tlog_tiles.py",)),
    Row("tlog-tiles/sunlight-skylight/tree/tile/0/001.p/44", ("test_tlog_tiles.py",)),
    Row("tlog-tiles/sunlight-skylight/witness/mirror/*/checkpoint", ("test_tlog_tiles.py",)),
    Row("tlog-tiles/sunlight-skylight/witness/mirror/mirror.v0.json", ("test_tlog_tiles.py",)),
    Row("tlog-tiles/sunlight-skylight/witness/mirror/*/tile/*", ("test_tlog_tiles.py",)),
    Row(
        "tlog-tiles/sunlight-skylight/tree/*",
        left_out="placeholders with which the source tests a web server: a few bytes of text, no tiles (one "
        "of them is "
        "judged, and refused for its size); issuers and names belong to Web certificates",
    ),
    Row(
        "tlog-tiles/sunlight-skylight/*",
        left_out="placeholders of the source's web server tests: pages of witnesses and mirrors without "
        "signatures",
    ),
    Row("witness/add-checkpoint-*.json", ("test_witness_conversation.py",)),
    Row("witness/update-decisions.json", ("test_witness_conversation.py",)),
    Row("witness/policy.json", ("test_policy.py",)),
    Row("witness/*.json", ("test_cosignatures.py",)),
)


@dataclass(frozen=True, slots=True)
class Case:
    """Cases inside a judged file on which we do not do what the file expects, or judge only a part."""

    file: str
    cases: str
    why: str
    test: str


CASES: tuple[Case, ...] = (
    Case(
        "cbor/appendix_a.json",
        "46 of 82: floats, tags, integers beyond 64 bits, simple values, open lengths, integer keys",
        "no statement may hold them, so they are refused, each with its code; the other 36 are read and "
        "written "
        "the same",
        "test_cbor.py",
    ),
    Case(
        "ed25519/speccheck/cases.json",
        "case 3 (key and R with parts of small order that cancel)",
        "the signature is accepted, as libsodium does; the key is refused when it is enrolled",
        "test_ed25519.py",
    ),
    Case(
        "cose/cose-wg-examples, cose/gluecose, cose/sd-cwt-draft",
        "everything but COSE_Sign1 with Ed25519: ES256/384/512, PS256…, Ed448, COSE_Sign, Encrypt, Mac",
        "outside the profile of a statement: the bytes to be signed are compared where they are COSE_Sign1 "
        "without external "
        "data, and every message must be refused as a statement with a code",
        "test_cose.py",
    ),
    Case(
        "cose/cose-wg-examples/sign1-tests",
        "sign-pass-01 (empty protected header), sign-pass-02 and gluecose 0000 (external data)",
        "a statement has neither, so their bytes to be signed are not made; as statements they are refused",
        "test_cose.py",
    ),
    Case(
        "cose/sd-cwt-draft/examples",
        "tokens: redaction by tag 60 and simple value 59, digests over [salt, value, name]",
        "the draft is still moving; ours are lists of digests over [salt, name, value], compared where both "
        "can say it",
        "test_cose.py",
    ),
    Case(
        "cose/receipts-rfc9942-draft",
        "the signatures (ES256)",
        "the key is not published with the samples; structure and Merkle part are judged",
        "test_receipts.py",
    ),
    Case(
        "notes/checkpoint-body.json",
        "“valid with multiple trailing data lines”, “valid with trailing newlines”",
        "tlog-checkpoint asks for a root of 32 bytes and for extension lines that are not empty; the source "
        "does not",
        "test_notes.py",
    ),
    Case(
        "notes/checkpoint-signed.json",
        "roots of six bytes",
        "the signatures are judged and hold; as checkpoints they are refused",
        "test_notes.py",
    ),
    Case(
        "witness/policy.json",
        "“group numerical”, “group all”, “group any” (the same key twice), and the same repetition in "
        "faulty ones",
        "tlog-policy says that a key may be listed once; with the repetition mended each has the stated "
        "outcome",
        "test_policy.py",
    ),
    Case(
        "ML-DSA-44 cosignatures",
        "no vector has been published but one verifier key",
        "the key is read (its own stated id is not its id); signatures are judged against themselves only",
        "test_cosignatures.py",
    ),
)


def row_of(path: str) -> Row | None:
    """The first row for a path below vectors/, or None for a file that nobody has thought of."""
    return next((row for row in ROWS if fnmatchcase(path, row.pattern)), None)

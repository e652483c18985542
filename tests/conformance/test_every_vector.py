"""No shared vector is forgotten: each is judged by a test that exists, or is left out by name, with the
reason printed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.conformance.vectors import CASES, ROWS, SETS, Row, row_of

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "conformance.md"

HEAD = """\
# Judged by others

<!-- Generated from tests/conformance/vectors.py: ADAMAS_WRITE_DOCS=1 pytest
tests/conformance/test_every_vector.py -->

Adamas writes and reads published formats, so other people's vectors and programs say whether it does so
rightly. The tests are in `tests/conformance/`; the vectors lie beside the repository (`ADAMAS_SHARED`,
default `../shared`) and are never copied into it. Without them these tests are skipped on a laptop and fail
in CI.

## Programs of others that judge what we write

| program | what it judges | test |
|---|---|---|
| Go's `golang.org/x/mod/sumdb/note` and `tlog` (Debian's `golang-golang-x-mod-dev`) | our checkpoint, \
inclusion and consistency proofs, tiles, entry bundles and proof files | `test_go_judge.py` |
| `cwt` and `pycose`, with the older CBOR library that they ask for (`requirements/judges.lock`) | our \
statements as COSE_Sign1, header by header, and the signatures in our COSE receipts | `test_other_cose.py` |
| a verifier of bundles written from `docs/formats` alone, on others' CBOR and crypto (`stranger.py`) | bundles, \
true and changed, beside `adamas verify` | `test_stranger.py` |
| a CDDL validator in Rust (`pycddl`), and `jsonschema` | our published schemas against real statements | \
`tests/formats/test_schemas.py` |
"""


def _left_out() -> list[Row]:
    return [row for row in ROWS if row.left_out]


def page(folder: Path) -> str:
    """docs/conformance.md."""
    lines = [
        HEAD,
        "## Vectors of others",
        "",
        "| set | files judged | by | files left out |",
        "|---|---|---|---|",
    ]
    for name in SETS:
        judged, tests, left = 0, set(), 0
        for path in _files(folder, name):
            row = row_of(path)
            assert row is not None, path
            judged += bool(row.tests)
            left += bool(row.left_out)
            tests.update(row.tests)
        lines.append(f"| {name} | {judged} | {', '.join(f'`{test}`' for test in sorted(tests))} | {left} |")
    lines += ["", "## Left out", "", "| files | why |", "|---|---|"]
    lines += [f"| `{row.pattern}` | {row.left_out} |" for row in _left_out()]
    lines += [
        "",
        "## Cases on which we differ, or judge a part",
        "",
        "| file | cases | why | test |",
        "|---|---|---|---|",
    ]
    lines += [f"| {case.file} | {case.cases} | {case.why} | `{case.test}` |" for case in CASES]
    return "\n".join(lines) + "\n"


def _files(folder: Path, name: str) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in (folder / name).rglob("*") if path.is_file())


def test_every_file_is_judged_or_left_out_by_name(shared: Path) -> None:
    folder = shared / "vectors"
    unknown = [path for name in SETS for path in _files(folder, name) if row_of(path) is None]
    assert not unknown, "new vectors: add a test or a reason to tests/conformance/vectors.py"


def test_every_row_is_of_use_and_every_test_exists(shared: Path) -> None:
    folder = shared / "vectors"
    found = {row_of(path) for name in SETS for path in _files(folder, name)}
    assert [row.pattern for row in ROWS if row not in found] == []
    for row in ROWS:
        assert not (row.tests and row.left_out)
        for test in row.tests:
            assert (HERE / test).is_file(), test
    for case in CASES:
        assert (HERE / case.test).is_file(), case.test


def test_the_page_says_what_the_table_says(shared: Path) -> None:
    written = page(shared / "vectors")
    if os.environ.get("ADAMAS_WRITE_DOCS"):
        PAGE.write_text(written)
    assert PAGE.read_text() == written, "run again with ADAMAS_WRITE_DOCS=1"


@pytest.mark.parametrize("row", _left_out(), ids=lambda row: row.pattern)
def test_left_out(row: Row, shared: Path) -> None:
    """Shown as skipped, with the reason, in the summary of every run."""
    pytest.skip(f"vectors/{row.pattern}: {row.left_out}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_judged_in_part(case: object) -> None:
    """Shown in the summary too: the cases inside judged files on which we differ."""
    pytest.skip(f"{case.file}: {case.cases}: {case.why}")  # type: ignore[attr-defined]

"""The desk's words on files of many rows, through the real program: every error at once, all or nothing."""

from __future__ import annotations

import csv
import io
import json
import random
import signal
import subprocess
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from tests import program
from tests.office.conftest import PASSPHRASE, World, entries, feed

from adamas.cli.words import app
from adamas.office.home import load
from adamas.office.log import replay
from adamas.office.opening import open_office

pytestmark = pytest.mark.database
COLUMNS = (
    "number", "to", "hs", "carats", "value", "origin", "issued", "expires", "exporter", "importer", "officer",
    "approver", "seals",
)  # fmt: skip
TYPED = {"ADAMAS_PASSPHRASE": PASSPHRASE, "ADAMAS_CLOCK": "2025-03-03T12:00:00Z"}


def row(serial: int, **changes: str) -> dict[str, str]:
    good = (
        "AE",
        "7102.31",
        f"{serial}.05",
        "1250.00",
        "BW",
        "2025-03-03",
        "2025-05-02",
        "Exporter",
        "Importer",
    )
    cells = (f"BW{serial:07d}", *good, "is-1", "ap-2", f"S{serial}")
    return {**dict(zip(COLUMNS, cells, strict=True)), **changes}


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def adamas(home: Path, *words: object) -> tuple[int, Any, str]:
    """Exit code, the JSON document and what was said on standard error."""
    out, said = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(said):
        for name, value in TYPED.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            program.command(app).main(["--home", str(home), *map(str, words), "--json"], prog_name="adamas")
    return int(str(ended.value.code or 0)), json.loads(out.getvalue()), said.getvalue()


def home_of(world: World) -> Path:
    for office in world.offices:
        office.close()
    return world.bw.home.path


def size(home: Path) -> int:
    with open_office(home) as office:
        return len(entries(office))


def test_a_file_with_bad_rows_is_refused_whole_and_each_is_named(world: World, tmp_path: Path) -> None:
    home = home_of(world)
    before = size(home)
    rows = [
        row(1),
        row(2, carats="1,5"),
        row(3, approver="is-1"),
        row(4, to="Dubai", expires="soon"),
        row(5),
        row(5),
    ]
    code, document, said = adamas(home, "issue", "--from", write(tmp_path / "in.csv", rows))
    assert code == 65
    found = {(p["row"], p["field"], p["code"]) for p in document["error"]["problems"]}
    assert {(row, field) for row, field, _ in found} == {
        (3, "carats"),
        (4, "approver"),
        (5, "to"),
        (5, "expires"),
    }
    assert all(p["sentence"] for p in document["error"]["problems"])
    assert all(
        p["clause"] for p in document["error"]["problems"] if p["code"].startswith(("admission", "row"))
    )
    assert "3 of 6 rows are wrong, so nothing was logged" in said
    assert size(home) == before


def test_skipping_bad_rows_sets_them_aside_with_reasons_and_mending_them_completes_the_file(
    world: World, tmp_path: Path
) -> None:
    home = home_of(world)
    file = write(tmp_path / "in.csv", [row(1), row(2, carats="1,5"), row(3, approver="is-1"), row(4)])
    code, document, _ = adamas(home, "issue", "--from", file, "--skip-bad")
    assert code == 1
    assert [item["row"] for item in document["accepted"]] == [2, 5]
    with Path(document["rejected_file"]).open(encoding="utf-8-sig", newline="") as source:
        rejected = list(csv.DictReader(source))
    assert [item["number"] for item in rejected] == ["BW0000002", "BW0000003"]
    assert "carats" in rejected[0]["reason"]
    assert "approver" in rejected[1]["reason"]
    code, document, _ = adamas(home, "issue", "--from", file, "--skip-bad")
    assert (code, document["error"]["code"]) == (64, "usage.exists")
    mended = write(tmp_path / "mended.csv", [row(n) for n in range(1, 5)])
    code, document, _ = adamas(home, "issue", "--from", mended)
    assert code == 0
    assert [item["again"] for item in document["accepted"]] == [True, False, False, True]


def test_only_looking_logs_nothing(world: World, tmp_path: Path) -> None:
    home = home_of(world)
    before = size(home)
    file = write(tmp_path / "in.csv", [row(1), row(2)])
    assert adamas(home, "issue", "--from", file, "--check")[:2] == (0, {"rows": 2, "bad": 0, "checked": True})
    code, document, _ = adamas(
        home, "issue", "--from", write(tmp_path / "b.csv", [row(1, to="KP")]), "--check"
    )
    assert code != 0
    assert document["error"]["bad"] == 1
    assert size(home) == before


def test_every_word_takes_json_lines_and_options_fill_empty_cells(world: World, tmp_path: Path) -> None:
    home = home_of(world)
    lines = tmp_path / "in.jsonl"
    lines.write_text("".join(json.dumps(row(n)) + "\n" for n in (1, 2, 3)), encoding="utf-8")
    assert adamas(home, "issue", "--from", lines)[0] == 0
    numbers = tmp_path / "numbers.csv"
    numbers.write_text("number\nBW0000001\nBW0000002\nBW0000003\n", encoding="utf-8")
    assert adamas(home, "validate", "--from", numbers, "--officer", "va-1", "--on", "2025-03-03")[0] == 0
    assert adamas(home, "dispatch", "--from", numbers, "--on", "2025-03-03")[0] == 0
    assert adamas(home, "void", "BW0000003", "--why", "lost")[0] == 0
    notice = tmp_path / "n.cbor"
    assert adamas(home, "notice", "export", "--to", "AE", "-o", notice)[0] == 0
    there = world.ae.home.path
    with open_office(home) as bw, open_office(there) as ae:
        feed(ae, bw)
    code, document, _ = adamas(there, "notice", "import", notice)
    assert (code, len(document["accepted"])) == (0, 3)
    arrivals = tmp_path / "arrivals.yaml"
    arrivals.write_text(
        "".join(
            f"- {{number: BW{n:07d}, received: 2025-03-03, parcels: 1, carats: {n}.05, value: 1250, seals: intact}}\n"
            for n in (1, 2, 3)
        ),
        encoding="utf-8",
    )
    code, document, _ = adamas(there, "receive", "--from", arrivals, "--officer", "im-1", "--skip-bad")
    assert [item["number"] for item in document["accepted"]] == ["BW0000001", "BW0000002"]
    assert [p["code"] for p in document["problems"]] == ["admission.certificate-void"]
    code, document, _ = adamas(there, "show", "BW0000001")
    assert (document["state"], document["agrees"]) == ("received", "exact")


def test_a_clock_that_was_set_is_what_statements_claim_and_is_remarked(world: World, tmp_path: Path) -> None:
    home = home_of(world)
    file = write(tmp_path / "in.csv", [row(1)])
    assert adamas(home, "issue", "--from", file)[0] == 0
    _, document, _ = adamas(home, "log", "list", "--count", 1)
    assert document["entries"][0]["claimed_at"].startswith("2025-03-03T12:00")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TYPED, "ADAMAS_CLOCK", "yesterday")
        code, document, _ = adamas(home, "status")
    assert (code, document["error"]["code"]) == (64, "usage.clock")


def test_options_alone_issue_one_and_name_every_wrong_value(world: World) -> None:
    home = home_of(world)
    good = (
        "--number", "BW0000001", "--to", "AE", "--parcel", "7102.31:1.05:900", "--origin", "BW", "--expires",
        "2025-05-02", "--exporter", "E", "--importer", "I", "--officer", "is-1", "--seal", "S",
    )  # fmt: skip
    code, document, _ = adamas(home, "issue", *good)
    assert (code, [p["field"] for p in document["error"]["problems"]]) == (64, ["approver"])
    assert adamas(home, "issue", *good, "--approver", "ap-2", "--check")[:2] == (
        0, {"rows": 1, "bad": 0, "checked": True},
    )  # fmt: skip
    code, document, _ = adamas(home, "issue", *good, "--approver", "ap-2")
    assert (code, document["accepted"][0]["number"]) == (0, "BW0000001")
    assert adamas(home, "issue")[0] == 64
    assert adamas(home, "validate", "BW0000001", "--skip-bad", "--officer", "va-1")[0] == 64


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_rows_of_which_two_hundred_are_bad(world: World, tmp_path: Path) -> None:
    home = home_of(world)
    before = size(home)
    faults = (
        {"carats": "0"}, {"value": "1,250.00"}, {"approver": "is-1"}, {"to": "XX"}, {"expires": "2025-02-01"},
        {"hs": "7102.99"}, {"origin": ""}, {"issued": "2025-03-09"}, {"officer": "Jane Doe"}, {"number": "ZA0000001"},
    )  # fmt: skip
    wrong = dict(zip(random.Random(4).sample(range(1, 10_001), 200), faults * 20, strict=True))
    rows = [row(n, **wrong.get(n, {})) for n in range(1, 10_001)]
    file = write(tmp_path / "in.csv", rows)
    code, document, _ = adamas(home, "issue", "--from", file)
    problems = document["error"]["problems"]
    assert code == 65
    assert document["error"]["bad"] == 200
    assert {p["row"] for p in problems} == {n + 1 for n in wrong}
    for problem in problems:
        (field,) = wrong[problem["row"] - 1]
        assert field == problem["field"], problem
    assert size(home) == before
    begun = time.process_time()  # others may work on this machine meanwhile
    code, document, said = adamas(home, "issue", "--from", file, "--skip-bad")
    assert (code, len(document["accepted"]), document["bad"]) == (1, 9_800, 200), said
    with Path(document["rejected_file"]).open(encoding="utf-8-sig", newline="") as source:
        assert sum(bool(item["reason"]) for item in csv.DictReader(source)) == 200
    assert size(home) == before + 9_800
    assert time.process_time() - begun < 60


MAIN = "print('ready', flush=True)\nfrom adamas.cli import main\nmain()"


def begin(home: Path, *words: object) -> subprocess.Popen[str]:
    """The program as a process of its own."""
    return program.begin(MAIN, "--home", home, *words, env=TYPED)


def sound(home: Path) -> int:
    """Entries of the log; the views are what it says."""
    with open_office(home) as office:
        replay.verify(office)
        return len(entries(office))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ctrl_c_leaves_all_or_nothing(world: World, tmp_path: Path) -> None:
    home = home_of(world)
    before = size(home)
    file = write(tmp_path / "in.csv", [row(n) for n in range(1, 1_501)])
    for work in (0.5, 0.8, 1.2, 1.7):
        child = begin(home, "issue", "--from", file)
        program.worked(child, work)
        child.send_signal(signal.SIGINT)
        out, said = child.communicate(timeout=60)
        # A shell calls both 130: the code that the program gives, and the end by the signal itself.
        stopped = child.returncode in (130, -signal.SIGINT)
        assert stopped or child.returncode == 0, (child.returncode, out, said)
        if stopped and "issued" not in out:  # after its last word the interpreter takes itself down
            assert said.endswith("adamas: Stopped by Ctrl-C; nothing is half done.\n")
            assert "Traceback" not in said
        assert sound(home) in ((before + 1_500,) if "issued" in out else (before, before + 1_500))
    assert adamas(home, "issue", "--from", file)[0] == 0
    assert sound(home) == before + 1_500


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kill_9_anywhere_leaves_all_or_nothing_and_asking_again_completes_it(
    world: World, tmp_path: Path
) -> None:
    home = home_of(world)
    before = size(home)
    dice = random.Random(9)
    for turn in range(12):
        first = 1_000 * turn + 1
        file = write(tmp_path / f"{turn}.csv", [row(n) for n in range(first, first + 400)])
        child = begin(home, "issue", "--from", file)
        program.worked(child, dice.uniform(0.3, 2.0))
        child.kill()
        out, _ = child.communicate(timeout=60)
        found = size(home)
        assert found in (before, before + 400)
        assert found == before + 400 or "issued" not in out
        code, document, _ = adamas(home, "issue", "--from", file)
        assert code == 0
        assert len({item["index"] for item in document["accepted"]}) == 400
        before += 400
        assert size(home) == before
    assert sound(home) == before
    assert load(home).config.origin == world.bw.config.origin

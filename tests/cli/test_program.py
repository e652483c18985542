"""What every word shares: exit codes, JSON, errors as sentences, Ctrl-C, quick start."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer.main
from tests.conftest import REPOSITORY
from tests.program import Result, Runner, begin

from adamas.cli import exits, output, reference
from adamas.cli.words import app
from adamas.errors import AdamasError

runner = Runner()
ADAMAS = [sys.executable, "-m", "adamas.cli"]


def adamas(*words: str, **env: str) -> Result:
    return runner.invoke(app, list(words), env=env)


@pytest.fixture
def word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[BaseException], Result]]:
    """A word that raises what it is told to."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    holder: list[BaseException] = []

    def fall() -> None:
        raise holder[0]

    app.command("fall")(fall)

    def run(error: BaseException, *more: str) -> Result:
        holder[:] = [error]
        return adamas("fall", *more)

    yield run
    app.registered_commands.pop()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            AdamasError("a.b", "It is wrong", where="row 7", clause="II(a)", advice="Mend it."),
            1,
            "Source: II(a). Mend",
        ),
        (exits.UsageError("u", "Typed badly."), 64, "Typed badly."),
        (OSError(errno.ENOSPC, "x", "/data/office.db"), 74, "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 74, "/x"),
        (ModuleNotFoundError("no", name="django.db"), 69, 'pip install "adamas[office]"'),
        (ModuleNotFoundError("no", name="pkcs11"), 69, 'pip install "adamas[pkcs11]"'),
        (KeyboardInterrupt(), 130, "Ctrl-C"),
        (RuntimeError("the secret is hunter2"), 70, "RuntimeError"),
    ],
)
def test_every_error_is_one_sentence_and_a_code(
    word: Callable[[BaseException], Result], error: BaseException, code: int, said: str
) -> None:
    result = word(error)
    assert result.exit_code == code
    assert result.stdout == ""
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.output
    assert "hunter2" not in result.output


def test_an_unforeseen_error_leaves_its_traceback_in_a_private_file(
    word: Callable[[BaseException], Result], tmp_path: Path
) -> None:
    result = word(RuntimeError("oh"))
    log = tmp_path / "state" / "adamas" / "adamas.log"
    assert str(log) in result.stderr
    assert "RuntimeError: oh" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_with_json_an_error_is_a_document_too(word: Callable[[BaseException], Result]) -> None:
    result = word(AdamasError("a.b", "It is wrong", where="row 7"), "--json")
    assert result.exit_code == 64  # this word has no --json
    facts = json.loads(result.stdout)["error"]
    assert facts["code"] == "usage"
    assert facts["exit"] == 64


@pytest.mark.parametrize(
    "words", [["nonsense"], ["verify", "--nope"], ["demo", "--seed", "x"], ["verify"], []]
)
def test_wrong_usage_is_64_and_never_2(words: list[str]) -> None:
    result = adamas(*words)
    assert result.exit_code == 64
    assert result.stdout == ""


def test_terminal_controls_in_input_are_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    output.complain("bad \x1b[31m\nname")
    assert capsys.readouterr().err == "adamas: bad  [31m name\n"


WANTED = (
    "init demo keys register issue validate dispatch receive refuse return seize void replace correct notice show "
    "status log publish witness follow prove verify mirror audit replay doctor returns"
)


@pytest.mark.slow
def test_every_word_has_help_and_none_is_missing() -> None:
    root = typer.main.get_command(app)
    names = set(root.commands)  # type: ignore[attr-defined]
    assert set(WANTED.split()) <= names
    for name in names:
        result = adamas(name, "--help")
        assert result.exit_code == 0
        assert max(map(len, result.stdout.splitlines())) <= 100, name


def test_the_reference_page_is_that_of_the_program() -> None:
    page = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    assert page == reference.markdown(), "run: python -m adamas.cli.reference > docs/cli.md"


@pytest.mark.parametrize(
    "words", ["--help", "verify --help", "verify no.adamas", "mirror --help", "audit --help"]
)
def test_checking_starts_without_the_office(words: str, tmp_path: Path) -> None:
    heavy = ("django", "yaml", "obstore", "psycopg", "duckdb", "rich", "python_calamine", "keyring")
    code = (
        "import sys\nfrom adamas.cli import main\n"
        f"sys.argv = ['adamas', *{words.split()!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_reader_that_goes_away_is_no_error() -> None:
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(ADAMAS)} --help | head -1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[1] == "0"


@pytest.mark.slow
def test_completion_knows_the_words() -> None:
    env = {**os.environ, "_ADAMAS_COMPLETE": "complete_bash", "COMP_WORDS": "adamas mir", "COMP_CWORD": "1"}
    done = subprocess.run(ADAMAS, capture_output=True, text=True, env=env, check=False)
    assert done.stdout.split() == ["mirror"]


def test_ctrl_c_prints_one_line_and_ends_with_130(tmp_path: Path) -> None:
    """A passphrase prompt is where people press it; here the program waits on a hanging witness
    configuration.
    """
    code = (
        "import sys, time\nfrom adamas.cli.words import app\n"
        "def wait():\n    print('ready', flush=True)\n    time.sleep(30)\n"
        "app.command('wait')(wait)\nsys.argv = ['adamas', 'wait']\napp()"
    )
    child = begin(code)
    time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=25)
    assert child.returncode == 130
    assert said == "adamas: Stopped by Ctrl-C; nothing is half done.\n"

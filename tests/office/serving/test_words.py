"""The words `serve` and `office` at the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.office.conftest import PASSPHRASE
from tests.office.site import Site, _close

from adamas.cli.words import app
from adamas.office.serving import check as checking
from adamas.office.serving.web import open_socket
from adamas.office.web import site as web_site


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        app(list(words), prog_name="adamas")
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def home(site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The office's folder; what words set in the environment is taken back."""
    for name in ("ADAMAS_HOME", "ADAMAS_DATABASE_TIMEOUT", "ADAMAS_HOSTS", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setenv("ADAMAS_DATABASE_TIMEOUT", "10")
    monkeypatch.setenv("ADAMAS_PASSPHRASE", PASSPHRASE)
    return site.office.home.path


def test_check_says_what_would_stop_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "serve", "--check", "--home", str(home), "--port", "0", "--json")
    points = {(p["name"], p["level"]) for p in json.loads(out)["points"]}
    assert code == 0
    assert {("folder", "ok"), ("database", "ok"), ("keys", "ok"), ("witnesses", "weak")} <= points
    with open_socket("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        code, out, _ = run(capsys, "serve", "--check", "--home", str(home), "--port", port)
    assert code == 1
    assert "already in use" in out
    found = checking.check(home, "0.0.0.0", 0, behind_proxy=True, passphrase=lambda: "wrong")
    levels = {(p.name, p.level) for p in found}
    assert {("keys", "stop"), ("address", "stop"), ("address", "weak")} <= levels
    assert checking.check(home / "nowhere", "127.0.0.1", 0)[0].level == "stop"


def test_words_that_do_not_fit_together_say_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ("serve", "somewhere"),
        ("serve", "--demo", "--bind", "0.0.0.0"),
        ("office", "--reserve", "5"),
        ("office", "--join", "a", "--offline", "b"),
        ("office",),
    ):
        code, _, err = run(capsys, *words, "--home", str(home))
        assert (code, err.count("\n")) == (64, 1), words
    code, _, err = run(capsys, "office", "--offline", str(home), "--home", str(home))
    assert code == 1
    assert "not the folder of an offline desk" in err


def test_numbers_are_set_aside_for_a_desk_only_of_a_participant_that_is_hosted(
    site: Site, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code, _, err = run(
            capsys, "office", "--reserve", "5", "--out", str(home / "desk"), "--home", str(home)
        )
        assert code == 64
        assert "BW, AE" in err
    finally:
        web_site.use(None)
        _close()

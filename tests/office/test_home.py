"""The office's folder and office.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from adamas.office import home
from adamas.office.errors import HomeError
from adamas.office.home import Config


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    config = Config(
        'a.example/log/"BW"',
        "kp:BW/authority",
        participants=("BW", "NA"),
        publish_url="https://log.example/BW",
        address="https://office.example",
        policy="quorum none\n",
    )
    assert home.create(tmp_path / "h", config).config == config
    assert home.load(tmp_path / "h").config == config


def test_a_second_office_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    home.create(tmp_path, Config("a", "b"))
    with pytest.raises(HomeError) as refused:
        home.create(tmp_path, Config("a", "b"))
    assert refused.value.code == "home.exists"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("origin = ", "home.toml"),
        ('operator = "x"', "home.field"),
        ('origin = "a"\noperator = "b"\nkind = "bank"', "home.field"),
        ('origin = "a"\noperator = "b"\nparticipants = "BW"', "home.field"),
        ('origin = "a"\noperator = "b"\ndatabase = 3', "home.field"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / home.CONFIG_NAME).write_text(text)
    with pytest.raises(HomeError) as refused:
        home.load(tmp_path)
    assert refused.value.code == code


def test_no_office_here_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(HomeError) as refused:
        home.load(tmp_path)
    assert refused.value.code == "home.missing"
    assert "adamas init" in str(refused.value)


def test_sqlite_is_durable_and_locks_at_once(tmp_path: Path) -> None:
    options = home.database_settings("sqlite:///office.db", tmp_path)["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in options["init_command"]
    with pytest.raises(HomeError):
        home.database_settings("mysql://x", tmp_path)


def test_a_postgresql_address_keeps_its_options() -> None:
    found = home.database_settings("postgresql://me@db.example:5433/kp?sslmode=require", Path())
    assert (found["NAME"], found["USER"], found["HOST"], found["PORT"]) == ("kp", "me", "db.example", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}

"""What an office has out is what is durable in it, can be checked by one word, and put back from its entries."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from tests.office.conftest import PASSPHRASE, World, command
from tests.program import Runner

from adamas.cli.words import app
from adamas.office.certification import actions as desk
from adamas.office.log import publishing

pytestmark = pytest.mark.database


def adamas(world: World, *words: str) -> tuple[int, dict[str, object]]:
    home = str(world.bw.home.path)
    answer = Runner().invoke(app, ["--home", home, *words, "--json"], env={"ADAMAS_PASSPHRASE": PASSPHRASE})
    return answer.exit_code, json.loads(answer.stdout)


def test_what_is_out_is_checked_and_mended(world: World) -> None:
    desk.issue(world.bw, [command(1), command(2)])
    size = world.bw.publish().checkpoint.size
    assert publishing.check(world.bw) == []
    assert adamas(world, "log", "fsck") == (0, {"faults": [], "mended": [], "left": 0})
    bundle = world.bw.home.path / "public" / "tile" / "entries" / f"000.p/{size}"
    good = bundle.read_bytes()
    bundle.write_bytes(good[:100] + bytes([good[100] ^ 1]) + good[101:])
    code, told = adamas(world, "log", "fsck")
    assert code == 1
    assert [(f["path"], f["range"], f["code"]) for f in told["faults"]] == [  # type: ignore[attr-defined]
        (f"tile/entries/000.p/{size}", [0, 1], "fsck.entry")
    ]
    code, told = adamas(world, "log", "fsck", "--mend")
    assert (code, told["mended"], told["left"]) == (0, [f"tile/entries/000.p/{size}"], 0)
    assert bundle.read_bytes() == good


def test_nothing_is_published_from_inside_a_transaction(world: World) -> None:
    before = world.bw.publish().checkpoint
    with pytest.raises(RuntimeError), transaction.atomic(using=world.bw.alias):
        world.bw.publish()
    assert world.bw.publish().checkpoint == before

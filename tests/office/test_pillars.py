"""A pillar whose witness is away: the log goes on, and every word that shows something of it says so."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.network.world import Log as Watched
from tests.network.world import listed, open_witness, saying, serving, speaking
from tests.office.conftest import PASSPHRASE, World, command, entries
from tests.program import Runner

from adamas.analysis.trust import Trust
from adamas.cli import exits
from adamas.cli.words import app
from adamas.ledger.statement import parse
from adamas.office.certification import actions

PILLARS = ("government", "industry", "civil")


class Words:
    """The program, for one office, in this process."""

    def __init__(self, home: Path, trust: Path) -> None:
        self.home, self.trust = home, trust

    def __call__(self, code: int, *words: str) -> str:
        done = Runner().invoke(
            app, list(words), env={"ADAMAS_PASSPHRASE": PASSPHRASE, "ADAMAS_HOME": str(self.home)}
        )
        assert done.exit_code == code, done.output
        return done.stdout

    def json(self, code: int, *words: str) -> Any:
        return json.loads(self(code, *words, "--json"))


@pytest.fixture
def words(world: World, tmp_path: Path) -> Words:
    actions.issue(world.bw, [command(1)])
    return Words(world.bw.home.path, tmp_path / "trust.json")


def policy(world: World, urls: dict[str, str]) -> str:
    lines = [f"log {world.bw.log.vkey}"]
    for seed, pillar in enumerate(PILLARS):
        (one,) = listed(urls[pillar], f"{pillar}.example", 40 + seed, keys=1)
        lines += [f"witness {pillar}/w {one.key.vkey} {one.url}", f"group {pillar} any {pillar}/w"]
    return "\n".join([*lines, f"group pillars all {' '.join(PILLARS)}", "quorum pillars", ""])


def proven(words: Words, bundle: Path) -> str:
    """What `adamas verify` says of the certificate, proven anew (the registry's log is not in this bundle)."""
    words(exits.OK, "prove", "BW0000001", "--out", str(bundle), "--trust", str(words.trust))
    return " ".join(words(exits.CANNOT_TELL, "verify", str(bundle), "--trust", str(words.trust)).split())


@pytest.mark.slow
def test_the_missing_pillar_is_shown_by_every_word_until_it_comes_back(
    world: World, words: Words, tmp_path: Path
) -> None:
    origin, vkey = world.bw.config.origin, world.bw.log.vkey
    watched = Watched(origin=origin)
    watched.key = world.bw.log_signer()  # type: ignore[assignment]
    copy = tmp_path / "copy"
    file = tmp_path / "policy.txt"
    with ExitStack() as stack:
        urls = {}
        for seed, pillar in enumerate(PILLARS):
            (tmp_path / pillar).mkdir()
            made = open_witness(
                tmp_path / pillar, watched, name=f"{pillar}.example", seed=40 + seed, clock=world.clock
            )
            urls[pillar] = stack.enter_context(serving(speaking(made)))
        whole = policy(world, urls)
        words.trust.write_text(Trust(parse(entries(world.registry)[0]).id, policy=whole).to_json())
        away = stack.enter_context(serving(saying(b"closed today", "503 Service Unavailable")))
        file.write_text(policy(world, {**urls, "civil": away}))
        (words.home / "policy.txt").write_text(file.read_text())

        told = words.json(exits.CANNOT_TELL, "publish")
        assert told["missing"] == ["civil"]
        assert list(told["failures"]) == ["civil.example"]
        status = words.json(exits.OK, "status")["logs"][0]
        assert (status["complete"], status["missing"], status["witnessed"]) == (False, ["civil"], 0)
        assert "NOT cosigned by: civil" in words(exits.OK, "status")
        shown = words.json(exits.OK, "show", "BW0000001")
        assert shown["missing"] == {origin: ["civil"]}
        assert [step["witnessed"] for step in shown["history"]] == ["public"]
        assert "lacks: civil" in words(exits.OK, "show", "BW0000001")
        assert f"{origin}: not witnessed by civil" in proven(words, tmp_path / "without.adamas")
        public = str(words.home / "public")
        mirrored = words.json(
            exits.CANNOT_TELL, "mirror", public, str(copy), "--key", vkey, "--policy", str(file)
        )
        assert mirrored["missing"] == ["civil"]
        assert "NOT cosigned by: civil" in words(
            exits.CANNOT_TELL, "mirror", public, str(copy), "--policy", str(file)
        )

        other = Words(world.ae.home.path, words.trust)
        followed = ("follow", public, "--vkey", vkey, "--policy", str(file))
        assert other.json(exits.OK, *followed)["logs"][0]["missing"] == ["civil"]
        assert "NOT cosigned by: civil" in other(exits.OK, *followed)

        (words.home / "policy.txt").write_text(whole)
        told = words.json(exits.OK, "publish")
        assert told["satisfied"]
        assert told["missing"] == []
        status = words.json(exits.OK, "status")["logs"][0]
        assert (status["complete"], status["missing"]) == (True, [])
        assert status["witnessed"] == status["published"]
        shown = words.json(exits.OK, "show", "BW0000001")
        assert shown["missing"] == {}
        assert [step["witnessed"] for step in shown["history"]] == ["witnessed"]
        assert "not witnessed by" not in (said := proven(words, tmp_path / "with.adamas"))
        assert "pillars yes" in said
        mirrored = words.json(exits.OK, "mirror", public, str(copy), "--policy", str(file))
        assert (mirrored["new"], mirrored["missing"]) == (0, []), (
            "the copy takes the cosignature that came late"
        )

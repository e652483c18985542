"""Following over the net (here: folders): verified copies, one office that is away, one that shows two histories."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.office.conftest import World, command, entries

from adamas.errors import AdamasError
from adamas.ledger import splitview
from adamas.ledger.errors import LogBehind, SplitView
from adamas.ledger.note import VerifierKey
from adamas.ledger.publisher import Publisher
from adamas.ledger.storage import FolderStorage
from adamas.office.certification import actions as desk
from adamas.office.log import follow
from adamas.office.log.models import Fact
from adamas.office.opening import Office

pytestmark = pytest.mark.database


def published(office: Office) -> tuple[str, str]:
    """Publishes an office's log; where, and its verifier key."""
    office.publish()
    return str(office.home.publish_to), office.log.vkey


def publish_other(office: Office, raws: list[bytes], folder: Path) -> str:
    """Another history of an office's log, signed with its key."""
    storage = FolderStorage(folder)
    Publisher(
        office.config.origin,
        office.log_signer(),
        storage,
        lambda start, end: raws[start:end],
        lambda: len(raws),
    ).publish()
    return str(folder)


def facts(office: Office) -> list[str]:
    return sorted(Fact.objects.using(office.alias).values_list("subject", flat=True))


def test_a_copy_is_kept_and_its_statements_stand_beside_ours(world: World) -> None:
    desk.issue(world.bw, [command(n) for n in range(1, 4)])
    url, vkey = published(world.bw)
    before = facts(world.ae)
    done = follow.follow(world.ae, url, vkey)
    assert (done.size, done.new) == (len(entries(world.bw)), len(entries(world.bw)))
    assert {"BW0000001", "BW0000002", "BW0000003"} == {
        name for name in facts(world.ae) if name not in before
    } & {f"BW{n:07d}" for n in range(9)}
    copy = follow.copy_of(world.ae, world.bw.config.origin)
    assert (copy / "checkpoint").read_bytes() == (Path(url) / "checkpoint").read_bytes()
    assert follow.follow(world.ae, url, vkey).new == 0
    desk.issue(world.bw, [command(4)])
    world.bw.publish()
    assert follow.follow(world.ae, url, vkey).new == 1


def test_an_office_that_is_away_does_not_keep_us_from_the_others(world: World, tmp_path: Path) -> None:
    registry, key = published(world.registry)
    follow.follow(world.bw, registry, key, role="registry")
    url, vkey = published(world.ae)
    follow.follow(world.bw, url, vkey)
    Path(registry).rename(tmp_path / "away")
    with pytest.raises(AdamasError):
        follow.catch_up(world.bw)
    failed: dict[str, AdamasError] = {}
    done = follow.catch_up(world.bw, failed=failed)
    assert [(item.origin, item.size) for item in done] == [(world.ae.config.origin, len(entries(world.ae)))]
    assert {origin: error.code for origin, error in failed.items()} == {
        world.registry.config.origin: "fetch.url"
    }


def test_an_office_that_shows_two_histories_is_refused_with_evidence(world: World, tmp_path: Path) -> None:
    desk.issue(world.bw, [command(n) for n in range(1, 4)])
    url, vkey = published(world.bw)
    follow.follow(world.ae, url, vkey)
    before = facts(world.ae)
    raws = entries(world.bw)
    fork = publish_other(world.bw, [*raws[:-2], raws[-1], raws[-2]], tmp_path / "fork")
    with pytest.raises(SplitView) as caught:
        follow.follow(world.ae, fork, vkey)
    assert splitview.explain(str(caught.value.where), [VerifierKey.parse(vkey)]).proven
    assert facts(world.ae) == before
    with pytest.raises(LogBehind):
        follow.follow(world.ae, publish_other(world.bw, raws[:-1], tmp_path / "less"), vkey)
    assert follow.follow(world.ae, url, vkey).new == 0, "the true log is followed on"

"""Evidence of two histories convicts by arithmetic, and nothing else passes for evidence."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.network.world import Log, signers

from adamas.ledger import merkle, splitview
from adamas.ledger import note as notes
from adamas.ledger.cosignature import WitnessKey
from adamas.ledger.errors import MirrorError

AT = 1_750_000_000


def same_size() -> tuple[Log, splitview.Evidence]:
    log = Log(20)
    fork = log.forked(10, 20)
    return log, splitview.of_same_size(
        log.note(), fork.note(), [log.verifier], found_by="a test", found_at=AT
    )


def prefix() -> tuple[Log, splitview.Evidence]:
    log = Log(20)
    fork = log.forked(10, 33)
    return log, splitview.of_prefix(
        log.note(), fork.note(), fork.root(20), fork.proof(20), [log.verifier], found_by="a test", found_at=AT
    )


@pytest.mark.parametrize("made", [same_size, prefix])
def test_evidence_is_kept_once_and_explained_to_whoever_has_the_key(made: object, tmp_path: Path) -> None:
    log, evidence = made()  # type: ignore[operator]
    place = splitview.save(tmp_path, evidence)
    assert splitview.save(tmp_path, evidence) == place
    assert splitview.load(place) == evidence
    explained = splitview.explain(place, [log.verifier])
    assert explained.proven
    assert explained.origin == log.origin
    text = place.read_text()
    for sentence in explained.sentences:
        assert sentence in text
    assert "2025-06-15 15:06:40 UTC" in text


def test_without_the_key_it_says_that_the_key_is_the_files_own(tmp_path: Path) -> None:
    _, evidence = same_size()
    explained = splitview.explain(splitview.save(tmp_path, evidence))
    assert "The key was taken from the file itself" in str(explained)


def test_a_key_that_is_not_the_logs_proves_nothing(tmp_path: Path) -> None:
    _, evidence = prefix()
    with pytest.raises(MirrorError) as caught:
        splitview.explain(splitview.save(tmp_path, evidence), [Log(seed=5).verifier])
    assert caught.value.code == "splitview.not-proven"


def test_it_tells_which_witness_cosigned_which_side(tmp_path: Path) -> None:
    log = Log(20)
    fork = log.forked(10, 20)
    ours, theirs = signers("civil.example/witness")[0], signers("industry.example/witness", 4)[1]
    sides = [
        notes.parse(note)
        .with_signatures([signer.cosign(notes.parse(note).text, AT).note_signature])
        .to_bytes()
        for note, signer in ((log.note(), ours), (fork.note(), theirs))
    ]
    place = splitview.save(tmp_path, splitview.of_same_size(*sides, [log.verifier]))
    said = str(
        splitview.explain(place, [log.verifier], [WitnessKey.parse(ours.vkey), WitnessKey.parse(theirs.vkey)])
    )
    assert "civil.example/witness cosigned the first checkpoint at 2025-06-15 15:06:40 UTC." in said
    assert "industry.example/witness cosigned the second checkpoint at 2025-06-15 15:06:40 UTC." in said
    assert said.count(" cosigned the ") == 2


def test_what_is_no_fork_is_no_evidence() -> None:
    log, other = Log(20), Log(20, seed=5)
    key = [log.verifier]
    honest = log.note(10)
    for first, second in ((log.note(), log.note()), (honest, log.note()), (log.note(), other.note())):
        with pytest.raises(MirrorError) as caught:
            splitview.of_same_size(first, second, key)
        assert caught.value.code == "splitview.not-proven"
    with pytest.raises(MirrorError, match="begins with the first"):
        splitview.of_prefix(honest, log.note(), log.root(10), log.proof(10), key)
    with pytest.raises(MirrorError, match="proof inside"):
        splitview.of_prefix(honest, log.note(), bytes(32), log.proof(10), key)
    with pytest.raises(MirrorError, match="begins with the first"):
        splitview.of_prefix(log.note(0), log.note(), merkle.EMPTY_ROOT, [], key)


@pytest.mark.parametrize("made", [same_size, prefix])
def test_no_byte_of_the_file_can_be_changed(made: object, tmp_path: Path) -> None:
    """Every line, in turn: what a reader sees is what is proven."""
    _, evidence = made()  # type: ignore[operator]
    place = splitview.save(tmp_path, evidence)
    whole = place.read_bytes()
    for at in range(0, len(whole), 29):
        changed = bytearray(whole)
        changed[at] ^= 1
        place.write_bytes(bytes(changed))
        with pytest.raises(MirrorError) as caught:
            splitview.load(place)
        assert caught.value.code.startswith("splitview.")
    for short in (b"", whole[:-1], whole[: len(whole) // 2], whole + b"\n"):
        place.write_bytes(short)
        with pytest.raises(MirrorError):
            splitview.load(place)


def test_a_text_that_says_more_than_is_proven_is_found_out(tmp_path: Path) -> None:
    _, evidence = same_size()
    place = splitview.save(tmp_path, evidence)
    place.write_text(place.read_text().replace("20 entries", "21 entries"))
    with pytest.raises(MirrorError) as caught:
        splitview.load(place)
    assert caught.value.code == "splitview.altered"


@settings(max_examples=15)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
        max_leaves=8,
    ),
    field=st.sampled_from(
        ["kind", "log_keys", "first", "second", "prefix_root", "proof", "found_by", "found_at", "v"]
    ),
)
def test_any_machine_part_is_evidence_or_refused(
    value: object, field: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, evidence = same_size()
    folder = tmp_path_factory.mktemp("evidence")
    place = splitview.save(folder, evidence)
    head, mark, machine = place.read_text().rpartition("=====\n")
    place.write_text(head + mark + json.dumps(json.loads(machine) | {field: value}) + "\n")
    with suppress(MirrorError):
        splitview.load(place)

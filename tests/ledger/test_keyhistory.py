"""Whose key was it, at that place in the log? Threshold acts, rotation, loss, and attempts to cheat."""

from __future__ import annotations

import pickle
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamas.ledger import statement
from adamas.ledger.keyhistory import KeyHistory, Verdict
from adamas.ledger.keys import SoftwareSigner
from adamas.ledger.statement import Statement

GOVERNMENT, INDUSTRY, CIVIL, FIRST, SECOND, THIRD, RECOVERY, OTHER, THIEF = (
    SoftwareSigner.from_seed(bytes([number]) * 32) for number in range(1, 10)
)
ROOTS = {"government": GOVERNMENT, "industry": INDUSTRY, "civil": CIVIL}
HOLDER_OF = {signer.kid: f"kp:registry/{pillar}" for pillar, signer in ROOTS.items()}
BW, ZA = "kp:BW/authority", "kp:ZA/authority"


def say(
    signer: SoftwareSigner, issuer: str, kind: str, subject: str = "s", at: int = 1000, **fields: Any
) -> Statement:
    return statement.sign(
        signer, issuer=issuer, subject=subject, issued_at=at, payload={"type": kind, **fields}
    )


def root_says(
    signer: SoftwareSigner, kind: str, subject: str = "s", at: int = 1000, **fields: Any
) -> Statement:
    return say(signer, HOLDER_OF[signer.kid], kind, subject, at, **fields)


def genesis(
    threshold: int = 2, signer: SoftwareSigner = GOVERNMENT, issuer: str = "", **changes: Any
) -> Statement:
    fields: dict[str, Any] = {
        "operator": BW,
        "roots": [
            {"key": root.public_key, "pillar": pillar, "holder": f"kp:registry/{pillar}"}
            for pillar, root in ROOTS.items()
        ],
        "threshold": threshold,
        "policy": "quorum none\n",
    } | changes
    return say(
        signer, issuer or HOLDER_OF.get(signer.kid, BW), "log.genesis", "adamas.example/log/BW", **fields
    )


def enrolment(
    of: SoftwareSigner, holder: str = BW, purpose: str = "statement", **changes: Any
) -> dict[str, Any]:
    return {
        "kind": "key.enrolled",
        "subject": of.kid.hex(),
        "key": of.public_key,
        "kid": of.kid,
        "holder": holder,
        "purpose": purpose,
    } | changes


def endorse(signer: SoftwareSigner, act: Statement, **more: Any) -> Statement:
    return root_says(signer, "act.endorsed", act.text_id, refs={"act": act.id}, **more)


class Log:
    """A log in memory: every entry applied as it is appended."""

    def __init__(self, first: Statement | None = None) -> None:
        self.history = KeyHistory()
        self.entries: list[Statement] = []
        self.add(first or genesis())

    def add(self, st: Statement, witnessed_at: int | None = None) -> list[Statement]:
        self.entries.append(st)
        return self.history.apply(len(self.entries) - 1, st, witnessed_at)

    def agreed(self, act: Statement) -> list[Statement]:
        """The act of a root, with one endorsement of another."""
        assert self.add(act) == []
        other = INDUSTRY if act.kid != INDUSTRY.kid else CIVIL
        return self.add(endorse(other, act))

    def enrol(self, of: SoftwareSigner, holder: str = BW, purpose: str = "statement") -> None:
        act = root_says(GOVERNMENT, **enrolment(of, holder, purpose))
        assert self.agreed(act) == [act]

    def judge(self, st: Statement, index: int | None = None, witnessed_at: int | None = None) -> Verdict:
        return self.history.judge(st, len(self.entries) if index is None else index, witnessed_at)

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.history.problems]


@pytest.fixture
def log() -> Log:
    made = Log()
    made.enrol(FIRST)
    return made


def issue(signer: SoftwareSigner = FIRST, issuer: str = BW, at: int = 2000) -> Statement:
    return say(signer, issuer, "certificate.issued", "BW0001234", at)


# genesis


def test_the_genesis_says_who_runs_the_log_and_who_agrees_on_acts() -> None:
    registry = bytes(range(32))
    log = Log(genesis(refs={"registry": registry}))
    found = log.history.genesis
    assert found is not None
    assert (found.origin, found.operator, found.threshold) == ("adamas.example/log/BW", BW, 2)
    assert found.registry == registry
    assert [root.pillar for root in found.roots] == ["government", "industry", "civil"]
    assert log.judge(log.entries[0], 0).status == "valid"


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (genesis(threshold=0), "genesis.roots"),
        (genesis(threshold=4), "genesis.roots"),
        (genesis(roots=[]), "genesis.shape"),
        (genesis(roots=[{"key": bytes(32), "pillar": "p", "holder": "h"}], threshold=1), "key.bad-point"),
        (genesis(roots=[{"key": GOVERNMENT.public_key, "pillar": "p", "holder": h} for h in "ab"]), "genesis.roots"),
        (genesis(roots=[{"key": s.public_key, "pillar": "p", "holder": "h"} for s in (FIRST, SECOND)]), "genesis.roots"),
        (genesis(signer=THIEF), "genesis.signer"),
        (genesis(signer=THIEF, issuer="kp:registry/government"), "genesis.signer"),
        (genesis(issuer="kp:registry/civil"), "genesis.signer"),
        (issue(), "genesis.missing"),
    ],
)  # fmt: skip
def test_a_log_with_another_beginning_has_no_valid_statement(first: Statement, code: str) -> None:
    log = Log(first)
    assert log.codes == [code]
    for _ in range(3):
        log.add(issue(GOVERNMENT, "kp:registry/government"))
    assert log.codes == [code]
    assert log.judge(issue()).code == "key.unknown"


def test_an_operator_may_sign_the_genesis_with_its_own_key_and_nothing_more() -> None:
    log = Log(genesis(signer=FIRST, issuer=BW, key=FIRST.public_key))
    assert log.judge(log.entries[0], 0).status == "valid"
    assert log.judge(issue()).code == "key.genesis-only"
    assert log.add(say(FIRST, BW, **enrolment(SECOND))) == []
    assert log.codes == ["key.genesis-only"]
    log.enrol(FIRST)
    assert log.judge(issue()).status == "valid"


def test_a_second_genesis_is_a_problem() -> None:
    log = Log()
    assert log.add(genesis()) == []
    assert log.codes == ["genesis.place"]


# acts of the registry


def test_an_act_takes_effect_where_the_last_needed_root_is_on_record() -> None:
    log = Log(genesis(threshold=3))
    act = root_says(GOVERNMENT, "participant.admitted", "BW")
    assert log.add(act) == []
    assert log.add(endorse(INDUSTRY, act)) == []
    assert log.history.pending() == [(act, 1)]
    assert log.add(endorse(CIVIL, act)) == [act]
    assert log.history.pending() == []
    assert log.codes == []


def test_endorsements_may_come_before_their_act() -> None:
    log = Log()
    act = root_says(GOVERNMENT, "participant.admitted", "BW")
    assert log.add(endorse(CIVIL, act)) == []
    assert log.add(act) == [act]


def test_one_root_counts_once_and_a_late_endorsement_does_no_harm() -> None:
    log = Log()
    act = root_says(GOVERNMENT, "participant.admitted", "BW")
    log.add(act)
    assert log.add(endorse(GOVERNMENT, act)) == []
    assert log.codes == ["act.endorsed-twice"]
    assert log.add(endorse(INDUSTRY, act)) == [act]
    assert log.add(endorse(CIVIL, act)) == []
    assert log.codes == ["act.endorsed-twice"]


def test_an_act_takes_effect_once() -> None:
    log = Log()
    act = root_says(GOVERNMENT, "participant.admitted", "BW")
    assert log.agreed(act) == [act]
    assert log.add(act) == []
    assert log.codes == ["act.endorsed-twice"]


def test_who_is_no_root_endorses_nothing(log: Log) -> None:
    act = root_says(GOVERNMENT, "participant.admitted", "XX")
    log.add(act)
    assert log.add(say(FIRST, BW, "act.endorsed", refs={"act": act.id})) == []
    assert log.codes == ["act.not-root"]
    assert log.add(say(THIEF, "kp:registry/civil", "act.endorsed", refs={"act": act.id})) == []
    assert log.codes == ["act.not-root", "key.unknown"]
    assert log.add(say(FIRST, "kp:registry/civil", "act.endorsed", refs={"act": act.id})) == []
    assert log.codes[-1] == "key.not-holder"
    assert log.history.pending() == [(act, 1)]


def test_with_a_threshold_of_one_a_root_acts_alone() -> None:
    log = Log(genesis(threshold=1))
    act = root_says(CIVIL, **enrolment(FIRST))
    assert log.add(act) == [act]
    assert log.judge(issue()).status == "valid"


def test_an_act_of_the_wrong_shape_never_waits() -> None:
    log = Log()
    assert log.add(root_says(GOVERNMENT, "key.enrolled", FIRST.kid.hex(), holder=BW)) == []
    assert log.codes == ["act.shape"]
    assert log.history.pending() == []


def test_a_root_that_is_lost_in_between_no_longer_counts() -> None:
    log = Log(genesis(threshold=2))
    act = root_says(GOVERNMENT, "participant.admitted", "XX")
    log.add(act)
    lost = root_says(INDUSTRY, "key.compromised", GOVERNMENT.kid.hex(), since=500)
    log.add(lost)
    assert log.add(endorse(CIVIL, lost)) == [lost]
    assert log.add(endorse(CIVIL, act)) == []
    assert log.add(endorse(INDUSTRY, act)) == [act]


def test_a_roots_next_key_counts_for_the_same_root() -> None:
    log = Log()
    act = root_says(INDUSTRY, **enrolment(THIRD, "kp:registry/government"))
    log.add(act)
    assert log.add(endorse(CIVIL, act)) == [act]
    later = root_says(GOVERNMENT, "participant.admitted", "BW")
    log.add(later)
    again = say(THIRD, "kp:registry/government", "act.endorsed", refs={"act": later.id})
    assert log.add(again) == []
    assert log.codes == ["act.endorsed-twice"]


def test_roots_never_fall_below_the_threshold() -> None:
    log = Log(genesis(threshold=2))
    first = root_says(INDUSTRY, "key.retired", GOVERNMENT.kid.hex())
    log.add(first)
    assert log.add(endorse(CIVIL, first)) == [first]
    second = root_says(INDUSTRY, "key.retired", INDUSTRY.kid.hex())
    log.add(second)
    assert log.add(endorse(CIVIL, second)) == []
    assert log.codes == ["act.roots-left"]


# enrolment and place


def test_a_key_speaks_from_its_enrolment_on(log: Log) -> None:
    enrolled = len(log.entries) - 1
    assert log.judge(issue(), enrolled + 1).status == "valid"
    assert log.judge(issue(), enrolled).code == "key.not-yet"
    assert log.judge(issue(), 0).code == "key.not-yet"
    assert log.history.holder(FIRST.kid) == BW
    assert log.history.public_key(FIRST.kid) == FIRST.public_key
    assert log.history.public_key(THIEF.kid) is None


def test_an_issuer_is_the_keys_holder_or_below_it(log: Log) -> None:
    assert log.judge(issue(issuer=BW + "/gaborone")).status == "valid"
    for issuer in (ZA, "kp:BW", BW + "x", "kp:registry/government", BW.upper()):
        assert log.judge(issue(issuer=issuer)).code == "key.not-holder"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kid": bytes(8)}, "key.kid"),
        ({"subject": "00" * 8}, "key.subject"),
        ({"subject": SECOND.kid.hex().upper() + " "}, "key.subject"),
        (
            {"key": bytes(32), "kid": bytes.fromhex("66687aadf862bd77"), "subject": "66687aadf862bd77"},
            "key.bad-point",
        ),
        ({"purpose": "anything"}, "act.shape"),
    ],
)
def test_a_faulty_enrolment_changes_nothing(log: Log, changes: dict[str, Any], code: str) -> None:
    act = root_says(GOVERNMENT, **enrolment(SECOND, **changes))
    log.add(act)
    if code != "act.shape":
        assert log.add(endorse(CIVIL, act)) == []
    assert log.codes == [code]
    assert log.judge(issue(SECOND)).code == "key.unknown"


def test_a_key_belongs_to_one_holder_for_ever(log: Log) -> None:
    assert log.agreed(root_says(GOVERNMENT, **enrolment(FIRST, ZA))) == []
    assert log.codes == ["key.duplicate"]
    log.add(say(FIRST, BW, "key.retired", FIRST.kid.hex()))
    assert log.agreed(root_says(GOVERNMENT, at=7, **enrolment(FIRST))) == []
    assert log.codes == ["key.duplicate", "key.ended"]
    assert log.judge(issue()).code == "key.retired"


# rotation by the holder


def test_a_holder_enrols_its_next_key_and_retires_the_old_one(log: Log) -> None:
    enrolled = say(FIRST, BW, **enrolment(SECOND))
    retired = say(SECOND, BW, "key.retired", FIRST.kid.hex())
    assert log.add(enrolled) == [enrolled]
    assert log.add(retired) == [retired]
    assert log.judge(issue(SECOND)).status == "valid"
    assert log.judge(issue()).code == "key.retired"
    assert log.judge(issue(), len(log.entries) - 1).status == "valid"


def test_nobody_enrols_or_ends_a_key_for_another_holder(log: Log) -> None:
    log.enrol(OTHER, ZA)
    assert log.add(say(FIRST, BW, **enrolment(THIEF, ZA))) == []
    assert log.add(say(FIRST, BW, **enrolment(THIEF, "kp:registry/government"))) == []
    assert log.add(say(FIRST, BW, "key.retired", OTHER.kid.hex())) == []
    assert log.add(say(FIRST, BW, "key.compromised", OTHER.kid.hex(), since=0)) == []
    assert log.add(say(FIRST, BW, "key.compromised", GOVERNMENT.kid.hex(), since=0)) == []
    assert log.codes == ["key.not-yours"] * 5
    assert log.judge(issue(OTHER, ZA)).status == "valid"
    below = say(FIRST, BW, **enrolment(SECOND, BW + "/gaborone"))
    assert log.add(below) == [below]
    assert log.judge(issue(SECOND)).code == "key.not-holder"
    assert log.judge(issue(SECOND, BW + "/gaborone")).status == "valid"


def test_a_retired_key_enrols_nothing(log: Log) -> None:
    log.add(say(FIRST, BW, "key.retired", FIRST.kid.hex()))
    assert log.add(say(FIRST, BW, **enrolment(SECOND))) == []
    assert log.add(say(FIRST, BW, "key.retired", FIRST.kid.hex())) == []
    assert log.codes == ["key.retired", "key.retired"]


@pytest.mark.parametrize("subject", ["", "zz", "00", "00" * 8, FIRST.kid.hex().upper()])
def test_only_a_known_key_is_ended(log: Log, subject: str) -> None:
    if subject:
        assert log.add(say(FIRST, BW, "key.retired", subject)) == []
        assert log.codes == ["key.unknown"]


def test_a_recovery_key_manages_keys_and_signs_nothing_else(log: Log) -> None:
    log.enrol(RECOVERY, purpose="recovery")
    assert log.judge(issue(RECOVERY)).code == "key.purpose"
    lost = say(RECOVERY, BW, "key.compromised", FIRST.kid.hex(), since=1500)
    fresh = say(RECOVERY, BW, **enrolment(SECOND))
    assert log.add(lost) == [lost]
    assert log.add(fresh) == [fresh]
    assert log.judge(issue(SECOND)).status == "valid"


def test_who_stole_a_signing_key_cannot_touch_the_recovery_key(log: Log) -> None:
    log.enrol(RECOVERY, purpose="recovery")
    assert log.add(say(FIRST, BW, **enrolment(THIEF, purpose="recovery"))) == []
    assert log.add(say(FIRST, BW, "key.retired", RECOVERY.kid.hex())) == []
    assert log.add(say(FIRST, BW, "key.compromised", RECOVERY.kid.hex(), since=0)) == []
    assert log.codes == ["key.recovery"] * 3


def test_a_log_key_signs_no_statement(log: Log) -> None:
    log.enrol(SECOND, "log:adamas.example/log/BW", purpose="log")
    assert log.judge(issue(SECOND, "log:adamas.example/log/BW")).code == "key.purpose"


# compromise


def test_after_a_compromise_the_witnessed_stands_the_later_falls_the_rest_is_doubtful(log: Log) -> None:
    before = len(log.entries)
    log.add(issue())
    log.add(root_says(GOVERNMENT, "key.compromised", FIRST.kid.hex(), since=5000))
    assert log.judge(issue(), before).status == "valid"
    log.add(endorse(CIVIL, log.entries[-1]))
    declared = len(log.entries) - 1
    assert log.judge(issue(), before, 5000).status == "valid"
    assert log.judge(issue(), before, 5001) == log.judge(issue(), before, None)
    assert log.judge(issue(), before, None).code == "key.doubtful"
    assert log.judge(issue(), before, None).status == "doubtful"
    assert log.judge(issue(), declared + 1, 4000).code == "key.compromised"
    assert log.judge(issue(), declared + 1, 4000).status == "invalid"


def test_a_second_declaration_only_moves_the_time_back(log: Log) -> None:
    log.enrol(SECOND)
    log.add(issue())
    place = len(log.entries) - 1
    for since in (5000, 3000, 9000):
        act = say(SECOND, BW, "key.compromised", FIRST.kid.hex(), since=since)
        assert log.add(act) == [act]
    assert log.judge(issue(), place, 3000).status == "valid"
    assert log.judge(issue(), place, 3001).status == "doubtful"
    assert log.judge(issue(), place + 2).code == "key.compromised"


def test_keys_that_a_thief_enrolled_are_doubtful_with_all_they_signed(log: Log) -> None:
    log.enrol(RECOVERY, purpose="recovery")
    log.add(say(FIRST, BW, at=6000, **enrolment(THIEF)), 6000)
    log.add(say(THIEF, BW, at=6100, **enrolment(THIRD)), 6100)
    place = len(log.entries)
    log.add(issue(THIRD))
    log.add(say(RECOVERY, BW, "key.compromised", FIRST.kid.hex(), since=5000))
    assert log.judge(issue(THIRD), place, 7000).status == "doubtful"
    assert log.judge(issue(THIEF), place, None).status == "doubtful"


def test_a_rotation_before_the_loss_stands(log: Log) -> None:
    log.enrol(RECOVERY, purpose="recovery")
    log.add(say(FIRST, BW, at=4000, **enrolment(SECOND)), 4000)
    log.add(say(RECOVERY, BW, "key.compromised", FIRST.kid.hex(), since=5000))
    assert log.judge(issue(SECOND), None, 7000).status == "valid"


def test_the_witnesses_time_counts_more_than_the_claimed_one(log: Log) -> None:
    log.enrol(RECOVERY, purpose="recovery")
    log.add(say(FIRST, BW, at=4000, **enrolment(THIEF)), 6000)
    log.add(say(RECOVERY, BW, "key.compromised", FIRST.kid.hex(), since=5000))
    assert log.judge(issue(THIEF), None, 7000).status == "doubtful"


# as a whole


def test_ordinary_statements_take_effect_at_once(log: Log) -> None:
    for st_ in (issue(), issue(issuer=ZA), issue(THIEF)):
        assert log.add(st_) == [st_]
    assert log.codes == []


def test_ledger_types_by_others_than_roots_do_not(log: Log) -> None:
    witness = say(
        FIRST, BW, "witness.enrolled", "w", pillar="civil", holder="h", vkeys=["w+00000000+AA"],
    )  # fmt: skip
    assert log.add(witness) == []
    assert log.codes == ["act.not-root"]


def test_a_history_crosses_process_borders_and_copies_are_independent(log: Log) -> None:
    again = pickle.loads(pickle.dumps(log.history))
    copy = log.history.snapshot()
    log.add(say(FIRST, BW, "key.retired", FIRST.kid.hex()))
    place = len(log.entries)
    assert again.judge(issue(), place).status == copy.judge(issue(), place).status == "valid"
    assert log.history.judge(issue(), place).status == "invalid"


acts = st.sampled_from(
    [
        *(root_says(signer, **enrolment(key)) for signer in ROOTS.values() for key in (FIRST, SECOND)),
        *(say(by, BW, **enrolment(key)) for by in (FIRST, SECOND, THIEF) for key in (FIRST, SECOND, THIRD)),
        *(say(by, BW, "key.retired", key.kid.hex()) for by in (FIRST, SECOND) for key in (FIRST, SECOND)),
        *(say(by, BW, "key.compromised", FIRST.kid.hex(), since=s) for by in (FIRST, SECOND) for s in (0, 1500)),
        issue(), issue(SECOND), genesis(),
    ]
)  # fmt: skip
endorsed = acts.flatmap(
    lambda act: st.sampled_from([act, *(endorse(root, act) for root in (GOVERNMENT, INDUSTRY, CIVIL))])
)


@given(st.lists(endorsed, max_size=25))
def test_any_log_is_taken_in_and_the_past_is_not_rewritten_without_a_compromise(
    entries: list[Statement],
) -> None:
    log = Log()
    effects: list[bytes] = []
    for entry in entries:
        before = log.judge(entry)
        taken = log.add(entry)
        effects += [act.id for act in taken if act.type.startswith("key.") and act.kid in HOLDER_OF]
        place = len(log.entries) - 1
        after = log.judge(entry, place, 0)
        assert before.status != "invalid" or after.status == "invalid"
        assert entry.type == "key.compromised" or before.status != "valid" or after.status == "valid"
    assert len(effects) == len(set(effects))
    for kid, key in log.history.keys.items():
        assert (
            key.purpose == "root"
            or log.judge(issue(FIRST), key.enrolled).status == "invalid"
            or kid != FIRST.kid
        )


def test_judging_is_quick(log: Log) -> None:
    st_ = issue()
    judge = log.history.judge
    started = time.thread_time()  # others may work on this machine meanwhile
    for _ in range(5_000):
        judge(st_, 10, 7000)
    assert (time.thread_time() - started) / 5_000 < 20e-6

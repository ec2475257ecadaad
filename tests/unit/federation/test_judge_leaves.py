"""What an honest log establishes, leaf by leaf."""

import pytest

from federation.epochs import EpochStatus
from federation.judge import (
    BlockRow,
    EpochRow,
    IssuedRow,
    LogState,
    MemberRow,
    MemoryRows,
    Outcome,
    Pins,
    PseudonymRow,
    RecordRow,
    judge_leaf,
)
from federation.keys import public_jwk, thumbprint
from schemas.problem import Code
from tests.fakes.network_log import (
    MEMBERS,
    NETWORK,
    NetworkLog,
    announced_log,
    entity_of,
    federation_key,
    open_log,
    pseudonym_key,
    registered_log,
)


def verdict_on(log, entry, state=None):
    state = state or log.judged()
    return judge_leaf(state, state.size, entry)


def test_genesis_pins_the_keys():
    log = NetworkLog()
    log.append(log.genesis())
    genesis = log.judged().genesis
    assert (genesis.network, genesis.generation, genesis.origin) == (NETWORK, 1, "net.example/net/north/log/1")
    assert genesis.leaf_jwk == public_jwk(log.leaf_private)
    assert genesis.log_key == log.log_key.text


def test_pins_that_hold_change_nothing():
    log = open_log()
    pins = Pins(thumbprint(log.leaf_private), log.log_key.text, NETWORK, 1)
    assert log.judged(pins).size == 12
    assert pins.are_keys_pinned
    assert not Pins().are_keys_pinned


def test_an_open_epoch_with_all_that_it_counts():
    state = open_log().judged()
    epoch = state.epochs[1]
    assert (epoch.status, epoch.issued, epoch.registered, epoch.open_index) == (EpochStatus.OPEN, 3, 3, 11)
    assert epoch.lattice_sha256 is not None
    assert state.approved_members == 3


def test_each_kind_of_leaf_gives_its_rows():
    log = announced_log()
    state = log.judged()
    rows = {}
    for name, entry in (("issued", log.issued("ada")), ("pseudonym", log.pseudonym("ada"))):
        rows[name] = verdict_on(log, entry, state).rows
    assert rows["issued"][0] == IssuedRow(1, entity_of("ada"), 5)
    assert (rows["issued"][1].issued, rows["issued"][1].registered) == (1, 0)
    key = pseudonym_key("ada")
    assert rows["pseudonym"][0] == PseudonymRow(log.origin, thumbprint(key), 1, key["x"], 5)
    assert rows["pseudonym"][0].x == key["x"]
    assert isinstance(rows["pseudonym"][1], EpochRow)


def test_a_record_its_retraction_and_the_terms_that_stay():
    log = open_log()
    index = log.publish("ada")
    state = log.judged()
    record = state.rows.find_record(log.origin, index)
    assert (record.kind, record.jkt, record.epoch, record.gone) == (
        "practice",
        thumbprint(pseudonym_key("ada")),
        1,
        None,
    )
    log.append(log.retract("ada", index, "corrected"))
    state = log.judged()
    assert state.rows.find_record(log.origin, index).gone == "corrected"
    assert state.rows.has_blob(record.blob_sha256)


def test_moderation_takes_a_record_down():
    log = open_log()
    index = log.publish("ada")
    log.append(log.moderate(index))
    assert log.judged().rows.find_record(log.origin, index).gone == "moderated"


def test_the_blocked_may_still_retract():
    log = open_log()
    index = log.publish("ada")
    log.append(log.block("ada", index + 1))
    assert verdict_on(log, log.record("ada").leaf).code is Code.PSEUDONYM_BLOCKED
    assert verdict_on(log, log.record("ben").leaf).outcome is Outcome.ACCEPTED
    assert verdict_on(log, log.retract("ada", index)).outcome is Outcome.ACCEPTED


def test_a_block_counts_from_its_index_and_the_earliest_stands():
    log = open_log()
    log.append(log.block("ada", 14), log.block("ada", 99), log.block("ada", 20))
    state = log.judged()
    assert state.blocks == {thumbprint(pseudonym_key("ada")): 14}
    assert verdict_on(log, log.block("ada", 99)).rows == (BlockRow(thumbprint(pseudonym_key("ada")), 99, 15),)
    early = open_log()
    early.append(early.block("ada", 99))
    assert verdict_on(early, early.record("ada").leaf).outcome is Outcome.ACCEPTED


def test_a_member_suspended_returns_leaves_and_comes_again_with_a_new_key():
    log = announced_log()
    moves = [
        ("approved", "suspended", "ada"),
        ("suspended", "approved", "ada"),
        ("approved", "left", "ada"),
        ("applied", "approved", "ada-2"),
        ("approved", "approved", "ada-3"),
    ]
    counts = []
    for from_state, to_state, key in moves:
        log.append(log.member("ada", from_state, to_state, key=key))
        counts.append(log.judged().approved_members)
    assert counts == [2, 3, 2, 3, 3]
    row = log.judged().rows.find_member(entity_of("ada"))
    assert row == MemberRow(entity_of("ada"), thumbprint(federation_key("ada-3")), "approved", 9)
    assert verdict_on(log, log.issued("ada")).code is Code.NOT_A_MEMBER
    assert verdict_on(log, log.issued("ada-3")).outcome is Outcome.ACCEPTED


def test_an_epoch_beside_an_open_one_keeps_its_policy_and_ends_with_it():
    log = open_log()
    assert verdict_on(log, log.supplement()).outcome is Outcome.ACCEPTED
    assert verdict_on(log, log.epoch(2)).outcome is Outcome.ACCEPTED, "the next one begins as this one ends"


def test_a_void_epoch_is_announced_again_under_the_next_number():
    log = registered_log()
    log.append(log.void(), log.epoch(2))
    state = log.judged()
    assert state.epochs[1].status is EpochStatus.VOID
    assert state.epochs[2].status is EpochStatus.ANNOUNCED
    assert verdict_on(log, log.issued("ada", 2)).outcome is Outcome.ACCEPTED


def test_a_successor_goes_on_with_the_numbers_of_the_epochs():
    log = NetworkLog(generation=2)
    before = NetworkLog()
    before.append(before.genesis())
    predecessor = {"origin": before.origin, "checkpoint": before.signed_checkpoint().decode()}
    log.append(log.genesis(predecessor=predecessor), log.epoch(7, keys=1))
    state = log.judged()
    assert state.genesis.predecessor == predecessor
    assert list(state.epochs) == [7]
    assert verdict_on(log, log.epoch(7, keys=2)).code is Code.EPOCH_INVALID
    assert verdict_on(log, log.epoch(8, keys=2)).outcome is Outcome.ACCEPTED


def test_surplus_pseudonyms_raise_an_alarm_and_open_all_the_same():
    log = registered_log()
    log.append(log.pseudonym("nobody"))
    verdict = verdict_on(log, log.open(registered=4))
    assert (verdict.outcome, verdict.alarms) == (Outcome.ACCEPTED, (Code.REGISTERED_SURPLUS,))


def test_more_credentials_than_members_raise_an_alarm():
    log = registered_log()
    log.append(log.member("ada", "approved", "revoked"))
    assert verdict_on(log, log.open()).alarms == (Code.ISSUED_SURPLUS,)
    assert verdict_on(registered_log(), log.open()).alarms == ()


def test_judging_changes_nothing_until_it_is_applied():
    log = open_log()
    state = log.judged()
    sealed = log.record("ada")
    first, again = (judge_leaf(state, 12, sealed.leaf) for _ in range(2))
    assert first == again
    assert first.outcome is Outcome.ACCEPTED
    state.apply(first)
    assert judge_leaf(state, 13, sealed.leaf).code is Code.RECORD_DUPLICATE


def test_leaves_are_judged_in_order():
    state = open_log().judged()
    with pytest.raises(ValueError, match="next leaf is 12"):
        judge_leaf(state, 13, b"")
    with pytest.raises(ValueError, match="next leaf is 12"):
        state.apply(verdict_on(NetworkLog(), NetworkLog().genesis(), LogState()))


def test_a_state_comes_back_from_what_was_stored():
    log = open_log()
    index = log.publish("ada")
    whole = log.judged()
    rows = MemoryRows()
    for row in (whole.rows.find_record(log.origin, index), whole.rows.find_pseudonym(thumbprint(pseudonym_key("ada")))):
        rows.add(row)
    reloaded = LogState(
        Pins(),
        rows,
        size=whole.size,
        genesis=whole.genesis,
        epochs=dict(whole.epochs),
        blocks=dict(whole.blocks),
        approved_members=whole.approved_members,
    )
    entry = log.retract("ada", index)
    assert judge_leaf(reloaded, 13, entry) == judge_leaf(whole, 13, entry)
    assert isinstance(judge_leaf(reloaded, 13, entry).rows[0], RecordRow)


def test_members_are_counted_in_memory_as_in_the_state():
    log = announced_log()
    log.append(log.member("ada", "approved", "suspended"))
    state = log.judged()
    assert state.rows.count_members() == state.approved_members == len(MEMBERS) - 1

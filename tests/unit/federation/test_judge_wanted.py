"""What a mirror loads before a bundle is enough to judge it: the same verdicts as with everything at hand."""

import pytest

from federation.judge import (
    LogState,
    MemoryRows,
    Pins,
    ReplicationRow,
    judge_blob,
    judge_leaf,
    wanted_by_blobs,
    wanted_by_leaves,
)
from federation.keys import thumbprint
from tests.fakes.network_log import (
    PRACTICE,
    QUESTION,
    entity_of,
    federation_key,
    open_log,
    pseudonym_key,
    registered_log,
)


def load(wanted, stored: MemoryRows) -> MemoryRows:
    """As a mirror does from its tables, by key only."""
    loaded = MemoryRows()
    by_key = [stored.find_pseudonym(jkt) for jkt in wanted.pseudonyms]
    for row in (*by_key, *(stored.find_member_by_jkt(jkt) for jkt in wanted.jkts)):
        if row is not None:
            loaded.add(row)
    for entity in wanted.entities:
        if (member := stored.find_member(entity)) is not None:
            loaded.add(member)
    held = {member.entity for member in loaded.members.values()}
    loaded.issued = {(epoch, entity) for epoch, entity in stored.issued if entity in held}
    for key in wanted.records:
        if (record := stored.find_record(*key)) is not None:
            loaded.add(record)
    loaded.blobs |= wanted.blob_sha256s & stored.blobs
    for jkt, practice in wanted.replications:
        if (index := stored.find_replication(jkt, practice)) is not None:
            loaded.add(ReplicationRow(jkt, practice, index))
    return loaded


def busy_log():
    """Every kind of leaf, twice where the second is refused."""
    log = registered_log()
    log.append(log.issued("ada"), log.pseudonym("ada"), log.open(), log.open())
    practice = log.publish("ada")
    replication = log.publish("ben", "replication", PRACTICE | {"origin": log.record_id(practice)})
    log.publish("cem", "question", QUESTION | {"target": log.record_id(practice)})
    log.append(log.entries[practice], log.retract("ben", practice), log.retract("ada", practice), b"junk")
    log.append(log.moderate(replication), log.moderate(replication), log.block("ben", 20), log.record("ben").leaf)
    log.append(log.member("ada", "approved", "left"), log.member("eve", key="ada"), log.epoch(2), log.issued("ben", 2))
    return log


@pytest.mark.parametrize("batch", [1, 2, 7, 100])
def test_rows_loaded_by_key_give_the_same_verdicts(batch):
    log = busy_log()
    whole = LogState(Pins(), MemoryRows())
    lean = LogState(Pins(), MemoryRows())
    stored = MemoryRows()
    for start in range(0, len(log.entries), batch):
        bundle = log.entries[start : start + batch]
        lean.rows = load(wanted_by_leaves(bundle), stored)
        for index, entry in enumerate(bundle, start=start):
            expected, verdict = judge_leaf(whole, index, entry), judge_leaf(lean, index, entry)
            assert verdict == expected
            whole.apply(expected)
            lean.apply(verdict)
            for row in verdict.rows:
                stored.add(row)
    assert lean.approved_members == whole.approved_members == 2


def test_rows_loaded_for_blobs_give_the_same_verdicts():
    log = open_log()
    practice = log.publish("ada")
    for _ in range(2):
        log.publish("ben", "replication", PRACTICE | {"origin": log.record_id(practice)})
    log.publish("ada", "replication", PRACTICE | {"origin": log.record_id(practice)})
    log.commit("cem", b"junk")
    state = log.judged()
    stored = state.rows
    codes = {}
    for index, blob in log.blobs.items():
        record = stored.find_record(log.origin, index)
        state.rows = load(wanted_by_blobs([(record, blob)]), stored)
        verdict = judge_blob(state, record, blob, log.documents)
        codes[index] = verdict.code
        for row in verdict.rows:
            stored.add(row)
    assert codes == {12: None, 13: None, 14: "replicated-already", 15: "own-practice", 16: "not-json"}


def test_keys_are_found_in_every_place_where_they_stand():
    log = open_log()
    sealed = log.record("ada")
    wanted = wanted_by_leaves(
        [sealed.leaf, log.member("eve"), log.block("ben", 1), log.retract("cem", 5), log.issued("dan")]
    )
    assert {thumbprint(pseudonym_key(name)) for name in ("ada", "ben", "cem")} <= wanted.pseudonyms
    assert {thumbprint(federation_key(name)) for name in ("eve", "dan")} <= wanted.jkts
    assert wanted.entities == {entity_of("eve")}
    assert wanted.blob_sha256s == {sealed.blob_sha256}
    assert wanted.records == {(log.origin, 5)}


@pytest.mark.parametrize(
    "blob", [b"", b"[]", b"{}", b'{"payload":[]}', b'{"payload":{"origin":5,"target":"x"}}', b"\xff", b"[" * 100_000]
)
def test_junk_wants_nothing(blob):
    record = open_log_record()
    assert wanted_by_blobs([(record, blob)]) == wanted_by_leaves([b"junk", b"a.b.c"])


def open_log_record():
    log = open_log()
    index = log.publish("ada")
    return log.judged().rows.find_record(log.origin, index)

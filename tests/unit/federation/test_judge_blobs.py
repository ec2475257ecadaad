"""What a receiver checks before it keeps what somebody published."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from federation.errors import Unreachable
from federation.judge import Outcome, ReplicationRow, judge_blob, judge_leaf, wanted_documents
from federation.keys import thumbprint
from schemas.canonical import canonical_bytes
from schemas.problem import Code
from tests.fakes.network_log import (
    NETWORK,
    PRACTICE,
    QUESTION,
    NetworkLog,
    build_lattice,
    open_log,
    pseudonym_key,
)

ADA = thumbprint(pseudonym_key("ada"))
BEN = thumbprint(pseudonym_key("ben"))


def replication_of(log, index, **changes):
    return PRACTICE | {"origin": log.record_id(index)} | changes


def verdict_on(log, index, blob=None, documents=None):
    state = log.judged()
    record = state.rows.find_record(log.origin, index)
    return judge_blob(state, record, log.blobs[index] if blob is None else blob, documents or log.documents)


def blob_document(**changes):
    document = {"v": 1, "kind": "practice", "network": NETWORK, "epoch": 1, "jkt": ADA, "salt": "A" * 43}
    return document | {"payload": PRACTICE} | changes


def test_an_honest_practice_is_accepted_with_its_content():
    log = open_log()
    verdict = verdict_on(log, log.publish("ada"))
    assert verdict.outcome is Outcome.ACCEPTED
    assert verdict.content["payload"] == PRACTICE
    assert verdict.rows == ()


def test_the_whole_life_of_a_practice():
    log = open_log()
    practice = log.publish("ada")
    replication = log.publish("ben", "replication", replication_of(log, practice))
    question = log.publish("cem", "question", QUESTION | {"target": log.record_id(practice)})
    call = log.publish("cem", "question", QUESTION)
    answer = log.publish("ada", "answer", {"target": log.record_id(question), "text": "The office aide."})
    flag = log.publish("cem", "flag", {"target": log.record_id(replication), "code": "duplicate"})
    better = log.publish("ada", payload=PRACTICE | {"supersedes": log.record_id(practice)})
    again = log.publish("ben", "replication", replication_of(log, practice, supersedes=log.record_id(replication)))
    for index in (practice, replication, question, call, answer, flag, better, again):
        assert verdict_on(log, index).outcome is Outcome.ACCEPTED, index
    row = ReplicationRow(BEN, log.record_id(practice), replication)
    assert verdict_on(log, replication).rows == (row,)


def test_a_candidate_is_judged_before_it_is_in_the_log():
    log = open_log()
    state = log.judged()
    sealed = log.record("ada", payload=PRACTICE | {"title": "Write to a.b@c.example"})
    (record,) = judge_leaf(state, state.size, sealed.leaf).rows
    assert judge_blob(state, record, sealed.blob, log.documents).code is Code.RULE_TEXT


def test_what_is_gone_may_still_be_pointed_at():
    log = open_log()
    practice = log.publish("ada")
    log.append(log.retract("ada", practice))
    assert verdict_on(log, log.publish("ben", "replication", replication_of(log, practice))).outcome is Outcome.ACCEPTED


def test_another_networks_practice_can_be_replicated_unseen():
    log = open_log()
    elsewhere = PRACTICE | {"origin": "south.example/net/south/log/1#7"}
    assert verdict_on(log, log.publish("ben", "replication", elsewhere)).outcome is Outcome.ACCEPTED


def test_a_blob_of_a_later_version_waits_for_a_newer_program():
    log = open_log()
    index = log.commit("ada", canonical_bytes(blob_document(v=2, mood="good")))
    verdict = verdict_on(log, index)
    assert (verdict.outcome, verdict.code) == (Outcome.NEWER, Code.UNSUPPORTED_VERSION)


def test_without_its_policy_or_lattice_there_is_no_verdict():
    log = open_log()
    index = log.publish("ada")
    state = log.judged()
    record = state.rows.find_record(log.origin, index)
    wanted = wanted_documents(state, record)
    assert set(wanted) == set(log.documents)
    for sha256 in wanted:
        with pytest.raises(Unreachable) as absent:
            judge_blob(state, record, log.blobs[index], {k: v for k, v in log.documents.items() if k != sha256})
        assert absent.value.code is Code.NOT_FOUND


def test_before_opening_nobody_knows_a_records_lattice():
    log = open_log()
    index = log.publish("ada")
    state = log.judged()
    record = state.rows.find_record(log.origin, index)
    log.append(log.epoch(2))
    later = log.judged()
    with pytest.raises(ValueError, match="has not opened"):
        wanted_documents(later, type(record)(record.origin, 12, "practice", ADA, 2, "0" * 64))


@dataclass(frozen=True)
class Attack:
    name: str
    code: Code
    publish: Callable[[NetworkLog], int]


def committed(**changes):
    return lambda log: log.commit("ada", canonical_bytes(blob_document(**changes)))


def told(kind, **payload):
    """A question or an answer with any payload, as no honest node would seal it."""
    return lambda log: log.commit("ada", canonical_bytes(blob_document(kind=kind, payload=payload)), kind)


def answer_to_ben(**more):
    def publish(log):
        target = log.record_id(log.publish("ben", "question", QUESTION))
        return log.publish("ada", "answer", {"target": target, "text": "Yes."} | {n: of(log) for n, of in more.items()})

    return publish


def after(entry_of):
    """The blob of a record about which something was logged since."""

    def publish(log):
        index = log.publish("ada")
        log.append(entry_of(log, index))
        return index

    return publish


def second_replication(log):
    practice = log.publish("ada")
    log.publish("ben", "replication", replication_of(log, practice))
    return log.publish("ben", "replication", replication_of(log, practice))


ATTACKS = [
    Attack("49 KiB", Code.BLOB_TOO_LARGE, lambda log: log.commit("ada", b"x" * 49 * 1024)),
    Attack("not canonical", Code.NOT_CANONICAL, lambda log: log.commit("ada", canonical_bytes(blob_document()) + b" ")),
    Attack("no JSON", Code.NOT_JSON, lambda log: log.commit("ada", b"{")),
    Attack("NaN", Code.NOT_JSON, lambda log: log.commit("ada", b'{"v":NaN}')),
    Attack("a key twice", Code.DUPLICATE_KEY, lambda log: log.commit("ada", b'{"v":1,"v":1}')),
    Attack("deep", Code.TOO_DEEP, lambda log: log.commit("ada", b"[" * 25 + b"]" * 25)),
    Attack("unknown kind", Code.UNKNOWN_KIND, committed(kind="poem")),
    Attack("unknown field", Code.INVALID_DOCUMENT, committed(payload=PRACTICE | {"school": "PS 1"})),
    Attack("short salt", Code.INVALID_DOCUMENT, committed(salt="AAAA")),
    Attack("another kind than its leaf", Code.BLOB_LEAF_MISMATCH, committed(kind="question", payload=QUESTION)),
    Attack("another epoch than its leaf", Code.BLOB_LEAF_MISMATCH, committed(epoch=2)),
    Attack("another pseudonym than its leaf", Code.BLOB_LEAF_MISMATCH, committed(jkt=BEN)),
    Attack("another network than its leaf", Code.BLOB_LEAF_MISMATCH, committed(network="https://net.example/net/south")),
    Attack("retracted", Code.BLOB_RETRACTED, after(lambda log, index: log.retract("ada", index))),
    Attack("corrected", Code.BLOB_RETRACTED, after(lambda log, index: log.retract("ada", index, "corrected"))),
    Attack("moderated", Code.BLOB_MODERATED, after(lambda log, index: log.moderate(index))),
    Attack("blocked from its index on", Code.PSEUDONYM_BLOCKED, after(lambda log, index: log.block("ada", index))),
    Attack("breaks a rule of disclosure", Code.RULE_TEXT, committed(payload=PRACTICE | {"conditions": "Call 555 010 2030 or write to a@b.example"})),
    Attack("context of another lattice", Code.RULE_CONTEXT, committed(payload=PRACTICE | {"context": {"lattice_sha256": "0" * 64, "class": "c1"}})),
    Attack("replicates nothing", Code.TARGET_UNKNOWN, lambda log: log.publish("ada", "replication", replication_of(log, 999))),
    Attack("replicates a leaf that is no record", Code.TARGET_UNKNOWN, lambda log: log.publish("ada", "replication", replication_of(log, 3))),
    Attack("replicates itself", Code.TARGET_UNKNOWN, lambda log: log.publish("ada", "replication", replication_of(log, 12))),
    Attack("replicates a question", Code.TARGET_KIND_WRONG, lambda log: log.publish("ada", "replication", replication_of(log, log.publish("ben", "question", QUESTION)))),
    Attack("answers a practice", Code.TARGET_KIND_WRONG, lambda log: log.publish("ada", "answer", {"target": log.record_id(log.publish("ben")), "text": "Yes."})),
    Attack("asks about a question", Code.TARGET_KIND_WRONG, lambda log: log.publish("ada", "question", QUESTION | {"target": log.record_id(log.publish("ben", "question", QUESTION))})),
    Attack("asks about what comes later", Code.TARGET_UNKNOWN, lambda log: log.publish("ada", "question", QUESTION | {"target": log.record_id(99)})),
    Attack("answers nothing", Code.TARGET_UNKNOWN, lambda log: log.publish("ada", "answer", {"target": log.record_id(99), "text": "Yes."})),
    Attack("answers everybody", Code.INVALID_DOCUMENT, told("answer", text="Yes.")),
    Attack("answers and points to a question", Code.TARGET_KIND_WRONG, answer_to_ben(practice=lambda log: log.record_id(12))),
    Attack("answers and points to nothing", Code.TARGET_UNKNOWN, answer_to_ben(practice=lambda log: log.record_id(99))),
    Attack("asks in 801 characters", Code.INVALID_DOCUMENT, told("question", text="x" * 801)),
    Attack("answers in 1,501 characters", Code.INVALID_DOCUMENT, told("answer", text="x" * 1501, target="net.example/log/1#12")),
    Attack("asks in no words", Code.INVALID_DOCUMENT, told("question", text=" ")),
    Attack("asks nine facets", Code.INVALID_DOCUMENT, told("question", text="Who?", chips=[{"facet": "subject", "id": "math"}] * 9)),
    Attack("asks a facet of no list", Code.INVALID_DOCUMENT, told("question", text="Who?", chips=[{"facet": "subject", "id": "alchemy"}])),
    Attack("asks with an address", Code.RULE_TEXT, told("question", text="Write to a@b.example, who has tried it?")),
    Attack("answers with a link", Code.RULE_TEXT, lambda log: log.publish("ada", "answer", {"target": log.record_id(log.publish("ben", "question", QUESTION)), "text": "See https://school.example/plan."})),
    Attack("corrects another's", Code.TARGET_NOT_OWN, lambda log: log.publish("ada", payload=PRACTICE | {"supersedes": log.record_id(log.publish("ben"))})),
    Attack("corrects what it can't see", Code.TARGET_NOT_OWN, lambda log: log.publish("ada", payload=PRACTICE | {"supersedes": "south.example/log/1#3"})),
    Attack("replicates its own practice", Code.OWN_PRACTICE, lambda log: log.publish("ada", "replication", replication_of(log, log.publish("ada")))),
    Attack("replicates twice", Code.REPLICATED_ALREADY, second_replication),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_refused_with_its_code(attack):
    log = open_log()
    index = attack.publish(log)
    state = log.judged()
    for earlier in sorted(log.blobs):
        verdict = judge_blob(state, state.rows.find_record(log.origin, earlier), log.blobs[earlier], log.documents)
        for row in verdict.rows:
            state.rows.add(row)
    assert (verdict.index, verdict.outcome, verdict.code) == (index, Outcome.REFUSED, attack.code)
    assert verdict.detail
    assert verdict.rows == ()
    assert verdict.content is None


def test_any_other_bytes_are_not_its_blob():
    log = open_log()
    index = log.publish("ada")
    for blob in (b"", log.blobs[index][:-1], log.blobs[index] + b"\n", log.record("ada").blob):
        assert verdict_on(log, index, blob).code is Code.BLOB_HASH_WRONG


def test_a_version_that_the_policy_does_not_accept():
    log = open_log()
    documents = {k: v | {"accepted_versions": [2]} if v["kind"] == "policy" else v for k, v in log.documents.items()}
    assert verdict_on(log, log.publish("ada"), documents=documents).code is Code.VERSION_NOT_ACCEPTED


def test_the_lattice_is_that_of_the_open_leaf():
    log = open_log()
    sha256 = next(key for key, document in log.documents.items() if document["kind"] == "lattice")
    context = {"lattice_sha256": sha256, "class": "c1"}
    index = log.publish("ada", payload=PRACTICE | {"context": context})
    assert verdict_on(log, index).outcome is Outcome.ACCEPTED
    assert verdict_on(log, index, documents=log.documents | {sha256: build_lattice(9)}).code is Code.RULE_CONTEXT

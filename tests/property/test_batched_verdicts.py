"""A bundle that is read, checked and examined at once gets the verdicts that its entries get one by one."""

from copy import deepcopy
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from federation.judge import LogState, Pins, judge_blob, judge_examined, judge_leaf, read_leaves
from federation.judge import wanted_documents as wanted_by
from federation.leaves import Leaf, signer_of
from nic_node.mirror.answer_calls import framed, unframed
from nic_node.mirror.examine import ServedFile, Standard, describe_blobs
from tests.fakes.network_log import PRACTICE, QUESTION, NetworkLog, open_log, pseudonym_key, thumbprint

UNHURRIED = settings(deadline=None, max_examples=60)
NAMES = ("ada", "ben", "cem")
"""Registered; nobody knows dan."""
PAYLOADS = {
    "practice": PRACTICE,
    "question": QUESTION,
    "replication": PRACTICE | {"origin": "net.example/net/north/log/1#12"},
    "answer": {"target": "net.example/net/north/log/1#13", "text": "We did."},
}
ACTS = st.tuples(
    st.sampled_from(
        ["publish", "publish", "twice", "retract", "block", "moderate", "flip", "stranger", "text", "junk"]
    ),
    st.sampled_from(NAMES),
    st.sampled_from(sorted(PAYLOADS)),
    st.integers(0, 7),
)


@cache
def opened() -> NetworkLog:
    return open_log()


def written(acts) -> NetworkLog:
    """An open log, and then what honest and other authors did."""
    log = deepcopy(opened())
    for act, name, kind, number in acts:
        target = 12 + number
        match act:
            case "publish" | "twice":
                index = log.publish(name, kind, PAYLOADS[kind])
                if act == "twice":
                    log.append(log.entries[index])
            case "text":
                log.publish(name, "question", {"text": "Write to ada@school.example."})
            case "retract":
                log.append(log.retract(name, target))
            case "block":
                log.append(log.block(name, target))
            case "moderate":
                log.append(log.moderate(target))
            case "flip":
                sealed = log.record(name, kind, PAYLOADS[kind])
                log.append(sealed.leaf[:-3] + (b"AAA" if sealed.leaf[-3:] != b"AAA" else b"BBB"))
            case "stranger":
                log.publish("dan", kind, PAYLOADS[kind])
            case _:
                log.commit(name, b'{"v": 1}', kind)
    return log


def one_by_one(log: NetworkLog):
    state, verdicts = LogState(Pins()), []
    for index, entry in enumerate(log.entries):
        verdicts.append(judge_leaf(state, index, entry))
        state.apply(verdicts[-1])
    return state, verdicts


def in_bulk(log: NetworkLog):
    """As `nic_node.mirror.entries` does it, through the other process's pipe."""
    keys = {thumbprint(key): key for key in map(pseudonym_key, NAMES)}
    kids = set(map(signer_of, log.entries))
    asked = unframed(framed((log.entries, {kid: key["x"] for kid, key in keys.items() if kid in kids}))[8:])
    read = unframed(framed(read_leaves(*asked))[8:])
    assert any(isinstance(leaf, Leaf) and leaf.is_verified for leaf in read)
    state, verdicts = LogState(Pins()), []
    for index, (entry, leaf) in enumerate(zip(log.entries, read, strict=True)):
        verdicts.append(judge_leaf(state, index, entry, leaf))
        state.apply(verdicts[-1])
    return state, verdicts


def said(verdict):
    return verdict.index, verdict.outcome, verdict.code, verdict.detail, verdict.rows, verdict.alarms


@UNHURRIED
@given(st.lists(ACTS, max_size=14))
def test_bundles_get_the_verdicts_of_their_entries_and_blobs(acts) -> None:
    log = written(acts)
    state, leaves = one_by_one(log)
    bulk_state, bulk_leaves = in_bulk(log)
    assert list(map(said, bulk_leaves)) == list(map(said, leaves))

    records = [verdict.rows[0] for verdict in leaves if verdict.index in log.blobs and verdict.rows]
    records = [state.rows.find_record(record.origin, record.index) for record in records]
    wanted = {record.epoch: wanted_by(state, record) for record in records}
    standard = Standard(network=log.network, documents=log.documents, wanted=wanted)
    served = ServedFile([(record, True) for record in records], [log.blobs[record.index] for record in records])
    (described,) = unframed(framed(describe_blobs(*unframed(framed(([served], standard))[8:])))[8:])
    assert not described.strays
    for record, (number, blob) in zip(records, described.records, strict=True):
        assert number is not None
        verdict = judge_blob(state, record, log.blobs[record.index], log.documents)
        assert said(judge_examined(bulk_state, record, blob.examined)) == said(verdict)
        for row in verdict.rows:
            state.rows.add(row)
            bulk_state.rows.add(row)

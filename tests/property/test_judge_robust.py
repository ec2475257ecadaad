"""A judge answers with a verdict for anything that can stand in a log, and only signatures that hold are accepted."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import Untrusted
from federation.judge import LogState, Outcome, judge_blob, judge_leaf
from federation.jws import sign_jws
from federation.leaves import read_leaf
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.leaf import LEAF_TYP
from tests.fakes.network_log import PRACTICE, NetworkLog, open_log, pseudonym_key

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@cache
def world() -> tuple[NetworkLog, LogState]:
    log = open_log()
    log.publish("ada")
    return log, log.judged()


@cache
def candidates() -> dict[str, dict]:
    """An honest payload of every type, before it is signed."""
    log, _ = world()
    honest = [
        log.genesis(),
        log.epoch(2),
        log.issued("ada"),
        log.open(),
        log.void(),
        log.member("eve"),
        log.moderate(12),
    ]
    honest += [log.block("ada", 12), log.pseudonym("dan"), log.record("ada").leaf, log.retract("ada", 12)]
    return {(leaf := read_leaf(entry)).t: leaf.payload for entry in honest}


@given(
    st.sampled_from(
        sorted(
            {
                "genesis",
                "epoch",
                "issued",
                "open",
                "void",
                "member",
                "moderate",
                "block",
                "pseudonym",
                "record",
                "retract",
            }
        )
    ),
    st.data(),
)
@settings(max_examples=300)
def test_any_value_in_any_field_of_any_leaf(t, data):
    log, state = world()
    payload = dict(candidates()[t])
    field = data.draw(st.sampled_from(sorted(payload)))
    payload[field] = data.draw(
        json_values | st.sampled_from(sorted({*candidates(), log.origin, "0" * 64, log.record_id(12)}))
    )
    key = data.draw(st.sampled_from([log.leaf_private, pseudonym_key("ada")]))
    verdict = judge_leaf(state, state.size, sign_jws(payload, key, typ=LEAF_TYP).encode())
    assert verdict.outcome in Outcome
    assert (verdict.code is None) == (verdict.outcome is Outcome.ACCEPTED)


@given(st.binary(max_size=300))
def test_any_bytes_as_a_leaf(data):
    _, state = world()
    assert judge_leaf(state, state.size, data).outcome is Outcome.REFUSED


@given(json_values, st.sampled_from(["payload", "salt", "jkt", "kind", "v", "epoch", "network"]))
@settings(max_examples=100)
def test_any_value_in_any_field_of_a_blob(value, field):
    log, _ = world()
    document = {"v": 1, "kind": "practice", "network": log.network, "epoch": 1, "jkt": "A" * 43, "salt": "A" * 43}
    blob = canonical_bytes(document | {"payload": PRACTICE} | {field: value})
    forked = open_log()
    index = forked.commit("ada", blob)
    state = forked.judged()
    verdict = judge_blob(state, state.rows.find_record(forked.origin, index), blob, forked.documents)
    assert verdict.outcome in (Outcome.REFUSED, Outcome.NEWER)
    assert sha256_hex(blob) == state.rows.find_record(forked.origin, index).blob_sha256


@given(
    st.integers(0, 10_000),
    st.integers(0, 7),
    st.sampled_from(sorted({"record", "retract", "moderate", "block", "member"})),
)
@settings(max_examples=200)
def test_no_leaf_with_a_flipped_bit_is_accepted(at, bit, t):
    log, state = world()
    key = pseudonym_key("ada") if t in ("record", "retract") else log.leaf_private
    entry = bytearray(sign_jws(candidates()[t], key, typ=LEAF_TYP).encode())
    assert judge_leaf(state, state.size, bytes(entry)).outcome is Outcome.ACCEPTED
    entry[at % len(entry)] ^= 1 << bit
    # One of these bits makes it a leaf of version 3, which is kept for a newer program.
    assert judge_leaf(state, state.size, bytes(entry)).outcome is not Outcome.ACCEPTED


def test_entry_0_is_never_judged_around():
    with pytest.raises(Untrusted):
        judge_leaf(LogState(), 0, b"")

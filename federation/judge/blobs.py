"""The verdict on one record's blob: what a receiver checks before it keeps what somebody published.

The leaf was accepted; now the content must be what it commits to, keep the rules of disclosure by the policy and
lattice of its own epoch, and point at records that are there.
"""

from collections.abc import Mapping
from typing import Any

from federation.errors import Unreachable, Untrusted
from federation.judge.rows import RecordRow, ReplicationRow, Row
from federation.judge.state import LogState, Outcome, Verdict, refusal, verify_living, verify_unblocked
from federation.records import read_blob, verify_agreement
from federation.rules import verify_payload_rules
from schemas.ids import parse_record_id
from schemas.problem import Code

Documents = Mapping[str, Mapping[str, Any]]
"""sha256 (hex) -> a public document whose hash was checked when it was read."""

REFERENCES: Mapping[tuple[str, str], frozenset[str]] = {
    ("replication", "origin"): frozenset({"practice"}),
    ("question", "target"): frozenset({"practice", "replication"}),
    ("answer", "target"): frozenset({"question"}),
    ("flag", "target"): frozenset({"practice", "replication", "question", "answer"}),
}
"""(kind, field) -> the kinds of record that it may point at. `supersedes`: the author's own of the same kind."""


def wanted_documents(state: LogState, record: RecordRow) -> tuple[str, str]:
    """The hashes of the policy and the lattice by which a record is judged."""
    epoch = state.epochs[record.epoch]
    if epoch.lattice_sha256 is None:
        raise ValueError(f"epoch {record.epoch} has not opened: it has no records")
    return epoch.payload["policy_sha256"], epoch.lattice_sha256


def judge_blob(state: LogState, record: RecordRow, data: bytes, documents: Documents) -> Verdict:
    """The verdict on the blob of an accepted record leaf; accepted, its `content` is the blob's document.

    Args:
        state: of the log up to the record or beyond.
        record: the row that its leaf established (a sequencer passes the candidate's).
        data: what somebody serves as its blob.
        documents: holds what `wanted_documents` names.

    Raises:
        Unreachable: NOT_FOUND, the policy or the lattice is not held: fetch it and try again.
    """
    try:
        blob = _verify_commitment(state, record, data)
        policy, lattice = (_held(documents, sha256) for sha256 in wanted_documents(state, record))
        _verify_version(blob, policy)
        lattice_sha256 = wanted_documents(state, record)[1]
        verify_payload_rules(record.kind, blob["payload"], policy, lattice, lattice_sha256=lattice_sha256)
        rows = _judge_references(state, record, blob["payload"])
    except Untrusted as error:
        return refusal(record.index, error)
    return Verdict(record.index, Outcome.ACCEPTED, rows=rows, content=blob)


def _verify_commitment(state: LogState, record: RecordRow, data: bytes) -> dict[str, Any]:
    """The blob, if it is the record's and may still be kept."""
    verify_living(record)
    verify_unblocked(state, record.jkt, record.index)
    blob = read_blob(data, blob_sha256=record.blob_sha256)
    network = state.required_genesis.network
    verify_agreement(blob, kind=record.kind, network=network, epoch=record.epoch, jkt=record.jkt)
    return blob


def _verify_version(blob: Mapping[str, Any], policy: Mapping[str, Any]) -> None:
    if blob["v"] not in policy["accepted_versions"]:
        raise Untrusted(Code.VERSION_NOT_ACCEPTED, "The epoch's policy does not accept records of this version.")


def _held(documents: Documents, sha256: str) -> Mapping[str, Any]:
    document = documents.get(sha256)
    if document is None:
        raise Unreachable(Code.NOT_FOUND, f"The document {sha256} that an epoch names is not here yet.")
    return document


def _judge_references(state: LogState, record: RecordRow, payload: Mapping[str, Any]) -> tuple[Row, ...]:
    for (kind, name), kinds in REFERENCES.items():
        if kind == record.kind and name in payload:
            _verify_reference(state, record, payload[name], kinds)
    if "supersedes" in payload:
        replaced = _verify_reference(state, record, payload["supersedes"], frozenset({record.kind}))
        if replaced is None or replaced.jkt != record.jkt:
            raise Untrusted(Code.TARGET_NOT_OWN, "A correction names a record of another pseudonym.")
    if record.kind != "replication":
        return ()
    return (_judge_replication(state, record, payload),)


def _verify_reference(state: LogState, record: RecordRow, reference: str, kinds: frozenset[str]) -> RecordRow | None:
    """The record pointed at; none where it belongs to a log that this judge does not hold."""
    origin, index = parse_record_id(reference)
    target = state.rows.find_record(origin, index)
    if target is None:
        if origin == state.required_genesis.origin:
            raise Untrusted(Code.TARGET_UNKNOWN, "A record points at one that the log does not hold.")
        return None
    if target.origin == record.origin and target.index >= record.index:
        raise Untrusted(Code.TARGET_UNKNOWN, "A record points at itself or at one that came after it.")
    if target.kind not in kinds:
        raise Untrusted(Code.TARGET_KIND_WRONG, f"A {record.kind} points at a {target.kind}.")
    return target


def _judge_replication(state: LogState, record: RecordRow, payload: Mapping[str, Any]) -> ReplicationRow:
    """Within an epoch peers see that an author replicates its own practice, or twice; across epochs they can't."""
    practice = payload["origin"]
    origin = state.rows.find_record(*parse_record_id(practice))
    if origin is not None and origin.jkt == record.jkt:
        raise Untrusted(Code.OWN_PRACTICE, "A replication names a practice of its own author.")
    earlier = state.rows.find_replication(record.jkt, practice)
    if earlier is not None and earlier < record.index and "supersedes" not in payload:
        raise Untrusted(Code.REPLICATED_ALREADY, "An author replicates a practice once, and then corrects that.")
    return ReplicationRow(record.jkt, practice, record.index)

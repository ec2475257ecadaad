"""The verdict on one record's blob: what a receiver checks before it keeps what somebody published.

The leaf was accepted; now the content must be what it commits to, keep the rules of disclosure by the policy and
lattice of its own epoch, and point at records that are there.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from federation.errors import Unreachable, Untrusted
from federation.judge.rows import RecordRow, ReplicationRow, Row
from federation.judge.state import ACCEPTED, LogState, Verdict, refusal, verify_living, verify_unblocked
from federation.judge.wanted import REFERENCES
from federation.records import read_blob, verify_agreement
from federation.rules import verify_payload_rules
from schemas.blob import payload_in
from schemas.canonical import document_sha256
from schemas.ids import parse_record_id
from schemas.problem import Code

Documents = Mapping[str, Mapping[str, Any]]
"""sha256 (hex) -> a public document whose hash was checked when it was read."""

KINDS_NAMED: Mapping[tuple[str, str], frozenset[str]] = {
    ("replication", "origin"): frozenset({"practice"}),
    ("question", "target"): frozenset({"practice", "replication"}),
    ("answer", "target"): frozenset({"question"}),
    ("answer", "practice"): frozenset({"practice", "replication"}),
    ("flag", "target"): frozenset({"practice", "replication", "question", "answer"}),
}
"""(kind, field) -> the kinds of record that it may point at. `supersedes`: the author's own of the same kind."""


def wanted_documents(state: LogState, record: RecordRow) -> tuple[str, str]:
    """The hashes of the policy and the lattice by which a record is judged."""
    epoch = state.epochs[record.epoch]
    if epoch.lattice_sha256 is None:
        raise ValueError(f"epoch {record.epoch} has not opened: it has no records")
    return epoch.payload["policy_sha256"], epoch.lattice_sha256


class EpochRules:
    """Policies and lattices by hash, for many blobs: a lattice's own hash, which each blob names, is computed once."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._lattice_sha256: dict[str, str] = {}

    def verify(self, kind: str, blob: Mapping[str, Any], data: bytes, wanted: tuple[str, str]) -> None:
        """Hold a blob, read from the data, to the documents that `wanted_documents` answers.

        Raises:
            Untrusted: VERSION_NOT_ACCEPTED, or a code of `federation.rules`.
            Unreachable: NOT_FOUND, a document is not held.
        """
        policy, lattice = (_held(self._documents, sha256) for sha256 in wanted)
        if blob["v"] not in policy["accepted_versions"]:
            raise Untrusted(Code.VERSION_NOT_ACCEPTED, "The epoch's policy does not accept records of this version.")
        if wanted[1] not in self._lattice_sha256:
            self._lattice_sha256[wanted[1]] = document_sha256(lattice)
        lattice_sha256 = self._lattice_sha256[wanted[1]]
        payload, written = blob["payload"], payload_in(data)
        verify_payload_rules(kind, payload, policy, lattice, lattice_sha256=lattice_sha256, written=written)


class ExaminedBlob(NamedTuple):
    """What can be told of a blob without the rest of the log: that all is right so far, or the first thing that is not.

    content: the blob's document. references: its members that name other records, by REFERENCES of `wanted`.
    """

    refused: Untrusted | None = None
    content: Mapping[str, Any] | None = None
    references: Mapping[str, str] = {}  # nobody writes to it


def examine_blob(
    network: str,
    record: RecordRow,
    data: bytes,
    rules: EpochRules,
    wanted: tuple[str, str],
    *,
    data_sha256: str | None = None,
) -> ExaminedBlob:
    """A blob held to its leaf, its schema and the rules of disclosure: by far the most of the work of judging it.

    Args:
        network: the entity id of the log's network.
        wanted: the hashes of policy and lattice, as `wanted_documents` answers them.
        data_sha256: hex, of whoever has just computed it from the data.

    Raises:
        Unreachable: NOT_FOUND, the policy or the lattice is not held.
    """
    try:
        blob = read_blob(data, blob_sha256=record.blob_sha256, data_sha256=data_sha256)
        verify_agreement(blob, kind=record.kind, network=network, epoch=record.epoch, jkt=record.jkt)
        rules.verify(record.kind, blob, data, wanted)
    except Untrusted as error:
        return ExaminedBlob(refused=error)
    payload = blob["payload"]
    return ExaminedBlob(content=blob, references={name: payload[name] for name in REFERENCES if name in payload})


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
        _verify_wanted(state, record)
    except Untrusted as error:
        return refusal(record.index, error)
    network, wanted = state.required_genesis.network, wanted_documents(state, record)
    return judge_examined(state, record, examine_blob(network, record, data, EpochRules(documents), wanted))


def judge_examined(state: LogState, record: RecordRow, blob: ExaminedBlob) -> Verdict:
    """The verdict on a blob that was examined, which may have been elsewhere: what is left depends on the log."""
    try:
        _verify_wanted(state, record)
        if blob.refused is not None:
            raise blob.refused
        rows = _judge_references(state, record, blob.references)
    except Untrusted as error:
        return refusal(record.index, error)
    return Verdict(record.index, ACCEPTED, rows=rows, content=blob.content)


def _verify_wanted(state: LogState, record: RecordRow) -> None:
    """That the record's blob may still be kept."""
    verify_living(record)
    verify_unblocked(state, record.jkt, record.index)


def _held(documents: Documents, sha256: str) -> Mapping[str, Any]:
    document = documents.get(sha256)
    if document is None:
        raise Unreachable(Code.NOT_FOUND, f"The document {sha256} that an epoch names is not here yet.")
    return document


def _judge_references(state: LogState, record: RecordRow, named: Mapping[str, str]) -> tuple[Row, ...]:
    if not named:
        return ()  # as most practices do; a replication names its origin, by its schema
    for (kind, name), kinds in KINDS_NAMED.items():
        if kind == record.kind and name in named:
            _verify_reference(state, record, named[name], kinds)
    if "supersedes" in named:
        replaced = _verify_reference(state, record, named["supersedes"], frozenset({record.kind}))
        if replaced is None or replaced.jkt != record.jkt:
            raise Untrusted(Code.TARGET_NOT_OWN, "A correction names a record of another pseudonym.")
    if record.kind != "replication":
        return ()
    return (_judge_replication(state, record, named),)


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


def _judge_replication(state: LogState, record: RecordRow, named: Mapping[str, str]) -> ReplicationRow:
    """Within an epoch peers see that an author replicates its own practice, or twice; across epochs they can't."""
    practice = named["origin"]
    origin = state.rows.find_record(*parse_record_id(practice))
    if origin is not None and origin.jkt == record.jkt:
        raise Untrusted(Code.OWN_PRACTICE, "A replication names a practice of its own author.")
    earlier = state.rows.find_replication(record.jkt, practice)
    if earlier is not None and earlier < record.index and "supersedes" not in named:
        raise Untrusted(Code.REPLICATED_ALREADY, "An author replicates a practice once, and then corrects that.")
    return ReplicationRow(record.jkt, practice, record.index)

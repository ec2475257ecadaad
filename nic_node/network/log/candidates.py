"""What may enter a log: candidates judged by the one judge of the federation, and by the clock, before they do.

A leaf carries no time, so whoever reads the log later goes by its order alone. That an epoch's windows were kept is
the sequencer's to see, and is seen here.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from federation.epochs import EpochStatus, accepts_records, read_epoch
from federation.errors import Untrusted
from federation.judge import (
    Documents,
    EpochRow,
    LogState,
    Outcome,
    RecordRow,
    Row,
    Verdict,
    Wanted,
    judge_blob,
    judge_leaf,
    wanted_by_blobs,
    wanted_by_leaves,
)
from federation.leaves import Leaf, read_leaf
from schemas.blob import load_blob
from schemas.code import Code
from schemas.invalid import InvalidDocument
from schemas.leaf import PSEUDONYM_LEAVES

UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A leaf that asks for a place, with the blob that it commits to.

    Attributes:
        began_at, ended_at: the slot in which it came; the same moment for what waits for no slot.
        is_submitted: whether members sent it, so that it may not be a leaf of the network's.
    """

    leaf: bytes
    blob: bytes | None
    began_at: datetime
    ended_at: datetime
    is_submitted: bool

    @property
    def leaf_sha256(self) -> str:
        return hashlib.sha256(self.leaf).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What was not let in. sha256: of the blob where there is one, else of the leaf."""

    what: str
    code: Code
    detail: str
    sha256: str


@dataclass(slots=True)
class Judged:
    """What a batch comes to; leaves and blobs in the order in which they are appended."""

    leaves: list[bytes] = field(default_factory=list)
    blobs: dict[int, bytes] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def wanted_by(candidates: Iterable[Candidate]) -> Wanted:
    """The rows that judging these will look up."""
    held = list(candidates)
    wanted = wanted_by_leaves(candidate.leaf for candidate in held)
    blobs = [(_author_only(candidate), candidate.blob) for candidate in held if candidate.blob is not None]
    more = wanted_by_blobs([(author, blob) for author, blob in blobs if author is not None])
    wanted.records.update(more.records)
    wanted.replications.update(more.replications)
    return wanted


def _author_only(candidate: Candidate) -> RecordRow | None:
    """A row that says no more than whose blob it is."""
    try:
        leaf = read_leaf(candidate.leaf)
    except Untrusted:
        return None
    return RecordRow(origin="", index=0, kind="", jkt=leaf.kid, epoch=0, blob_sha256="")


def epochs_named(candidates: Iterable[Candidate]) -> set[int]:
    """The epochs of the records among these: by their documents blobs are judged."""
    named = set()
    for candidate in candidates:
        try:
            leaf = read_leaf(candidate.leaf)
        except Untrusted:
            continue  # refused when it is judged
        if leaf.t == "record":
            named.add(leaf.payload["epoch"])
    return named


def judge_candidates(
    state: LogState, candidates: Iterable[Candidate], documents: Documents, logged: Collection[str]
) -> Judged:
    """Let in what may enter, one after the other; each sees those before it.

    Args:
        state: at the end of the log; it moves on with what is let in.
        documents: the policies and lattices of the records' epochs.
        logged: sha256 of leaves that the log holds already. Members send again what they don't find in time, so what
            was submitted and is there is dropped without a word. (A leaf of the network's may come twice: a member
            may be suspended again.)

    Raises:
        Unreachable: a document of an epoch is missing here.
    """
    judged, known = Judged(), set(logged)
    for candidate in candidates:
        if candidate.is_submitted and candidate.leaf_sha256 in known:
            continue
        index = state.size
        try:
            rows = _judge(state, candidate, documents)
        except Untrusted as error:
            judged.refused.append(_refusal(candidate, error))
            continue
        known.add(candidate.leaf_sha256)
        judged.leaves.append(candidate.leaf)
        judged.rows += rows
        if candidate.blob is not None:
            judged.blobs[index] = candidate.blob
    return judged


def _judge(state: LogState, candidate: Candidate, documents: Documents) -> list[Row]:
    """The rows that a candidate establishes; the state has moved on.

    Raises:
        Untrusted: why it may not enter.
    """
    leaf = read_leaf(candidate.leaf)
    if candidate.is_submitted and leaf.t not in PSEUDONYM_LEAVES:
        raise Untrusted(Code.LEAF_SIGNER_WRONG, "A leaf of the network's was submitted as if it were a member's.")
    # The clock is asked first: what comes too early or too late costs no signature, RSA or other.
    _verify_windows(state, leaf, candidate, documents)
    verdict = _accepted(judge_leaf(state, state.size, candidate.leaf, leaf))
    about_blob = _judge_blob(state, leaf, verdict, candidate, documents)
    state.apply(verdict)
    for row in about_blob:
        state.rows.add(row)
    return [*verdict.rows, *about_blob]


def _accepted(verdict: Verdict) -> Verdict:
    if verdict.outcome is Outcome.ACCEPTED:
        return verdict
    raise Untrusted(verdict.code or Code.LEAF_MALFORMED, verdict.detail)


def _judge_blob(
    state: LogState, leaf: Leaf, verdict: Verdict, candidate: Candidate, documents: Documents
) -> tuple[Row, ...]:
    if leaf.t != "record":
        if candidate.blob is not None:
            raise Untrusted(Code.BLOB_LEAF_MISMATCH, "A blob came with a leaf that commits to none.")
        return ()
    if candidate.blob is None:
        raise Untrusted(Code.BLOB_MISSING, "A record came without its blob.")
    (record,) = (row for row in verdict.rows if isinstance(row, RecordRow))
    return _accepted(judge_blob(state, record, candidate.blob, documents)).rows


def _verify_windows(state: LogState, leaf: Leaf, candidate: Candidate, documents: Documents) -> None:
    """That it came while its epoch took such leaves. What names no epoch, or one that did not open, the judge refuses.

    Raises:
        Untrusted: EPOCH_NOT_REGISTERING, PSEUDONYM_LATE, EPOCH_CLOSED.
    """
    if leaf.t not in ("pseudonym", "record"):
        return
    epoch = state.epochs.get(leaf.payload["epoch"])
    if epoch is None:
        return
    windows = read_epoch(epoch.payload).windows
    if leaf.t == "pseudonym":
        if candidate.ended_at <= windows.issue_to:
            raise Untrusted(Code.EPOCH_NOT_REGISTERING, f"Epoch {epoch.number} does not register pseudonyms yet.")
        if candidate.began_at >= windows.active_from:
            raise Untrusted(Code.PSEUDONYM_LATE, f"A pseudonym came after epoch {epoch.number} stopped registering.")
        return
    if epoch.status is not EpochStatus.OPEN:
        return
    taken = accepts_records(
        windows,
        epoch.status,
        candidate.began_at,
        slot_seconds=_slot_seconds(epoch, documents),
        kind=leaf.payload["kind"],
        supersedes=False,
    )
    if not taken and not _supersedes(candidate.blob):
        raise Untrusted(Code.EPOCH_CLOSED, f"Epoch {epoch.number} takes no records any more.")


def _slot_seconds(epoch: EpochRow, documents: Documents) -> int:
    slot_seconds: int = documents[epoch.payload["policy_sha256"]]["slot_seconds"]
    return slot_seconds


def _supersedes(blob: bytes | None) -> bool:
    """What a blob says of itself; whether that is true is judged with the blob."""
    try:
        return blob is not None and "supersedes" in load_blob(blob)["payload"]
    except InvalidDocument:
        return False


def _refusal(candidate: Candidate, error: Untrusted) -> Refused:
    content = candidate.leaf if candidate.blob is None else candidate.blob
    try:
        what = read_leaf(candidate.leaf).t
    except Untrusted:
        what = UNREADABLE
    return Refused(what=what, code=error.code, detail=error.detail, sha256=hashlib.sha256(content).hexdigest())

"""Where a judge stands in a log, and the verdict on one entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from federation.epochs import EpochStatus
from federation.errors import Untrusted
from federation.judge.rows import (
    BlockRow,
    EpochRow,
    GenesisRow,
    LogRows,
    MemberRow,
    MemoryRows,
    PseudonymRow,
    RecordRow,
    Row,
)
from federation.leaves import Leaf
from schemas.ids import parse_record_id
from schemas.problem import Code
from schemas.states import APPROVED

MODERATED = "moderated"
"""RecordRow.gone of a record that the network took down; an author's reasons are those of retract leaves."""


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NEWER = "newer"
    """Of a wire version that needs a newer program: kept, and judged again after an upgrade."""


ACCEPTED: Final = Outcome.ACCEPTED
"""By a name of its own: Python 3.11 looks for a member in its class for longer than most checks take."""


class Verdict(NamedTuple):
    """On one leaf, or on one record's blob.

    code and detail tell why where it is not accepted; rows are what an accepted one establishes; alarms
    (REGISTERED_SURPLUS, ISSUED_SURPLUS) are no reason to refuse a leaf and every reason to tell people; content is the
    blob's document.
    """

    index: int  # type: ignore[assignment]  # a tuple's own method, which no verdict needs
    outcome: Outcome
    code: Code | None = None
    detail: str = ""
    leaf: Leaf | None = None
    rows: tuple[Row, ...] = ()
    alarms: tuple[Code, ...] = ()
    content: Mapping[str, Any] | None = None


def refusal(index: int, error: Untrusted, leaf: Leaf | None = None) -> Verdict:
    """The verdict that an error makes: 'newer' where only the program is too old."""
    outcome = Outcome.NEWER if error.code is Code.UNSUPPORTED_VERSION else Outcome.REFUSED
    return Verdict(index, outcome, error.code, error.detail, leaf)


@dataclass(frozen=True)
class Pins:
    """What is known of a log before its entry 0 is read; what is None is taken from there.

    leaf_jkt: thumbprint of the network's leaf key. log_key: the vkey text of the checkpoints' key.
    """

    leaf_jkt: str | None = None
    log_key: str | None = None
    network: str | None = None
    generation: int | None = None

    @property
    def are_keys_pinned(self) -> bool:
        return self.leaf_jkt is not None


@dataclass
class LogState:
    """All that judging the next leaf depends on. Judging changes nothing; `apply` moves on.

    The few rows that are asked for all the time are held here; the many are behind `rows`, which may be replaced
    before each bundle by one that holds what the bundle touches. To go on after a restart, give what was stored: the
    size, the genesis, all epochs, all blocks (jkt -> least from_index), the number of members that are approved.
    """

    pins: Pins = field(default_factory=Pins)
    rows: LogRows = field(default_factory=MemoryRows)
    size: int = 0
    genesis: GenesisRow | None = None
    epochs: dict[int, EpochRow] = field(default_factory=dict)
    blocks: dict[str, int] = field(default_factory=dict)
    approved_members: int = 0

    def apply(self, verdict: Verdict) -> None:
        """Take in the verdict on the leaf at `size`."""
        if verdict.index != self.size:
            raise ValueError(f"the next leaf is {self.size}, not {verdict.index}")
        for row in verdict.rows:
            self._take_in(row)
        self.size += 1

    def _take_in(self, row: Row) -> None:
        match row:
            case GenesisRow():
                self.genesis = row
            case EpochRow():
                self.epochs[row.number] = row
            case BlockRow():
                self.blocks[row.jkt] = min(row.from_index, self.blocks.get(row.jkt, row.from_index))
            case MemberRow():
                before = self.rows.find_member(row.entity)
                was_approved = before is not None and before.state == APPROVED
                self.approved_members += (row.state == APPROVED) - was_approved
                self.rows.add(row)
            case _:
                self.rows.add(row)

    # What rules ask ------------------------------------------------------------------------------------------------

    @property
    def required_genesis(self) -> GenesisRow:
        if self.genesis is None:
            raise ValueError("a log is judged from its entry 0 on")
        return self.genesis

    def require_epoch(self, number: int) -> EpochRow:
        """Raises Untrusted: EPOCH_UNKNOWN, EPOCH_VOID."""
        epoch = self.epochs.get(number)
        if epoch is None:
            raise Untrusted(Code.EPOCH_UNKNOWN, f"The log announces no epoch {number}.")
        if epoch.status is EpochStatus.VOID:
            raise Untrusted(Code.EPOCH_VOID, f"Epoch {number} is void.")
        return epoch

    def require_pseudonym(self, jkt: str) -> PseudonymRow:
        """Raises Untrusted: PSEUDONYM_UNKNOWN."""
        pseudonym = self.rows.find_pseudonym(jkt)
        if pseudonym is None:
            raise Untrusted(Code.PSEUDONYM_UNKNOWN, "No such pseudonym is registered.")
        return pseudonym

    def require_living_record(self, record_id: str) -> RecordRow:
        """A record to take back or take down. Raises Untrusted: TARGET_UNKNOWN, BLOB_RETRACTED, BLOB_MODERATED."""
        record = self.rows.find_record(*parse_record_id(record_id))
        if record is None:
            raise Untrusted(Code.TARGET_UNKNOWN, "The log holds no such record.")
        verify_living(record)
        return record


def verify_living(record: RecordRow) -> None:
    """Raises Untrusted: BLOB_RETRACTED, BLOB_MODERATED."""
    if record.gone == MODERATED:
        raise Untrusted(Code.BLOB_MODERATED, "The record was taken down by the network.")
    if record.gone is not None:
        raise Untrusted(Code.BLOB_RETRACTED, "The record was taken back by its author.")


def verify_unblocked(state: LogState, jkt: str, index: int) -> None:
    """Raises Untrusted: PSEUDONYM_BLOCKED."""
    if index >= state.blocks.get(jkt, index + 1):
        raise Untrusted(Code.PSEUDONYM_BLOCKED, "A pseudonym is blocked.")

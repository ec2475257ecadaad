"""Verdicts on a log, leaf by leaf and blob by blob: bytes in, verdicts out.

The mirror, the sequencer and `nic log verify` all use this one judge.
"""

from federation.judge.blobs import Documents, judge_blob, wanted_documents
from federation.judge.leaves import judge_leaf
from federation.judge.rows import (
    BlockRow,
    EpochRow,
    GenesisRow,
    IssuedRow,
    LogRows,
    MemberRow,
    MemoryRows,
    PseudonymRow,
    RecordRow,
    ReplicationRow,
    Row,
)
from federation.judge.state import LogState, Outcome, Pins, Verdict
from federation.judge.wanted import Wanted, wanted_by_blobs, wanted_by_leaves

__all__ = [
    "BlockRow",
    "Documents",
    "EpochRow",
    "GenesisRow",
    "IssuedRow",
    "LogRows",
    "LogState",
    "MemberRow",
    "MemoryRows",
    "Outcome",
    "Pins",
    "PseudonymRow",
    "RecordRow",
    "ReplicationRow",
    "Row",
    "Verdict",
    "Wanted",
    "judge_blob",
    "judge_leaf",
    "wanted_by_blobs",
    "wanted_by_leaves",
    "wanted_documents",
]

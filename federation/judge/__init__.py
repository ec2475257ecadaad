"""Verdicts on a log, leaf by leaf and blob by blob: bytes in, verdicts out.

The mirror, the sequencer and `nic log verify` all use this one judge.
"""

from federation.judge.blobs import (
    Documents,
    EpochRules,
    ExaminedBlob,
    examine_blob,
    judge_blob,
    judge_examined,
    wanted_documents,
)
from federation.judge.leaves import judge_leaf, read_leaves, try_leaf
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
from federation.judge.state import ACCEPTED, LogState, Outcome, Pins, Verdict
from federation.judge.wanted import (
    REFERENCES,
    Wanted,
    wanted_by_blobs,
    wanted_by_leaves,
    wanted_by_read,
    wanted_by_references,
)

__all__ = [
    "ACCEPTED",
    "REFERENCES",
    "BlockRow",
    "Documents",
    "EpochRow",
    "EpochRules",
    "ExaminedBlob",
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
    "examine_blob",
    "judge_blob",
    "judge_examined",
    "judge_leaf",
    "read_leaves",
    "try_leaf",
    "wanted_by_blobs",
    "wanted_by_leaves",
    "wanted_by_read",
    "wanted_by_references",
    "wanted_documents",
]

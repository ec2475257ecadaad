"""What a log has established, as rows that a mirror keeps in its tables, and the look-ups that a judge needs.

A judge never asks a database: whoever has one loads the rows that a bundle touches (`federation.judge.wanted`) into
`MemoryRows` first, judges the bundle, then stores the rows of its verdicts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from federation.epochs import EpochStatus
from schemas.states import APPROVED


@dataclass(frozen=True, slots=True)
class GenesisRow:
    """Entry 0. origin is the name under which log_key (a vkey text) signs."""

    network: str
    generation: int
    origin: str
    log_key: str
    leaf_jwk: Mapping[str, str]
    predecessor: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class EpochRow:
    """An epoch leaf's payload and what has happened to it since. lattice_sha256 is that of `open`, none before."""

    number: int
    index: int
    payload: Mapping[str, Any]
    status: EpochStatus = EpochStatus.ANNOUNCED
    issued: int = 0
    registered: int = 0
    open_index: int | None = None
    lattice_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member's last logged state. index is that of the leaf."""

    entity: str
    jkt: str
    state: str
    index: int


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """That a member was issued a credential in an epoch."""

    epoch: int
    entity: str
    index: int


@dataclass(frozen=True, slots=True)
class PseudonymRow:
    """A registered pseudonym; x is its public key, base64url."""

    origin: str
    jkt: str
    epoch: int
    x: str
    index: int


class RecordRow(NamedTuple):
    """An accepted record leaf; gone is why its blob may not be kept: withdrawn, corrected or moderated.

    A tuple and no dataclass, since a log has many: it is made, and sent to another process, in a third of the time.
    """

    origin: str
    index: int  # type: ignore[assignment]  # a tuple's own method, which no row needs
    kind: str
    jkt: str
    epoch: int
    blob_sha256: str
    gone: str | None = None


@dataclass(frozen=True, slots=True)
class ReplicationRow:
    """That a pseudonym's accepted blob replicates a practice (a record id)."""

    jkt: str
    practice: str
    index: int


@dataclass(frozen=True, slots=True)
class BlockRow:
    """Records of this pseudonym from from_index on don't count."""

    jkt: str
    from_index: int
    index: int


Row = GenesisRow | EpochRow | MemberRow | IssuedRow | PseudonymRow | RecordRow | ReplicationRow | BlockRow


class LogRows(Protocol):
    """Look-ups in what this log, and for records those before it, have established."""

    def find_member(self, entity: str) -> MemberRow | None: ...

    def find_member_by_jkt(self, jkt: str) -> MemberRow | None: ...

    def has_issued(self, epoch: int, entity: str) -> bool: ...

    def find_pseudonym(self, jkt: str) -> PseudonymRow | None:
        """In this log or one before it: a pseudonym lives in one epoch."""
        ...

    def find_record(self, origin: str, index: int) -> RecordRow | None:
        """In this log or one before it: a successor's authors still retract what they published there."""
        ...

    def has_blob(self, blob_sha256: str) -> bool:
        """Whether an accepted record of this log or one before it, living or gone, commits to this blob."""
        ...

    def find_replication(self, jkt: str, practice: str) -> int | None:
        """The least index of an accepted replication of a practice by a pseudonym."""
        ...

    def add(self, row: Row) -> None:
        """Take in a row of a verdict, in place of the one with its key."""
        ...


@dataclass
class MemoryRows:
    """All rows in dictionaries: a whole log, or what one bundle touches."""

    members: dict[str, MemberRow] = field(default_factory=dict)
    issued: set[tuple[int, str]] = field(default_factory=set)
    pseudonyms: dict[str, PseudonymRow] = field(default_factory=dict)
    records: dict[tuple[str, int], RecordRow] = field(default_factory=dict)
    blobs: set[str] = field(default_factory=set)
    replications: dict[tuple[str, str], int] = field(default_factory=dict)
    _entity_by_jkt: dict[str, str] = field(default_factory=dict)

    def find_member(self, entity: str) -> MemberRow | None:
        return self.members.get(entity)

    def find_member_by_jkt(self, jkt: str) -> MemberRow | None:
        return self.members.get(self._entity_by_jkt.get(jkt, ""))

    def has_issued(self, epoch: int, entity: str) -> bool:
        return (epoch, entity) in self.issued

    def find_pseudonym(self, jkt: str) -> PseudonymRow | None:
        return self.pseudonyms.get(jkt)

    def find_record(self, origin: str, index: int) -> RecordRow | None:
        return self.records.get((origin, index))

    def has_blob(self, blob_sha256: str) -> bool:
        return blob_sha256 in self.blobs

    def find_replication(self, jkt: str, practice: str) -> int | None:
        return self.replications.get((jkt, practice))

    def add(self, row: Row) -> None:
        match row:
            case RecordRow():  # first, as most are
                self.records[row.origin, row.index] = row
                self.blobs.add(row.blob_sha256)
            case MemberRow():
                self._add_member(row)
            case IssuedRow():
                self.issued.add((row.epoch, row.entity))
            case PseudonymRow():
                self.pseudonyms[row.jkt] = row
            case ReplicationRow():
                least = min(row.index, self.replications.get((row.jkt, row.practice), row.index))
                self.replications[row.jkt, row.practice] = least
            case GenesisRow() | EpochRow() | BlockRow():
                # Few, and asked for at every leaf: the state itself holds them.
                return

    def _add_member(self, row: MemberRow) -> None:
        before = self.members.get(row.entity)
        if before is not None:
            del self._entity_by_jkt[before.jkt]
        self.members[row.entity] = row
        self._entity_by_jkt[row.jkt] = row.entity

    def count_members(self) -> int:
        return sum(row.state == APPROVED for row in self.members.values())

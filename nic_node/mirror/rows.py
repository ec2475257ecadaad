"""From the tables to what a judge asks for: loaded before a bundle is judged, so that nothing is awaited meanwhile."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import EpochStatus
from federation.judge import (
    EpochRow,
    GenesisRow,
    IssuedRow,
    LogState,
    MemberRow,
    MemoryRows,
    Pins,
    PseudonymRow,
    RecordRow,
    ReplicationRow,
    Wanted,
)
from nic_node.db.one_of import one_of
from nic_node.mirror.living import IDS_A_QUERY
from nic_node.mirror.tables import (
    MirrorBlock,
    MirrorEpoch,
    MirrorIssued,
    MirrorLog,
    MirrorMember,
    MirrorPseudonym,
    MirrorRecord,
    MirrorReference,
)

Key = TypeVar("Key")
Second = TypeVar("Second")


async def load_state(session: AsyncSession, log: MirrorLog, pins: Pins) -> LogState:
    """Where judging goes on; its `rows` are empty until `load_rows`."""
    blocks = await session.scalars(select(MirrorBlock).where(MirrorBlock.log_id == log.id))
    return LogState(
        pins=pins,
        size=log.mirrored,
        genesis=None if log.genesis is None else GenesisRow(**log.genesis),
        epochs=await load_epochs(session, log.id),
        blocks={row.jkt: row.from_index for row in blocks},
        approved_members=log.approved_members,
    )


async def load_epochs(session: AsyncSession, log_id: int) -> dict[int, EpochRow]:
    """By number."""
    rows = await session.scalars(select(MirrorEpoch).where(MirrorEpoch.log_id == log_id))
    return {row.number: epoch_row(row) for row in rows}


def epoch_row(row: MirrorEpoch) -> EpochRow:
    return EpochRow(
        number=row.number,
        index=row.leaf_index,
        payload=row.payload,
        status=EpochStatus(row.status),
        issued=row.issued,
        registered=row.registered,
        open_index=row.open_index,
        lattice_sha256=row.lattice_sha256,
    )


def record_row(row: MirrorRecord, origin: str) -> RecordRow:
    return RecordRow(origin, row.leaf_index, row.kind, row.jkt, row.epoch, row.blob_sha256, row.gone)


async def origins_of(session: AsyncSession, network: str) -> dict[int, str]:
    """log id -> origin of a network's logs, all generations."""
    found = await session.execute(select(MirrorLog.id, MirrorLog.origin).where(MirrorLog.network == network))
    return {row.id: row.origin for row in found}


class KnownPseudonyms:
    """Pseudonyms of a network's logs that were looked up before: they sign many records, and never change."""

    def __init__(self) -> None:
        self._known: dict[str, PseudonymRow] = {}

    def lacks(self, jkts: Iterable[str]) -> list[str]:
        """Those that `look_up` would look for."""
        return [jkt for jkt in jkts if jkt not in self._known]

    async def look_up(self, session: AsyncSession, origins: Mapping[int, str], jkts: Iterable[str]) -> None:
        """Learn those of these that are registered. origins: `origins_of` the network."""
        if lacking := self.lacks(jkts):
            self._known |= {row.jkt: row for row in await _load_pseudonyms(session, origins, lacking)}

    def find(self, jkts: Iterable[str]) -> list[PseudonymRow]:
        return [self._known[jkt] for jkt in jkts if jkt in self._known]


async def load_rows(
    session: AsyncSession, log: MirrorLog, wanted: Wanted, known: KnownPseudonyms | None = None
) -> MemoryRows:
    """The rows that a bundle asks for, of this log and of those before it."""
    rows = MemoryRows()
    origins = await origins_of(session, log.network)
    # To put a statement together takes as long as to have it answered: none for what a bundle does not ask for.
    if wanted.jkts or wanted.entities:
        await _load_members(session, log.id, wanted, rows)
    known = known or KnownPseudonyms()
    await known.look_up(session, origins, wanted.pseudonyms)
    for pseudonym in known.find(wanted.pseudonyms):
        rows.add(pseudonym)
    await _load_records(session, origins, wanted, rows)
    if wanted.replications:
        await _load_replications(session, log.id, wanted, rows)
    return rows


async def _load_members(session: AsyncSession, log_id: int, wanted: Wanted, rows: MemoryRows) -> None:
    mine = select(MirrorMember).where(MirrorMember.log_id == log_id)
    members: dict[str, MirrorMember] = {}
    for part in parts(wanted.jkts):
        members |= {row.entity: row for row in await session.scalars(mine.where(MirrorMember.jkt.in_(part)))}
    for part in parts(wanted.entities):
        members |= {row.entity: row for row in await session.scalars(mine.where(MirrorMember.entity.in_(part)))}
    for row in members.values():
        rows.add(MemberRow(row.entity, row.jkt, row.state, row.leaf_index))
    issued = select(MirrorIssued).where(MirrorIssued.log_id == log_id)
    for part in parts(members):
        for found in await session.scalars(issued.where(MirrorIssued.entity.in_(part))):
            rows.add(IssuedRow(found.epoch, found.entity, found.leaf_index))


async def _load_pseudonyms(
    session: AsyncSession, origins: Mapping[int, str], jkts: Collection[str]
) -> list[PseudonymRow]:
    row = MirrorPseudonym
    ours = select(row.log_id, row.jkt, row.epoch, row.x, row.leaf_index).where(row.log_id.in_(origins))
    rows = await session.execute(ours.where(one_of(row.jkt, list(jkts))))
    return [PseudonymRow(origins[log_id], jkt, epoch, x, index) for log_id, jkt, epoch, x, index in rows]


async def _load_records(session: AsyncSession, origins: dict[int, str], wanted: Wanted, rows: MemoryRows) -> None:
    log_ids = {origin: log_id for log_id, origin in origins.items()}
    for origin, indexes in by_first(wanted.records).items():
        if origin in log_ids:
            for row in await session.scalars(at_indexes(log_ids[origin], indexes)):
                rows.add(record_row(row, origin))
    if wanted.blob_sha256s:
        for row in await session.scalars(of_hashes(list(wanted.blob_sha256s))):
            if row.log_id in origins:
                rows.add(record_row(row, origins[row.log_id]))


def of_hashes(hashes: Sequence[str]) -> Select[MirrorRecord]:
    """Of any log: were it named beside the hashes, SQLite would take it for what tells most and read it all."""
    return select(MirrorRecord).where(one_of(MirrorRecord.blob_sha256, hashes))


async def _load_replications(session: AsyncSession, log_id: int, wanted: Wanted, rows: MemoryRows) -> None:
    for row, of_log in await session.execute(origins_named_by(list(by_first(wanted.replications)))):
        if of_log == log_id and (row.jkt, row.target) in wanted.replications:
            rows.add(ReplicationRow(row.jkt, row.target, row.leaf_index))


def at_indexes(log_id: int, indexes: Sequence[int]) -> Select[MirrorRecord]:
    """Records of one log. SQLite looks nothing up for a list of pairs: it reads all."""
    return select(MirrorRecord).where(MirrorRecord.log_id == log_id, one_of(MirrorRecord.leaf_index, indexes))


def origins_named_by(jkts: Sequence[str]) -> Select[MirrorReference, int]:
    """What these authors replicated, and in which log: few have many, where a log has all."""
    named = select(MirrorReference, MirrorRecord.log_id)
    named = named.join(MirrorRecord, MirrorRecord.id == MirrorReference.record_id)
    return named.where(MirrorReference.name == "origin", one_of(MirrorReference.jkt, jkts))


def by_first(pairs: Iterable[tuple[Key, Second]]) -> dict[Key, list[Second]]:
    """The second of each pair by its first."""
    found: dict[Key, list[Second]] = {}
    for first, second in pairs:
        found.setdefault(first, []).append(second)
    return found


def parts(keys: Collection[Key]) -> Iterator[list[Key]]:
    """As many keys at once as every SQLite takes in one statement."""
    listed = list(keys)
    for start in range(0, len(listed), IDS_A_QUERY):
        yield listed[start : start + IDS_A_QUERY]

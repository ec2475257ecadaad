"""Between the judge and the tables: the rows that some candidates touch, loaded; the rows of verdicts, stored."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import EpochStatus
from federation.judge import (
    BlockRow,
    EpochRow,
    GenesisRow,
    IssuedRow,
    LogState,
    MemberRow,
    MemoryRows,
    PseudonymRow,
    RecordRow,
    ReplicationRow,
    Row,
    Wanted,
)
from nic_node.db.base import Base
from nic_node.network.log.tables import (
    EpochRecord,
    LivingBlob,
    Log,
    LogBlock,
    LogIssued,
    LogMember,
    LogPseudonym,
    LogRecord,
    LogReplication,
)

VALUES_AT_ONCE = 500
"""SQLite takes up to 32,766 values in one statement; this stays far below."""


async def load_state(session: AsyncSession, log: Log, wanted: Wanted) -> LogState:
    """A judge that stands at the end of the log and knows what the next candidates will look up."""
    family = await _family(session, log)
    rows = MemoryRows()
    members = await _members(session, log, wanted)
    found: list[Row] = [
        *members,
        *await _issued(session, log, [member.entity for member in members]),
        *await _pseudonyms(session, family, wanted),
        *await _records(session, family, wanted),
        *await _replications(session, family, wanted),
    ]
    for row in found:
        rows.add(row)
    return LogState(
        rows=rows,
        size=log.size,
        genesis=_genesis(log) if log.size else None,
        epochs={row.number: row for row in await epoch_rows(session, log.id)},
        blocks=await _blocks(session, log.id),
        approved_members=log.approved_members,
    )


def _genesis(log: Log) -> GenesisRow:
    return GenesisRow(log.network, log.generation, log.origin, log.log_key, log.leaf_jwk, None)


async def _family(session: AsyncSession, log: Log) -> dict[int, str]:
    """Log id -> origin, of all generations: what was published under one is known to all."""
    found = await session.execute(select(Log.id, Log.origin).where(Log.network_id == log.network_id))
    return dict(found.all())


async def epoch_rows(session: AsyncSession, log_id: int) -> list[EpochRow]:
    """The epochs that the log tells of, in the order of their numbers."""
    query = select(EpochRecord).where(EpochRecord.log_id == log_id, EpochRecord.index.is_not(None))
    return [_epoch_row(record) for record in await session.scalars(query.order_by(EpochRecord.number))]


def _epoch_row(record: EpochRecord) -> EpochRow:
    assert record.index is not None
    return EpochRow(
        number=record.number,
        index=record.index,
        payload=record.payload,
        status=EpochStatus(record.status),
        issued=record.issued,
        registered=record.registered,
        open_index=record.open_index,
        lattice_sha256=record.lattice_sha256,
    )


async def _blocks(session: AsyncSession, log_id: int) -> dict[str, int]:
    found = await session.execute(select(LogBlock.jkt, LogBlock.from_index).where(LogBlock.log_id == log_id))
    return dict(found.all())


async def _members(session: AsyncSession, log: Log, wanted: Wanted) -> list[MemberRow]:
    found = [
        *await _where_in(session, LogMember, LogMember.log_id == log.id, LogMember.jkt, wanted.jkts),
        *await _where_in(session, LogMember, LogMember.log_id == log.id, LogMember.entity, wanted.entities),
    ]
    return [MemberRow(row.entity, row.jkt, row.state, row.index) for row in {row.entity: row for row in found}.values()]


async def _issued(session: AsyncSession, log: Log, entities: Collection[str]) -> list[IssuedRow]:
    found = await _where_in(session, LogIssued, LogIssued.log_id == log.id, LogIssued.entity, entities)
    return [IssuedRow(row.epoch, row.entity, row.index) for row in found]


async def _pseudonyms(session: AsyncSession, family: Mapping[int, str], wanted: Wanted) -> list[PseudonymRow]:
    within = LogPseudonym.log_id.in_(family)
    found = await _where_in(session, LogPseudonym, within, LogPseudonym.jkt, wanted.pseudonyms)
    return [PseudonymRow(family[row.log_id], row.jkt, row.epoch, row.x, row.index) for row in found]


async def _records(session: AsyncSession, family: Mapping[int, str], wanted: Wanted) -> list[RecordRow]:
    by_origin = {origin: log_id for log_id, origin in family.items()}
    found = await _where_in(
        session, LogRecord, LogRecord.log_id.in_(family), LogRecord.blob_sha256, wanted.blob_sha256s
    )
    for origin, log_id in by_origin.items():
        indexes = {index for wanted_origin, index in wanted.records if wanted_origin == origin}
        found += await _where_in(session, LogRecord, LogRecord.log_id == log_id, LogRecord.index, indexes)
    return [
        RecordRow(family[row.log_id], row.index, row.kind, row.jkt, row.epoch, row.blob_sha256, row.gone)
        for row in found
    ]


async def _replications(session: AsyncSession, family: Mapping[int, str], wanted: Wanted) -> list[ReplicationRow]:
    authors = {jkt for jkt, _ in wanted.replications}
    found = await _where_in(session, LogReplication, LogReplication.log_id.in_(family), LogReplication.jkt, authors)
    return [ReplicationRow(row.jkt, row.practice, row.index) for row in found]


async def _where_in(
    session: AsyncSession, table: type[Any], within: ColumnElement[bool], column: Any, values: Collection[Any]
) -> list[Any]:
    ordered = sorted(values)
    found: list[Any] = []
    for start in range(0, len(ordered), VALUES_AT_ONCE):
        query = select(table).where(within, column.in_(ordered[start : start + VALUES_AT_ONCE]))
        found += (await session.scalars(query)).all()
    return found


TABLES: Mapping[type[Row], tuple[type[Base], tuple[str, ...]]] = MappingProxyType(
    {
        EpochRow: (EpochRecord, ("number",)),
        MemberRow: (LogMember, ("entity",)),
        IssuedRow: (LogIssued, ("epoch", "entity")),
        PseudonymRow: (LogPseudonym, ("origin", "jkt")),
        RecordRow: (LogRecord, ("origin", "index")),
        ReplicationRow: (LogReplication, ("jkt", "practice")),
        BlockRow: (LogBlock, ("jkt",)),
    }
)
"""Row of the judge -> its table, whose columns have the row's names, and what tells two rows apart."""


async def store_rows(session: AsyncSession, log: Log, rows: Iterable[Row]) -> None:
    """Upsert what verdicts established; the blob of a record that is gone or blocked goes with it."""
    log_ids = {origin: log_id for log_id, origin in (await _family(session, log)).items()}
    for row in _last_of_each(rows):
        if isinstance(row, RecordRow) and row.gone is not None:
            at = (LivingBlob.log_id == log_ids[row.origin]) & (LivingBlob.index == row.index)
            await session.execute(delete(LivingBlob).where(at))
        if isinstance(row, BlockRow):
            await _erase_blocked(session, log.id, row)
        table, _ = TABLES[type(row)]
        columns = _columns(row)
        log_id = log_ids[columns.pop("origin", log.origin)]
        await session.merge(table(log_id=log_id, **columns | await _held_least(session, log_id, row)))
    await session.flush()


def _columns(row: Row) -> dict[str, Any]:
    return row._asdict() if isinstance(row, RecordRow) else {item.name: getattr(row, item.name) for item in fields(row)}


async def _erase_blocked(session: AsyncSession, log_id: int, row: BlockRow) -> None:
    """What stands by a pseudonym from the index on that is blocked is no more served than what is taken down."""
    blocked = select(LogRecord.index).where(
        LogRecord.log_id == log_id, LogRecord.jkt == row.jkt, LogRecord.index >= row.from_index
    )
    await session.execute(delete(LivingBlob).where(LivingBlob.log_id == log_id, LivingBlob.index.in_(blocked)))


def _last_of_each(rows: Iterable[Row]) -> list[Row]:
    """A batch may touch the same row twice, as when a record comes and is taken back. Entry 0 is the log's own row."""
    last: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        if not isinstance(row, GenesisRow):
            _, names = TABLES[type(row)]
            last[type(row), *(getattr(row, name) for name in names)] = row
    return list(last.values())


async def _held_least(session: AsyncSession, log_id: int, row: Row) -> dict[str, int]:
    """The index that counts is the least: of a pseudonym's replications of a practice, of its blocks."""
    if isinstance(row, ReplicationRow):
        replication = await session.get(LogReplication, (log_id, row.jkt, row.practice))
        return {"index": min(row.index, replication.index)} if replication else {}
    if isinstance(row, BlockRow):
        block = await session.get(LogBlock, (log_id, row.jkt))
        return {"from_index": min(row.from_index, block.from_index)} if block else {}
    return {}

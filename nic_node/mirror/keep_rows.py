"""From a bundle's verdicts to the tables: one transaction, in bulk."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.judge import (
    ACCEPTED,
    BlockRow,
    EpochRow,
    GenesisRow,
    IssuedRow,
    MemberRow,
    PseudonymRow,
    RecordRow,
    ReplicationRow,
    Row,
    Verdict,
)
from federation.judge.state import MODERATED
from nic_node.db.insert import insert_many
from nic_node.db.one_of import one_of
from nic_node.membership.peers import void_peers
from nic_node.mirror.erase import erase_contents, scour_soon
from nic_node.mirror.rows import at_indexes, by_first, origins_of, parts
from nic_node.mirror.shelf import shelf_changed
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import (
    MirrorBlock,
    MirrorEpoch,
    MirrorIssued,
    MirrorLog,
    MirrorMember,
    MirrorPseudonym,
    MirrorRecord,
)
from nic_node.mirror.upsert import upsert
from nic_node.mirror.versions import CORRECTED
from schemas.ids import build_record_id, parse_record_id
from schemas.states import APPROVED

THREADED: Final = frozenset({"question", "answer"})
"""Kinds that stand under another record: where the network took one down, its place in the thread says so."""

WANTED: Final = RecordState.WANTED.value
GONE: Final = RecordState.GONE.value
RECORD_COLUMNS: Final = (
    "log_id", "leaf_index", "kind", "jkt", "epoch", "blob_sha256", "state", "gone", "gone_by", "tries",
)  # fmt: skip


@dataclass
class Sorted:
    """Rows by table; of those with the same key the last one. `gone_by`: the leaf that took a record back or down."""

    genesis: GenesisRow | None = None
    epochs: dict[int, EpochRow] = field(default_factory=dict)
    members: dict[str, MemberRow] = field(default_factory=dict)
    issued: list[IssuedRow] = field(default_factory=list)
    pseudonyms: list[PseudonymRow] = field(default_factory=list)
    records: dict[tuple[str, int], RecordRow] = field(default_factory=dict)
    gone_by: dict[tuple[str, int], int] = field(default_factory=dict)
    blocks: dict[str, BlockRow] = field(default_factory=dict)

    def add(self, row: Row, leaf_index: int) -> None:
        match row:
            case RecordRow():  # first, as most are
                self.records[row.origin, row.index] = row
                if row.gone is not None:
                    self.gone_by.setdefault((row.origin, row.index), leaf_index)
            case GenesisRow():
                self.genesis = row
            case EpochRow():
                self.epochs[row.number] = row
            case MemberRow():
                self.members[row.entity] = row
            case IssuedRow():
                self.issued.append(row)
            case PseudonymRow():
                self.pseudonyms.append(row)
            case BlockRow():
                self.blocks[row.jkt] = _stricter(self.blocks.get(row.jkt), row)
            case ReplicationRow():
                raise ValueError("a leaf establishes no replication, a blob does")


def _stricter(held: BlockRow | None, row: BlockRow) -> BlockRow:
    return row if held is None or row.from_index < held.from_index else held


async def keep_rows(session: AsyncSession, log: MirrorLog, verdicts: Iterable[Verdict], *, now: datetime) -> None:
    """Store what the leaves of a bundle established.

    Args:
        log: locked by the caller, `mirrored` still where the bundle starts.
        verdicts: in order; what is refused has no rows.
    """
    kept = Sorted()
    for verdict in verdicts:
        for row in verdict.rows:
            kept.add(row, verdict.index)
    if kept.genesis is not None:
        log.genesis = asdict(kept.genesis)
    await upsert(session, MirrorEpoch, [_epoch_values(log.id, row) for row in kept.epochs.values()])
    await upsert(session, MirrorMember, [_values(log.id, row) for row in kept.members.values()])
    await void_peers(session, [row.entity for row in kept.members.values() if row.state != APPROVED])
    await upsert(session, MirrorIssued, [_values(log.id, row) for row in kept.issued])
    await upsert(session, MirrorPseudonym, [_values(log.id, row, "origin") for row in kept.pseudonyms])
    await _keep_records(session, log, kept, now=now)
    await _keep_reasons(session, log, verdicts)
    for block in kept.blocks.values():
        await _keep_block(session, log.id, block)


def _values(log_id: int, row: MemberRow | IssuedRow | PseudonymRow | BlockRow, *left_out: str) -> dict[str, Any]:
    values = asdict(row)
    values["leaf_index"] = values.pop("index")
    return {"log_id": log_id, **{name: value for name, value in values.items() if name not in left_out}}


def _epoch_values(log_id: int, row: EpochRow) -> dict[str, Any]:
    # asdict would copy the payload member by member.
    return {
        "log_id": log_id,
        "number": row.number,
        "leaf_index": row.index,
        "payload": dict(row.payload),
        "status": row.status.value,
        "issued": row.issued,
        "registered": row.registered,
        "open_index": row.open_index,
        "lattice_sha256": row.lattice_sha256,
    }


async def _keep_records(session: AsyncSession, log: MirrorLog, kept: Sorted, *, now: datetime) -> None:
    gone_by = {key: build_record_id(log.origin, index) for key, index in kept.gone_by.items()}
    log_id, origin, mirrored = log.id, log.origin, log.mirrored  # asked for once: a mapped attribute takes its time
    fresh: list[RecordRow] = []
    gone: list[RecordRow] = []
    for row in kept.records.values():
        is_fresh = row.origin == origin and row.index >= mirrored
        (fresh if is_fresh else gone).append(row)
    if fresh:
        await insert_many(session, MirrorRecord, RECORD_COLUMNS, [_record(log_id, row, gone_by) for row in fresh])
    await _keep_gone(session, log.network, gone, gone_by, now=now)
    if gone_by:
        # Also where nothing of it was here yet: what this node promised its network goes up to here then.
        await scour_soon(session, now=now)


def _record(log_id: int, row: RecordRow, gone_by: Mapping[tuple[str, int], str]) -> tuple[Any, ...]:
    """By RECORD_COLUMNS."""
    state = WANTED if row.gone is None else GONE
    taken_back = row.gone, gone_by.get((row.origin, row.index))
    return (log_id, row.index, row.kind, row.jkt, row.epoch, row.blob_sha256, state, *taken_back, 0)


async def _keep_gone(
    session: AsyncSession,
    network: str,
    rows: Iterable[RecordRow],
    gone_by: Mapping[tuple[str, int], str],
    *,
    now: datetime,
) -> None:
    """Earlier records that were taken back or taken down: hidden and erased in this transaction."""
    rows = list(rows)
    if not rows:
        return
    await shelf_changed(session, network)
    log_ids = {origin: log_id for log_id, origin in (await origins_of(session, network)).items()}
    by_key = {(log_ids[row.origin], row.index): row for row in rows}
    erased, corrected, taken_down = [], set(), set()
    chosen = [at_indexes(log_id, indexes) for log_id, indexes in by_first(by_key).items()]
    for records in chosen:
        for found in await session.scalars(records.with_for_update()):
            row = by_key[found.log_id, found.leaf_index]
            erased.append(found.id)
            if row.gone == CORRECTED:
                corrected.add(found.id)
            found.state, found.gone, found.retry_at = RecordState.GONE, row.gone, None
            found.gone_by = gone_by[row.origin, row.index]
            if row.gone == MODERATED and row.kind in THREADED:
                taken_down.add(found.id)
    await erase_contents(session, erased, corrected=corrected, taken_down=taken_down, now=now)


async def _keep_reasons(session: AsyncSession, log: MirrorLog, verdicts: Iterable[Verdict]) -> None:
    """Beside each record that the network took down: for which of its reasons."""
    taken_down = [
        verdict.leaf
        for verdict in verdicts
        if verdict.leaf is not None and verdict.leaf.t == "moderate" and verdict.outcome is ACCEPTED
    ]
    if not taken_down:
        return
    log_ids = {origin: log_id for log_id, origin in (await origins_of(session, log.network)).items()}
    for leaf in taken_down:
        origin, index = parse_record_id(leaf.payload["target"])
        named = (MirrorRecord.log_id == log_ids[origin], MirrorRecord.leaf_index == index)
        await session.execute(update(MirrorRecord).where(*named).values(gone_reason=leaf.payload["reason"]))


async def _keep_block(session: AsyncSession, log_id: int, row: BlockRow) -> None:
    held = await session.get(MirrorBlock, (log_id, row.jkt))
    if held is None or held.from_index > row.from_index:
        await upsert(session, MirrorBlock, [_values(log_id, row)])


async def heed_blocks(session: AsyncSession, log: MirrorLog, *, now: datetime) -> None:
    """Hide and erase what blocked pseudonyms wrote, from the index that a block names on, once the block is final.

    Args:
        log: locked by the caller, its `final_size` as it is now.
    """
    final = select(MirrorBlock.jkt, MirrorBlock.from_index)
    final = final.where(MirrorBlock.log_id == log.id, MirrorBlock.leaf_index < log.final_size)
    from_index = {row.jkt: row.from_index for row in await session.execute(final)}
    shown = select(MirrorRecord.id, MirrorRecord.log_id, MirrorRecord.leaf_index, MirrorRecord.jkt)
    shown = shown.where(MirrorRecord.state.not_in((RecordState.GONE, RecordState.BLOCKED)))
    ids: list[int] = []
    if from_index:
        # By the pseudonym alone: asked for the log too, SQLite goes through all of its records.
        found = await session.execute(shown.where(one_of(MirrorRecord.jkt, list(from_index))))
        ids += [row.id for row in found if row.log_id == log.id and row.leaf_index >= from_index[row.jkt]]
    log.shelf += bool(ids)
    for part in parts(ids):
        hide = update(MirrorRecord).where(MirrorRecord.id.in_(part))
        await session.execute(hide.values(state=RecordState.BLOCKED.value, retry_at=None))
    await erase_contents(session, ids, now=now)

"""A database older than its log's files: what the newer entries took back is erased before anything is served."""

import asyncio
from collections.abc import Iterator, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.judge.state import MODERATED
from federation.leaves import Leaf, read_leaf
from federation.tlog.checkpoint import read_checkpoint
from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, decode_entries, tiles_at
from nic_node.logstore.store import LogStore
from nic_node.network.log.tables import LivingBlob, Log, LogRecord
from schemas.ids import parse_record_id


async def replay_taken_back(session: AsyncSession, store: LogStore, log: Log) -> int:
    """Mark as gone, and erase, what entries beyond the database's take back or down; answers how many records.

    The log's own files are trusted here: they are this machine's, and only ever erase.
    """
    leaves = await asyncio.to_thread(lambda: list(_newer(store, log.size)))
    count = 0
    for leaf in leaves:
        for record in await _named(session, log, leaf):
            if record.gone is not None:
                continue
            record.gone = leaf.payload["reason"] if leaf.t == "retract" else MODERATED
            at = (LivingBlob.log_id == record.log_id) & (LivingBlob.index == record.index)
            await session.execute(delete(LivingBlob).where(at))
            count += 1
    return count


async def _named(session: AsyncSession, log: Log, leaf: Leaf) -> Sequence[LogRecord]:
    """The record that a leaf takes back or down; of a block, what the pseudonym wrote from its index on."""
    if leaf.t == "block":
        by = (LogRecord.log_id == log.id) & (LogRecord.jkt == leaf.payload["jkt"])
        later = select(LogRecord).where(by, LogRecord.index >= leaf.payload["from_index"])
        return (await session.scalars(later.with_for_update())).all()
    origin, index = parse_record_id(leaf.payload["target"])
    log_id = await session.scalar(select(Log.id).where(Log.network_id == log.network_id, Log.origin == origin))
    record = None if log_id is None else await session.get(LogRecord, (log_id, index), with_for_update=True)
    return [] if record is None else [record]


def _newer(store: LogStore, size: int) -> Iterator[Leaf]:
    """Retractions, moderations and blocks from entry `size` on, as the files hold them."""
    note = store.read(CHECKPOINT_PATH)
    signed = 0 if note is None else read_checkpoint(note).size
    for tile in tiles_at(0, signed, first=size // TILE_WIDTH) if signed > size else ():
        data = store.read(tile.bundle_path)
        entries = [] if data is None else decode_entries(data, tile.width)
        for number, entry in enumerate(entries, tile.index * TILE_WIDTH):
            try:
                leaf = read_leaf(entry)
            except Untrusted:
                continue
            if number >= size and leaf.t in ("retract", "moderate", "block"):
                yield leaf

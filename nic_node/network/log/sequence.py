"""The sequencer: gives what waits its place in the log, one writer at a time.

What waits is judged first, outside any transaction; then one transaction compares (generation, size, root) with what
was judged, swaps in the new ones, and takes everything else along. Whoever lost the race changed nothing. A slot's
envelopes are opened when the slot ends and taken together, in the random order of their places.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.judge import BlockRow, LogState, RecordRow
from federation.keys import PrivateKey
from federation.tlog.edge import Appended, append_entries
from nic_node.errors import Conflict
from nic_node.logstore.store import LogStoreDamaged
from nic_node.membership.local import LocalNode
from nic_node.network.documents import document_of
from nic_node.network.log.candidates import Candidate, Judged, Refused, epochs_named, judge_candidates, wanted_by
from nic_node.network.log.envelopes import note_opened, slot_seconds_of, submission_keys, unseal
from nic_node.network.log.erase import overwrite_erased, scour_soon
from nic_node.network.log.files import signed_checkpoint, store_of
from nic_node.network.log.publish import publish_log, standing_edge, verify_not_behind
from nic_node.network.log.restored import learn_from_members
from nic_node.network.log.rows import load_state, store_rows
from nic_node.network.log.tables import (
    EpochRecord,
    LivingBlob,
    Log,
    LogEntry,
    LogRefusal,
    QueuedLeaf,
    RelayCount,
    SealedEnvelope,
)
from schemas.canonical import sha256_hex

BATCH: Final = 512
"""Leaves that are judged at once: a few seconds of work at most, and one transaction."""
FENCED: Final = "Another process appends to this log. One is enough; this one waits."


class SequencerFenced(Conflict):
    """Another writer was faster; what it appended stands, and the next run goes on from there."""


@dataclass(slots=True)
class Batch:
    """What one transaction takes from the queues, and what comes of it."""

    log: Log
    candidates: list[Candidate] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    queue_ids: list[int] = field(default_factory=list)
    sealed: Sequence[SealedEnvelope] = ()


async def sequence_log(node: LocalNode, log_id: int, *, now: datetime) -> int:
    """Append and publish everything that is due; answers how many leaves were appended.

    Raises:
        SequencerFenced: another writer is at work.
        LogUnsure: a backup was restored, and members have not told yet how far the log was signed.
        LogBehind, LogStoreConflict, LogStoreDamaged, OSError: as `publish_log` says.
    """
    appended = 0
    async with node.database.reading() as session:
        log = await session.get_one(Log, log_id)
    if log.restored_at is not None:
        verify_not_behind(log, await asyncio.to_thread(signed_checkpoint, store_of(node, log), log))
        await learn_from_members(node, log_id, now=now)
    # What an interrupted run left comes first: the tree on disk must be the one that is appended to.
    await publish_log(node, log_id, now=now)
    while batch := await _gather(node, log_id, now):
        count = await _append(node, batch, now)
        if count:
            await publish_log(node, log_id, now=now)
        appended += count
    return appended


async def next_due(session: AsyncSession, log_id: int) -> datetime | None:
    """When the next slot with an envelope in it ends."""
    query = select(SealedEnvelope.due_at).where(SealedEnvelope.log_id == log_id)
    return await session.scalar(query.order_by(SealedEnvelope.due_at).limit(1))


async def _gather(node: LocalNode, log_id: int, now: datetime) -> Batch | None:
    """The next candidates: the network's own leaves in their order, then the envelopes of slots that have ended."""
    async with node.database.reading() as session:
        batch = Batch(await session.get_one(Log, log_id))
        await _gather_queued(session, batch, now)
        sealed = batch.sealed = await _ended_envelopes(session, log_id, now)
        if not sealed and not batch.candidates:
            return None
        keys = await submission_keys(session, operator_key=node.operator_key, log=batch.log) if sealed else {}
        slots = {epoch: await slot_seconds_of(session, batch.log, epoch) for epoch in {row.epoch for row in sealed}}
    await asyncio.to_thread(_unseal_all, batch, keys, slots)
    return batch


async def _gather_queued(session: AsyncSession, batch: Batch, now: datetime) -> None:
    query = select(QueuedLeaf).where(QueuedLeaf.log_id == batch.log.id).order_by(QueuedLeaf.id).limit(BATCH)
    for row in await session.scalars(query):
        batch.queue_ids.append(row.id)
        batch.candidates.append(Candidate(leaf=row.leaf, blob=row.blob, began_at=now, ended_at=now, is_submitted=False))


async def _ended_envelopes(session: AsyncSession, log_id: int, now: datetime) -> Sequence[SealedEnvelope]:
    query = select(SealedEnvelope).where(SealedEnvelope.log_id == log_id, SealedEnvelope.due_at <= now)
    return (await session.scalars(query.order_by(SealedEnvelope.due_at, SealedEnvelope.place).limit(BATCH))).all()


def _unseal_all(batch: Batch, keys: dict[int, PrivateKey], slots: dict[int, int]) -> None:
    for row in batch.sealed:
        try:
            submission = unseal(keys, row, origin=batch.log.origin)
        except Untrusted as error:
            batch.refused.append(
                Refused(what="envelope", code=error.code, detail=error.detail, sha256=row.envelope_sha256)
            )
            continue
        if submission is not None:
            batch.candidates.append(
                Candidate(
                    leaf=submission.leaf,
                    blob=submission.blob or None,
                    began_at=row.due_at - timedelta(seconds=slots[row.epoch]),
                    ended_at=row.due_at,
                    is_submitted=True,
                )
            )


async def _append(node: LocalNode, batch: Batch, now: datetime) -> int:
    """Judge a batch, then swap the log's end; answers how many leaves it let in."""
    log = batch.log
    async with node.database.reading() as session:
        # The judge must stand where the batch's log stands, or the swap below fails.
        state = await load_state(session, log, wanted_by(batch.candidates))
        documents = await _documents(session, log, batch.candidates)
        logged = await _logged(session, log, batch.candidates)
    judged = await asyncio.to_thread(judge_candidates, state, batch.candidates, documents, logged)
    try:
        grown = await _grow(node, log, judged)
    except LogStoreDamaged:
        # Not so if another writer has gone on meanwhile: it drops partial tiles that it has filled.
        await _verify_unmoved(node, log)
        raise
    erases = any(isinstance(row, BlockRow) or (isinstance(row, RecordRow) and row.gone) for row in judged.rows)
    async with node.database.writing() as session:
        await _swap(session, log, grown, state)
        await _store(session, batch, judged, now)
        if erases:
            await scour_soon(session, now=now)
    if erases:
        await overwrite_erased(node.database)
    return len(judged.leaves)


async def _documents(session: AsyncSession, log: Log, candidates: Sequence[Candidate]) -> dict[str, dict[str, Any]]:
    """The policies and lattices by which the records among the candidates are judged."""
    named = epochs_named(candidates)
    found = {}
    for record in await session.scalars(select(EpochRecord).where(EpochRecord.log_id == log.id)):
        # The lattice of an epoch whose `open` leaf is in this very batch is the one fixed when issuing closed.
        lattice_sha256 = record.lattice_sha256 or record.closing_lattice_sha256
        if record.number in named and lattice_sha256 is not None:
            for sha256 in (record.payload["policy_sha256"], lattice_sha256):
                found[sha256] = await document_of(session, log.network_id, sha256)
    return found


async def _logged(session: AsyncSession, log: Log, candidates: Sequence[Candidate]) -> set[str]:
    hashes = [candidate.leaf_sha256 for candidate in candidates]
    query = select(LogEntry.leaf_sha256).where(LogEntry.log_id == log.id, LogEntry.leaf_sha256.in_(hashes))
    return set((await session.scalars(query)).all())


async def _grow(node: LocalNode, log: Log, judged: Judged) -> Appended:
    """The tree with the new leaves, computed and not yet written.

    Raises:
        LogStoreConflict, LogStoreDamaged: the tree on disk is not the one that the database knows.
    """
    store = store_of(node, log)
    edge = await standing_edge(node, store, log, size=log.size, root=log.root)
    return append_entries(edge, await asyncio.to_thread(store.load_partial_bundle, log.size), judged.leaves)


async def _verify_unmoved(node: LocalNode, log: Log) -> None:
    """Raises SequencerFenced: the log has grown since it was read."""
    async with node.database.reading() as session:
        if (await session.get_one(Log, log.id)).size != log.size:
            raise SequencerFenced(FENCED)


async def _swap(session: AsyncSession, log: Log, grown: Appended, state: LogState) -> None:
    """Compare and swap: nobody else has appended since this batch was read.

    Raises:
        SequencerFenced: somebody has.
    """
    same = (Log.id == log.id) & (Log.generation == log.generation) & (Log.size == log.size) & (Log.root == log.root)
    swapped = await session.execute(
        update(Log).where(same).values(size=grown.edge.size, root=grown.root, approved_members=state.approved_members)
    )
    if cast("CursorResult[Any]", swapped).rowcount != 1:
        raise SequencerFenced(FENCED)


async def _store(session: AsyncSession, batch: Batch, judged: Judged, now: datetime) -> None:
    log = batch.log
    for index, leaf in enumerate(judged.leaves, log.size):
        leaf_sha256 = hashlib.sha256(leaf).hexdigest()
        session.add(LogEntry(log_id=log.id, index=index, leaf=leaf, leaf_sha256=leaf_sha256))
    for index, blob in judged.blobs.items():
        session.add(LivingBlob(log_id=log.id, index=index, sha256=sha256_hex(blob), content=blob))
    for refused in (*batch.refused, *judged.refused):
        session.add(
            LogRefusal(
                log_id=log.id,
                at=now,
                what=refused.what,
                code=refused.code.value,
                detail=refused.detail,
                sha256=refused.sha256,
            )
        )
    await session.flush()
    await store_rows(session, log, judged.rows)
    await session.execute(delete(QueuedLeaf).where(QueuedLeaf.id.in_(batch.queue_ids)))
    await note_opened(session, log, batch.sealed)
    places = [row.place for row in batch.sealed]
    await session.execute(delete(SealedEnvelope).where(SealedEnvelope.place.in_(places)))
    await session.execute(delete(RelayCount).where(RelayCount.log_id == log.id, RelayCount.due_at <= now))
    if any(refused.what == "epoch" for refused in judged.refused):
        # An announcement that the judge refused never happened; otherwise none could follow it.
        await session.execute(delete(EpochRecord).where(EpochRecord.log_id == log.id, EpochRecord.index.is_(None)))

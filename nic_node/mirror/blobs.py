"""Blobs: fetched a bundle at a time for the records that lack theirs, examined, judged, stored in one transaction."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.judge import (
    Documents,
    ExaminedBlob,
    LogState,
    MemoryRows,
    RecordRow,
    Verdict,
    judge_examined,
    wanted_by_references,
    wanted_documents,
)
from federation.tlog.tiles import TILE_WIDTH, Tile
from nic_node.membership.documents import obtain_document
from nic_node.membership.local import LocalNode
from nic_node.mirror.ahead import one_ahead
from nic_node.mirror.blob_lines import match_lines
from nic_node.mirror.entries import lock_log
from nic_node.mirror.examine import DescribedBlob, ServedBlobs, describe_blobs
from nic_node.mirror.keep_blobs import Judged, keep_blobs, state_after
from nic_node.mirror.recognise import recognise
from nic_node.mirror.refuse import Refused, note_refusals
from nic_node.mirror.rows import load_rows
from nic_node.mirror.second_core import SecondCore
from nic_node.mirror.source import HttpLog
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorLog, MirrorRecord
from schemas.canonical import sha256_hex
from schemas.problem import Code

LACKING = (RecordState.WANTED, RecordState.WITHHELD)
COLUMNS = ("id", "state", "leaf_index", "kind", "jkt", "epoch", "blob_sha256", "gone")
NOT_TO_BE_SERVED = (RecordState.GONE, RecordState.BLOCKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobReading:
    """What reading the blobs of one log takes.

    log: as it was read; entries up to `log.mirrored` are judged. state: after those entries. is_first: it is the
    source that is read; others are only asked for what that one lacks.
    """

    node: LocalNode
    source: HttpLog
    log: MirrorLog
    state: LogState
    core: SecondCore
    is_first: bool = True
    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)


class BlobRecord(NamedTuple):
    """A record of the bundle in hand, and the id of its row."""

    id: int
    state: str
    row: RecordRow


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobBundle:
    """What is served for one bundle's records: each one that lacks its blob (None: nothing is), or should have none."""

    position: int
    served: Sequence[tuple[BlobRecord, bytes | None, DescribedBlob]]
    strays: Sequence[bytes]


async def waiting_bundles(session: AsyncSession, log: MirrorLog, *, now: datetime, limit: int) -> list[int]:
    """The bundles with records whose blobs are to be asked for now, the oldest first.

    Each state is asked for by itself, in the order of its index, and no further than needed: a poll of a million
    records that are all here looks at none of them.
    """
    index = MirrorRecord.leaf_index
    ours = select(index).where(MirrorRecord.log_id == log.id).order_by(index).limit(limit * TILE_WIDTH)
    wanted = await session.scalars(ours.where(MirrorRecord.state == RecordState.WANTED))
    withheld = ours.where(MirrorRecord.state == RecordState.WITHHELD, MirrorRecord.retry_at <= now)
    waiting = [*wanted, *await session.scalars(withheld)]
    return sorted({leaf_index // TILE_WIDTH for leaf_index in waiting})[:limit]


async def read_blob_bundles(reading: BlobReading, positions: Iterable[int]) -> AsyncGenerator[BlobBundle, None]:
    """Fetched and examined; each may be asked for before the one before it is stored, and is fetched earlier still.

    Raises:
        Untrusted, Unreachable: the source does not serve the bundle, or a document of an epoch.
    """
    async with one_ahead(_fetch_bundles(reading, positions)) as fetched:
        async for position, lines in fetched:
            yield await _read_bundle(reading, position, lines)


async def _fetch_bundles(
    reading: BlobReading, positions: Iterable[int]
) -> AsyncGenerator[tuple[int, list[bytes]], None]:
    for position in positions:
        width = min(TILE_WIDTH, reading.log.size - position * TILE_WIDTH)
        yield position, await reading.source.read_blobs(Tile(0, position, width))


async def _read_bundle(reading: BlobReading, position: int, lines: Sequence[bytes]) -> BlobBundle:
    async with reading.node.database.reading() as session:
        records = await _records_of(session, reading.log, position * TILE_WIDTH)
    matched = match_lines({record.row.index: record.row.blob_sha256 for record in records}, lines)
    examined = [record for record in records if record.state in LACKING and record.row.index in matched.of_record]
    described = await _describe(reading, [(record.row, matched.of_record[record.row.index]) for record in examined])
    by_index = dict(zip((record.row.index for record in examined), described, strict=True))
    served = [
        (record, matched.of_record.get(record.row.index), by_index.get(record.row.index, UNEXAMINED))
        for record in records
        if record.state in LACKING or (record.state in NOT_TO_BE_SERVED and record.row.index in matched.of_record)
    ]
    return BlobBundle(position=position, served=served, strays=matched.strays)


UNEXAMINED = DescribedBlob(ExaminedBlob())
"""Of a blob that is not there, or that is refused whatever it holds."""


async def _records_of(session: AsyncSession, log: MirrorLog, first: int) -> list[BlobRecord]:
    """All of a bundle, also those that are here or gone: a line may be theirs."""
    within = MirrorRecord.leaf_index.between(first, first + TILE_WIDTH - 1)
    columns = MirrorRecord.__table__.c
    found = select(*(columns[name] for name in COLUMNS)).where(MirrorRecord.log_id == log.id, within)
    rows = (await session.execute(found.order_by(MirrorRecord.leaf_index))).all()
    return [BlobRecord(row_id, state, RecordRow(log.origin, *values)) for row_id, state, *values in rows]


async def _describe(reading: BlobReading, blobs: Sequence[tuple[RecordRow, bytes]]) -> list[DescribedBlob]:
    if not blobs:
        return []
    state, by_epoch = reading.state, {record.epoch: record for record, _ in blobs}
    wanted = {epoch: wanted_documents(state, record) for epoch, record in by_epoch.items()}
    documents = await _documents(reading, wanted)
    network = state.required_genesis.network
    return await reading.core.run(
        describe_blobs, ServedBlobs(network=network, documents=documents, wanted=wanted, blobs=blobs)
    )


async def _documents(reading: BlobReading, wanted: Mapping[int, tuple[str, str]]) -> Documents:
    """Each read once a run."""
    hashes = sorted({sha256 for pair in wanted.values() for sha256 in pair})
    for sha256 in hashes:
        if sha256 not in reading.documents:
            reading.documents[sha256] = await _document(reading, sha256)
    return {sha256: reading.documents[sha256] for sha256 in hashes}


async def _document(reading: BlobReading, sha256: str) -> dict[str, Any]:
    """From a member's copy first, where the blobs come from there: the network is down, perhaps."""
    source, log = reading.source.url, reading.log
    folder = None if source == log.log_url else f"{source}/documents"
    return await obtain_document(reading.node, log.network, sha256, first_at=folder)


# Judging and keeping --------------------------------------------------------------------------------------------------


async def take_in_blobs(reading: BlobReading, bundle: BlobBundle, *, now: datetime) -> list[Judged]:
    """Judge one bundle's blobs and keep what may be kept.

    Raises:
        Overtaken: somebody else works on the same log.
    """
    node, log, state = reading.node, reading.log, reading.state
    named = [(record.row, described.examined.references) for record, _, described in bundle.served]
    state.rows = MemoryRows()
    if any(references for _, references in named):
        async with node.database.reading() as session:
            state.rows = await load_rows(session, log, wanted_by_references(named))
    judged = [_judge(state, *each) for each in bundle.served]
    async with node.database.writing() as session:
        (await lock_log(session, log.id)).shelf += 1
        poll = timedelta(seconds=node.config.poll_seconds) if reading.is_first else None
        overtaken = await keep_blobs(session, judged, poll=poll, now=now)
        await recognise(session, log.network, [each.id for each in judged if each.state == RecordState.LIVING])
        refused = [*_refusals(judged, bundle.strays, bundle.position), *overtaken]
        await note_refusals(session, log.id, refused, source=reading.source.url, now=now)
    return judged


def _judge(state: LogState, record: BlobRecord, data: bytes | None, described: DescribedBlob) -> Judged:
    """In log order, so that of two replications the first one counts."""
    verdict: Verdict | None = None
    if data is not None:
        verdict = judge_examined(state, record.row, described.examined)
        for established in verdict.rows:
            state.rows.add(established)
    return Judged(record.id, record.row, data, verdict, described, state_after(record.row, data, verdict))


def _refusals(judged: Sequence[Judged], strays: Sequence[bytes], position: int) -> list[Refused]:
    refused = [
        Refused(
            what="blob",
            code=each.verdict.code,
            detail=each.verdict.detail,
            leaf_index=each.row.index,
            sha256=sha256_hex(each.data),
        )
        for each in judged
        if each.verdict is not None and each.verdict.code is not None and each.data is not None
    ]
    if strays:
        refused.append(
            Refused(
                what="blob",
                code=Code.BLOB_HASH_WRONG,
                detail=f"{len(strays)} contents are served that no record in the log commits to.",
                sha256=sha256_hex(strays[0]),
                place=f"blobs/{position}",
            )
        )
    return refused
